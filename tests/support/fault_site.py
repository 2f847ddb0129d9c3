"""A small outlet for tests of faults, and the check that its archive is complete after one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.crawl.runner import Ending
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, keys, one, rows, sitemap, story

if TYPE_CHECKING:
    from tests.support.process_pool import ProcessPool

PATHS = [f"/ferry-number-{n}" for n in range(301, 325)]


@contextlib.contextmanager
def outlet(*, slow: float = 0.0, numbers: int = len(PATHS)) -> Iterator[Stand]:
    """The outlet, each article answered after a moment."""
    paths = PATHS[:numbers]
    with Stand() as site:
        site.pages |= {path: Answer(story(f"Nr{path[-3:]}"), delay=slow) for path in paths}
        site.pages |= {
            "/": front(*paths[:12]),
            "/sitemap/sitemap_news1.xml": sitemap(*(f"https://en.orda.kz{p}" for p in paths)),
        }
        yield site


def words(site: Stand, *more: str, **settings: object) -> tuple[str, ...]:
    """`newscrawl` and these words: a crawl of the outlet."""
    chosen = {"DOWNLOAD_DELAY": 0, "RECHECK_BUDGET": 100, **settings}
    parts = (part for name, value in chosen.items() for part in ("--set", f"{name}={value}"))
    return ("crawl", "orda", "--edition", "en", "--site", site.url, *parts, *more)


def again(home: Path, site: Stand, *, after: timedelta = timedelta(0), **arguments: Any) -> Ending:
    """Another run, in this process."""
    return crawl(home, NOW + after, edition="en", site=site.url, **arguments)


def assert_complete(home: Path, process_pool: ProcessPool, numbers: int = len(PATHS)) -> None:
    """All articles are there once, no run is open, and `newscrawl verify` finds nothing, not even a torn end."""
    assert keys(home) == [path[1:] for path in PATHS[:numbers]]
    assert one(home, "select count(*) from versions") == numbers
    assert not rows(home, "select id from runs where finished is null")
    assert not rows(home, "select capture_id from observations where capture_id is not null group by capture_id having count(*) > 1")  # fmt: skip
    checked = process_pool.run("verify", home=home)
    assert checked.code == 0, checked.out + checked.err
    assert "in the middle of a record" not in checked.out
