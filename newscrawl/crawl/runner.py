"""Runs crawls of one or several sources in one process, for `scrapy crawl` and `newscrawl crawl`; one Ending each."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from newscrawl import __version__, logfile
from newscrawl.config import Config
from newscrawl.crawl.archive_session import ArchiveSession
from newscrawl.crawl.loader import SourceLoader, check_tables, may_hold, of_file, without_source
from newscrawl.crawl.own_settings import sources_at_once
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import Exit, NewscrawlError, NotBegun, UnknownSource, UsageError, did_you_mean
from newscrawl.marker import refuse_others
from newscrawl.model import RunSummary
from newscrawl.proof.log import Place, keep_quietly
from newscrawl.search.indexing import update_quietly

logger = logging.getLogger(__name__)

# Seconds that the index of search gets after the crawls; what is left is put in by the next ones.
INDEX_SECONDS = 30.0
# Seconds that the log of everything recorded gets; it takes some thousands of entries each.
PROOF_SECONDS = 60.0

Job = tuple[Crawler, Mapping[str, Any]]
T = TypeVar("T")
# What Scrapy raises for a setting that names no class, no file that can be opened, no number.
_OF_A_SETTING = (OSError, ImportError, ValueError, TypeError, AttributeError, NameError)


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
        head = f"{self.source}: {counts}; {summary.requests} request{'' if summary.requests == 1 else 's'} in {seconds:.0f} s"
        return head if summary.reason == "finished" else f"{head}; {summary.reason}"


def spider_classes(settings: Settings) -> Mapping[str, type[NewsSpider]]:
    """All sources by name. Raises UsageError for settings in newscrawl.toml of a source that there is not."""
    from scrapy.spiderloader import get_spider_loader

    loader = get_spider_loader(settings)
    classes = {name: loader.load(name) for name in sorted(loader.list())}
    if isinstance(config := settings.get("NEWSCRAWL_CONFIG"), Config):
        check_tables(config, classes, broken(settings))
    return {name: cls for name, cls in classes.items() if issubclass(cls, NewsSpider)}


def broken(settings: Settings) -> Mapping[str, str]:
    """Modules of sources that cannot be imported, and why."""
    from scrapy.spiderloader import get_spider_loader

    loader = get_spider_loader(settings)
    return loader.broken if isinstance(loader, SourceLoader) else {}


def source_named(settings: Settings, name: str) -> type[NewsSpider]:
    """The spider of a source. Raises UnknownSource, and UsageError where the file that is called like it is of no use."""
    from scrapy.spiderloader import get_spider_loader

    known = spider_classes(settings)
    if name in known:
        return known[name]
    unusable = broken(settings)
    for module, why in unusable.items():
        if may_hold(module, why, name):
            raise UsageError(f"its file {of_file(module)} cannot be used: {why}", subject=name)
    loader = get_spider_loader(settings)
    bare = set(without_source(settings.getlist("SPIDER_MODULES"), map(loader.load, loader.list()))) - set(
        unusable
    )
    for module in bare:
        if may_hold(module, "", name):
            raise UsageError(
                f"its file {of_file(module)} defines no source",
                subject=name,
                hint=f'It needs a class of NewsSpider with name = "{name}": docs/adding-a-source.md',
            )
    others = f"; cannot be used: {', '.join(map(of_file, unusable))}" if unusable else ""
    raise UnknownSource("no such source", subject=name, hint=f"{did_you_mean(name, known)}{others}")


def set_up(make: Callable[[], T]) -> T:
    """What `make` returns. Raises UsageError where a setting names a file that cannot be opened, or a class that there is not."""
    try:
        return make()
    except NewscrawlError:
        raise
    except _OF_A_SETTING as error:
        raise _unusable(error) from error


def _unusable(error: BaseException) -> UsageError:
    return UsageError(
        f"a setting cannot be used: {type(error).__name__}: {error}",
        hint="See newscrawl config, and every -s",
    )


def crawl(
    process: AsyncCrawlerProcess,
    jobs: Sequence[Job],
    *,
    seconds: float | None = None,
    ended: Callable[[Ending], None] = lambda _: None,
) -> list[Ending]:
    """Runs crawlers made by `process` to their end, SOURCES_AT_ONCE side by side; one Ending each, in order.

    Stops sending requests after `seconds` and starts no further source, then shuts down cleanly; a source that was not
    started has an Ending that says so. `ended` is called with each ending as it comes.
    """
    if _level(process.settings) > logging.INFO:
        # Scrapy's warnings (a torn body, a new handler) are counted as outcomes where they matter, and are shown with
        # LOG_LEVEL=INFO. Mails of cron are for what needs somebody's attention.
        logging.getLogger("scrapy").setLevel(logging.ERROR)
    config = process.settings.get("NEWSCRAWL_CONFIG")

    def report(ending: Ending) -> None:
        logfile.line(logger.name, ending.line, bad=ending.exit_code is not Exit.OK)
        ended(ending)

    with (
        logfile.logging_to(config.log_file, config.set_by.get("log_file", "log_file"))
        if config
        else nullcontext()
    ):
        queue = _Queue(process, jobs, seconds, report)
        process.start()
        endings = queue.endings()
        if config and not queue.stopped:
            update_quietly(config.database_url, INDEX_SECONDS)
            place = Place.of(config.home, f"newscrawl/{__version__}")
            keep_quietly(config.database_url, place, config.clock, PROOF_SECONDS)
        return endings


class _Queue:
    """Starts the next crawl when one ends, until the time is over or the process is told to stop."""

    def __init__(
        self,
        process: AsyncCrawlerProcess,
        jobs: Sequence[Job],
        seconds: float | None,
        ended: Callable[[Ending], None],
    ) -> None:
        self._process = process
        self._jobs = jobs
        self._waiting = deque(jobs)
        self._until = time.monotonic() + seconds if seconds is not None else None
        self._ended = ended
        self.stopped = False  # by a signal
        self._endings: dict[Crawler, Ending] = {}
        for _ in range(sources_at_once(process.settings)):
            self._next()

    def endings(self) -> list[Ending]:
        """One for each job, also for those that never started or were cut off by a second signal."""
        missing = [crawler for crawler, _ in self._jobs if crawler not in self._endings]
        for crawler, ending in [(crawler, self._never_ended(crawler)) for crawler in missing]:
            self._end(crawler, ending)
        return [self._endings[crawler] for crawler, _ in self._jobs]

    def _next(self) -> None:
        left = self._until - time.monotonic() if self._until is not None else None
        if not self._waiting or self.stopped or (left is not None and left <= 0):
            return
        crawler, arguments = self._waiting.popleft()
        if left is not None:
            own = crawler.settings.getfloat("CLOSESPIDER_TIMEOUT")
            crawler.settings.set("CLOSESPIDER_TIMEOUT", min(left, own or left), priority="cmdline")
        task = self._process.crawl(crawler, **arguments)
        task.add_done_callback(partial(self._done, crawler))

    def _done(self, crawler: Crawler, task: asyncio.Task[None]) -> None:
        session = _session(crawler)
        self.stopped = self.stopped or task.cancelled() or (session is not None and session.stopped)
        if not task.cancelled():
            self._end(crawler, _ending(crawler, task))
        self._next()

    def _end(self, crawler: Crawler, ending: Ending) -> None:
        self._endings[crawler] = ending
        self._ended(ending)

    def _never_ended(self, crawler: Crawler) -> Ending:
        name = crawler.spidercls.name
        waiting = {waiting for waiting, _ in self._waiting}
        if crawler not in waiting:
            return Ending(name, error=NotBegun("cut off at once; what was stored is kept", subject=name))
        cut_off = len(self._endings) + len(waiting) < len(self._jobs)
        why = "the command was stopped" if self.stopped or cut_off else "the time was over"
        return Ending(name, error=NotBegun(f"not begun: {why}", subject=name))


def prepare(
    spiders: Sequence[type[NewsSpider]], arguments: Mapping[str, Any], config: Config
) -> list[type[NewsSpider]]:
    """The spiders in the order in which to start: the longest not crawled first, so that a time limit never skips the same ones.

    Raises NewscrawlError for wrong arguments and an archive that cannot be opened, before anything is started.
    """
    from newscrawl.store.archive import last_runs, open_archive
    from newscrawl.store.engine import sqlite_path

    for spider in spiders:
        spider.parse_arguments(arguments)
        refuse_others(config.home, sqlite_path(config.database_url), spider.name)
    engine = open_archive(config.database_url)
    try:
        began = last_runs(engine)
    finally:
        engine.dispose()
    never = [spider for spider in spiders if spider.name not in began]
    return never + sorted((s for s in spiders if s.name in began), key=lambda s: began[s.name])


def _ending(crawler: Crawler, task: asyncio.Task[None]) -> Ending:
    name = crawler.spidercls.name
    error = task.exception()
    session = _session(crawler)
    if not _began(crawler) and isinstance(error, _OF_A_SETTING) and not isinstance(error, NewscrawlError):
        # Before there is an engine nothing was asked: its parts could not be built as the settings name them.
        logger.debug("%s", error, exc_info=error)
        error = _unusable(error)
    if error is not None and not isinstance(error, NewscrawlError):
        logger.error("%s", error, exc_info=error)
    summary = session.summary if session is not None else None
    if summary is None and error is None:
        error = NotBegun("stopped before it began", subject=name)
    return Ending(source=name, summary=summary if error is None else None, error=error)


def _began(crawler: Crawler) -> bool:
    """Whether the crawler's parts could be built."""
    try:
        return crawler.engine is not None
    except RuntimeError:
        return False


def _session(crawler: Crawler) -> ArchiveSession | None:
    try:
        return crawler.get_extension(ArchiveSession)
    except RuntimeError:  # it ended before its extensions were loaded
        return None


def _level(settings: Settings) -> int:
    level = settings.get("LOG_LEVEL")
    return logging.getLevelNamesMapping().get(str(level).upper(), logging.WARNING)
