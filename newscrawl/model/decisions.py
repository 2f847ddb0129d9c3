"""What a decision about an observation is made from and what it comes to: the values between judge, archiving and store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from newscrawl.model.discovery import Lead
from newscrawl.model.extraction import Article
from newscrawl.model.fetching import Capture
from newscrawl.model.ledger import (
    AddressStatus,
    Alias,
    AliasKind,
    Content,
    Known,
    Observation,
    Verdict,
    VerdictKind,
)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of an article with what is needed to compare another text with it."""

    number: int
    at: datetime
    content_hash: str
    content: Content
    extractor: str
    capture: Capture | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an article said before (or at) and after the instant of an observation that comes late.

    `again` is when the version before was next seen after that instant, if it was; `edits` how many
    versions beside the first were first seen within 30 days of it.
    """

    before: StoredVersion | None
    after: StoredVersion | None
    again: datetime | None = None
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """What the archive knows that bears on one observation, as of one transaction.

    `addresses` and `articles` are by the observation's keys; addresses without an entry are unknown.
    By article id: `same_instant`, live articles that may hold the text of an absent one (read where
    controls answered properly); `surroundings`, the versions around an observation that comes late.
    `others_seen` says whether other articles of the edition were seen alive within the day before (read where
    no control answered).
    """

    addresses: Mapping[str, AddressStatus] = field(default_factory=dict)
    articles: Mapping[str, Known] = field(default_factory=dict)
    same_instant: Mapping[int, Sequence[Known]] = field(default_factory=dict)
    surroundings: Mapping[int, Surroundings] = field(default_factory=dict)
    others_seen: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """The current version's fields as today's extractor reads them from the same capture. No version is made."""

    article: Article
    extractor: str
    content_hash: str


class Insert(StrEnum):
    """What an observation that comes late adds to the versions of an article."""

    NOTHING = "nothing"
    SOONER = "sooner"  # a known version was there earlier than known
    VERSION = "version"  # a version between two known ones, or before the first


@dataclass(frozen=True, slots=True)
class HistoryInsert:
    """How an observation made before the article's last check joins its history; its state stays as it is.

    `version` is the number of the version it saw, None where it saw nothing of the article. The kinds
    of change are those of a new version: `kinds` from the one before it, `following` from it to the
    one after it, `back` where the publisher then went back to the one before.
    """

    surroundings: Surroundings
    version: int | None
    adds: Insert = Insert.NOTHING
    kinds: Sequence[str] = ()
    following: Sequence[str] = ()
    back: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """What an article is to the one at the address that its own leads to; None where that one is not archived yet.

    `same`: they are one piece. The other's addresses and sightings become this article's, which stands for both.
    Otherwise both stay, and the other stands for this one in lists.
    """

    other: Known | None
    same: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What an observation leads to, ready to be applied in one transaction.

    `article` is the known article it is about (None: a new one, or none at all), `refresh` brings that
    article's current version up to today's extractor first, `insert` is set for an observation that comes late.
    `caught` is the host whose validators called an edit not modified.
    `noindex` is whether the page that was read asks search engines to leave it out (None: it says nothing of the article).
    `tie` says where its address leads, and `found` are leads to add: articles met there that the archive lacks.
    """

    observation: Observation
    verdict: Verdict
    article: Known | None = None
    refresh: Refresh | None = None
    insert: HistoryInsert | None = None
    caught: str | None = None
    tie: Tie | None = None
    found: tuple[tuple[str, Lead], ...] = ()  # (url_key, lead)
    noindex: bool | None = None

    @property
    def is_stored_text(self) -> bool:
        """Whether the text that came is the article's current version from now on; only then its validators are worth keeping."""
        if self.verdict.kind is VerdictKind.CHANGED or self.verdict.refreshes:
            return True
        return self.article is not None and self.observation.content_hash == self.article.content_hash

    @property
    def is_led_away(self) -> bool:
        """Whether the article's address leads to another piece: what was read there is not this one's."""
        return self.tie is not None and not self.tie.same

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """Addresses that are the article's from now on: the one asked for and those its page names. Empty where it was not seen."""
        seen = self.verdict.kind.saw_article if self.insert is None else self.insert.version is not None
        if not seen or self.is_led_away:
            return ()
        asked = Alias(self.observation.asked, AliasKind.LEAD, self.observation.fetch.url)
        return (asked, *self.observation.aliases)
