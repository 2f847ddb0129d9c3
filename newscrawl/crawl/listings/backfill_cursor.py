"""How far back a list is read: until it joins its last read; with `since` back to that day, going on where an earlier run stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from newscrawl.crawl.listings.listing_pages import ListingPages
from newscrawl.crawl.listings.older_pages import day_page, days_back, older
from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.model import (
    BackfillCursor,
    Channel,
    Dates,
    Fetch,
    FetchOutcome,
    ListingPage,
    ListingState,
    ShownBefore,
)
from newscrawl.urls import host_of

# Bounds against lists without an end: pages of one list, pages of one day.
PAGES = 30
PAGES_BACK = 1000  # with `since`: as far back as asked
PAGES_OF_A_DAY = 50
# So many days in a row without anything new mean that there are no lists of days (or none any more).
QUIET_DAYS = 30
# A date in a list may be a bare day, or in a wrong zone.
SLACK = timedelta(days=1)


@dataclass(slots=True)
class _Days:
    """The lists of the days of one list: those still to read, and how many in a row showed nothing new."""

    left: Iterator[tuple[date, datetime]]
    quiet: int = 0


class BackfillCursors:
    """Decides after each page of a list which older pages to read, and keeps how far back each list was read.

    Without `since` pages are read until the list joins its last read, at most PAGES. With it, they are
    read back to that day, each of them once: a later run reads the first pages until they join, and then goes on
    where this one stopped. The list of a day is read again only if it was read before the day was over.
    """

    def __init__(
        self,
        states: Mapping[str, ListingState],
        now: datetime,
        zone: tzinfo,
        dates: Dates,
        warnings: list[str],
        *,
        wait: bool = False,
    ) -> None:
        self._states = states
        self._now = now
        self._zone = zone
        self._dates = dates
        self._wait = wait
        self._warnings = warnings  # what was left because of a bound
        # By the address of the first page, and whether by days.
        self._pages: dict[tuple[str, bool], ListingPages] = {}
        self._days: dict[str, _Days] = {}
        # Of each list still read further back: down to which date it was read.
        self.reached: dict[str, datetime] = {}

    @property
    def far_back(self) -> bool:
        """Whether the run was asked for a time in the past."""
        return self._dates.since is not None

    def pages(self, task: ListingTask, before: Callable[[], ShownBefore | None]) -> ListingPages:
        """The pages of the list that the task belongs to; `before` is called once, for the first page."""
        root = task.first_page
        # The lists of days are a list of their own: an article that the front page shows today is new there.
        key = root, task.day is not None
        if key not in self._pages:
            state = self._states.get(root)
            cursor = state.backfill if state is not None else None
            self._pages[key] = ListingPages(None) if task.day is not None else ListingPages(before(), cursor)
        return self._pages[key]

    def needs_full_read(self, task: ListingTask) -> bool:
        """Whether a list's first page must be fetched even if it has not changed: its links lead to the older ones."""
        state = self._states.get(task.url)
        return self.far_back and not _by_days(task, self._dates) and (state is None or state.backfill is None)

    def days(self, task: ListingTask) -> Iterator[ListingTask]:
        """With `since`, the latest day of a list that has lists of days and was not read since it ended."""
        if not _by_days(task, self._dates):
            return
        assert task.listing is not None
        assert self._dates.since is not None
        root = task.first_page
        left = days_back(self._dates.since, self._dates.until, self._now, self._zone)
        days = self._days.setdefault(root, _Days(left))
        for day, end in days.left:
            address = day_page(task.listing, task.edition.base, day)
            if not self._was_read(address, end):
                yield ListingTask(
                    task.edition, Channel.LISTING, address, root=root, listing=task.listing, day=day
                )
                return

    def after(
        self,
        task: ListingTask,
        fetch: Fetch,
        page: ListingPage | None,
        newest: datetime | None,
        oldest: datetime | None,
        *,
        first: bool,
    ) -> tuple[list[ListingTask], BackfillCursor | None]:
        """What to read after a page of a list, and how far back the list is read now.

        `newest` and `oldest` are dates of what only this page showed; `first` says that the list was
        never read before and shows nothing known: then some older pages are read.
        """
        root = task.first_page
        self.reached.pop(root, None)
        further, cursor = self._after_page(task, fetch, page, newest, oldest, first=first)
        if task.day is not None:
            newest = datetime(task.day.year, task.day.month, task.day.day, tzinfo=self._zone)
        if self.far_back and further and newest is not None:
            self.reached[root] = newest
        return further, cursor

    def _after_page(
        self,
        task: ListingTask,
        fetch: Fetch,
        page: ListingPage | None,
        newest: datetime | None,
        oldest: datetime | None,
        *,
        first: bool,
    ) -> tuple[list[ListingTask], BackfillCursor | None]:
        if task.day is not None:
            return self._after_day(task, fetch, page)
        pages = self._pages[task.first_page, False]
        days = list(self.days(task)) if task.depth == 0 and not fetch.outcome.is_temporary else []
        if not fetch.outcome.is_good:
            ended = self.far_back and task.depth > 0 and fetch.outcome.is_missing and pages.gapless
            return days, self._ended_early(pages, pages.cursor) if ended else None
        depth, cursor = task.depth + 1, pages.cursor
        pages.count += 1
        following = self._next_page(task, page, depth, oldest)
        behind = BackfillCursor(task.first_page, depth, following.listed_as if following else None, newest)
        unjoined = pages.joined is False
        if pages.count >= (PAGES_BACK if self.far_back else PAGES):
            if self.far_back and following is not None:
                self._warnings.append(
                    f"listing {behind.root}: {PAGES_BACK} pages read; the rest is left to the next run"
                )
            elif following is not None and (first or unjoined):
                self._warnings.append(
                    f"listing {behind.root}: {PAGES} pages read; what is older is left: a run with `since` reads it"
                )
            return days, self._kept(pages, None, behind)[1]
        if unjoined or not self.far_back or _by_days(task, self._dates):
            goes_on = pages.grew if unjoined else first and not self.far_back
            further, behind_now = self._kept(
                pages, following if goes_on else None, behind if task.depth else None
            )
            return further + days, behind_now
        if pages.gapless and cursor is not None and cursor.depth >= depth:
            return self._resumed(task, pages, cursor)
        if not pages.grew:  # the end of the list, or a page shown again
            return [], self._ended_early(pages, pages.cursor) if pages.gapless else None
        if newest is not None and self._too_old(newest):
            return self._kept(pages, None, behind)
        if following is None:
            return [], self._ended_early(pages, self._kept(pages, None, behind)[1])
        if newest is None or self._wait:
            following = replace(following, waits=True)
        return self._kept(pages, following, behind)

    def _ended_early(self, pages: ListingPages, cursor: BackfillCursor | None) -> BackfillCursor | None:
        """The cursor of a list that has no more pages, although the date asked for was not reached; None where it had been."""
        if cursor is None or (cursor.reached is not None and self._too_old(cursor.reached)):
            return None
        pages.cursor = replace(cursor, short_of=self._dates.since)
        return pages.cursor

    def too_old(self, dates: Sequence[datetime | None]) -> bool:
        """Whether a page with articles of these dates lies before `since`; False where most have no date."""
        newest = newest_of(dates)
        return newest is not None and self._too_old(newest)

    def _too_old(self, newest: datetime) -> bool:
        return self._dates.since is not None and newest < self._dates.since - SLACK

    def _kept(
        self, pages: ListingPages, following: ListingTask | None, cursor: BackfillCursor | None
    ) -> tuple[list[ListingTask], BackfillCursor | None]:
        further = [following] if following is not None else []
        if cursor is None or (
            pages.gapless and pages.cursor is not None and pages.cursor.depth >= cursor.depth
        ):
            return further, None  # an earlier run has been further back
        if cursor.reached is None and pages.cursor is not None:
            cursor = replace(cursor, reached=pages.cursor.reached)
        pages.cursor = cursor
        return further, cursor

    def _resumed(
        self, task: ListingTask, pages: ListingPages, cursor: BackfillCursor
    ) -> tuple[list[ListingTask], None]:
        """The page from which to go on: one before the end of an earlier run, as entries may have been removed since."""
        pages.gapless = False
        if cursor.next is None or (cursor.reached is not None and self._too_old(cursor.reached)):
            return [], None
        address, depth = task.edition.here(cursor.next), cursor.depth
        root = task.first_page
        if task.listing is not None and task.listing.more is not None:
            depth = max(task.depth + 1, depth - 1)
            following = self._page(task, depth, cursor.reached)
            return [following] if following is not None else [], None
        if host_of(address) not in task.edition.hosts:
            return [], None
        return [
            ListingTask(task.edition, Channel.LISTING, address, depth=depth, root=root, listing=task.listing)
        ], None

    def _next_page(
        self, task: ListingTask, page: ListingPage | None, depth: int, oldest: datetime | None
    ) -> ListingTask | None:
        """The page after this one: by the source's `more`, else by the page's own links."""
        if task.listing is not None and task.listing.more is not None:
            return self._page(task, depth, oldest)
        root = task.first_page
        for address in page.next_pages if page is not None else ():
            if host_of(address) in task.edition.hosts and address not in (root, task.url):
                return replace(task, url=address, name="", form=(), depth=depth, root=root)
        return None

    def _page(self, task: ListingTask, depth: int, oldest: datetime | None) -> ListingTask | None:
        assert task.listing is not None
        day = oldest.astimezone(self._zone).date() if oldest is not None else None
        asked = older(task.listing, task.edition.base, depth, day)
        if asked is not None and asked.name == task.listed_as and day is not None:
            asked = older(task.listing, task.edition.base, depth, day - timedelta(days=1))
        if asked is None or host_of(asked.url) not in task.edition.hosts:
            return None
        root = task.first_page
        return replace(task, url=asked.url, form=asked.form, name=asked.name, depth=depth, root=root)

    # --- lists of days ---

    def _was_read(self, address: str, end: datetime) -> bool:
        state = self._states.get(address)
        if (
            state is None
            or state.last_read is None
            or (state.backfill is not None and state.backfill.next is not None)
        ):
            return False
        outcome = FetchOutcome(state.outcome) if state.outcome else None
        answered = outcome is not None and (outcome.is_good or outcome.is_missing)
        return state.last_read >= end + SLACK and answered

    def _after_day(
        self, task: ListingTask, fetch: Fetch, page: ListingPage | None
    ) -> tuple[list[ListingTask], BackfillCursor | None]:
        """The day's next page; else the day before, unless many days in a row showed nothing new."""
        root = task.first_page
        assert task.day is not None
        assert task.listing is not None
        pages, days = self._pages[root, True], self._days[root]
        first = day_page(task.listing, task.edition.base, task.day)
        grew = fetch.outcome is FetchOutcome.OK and pages.grew
        if grew and task.depth + 1 < PAGES_OF_A_DAY:
            plain = replace(task, listing=None)
            following = self._next_page(plain, page, task.depth + 1, None)
            if following is not None:
                further = replace(following, listing=task.listing, root=root)
                return [further], BackfillCursor(first, further.depth, further.url)
        if task.depth == 0:
            days.quiet = 0 if grew or fetch.outcome.is_temporary else days.quiet + 1
        if days.quiet >= QUIET_DAYS:
            self._warnings.append(
                f"listing {root}: {QUIET_DAYS} days in a row showed nothing new; not read further back than {task.day}"
            )
            return [], None
        return list(self.days(task)), BackfillCursor(first, task.depth + 1, None) if task.depth else None


def newest_of(dates: Sequence[datetime | None]) -> datetime | None:
    """The newest of these dates; None where most are unknown: the page does not tell its age then."""
    known = [one for one in dates if one is not None]
    return max(known) if 2 * len(known) >= len(dates) and known else None


def _by_days(task: ListingTask, dates: Dates) -> bool:
    return dates.since is not None and task.listing is not None and task.listing.days is not None
