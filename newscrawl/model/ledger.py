"""What is known and decided of articles and addresses: states, looks, verdicts, the frontier. Values only: frozen dataclasses and enums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from newscrawl.model.discovery import BackfillCursor, Channel, Lead
from newscrawl.model.extraction import Article, Author, Precision
from newscrawl.model.fetching import Capture, Fetch


class State(StrEnum):
    """The state of an article."""

    LIVE = "live"
    SUSPECTED = "suspected"  # absent at the last look, not yet confirmed
    REMOVED = "removed"


class VerdictKind(StrEnum):
    """What a look at a lead or an article came to: each one counted, exactly one a lead and run."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"  # fetched in full, same content
    NOT_MODIFIED = "not_modified"  # the server said so
    RETURNED = "returned"  # absent before, there again
    ABSENT = "absent"  # a removal signal for a known article
    DUPLICATE = "duplicate"  # a new address of a known article
    NOT_ARTICLE = "not_article"  # the page is something else; never stored as an article
    DEAD = "dead"  # the address answers that nothing is there, and nothing was archived from it
    OUTSIDE_DATES = "outside_dates"  # published outside since/until
    FAILED = "failed"  # no statement about the article: outage, refusal, block, broken answer
    DEFERRED = "deferred"  # left for a later run: limit or budget reached
    PROBE = "probe"  # of no lead: what the host answers for an address that cannot exist; never counted


class Signal(StrEnum):
    """What may mean that an article was taken away. One alone never proves it."""

    NOT_FOUND = "not_found"
    GONE = "gone"
    LEGAL = "legal"
    REDIRECTED_HOME = "redirected_home"
    REDIRECTED_ELSEWHERE = "redirected_elsewhere"
    SOFT_404 = "soft_404"
    EMPTIED = "emptied"


class ChangeKind(StrEnum):
    """What changed between two versions (docs/design.md)."""

    HEADLINE = "headline"
    SUBTITLE = "subtitle"
    BODY = "body"
    BYLINE = "byline"
    DATE = "date"
    TYPO = "typo"
    NUMBERS = "numbers"
    QUOTES = "quotes"
    CORRECTION = "correction"
    SHORTENED = "shortened"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Content:
    """The part of an article whose change makes a version; what text.content_hash reads."""

    title: str | None = None
    subtitle: str | None = None
    body: str = ""
    authors: tuple[Author, ...] = ()
    published: datetime | None = None
    published_precision: Precision | None = None

    @classmethod
    def of(cls, article: Article) -> Content:
        """The content of an extracted article."""
        return cls(
            title=article.title,
            subtitle=article.subtitle,
            body=article.body,
            authors=article.authors,
            published=article.published,
            published_precision=article.published_precision,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows of an article: just enough to decide.

    `hashes` maps each content hash seen to the version number that first had it; `content` and
    `extractor` belong to the current version; `capture` is where that version was read from.
    `signals` are the removal signals since the article was last seen, oldest first.
    """

    id: int
    source: str
    edition: str
    url: str
    url_key: str
    state: State
    state_since: datetime
    first_seen: datetime
    last_seen: datetime
    last_checked: datetime
    last_changed: datetime
    published: datetime | None
    version: int
    content_hash: str
    content: Content
    extractor: str
    hashes: Mapping[str, int] = field(default_factory=dict)
    capture: Capture | None = None
    etag: str | None = None
    last_modified: str | None = None
    versions_this_month: int = 0
    signals: tuple[datetime, ...] = ()
    checks: int = 0


@dataclass(frozen=True, slots=True)
class LeadState:
    """What the frontier knows of an address that is not (yet) an article.

    `claimed` says that a feed or sitemap names it; `attempts` counts looks that reached no verdict that settles it; `next_attempt` is when it
    may be asked again (None: never by itself); `outcome` is the last verdict, None if waiting.
    """

    id: int
    url: str
    url_key: str
    edition: str
    channel: Channel
    first_seen: datetime
    attempts: int = 0
    outcome: VerdictKind | None = None
    next_attempt: datetime | None = None
    published: datetime | None = None
    modified: datetime | None = None
    headline: str | None = None
    listing: str = ""
    position: int = 0
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class AddressStatus:
    """Where an address stands before it is fetched: an article's (`confirmed` unless only claimed by a page), the frontier's, or unknown."""

    url_key: str
    article_id: int | None = None
    confirmed: bool = True
    lead: LeadState | None = None


class AliasKind(StrEnum):
    """How an address came to belong to an article."""

    PRIMARY = "primary"  # the address it is known by
    LEAD = "lead"  # another address it was found under
    REDIRECT = "redirect"  # redirected to it, or was redirected to from it
    CANONICAL = "canonical"  # the page names it as its own address
    IDENTITY = "identity"  # the source's own number for the piece


@dataclass(frozen=True, slots=True)
class Alias:
    """Another key of a piece: its canonical form, the address it came from (None for a number), and how it is known."""

    key: str
    kind: AliasKind
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at one address: what was asked, what came of it, and what the page said (None if nothing was read).

    `url_key` is the piece it is about, `lead_key` the key that was asked for where a redirect led elsewhere.
    `controls_fine` says, for a look in doubt, whether other articles of the edition answered
    properly in the same run; None where it was not asked. `peers_fine` says the same of articles of about its
    age, False also where many went at once. `as_missing` says whether the host answers the same for an
    address that cannot exist; None where it was not asked. `vouched` says that the address itself
    is plainly an article's; `probe`, that it is one that cannot exist.
    """

    source: str
    edition: str
    url_key: str
    fetch: Fetch
    article: Article | None = None
    content_hash: str | None = None
    extractor: str = ""
    aliases: tuple[Alias, ...] = ()
    lead: Lead | None = None
    lead_key: str | None = None
    controls_fine: bool | None = None
    attested: bool = True
    peers_fine: bool | None = None
    as_missing: bool | None = None
    probe: bool = False

    @property
    def target(self) -> str | None:
        """The key of the address that the one asked for redirected to; None without a redirect inside the source."""
        return next((alias.key for alias in self.aliases if alias.kind is AliasKind.REDIRECT), None)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates a run was asked for: published from `since` on and before `until`. None: no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def hold(self, published: datetime | None) -> bool:
        """Whether an instant lies within; unknown ones do."""
        if published is None:
            return True
        return (self.since is None or published >= self.since) and (
            self.until is None or published < self.until
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with its reason.

    `state` is the article's state from now on; `kinds` what changed (CHANGED); `returns_to` the
    earlier version whose text this is; `signal` names the removal signal; `next_check` is when
    the article should be looked at again (articles), or the address be tried again (leads; None: never by itself).
    """

    kind: VerdictKind
    reason: str
    state: State = State.LIVE
    kinds: tuple[ChangeKind, ...] = ()
    returns_to: int | None = None
    signal: Signal | None = None
    next_check: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListingRead:
    """One read of one listing channel: what came of it and what it showed.

    `leads` are in listing order; `known` counts those whose article was in the archive before;
    `joined` says whether the read overlaps the previous one (None: first read, or cannot be said).
    `root` is the first page of the list this is a page of (None: this one). `pending` says that
    older pages are asked for before it can be said whether the read joins. `walk` is how far back the list
    is read with this page (None: as far as it was). `further` counts the outlet's sitemaps that an index names.
    """

    source: str
    edition: str
    channel: Channel
    url: str
    fetch: Fetch
    leads: tuple[tuple[str, Lead], ...] = ()  # (url_key, lead)
    known: int = 0
    joined: bool | None = None
    problem: str | None = None
    root: str | None = None
    pending: bool = False
    walk: BackfillCursor | None = None
    further: int = 0


@dataclass(frozen=True, slots=True)
class FoundLeads:
    """Leads found beside an article, such as in its "Latest news" block: to be put into the frontier."""

    source: str
    edition: str
    at: datetime
    leads: tuple[tuple[str, Lead], ...]  # (url_key, lead)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a look left in the archive: ids are None where no article is concerned."""

    verdict: Verdict
    article_id: int | None = None
    version: int | None = None
    url_key: str | None = None
