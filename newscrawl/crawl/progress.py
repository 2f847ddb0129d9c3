"""Extension: one line of progress on a terminal, rewritten in place; silent everywhere else."""

from __future__ import annotations

import asyncio
import sys
import time

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl.crawl.extensions import keeper_of

_EVERY = 0.5  # seconds


class Progress:
    """Shows requests, articles and the frontier while a crawl runs; only where NEWSCRAWL_PROGRESS is set and stderr is a terminal."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = time.monotonic()
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
        """What is shown: source, time, requests, articles by what they came to."""
        keeper = keeper_of(self._crawler)
        stats = self._crawler.stats
        counts = ", ".join(
            f"{number} {kind.replace('_', ' ')}" for kind, number in sorted(keeper.tally.verdicts.items())
        )
        seconds = int(time.monotonic() - self._started)
        requests = stats.get_value("downloader/request_count", 0)
        return f"{keeper.source} {seconds // 60}:{seconds % 60:02d}  {requests} requests  {counts or 'reading listings'}"[
            :200
        ]

    def _closed(self) -> None:
        if self._task is not None:
            self._task.cancel()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
