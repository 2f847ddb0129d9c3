"""What is known and decided about articles and addresses: states, observations, verdicts, the frontier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from newscrawl.model.discovery import BackfillCursor, Channel, EntryCount, Lead
from newscrawl.model.extraction import Announced, Article, Author, Precision
from newscrawl.model.fetching import Capture, Fetch

# A listing may say no more than the day, and that in another zone: the page decides.
CLAIM_SLACK = timedelta(days=1)
# So long after its address was first named the page of an article may be still to come.
LEAD_FRESH = timedelta(days=1)


class State(StrEnum):
    """The state of an article."""

    LIVE = "live"
    SUSPECTED = "suspected"  # absent at the last check, not yet confirmed
    REMOVED = "removed"


class VerdictKind(StrEnum):
    """The result of observing a lead or an article; each lead is counted under exactly one of them in a run."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"  # fetched in full, same content
    NOT_MODIFIED = "not_modified"  # the server said so
    RETURNED = "returned"  # an absent article that is live again
    ABSENT = "absent"  # a removal signal for a known article
    DUPLICATE = "duplicate"  # a new address of a known article
    NOT_ARTICLE = "not_article"  # the page is not an article and is not stored as one
    DEAD = "dead"  # the address answers "not found", and was never archived
    OUTSIDE_DATES = "outside_dates"  # published outside since/until
    FAILED = "failed"  # nothing learned about the article: outage, refusal, block, broken response
    DEFERRED = "deferred"  # left for a later run: limit or budget reached
    PROBE = "probe"  # the response to an address that cannot exist, for comparison; never counted

    @property
    def saw_article(self) -> bool:
        """Whether the article itself was seen; the other verdicts say that it was absent, or that nothing was learned."""
        return self.made_version or self.found_again or self is VerdictKind.RETURNED

    @property
    def made_version(self) -> bool:
        """Whether the text is a new version."""
        return self in (VerdictKind.NEW, VerdictKind.CHANGED)

    @property
    def found_again(self) -> bool:
        """Whether a known article was seen with the text it had before."""
        return self in (VerdictKind.UNCHANGED, VerdictKind.NOT_MODIFIED, VerdictKind.DUPLICATE)


class Signal(StrEnum):
    """A response that may mean that an article was removed. One alone is no proof."""

    NOT_FOUND = "not_found"
    GONE = "gone"
    LEGAL = "legal"
    REDIRECTED_HOME = "redirected_home"
    REDIRECTED_ELSEWHERE = "redirected_elsewhere"
    SOFT_404 = "soft_404"
    EMPTIED = "emptied"


class ChangeKind(StrEnum):
    """What changed between two versions (docs/decisions/edits.md)."""

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
    IMAGE = "image"
    CAPTION = "caption"
    LINK = "link"
    MARKUP = "markup"

    @property
    def is_beside(self) -> bool:
        """Whether it is of what stands beside the text; edits of these kinds alone are shown when asked for."""
        return self in (ChangeKind.IMAGE, ChangeKind.CAPTION, ChangeKind.LINK, ChangeKind.MARKUP)


@dataclass(frozen=True, slots=True)
class Content:
    """The fields of an article whose change makes a version; `text.content_hash` is computed from them."""

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
    """What the archive knows of an article, as far as a verdict needs it.

    `hashes` maps each content hash seen to the version number that first had it; `content` and
    `extractor` belong to the current version; `capture` is where that version was read from.
    `etag` and `last_modified` came with the text of the current version; `last_full` is the last answer with the
    whole page, `disputed` whether a list, feed or sitemap said something else since then.
    `signals` are the removal signals since the article was last seen, oldest first; `unconfirmed` those
    after which no control answered. `beside` is the digest of what stands beside its text,
    `noindex` whether its page asks search engines to leave it out (None: not known). `unreadable_since` is set while its checks bring no readable page.
    `announced` is what a channel said of it before it was read first; every reading of its pages takes it in.
    `returned` says that some version said again what an earlier one had said.
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
    last_full: datetime | None = None
    disputed: bool = False
    unconfirmed: tuple[datetime, ...] = ()
    unreadable_since: datetime | None = None
    beside: str | None = None
    noindex: bool | None = None
    announced: Announced | None = None
    returned: bool = False


@dataclass(frozen=True, slots=True)
class LeadState:
    """What the frontier knows of an address that is not (yet) an article.

    `claimed` says that a feed or sitemap names it; `attempts` counts tries without a final verdict;
    `next_attempt` is when it may be tried again (None: not by itself); `outcome` is the last verdict (None:
    not tried yet).
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
    last_attempt: datetime | None = None
    announced: Announced | None = None


@dataclass(frozen=True, slots=True)
class AddressStatus:
    """What is known of an address before it is fetched: it belongs to an article, is a lead, or is unknown.

    `confirmed` is False if only a page claims that it belongs to the article.
    """

    url_key: str
    article_id: int | None = None
    confirmed: bool = True
    lead: LeadState | None = None


class AliasKind(StrEnum):
    """How an address came to belong to an article."""

    PRIMARY = "primary"  # the address it is known by
    LEAD = "lead"  # another address under which it was found
    REDIRECT = "redirect"  # redirected to it, or was redirected to from it
    CANONICAL = "canonical"  # the page names it as its own address
    IDENTITY = "identity"  # the source's own number of the article
    FORM = "form"  # what its address is without what AMP, print or mobile pages have more: a guess, told to nobody


@dataclass(frozen=True, slots=True)
class Alias:
    """Another key of an article: the canonical form, its address (None for a number), and how it is known."""

    key: str
    kind: AliasKind
    url: str | None = None


def form_key(key: str) -> str:
    """The key under which articles are found whose addresses have more parts than `key`, and may show its piece."""
    return f"like:{key}"


@dataclass(frozen=True, slots=True)
class Observation:
    """One check of one address: the request, its result, and the article that was read (None if none was).

    `url_key` is the article it is about, `lead_key` the requested key if a redirect led elsewhere.
    `controls_fine` says, for a possible removal, whether other articles of the edition answered properly in
    the same run, and `controls_silent`, where they did not, that none of them gave a sign of absence itself:
    they were refused or out of order. `peers_fine` says the same of articles of about its age; it is also False if many disappeared
    at once. `as_missing` says whether the host answers alike for an address that cannot exist. These are
    None if not checked. `attested` says that the address is clearly an article's; `probe`, that it is an
    address that cannot exist.
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
    controls_silent: bool | None = None

    @property
    def asked(self) -> str:
        """The key of the address that was asked for."""
        return self.lead_key or self.url_key

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key the archive may know the piece by."""
        named = (alias.key for alias in self.aliases)
        return tuple(dict.fromkeys((self.url_key, self.asked, *named, *self.guesses)))

    @property
    def guesses(self) -> tuple[str, ...]:
        """Keys of articles that may be the piece, by nothing but the form of their addresses; the likeliest first."""
        forms = [alias for alias in self.aliases if alias.kind is AliasKind.FORM]
        plain = [alias.url for alias in forms if alias.url is not None]
        return (*plain, *(alias.key for alias in forms), form_key(self.url_key))

    def names(self, key: str) -> bool:
        """Whether the page calls a known address its own, or its address has that one's form and parts of AMP, print or mobile pages."""
        return any(
            (alias.kind is AliasKind.CANONICAL and alias.key == key)
            or (alias.kind is AliasKind.FORM and alias.url == key)
            for alias in self.aliases
        )

    @property
    def target(self) -> str | None:
        """The key of the address that the requested one redirected to; None without a redirect inside the source."""
        return next((alias.key for alias in self.aliases if alias.kind is AliasKind.REDIRECT), None)


@dataclass(frozen=True, slots=True)
class Dates:
    """The requested dates of a run: published from `since` on and before `until`. None: no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def hold(self, published: datetime | None) -> bool:
        """Whether an instant is within the dates; unknown ones (None) are."""
        if published is None:
            return True
        return (self.since is None or published >= self.since) and (
            self.until is None or published < self.until
        )

    def may_hold(self, published: datetime | None, modified: datetime | None) -> bool:
        """Whether an entry may be within the dates by what its channel claims: a bare day, perhaps in a wrong zone.

        A last change before `since` means published before it, too.
        """
        newest = published or modified
        if self.since is not None and newest is not None and newest < self.since - CLAIM_SLACK:
            return False
        return self.until is None or published is None or published < self.until + CLAIM_SLACK


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with its reason.

    `state` is the article's state from now on; `kinds` what changed (CHANGED); `returns_to` the
    earlier version whose text this is; `signal` names the removal signal; `next_check` is when
    the article is checked again, or the lead tried again (None: not by itself). `layout` says that the
    page has another layout than the stored version's; `refreshes`, that the version's fields are replaced by
    this reading of the same text; `beside` is the digest of what stands beside the text from now on (None: as before).
    """

    kind: VerdictKind
    reason: str
    state: State = State.LIVE
    kinds: tuple[ChangeKind, ...] = ()
    returns_to: int | None = None
    signal: Signal | None = None
    next_check: datetime | None = None
    layout: bool = False
    refreshes: bool = False
    beside: str | None = None
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class ListingRead:
    """One read of one listing channel: the result of the request and what it showed.

    `leads` are in listing order; `known` counts those whose article was in the archive before;
    `joined` says whether the read overlaps the previous one (None: first read, or not known).
    `root` is the first page of the list this is a page of (None: this one). `pending` says that
    older pages must be read to know whether the read joins. `backfill` is how far back the list has been read with
    this page (None: as far as before). `caught` is the
    host where another document came under the validators of the one before. `further` counts the sitemaps of an index that are read. `named` is how many
    entries the document has (None: none was read), `entries` what became of them: as many, each once. `again` brings
    forward the next try of leads, by their ids.
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
    backfill: BackfillCursor | None = None
    further: int = 0
    caught: str | None = None
    named: int | None = None
    entries: tuple[EntryCount, ...] = ()
    again: tuple[tuple[int, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundLeads:
    """Leads found beside an article, such as in its "Latest news" block, to be added to the frontier."""

    source: str
    edition: str
    at: datetime
    leads: tuple[tuple[str, Lead], ...]  # (url_key, lead)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an observation changed in the archive; ids are None if no article is concerned."""

    verdict: Verdict
    article_id: int | None = None
    version: int | None = None
    url_key: str | None = None
