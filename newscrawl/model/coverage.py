"""What reads of listings prove and what may have been missed. Values only: frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newscrawl.model.discovery import Channel


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a listing, as far as the archive knows it.

    `key` names the piece; `met` is when the archive first met its address (None: never before);
    `published` is the latest instant at which it can have been published, by its page or the listing.
    """

    key: str
    met: datetime | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownBefore:
    """What a list showed at the last read that counts: when, and its entries in their order."""

    at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RootRead:
    """One read of the first page of a list, a feed or a sitemap of an edition.

    `root` names the list whatever the host it was read from; `good` says that it showed something
    or had not changed; `joined` is None at the first read and where it cannot be said yet.
    """

    run: int
    at: datetime
    channel: Channel
    root: str
    good: bool
    joined: bool | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A piece at one end of a doubtful time, with the first and last moment a sitemap is known to have named it."""

    key: str
    sitemap_first: datetime | None = None
    sitemap_last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unjoined:
    """A read that does not join the one before: the time between them is in doubt.

    `runs` are the runs of the two reads; `pending` says that the run ended before older pages were read.
    """

    channel: Channel
    root: str
    runs: tuple[int, int]
    began: datetime
    ended: datetime
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a doubtful time: the newest pieces of the read before, the oldest new ones of the read after."""

    before: tuple[Named, ...]
    after: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of the pieces at the ends one list showed in one run, its older pages included."""

    run: int
    at: datetime
    channel: Channel
    root: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Closing:
    """What proved that nothing was missed, and when."""

    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which articles may have been missed: between two reads, in UTC.

    `kind` is "gap" or "outage"; `open` is false once something proved that nothing was missed:
    `closed_by` a channel at `closed_at`. `source` and `edition` are filled in by the store.
    """

    began: datetime
    ended: datetime
    reason: str
    open: bool
    kind: str = "gap"
    closed_by: Channel | None = None
    closed_at: datetime | None = None
    source: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """How one channel of an edition stands: its last read and its last good one, and how many reads failed."""

    channel: Channel
    url: str
    last_read: datetime
    last_good: datetime | None
    outcome: str
    reads: int
    failed: int


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """What an edition's archive covers.

    `since` is the first good read. `announced` counts every address listings named, `archived`
    those that became articles, `waiting` those still to be fetched, `never_fetched` those of them that a sitemap
    names; `refused` says of the others why not, as (what, reason, how many), the most frequent first.
    """

    source: str
    edition: str
    since: datetime | None
    channels: tuple[ChannelRecord, ...]
    announced: int
    archived: int
    waiting: int
    never_fetched: int
    refused: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DayRecord:
    """One day of an edition in the outlet's zone (ISO date; None: no date known): addresses announced for it, and archived ones."""

    source: str
    edition: str
    day: str | None
    announced: int
    archived: int
