"""What reads of listings show, and gaps in which articles may have been missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from newscrawl.model.discovery import Channel, EntryOutcome
from newscrawl.model.runs import Redesign


@dataclass(frozen=True, slots=True)
class Entry:
    """What the archive knows of one entry of a listing.

    `key` names the article or lead; `met` is when the archive first saw its address (None: it is new);
    `published` is the latest instant at which it can have been published, by its page or the listing.
    """

    key: str
    met: datetime | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownBefore:
    """What a list showed at an earlier read: when, and its entries in their order."""

    at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article in a list, and when it was published (None: not known)."""

    article: int
    published: datetime | None


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a good read of a list shows beside what the list showed before, both in their order.

    `left` are the articles that had left it earlier, and that no list has named since.
    """

    listing: int
    at: datetime
    before: tuple[ListedArticle, ...]
    now: tuple[ListedArticle, ...]
    left: tuple[ListedArticle, ...] = ()


@dataclass(frozen=True, slots=True)
class RootRead:
    """One read of the first page of a list, a feed or a sitemap of an edition.

    `root` names the list without its host; `good` says that it showed entries or had not changed; `joined` is
    None at the first read and while it is not known yet.
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
    """An article at one end of an unjoined interval, and the first and last moment a sitemap named it."""

    key: str
    sitemap_first: datetime | None = None
    sitemap_last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unjoined:
    """An interval between two reads of a list that do not join: articles may have been missed in it.

    `runs` are the runs of the two reads; `pending` says that the run ended before older pages were read;
    `unmodified` counts the reads between that were only answered "not modified".
    """

    channel: Channel
    root: str
    runs: tuple[int, int]
    began: datetime
    ended: datetime
    pending: bool = False
    unmodified: int = 0


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of an unjoined interval: the newest articles of the earlier read, the oldest new ones of the later."""

    before: tuple[Named, ...]
    after: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of the articles at the ends one list showed in one run, its older pages included."""

    run: int
    at: datetime
    channel: Channel
    root: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Closing:
    """The channel that proved that nothing was missed, and when."""

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
class EditionDays:
    """The articles of an edition by day of publication in UTC, and its addresses that are no articles.

    `waiting` are still to be fetched, `settled` were found to be something else, or nothing.
    """

    source: str
    edition: str
    days: Mapping[date, int]
    waiting: int
    settled: int


@dataclass(frozen=True, slots=True)
class CaughtHost:
    """A host whose validators called a changed page not modified, in one edition: its "not modified" (304) proves nothing.

    `first`, `last` and `times` are when and how often it was caught, `url` where last.
    """

    edition: str
    host: str
    first: datetime
    last: datetime
    times: int
    url: str


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """The state of one channel of an edition: its last read, its last good one, and how many reads failed.

    `last_full` is the last read that brought the document: at a later good one the server only said "not modified".
    """

    channel: Channel
    url: str
    last_read: datetime
    last_good: datetime | None
    outcome: str
    reads: int
    failed: int
    last_full: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Addresses with one verdict for one reason: how many, and the first few."""

    outcome: str
    reason: str
    number: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadChannels:
    """Channels of one kind whose last read failed in one way, or gave less than the document has: how many, the first few."""

    channel: Channel
    outcome: str
    reason: str
    number: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftEntries:
    """Entries of channels that are not followed, for one reason: how many, since when, and the first few."""

    outcome: EntryOutcome
    number: int
    since: datetime | None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelEntries:
    """The entries of all channels of one kind at their last reads: as many are `named` as taken and left together.

    Of blocks, which are read with every article, those of the last run that read any.
    """

    channel: Channel
    named: int
    taken: int
    left: tuple[LeftEntries, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """What an edition's archive covers.

    `since` is the first good read. `announced` counts every address listings named, `archived`
    those that became articles, `waiting` those still to be fetched, and `never_fetched` those of the latter that
    a sitemap names and no run has tried. `tried` gives the reasons for those that were tried and wait (robots.txt, an
    outage, the dates asked for), `settled` for all that neither became articles nor wait, the most frequent first.
    `entries` says what became of the entries that the channels named when they were last read, `older` the same of
    the older pages of lists, which largely show the same again. `caught` are hosts of
    its channels or articles whose validators lied. `unread` are channels whose last read gave nothing, or not all. `redesigns` are those of its source, oldest first.
    """

    source: str
    edition: str
    since: datetime | None
    channels: tuple[ChannelRecord, ...]
    announced: int
    archived: int
    waiting: int
    never_fetched: int
    tried: tuple[Settled, ...] = ()
    settled: tuple[Settled, ...] = ()
    entries: tuple[ChannelEntries, ...] = ()
    caught: tuple[CaughtHost, ...] = ()
    redesigns: tuple[Redesign, ...] = ()
    older: tuple[ChannelEntries, ...] = ()
    unread: tuple[UnreadChannels, ...] = ()

    @property
    def last_read(self) -> datetime | None:
        """The last read of any of its channels."""
        return max((channel.last_read for channel in self.channels), default=None)


@dataclass(frozen=True, slots=True)
class DayRecord:
    """One day of an edition: how many addresses were announced for it, and how many of them archived.

    `day` is an ISO date in the outlet's zone; None: no date known.
    """

    source: str
    edition: str
    day: str | None
    announced: int
    archived: int
