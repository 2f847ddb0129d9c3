"""Runs crawls of one or several sources in one process and says how each ended. Shared by `scrapy crawl` and `newscrawl crawl`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from newscrawl.config import Config
from newscrawl.crawl.extensions import ArchiveKeeper
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import Exit, NewscrawlError, UnknownSource
from newscrawl.model import RunSummary

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the crawl of one source ended: its summary, or the error that kept it from starting."""

    source: str
    summary: RunSummary | None = None
    error: BaseException | None = None

    @property
    def exit_code(self) -> Exit:
        """The exit code of this source."""
        if self.summary is not None:
            return Exit(self.summary.exit_code)
        return self.error.exit_code if isinstance(self.error, NewscrawlError) else Exit.UNEXPECTED

    @property
    def line(self) -> str:
        """One line for people."""
        if self.summary is None:
            return (
                str(self.error)
                if isinstance(self.error, NewscrawlError)
                else f"{self.source}: {type(self.error).__name__}: {self.error}"
            )
        summary = self.summary
        counts = (
            ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in summary.counts.items())
            or "nothing new"
        )
        seconds = (summary.finished - summary.started).total_seconds()
        head = f"{self.source}: {counts}; {summary.requests} requests in {seconds:.0f} s"
        return head if summary.exit_code == Exit.OK else f"{head}; {summary.reason}"


def spider_classes(settings: Settings) -> Mapping[str, type[NewsSpider]]:
    """All sources by name."""
    from scrapy.spiderloader import get_spider_loader

    loader = get_spider_loader(settings)
    classes = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: cls for name, cls in classes.items() if issubclass(cls, NewsSpider)}


def source_named(settings: Settings, name: str) -> type[NewsSpider]:
    """The spider of a source. Raises UnknownSource."""
    known = spider_classes(settings)
    if name not in known:
        raise UnknownSource("no such source", subject=name, hint=f"Known are {', '.join(known)}")
    return known[name]


def crawl(process: AsyncCrawlerProcess, jobs: Sequence[tuple[Crawler, Mapping[str, Any]]]) -> list[Ending]:
    """Runs crawlers made by `process` to their end, side by side; one Ending each, in order. Returns when all are done."""
    tasks = [(crawler, process.crawl(crawler, **arguments)) for crawler, arguments in jobs]
    process.start()
    return [_ending(crawler, task) for crawler, task in tasks]


def check(spider: type[NewsSpider], arguments: Mapping[str, Any], config: Config) -> None:
    """Refuses what cannot work before anything is started. Raises NewscrawlError."""
    from newscrawl.store.archive import open_archive

    spider.parse_arguments(arguments)
    open_archive(config.database_url).dispose()


def _ending(crawler: Crawler, task: asyncio.Task[None]) -> Ending:
    name = crawler.spidercls.name
    error = None if task.cancelled() or not task.done() else task.exception()
    if error is not None and not isinstance(error, NewscrawlError):
        logger.error("%s", error, exc_info=error)
    try:
        keeper = crawler.get_extension(ArchiveKeeper)
    except RuntimeError:
        keeper = None
    summary = keeper.summary if keeper is not None else None
    if summary is None and error is None:
        error = NewscrawlError("stopped before it began", subject=name)
    return Ending(source=name, summary=summary if error is None else None, error=error)
