"""Addresses that lead on, over real HTTP: moves are one article, walls are nothing, and what leads home is gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Page, Stand, front, one, rows, story

KEPT = [f"/ferry-that-stays-{n}" for n in range(1, 6)]
# Each piece has its own minute, as news has.
DATES = {path: f"2026-05-11T08:{n:02d}:00+05:00" for n, path in enumerate(KEPT, 10)}
FORM = (
    "<html><head><title>Kiru</title></head><body><h1>Kiru</h1><form method=post><input name=mail>"
    "<input type=password name=p><button>Kiru</button></form></body></html>"
)


def stub(head: str) -> str:
    """A page that only sends its reader on."""
    return f"<html><head><title>Ferry News</title>{head}</head><body><p>This page is somewhere else now.</p></body></html>"


def moved(to: str, status: int = 301) -> Answer:
    """A redirect."""
    return Answer(status=status, headers={"Location": to})


# name -> (what the old address answers; {new} is the piece's new address)
MOVES: dict[str, Page] = {
    "301": moved("{new}"),
    "302 of 302": moved("/hop{new}", 302),
    "refresh in the head": stub('<meta http-equiv="refresh" content="0; url={new}">'),
    "refresh in the header": Answer(stub(""), headers={"Refresh": "1;url={new}"}),
    "refresh to a redirect": stub('<meta http-equiv="refresh" content="0; url=/hop{new}">'),
    "canonical link": stub('<link rel="canonical" href="{new}">'),
}
# name -> (what the address answers, the signal that it gives or the reason why nothing was learned)
OTHERS: dict[str, tuple[Page, str]] = {
    "log-in": (moved("/login?next={old}", 302), "redirected to a log-in page"),
    "refresh to the log-in": (stub('<meta http-equiv="refresh" content="0; url=/login">'), "redirected to a log-in page"),
    "a wall of another name": (moved("/esik?return_url={old}", 302), "redirected to a page that stands before the article"),
    "another host": (stub('<meta http-equiv="refresh" content="0; url=http://127.0.0.2:9/x">'), "off_site"),
    "refresh home": (stub('<meta http-equiv="refresh" content="0; url=/">'), "redirected_home"),
    "an older piece": (moved(KEPT[0]), "redirected_elsewhere"),
}  # fmt: skip


def _filled(page: Page, **values: str) -> Page:
    def fill(text: str) -> str:
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    if isinstance(page, Answer):
        headers = {name: fill(value) for name, value in page.headers.items()}
        return Answer(page.body, page.status, headers=headers)
    assert isinstance(page, str)
    return fill(page)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """An archive of an outlet that moved some pieces, edited, and shut or took away others; and what was asked for last."""
    home = tmp_path_factory.mktemp("moves") / "home"
    old = {name: f"/a-piece-of-way-{n}" for n, name in enumerate([*MOVES, *OTHERS])}
    dates = {path: f"2026-05-11T09:{n:02d}:00+05:00" for n, path in enumerate(old.values(), 10)}
    pieces: dict[str, Page] = {path: story(f"Way{path[-2:]}", published=dates[path]) for path in old.values()}
    kept: dict[str, Page] = {path: story(f"Kept{path[-1]}", published=DATES[path]) for path in KEPT}
    with Stand({"/": front(*KEPT, *pieces), **kept, **pieces, "/login": FORM}) as site:

        def go(hours: float, recheck: str) -> None:
            crawl(
                home,
                NOW + timedelta(hours=hours),
                edition="en",
                site=site.url,
                recheck=recheck,
                settings={"RECHECK_BUDGET": 90},
            )

        go(0, "yes")
        for n, (name, path) in enumerate(old.items()):
            new = f"/quite-another-name-{n}"
            page = MOVES[name] if name in MOVES else OTHERS[name][0]
            site.pages[path] = _filled(page, new=new, old=path)
            if name in MOVES:
                site.pages[f"/hop{new}"] = moved(new, 302)
                text = story(f"Way{path[-2:]}", published=dates[path], title=f"Renamed in way {n}")
                site.pages[new] = text.replace(
                    "</main>", f"<p>The new words of way {n} stand here.</p></main>"
                )
            site.pages[f"/login?next={path}"] = site.pages[f"/esik?return_url={path}"] = FORM
        for hours in (13, 20, 38, 90):  # most of the neighbours are shut or gone: that takes three days
            site.forget()
            go(hours, "only")
        return home, site.paths


def _article(home: Path, name: str) -> dict[str, object]:
    number = [*MOVES, *OTHERS].index(name)
    key = f"%/a-piece-of-way-{number}"
    (found,) = rows(home, "select * from articles where url_key like :key", key=key)
    return found


@pytest.mark.parametrize("name", MOVES)
def test_a_move(name, world):
    """One article, live, with the new words as its second version, asked at its new address with one request."""
    home, asked = world
    number = [*MOVES].index(name)
    article, new = _article(home, name), f"/quite-another-name-{number}"
    assert (article["state"], article["version"], article["title"]) == ("live", 2, f"Renamed in way {number}")
    assert str(article["url"]).endswith(new)
    assert one(
        home, "select body from versions where article_id = :id and number = 2", id=article["id"]
    ).endswith(f"The new words of way {number} stand here.")
    found = rows(
        home, "select url_key from article_urls where article_id = :id and confirmed", id=article["id"]
    )
    assert {row["url_key"].rsplit("/", 1)[-1] for row in found} == {f"a-piece-of-way-{number}", new[1:]}
    assert (asked.count(new), asked.count(f"/a-piece-of-way-{number}"), asked.count(f"/hop{new}")) in (
        (1, 0, 0),
        (0, 0, 0),
    )
    assert not one(
        home,
        "select count(*) from observations where article_id = :id and signal is not null",
        id=article["id"],
    )


@pytest.mark.parametrize("name", OTHERS)
def test_not_a_move(name, world):
    """A wall changes nothing of the article; what leads home or to another piece is removed."""
    home, _ = world
    article, expected = _article(home, name), OTHERS[name][1]
    told = rows(
        home, "select signal, reason from observations where article_id = :id order by id", id=article["id"]
    )[1:]
    assert told
    assert article["version"] == 1
    if expected.startswith("redirected_"):
        assert [row["signal"] for row in told] == [expected] * 4
        assert article["state"] == "removed"
    else:
        assert {(row["signal"], row["reason"].split(":")[0]) for row in told} == {(None, expected)}
        assert article["state"] == "live"


def test_every_step_is_kept(world):
    """The raw answer of a stub is in the archive like that of a redirect."""
    home, _ = world
    stubs = rows(home, "select id from captures where url like '%/a-piece-of-way-2' and kind = 'response'")
    assert len(stubs) == 2  # the piece, and the stub
    assert one(home, "select count(*) from articles where tied_to_id is not null") == 0
