"""How a list says that it goes on: the addresses of its older pages and of its days. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode, urljoin

from newscrawl.errors import UsageError
from newscrawl.urls import host_of, is_private_host


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of articles and how it goes on; a bare path stands for a list that goes on by its own "next" links.

    `more` is the address of page n, with `{n}` counted from `first` ("/news/page/{n}/", or what a "load more"
    button asks for, answered with HTML or with JSON that holds HTML); with `form` it is asked by POST with these
    fields. Addresses and fields may hold `{n}` and `{day:%d.%m.%Y}`, the oldest day shown so far. `days` is the list
    of one day ("/news/{day:%Y/%m/%d}/"). `browser` says that the list is drawn by scripts and needs the `browser` extra;
    `scripts_from` names other hosts its scripts and their data may come from.
    Raises UsageError for braces that mean nothing, and for hosts that are no public ones.
    """

    path: str
    more: str | None = None
    first: int = 2
    form: tuple[tuple[str, str], ...] = ()
    days: str | None = None
    browser: bool = False
    scripts_from: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for host in self.scripts_from:
            if not self.browser or is_private_host(host) or host_of(f"https://{host}/") != host:
                raise UsageError(
                    "not a host for scripts",
                    subject=repr(host),
                    hint='Write scripts_from=("cdn.example.com",) beside browser=True',
                )
        for written in filter(None, (self.more, self.days, *(value for _, value in self.form))):
            try:
                written.format(n=1, day=date(2000, 1, 1))
            except (LookupError, ValueError, AttributeError) as error:
                raise UsageError(
                    "not an address of older pages", subject=written, hint="Write {n} or {day:%Y/%m/%d} in it"
                ) from error

    @property
    def by_day(self) -> bool:
        """Whether older pages are asked for by the day, not by number."""
        return any("{day" in written for written in (self.more or "", *(value for _, value in self.form)))

    def drawn(self, depth: int) -> bool:
        """Whether the page `depth` pages behind a first one must be drawn by a browser: not where `more` asks the site itself."""
        return self.browser and (depth == 0 or self.more is None)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list as it is asked for; with `form` by POST."""

    url: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What the archive calls the page: its address, and behind "#" the fields, which are part of what was asked."""
        return f"{self.url}#{urlencode(self.form)}" if self.form else self.url


def older(listing: Listing, base: str, depth: int, day: date | None) -> Page | None:
    """The page `depth` pages behind the first (1: the one after it), `day` being the oldest day shown so far.

    None for a list that does not say how it goes on, and where a day is asked for and none is known.
    """
    if listing.more is None or (listing.by_day and day is None):
        return None
    number = listing.first + depth - 1
    form = tuple((name, value.format(n=number, day=day)) for name, value in listing.form)
    return Page(urljoin(base + "/", listing.more.format(n=number, day=day)), form)


def day_page(listing: Listing, base: str, day: date) -> str:
    """The address of the list of one day. The list must have such."""
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
