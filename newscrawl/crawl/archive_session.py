"""Scrapy extension that opens the archive for a run and closes it: lease, heartbeat, WARC files, summary."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from twisted.python.failure import Failure

from newscrawl import __version__
from newscrawl.archiving.captures import extract_capture, read_page_text
from newscrawl.archiving.recorder import Recorder
from newscrawl.config import Config
from newscrawl.crawl.context import Hosts, RunContext
from newscrawl.crawl.counters import Counters
from newscrawl.crawl.own_settings import database_patience, parse_limits, readers
from newscrawl.crawl.parse.pool import ParsePool, shared_pool
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import ArchiveError, LeaseLost, NewscrawlError
from newscrawl.marker import refuse_others
from newscrawl.model import Article, Capture, ExtractRules, Known, PageText, RunSummary, VerdictKind
from newscrawl.model.runs import LAYOUTS
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import sqlite_path
from newscrawl.temporary import sweep
from newscrawl.warc import WarcWriter, repair, seal
from newscrawl.worker import Aborted

logger = logging.getLogger(__name__)

_Read = TypeVar("_Read", Article, PageText)

HEARTBEAT_SECONDS = 30.0
# Finished WARC files are read for the manifest when a run starts; of an old archive without one only so much at a time.
CLOSED_AT_A_START = 2 << 30


def _left_out(spider: NewsSpider) -> str | None:
    """What a run says of editions that its one `site` leaves out."""
    left, read = spider.options.left, [edition.name for edition in spider.options.editions]
    if not left:
        return None
    return f"only {', '.join(read)} is crawled, not {', '.join(left)}: the site given is one host. Name the edition too, or one site for each"


class ArchiveSession:
    """The open archive of one run. Creating it takes the lease, so a second run of the source ends before any request."""

    def __init__(self, crawler: Crawler) -> None:
        if not isinstance(crawler.spider, NewsSpider):
            raise NotConfigured("only sources have an archive")
        self.summary: RunSummary | None = None
        self.stopped = False  # by a signal, which is meant for the whole process
        self._crawler = crawler
        self._spider = crawler.spider
        self._config: Config = crawler.settings["NEWSCRAWL_CONFIG"]
        self._pool: ParsePool = shared_pool(parse_limits(crawler.settings), readers(crawler.settings))
        self._counters = Counters()
        self._started = self._config.clock()
        self._beating: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._run = self._open(database_patience(crawler.settings))
        self._spider.attach(self._run)
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(self._spider_error, signal=signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveSession:
        return cls(crawler)

    # --- opening ---

    def _open(self, retry_seconds: float) -> RunContext:
        config, spider = self._config, self._spider
        refuse_others(config.home, sqlite_path(config.database_url), spider.name)
        engine = open_archive(config.database_url)
        archive = None
        try:
            archive = Archive(engine, spider.name, self._started, retry_seconds=retry_seconds)
            archive.begin_run(self._started, self._arguments())
            if hosts := spider.addresses.former_hosts:
                archive.follow_hosts(hosts, self._started)
            listings = archive.listing_states()
            self._make_folder()
            repairs = repair(config.warc, spider.name, keep=archive.warc_ends())
            for repaired in repairs:
                logger.warning("%s", repaired)
            with contextlib.suppress(OSError):
                sweep()
            self._close_files()
            warc = WarcWriter(
                config.warc,
                spider.name,
                software=f"newscrawl/{__version__}",
                contact=config.contact,
                max_bytes=config.warc_size,
                avoid={repaired.file for repaired in repairs if repaired.problem},
            )
        except NewscrawlError as error:
            self._give_back(archive, error)
            engine.dispose()
            raise
        except BaseException:
            engine.dispose()
            raise
        return RunContext(
            source=spider.name,
            now=config.clock,
            hosts=Hosts.of(spider.options.editions),
            robots=config.state / "robots",
            quiet=config.state / "retry-after",
            counters=self._counters,
            config=config,
            options=spider.options,
            addresses=spider.addresses,
            zone=spider.zone,
            started=self._started,
            stats=self._crawler.stats,
            pool=self._pool,
            archive=archive,
            warc=warc,
            recorder=Recorder(
                archive,
                warc,
                dates=spider.options.dates,
                captures=_Captures(config, spider, self._pool),
                ladder=spider.ladder,
            ),
            listings=listings,
            stop=self._stop,
        )

    def _make_folder(self) -> None:
        # Now, not at the first response: a run that can keep nothing must not send any request.
        try:
            self._config.warc.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(
                f"cannot be made ({error.strerror or error})",
                subject=str(self._config.warc),
                hint="Set NEWSCRAWL_HOME to a folder you may write to",
            ) from error

    def _close_files(self) -> None:
        try:
            seal(self._config.warc, self._spider.name, self._started.date(), at_most=CLOSED_AT_A_START)
        except ArchiveError as error:
            logger.warning("%s", error)  # the manifest can be completed later; the crawl goes on

    def _give_back(self, archive: Archive | None, error: NewscrawlError) -> None:
        """Closes a run that could not start, so that it does not count as one that was killed."""
        if archive is None or archive.run_id is None:
            return
        self._counters.failure = error
        with contextlib.suppress(ArchiveError):
            archive.finish_run(self._summarise(archive))

    def _arguments(self) -> dict[str, Any]:
        options = self._spider.options
        return {
            "editions": [edition.name for edition in options.editions],
            "sites": [edition.site for edition in options.editions if edition.site],
            "since": options.dates.since.isoformat() if options.dates.since else None,
            "until": options.dates.until.isoformat() if options.dates.until else None,
            "limit": options.limit,
            "recheck": options.recheck.value,
        }

    # --- while it is open ---

    def _spider_opened(self) -> None:
        self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._run.recorder.call(self._run.archive.beat)
            except LeaseLost as error:
                self._run.fail(error)
            except Exception as error:  # noqa: BLE001 - one missed beat must not end the heartbeat
                logger.info("heartbeat: %s", error)

    def _spider_error(self, failure: Failure) -> None:
        assert failure.value is not None
        self._run.unexpected(failure.value)

    def _stop(self) -> None:
        # Kept: the loop itself holds tasks only weakly.
        self._stopping = asyncio.get_running_loop().create_task(self._close_spider())

    async def _close_spider(self) -> None:
        try:
            await self._crawler.engine.close_spider_async(reason="archive_failed")
        except RuntimeError as error:  # it is being closed already
            logger.debug("%s", error)

    # --- closing ---

    async def _spider_closed(self, reason: str) -> None:
        run, counters = self._run, self._counters
        if self._beating is not None:
            self._beating.cancel()
        self.stopped = reason == "shutdown"
        counters.closed(reason)
        try:
            # Stopped before their controls were requested: recorded as observations without evidence.
            for observation in self._spider.unconfirmed():
                await run.record(observation)
        except Exception as error:  # noqa: BLE001 - the run is closed whatever happens
            run.unexpected(error)
        run.recorder.close()
        try:
            if left := self._spider.left_over():
                counters.verdicts[VerdictKind.DEFERRED.value] += left
            summary = self._summarise(run.archive)
            run.archive.finish_run(summary)
            run.warc.close()
        except ArchiveError as error:
            counters.failure = counters.failure or error
            summary = self._summarise(run.archive)
        except Exception as error:  # noqa: BLE001 - Scrapy would log it and call the run finished
            run.unexpected(error)
            summary = self._summarise(run.archive)
        finally:
            run.archive.close()
        self.summary = summary

    def _problems(self) -> Iterator[str]:
        """The messages of a run beside its counts: those about the whole run, and the problems that it met."""
        if redesign := self._counters.redesign(self._started):
            yield redesign
        yield from self._counters.problems
        if left := _left_out(self._spider):
            yield left

    def _summarise(self, archive: Archive) -> RunSummary:
        counters, stats = self._counters, self._crawler.stats
        code, reason = counters.exit()
        return RunSummary(
            source=self._spider.name,
            run_id=archive.run_id,
            started=self._started,
            finished=self._config.clock(),
            exit_code=int(code),
            reason=reason,
            counts=dict(counters.verdicts) | _further_counts(counters),
            requests=int(stats.get_value("downloader/request_count", 0)),
            listings_ok=counters.listings_ok,
            listings_failed=counters.listings_failed,
            problems=tuple(self._problems()),
            entries=counters.entries_by_channel(),
            left=counters.examples_left(),
            blocks={name: found for name, one in counters.blocks.items() if (found := one.counts())},
        )


def _further_counts(counters: Counters) -> dict[str, int]:
    """The counts of a run that are no verdicts: articles in a new layout, addresses beyond the bound; only those that are not 0."""
    found = {LAYOUTS: counters.layouts, "beyond_bound": counters.beyond_bound}
    return {name: number for name, number in found.items() if number}


class _Captures:
    """Reads stored captures in the worker process, by the rules of the spider."""

    def __init__(self, config: Config, spider: NewsSpider, pool: ParsePool) -> None:
        self._config = config
        self._spider = spider
        self._pool = pool

    def extract(self, known: Known, capture: Capture) -> Article | None:
        """What a capture says by today's extractor; None where it cannot be read."""
        return self._read(partial(extract_capture, announced=known.announced), known, capture)

    def page_text(self, known: Known, capture: Capture) -> PageText | None:
        """What the page of a capture shows and holds; None where it cannot be read."""
        return self._read(read_page_text, known, capture)

    def _read(
        self, work: Callable[[Path, Capture, ExtractRules], _Read | None], known: Known, capture: Capture
    ) -> _Read | None:
        rules = self._spider.rules(known.edition)
        read = self._pool.run_now(work, self._config.warc, capture, rules)
        if isinstance(read, Aborted):  # today's observation must be recorded all the same
            logger.warning(
                "cannot re-read version %s of article %s: %s", known.version, known.id, read.reason
            )
            return None
        return read
