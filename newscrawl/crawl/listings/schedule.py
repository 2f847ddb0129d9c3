"""Which listing addresses a run reads, and which follow from each one read: numbered sitemaps, sitemap indexes, older pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from urllib.parse import urlsplit

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.listings.backfill_cursor import SLACK, BackfillCursors, newest_of
from newscrawl.crawl.listings.listing_pages import ListingPages
from newscrawl.crawl.listings.tasks import ROBOTS, ListingTask
from newscrawl.discover.entries import EntryCounts
from newscrawl.discover.sitemap import span_of
from newscrawl.judge.recheck import listing_due, listing_missed
from newscrawl.judge.validators import list_in_full
from newscrawl.model import (
    AddressStatus,
    BackfillCursor,
    Channel,
    Dates,
    EntryCount,
    EntryOutcome,
    FetchOutcome,
    ListingPage,
    ListingRead,
    ListingState,
    ShownBefore,
)
from newscrawl.urls import host_of, is_private_host

# Bounds against sites without an end: sitemaps of one edition, index within index.
SITEMAPS = 1000
INDEX_DEPTH = 3
# A numbered sitemap series ends after this many misses in a row: numbers may be skipped.
MISSES_AT_END = 3


class ListingSchedule:
    """The listing addresses of one run. Each is handed out once, so that an index naming itself comes to an end."""

    def __init__(
        self,
        states: Mapping[str, ListingState],
        now: datetime,
        *,
        zone: tzinfo = UTC,
        dates: Dates = Dates(),  # noqa: B008 - frozen
        wait: bool = False,
        robots: bool = False,
        newest: Mapping[str, datetime] = MappingProxyType({}),
        caught: Container[str] = frozenset(),
        given: Collection[str] = (),
    ) -> None:
        """`newest` is when the newest article of each edition was published; `caught` are hosts whose validators lied.

        `given` are host names that the user typed, which may be private.
        """
        self._given = given
        self._states = states
        self._newest = newest
        self._caught = caught
        self._robots = robots
        self._now = now
        self._zone = zone
        self._dates = dates
        self._warnings: list[str] = []  # what was left because of a bound
        self._reported = 0
        self._cursors = BackfillCursors(states, now, zone, dates, self._warnings, wait=wait)
        self._handed_out: set[tuple[str, str]] = set()
        self._seen: set[tuple[str, str]] = set()  # series and what its numbers answered
        self._sitemaps: Counter[str] = Counter()  # by edition

    @property
    def far_back(self) -> bool:
        """Whether the run was asked for a time in the past."""
        return self._cursors.far_back

    @property
    def reached(self) -> datetime | None:
        """The date down to which lists were read while their older pages are still read (ListingReader.reached)."""
        return max(self._cursors.reached.values(), default=None)

    def new_warnings(self) -> list[str]:
        """What was left because of a bound since the last call."""
        new = self._warnings[self._reported :]
        self._reported = len(self._warnings)
        return new

    def pages(self, task: ListingTask, before: Callable[[], ShownBefore | None]) -> ListingPages:
        """The pages of the list that the task belongs to; `before` is called once, for the first page."""
        return self._cursors.pages(task, before)

    def too_old(self, dates: Sequence[datetime | None]) -> bool:
        """Whether a page with articles of these dates lies before `since`; False where most have no date."""
        return self._cursors.too_old(dates)

    def start(self, edition: Edition) -> Iterator[ListingTask]:
        """The addresses a run of the edition starts with."""
        for path in edition.listings:
            listing = path if isinstance(path, Listing) else None
            yield from self._hand_out(
                ListingTask(edition, Channel.LISTING, edition.address(path), listing=listing)
            )
        for path in edition.feeds:
            task = self._channel(edition, Channel.FEED, path)
            if not self._never_offered(task):
                yield from self._hand_out(task)
        for path in edition.sitemaps:
            yield from self._hand_out(self._channel(edition, Channel.SITEMAP, path))
        if self._robots:
            yield from self._hand_out(ListingTask(edition, Channel.SITEMAP, edition.address(ROBOTS)))
        for template in edition.numbered:
            first = self._channel(edition, Channel.SITEMAP, template.format(n=1))
            yield from self._series(replace(first, series=template))

    def _channel(self, edition: Edition, channel: Channel, path: str) -> ListingTask:
        """A feed or sitemap as the source declares it: it may lie on a host of another edition, by its whole address."""
        address = edition.address(path)
        return ListingTask(edition, channel, address, elsewhere=not edition.reaches(host_of(address)))

    def _never_offered(self, task: ListingTask) -> bool:
        """Whether a feed was missing when it was requested today, and always before; an edition's front page is read always."""
        state = self._states.get(task.url)
        return (
            bool(task.edition.listings)
            and state is not None
            and state.last_changed is None
            and not listing_due(state, self._now)
        )

    def state(self, task: ListingTask) -> ListingState | None:
        """What earlier runs know of the address.

        None where the page is needed even if it has not changed: older pages, first pages whose links lead to older
        ones, and pages that scripts fill while the document stays the same.
        """
        in_full = task.channel is Channel.LISTING and (
            task.root is not None or task.rendered or self._cursors.needs_full_read(task)
        )
        return None if in_full else self._states.get(task.listed_as)

    def validators(self, task: ListingTask) -> tuple[str | None, str | None]:
        """ETag and Last-Modified for a conditional request; None for both where the document must be read in full."""
        state = self.state(task)
        if (
            state is None
            or host_of(task.url) in self._caught
            or list_in_full(
                state, self._now, newest=self._newest.get(task.edition.name), claimed=task.changed
            )
        ):
            return None, None
        return state.etag, state.last_modified

    def after(
        self, task: ListingTask, read: ListingRead, page: ListingPage | None, *, fresh: int
    ) -> tuple[list[ListingTask], tuple[EntryCount, ...]]:
        """What to read after a sitemap was read, and what became of the sitemaps it names.

        `fresh` counts leads that are new to the archive.
        """
        following: list[ListingTask] = []
        if task.series is not None:
            missed = read.fetch.outcome.is_missing or self._adds_nothing(task, read, page)
            if missed or read.fetch.outcome.is_good:
                following += self._series(_following(task, missed=missed), force=bool(fresh))
        counts = EntryCounts()
        for address in page.children if page is not None else ():
            outcome, child = self._child(
                task, address, page.changed.get(address) if page is not None else None
            )
            counts.add(outcome, address)
            if child is not None and listing_due(self.state(child), self._now):
                following += self._hand_out(child)
        return following, counts.counts()

    def _child(
        self, task: ListingTask, address: str, changed: datetime | None
    ) -> tuple[EntryOutcome, ListingTask | None]:
        """What becomes of a sitemap that an index or a robots.txt names.

        The outlet's word counts for a sitemap on a host of others too; what that one names may be on its own host. When
        an index says that a sitemap last changed is not believed: many were written once, by hand.
        """
        own = task.edition.own_hosts
        here = task.edition.here(address) if host_of(address) in own else address
        elsewhere = not task.edition.reaches(host_of(here))
        if elsewhere and task.elsewhere and host_of(here) != host_of(task.url):
            return EntryOutcome.OTHER_HOST, None
        if elsewhere and is_private_host(host_of(here)) and urlsplit(here).hostname not in self._given:
            return EntryOutcome.SITEMAP_REFUSED, None
        if task.depth >= INDEX_DEPTH:
            self._warn(f"sitemap {task.url}: an index within {INDEX_DEPTH} others; its sitemaps were left")
            return EntryOutcome.BOUND, None
        if outside(here, self._dates, self._zone):
            return EntryOutcome.SITEMAP_BY_DATE, None
        if not self._room(task):
            return EntryOutcome.BOUND, None
        child = ListingTask(
            task.edition, Channel.SITEMAP, here, depth=task.depth + 1, elsewhere=elsewhere, changed=changed
        )
        return EntryOutcome.SITEMAP, child

    def older(
        self,
        task: ListingTask,
        read: ListingRead,
        page: ListingPage | None,
        *,
        dates: Sequence[datetime | None],
    ) -> tuple[list[ListingTask], BackfillCursor | None]:
        """What to read after a page of a list, and how far back the list is read; `dates` are those of what only this page shows."""
        pages = self._cursors.pages(task, lambda: None)
        first = pages.grew and read.known == 0 and pages.before is None
        known = [date for date in dates if date is not None]
        further, cursor = self._cursors.after(
            task, read.fetch, page, newest_of(dates), min(known, default=None), first=first
        )
        return [new for task in further for new in self._hand_out(task)], cursor

    def _room(self, task: ListingTask) -> bool:
        """Whether the edition may have another sitemap; counts it."""
        if self._sitemaps[task.edition.name] >= SITEMAPS:
            self._warn(f"edition {task.edition.name}: more than {SITEMAPS} sitemaps; the rest was left")
            return False
        self._sitemaps[task.edition.name] += 1
        return True

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)

    def _adds_nothing(self, task: ListingTask, read: ListingRead, page: ListingPage | None) -> bool:
        """Whether the document counts as a miss of a series, as a 404 does: not a sitemap, or a repetition of an earlier number.

        Without this, sites that answer every number with a page, or with the same sitemap, would be read without end.
        """
        if page is None or read.fetch.outcome is not FetchOutcome.OK:
            return False
        if not page.leads and not page.children:
            return True
        mark = (
            f"{task.edition.name} {task.series or ''}",
            read.fetch.captures[-1].ref.digest if read.fetch.captures else task.url,
        )
        again = mark in self._seen
        self._seen.add(mark)
        return again

    def _series(self, task: ListingTask, *, force: bool = False) -> Iterator[ListingTask]:
        """The next number worth a request; skips old ones that no longer change, and ends that were found today."""
        while task.misses < MISSES_AT_END:
            state = self.state(task)
            if force or listing_due(state, self._now):
                if self._room(task):
                    yield from self._hand_out(task)
                return
            assert state is not None
            task = _following(task, missed=listing_missed(state))

    def _hand_out(self, task: ListingTask) -> Iterator[ListingTask]:
        # By edition: languages that share a host may share a sitemap, and each takes its own from it.
        if (task.edition.name, task.listed_as) not in self._handed_out:
            self._handed_out.add((task.edition.name, task.listed_as))
            yield task


def outside(address: str, dates: Dates, zone: tzinfo) -> bool:
    """Whether a sitemap can hold nothing of the time asked for: it is of another month or day by its name."""
    span = span_of(address, zone)
    if span is None or (dates.since is None and dates.until is None):
        return False
    began, ended = span[0] - SLACK, span[1] + SLACK
    return (dates.since is not None and ended <= dates.since) or (
        dates.until is not None and began >= dates.until
    )


def known_before(keys: Sequence[str], statuses: Mapping[str, AddressStatus]) -> tuple[int, int]:
    """(articles the archive had before, addresses that are new to it) among the keys of a listing."""
    known = sum(1 for key in keys if key in statuses and statuses[key].article_id is not None)
    return known, sum(1 for key in keys if key not in statuses)


def _following(task: ListingTask, *, missed: bool) -> ListingTask:
    assert task.series is not None
    number = task.number + 1
    return replace(
        task,
        url=task.edition.address(task.series.format(n=number)),
        number=number,
        misses=task.misses + 1 if missed else 0,
    )
