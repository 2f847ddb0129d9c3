"""Extension that ends a run soon after it was asked to end: what was not sent yet is not sent any more. Decides no end."""

from __future__ import annotations

import asyncio

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from newscrawl.crawl.http.refusals import Stopped

_EVERY = 0.2  # seconds


class SwiftEnd:
    """Takes back the requests that wait in the downloader, once the run is being closed for whatever reason.

    Scrapy sends them one after the other first, each with the pause of its host: with sixteen requests and
    a Crawl-delay of a minute that is a quarter of an hour after the time was over, or after SIGTERM.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._watching: asyncio.Task[None] | None = None
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SwiftEnd:
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
                self._take_back()

    def _take_back(self) -> None:
        for slot in list(self._crawler.engine.downloader.slots.values()):  # taking back may begin others
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(Failure(Stopped("the run ended before this was asked")))  # type: ignore[no-untyped-call]


def is_ending(crawler: Crawler) -> bool:
    """Whether a run is being closed: done, stopped by a signal or by a limit, or failed."""
    slot = crawler.engine._slot  # noqa: SLF001 - Scrapy tells it nowhere else
    return not crawler.crawling or slot is None or slot.closing is not None
