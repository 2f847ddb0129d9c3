"""Source health: the facts, the findings, and the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from newscrawl.errors import Exit
from newscrawl.model.coverage import CaughtHost, LeftEntries
from newscrawl.model.discovery import Channel
from newscrawl.model.reads import RunRecord


class Severity(StrEnum):
    """How urgent a finding is."""

    WARNING = "warning"  # look at it this week
    ERROR = "error"  # the archive is losing something now


class FindingKind(StrEnum):
    """What can be wrong (docs/health.md says what to do for each)."""

    NO_RUN = "no_run"  # no crawl for much longer than usual
    RUNS_FAILING = "runs_failing"  # crawls end with an error, one after the other
    RUNS_KILLED = "runs_killed"  # crawls do not finish
    RUNS_SLOW = "runs_slow"  # crawls take nearly as long as the schedule leaves
    CLOCK = "clock"  # instants that lie in the future or run backwards
    UNREACHABLE = "unreachable"  # no channel of an edition answers
    CHANNEL_DEAD = "channel_dead"  # a channel that worked fails
    LIST_EMPTY = "list_empty"  # a list or feed answers without entries
    CHANNEL_STALE = "channel_stale"  # a channel stays the same while articles appear elsewhere
    ENTRIES_LEFT = "entries_left"  # a channel names much that is not taken, or something new that is not
    LIST_OVERLAP = "list_overlap"  # reads do not join: the list changes faster than it is read
    BLOCKED = "blocked"  # most requests are refused
    OBSERVATIONS_FAILING = "looks_failing"  # more checks than usual fail
    PAGES_REFUSED = "pages_refused"  # more new pages than usual are not articles
    REDESIGN = "redesign"  # most articles came in another layout
    OBSERVATIONS_UNCONFIRMED = "looks_held"  # absences or odd pages while no control answered properly
    VOLUME_LOW = "volume_low"  # fewer articles than usual
    FIELD_MISSING = "field_missing"  # a field that articles had is missing
    BODY_LENGTH = "body_length"  # texts are suddenly much shorter or longer
    FALSE_VALIDATORS = "false_validators"  # a host's validators called a changed page not modified
    VOLATILE = "volatile"  # articles change at every check
    REMOVALS_BULK = "removals_bulk"  # many articles are gone at once
    ARTICLES_UNREADABLE = "articles_unreadable"  # some articles cannot be read for days, others can
    ABSENCES_UNCONFIRMED = "absences_unconfirmed"  # absent, and each time no control answered after it
    EDITION_UNREADABLE = "edition_unreadable"  # no article of an edition can be read for days
    PAGES_UNREAD = "pages_unread"  # articles on several pages, of which one is read
    RECHECKS_OVERDUE = "rechecks_overdue"  # more re-checks are late than a day's runs make
    DISK_FILLING = "disk_filling"  # the disk is full soon


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, for people (`line`) and for programs (the rest).

    `source` is "" for what concerns the whole archive (the disk); `edition` is None for what concerns a whole source.
    `kind` is a stable code. `subject` tells findings of one kind apart: a field, the address of a channel; "" where
    there can be only one. `since` is when it began, as far as the archive knows, in UTC.
    `measured` and `expected` are in the unit of the kind; `line` is plain text on one line that names source and edition.
    """

    source: str
    edition: str | None
    kind: FindingKind
    severity: Severity
    since: datetime | None
    line: str
    measured: float | None = None
    expected: float | None = None
    subject: str = ""

    @property
    def key(self) -> str:
        """Identifies the finding at every check, whatever its figures: "orda en field_missing authors"."""
        parts = (self.source or "-", self.edition or "-", self.kind.value, self.subject)
        return " ".join(part for part in parts if part)


# --- facts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunFact:
    """One crawl (not an import): its times, its end, and its verdicts by kind. `alive`: it is running now."""

    record: RunRecord
    counts: Mapping[str, int] = field(default_factory=dict)
    alive: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Which fields the first version of one article had. `at` is its publication, or the first check if unknown.

    `length` is that of the body in characters, `versions` how many the article has by now, `part` whether the page is one of
    several.
    """

    at: datetime
    title: bool
    authors: bool
    people: bool  # an author who is a person
    published: bool
    minute: bool  # to the minute or better
    images: bool
    language: str | None
    length: int
    versions: int = 1
    part: bool = False


@dataclass(frozen=True, slots=True)
class ChannelDay:
    """The reads of one channel on one day: how many, how many good, whether it changed, how many joined or not."""

    day: date
    reads: int
    good: int
    moved: bool
    joined: int = 0
    unjoined: int = 0


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One list, feed or sitemap. `bad_since` and `bad_reads` describe the failed reads since the last good one.

    `empty` says that the last read answered properly without entries; `outcome` is that of the last read. `entries`
    says what became of its entries at that read.
    """

    channel: Channel
    url: str
    last_read: datetime
    last_good: datetime | None
    outcome: str
    bad_since: datetime | None = None
    bad_reads: int = 0
    empty: bool = False
    days: tuple[ChannelDay, ...] = ()
    first_read: datetime | None = None
    entries: tuple[LeftEntries, ...] = ()


@dataclass(frozen=True, slots=True)
class Observations:
    """Counts of the observations of the last day of crawling."""

    total: int = 0
    blocked: int = 0  # 401, 403, 407, 429 or a challenge
    unconfirmed: int = 0  # no control answered properly


@dataclass(frozen=True, slots=True)
class Due:
    """Re-checks that are due: how many, how many of them a day late or more, and since when the oldest."""

    number: int = 0
    late: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnreadableFact:
    """An article that cannot be read: since when, in how many checks, and when and why not the last time.

    `absent` counts the runs whose check was a removal signal after which no control answered.
    """

    article: int
    since: datetime
    checks: int
    last: datetime
    reason: str
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The unreadable articles of an edition: how many there are now, and those that have been so for long, oldest first.

    `since` is set while nothing of the edition could be read; `last_seen` is when one of its articles last was.
    """

    number: int = 0
    lasting: tuple[UnreadableFact, ...] = ()
    since: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """The facts about one edition.

    `first_read` is its first read of a list; `hours` maps the beginning of an hour (UTC) to the articles of
    that hour, for the last weeks and for the same season of the year before; `absences` are the instants at which articles
    were found absent lately; `caught` are hosts whose validators were ever caught lying;
    `last_good` is when any of its channels last answered properly, however long ago.
    """

    edition: str
    first_read: datetime | None
    hours: Mapping[datetime, int] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()  # oldest first
    channels: tuple[ChannelFacts, ...] = ()
    observations: Observations = Observations()
    absences: tuple[datetime, ...] = ()
    articles: int = 0
    due: Due = Due()
    caught: tuple[CaughtHost, ...] = ()
    unreadable: Unreadable = Unreadable()
    last_good: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The facts about one source: its crawls of the last weeks, oldest first, and its editions."""

    source: str
    runs: tuple[RunFact, ...] = ()
    editions: tuple[EditionFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """The disk of the archive, in bytes. `days` is the size of the raw responses of each day."""

    free: int
    total: int
    warc: int
    database: int | None
    days: Mapping[date, int] = field(default_factory=dict)


# --- results -------------------------------------------------------------------------------------


class HealthStatus(StrEnum):
    """The health of a source in one word, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    TOO_EARLY = "too_early"  # nothing is wrong, and there is not enough history to say more
    OK = "ok"


@dataclass(frozen=True, slots=True)
class EditionHealth:
    """The figures of one edition.

    `day` and `week` are articles up to the last good read; the expected numbers come from its own history.
    """

    edition: str
    early: bool
    articles: int
    last_good: datetime | None
    day: int
    day_expected: float | None
    week: int
    week_expected: float | None
    filled: Mapping[str, float]  # share of the latest articles that have each field
    length: float | None  # median of their bodies, in characters
    due: int
    late: int
    lateness: float  # seconds by which the most overdue re-check is late
    unreadable: int = 0  # articles that could not be read at their last check
    unreadable_since: datetime | None = None  # set while nothing of the edition could be read


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """The health of one source. `took` is the median duration of the latest crawls, in seconds."""

    source: str
    status: HealthStatus
    last_run: RunRecord | None
    running: bool
    took: float | None
    observations: Mapping[str, int]  # by verdict, of the crawls of the last day of crawling
    editions: tuple[EditionHealth, ...]
    findings: tuple[Finding, ...]

    @property
    def ended_badly(self) -> bool:
        """Whether the last crawl ended with an exit code that is not all right; one such end is no finding yet."""
        run = self.last_run
        return (
            run is not None
            and not self.running
            and run.exit_code not in (None, Exit.OK, Exit.ALREADY_RUNNING)
        )


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """The state of the disk. `daily` is its growth in bytes a day, `days_left` the days until it is full.

    Both are None while not known yet.
    """

    facts: DiskFacts
    daily: float | None
    days_left: float | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a whole archive at an instant."""

    at: datetime
    sources: tuple[SourceHealth, ...]
    disk: DiskHealth | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those of the whole archive first."""
        of_disk = self.disk.findings if self.disk is not None else ()
        return (*of_disk, *(finding for source in self.sources for finding in source.findings))
