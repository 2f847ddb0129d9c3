"""Scrapy extension that holds the archive for the time of a run: opens it, takes the lease, keeps the heartbeat, closes the run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from newscrawl import __version__
from newscrawl.archiving.apply import Item
from newscrawl.archiving.recorder import Recorder
from newscrawl.archiving.rereading import reread
from newscrawl.config import Config
from newscrawl.crawl.counters import Counters
from newscrawl.crawl.editions import Options
from newscrawl.crawl.parse.pool import reader_of
from newscrawl.errors import ArchiveError, Exit, LeaseLost, NewscrawlError, UsageError
from newscrawl.judge.recheck import Ladder
from newscrawl.model import (
    Applied,
    Article,
    Capture,
    ExtractRules,
    Known,
    ListingRead,
    ListingState,
    Observation,
    RunSummary,
    VerdictKind,
)
from newscrawl.store.archive import Archive, open_archive
from newscrawl.temporary import sweep
from newscrawl.warc import WarcWriter, repair, seal
from newscrawl.worker import Aborted

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 30.0
# Finished WARC files are read for the manifest when a run starts; of an old archive without one only so much at a time.
CLOSED_AT_A_START = 2 << 30


class ArchiveKeeper:
    """The archive of a run. Constructing it takes the lease, so a second run of the source ends before it asks for anything."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.config: Config = crawler.settings["NEWSCRAWL_CONFIG"]
        self.clock: Callable[[], datetime] = self.config.clock
        self.counters = Counters()
        self.summary: RunSummary | None = None
        self.stopped = False  # by a signal, which is meant for the whole process
        spider: Any = crawler.spider  # a NewsSpider; importing it here would be a circle
        self.source: str = spider.name
        self._options: Options = spider.options
        self._rules: Callable[[str], ExtractRules] = spider.rules
        self._ladder: Ladder = spider.ladder
        self._left_over: Callable[[], int] = spider.left_over
        self._held_back: Callable[[], list[Observation]] = spider.held_back
        self.reader = reader_of(crawler.settings)
        self.started = self.clock()
        self._beating: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._open()
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(self._spider_error, signal=signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveKeeper:
        return cls(crawler)

    # --- for the other components ---

    async def record(self, item: Item) -> Applied | None:
        """Records an item and counts what it came to. Raises ArchiveError."""
        applied = await self.recorder.record(item)
        if isinstance(item, ListingRead):
            before = self.listings.get(item.url)
            self.counters.listing(item, offered_before=before is not None and before.last_changed is not None)
        elif isinstance(item, Observation) and applied is not None and not item.probe:
            self.count(applied)
        return applied

    def count(self, applied: Applied) -> None:
        """Counts one verdict, in the tally and in Scrapy's stats."""
        self.counters.verdict(applied.verdict.kind)
        self._crawler.stats.inc_value(f"newscrawl/articles/{applied.verdict.kind.value}")

    def fail(self, error: NewscrawlError) -> None:
        """Ends the run because the archive cannot be used: once, with the first reason."""
        if self.counters.failure is None:
            self.counters.failure = error  # the run's last line says it
            logger.info("%s", error)
            # Kept: the loop itself holds tasks only weakly.
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        try:
            await self._crawler.engine.close_spider_async(reason="archive_failed")
        except RuntimeError as error:  # it is being closed already
            logger.debug("%s", error)

    def broke(self, error: BaseException) -> None:
        """Counts a bug of ours, so that the run does not end as if all were right. An archive failure ends it."""
        if isinstance(error, ArchiveError):
            self.fail(error)
            return
        logger.error("unexpected error", exc_info=error)
        self.counters.errors += 1
        self.counters.problem(f"{type(error).__name__}: {error}")

    def unread(self, address: str, ended: Aborted) -> str:
        """Counts an answer that was fetched and could not be read, and says why. An exception of the reader is a bug of ours."""
        said = f"cannot be read: {ended.reason}" if ended.trace else f"reading {ended.reason}"
        if ended.trace is not None:
            logger.error("%s: %s\n%s", address, said, ended.trace)
            self.counters.errors += 1
        self.counters.problem(f"{address}: {said}")
        self._crawler.stats.inc_value(f"newscrawl/reading/{'bug' if ended.trace else 'ended'}")
        return said[:300]

    # --- the run ---

    def _open(self) -> None:
        engine = open_archive(self.config.database_url)
        try:
            self.archive = Archive(
                engine, self.source, self.started, retry_seconds=_patience(self._crawler.settings)
            )
            self.archive.begin_run(self.started, self._arguments())
            self.listings: dict[str, ListingState] = self.archive.listing_states()
            self._make_folder()
            repairs = repair(self.config.warc, self.source, keep=self.archive.warc_ends())
            for mended in repairs:
                logger.warning("%s", mended)
            with contextlib.suppress(OSError):
                sweep()
            self._close_files()
            self.warc = WarcWriter(
                self.config.warc,
                self.source,
                software=f"newscrawl/{__version__}",
                contact=self.config.contact,
                max_bytes=self.config.warc_size,
                avoid={mended.file for mended in repairs if mended.problem},
            )
        except NewscrawlError as error:
            self._give_back(error)
            engine.dispose()
            raise
        except BaseException:
            engine.dispose()
            raise
        self.recorder = Recorder(
            self.archive, self.warc, dates=self._options.dates, reread=self._reread, ladder=self._ladder
        )

    def _make_folder(self) -> None:
        # Now, not at the first answer: a run that can keep nothing must not ask for anything.
        try:
            self.config.warc.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(
                f"cannot be made ({error.strerror or error})",
                subject=str(self.config.warc),
                hint="Set NEWSCRAWL_HOME to a folder you may write to",
            ) from error

    def _close_files(self) -> None:
        try:
            seal(self.config.warc, self.source, self.started.date(), at_most=CLOSED_AT_A_START)
        except ArchiveError as error:
            logger.warning("%s", error)  # the manifest is for later; the news are for now

    def _give_back(self, error: NewscrawlError) -> None:
        """Closes a run that could not begin, so that it is not taken for one that was killed."""
        if getattr(self, "archive", None) is None or self.archive.run_id is None:
            return
        self.counters.failure = error
        with contextlib.suppress(ArchiveError):
            self.archive.finish_run(self._summarise(*self.counters.exit()))

    def _arguments(self) -> dict[str, Any]:
        options = self._options
        return {
            "editions": [edition.name for edition in options.editions],
            "sites": [edition.site for edition in options.editions if edition.site],
            "since": options.dates.since.isoformat() if options.dates.since else None,
            "until": options.dates.until.isoformat() if options.dates.until else None,
            "limit": options.limit,
            "recheck": options.recheck.value,
        }

    def _reread(self, known: Known, capture: Capture) -> Article | None:
        article = self.reader.read_now(reread, self.config.warc, capture, self._rules(known.edition))
        if isinstance(article, Aborted):  # today's look must be recorded, whatever it is
            logger.warning(
                "cannot re-read version %s of article %s: %s", known.version, known.id, article.reason
            )
            return None
        return article

    def _spider_opened(self) -> None:
        self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self.recorder.call(self.archive.beat)
            except LeaseLost as error:
                self.fail(error)
            except Exception as error:  # noqa: BLE001 - one missed beat must not stop the heart
                logger.info("heartbeat: %s", error)

    def _spider_error(self, failure: Failure) -> None:
        assert failure.value is not None
        self.broke(failure.value)

    def item_failed(self, item: Item, error: Exception) -> None:
        """Counts an item that a bug of ours kept out of the archive, with one line in the log."""
        self.counters.errors += 1
        address = item.fetch.url if isinstance(item, Observation | ListingRead) else item.edition
        said = f"{type(error).__name__} while recording {type(item).__name__} {address}: {error}"
        self.counters.problem(said)
        logger.error("%s", said)
        logger.debug("the same, with its trace", exc_info=error)
        if isinstance(item, Observation) and item.lead is None and not item.probe:
            # A look that is not in the archive. (Leads still wait in the frontier, where the end of the run counts them.)
            self.counters.verdict(VerdictKind.FAILED)

    async def _spider_closed(self, reason: str) -> None:
        if self._beating is not None:
            self._beating.cancel()
        self.stopped = reason == "shutdown"
        self.counters.closed(reason)
        try:
            # Stopped before their controls were asked: recorded as looks that prove nothing.
            for observation in self._held_back():
                await self.record(observation)
        except Exception as error:  # noqa: BLE001 - the run is closed whatever happens
            self.broke(error)
        self.recorder.close()
        try:
            if left := self._left_over():
                self.counters.verdicts[VerdictKind.DEFERRED.value] += left
            summary = self._summarise(*self.counters.exit())
            self.archive.finish_run(summary)
            self.warc.close()
        except ArchiveError as error:
            self.counters.failure = self.counters.failure or error
            summary = self._summarise(*self.counters.exit())
        except Exception as error:  # noqa: BLE001 - Scrapy would log it and call the run finished
            self.broke(error)
            summary = self._summarise(*self.counters.exit())
        finally:
            self.archive.close()
        self.summary = summary

    def _summarise(self, code: Exit, reason: str) -> RunSummary:
        stats = self._crawler.stats
        return RunSummary(
            source=self.source,
            run_id=self.archive.run_id,
            started=self.started,
            finished=self.clock(),
            exit_code=int(code),
            reason=reason,
            counts=dict(self.counters.verdicts),
            requests=int(stats.get_value("downloader/request_count", 0)),
            listings_ok=self.counters.listings_ok,
            listings_failed=self.counters.listings_failed,
            problems=tuple(self.counters.problems),
        )


def _patience(settings: BaseSettings) -> float:
    """The setting DATABASE_PATIENCE, in seconds. Raises UsageError."""
    try:
        return settings.getfloat("DATABASE_PATIENCE")
    except (TypeError, ValueError) as error:
        raise UsageError("not a number of seconds", subject="DATABASE_PATIENCE") from error


def keeper_of(crawler: Crawler) -> ArchiveKeeper:
    """The archive keeper of a crawl. Raises RuntimeError where the extension was switched off."""
    keeper = crawler.get_extension(ArchiveKeeper)
    if keeper is None:
        raise RuntimeError("newscrawl.crawl.extensions.ArchiveKeeper must stay among the EXTENSIONS")
    return keeper
