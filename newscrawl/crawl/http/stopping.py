"""Extension that cancels the requests still waiting in the downloader once the run is closing, so that it ends soon."""

from __future__ import annotations

import asyncio

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from newscrawl.crawl.http.refusals import Stopped

_EVERY = 0.2  # seconds


class CancelWaiting:
    """Cancels waiting requests once the run is closing for whatever reason.

    Scrapy would send them first, each after the delay of its host: with sixteen requests and
    a Crawl-delay of a minute that takes a quarter of an hour after the time limit, or after SIGTERM.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._watching: asyncio.Task[None] | None = None
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CancelWaiting:
        return cls(crawler)

    def _opened(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    def _closed(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            if is_ending(self._crawler):
                self._cancel()

    def _cancel(self) -> None:
        for slot in list(self._crawler.engine.downloader.slots.values()):  # cancelling may start others
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(Failure(Stopped("the run ended before this was asked")))  # type: ignore[no-untyped-call]


def is_ending(crawler: Crawler) -> bool:
    """Whether a run is closing: done, stopped by a signal or a limit, or failed."""
    slot = crawler.engine._slot  # noqa: SLF001 - Scrapy has no public name for it
    return not crawler.crawling or slot is None or slot.closing is not None
