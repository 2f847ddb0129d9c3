"""Edits as a crawl sees them: what becomes a version, under which kinds, and what never does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, front, one, rows, story

TEXT = (
    "<p>“We have measured the ice of the harbour twice,” said Erlan Tokov, who keeps the landing, “and it still holds.”</p>"
    "<p>The fare of 1 500 tenge stays as it was, and the boat leaves at half past seven — as ever.</p>"
)
PATH = "/ferry-number-301"


def _observation(site: Stand, home: Path, hours: float):
    recheck = {"recheck": "only"} if hours else {}
    return crawl(home, NOW + timedelta(hours=hours), edition="en", site=site.url, **recheck)


def _page(title: str | None = None, extra: str = TEXT, **named: object) -> str:
    return story("Nr301", title=title, extra=extra, published="2026-05-11T10:00:00+05:00", **named)  # type: ignore[arg-type]


def _versions(home: Path) -> list[tuple[int, str, int | None]]:
    found = rows(home, "select number, kinds, returns_to from versions order by number")
    return [(row["number"], row["kinds"], row["returns_to"]) for row in found]


def test_headline_changed_and_changed_back(tmp_path: Path) -> None:
    """Two edits, the second of which is a return to the first version."""
    with Stand({"/": front(PATH), PATH: _page()}) as site:
        _observation(site, tmp_path, 0)
        site.pages[PATH] = _page("Ferry stops for good")
        _observation(site, tmp_path, 24)
        site.pages[PATH] = _page()
        ending = _observation(site, tmp_path, 48)
        assert ending.summary.counts == {"changed": 1}
    assert _versions(tmp_path) == [(1, "[]", None), (2, '["headline"]', None), (3, '["headline"]', 1)]


def test_edit_reverted_between_two_looks(tmp_path: Path) -> None:
    """What nobody could see leaves no trace."""
    with Stand({"/": front(PATH), PATH: _page()}) as site:
        _observation(site, tmp_path, 0)
        site.pages[PATH] = _page("Ferry stops for good")
        site.pages[PATH] = _page()
        ending = _observation(site, tmp_path, 24)
        assert ending.summary.counts == {"unchanged": 1}
    assert _versions(tmp_path) == [(1, "[]", None)]


def _age(home: Path, copies: int) -> None:
    """Gives the article as many more versions, as if seen at checks between: copies of its last one under other hashes."""
    engine = create_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with engine.begin() as connection:
        names = [r[1] for r in connection.execute(text("pragma table_info(versions)")) if r[1] != "id"]
        last = connection.execute(text("select max(number) from versions")).scalar_one()
        chosen = ", ".join(
            {"number": "number + :n", "content_hash": "'01' || :n"}.get(name, name) for name in names
        )
        for n in range(1, copies + 1):
            connection.execute(
                text(
                    f"insert into versions ({', '.join(names)}) select {chosen} from versions where number = :last"
                ),
                {"n": n, "last": last},
            )
        connection.execute(text("update articles set version = :n"), {"n": last + copies})
    engine.dispose()


def test_article_that_changes_at_every_check(tmp_path: Path) -> None:
    """A rate in the text makes 24 versions in 30 days; then its checks are kept as captures only, but a new headline is still recorded."""

    def page(rate: int, title: str | None = None) -> str:
        return _page(title, f"{TEXT}<p>The exchange office gave {rate} tenge for a dollar this hour.</p>")

    with Stand({"/": front(PATH), PATH: page(511)}) as site:
        _observation(site, tmp_path, 0)
        site.pages[PATH] = page(512)
        _observation(site, tmp_path, 24)
        _age(tmp_path, 22)
        site.pages[PATH] = page(513)
        assert _observation(site, tmp_path, 48).summary.counts == {"changed": 1}
        site.pages[PATH] = page(514)
        assert _observation(site, tmp_path, 72).summary.counts == {"unchanged": 1}
        captures = one(tmp_path, "select count(*) from captures")
        site.pages[PATH] = page(515, "Ferry stops for good")
        assert _observation(site, tmp_path, 96).summary.counts == {"changed": 1}
        site.pages[PATH] = page(516)
        assert _observation(site, tmp_path, 24 * 40).summary.counts == {"changed": 1}
        assert one(tmp_path, "select count(*) from captures") > captures
    assert [(number, kinds) for number, kinds, _ in _versions(tmp_path)][-3:] == [
        (25, '["body", "numbers"]'),
        (26, '["headline", "body", "numbers"]'),
        (27, '["headline", "body", "numbers"]'),
    ]
    (reason,) = {
        row["reason"] for row in rows(tmp_path, "select reason from observations where verdict = 'unchanged'")
    }
    assert reason.startswith("volatile")


NOTHING = {
    "301": ("counters, ticker and newest headlines", lambda page: page.replace("<div></div>", "<div>USD 512.4 | Views: 90 411</div>")),
    "302": ("quotation marks and dashes", lambda page: page.replace("“", "«").replace("”", "»").replace("—", "–")),
    "303": ("no-break spaces and soft hyphens", lambda page: page.replace("1 500", "1&nbsp;500").replace("harbour", "har&shy;bour")),
    "304": ("inline markup", lambda page: page.replace("Erlan Tokov", '<a href="/tag/tokov"><b>Erlan</b> Tokov</a>')),
    "305": ("another template", lambda page: re.sub(r"<p>(.*?)</p>", r'<p class="x9"><span>\1</span></p>\n\n', page)),
    "306": ("a picture", lambda page: page.replace("<p>The fare", '<figure><img src="/i/2.jpg" alt=""></figure><p>The fare')),
    "307": ("a modified date", lambda page: page.replace('"datePublished"', '"dateModified": "2026-05-12T01:00:00+05:00", "datePublished"')),
}  # fmt: skip


def test_no_version_from_what_is_no_edit(tmp_path: Path) -> None:
    """Markup, typesetting, counters, pictures: every page differs in bytes and none in words."""
    paths = [f"/ferry-number-{number}" for number in NOTHING]
    before = {path: story(f"Nr{path[-3:]}", extra=TEXT) for path in paths}
    after = {f"/ferry-number-{n}": change(before[f"/ferry-number-{n}"]) for n, (_, change) in NOTHING.items()}
    assert not [name for name in paths if before[name] == after[name]]
    with Stand({"/": front(*paths), **before}) as site:
        _observation(site, tmp_path, 0)
        site.pages |= after
        assert _observation(site, tmp_path, 24).summary.counts == {"unchanged": len(paths)}


EDITED = {
    "301": (("harbour", "harbuor"), '["body", "typo"]'),
    "302": (("1 500", "1 600"), '["body", "numbers"]'),
    "303": (("measured the ice", "looked at the ice"), '["body", "quotes"]'),
    "304": (("twice", "3 times"), '["body", "numbers", "quotes"]'),
    "305": ((TEXT[TEXT.index("<p>The fare") :], ""), '["body", "shortened"]'),
    "306": (("</main>", "<p>Nobody knows yet how long the ferry will run this year.</p></main>"), '["body", "extended"]'),
    "307": (("</main>", "<p><em>Correction: an earlier version of this article misspelled a name.</em></p></main>"), '["body", "correction"]'),
}  # fmt: skip


def test_kinds_in_the_archive(tmp_path: Path) -> None:
    """One edit of each kind, as written in the archive."""

    def own(number: str, page: str) -> str:  # what stands in all articles alike is template text
        name = ["Abai", "Birlik", "Koktal", "Saryoba", "Terek", "Ushtobe", "Zhanatas"][int(number) - 301]
        return page.replace("the landing", f"the landing of {name}").replace(
            "The fare", f"From {name} the fare"
        )

    pages = {f"/ferry-number-{n}": story(f"Nr{n}", extra=TEXT) for n in EDITED}
    edited = {path: page.replace(*EDITED[path[-3:]][0]) for path, page in pages.items()}
    first, second = ({path: own(path[-3:], page) for path, page in all_.items()} for all_ in (pages, edited))
    with Stand({"/": front(*pages), **first}) as site:
        _observation(site, tmp_path, 0)
        site.pages |= second
        _observation(site, tmp_path, 24)
    found = rows(
        tmp_path,
        "select a.url_key, v.kinds from versions v join articles a on a.id = v.article_id where v.number = 2",
    )
    assert {row["url_key"][-3:]: row["kinds"] for row in found} == {
        n: kinds for n, (_, kinds) in EDITED.items()
    }
