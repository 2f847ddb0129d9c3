"""Addresses of the older pages of a list, and of the lists of its days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode, urljoin

from newscrawl.crawl.editions import Listing


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list as it is requested; with `form` by POST."""

    url: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What the archive calls the page: its address, and behind "#" the fields of the POST."""
        return f"{self.url}#{urlencode(self.form)}" if self.form else self.url


def older(listing: Listing, base: str, depth: int, day: date | None) -> Page | None:
    """The page `depth` pages behind the first (1: the one after it), `day` being the oldest day shown so far.

    None for a list that does not say how it goes on, and where a day is needed and none is known.
    """
    if listing.more is None or (listing.by_day and day is None):
        return None
    number = listing.first + depth - 1
    form = tuple((name, value.format(n=number, day=day)) for name, value in listing.form)
    return Page(urljoin(base + "/", listing.more.format(n=number, day=day)), form)


def day_page(listing: Listing, base: str, day: date) -> str:
    """The address of the list of one day, of a list with `days`."""
    assert listing.days is not None
    return urljoin(base + "/", listing.days.format(day=day))


def days_back(
    since: datetime, until: datetime | None, now: datetime, zone: tzinfo
) -> Iterator[tuple[date, datetime]]:
    """The days of an outlet from the last one before `until` (or today) back to that of `since`, each with its end."""
    last = min(now, until - timedelta(microseconds=1)) if until is not None else now
    day, first = last.astimezone(zone).date(), since.astimezone(zone).date()
    while day >= first:
        after = day + timedelta(days=1)
        yield day, datetime(after.year, after.month, after.day, tzinfo=zone)
        day -= timedelta(days=1)
