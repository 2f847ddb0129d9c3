"""The pages of one list as a run reads them: what they showed, and whether they join the list's last read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from newscrawl.judge.coverage.joining import joins
from newscrawl.model import BackfillCursor, Entry, Fetch, FetchOutcome, ShownBefore

# How long an older page that does not answer is tried again before the list counts as not joined.
RETRIED_FOR = timedelta(days=1)


@dataclass(slots=True)
class ListingPages:
    """A list with its older pages: what it showed before, what it shows now, and whether the two join.

    `cursor` is how far back the list was read, by earlier runs and then by this one.
    """

    before: ShownBefore | None
    cursor: BackfillCursor | None = None
    shown: list[Entry] = field(default_factory=list)
    joined: bool | None = None  # None: nothing to join, or nothing read yet
    grew: bool = True  # the last page showed something that the pages before did not
    seen: set[str] = field(default_factory=set)  # keys of everything its pages showed
    gapless: bool = True  # every page from the first on was read in this run
    count: int = 0  # pages read in this run

    def new_on_page(self, keys: Sequence[str]) -> set[str]:
        """Those of a page's keys that no page of the list showed before; they count as seen from now on."""
        fresh = {key for key in keys if key not in self.seen}
        self.seen |= fresh
        self.grew = bool(fresh)
        return fresh

    def add(self, fetch: Fetch, entries: Sequence[Entry]) -> bool | None:
        """Takes the next page; whether the list joins its last read with it. None: known already, or not known yet."""
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
            if fetch.outcome.is_temporary and fetch.at - self.before.at < RETRIED_FOR:
                return None  # the next run compares with the same read again, and tries the older page again
        return self.joined
