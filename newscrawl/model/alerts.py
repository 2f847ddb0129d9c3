"""Alerts: receivers, the ways to reach them, and the notices they get."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from newscrawl.model.ledger import ChangeKind


class Topic(StrEnum):
    """What a receiver may subscribe to."""

    REMOVALS = "removals"  # confirmed absences
    RETURNS = "returns"  # absent articles that are live again
    SUSPECTED = "suspected"  # first signals of an absence; most are not confirmed
    EDITS = "edits"
    HEALTH = "health"
    GAPS = "gaps"


class Digest(StrEnum):
    """How often a receiver gets a message at most; hours and days are in UTC."""

    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


class Secret:
    """A password, a token or an address that holds one; its `repr` hides the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, to be sent to its server only, never shown in a message."""
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
    """Delivery by an HTTP request. `form` is "json" (docs/alerts.md), "slack" or "discord"; `secret` signs the body."""

    url: Secret
    form: str = "json"
    secret: Secret | None = None

    kind = "webhook"


@dataclass(frozen=True, slots=True)
class Telegram:
    """Delivery by a Telegram bot to a chat. `url` is the server of the Bot API."""

    chat: str
    token: Secret
    url: str

    kind = "telegram"


@dataclass(frozen=True, slots=True)
class Apprise:
    """Delivery by any service of the package apprise, named by its addresses."""

    urls: tuple[Secret, ...]

    kind = "apprise"


Way = Mail | Webhook | Telegram | Apprise


@dataclass(frozen=True, slots=True)
class Receiver:
    """One `[[notify]]` table: who is notified, how, and of what.

    Empty `sources`, `editions`, `kinds` and `keywords` mean all. `budget` is how many alerts of one source are
    sent in full on a UTC day. A new receiver gets events from `since` on (None: from its first run on). What
    could not be delivered for `give_up` is given up.
    """

    name: str
    way: Way
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
class Trouble:
    """A condition that lasts: a finding of health or a gap in coverage. `key` stays the same while it lasts.

    `source` is "" for the whole archive. `since` is when it began; None: not known.
    """

    topic: Topic
    key: str
    source: str
    edition: str | None
    line: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to report to one receiver, once: `key` identifies it.

    `turn` is what happened: removed, returned, suspected or edited; for a lasting condition begun, reminder or
    over. `subject` is what it happened to, `line` the text. `excerpt` holds parts of a difference in `field` as
    (operation, text). All texts are one line without control characters. `folded`: only counted in the message.
    """

    key: str
    topic: Topic
    turn: str
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
class Told:
    """What a receiver was sent before, as far as later notices depend on it.

    For this UTC day, `sources` counts alerts in full by source, and `subjects` all alerts by topic and subject.
    `troubles` holds the last notice of each lasting condition and when it was made.
    """

    sources: dict[str, int] = field(default_factory=dict)
    subjects: dict[tuple[Topic, str], int] = field(default_factory=dict)
    troubles: dict[str, tuple[Notice, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """The delivery state of a receiver: its start, the last change processed, its last message, failures in a row.

    `batch` names the message being sent that may not have arrived; `parts` is how many parts of it did.
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
