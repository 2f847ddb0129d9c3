"""The values that pass between layers: frozen dataclasses and enums, no behaviour beyond trivial derivations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# --- discovery ---------------------------------------------------------------------------------


class Channel(StrEnum):
    """Where leads come from."""

    LISTING = "listing"  # a page that lists articles, such as the front page
    BLOCK = "block"  # the "Latest news" block inside an article page
    FEED = "feed"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may be an article, with what the listing said of it.

    `url` is absolute and as found; `position` counts from 0 in the order of the listing;
    `published` and `modified` are aware or None. `position`, `headline` and the dates are the
    listing's claims, never facts about the article.
    """

    url: str
    channel: Channel
    listing: str
    position: int = 0
    headline: str | None = None
    published: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What one listing, feed or sitemap document gave.

    `children` are further sitemaps of a sitemap index; `next_pages` continue the list
    (rel=next, "view all", older pages). `problem` says in a few words why the document gave
    nothing or less than it should ("not a feed: text/html", "broken XML after entry 12").
    """

    leads: tuple[Lead, ...] = ()
    children: tuple[str, ...] = ()
    next_pages: tuple[str, ...] = ()
    problem: str | None = None


# --- fetching ----------------------------------------------------------------------------------


class FetchOutcome(StrEnum):
    """What came of one request."""

    OK = "ok"  # a 2xx answer with its body
    NOT_MODIFIED = "not_modified"  # 304
    NOT_FOUND = "not_found"  # 404
    GONE = "gone"  # 410
    LEGAL = "legal"  # 451
    FORBIDDEN = "forbidden"  # 401, 403, 407
    THROTTLED = "throttled"  # 429, or 503 with Retry-After
    SERVER_ERROR = "server_error"  # other 5xx
    OTHER_STATUS = "other_status"  # any other status that is not a page
    TIMEOUT = "timeout"
    DNS = "dns"
    REFUSED = "refused"  # connection refused, reset or lost
    TLS = "tls"
    BROKEN_BODY = "broken_body"  # wrong length, broken encoding, closed in mid-body
    TOO_LARGE = "too_large"
    ROBOTS = "robots"  # forbidden by robots.txt: never asked
    OFF_SITE = "off_site"  # redirected to a host that is not the outlet's: not followed
    REDIRECT_LOOP = "redirect_loop"
    ERROR = "error"  # anything else; `Fetch.detail` names it


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Where a raw response lies: `file` relative to the WARC directory, byte `offset` and `length` of the record."""

    file: str
    offset: int
    length: int
    record_id: str  # "<urn:uuid:…>"
    digest: str  # payload digest, "sha1:BASE32", over the body as sent after removing transfer encoding
    kind: str = "response"  # "response", "revisit" (same payload) or "not_modified" (304)


@dataclass(frozen=True, slots=True)
class Capture:
    """A stored response: its place, its address, its instant, and the capture whose payload it repeats."""

    ref: CaptureRef
    url: str
    at: datetime
    status: int
    content_type: str | None = None
    refers_to: CaptureRef | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request and what came of it, also when nothing came.

    `url` was asked for; `final_url` answered (equal unless redirected); `redirects` are the
    hops between, in order. `at` is the instant the answer was complete. `captures` are all
    records written for it, the last one being the final answer; empty when nothing came.
    """

    url: str
    at: datetime
    outcome: FetchOutcome
    final_url: str
    status: int | None = None
    redirects: tuple[str, ...] = ()
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    captures: tuple[Capture, ...] = ()
    milliseconds: int | None = None
    detail: str | None = None


# --- extraction --------------------------------------------------------------------------------


class PageType(StrEnum):
    """What a page is. Only ARTICLE and LIVE_BLOG are ever stored as articles."""

    ARTICLE = "article"
    LIVE_BLOG = "live_blog"
    LIST = "list"
    VIDEO = "video"
    GALLERY = "gallery"
    CHALLENGE = "challenge"
    NOT_FOUND = "not_found"
    PAYWALL_STUB = "paywall_stub"
    EMPTY = "empty"
    UNREADABLE = "unreadable"  # not HTML, or text that cannot be decoded
    OTHER = "other"


class Precision(StrEnum):
    """How exactly the publisher stated an instant."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Author:
    """A credited name. `role`: author, original author, translator, photographer, editor, …; `kind`: person or organization."""

    name: str
    role: str = "author"
    kind: str = "person"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the article: its absolute address, and caption and credit where given."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What one page says, extracted. Unknown fields are None or empty, never guessed.

    `url` is the page's own canonical address if it names a usable one, else the address given.
    `published` and `modified` are aware and keep the publisher's own offset; with precision DAY
    `published` is local midnight in the outlet's zone. `body` is plain text, paragraphs joined
    by one empty line. `alternates` are (language tag, address) pairs. `origins` maps a field
    name to the layer it came from ("json-ld", "h1", "byline", …). `reason` says why the page
    has its `page_type`.
    """

    url: str
    page_type: PageType = PageType.ARTICLE
    reason: str | None = None
    title: str | None = None
    subtitle: str | None = None
    authors: tuple[Author, ...] = ()
    published: datetime | None = None
    published_precision: Precision | None = None
    modified: datetime | None = None
    language: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    body: str = ""
    canonical: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()
    paywalled: bool | None = None
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_article(self) -> bool:
        """Whether this page may be stored as an article."""
        return self.page_type in (PageType.ARTICLE, PageType.LIVE_BLOG)


@dataclass(frozen=True, slots=True)
class ExtractRules:
    """What a source tells the extractor about its pages; everything has a general default.

    `outlet_names` are never persons and are cut from titles ("Orda.kz"); `zone` is the IANA
    zone for dates without an offset; `language` is the edition's declared language, used only
    when the page says nothing; `stop_headings` are lines after which nothing belongs to the
    article ("Latest news").
    """

    outlet_names: tuple[str, ...] = ()
    zone: str = "UTC"
    language: str | None = None
    stop_headings: tuple[str, ...] = ()


# --- the ledger --------------------------------------------------------------------------------


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
class Standing:
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
class Look:
    """One look at one address: what was asked, what came of it, and what the page said (None if nothing was read).

    `url_key` is the piece it is about, `lead_key` the key that was asked for where a redirect led elsewhere.
    `controls_fine` says, for a look in doubt, whether other articles of the edition answered
    properly in the same run; None where it was not asked. `vouched` says that the address itself
    is plainly an article's.
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
    vouched: bool = True


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


# --- runs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListingState:
    """What the archive knows of one listing channel address, for conditional requests and for cadence."""

    url: str
    edition: str
    channel: Channel
    last_read: datetime | None = None
    last_changed: datetime | None = None
    outcome: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    misses: int = 0  # reads in a row that answered 404 or 410


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One crawl of one source, as it ended. `counts` maps verdict kinds to numbers of leads."""

    source: str
    run_id: int | None
    started: datetime
    finished: datetime
    exit_code: int
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    listings_ok: int = 0
    listings_failed: int = 0
    problems: tuple[str, ...] = ()


# --- reads for people --------------------------------------------------------------------------


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
