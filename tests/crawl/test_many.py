"""Several sources in one process: side by side, so many at a time, for so long, and each ends for itself."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler

from newscrawl.crawl import runner
from newscrawl.crawl.counters import Counters
from newscrawl.crawl.http.stopping import is_ending
from newscrawl.crawl.own_settings import sources_at_once
from newscrawl.crawl.runner import Ending
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import Exit, UsageError
from newscrawl.store.archive import Archive, open_archive
from tests.support.crawling import process_for
from tests.support.fake_site import (
    NOW,
    Answer,
    Stand,
    front,
    keys,
    one,
    rows,
    story,
    wait_for,
)
from tests.support.process_pool import ProcessPool

PATHS = [f"/ferry-number-{n}" for n in range(301, 305)]
PATIENCE = (2, 15, 60)  # seconds a run may take, tried in turn: a busy machine needs some only to begin


def source(name_: str, **more: Any) -> type[NewsSpider]:
    """A source of this name, at the addresses of the tests' site."""
    from newscrawl.crawl.editions import Edition

    class One(NewsSpider):
        name = name_
        outlet = name_.title()
        editions = (Edition("en", f"{name_}.example", "en"),)
        listed_path = r"^/ferry-number-\d+$"

    for key, value in more.items():
        setattr(One, key, value)
    return One


def pages(number: int = 4) -> dict[str, Any]:
    return {**{path: story(f"Nr{path[-3:]}") for path in PATHS[:number]}, "/": front(*PATHS[:number])}


def crawl(
    home: Path,
    sites: Mapping[type[NewsSpider], str],
    *,
    settings: dict[str, object] | None = None,
    seconds: float | None = None,
    ended: Callable[[Ending], None] = lambda _: None,
) -> dict[str, Ending]:
    """Crawls sources, each at its site, in the order the program chooses; how each ended."""
    process = process_for(home, NOW, settings=settings)
    chosen = runner.prepare(list(sites), {}, process.settings["NEWSCRAWL_CONFIG"])
    jobs = [(process.create_crawler(spider), {"site": sites[spider]}) for spider in chosen]
    return {end.source: end for end in runner.crawl(process, jobs, seconds=seconds, ended=ended)}


def until_the_end(crawler: Crawler, name: str) -> Callable[[object], str]:
    """A page that answers when the run was told to end, and has cancelled what was still to be asked."""

    def answer(_: object) -> str:
        while not is_ending(crawler):
            time.sleep(0.05)
        slots, until = crawler.engine.downloader.slots, time.monotonic() + 30
        while any(slot.queue for slot in list(slots.values())) and time.monotonic() < until:
            time.sleep(0.05)
        return story(name)

    return answer


def _until_gone(process: int, seconds: float) -> None:
    """Waits so long; raises ProcessLookupError once the process is gone."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        os.kill(process, 0)
        time.sleep(0.02)


def _explode(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a bug")


def test_one_that_fails_keeps_no_other_from_running(tmp_path: Path) -> None:
    """A source that is held, one with a bug and one whose site is down end for themselves, each told once, as it ends."""
    told: list[Ending] = []
    held, buggy, down, fine = (source(name) for name in ("held", "buggy", "down", "fine"))
    buggy.__init__ = _explode
    other = Archive(open_archive(f"sqlite:///{tmp_path / 'newscrawl.db'}"), "held", NOW)
    other.begin_run(NOW, {})
    with Stand(pages()) as site, Stand(pages()) as gone:
        gone.pages["/robots.txt"] = Answer("busy", 503)
        sites = {held: site.url, buggy: site.url, down: gone.url, fine: site.url}
        found = crawl(tmp_path, sites, settings={"RETRY_TIMES": 0}, ended=told.append)
    other.close()
    assert {name: end.exit_code for name, end in found.items()} == {
        "held": Exit.ALREADY_RUNNING,
        "buggy": Exit.UNEXPECTED,
        "down": Exit.NOTHING_FETCHED,
        "fine": Exit.OK,
    }
    assert found["fine"].summary.counts == {"new": 4}
    assert "ZeroDivisionError: a bug" in found["buggy"].line
    assert sorted(map(id, told)) == sorted(map(id, found.values()))


def test_so_many_at_a_time(tmp_path: Path) -> None:
    """With SOURCES_AT_ONCE=1 one source ends before the next one begins; all of them are crawled."""
    names = ("one", "two", "three")
    with Stand(pages(1)) as site:
        found = crawl(tmp_path, {source(name): site.url for name in names}, settings={"SOURCES_AT_ONCE": 1})
        assert [seen.path for seen in site.seen].count("/") == len(names)
    assert {end.exit_code for end in found.values()} == {Exit.OK}
    runs = rows(tmp_path, "select started, finished from runs order by started")
    assert all(run["finished"] < after["started"] for run, after in itertools.pairwise(runs))


def test_when_the_time_is_over(tmp_path: Path) -> None:
    """What is in flight is recorded, nothing new is asked, the rest is counted: code 0. What never began is told: code 4, and comes first next time."""
    with Stand(pages()) as site:
        first, second = source("first"), source("second")
        for seconds in PATIENCE:
            home = tmp_path / str(seconds)
            site.forget()
            # With no pause at all Scrapy sends all requests at once.
            process = process_for(home, NOW, settings={"SOURCES_AT_ONCE": 1, "DOWNLOAD_DELAY": 0.05})
            jobs = [(process.create_crawler(spider), {"site": site.url}) for spider in (first, second)]
            site.pages[PATHS[0]] = until_the_end(jobs[0][0], "Nr301")
            found = {end.source: end for end in runner.crawl(process, jobs, seconds=seconds)}
            if PATHS[0] in site.paths:
                break
        assert [path for path in site.paths if path in PATHS] == [PATHS[0]]
        end = found["first"]
        assert (end.exit_code, end.summary.counts) == (Exit.OK, {"new": 1, "deferred": 3})
        assert end.line.endswith("ended when its time was over")
        assert (found["second"].exit_code, found["second"].line) == (
            Exit.PARTLY_FAILED,
            "second: not begun: the time was over",
        )
        config = process.settings["NEWSCRAWL_CONFIG"]
        assert runner.prepare([first, second], {}, config) == [second, first]
        assert crawl(home, {first: site.url})["first"].summary.counts == {"new": 3}


def test_known_articles_whose_turn_had_come_are_counted(tmp_path: Path) -> None:
    """A limit of time leaves out re-checks as well: they are counted, and looked at next time."""
    known = source("known")
    with Stand(pages()) as site:
        for seconds in PATIENCE:
            home = tmp_path / str(seconds)
            site.pages = pages()
            crawl(home, {known: site.url})
            process = process_for(home, NOW + timedelta(days=3), settings={"DOWNLOAD_DELAY": 0.05})
            jobs = [(process.create_crawler(known), {"site": site.url, "recheck": "only"})]
            site.pages |= {path: until_the_end(jobs[0][0], f"Nr{path[-3:]}") for path in PATHS}
            site.forget()
            (end,) = runner.crawl(process, jobs, seconds=seconds)
            if {*PATHS} & {*site.paths}:
                break
    assert (end.exit_code, end.summary.counts) == (Exit.OK, {"unchanged": 1, "deferred": 3})


@pytest.mark.parametrize("wrong", ["0", "-1", "many"])
def test_a_number_that_is_none(wrong: str, tmp_path: Path) -> None:
    """SOURCES_AT_ONCE is a whole number from 1 on."""
    with pytest.raises(UsageError, match="SOURCES_AT_ONCE"):
        sources_at_once(process_for(tmp_path, NOW, settings={"SOURCES_AT_ONCE": wrong}).settings)


REASONS = {
    "finished": (Exit.OK, "finished"),
    "closespider_timeout": (Exit.OK, "ended when its time was over"),
    "closespider_pagecount": (Exit.OK, "ended when it had enough pages"),
    "closespider_errorcount": (Exit.PARTLY_FAILED, "stopped before the end"),
    "shutdown": (Exit.PARTLY_FAILED, "stopped before the end"),
}


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_an_end(reason: str) -> None:
    """A limit that somebody set is an ordinary end, a signal is none; with nothing read at all a limit of time is a failure."""
    counters = Counters(editions_ok={"en"})
    counters.closed(reason)
    assert counters.exit() == REASONS[reason]
    nothing = Counters()
    nothing.closed(reason)
    fetched = Exit.NOTHING_FETCHED if nothing.limit else REASONS[reason][0]
    assert nothing.exit()[0] == fetched


def test_asked_to_stop(tmp_path: Path) -> None:
    """A signal ends what runs in good order and begins nothing more: code 4 for each."""
    first, second = source("first"), source("second")
    before = {which: signal.getsignal(which) for which in (signal.SIGTERM, signal.SIGINT)}

    def asked(_: object) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return story("Nr301")

    try:
        with Stand(pages()) as site:
            site.pages[PATHS[0]] = asked
            settings = {"SOURCES_AT_ONCE": 1, "DOWNLOAD_DELAY": 0.5}
            found = crawl(tmp_path, {first: site.url, second: site.url}, settings=settings)
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
    assert {end.exit_code for end in found.values()} == {Exit.PARTLY_FAILED}
    assert found["first"].summary.reason == "stopped before the end"
    assert found["first"].summary.counts["deferred"] + len(keys(tmp_path)) == len(PATHS)
    assert found["second"].line == "second: not begun: the command was stopped"
    assert one(tmp_path, "select count(*) from runs where finished is null") == 0


def test_asked_to_stop_twice(process_pool: ProcessPool, tmp_path: Path) -> None:
    """A second signal ends the command at once, whatever is still under way; one line a source, no traceback."""
    with Stand() as site:
        site.default = Answer("<p>soon</p>", delay=60)
        process = process_pool.start(
            "crawl", "astanatimes", "timesca", "--site", site.url, "-s", "SOURCES_AT_ONCE=1", "-s", "DOWNLOAD_TIMEOUT=60",
            home=tmp_path, NEWSCRAWL_NOW=NOW.isoformat(),
        )  # fmt: skip
        wait_for(site, 2, process)
        with suppress(ProcessLookupError):
            for pause in (0.7, 5, 5, 5):  # two that come at once are one signal where the machine is busy
                os.kill(process, signal.SIGINT)
                _until_gone(process, pause)
        ended = process_pool.wait()
    assert (ended.code, ended.out) == (Exit.PARTLY_FAILED, ""), ended.err
    assert ended.err.splitlines() == [
        "newscrawl: astanatimes: cut off at once; what was stored is kept",
        "newscrawl: timesca: not begun: the command was stopped",
    ]
