"""Gaps as real crawls leave them: a site's channels before and after, over HTTP, and what the archive says was perhaps missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.downloadermiddlewares.downloadtimeout import DownloadTimeoutMiddleware

from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import Gap
from newscrawl.store.read.reader import open_reader
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Page, Seen, Stand, feed, front, one, sitemap, story
from tests.support.hanging import HANGS, time_out_where_it_hangs

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DOWN = Answer("Maintenance", 503)
IMPATIENT = {"DOWNLOAD_TIMEOUT": 0.3, "RETRY_ENABLED": False}  # for what hangs: see time_out_where_it_hangs
MAP = "/sitemap/sitemap_news1.xml"
PAGE = 3  # headlines on one page


def path(n: int) -> str:
    """The address of piece n; the higher, the newer."""
    return f"/ferry-to-place-{1000 + n}"


def newest(last: int, count: int = PAGE) -> list[str]:
    """Paths of the newest pieces, newest first."""
    return [path(n) for n in range(last, max(last - count, 0), -1)]


def on_site(paths: Sequence[str]) -> list[str]:
    """The same as addresses of the outlet."""
    return [f"https://en.orda.kz{one}" for one in paths]


def pages(last: int, **more: Page) -> dict[str, Page]:
    """A site with pieces 1 to `last` and a front page of the newest; `more` by channel."""
    found: dict[str, Page] = {
        path(n): story(f"Place {n}", published=(NOW + (n - 4) * MINUTE).isoformat())
        for n in range(1, last + 1)
    }
    found["/"] = front(*newest(last))
    found |= {
        {"front": "/", "feed": "/feed/", "map": MAP}.get(name, f"/{name}/"): page
        for name, page in more.items()
    }
    return found


def read(home: Path, **conditions: Any) -> list[Gap]:
    """What the archive says was perhaps missed, closed gaps included, oldest first."""
    with open_reader(f"sqlite:///{home / 'newscrawl.db'}") as reader:
        return gaps(reader.listing_facts(), closed=True, **conditions)[::-1]


def told(found: Sequence[Gap]) -> list[tuple[int, int, str]]:
    """(from, to) in hours after the first run, and how it stands."""
    return [
        (
            round((gap.began - NOW) / HOUR),
            round((gap.ended - NOW) / HOUR),
            "open" if gap.open else f"closed by {gap.closed_by}" if gap.closed_by else gap.kind,
        )
        for gap in found
    ]


def not_modified(page: str) -> Callable[[Seen], Answer]:
    """A page that answers conditional requests."""
    return lambda seen: (
        Answer(status=304) if seen.headers.get("If-None-Match") else Answer(page, headers={"ETag": '"1"'})
    )


OLDER = {"older": front(*newest(7), more="/oldest/"), "oldest": front(*newest(4))}
BURST = pages(10)
# name -> (the site at each run, hours of the runs, what must be reported)
EVENTS: dict[str, tuple[list[dict[str, Page]], list[int], list[tuple[int, int, str]]]] = {
    "nothing new, by 304": ([pages(4, front=not_modified(front(*newest(4))))] * 2, [0, 1], []),
    "burst, no other channel": ([pages(4), BURST, pages(11)], [0, 1, 2], [(0, 1, "open")]),
    "burst, older pages join": (
        [pages(4), pages(10, front=front(*newest(10), more="/older/"), **OLDER)], [0, 1], []),
    "burst, older pages end before they join": (
        [pages(4), pages(10, front=front(*newest(10), more="/older/"), older=front(*newest(7)))], [0, 1], [(0, 1, "open")]),
    "burst, the feed is long enough": (
        [pages(4, feed=feed(*on_site(newest(4, 8)))), pages(10, feed=feed(*on_site(newest(10, 8))))], [0, 1], [(0, 1, "closed by feed")]),
    "burst, the feed is too short": (
        [pages(4, feed=feed(*on_site(newest(4, 4)))), pages(10, feed=feed(*on_site(newest(10, 4))))], [0, 1], [(0, 1, "open")]),
    "burst, the sitemap lists all": (
        [pages(4, map=sitemap(*on_site(newest(4, 99)))), pages(10, map=sitemap(*on_site(newest(10, 99))))], [0, 1], [(0, 1, "closed by sitemap")]),
    "burst, the sitemap comes later": (
        [pages(4, map=sitemap(*on_site(newest(4, 99)))), pages(10, map=sitemap(*on_site(newest(4, 99)))),
         pages(10, map=sitemap(*on_site(newest(10, 99))))], [0, 1, 2], [(0, 1, "closed by sitemap")]),
    "newest piece taken away": ([pages(4), pages(5, front=front(path(5), path(3), path(2)))], [0, 1], []),
    "not run for a week, not joined": ([pages(4), BURST], [0, 168], [(0, 168, "open")]),
    "outage with a burst": ([pages(4), {"/": DOWN}, BURST], [0, 1, 2], [(0, 2, "open")]),
    "outage that lasts": ([pages(4), {"/": DOWN}], [0, 1], [(0, 1, "open")]),
    "front page without a single article": ([pages(4), {"/": front()}, pages(5)], [0, 1, 2], [(0, 2, "outage")]),
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_events(name: str, tmp_path: Path) -> None:
    """Real gaps are reported, and none that older pages, feed or sitemap closed."""
    sites, hours, expected = EVENTS[name]
    with Stand() as site:
        for content, hour in zip(sites, hours, strict=True):
            site.pages = content
            crawl(tmp_path, NOW + hour * HOUR, edition="en", site=site.url, recheck="no")
    assert told(read(tmp_path)) == expected


def test_older_pages_are_read_until_they_join(tmp_path: Path) -> None:
    """Not one page further than needed, and none at all where the front page joins."""
    asked = []
    with Stand() as site:
        for hour, last in enumerate((4, 5, 9)):
            site.pages = pages(
                last,
                front=front(*newest(last), more="/older/"),
                older=front(*newest(last - 3), more="/oldest/"),
                oldest=front(*newest(last - 6)),
            )
            site.forget()
            crawl(tmp_path, NOW + hour * HOUR, edition="en", site=site.url, recheck="no")
            asked.append([name for name in ("/older/", "/oldest/") if name in site.paths])
    assert asked[1:] == [[], ["/older/"]]
    assert read(tmp_path) == []
    assert one(tmp_path, "select count(*) from articles") == 9


def test_older_page_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends before the older pages were read: not known until the next run, which reads the front page in full and goes on."""
    monkeypatch.setattr(DownloadTimeoutMiddleware, "process_request", time_out_where_it_hangs)
    page = front(*newest(10), more=f"/{HANGS}/")
    with Stand(pages(4)) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url, recheck="no")
        site.pages = pages(10, front=not_modified(page), **{HANGS: Answer("", delay=180)})
        crawl(tmp_path, NOW + HOUR, edition="en", site=site.url, recheck="no", settings=IMPATIENT)
        assert told(read(tmp_path)) == [(0, 1, "open")]
        site.pages = pages(10, front=not_modified(page), **{HANGS: OLDER["older"], "oldest": OLDER["oldest"]})
        crawl(tmp_path, NOW + 2 * HOUR, edition="en", site=site.url, recheck="no")
    assert read(tmp_path) == []


def test_two_editions_of_which_one_is_down(tmp_path: Path) -> None:
    """The outage is that edition's alone."""
    with Stand(pages(2)) as up, Stand(pages(2)) as down:
        for hour in (0, 1):
            crawl(tmp_path, NOW + hour * HOUR, edition="en,ru", site=f"{up.url},{down.url}", recheck="no")
            down.pages = {"/": DOWN}
    assert [(gap.edition, gap.kind, gap.open) for gap in read(tmp_path)] == [("ru", "outage", True)]
