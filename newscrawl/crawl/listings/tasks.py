"""Which listing addresses a run reads and what follows from each: series, sitemap indexes; older pages are walks.py's. Sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.listings.backfill_cursor import SLACK, Walks, newest_of
from newscrawl.crawl.listings.listing_pages import Task
from newscrawl.discover.address import day_in
from newscrawl.discover.feed import feed
from newscrawl.discover.listing import links
from newscrawl.discover.robots import named_sitemaps
from newscrawl.discover.sitemap import sitemap, span_of
from newscrawl.judge.recheck import listing_due, listing_missed
from newscrawl.model import (
    AddressStatus,
    Channel,
    Dates,
    FetchOutcome,
    Lead,
    ListingPage,
    ListingRead,
    ListingState,
    Walk,
)
from newscrawl.urls import host_of

__all__ = ["Listings", "Task", "known_before", "outside", "parse"]

# Bounds against sites that have no end: sitemaps of one edition, index within index.
SITEMAPS = 1000
INDEX_DEPTH = 3
ROBOTS = "/robots.txt"
# A numbered sitemap series ends after this many misses in a row: numbers may be skipped.
MISSES_AT_END = 3


class Listings:
    """The listing addresses of one run. Remembers which were given out, so that an index naming itself ends."""

    def __init__(
        self,
        states: Mapping[str, ListingState],
        now: datetime,
        *,
        zone: tzinfo = UTC,
        dates: Dates = Dates(),  # noqa: B008 - frozen
        wait: bool = False,
        robots: bool = False,
    ) -> None:
        self._states = states
        self._robots = robots
        self._now = now
        self._zone = zone
        self._dates = dates
        self.walks = Walks(states, now, zone, dates, wait=wait)
        self._given: set[tuple[str, str]] = set()
        self._shown: set[tuple[str, str]] = set()
        self._sitemaps: Counter[str] = Counter()  # by edition
        self.said: list[str] = self.walks.said
        self.skipped = 0  # sitemaps that can hold nothing of the time asked for

    def start(self, edition: Edition) -> Iterator[Task]:
        """The addresses a run of the edition starts with."""
        for path in edition.listings:
            listing = path if isinstance(path, Listing) else None
            yield from self._give(Task(edition, Channel.LISTING, edition.address(path), listing=listing))
        for path in edition.feeds:
            task = Task(edition, Channel.FEED, edition.address(path))
            if not self._never_offered(task):
                yield from self._give(task)
        for path in edition.sitemaps:
            yield from self._give(Task(edition, Channel.SITEMAP, edition.address(path)))
        if self._robots:
            yield from self._give(Task(edition, Channel.SITEMAP, edition.address(ROBOTS)))
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

        None where that it did not change would not say what it shows: for older pages, where they are to follow, and
        for what scripts draw into a page that stays the same.
        """
        whole = task.channel is Channel.LISTING and (
            task.root is not None or task.drawn or self.walks.whole(task)
        )
        return None if whole else self._states.get(task.listed_as)

    def after(self, task: Task, read: ListingRead, page: ListingPage | None, *, fresh: int) -> Iterator[Task]:
        """What to read after a feed or sitemap was read; `fresh` counts leads the archive has not met."""
        if task.series is not None:
            missed = read.fetch.outcome in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE) or self._adds_nothing(
                task, read, page
            )
            if missed or read.fetch.outcome in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED):
                yield from self._series(_following(task, missed=missed), force=bool(fresh))
        if page is None or task.channel is not Channel.SITEMAP or not page.children:
            return
        if task.depth >= INDEX_DEPTH:
            self._say(f"sitemap {task.url}: an index within {INDEX_DEPTH} others; its sitemaps were left")
            return
        for address in page.children:
            if host_of(address) not in task.edition.hosts:
                continue
            if outside(address, page.changed.get(address), self._dates, self._zone):
                self.skipped += 1
                continue
            child = Task(task.edition, Channel.SITEMAP, address, depth=task.depth + 1)
            if listing_due(self.state(child), self._now) and self._room(task):
                yield from self._give(child)

    def older(
        self,
        task: Task,
        read: ListingRead,
        page: ListingPage | None,
        *,
        dates: Sequence[datetime | None],
    ) -> tuple[list[Task], Walk | None]:
        """What to read after a page of a list, and how far back the list is read; `dates` are those of what only this page shows."""
        chain = self.walks.chain(task, lambda: None)
        first = chain.grew and read.known == 0 and chain.before is None
        known = [one for one in dates if one is not None]
        further, walk = self.walks.after(
            task, read.fetch, page, newest_of(dates), min(known, default=None), first=first
        )
        return [one for task in further for one in self._give(task)], walk

    def _room(self, task: Task) -> bool:
        """Whether the edition may have another sitemap; counts it."""
        if self._sitemaps[task.edition.name] >= SITEMAPS:
            self._say(f"edition {task.edition.name}: more than {SITEMAPS} sitemaps; the rest was left")
            return False
        self._sitemaps[task.edition.name] += 1
        return True

    def _say(self, text: str) -> None:
        if text not in self.said:
            self.said.append(text)

    def _adds_nothing(self, task: Task, read: ListingRead, page: ListingPage | None) -> bool:
        """Whether a document answered that ends a series as a 404 does: no sitemap at all, or one shown under another number.

        Sites that answer every number with a page, or with the same sitemap, would never come to an end.
        """
        if page is None or read.fetch.outcome is not FetchOutcome.OK:
            return False
        if not page.leads and not page.children:
            return True
        mark = (
            f"{task.edition.name} {task.series or ''}",
            read.fetch.captures[-1].ref.digest if read.fetch.captures else task.url,
        )
        again = mark in self._shown
        self._shown.add(mark)
        return again

    def _series(self, task: Task, *, force: bool = False) -> Iterator[Task]:
        """The next number worth a request. Old ones that stand still and ends that were found today are passed over."""
        while task.misses < MISSES_AT_END:
            state = self.state(task)
            if force or listing_due(state, self._now):
                if self._room(task):
                    yield from self._give(task)
                return
            assert state is not None
            task = _following(task, missed=listing_missed(state))

    def _give(self, task: Task) -> Iterator[Task]:
        # By edition: languages that share a host may share a sitemap, and each takes its own from it.
        if (task.edition.name, task.listed_as) not in self._given:
            self._given.add((task.edition.name, task.listed_as))
            yield task


def parse(
    task: Task,
    body: bytes,
    url: str,
    content_type: str | None,
    addresses: Addresses,
    *,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> ListingPage:
    """What a listing document shows, each channel by its own reader; only leads of the edition that may be articles.

    `zone` is the outlet's, for dates without one; `now` the instant of the fetch, for "today"; None: such dates stay unknown.
    """
    name = task.edition.name
    if task.channel is Channel.LISTING:
        page = links(
            body,
            url,
            content_type=content_type,
            is_article=lambda address: addresses.is_listed(address, name),
            zone=zone,
            now=now,
        )
    elif task.channel is Channel.FEED:
        page = feed(body, url, content_type=content_type)
    elif task.url.endswith(ROBOTS):
        page = named_sitemaps(body, url, content_type=content_type)
    else:
        page = sitemap(body, url, content_type=content_type)
    claimed = addresses.is_listed if task.channel is Channel.LISTING else addresses.is_claimed
    leads = (_dated(lead, zone, now) for lead in page.leads if claimed(lead.url, name))
    return replace(page, leads=tuple(leads))


def _dated(lead: Lead, zone: tzinfo, now: datetime | None) -> Lead:
    """The lead with the day its address names, where the listing gave no date of publication."""
    if lead.published is not None or now is None:
        return lead
    day = day_in(lead.url, zone, now)
    return replace(lead, published=day) if day is not None else lead


def outside(address: str, changed: datetime | None, dates: Dates, zone: tzinfo) -> bool:
    """Whether a sitemap can hold nothing of the time asked for: unchanged since, or of another month or day by its name."""
    if dates.since is not None and changed is not None and changed < dates.since - SLACK:
        return True
    span = span_of(address, zone)
    if span is None or (dates.since is None and dates.until is None):
        return False
    began, ended = span[0] - SLACK, span[1] + SLACK
    return (dates.since is not None and ended <= dates.since) or (
        dates.until is not None and began >= dates.until
    )


def known_before(keys: Sequence[str], statuses: Mapping[str, AddressStatus]) -> tuple[int, int]:
    """(articles the archive had before, addresses it has never met) among the keys of a listing."""
    known = sum(1 for key in keys if key in statuses and statuses[key].article_id is not None)
    return known, sum(1 for key in keys if key not in statuses)


def _following(task: Task, *, missed: bool) -> Task:
    assert task.series is not None
    number = task.number + 1
    return replace(
        task,
        url=task.edition.address(task.series.format(n=number)),
        number=number,
        misses=task.misses + 1 if missed else 0,
    )
