"""Which listing addresses a run reads and what follows from each: series, sitemap indexes, older pages. Sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import MISSES_AT_END, Edition
from newscrawl.discover.feed import feed
from newscrawl.discover.listing import links
from newscrawl.discover.sitemap import sitemap
from newscrawl.judge.joining import joins
from newscrawl.judge.recheck import listing_due, listing_missed
from newscrawl.model import (
    Channel,
    Entry,
    Fetch,
    FetchOutcome,
    ListingPage,
    ListingRead,
    ListingState,
    ShownBefore,
    Standing,
)
from newscrawl.urls import host_of

# Bounds against sites that have no end: pages of one list, sitemaps of one edition, index within index.
PAGES = 10
PAGES_BACK = 1000  # with `since`: as far back as asked
SITEMAPS = 1000
INDEX_DEPTH = 3

# How long an older page that does not answer is tried again before it is said that the list does not join.
PATIENCE = timedelta(days=1)
PASSING = frozenset(
    {
        FetchOutcome.TIMEOUT,
        FetchOutcome.DNS,
        FetchOutcome.REFUSED,
        FetchOutcome.TLS,
        FetchOutcome.SERVER_ERROR,
        FetchOutcome.THROTTLED,
        FetchOutcome.BROKEN_BODY,
    }
)


@dataclass(frozen=True, slots=True)
class Task:
    """One listing address to read. `series` is the template it comes from, with its `number`; `depth` counts pages or index levels.

    `root` is the first page of the list, for an older page of it.
    """

    edition: Edition
    channel: Channel
    url: str
    series: str | None = None
    number: int = 1
    misses: int = 0
    depth: int = 0
    root: str | None = None


@dataclass(slots=True)
class Chain:
    """A list with its older pages as this run reads them: what it showed before, what it shows now, whether that joins."""

    before: ShownBefore | None
    shown: list[Entry] = field(default_factory=list)
    joined: bool | None = None  # None: nothing to join, or nothing read yet
    grew: bool = True  # the last page showed something that the pages before did not

    def add(self, fetch: Fetch, entries: Sequence[Entry]) -> bool | None:
        """Takes the next page; whether the list joins its last read with it. None: said already, or nothing to say yet."""
        if self.before is None or self.joined:
            return None
        if fetch.outcome is FetchOutcome.NOT_MODIFIED:
            self.joined = True
        elif fetch.outcome is FetchOutcome.OK:
            met = {entry.key for entry in self.shown}
            self.grew = any(entry.key not in met for entry in entries)
            self.shown += entries
            self.joined = joins(self.before, self.shown)
        elif not self.shown:
            return None  # the first page failed: no read
        else:
            self.grew = False
            if fetch.outcome in PASSING and fetch.at - self.before.at < PATIENCE:
                return None  # the next run compares with the same read again, and tries the older page again
        return self.joined


class Listings:
    """The listing addresses of one run. Remembers which were given out, so that an index naming itself ends."""

    def __init__(self, states: Mapping[str, ListingState], now: datetime, *, far_back: bool) -> None:
        self._states = states
        self._now = now
        self._pages = PAGES_BACK if far_back else PAGES
        self._given: set[str] = set()
        self._shown: set[tuple[str, str]] = set()
        self._sitemaps: Counter[str] = Counter()  # by edition
        self._chains: dict[str, Chain] = {}  # by the address of the first page

    def start(self, edition: Edition) -> Iterator[Task]:
        """The addresses a run of the edition starts with."""
        for path in edition.listings:
            yield from self._give(Task(edition, Channel.LISTING, edition.address(path)))
        for path in edition.feeds:
            task = Task(edition, Channel.FEED, edition.address(path))
            if not self._never_offered(task):
                yield from self._give(task)
        for path in edition.sitemaps:
            yield from self._give(Task(edition, Channel.SITEMAP, edition.address(path)))
        for template in edition.numbered:
            yield from self._series(
                Task(edition, Channel.SITEMAP, edition.address(template.format(n=1)), series=template)
            )

    def _never_offered(self, task: Task) -> bool:
        """Whether a feed was not there when it was asked for today, and never before; an edition's front page is read always."""
        state = self._states.get(task.url)
        return (
            bool(task.edition.listings)
            and state is not None
            and state.last_changed is None
            and not listing_due(state, self._now)
        )

    def state(self, task: Task) -> ListingState | None:
        """What earlier runs know of the address: validators for a conditional request.

        None for an older page: that it did not change would not say what it shows.
        """
        return self._states.get(task.url) if task.root is None else None

    def chain(self, task: Task, before: Callable[[], ShownBefore | None]) -> Chain:
        """The list that the task is a page of; `before` is asked once, for the first page."""
        root = task.root or task.url
        if root not in self._chains:
            self._chains[root] = Chain(before())
        return self._chains[root]

    def after(self, task: Task, read: ListingRead, page: ListingPage | None, *, fresh: int) -> Iterator[Task]:
        """What to read after a listing was read; `fresh` counts leads the archive has not met."""
        if task.series is not None:
            missed = read.fetch.outcome in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE) or self._adds_nothing(
                task, read, page
            )
            if missed or read.fetch.outcome in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED):
                yield from self._series(_following(task, missed=missed), force=bool(fresh))
        if page is None:
            return
        if task.channel is Channel.SITEMAP and task.depth < INDEX_DEPTH:
            for address in page.children:
                if host_of(address) in task.edition.hosts and self._sitemaps[task.edition.name] < SITEMAPS:
                    self._sitemaps[task.edition.name] += 1
                    child = Task(task.edition, Channel.SITEMAP, address, depth=task.depth + 1)
                    if listing_due(self.state(child), self._now):
                        yield from self._give(child)
        if task.channel is Channel.LISTING and self._goes_on(task, read, fresh):
            # Pages that link each other for ever end at the bound; one page is followed by one.
            for address in page.next_pages:
                if host_of(address) in task.edition.hosts and address not in self._given:
                    root = task.root or task.url
                    yield from self._give(replace(task, url=address, depth=task.depth + 1, root=root))
                    break

    def _goes_on(self, task: Task, read: ListingRead, fresh: int) -> bool:
        """Whether older pages are read: until the list joins its last read, at a first read until something is known."""
        chain = self._chains.get(task.root or task.url)
        if task.depth + 1 >= self._pages:
            return False
        if chain is not None and chain.joined is False:
            return chain.grew
        far_back = self._pages == PAGES_BACK
        return bool(fresh) and (far_back or (read.known == 0 and (chain is None or chain.before is None)))

    def _adds_nothing(self, task: Task, read: ListingRead, page: ListingPage | None) -> bool:
        """Whether a document answered that ends a series as a 404 does: no sitemap at all, or one shown under another number.

        Sites that answer every number with a page, or with the same sitemap, would never come to an end.
        """
        if page is None or read.fetch.outcome is not FetchOutcome.OK:
            return False
        if not page.leads and not page.children:
            return True
        mark = (task.series or "", read.fetch.captures[-1].ref.digest if read.fetch.captures else task.url)
        again = mark in self._shown
        self._shown.add(mark)
        return again

    def _series(self, task: Task, *, force: bool = False) -> Iterator[Task]:
        """The next number worth a request. Old ones that stand still and ends that were found today are passed over."""
        while task.misses < MISSES_AT_END:
            state = self.state(task)
            if force or listing_due(state, self._now):
                if self._sitemaps[task.edition.name] < SITEMAPS:
                    self._sitemaps[task.edition.name] += 1
                    yield from self._give(task)
                return
            assert state is not None
            task = _following(task, missed=listing_missed(state))

    def _give(self, task: Task) -> Iterator[Task]:
        if task.url not in self._given:
            self._given.add(task.url)
            yield task


def parse(task: Task, body: bytes, url: str, content_type: str | None, addresses: Addresses) -> ListingPage:
    """What a listing document shows, each channel by its own reader; only leads of the edition that may be articles."""
    name = task.edition.name
    if task.channel is Channel.LISTING:
        return links(
            body,
            url,
            content_type=content_type,
            is_article=lambda address: addresses.is_listed(address, name),
        )
    read = feed if task.channel is Channel.FEED else sitemap
    page = read(body, url, content_type=content_type)
    return replace(page, leads=tuple(lead for lead in page.leads if addresses.is_claimed(lead.url, name)))


def known_before(keys: Sequence[str], standings: Mapping[str, Standing]) -> tuple[int, int]:
    """(articles the archive had before, addresses it has never met) among the keys of a listing."""
    known = sum(1 for key in keys if key in standings and standings[key].article_id is not None)
    return known, sum(1 for key in keys if key not in standings)


def _following(task: Task, *, missed: bool) -> Task:
    assert task.series is not None
    number = task.number + 1
    return replace(
        task,
        url=task.edition.address(task.series.format(n=number)),
        number=number,
        misses=task.misses + 1 if missed else 0,
    )
