"""Extension: one line of progress on a terminal, rewritten in place; silent everywhere else."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from datetime import datetime

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl.crawl.context import RunContext, run_of
from newscrawl.crawl.spider import NewsSpider

_EVERY = 0.5  # seconds
_COUNTED_EVERY = 5.0  # seconds between two counts of what waits: they are slow in a large archive
# An estimate from fewer articles, or from less of the time asked for, would be a guess.
_ENOUGH = 20
_LITTLE = 0.02


class Progress:
    """Shows requests, articles and the frontier while a crawl runs; only where NEWSCRAWL_PROGRESS is set and stderr is a terminal."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = time.monotonic()
        self._counted_at = -_COUNTED_EVERY
        self._known = 0  # leads at the last count, done or waiting
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        if not crawler.settings.getbool("NEWSCRAWL_PROGRESS") or not sys.stderr.isatty():
            raise NotConfigured
        return cls(crawler)

    def _opened(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._show())

    async def _show(self) -> None:
        while True:
            sys.stderr.write(f"\r\x1b[K{self.line()}")
            sys.stderr.flush()
            await asyncio.sleep(_EVERY)

    def line(self) -> str:
        """The line: source, time, requests, articles by outcome; of a backfill also how far it is."""
        run = run_of(self._crawler)
        counts = ", ".join(
            f"{number} {kind.replace('_', ' ')}" for kind, number in sorted(run.counters.verdicts.items())
        )
        seconds = int(time.monotonic() - self._started)
        requests = run.stats.get_value("downloader/request_count", 0)
        line = f"{run.source} {_clock(seconds)}  {requests} request{'' if requests == 1 else 's'}{self._backfill(run)}  {counts or 'reading listings'}"
        # As wide as the terminal at most: the rest of a longer line would stay on the screen.
        return line[: shutil.get_terminal_size().columns - 1]

    def _backfill(self, run: RunContext) -> str:
        """What waits, and how long it takes at the rate so far; of a backfill also how far back lists are read."""
        spider, dates = self._crawler.spider, run.options.dates
        if not isinstance(spider, NewsSpider):
            return ""
        seconds = time.monotonic() - self._started
        done = sum(run.counters.verdicts.values())
        if seconds >= self._counted_at + _COUNTED_EVERY:
            self._counted_at, self._known = seconds, done + spider.left_over()
        waiting, share, read = max(0, self._known - done), 1.0, ""
        if dates.since is not None:
            reached, until = spider.reached, min(dates.until or run.started, run.started)
            share = covered(dates.since, until, reached)
            read = f"  lists read back to {reached:%Y-%m-%d}" if reached is not None else ""
        left = remaining(done, waiting, share, seconds)
        return f"{read}  {waiting} waiting" + (
            f"  about {_clock(int(left))} left" if left is not None else ""
        )

    def _closed(self) -> None:
        if self._task is not None:
            self._task.cancel()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def covered(since: datetime, until: datetime, reached: datetime | None) -> float:
    """The share of the time asked for that the lists were read for: 0.0 to 1.0; 1.0 when no list is read further back."""
    if reached is None or until <= since:
        return 1.0
    return min(1.0, max(0.0, (until - reached) / (until - since)))


def remaining(done: int, waiting: int, share: float, seconds: float) -> float | None:
    """Seconds a backfill still takes at its rate so far: `done` articles in `seconds`, `waiting` known, `share` of the time listed.

    None where it is too early to say.
    """
    if done < _ENOUGH or share < _LITTLE:
        return None
    return seconds * ((done + waiting) / share - done) / done


def _clock(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"
