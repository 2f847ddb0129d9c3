"""What readers are told: articles, versions, looks, places and sources as records. Values only: frozen dataclasses and enums."""

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
    """An article as the archive tells it to readers; the JSON shape of the outside contract."""

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
    """One look at an address, as stored. `article_id` is None where the address is no article of the archive."""

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
class EditRecord:
    """One edit: between the looks at `seen_before` (None: not known) and `at`, `from_version` became `to_version`.

    `title` is the headline after it; `returns_to` an earlier version that said the same. `before` and
    `after` are the two texts, None unless asked for.
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


class Absence(StrEnum):
    """How an absence stands: one or two signals, confirmed, or over."""

    SUSPECTED = "suspected"
    REMOVED = "removed"
    RETURNED = "returned"


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
    """One look that found an article absent, and what vouched for the site in the same run."""

    observation: ObservationRecord
    controls: tuple[ControlRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class RemovalRecord:
    """One time an article was absent: since when, on what evidence, and whether it came back.

    `signal` is that of the latest look; `last_seen` the last look before that found it; `confirmed_at` None while (or if
    it ended) unconfirmed. `version` is the last one archived and `capture` where that was read from.
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


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """Where an address of an article was first met: the channel and what that called it."""

    at: datetime
    url: str
    channel: Channel
    listing: str
    headline: str | None
    position: int


@dataclass(frozen=True, slots=True)
class AliasRecord:
    """Another address of an article. `confirmed` is False where a page merely names it."""

    at: datetime
    url: str
    kind: AliasKind
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StateChangeRecord:
    """The instant from which on an article counted as suspected, removed or returned."""

    at: datetime
    state: Absence


@dataclass(frozen=True, slots=True)
class LifeRecord:
    """Everything the archive recorded of one article, each part oldest first.

    `looks` begin with the tries at its addresses before it could be read.
    """

    article: ArticleRecord
    found: tuple[FoundRecord, ...]
    aliases: tuple[AliasRecord, ...]
    versions: tuple[VersionRecord, ...]
    observations: tuple[ObservationRecord, ...]
    turns: tuple[StateChangeRecord, ...]
    places: tuple[SightingHistory, ...] = ()


@dataclass(frozen=True, slots=True)
class SightingRecord:
    """The place of an article (or of an address that is none yet) in one read of a listing; `position` counts from 0."""

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
    """What a listing called an article and where it stood, unchanged from one read to another.

    `first` and `last` are the first and the last read that showed it so, `reads` how many did;
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
