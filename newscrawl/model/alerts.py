"""Alerts: who is told what and by which way, and what there is to tell. Values only: frozen dataclasses and enums."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from newscrawl.model.ledger import ChangeKind


class Topic(StrEnum):
    """What a receiver may ask to be told of."""

    REMOVALS = "removals"  # confirmed absences
    RETURNS = "returns"  # absent before, there again
    SUSPECTED = "suspected"  # first signs of an absence: most of them come to nothing
    EDITS = "edits"
    HEALTH = "health"
    GAPS = "gaps"


class Digest(StrEnum):
    """How often a receiver gets a message at most; hours and days are those of UTC."""

    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


class Secret:
    """A password, a token or an address that holds one. It shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself: for the wire, never for a message to people."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class Mail:
    """By mail. `tls` is "starttls", "ssl" or "none"; without `user` nobody logs in."""

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
    """By an HTTP request. `form` is "json" (docs/alerts.md), "slack" or "discord"; `secret` signs the body."""

    url: Secret
    form: str = "json"
    secret: Secret | None = None

    kind = "webhook"


@dataclass(frozen=True, slots=True)
class Telegram:
    """By a Telegram bot into a chat. `url` is the server of the Bot API."""

    chat: str
    token: Secret
    url: str

    kind = "telegram"


@dataclass(frozen=True, slots=True)
class Apprise:
    """By whatever the package apprise offers, named by its addresses."""

    urls: tuple[Secret, ...]

    kind = "apprise"


Way = Mail | Webhook | Telegram | Apprise


@dataclass(frozen=True, slots=True)
class Receiver:
    """One `[[notify]]` table: who is told, by which way, of what.

    Empty `sources`, `editions`, `kinds` and `keywords` mean all. `budget` is how many alerts of one source and UTC day
    are told in full. `since` is from when on events are told where the receiver is new (None: from its
    first run on). What could not be delivered for `give_up` is given up.
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
    """Something that lasts: a finding of health or a gap in the coverage. `key` is the same for as long as it lasts.

    `source` is "" for what concerns the whole archive. `since` is when it began, None where that is not known.
    """

    topic: Topic
    key: str
    source: str
    edition: str | None
    line: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told to one receiver, once: `key` tells it from all others.

    `turn` is what happened: removed, returned, suspected, edited; of a trouble begun, reminder, over. `subject` is what it
    happened to. `line` says it in words; `excerpt` holds pieces of a difference as (operation, text), the name of the
    field in `field`. All texts are one line and hold no control characters. `folded`: told as a number only.
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
    """What a receiver was told so far, as far as it matters for what comes: counts of this UTC day, and troubles.

    `sources` counts alerts in full by source, `subjects` all alerts by topic and subject; `troubles` holds the last
    notice of each trouble and when it was made.
    """

    sources: dict[str, int] = field(default_factory=dict)
    subjects: dict[tuple[Topic, str], int] = field(default_factory=dict)
    troubles: dict[str, tuple[Notice, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """How a receiver stands: since when it is told, the last change looked at, its last message, its failures in a row.

    `batch` names the message under way that is not known to have arrived, `parts` how many parts of it did.
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
