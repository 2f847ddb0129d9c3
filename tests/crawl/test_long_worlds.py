"""Sites that lie or fail for days, crawled again and again: what the archive says of them at the end, and in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha1
from pathlib import Path

import pytest

from newscrawl.judge.health.report import judge
from newscrawl.model.health import FindingKind
from newscrawl.store.health.runs import open_health
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Page, Seen, Stand, front, one, rows, story

pytestmark = pytest.mark.slow

PATHS = [f"/ferry-world-{number}" for number in range(601, 606)]
FIRST, SECOND, *_ = PATHS
EDIT = "<p>The captain now says that 418 people were on board.</p>"
AGAIN = "<p>The owner of the ferry has been fined since.</p>"
MISSING = (
    "<!doctype html><html><head><title>Nothing here</title></head><body><h1>Nothing here</h1>"
    "<p>What you look for is not on our site, or it never was. Go to the front page.</p></body></html>"
)
LOG_IN = (
    "<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1>"
    "<form method=post><input name=user><input type=password name=word></form></body></html>"
)

Run = Callable[..., dict[str, int]]


@pytest.fixture
def site() -> Iterator[Stand]:
    """Five articles and the front page that lists them."""
    with Stand({"/": front(*PATHS), **{path: story(path) for path in PATHS}}) as site:
        yield site


@pytest.fixture
def run(site: Stand, tmp_path: Path) -> Run:
    """`run(13, {path: page})`: changes the site, then crawls it, so many hours after the first moment; what was counted."""

    def go(hours: float, pages: dict[str, Page] | None = None) -> dict[str, int]:
        site.pages |= pages or {}
        ending = crawl(
            tmp_path,
            NOW + timedelta(hours=hours),
            edition="en",
            site=site.url,
            settings={"RECHECK_BUDGET": 80, "RETRY_ENABLED": False},
        )
        assert ending.summary is not None
        return dict(ending.summary.counts)

    return go


def _log(home: Path) -> list[tuple[str, str]]:
    """What happened to articles after they were first seen: the last part of the address, and what."""
    query = "select a.url, kind from changes c join articles a on a.id = c.article_id where kind != 'created' order by c.id"
    return [("/" + row["url"].rpartition("/")[2], row["kind"]) for row in rows(home, query)]


def _unreadable(home: Path) -> int:
    return one(home, "select count(*) from articles where unreadable_since is not null")


def _said(home: Path, path: str) -> list[str]:
    """The reasons of the checks of an article, from the first on."""
    found = rows(home, "select reason from observations where url like :url order by id", url=f"%{path}")
    return [row["reason"] for row in found]


def test_a_site_whose_every_page_says_that_nothing_is_there(site: Stand, run: Run, tmp_path: Path) -> None:
    """Status 200 for all, for two days: nothing is called removed. One page stays so when the others are back: it is."""
    run(0)
    for hours in (13, 20, 46):
        assert run(hours, dict.fromkeys(PATHS, MISSING)) == {"failed": len(PATHS)}
    assert (_log(tmp_path), _unreadable(tmp_path)) == ([], len(PATHS))
    assert all(
        "no other article of the edition answered properly" in said for said in _said(tmp_path, SECOND)[1:]
    )
    run(60, {path: story(path) for path in PATHS if path != FIRST})
    assert (_log(tmp_path), _unreadable(tmp_path)) == ([(FIRST, "suspected")], 0)
    run(74)
    assert _log(tmp_path)[1:] == []  # the two days before prove nothing
    run(90)
    assert _log(tmp_path)[1:] == [(FIRST, "removed")]


def test_a_wall_around_every_article_for_a_week(site: Stand, run: Run, tmp_path: Path) -> None:
    """Unreadable since the first such check, said by health, and neither edit nor removal; an edit behind it is told when it is gone."""
    run(0)
    wall: dict[str, Page] = {path: Answer("", 302, headers={"Location": "/login"}) for path in PATHS}
    for hours in (13, 61, 157):
        assert run(hours, {"/login": LOG_IN, **wall}) == {"failed": len(PATHS)}
    since = {row["unreadable_since"] for row in rows(tmp_path, "select unreadable_since from articles")}
    assert {at[:16] for at in since} == {f"{NOW + timedelta(hours=13):%Y-%m-%d %H:%M}"}
    assert set(_said(tmp_path, SECOND)[1:]) == {"redirected to a log-in page"}
    at = NOW + timedelta(hours=158)
    with open_health(f"sqlite:///{tmp_path / 'newscrawl.db'}") as reader:
        assert FindingKind.EDITION_UNREADABLE in {
            finding.kind for finding in judge(reader.facts(at), at).findings
        }
    assert _log(tmp_path) == []
    counts = run(229, {path: story(path, extra=EDIT if path == FIRST else "") for path in PATHS})
    assert counts == {"changed": 1, "unchanged": len(PATHS) - 1}
    assert (_log(tmp_path), _unreadable(tmp_path)) == ([(FIRST, "edited")], 0)


def test_a_cache_that_serves_an_old_version_now_and_then(site: Stand, run: Run, tmp_path: Path) -> None:
    """It was served, so it is told once, with its return; from then on going back counts once two checks have shown it."""
    old, new = story(FIRST), story(FIRST, extra=EDIT)
    for hours, page in ((0, old), (13, new), (26, old), (39, new), (41.5, new)):
        run(hours, {FIRST: page})
    returns = "select returns_to from versions where article_id = 1 order by number"
    told = [None, None, 1, 2]
    assert [row["returns_to"] for row in rows(tmp_path, returns)] == told
    assert _said(tmp_path, FIRST)[3].startswith("pending: it says again what version 2 said")
    for hours, page in ((54, old), (56.5, new)):
        run(hours, {FIRST: page})
    assert [row["returns_to"] for row in rows(tmp_path, returns)] == told
    # What is there for good is told, and so is what is new.
    run(84, {FIRST: old})
    run(86.5)
    run(99, {FIRST: story(FIRST, extra=EDIT + AGAIN)})
    assert [row["returns_to"] for row in rows(tmp_path, returns)] == [*told, 1, None]


def test_a_server_that_lies_about_one_article(site: Stand, run: Run, tmp_path: Path) -> None:
    """Its edit is found at the next step of the ladder, that of an honest neighbour at once; then the host is asked in full."""
    extra = dict.fromkeys(PATHS, "")

    def served(path: str) -> Page:
        def page(seen: Seen) -> Answer:
            text = story(path, extra=extra[path])
            etag = f'"{sha1((path if path == FIRST else text).encode()).hexdigest()}"'
            if seen.headers.get("If-None-Match") == etag:
                return Answer(status=304, headers={"ETag": etag})
            return Answer(text, headers={"ETag": etag})

        return page

    run(0, {path: served(path) for path in PATHS})
    extra |= {FIRST: EDIT, SECOND: EDIT}
    run(13)
    assert _log(tmp_path) == [(SECOND, "edited")]
    run(141)
    assert _log(tmp_path)[1:] == [(FIRST, "edited")]
    assert "by its validators (ETag, Last-Modified) it was not modified" in _said(tmp_path, FIRST)[-1]
    assert one(tmp_path, "select count(*) from hosts") == 1
    extra[FIRST] += AGAIN
    site.forget()
    run(144)
    assert _log(tmp_path)[2:] == [(FIRST, "edited")]
    assert not any("If-None-Match" in seen.headers for seen in site.seen)
