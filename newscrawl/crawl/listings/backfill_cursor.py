"""How far a list is read: older pages until it joins its last read, with `since` back to that day, and from where an earlier run stopped. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from newscrawl.crawl.listings.listing_pages import PASSING, Chain, Task
from newscrawl.crawl.listings.paging import day_page, days_back, older
from newscrawl.model import (
    Channel,
    Dates,
    Fetch,
    FetchOutcome,
    ListingPage,
    ListingState,
    ShownBefore,
    Walk,
)
from newscrawl.urls import host_of

# Bounds against lists that have no end: pages of one list, pages of one day.
PAGES = 10
PAGES_BACK = 1000  # with `since`: as far back as asked
PAGES_OF_A_DAY = 50
# So many days in a row without anything new mean that there are no lists of days (or none any more).
QUIET_DAYS = 30
# A date in a list may be a bare day, or in a wrong zone.
SLACK = timedelta(days=1)

_GOOD = (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED)


@dataclass(slots=True)
class _Days:
    """The lists of the days of one list, as far as they are read: what is left of them, and how many showed nothing new."""

    left: Iterator[tuple[date, datetime]]
    quiet: int = 0


class Walks:
    """The older pages of an edition's lists in one run.

    Without `since` pages are read until the list joins its last read, at most PAGES. With it, they are
    read back to that day, each of them once: a later run reads the first pages until they join, and then goes on
    where this one stopped. Days read after they were over are not read again.
    """

    def __init__(
        self,
        states: Mapping[str, ListingState],
        now: datetime,
        zone: tzinfo,
        dates: Dates,
        *,
        wait: bool = False,
    ) -> None:
        self._states = states
        self._now = now
        self._zone = zone
        self._dates = dates
        self._wait = wait
        self._chains: dict[
            tuple[str, bool], Chain
        ] = {}  # by the address of the first page, and whether by days
        self._days: dict[str, _Days] = {}
        self.said: list[str] = []  # what was left because of a bound
        self.reached: dict[
            str, datetime
        ] = {}  # of each list still read further back: down to when it was read

    @property
    def far_back(self) -> bool:
        """Whether the run was asked for a time in the past."""
        return self._dates.since is not None

    def chain(self, task: Task, before: Callable[[], ShownBefore | None]) -> Chain:
        """The list that the task is a page of; `before` is asked once, for the first page."""
        root = task.root or task.listed_as
        # The lists of days are a list of their own: what the front page shows today is no repetition there.
        key = root, task.day is not None
        if key not in self._chains:
            state = self._states.get(root)
            walk = state.walk if state is not None else None
            self._chains[key] = Chain(None) if task.day is not None else Chain(before(), walk)
        return self._chains[key]

    def whole(self, task: Task) -> bool:
        """Whether a list's first page must be read in full, and not only if it changed: its links lead to the older ones."""
        state = self._states.get(task.url)
        return self.far_back and not _by_days(task, self._dates) and (state is None or state.walk is None)

    def days(self, task: Task) -> Iterator[Task]:
        """With `since`, the latest day of a list that has lists of days and was not read since it ended."""
        if not _by_days(task, self._dates):
            return
        assert task.listing is not None
        assert self._dates.since is not None
        root = task.root or task.listed_as
        left = days_back(self._dates.since, self._dates.until, self._now, self._zone)
        days = self._days.setdefault(root, _Days(left))
        for day, end in days.left:
            address = day_page(task.listing, task.edition.base, day)
            if not self._was_read(address, end):
                yield Task(task.edition, Channel.LISTING, address, root=root, listing=task.listing, day=day)
                return

    def after(
        self,
        task: Task,
        fetch: Fetch,
        page: ListingPage | None,
        newest: datetime | None,
        oldest: datetime | None,
        *,
        first: bool,
    ) -> tuple[list[Task], Walk | None]:
        """What to read after a page of a list, and how far back the list is read now.

        `newest` and `oldest` are dates of what only this page showed; `first` says that the list was
        never read before and shows nothing known: then some of its past is fetched.
        """
        root = task.root or task.listed_as
        self.reached.pop(root, None)
        further, walk = self._after_page(task, fetch, page, newest, oldest, first=first)
        if task.day is not None:
            newest = datetime(task.day.year, task.day.month, task.day.day, tzinfo=self._zone)
        if self.far_back and further and newest is not None:
            self.reached[root] = newest
        return further, walk

    def _after_page(
        self,
        task: Task,
        fetch: Fetch,
        page: ListingPage | None,
        newest: datetime | None,
        oldest: datetime | None,
        *,
        first: bool,
    ) -> tuple[list[Task], Walk | None]:
        if task.day is not None:
            return self._after_day(task, fetch, page)
        chain = self._chains[task.root or task.listed_as, False]
        days = list(self.days(task)) if task.depth == 0 and fetch.outcome not in PASSING else []
        if fetch.outcome not in _GOOD:
            return days, None
        depth, walk = task.depth + 1, chain.walk
        chain.pages += 1
        following = self._following(task, page, depth, oldest)
        behind = Walk(task.root or task.listed_as, depth, following.listed_as if following else None, newest)
        unjoined = chain.joined is False
        if chain.pages >= (PAGES_BACK if self.far_back else PAGES):
            if self.far_back and following is not None:
                self.said.append(
                    f"listing {behind.root}: {PAGES_BACK} pages read; the rest is left to the next run"
                )
            return days, self._kept(chain, None, behind)[1]
        if unjoined or not self.far_back or _by_days(task, self._dates):
            goes_on = chain.grew if unjoined else first and not self.far_back
            further, behind_now = self._kept(
                chain, following if goes_on else None, behind if task.depth else None
            )
            return further + days, behind_now
        if chain.gapless and walk is not None and walk.depth >= depth:
            return self._resumed(task, chain, walk)
        if not chain.grew:
            return [], None  # the end of the list, or a page shown again
        if newest is not None and self._too_old(newest):
            return self._kept(chain, None, behind)
        if following is not None and (newest is None or self._wait):
            following = replace(following, waits=True)
        return self._kept(chain, following, behind)

    def too_old(self, dates: Sequence[datetime | None]) -> bool:
        """Whether a page with pieces of these dates lies before the time asked for; not where most have no date."""
        newest = newest_of(dates)
        return newest is not None and self._too_old(newest)

    def _too_old(self, newest: datetime) -> bool:
        return self._dates.since is not None and newest < self._dates.since - SLACK

    def _kept(
        self, chain: Chain, following: Task | None, walk: Walk | None
    ) -> tuple[list[Task], Walk | None]:
        further = [following] if following is not None else []
        if walk is None or (chain.gapless and chain.walk is not None and chain.walk.depth >= walk.depth):
            return further, None  # an earlier run has been further back
        if walk.reached is None and chain.walk is not None:
            walk = replace(walk, reached=chain.walk.reached)
        chain.walk = walk
        return further, walk

    def _resumed(self, task: Task, chain: Chain, walk: Walk) -> tuple[list[Task], None]:
        """On from where an earlier run stopped: one page before that, as entries may have been taken away since."""
        chain.gapless = False
        if walk.next is None or (walk.reached is not None and self._too_old(walk.reached)):
            return [], None
        address, depth = task.edition.here(walk.next), walk.depth
        root = task.root or task.listed_as
        if task.listing is not None and task.listing.more is not None:
            depth = max(task.depth + 1, depth - 1)
            following = self._page(task, depth, walk.reached)
            return [following] if following is not None else [], None
        if host_of(address) not in task.edition.hosts:
            return [], None
        return [
            Task(task.edition, Channel.LISTING, address, depth=depth, root=root, listing=task.listing)
        ], None

    def _following(
        self, task: Task, page: ListingPage | None, depth: int, oldest: datetime | None
    ) -> Task | None:
        """The page after this one: as the source says, else by the page's own links."""
        if task.listing is not None and task.listing.more is not None:
            return self._page(task, depth, oldest)
        root = task.root or task.listed_as
        for address in page.next_pages if page is not None else ():
            if host_of(address) in task.edition.hosts and address not in (root, task.url):
                return replace(task, url=address, name="", form=(), depth=depth, root=root)
        return None

    def _page(self, task: Task, depth: int, oldest: datetime | None) -> Task | None:
        assert task.listing is not None
        day = oldest.astimezone(self._zone).date() if oldest is not None else None
        asked = older(task.listing, task.edition.base, depth, day)
        if asked is not None and asked.name == task.listed_as and day is not None:
            asked = older(task.listing, task.edition.base, depth, day - timedelta(days=1))
        if asked is None or host_of(asked.url) not in task.edition.hosts:
            return None
        root = task.root or task.listed_as
        return replace(task, url=asked.url, form=asked.form, name=asked.name, depth=depth, root=root)

    # --- lists of days ---

    def _was_read(self, address: str, end: datetime) -> bool:
        state = self._states.get(address)
        if (
            state is None
            or state.last_read is None
            or (state.walk is not None and state.walk.next is not None)
        ):
            return False
        answered = (*_GOOD, FetchOutcome.NOT_FOUND, FetchOutcome.GONE)
        return state.last_read >= end + SLACK and state.outcome in answered

    def _after_day(
        self, task: Task, fetch: Fetch, page: ListingPage | None
    ) -> tuple[list[Task], Walk | None]:
        """The day's next page; else the day before, unless there have been none for long."""
        root = task.root or task.listed_as
        assert task.day is not None
        assert task.listing is not None
        chain, days = self._chains[root, True], self._days[root]
        first = day_page(task.listing, task.edition.base, task.day)
        grew = fetch.outcome is FetchOutcome.OK and chain.grew
        if grew and task.depth + 1 < PAGES_OF_A_DAY:
            plain = replace(task, listing=None)
            following = self._following(plain, page, task.depth + 1, None)
            if following is not None:
                further = replace(following, listing=task.listing, root=root)
                return [further], Walk(first, further.depth, further.url)
        if task.depth == 0:
            days.quiet = 0 if grew or fetch.outcome in PASSING else days.quiet + 1
        if days.quiet >= QUIET_DAYS:
            self.said.append(
                f"listing {root}: {QUIET_DAYS} days in a row showed nothing new; not read further back than {task.day}"
            )
            return [], None
        return list(self.days(task)), Walk(first, task.depth + 1, None) if task.depth else None


def newest_of(dates: Sequence[datetime | None]) -> datetime | None:
    """The newest of these dates; None where most are unknown: then the page does not say how old it is."""
    known = [one for one in dates if one is not None]
    return max(known) if 2 * len(known) >= len(dates) and known else None


def _by_days(task: Task, dates: Dates) -> bool:
    return dates.since is not None and task.listing is not None and task.listing.days is not None
