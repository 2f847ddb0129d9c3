"""What the parts of one crawl share: its hosts, its counters, and (of a crawl into the archive) the open archive.

A spider carries its context in the attribute `context`. Middlewares find it with `context_of`, and with
`run_of` where they need the archive, so that robots.txt, delays and host rules also work for a crawl without one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from newscrawl.config import Config
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.counters import Counters
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.options import Options
from newscrawl.crawl.parse.pool import ParsePool
from newscrawl.errors import ArchiveError, NewscrawlError
from newscrawl.model import Applied, ListingRead, ListingState, Observation
from newscrawl.urls import is_within

if TYPE_CHECKING:  # a crawl without an archive does not load SQLAlchemy
    from newscrawl.archiving.apply import Item
    from newscrawl.archiving.recorder import Recorder
    from newscrawl.store.archive import Archive
    from newscrawl.warc import WarcWriter

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Hosts:
    """The hosts a crawl may send requests to, and the editions that stopped answering.

    `editions` are the names of the editions by host (with port). `for_scripts` are hosts that only scripts of a
    rendered page may use. `given` are host names that the user typed: only these may have private addresses.
    `unreachable` are editions that are left alone until the next run. `above` are the names of the editions by
    hosts whose subdomains are the outlet's as well; `for_sitemaps` are hosts of others on which the outlet has
    sitemaps.
    """

    editions: Mapping[str, frozenset[str]]
    for_scripts: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    unreachable: set[str] = field(default_factory=set)
    above: Mapping[str, frozenset[str]] = field(default_factory=dict)
    for_sitemaps: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, editions: Iterable[Edition]) -> Hosts:
        """The hosts of these editions."""
        names: dict[str, frozenset[str]] = {}
        above: dict[str, frozenset[str]] = {}
        scripts: set[str] = set()
        given: set[str] = set()
        for edition in editions:
            for host in edition.hosts:
                names[host] = names.get(host, frozenset()) | {edition.name}
            for host in frozenset() if edition.site else edition.own_hosts:
                above[host] = above.get(host, frozenset()) | {edition.name}
            for listing in edition.listings:
                scripts |= set(listing.scripts_from) if isinstance(listing, Listing) else set()
            if host_name := urlsplit(edition.site).hostname:
                given.add(host_name)
        return cls(names, frozenset(scripts), frozenset(given), above=above)

    def editions_of(self, host: str) -> frozenset[str]:
        """The editions of a host; none for a host that is not the outlet's."""
        if host in self.editions:
            return self.editions[host]
        within = [known for known in self.above if is_within(host, known)]
        return self.above[max(within, key=len)] if within else frozenset()

    def left_alone(self, host: str) -> frozenset[str]:
        """The editions of a host if all of them stopped answering, else none."""
        names = self.editions_of(host)
        return names if names <= self.unreachable else frozenset()


@dataclass(slots=True, kw_only=True)
class FetchContext:
    """What sending requests depends on: enough for a crawl that archives nothing.

    `now()` is the program's now. `robots` is the folder for the robots.txt last read of each host, `quiet` that for
    the instants until which hosts want to be left alone; None to keep none. `asked_early` are the keys of articles
    that were asked before their turn, as controls.
    """

    source: str
    now: Callable[[], datetime]
    hosts: Hosts
    robots: Path | None = None
    quiet: Path | None = None
    counters: Counters = field(default_factory=Counters)
    asked_early: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class RunContext(FetchContext):
    """One run of a source into the open archive."""

    config: Config
    options: Options
    addresses: Addresses
    zone: str
    started: datetime
    stats: StatsCollector
    pool: ParsePool
    archive: Archive
    warc: WarcWriter
    recorder: Recorder
    listings: Mapping[str, ListingState]  # what earlier runs know of each listing address
    stop: Callable[[], None]  # closes the crawl because the archive cannot be used

    async def record(self, item: Item) -> Applied | None:
        """Records an item and counts its outcome. Raises ArchiveError."""
        applied = await self.recorder.record(item)
        if isinstance(item, ListingRead):
            before = self.listings.get(item.url)
            self.counters.listing(item, offered_before=before is not None and before.last_changed is not None)
        elif isinstance(item, Observation) and applied is not None and not item.probe:
            self.count(applied, expected=self.addresses.is_listed(item.fetch.url, item.edition))
        return applied

    def count(self, applied: Applied, *, expected: bool = True) -> None:
        """Counts one verdict, for the run's summary and in Scrapy's stats; `expected` says that its address has the form of an article's."""
        self.counters.verdict(applied.verdict.kind, expected=expected)
        self.counters.layouts += applied.verdict.layout
        self.stats.inc_value(f"newscrawl/articles/{applied.verdict.kind.value}")

    def fail(self, error: NewscrawlError) -> None:
        """Stops the run because the archive cannot be used; the first error is the run's reason."""
        if self.counters.failure is None:
            self.counters.failure = error
            logger.info("%s", error)
            self.stop()

    def unexpected(self, error: BaseException) -> None:
        """Counts a bug of ours, so that the run does not end as if all were right. An ArchiveError stops the run."""
        if isinstance(error, ArchiveError):
            self.fail(error)
            return
        logger.error("unexpected error", exc_info=error)
        self.counters.errors += 1
        self.counters.problem(f"{type(error).__name__}: {error}")


def context_of(crawler: Crawler) -> FetchContext:
    """The context of a crawl. Raises RuntimeError where its spider has none."""
    context: FetchContext | None = getattr(crawler.spider, "context", None)
    if context is None:
        raise RuntimeError("newscrawl.crawl.archive_session.ArchiveSession must stay among the EXTENSIONS")
    return context


def run_of(crawler: Crawler) -> RunContext:
    """The context of a crawl into the archive. Raises RuntimeError where the crawl writes to none."""
    context = context_of(crawler)
    if isinstance(context, RunContext):
        return context
    raise RuntimeError(f"the crawl of {context.source} has no archive")
