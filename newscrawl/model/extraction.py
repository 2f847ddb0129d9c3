"""What pages contain: articles, authors, images, page types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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

    @property
    def is_article(self) -> bool:
        """Whether such a page may be stored as an article."""
        return self in (PageType.ARTICLE, PageType.LIVE_BLOG)

    @property
    def hides_article(self) -> bool:
        """Whether such a page comes instead of the article and says nothing of it: challenge, paywall, unreadable bytes."""
        return self in (PageType.CHALLENGE, PageType.PAYWALL_STUB, PageType.UNREADABLE)


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
class Beside:
    """What the article's own block shows beside its words: no part of the text, and telling all the same.

    `links` are the targets of its links and the addresses of its videos, in page order; `markup` are its parts that
    are struck out, raised or lowered, as (tag, text). `noindex`: the page asks search engines to leave it out.
    """

    links: tuple[str, ...] = ()
    markup: tuple[tuple[str, str], ...] = ()
    noindex: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What one page says, extracted. Unknown fields are None or empty, never guessed.

    `url` is the page's own canonical address if it names a usable one, else the address given.
    `published` and `modified` are aware and keep the publisher's own offset; with precision DAY
    `published` is local midnight in the outlet's zone. `body` is plain text, paragraphs joined
    by one empty line. `alternates` are (language tag, address) pairs. `origins` maps a field
    name to the layer it came from ("json-ld", "h1", "byline", …). `reason` says why the page
    has its `page_type`. `beside` is in no output: it is compared, and tells what changed. `incomplete` says what the page does not have of its piece ("page 1 of 3").
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
    incomplete: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    beside: Beside = Beside()

    @property
    def is_article(self) -> bool:
        """Whether this page may be stored as an article."""
        return self.page_type.is_article


@dataclass(frozen=True, slots=True)
class Announced:
    """What a channel said of an article besides its address: a feed's title, pubDate, dc:creator and categories, a sitemap's title and date.

    Claims of the channel, below what the page itself states.
    """

    published: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors for pages that need help. A field whose selector finds nothing is extracted as usual.

    `article` is the element that holds one article, headline to end: the first match counts and the rest of
    the page's body is left out (for pages with several articles or tickers). `drop` matches what belongs to no
    article. The others name the elements whose text is the field; for `published` the
    attributes `datetime` and `content` come before the text.
    """

    article: str | None = None
    drop: tuple[str, ...] = ()
    title: str | None = None
    subtitle: str | None = None
    authors: str | None = None
    published: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractRules:
    """What a source tells the extractor about its pages; every field has a general default.

    `outlet_names` are never persons and are cut from titles ("Orda.kz"); `zone` is the IANA
    zone for dates without an offset; `language` is the edition's declared language, used only
    when the page says nothing; `stop_headings` are lines after which nothing belongs to the
    article ("Latest news"). `local_times` says that times written on pages are the outlet's own
    clock whatever offset stands beside them ("GMT +6" years after the country moved to UTC+5).
    `translates` says that the outlet translates its own articles, so that a bare label "Автор:" names the author of
    the original.
    """

    outlet_names: tuple[str, ...] = ()
    zone: str = "UTC"
    language: str | None = None
    stop_headings: tuple[str, ...] = ()
    selectors: Selectors = Selectors()
    local_times: bool = False
    translates: bool = False
