"""What listings, feeds and sitemaps give: leads, and how far back a list was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from newscrawl.model.extraction import Announced


class Channel(StrEnum):
    """Where leads come from."""

    LISTING = "listing"  # a page that lists articles, such as the front page
    BLOCK = "block"  # the "Latest news" block inside an article page
    FEED = "feed"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may be an article, with what the listing says of it.

    `url` is absolute and as found; `position` counts from 0 in the order of the listing;
    `published` and `modified` are aware or None. `position`, `headline` and the dates are the
    listing's claims, never facts about the article. `doubtful`: a sitemap names it without a date of publication, and
    its address has not the form of an article's: sitemaps name every page of a site. `announced` is what a feed or a
    sitemap said of the article in words of its own, for the reader of its page.
    """

    url: str
    channel: Channel
    listing: str
    position: int = 0
    headline: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    doubtful: bool = False
    announced: Announced | None = None


class EntryOutcome(StrEnum):
    """What became of one entry of a channel when the channel was read: each entry has exactly one."""

    NEW = "new"  # an address the archive had not met: a lead now
    KNOWN = "known"  # a lead or an article already
    BY_DATE = "by_date"  # kept as a lead, and not asked: published outside the dates of the run
    SITEMAP = "sitemap"  # a sitemap of an index or a robots.txt: read, or read lately
    TWICE = "twice"  # the same address as an entry before it in the document
    NO_ADDRESS = "no_address"  # no web address, or none that can be used
    OTHER_HOST = "other_host"  # neither on a host of the outlet nor on a subdomain of one
    OTHER_EDITION = "other_edition"  # of another edition, which reads its own channels
    FRONT_PAGE = "front_page"
    FILE = "file"  # a picture, a document, a feed
    SERVICE = "service"  # a page of tags, authors or categories, in a feed or sitemap
    NO_PATTERN = "no_pattern"  # no pattern of the source takes it
    MENU = "menu"  # a link on a listing page whose text is no headline
    SITEMAP_BY_DATE = "sitemap_by_date"  # of a month or day outside the dates of the run, by its name
    SITEMAP_REFUSED = "sitemap_refused"  # on a private host
    BOUND = "bound"  # behind a bound on entries, sitemaps or levels of an index

    @property
    def is_taken(self) -> bool:
        """Whether the entry is followed, or was before."""
        return self in (EntryOutcome.NEW, EntryOutcome.KNOWN, EntryOutcome.BY_DATE, EntryOutcome.SITEMAP)


@dataclass(frozen=True, slots=True)
class EntryCount:
    """How many entries of a document had one outcome, with the first few addresses."""

    outcome: EntryOutcome
    number: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What one listing, feed or sitemap document gave.

    `children` are further sitemaps of a sitemap index; `next_pages` continue the list
    (rel=next, "view all", older pages). `problem` says in a few words why the document gave
    nothing or less than it should ("not a feed: text/html", "broken XML after entry 12").
    `changed` maps children to when they last changed, where the index says so; `hub` is the WebSub address of
    a feed: stored, not used. `named` is how many entries the document has, `left` what became of those that are
    neither leads nor children. `torn`: the document ends or breaks before its end, so that it is no whole answer.
    """

    leads: tuple[Lead, ...] = ()
    children: tuple[str, ...] = ()
    next_pages: tuple[str, ...] = ()
    problem: str | None = None
    changed: Mapping[str, datetime] = field(default_factory=dict)
    hub: str | None = None
    named: int = 0
    left: tuple[EntryCount, ...] = ()
    torn: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the document gave what it has: only then may the server be asked whether it changed."""
        gave = bool(self.leads or self.children)
        return not self.torn and (gave or self.problem is None)


@dataclass(frozen=True, slots=True)
class BackfillCursor:
    """How far back a list was read, page after page without a hole.

    `root` is the address of its first page, `depth` how many pages were read, `next` the following one (None:
    the list has no more). Everything the list shows that was published after `reached` is on the pages already
    read (None: its pages give no dates). `short_of` is the date that was asked for where the list ended before it.
    """

    root: str
    depth: int
    next: str | None
    reached: datetime | None = None
    short_of: datetime | None = None
