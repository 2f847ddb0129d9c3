"""Records for readers: articles, versions, observations, sightings and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from newscrawl.model.discovery import Channel
from newscrawl.model.extraction import Article
from newscrawl.model.fetching import Capture, FetchOutcome
from newscrawl.model.ledger import AliasKind, ChangeKind, Content, State, VerdictKind


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as readers get it; its JSON is part of the public contract.

    `tied_to` is the article that stands for it in lists: the same piece, or what its address leads to now.
    `unreadable_since` is set while its checks bring no readable page (a refusal, an outage, a wall).
    `noindex`: its page asks search engines to leave it out (None: not known); `unlisted` is since when it is gone from
    all lists, although it is there.
    """

    id: int
    source: str
    edition: str
    url: str
    url_key: str
    aliases: tuple[str, ...]
    state: State
    state_since: datetime
    first_seen: datetime
    last_checked: datetime
    article: Article
    version: int
    versions: int
    last_seen: datetime | None = None
    tied_to: int | None = None
    unreadable_since: datetime | None = None
    noindex: bool | None = None
    unlisted: datetime | None = None


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """What an article said from one moment on. `at` is when it was first observed; `kinds` is empty for version 1."""

    article_id: int
    source: str
    edition: str
    url: str
    number: int
    at: datetime
    kinds: tuple[ChangeKind, ...]
    returns_to: int | None
    content_hash: str
    extractor: str
    article: Article
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class ObservationRecord:
    """One stored check of an address. `article_id` is None if the address is not an article of the archive."""

    id: int
    run_id: int
    source: str
    edition: str | None
    article_id: int | None
    at: datetime
    url: str
    final_url: str
    outcome: FetchOutcome
    status: int | None
    verdict: VerdictKind
    reason: str
    signal: str | None = None
    controls_fine: bool | None = None
    version: int | None = None
    milliseconds: int | None = None
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """A stored response. `title` is the headline of the version that was read from it, "" for one without; None if none was."""

    capture: Capture
    title: str | None


@dataclass(frozen=True, slots=True)
class EditRecord:
    """One edit: between the checks at `seen_before` (None: not known) and `at`, `from_version` became `to_version`.

    `title` is the headline after it; `returns_to` an earlier version with the same text. `before` and `after`
    are the two texts, None unless requested. `number` is that of the log, which orders edits of one instant.
    """

    article_id: int
    source: str
    edition: str
    url: str
    at: datetime
    from_version: int
    to_version: int
    kinds: tuple[ChangeKind, ...]
    title: str | None
    returns_to: int | None = None
    seen_before: datetime | None = None
    before: Content | None = None
    after: Content | None = None
    number: int = field(default=0, compare=False)


class Absence(StrEnum):
    """The state of an absence: one or two signals, confirmed, or over. Or no absence, but nothing to be read either."""

    SUSPECTED = "suspected"
    REMOVED = "removed"
    RETURNED = "returned"
    UNREADABLE = "unreadable"  # refused, out of order or behind a wall: nothing says that it is gone


# What readers ask for by one word: the states of absences that each selects.
ABSENCES: Mapping[str, tuple[Absence, ...]] = {
    "gone": (Absence.REMOVED, Absence.SUSPECTED),
    "suspected": (Absence.SUSPECTED,),
    "removed": (Absence.REMOVED,),
    "returned": (Absence.RETURNED,),
    "unreadable": (Absence.UNREADABLE,),
    "all": tuple(Absence),
}


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """Another article of the edition that answered properly in the same run."""

    article_id: int
    url: str
    at: datetime
    status: int | None
    verdict: VerdictKind


@dataclass(frozen=True, slots=True)
class Evidence:
    """One check that found an article absent, and the controls that answered properly in the same run."""

    observation: ObservationRecord
    controls: tuple[ControlRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class RemovalRecord:
    """One time an article was absent: since when, on what evidence, and whether it came back.

    `signal` is that of the latest check; `last_seen` the last check before that found it; `confirmed_at` is None
    if never confirmed. `version` is the last archived one and `capture` the response it was read from.
    `since` is when it came into its state, by which lists are sorted.
    Of an unreadable article `first_absent` is since when it is, and `signal` the outcome of the last check.
    """

    article_id: int
    source: str
    edition: str
    url: str
    title: str | None
    state: Absence
    signal: str | None
    first_absent: datetime
    last_seen: datetime | None
    confirmed_at: datetime | None
    returned_at: datetime | None
    evidence: tuple[Evidence, ...]
    version: int
    capture: Capture | None = None
    since: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """Where an address of an article was first found: the channel and its headline there."""

    at: datetime
    url: str
    channel: Channel
    listing: str
    headline: str | None
    position: int


@dataclass(frozen=True, slots=True)
class AliasRecord:
    """Another address of an article. `confirmed` is False if only a page names it."""

    at: datetime
    url: str
    kind: AliasKind
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StateChangeRecord:
    """The instant from which on an article counted as suspected, removed or returned."""

    at: datetime
    state: Absence


class Visibility(StrEnum):
    """How an article can be found while it is there; the kinds under which the log of changes has it."""

    NOINDEX = "noindex"  # its page asks search engines to leave it out
    INDEXED = "indexed"  # it does so no more
    UNLISTED = "unlisted"  # gone from all lists, which go back further
    RELISTED = "relisted"  # listed again


@dataclass(frozen=True, slots=True)
class VisibilityRecord:
    """The instant from which on an article could be found otherwise, with the evidence in words, and the version it had."""

    at: datetime
    kind: Visibility
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something beside edits and absences: what became of an article's visibility, or a redesign of a source.

    `kind` is a Visibility, or "redesign"; the article's fields are None for a redesign. `reason` is the evidence in words.
    """

    at: datetime
    kind: str
    source: str
    reason: str
    edition: str | None = None
    article_id: int | None = None
    url: str | None = None
    title: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LifeRecord:
    """Everything recorded about one article, each part oldest first.

    `observations` begin with the tries of its addresses before it could be read.
    """

    article: ArticleRecord
    found: tuple[FoundRecord, ...]
    aliases: tuple[AliasRecord, ...]
    versions: tuple[VersionRecord, ...]
    observations: tuple[ObservationRecord, ...]
    state_changes: tuple[StateChangeRecord, ...]
    sightings: tuple[SightingHistory, ...] = ()
    visibility: tuple[VisibilityRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class SightingRecord:
    """The position of an article (or of a lead) in one read of a listing, counted from 0."""

    id: int
    source: str
    edition: str
    channel: Channel
    listing: str
    at: datetime
    position: int
    article_id: int | None
    url: str | None
    headline: str | None


@dataclass(frozen=True, slots=True)
class SightingHistory:
    """The headline and position of an article in a listing over consecutive reads that show the same.

    `first` and `last` are the first and the last of these reads, `reads` how many there were;
    reads that answered "not modified" count. `position` counts from 0.
    """

    source: str
    edition: str
    channel: Channel
    listing: str
    headline: str | None
    position: int
    first: datetime
    last: datetime
    reads: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One crawl of a source, as stored. `finished`, `exit_code` and `reason` are None while it is not closed."""

    id: int
    started: datetime
    finished: datetime | None
    exit_code: int | None
    reason: str | None
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One edition of a source in the archive; `edition` is None for a source without articles.

    `newest` is the newest instant of publication known; `last_run` is the last crawl of the
    whole source, whatever editions it was asked for.
    """

    source: str
    edition: str | None
    articles: int
    newest: datetime | None
    last_run: RunRecord | None


@dataclass(frozen=True, slots=True)
class CountRecord:
    """Articles of one group: how many, how many of them were edited and are removed, and the characters of their texts.

    `name` None: of those whose group is not known. Of a kind of edit `edited` counts edits, and the others are None.
    """

    name: str | None
    articles: int
    edited: int
    removed: int | None = None
    characters: int | None = None


@dataclass(frozen=True, slots=True)
class SizeRecord:
    """How many bytes the raw responses of a source take: `raw` in their files, `plain` unpacked (None where a file is not here).

    `source` None: of all sources, with the `database`, which is one for all (None for one source).
    """

    source: str | None
    articles: int
    responses: int
    raw: int
    plain: int | None
    database: int | None = None
