"""Alerts: receivers, the transports that reach them, and the notices they get. Frozen dataclasses and enums."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from newscrawl.model.ledger import ChangeKind


class Topic(StrEnum):
    """A subject that a receiver can subscribe to (the key `what`)."""

    REMOVALS = "removals"  # an absence is confirmed
    RETURNS = "returns"  # an absent article is available again
    SUSPECTED = "suspected"  # first sign of an absence; most come to nothing
    UNREADABLE = "unreadable"  # an article cannot be read for days while others answer; and its end
    EDITS = "edits"
    HEALTH = "health"
    GAPS = "gaps"


# Topics of what is open for a while: told when it begins and when it is over.
FINDINGS = (Topic.HEALTH, Topic.GAPS, Topic.UNREADABLE)


class Digest(StrEnum):
    """How often a receiver gets a message at most. Hours and days are in UTC."""

    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


class Secret:
    """A password, a token or an address that contains one. Its repr hides the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret text, for use in a request. Never put it into a log or an error."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class Mail:
    """Delivery by mail. `tls` is "starttls", "ssl" or "none"; without `user` there is no login."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    tls: str
    user: str | None = None
    password: Secret | None = None

    kind = "mail"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Delivery by HTTP POST. `form` is "json" (docs/alerts.md), "slack" or "discord"; `secret` signs the body."""

    url: Secret
    form: str = "json"
    secret: Secret | None = None

    kind = "webhook"


@dataclass(frozen=True, slots=True)
class Telegram:
    """Delivery by a Telegram bot into a chat, through apprise. `url` is the server of the Bot API."""

    chat: str
    token: Secret
    url: str

    kind = "telegram"


@dataclass(frozen=True, slots=True)
class Apprise:
    """Delivery to any service that the package apprise supports, by its apprise addresses."""

    urls: tuple[Secret, ...]

    kind = "apprise"


Transport = Mail | Webhook | Telegram | Apprise


@dataclass(frozen=True, slots=True)
class Receiver:
    """One `[[notify]]` table: who gets notices, about what, and by which transport.

    Empty `sources`, `editions`, `kinds` and `keywords` mean all. `budget` is the number of notices per source and
    UTC day that are shown in full. `since` is the time from which a new receiver gets notices (None: from its
    first run on). Notices that could not be delivered for `give_up` are given up.
    """

    name: str
    transport: Transport
    topics: frozenset[Topic]
    sources: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    kinds: frozenset[ChangeKind] = frozenset()
    keywords: tuple[str, ...] = ()
    budget: int = 20
    digest: Digest = Digest.IMMEDIATE
    since: datetime | None = None
    give_up: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding of health or a gap in coverage that is open now. `key` stays the same while it is open.

    `source` is "" for a finding about the whole archive. `since` is when it began, None if unknown.
    """

    topic: Topic
    key: str
    source: str
    edition: str | None
    line: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news for one receiver, delivered once; `key` identifies it.

    `event` is what happened: "removed", "returned", "suspected" or "edited" to an article; "begun", "reminder" or
    "over" for a finding. `subject` identifies the article or finding, `line` describes the event. `excerpt` holds
    pieces of a difference as (operation, text), of the article field `field`. All texts are single lines without
    control characters. A `folded` notice only counts towards a number in the message.
    """

    key: str
    topic: Topic
    event: str
    source: str
    edition: str | None
    subject: str
    at: datetime
    line: str
    title: str | None = None
    article: int | None = None
    url: str | None = None
    kinds: tuple[str, ...] = ()
    versions: tuple[int, int] | None = None
    field: str | None = None
    excerpt: tuple[tuple[str, str], ...] = ()
    folded: bool = False


@dataclass(frozen=True, slots=True)
class NoticeHistory:
    """What was recorded for a receiver before, as far as new notices depend on it.

    `in_full` counts the notices of this UTC day shown in full, by source; `subjects` all notices of this day, by
    topic and subject. `findings` holds the last notice of each open finding, by its key, and when it was recorded.
    """

    in_full: dict[str, int] = field(default_factory=dict)
    subjects: dict[tuple[Topic, str], int] = field(default_factory=dict)
    findings: dict[str, tuple[Notice, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """The recorded state of a receiver.

    `started` is the time from which it gets notices, `cursor` the last row of the change log that was read for it,
    `failures` the failed deliveries in a row. `batch` is the id of a message that was started and not confirmed,
    `parts` how many of its parts were delivered.
    """

    id: int
    name: str
    started: datetime
    cursor: int
    last_message: datetime | None = None
    failures: int = 0
    next_attempt: datetime | None = None
    batch: str | None = None
    parts: int = 0
    is_new: bool = False
