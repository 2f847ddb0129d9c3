"""One listing address to read, and the list it is a page of: what that shows, and whether it joins its last read. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.judge.coverage.joining import joins
from newscrawl.model import Channel, Entry, Fetch, FetchOutcome, ShownBefore, Walk

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

    `root` is the first page of the list, for an older page of it; `form` are the fields of a page asked
    by POST, `name` what the archive calls it. `day` is the day of a day's list. `waits` says that the page is worth
    reading only once it is known when the pieces of the page before were published.
    """

    edition: Edition
    channel: Channel
    url: str
    series: str | None = None
    number: int = 1
    misses: int = 0
    depth: int = 0
    root: str | None = None
    listing: Listing | None = None
    form: tuple[tuple[str, str], ...] = ()
    name: str = ""
    day: date | None = None
    waits: bool = False

    @property
    def listed_as(self) -> str:
        """What the archive calls the address."""
        return self.name or self.url

    @property
    def drawn(self) -> bool:
        """Whether a browser must draw the page."""
        return self.listing is not None and self.listing.drawn(self.depth)


@dataclass(slots=True)
class Chain:
    """A list with its older pages as this run reads them: what it showed before, what it shows now, whether that joins.

    `walk` is how far back the list was read, by earlier runs and then by this one.
    """

    before: ShownBefore | None
    walk: Walk | None = None
    shown: list[Entry] = field(default_factory=list)
    joined: bool | None = None  # None: nothing to join, or nothing read yet
    grew: bool = True  # the last page showed something that the pages before did not
    met: set[str] = field(default_factory=set)  # keys of all that its pages showed
    gapless: bool = True  # every page from the first on was read in this run
    pages: int = 0  # read in this run

    def own(self, keys: Sequence[str]) -> set[str]:
        """Those of a page's keys that no page of the list showed before; they are met now."""
        fresh = {key for key in keys if key not in self.met}
        self.met |= fresh
        self.grew = bool(fresh)
        return fresh

    def add(self, fetch: Fetch, entries: Sequence[Entry]) -> bool | None:
        """Takes the next page; whether the list joins its last read with it. None: said already, or nothing to say yet."""
        if self.before is None or self.joined:
            return None
        if fetch.outcome is FetchOutcome.NOT_MODIFIED:
            self.joined = True
        elif fetch.outcome is FetchOutcome.OK:
            self.shown += entries
            self.joined = joins(self.before, self.shown)
        elif not self.shown:
            return None  # the first page failed: no read
        else:
            self.grew = False
            if fetch.outcome in PASSING and fetch.at - self.before.at < PATIENCE:
                return None  # the next run compares with the same read again, and tries the older page again
        return self.joined
