"""What listings, feeds and sitemaps give: leads, and how far back a list was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
    `changed` maps children to when they last changed, where the index says so; `hub` is the WebSub address of
    a feed: stored, not used.
    """

    leads: tuple[Lead, ...] = ()
    children: tuple[str, ...] = ()
    next_pages: tuple[str, ...] = ()
    problem: str | None = None
    changed: Mapping[str, datetime] = field(default_factory=dict)
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class BackfillCursor:
    """How far back a list was read, page after page without a hole.

    `root` is the address of its first page, `depth` how many pages were read, `next` the following one (None:
    the list has no more). Everything the list shows that was published after `reached` is on the pages already
    read (None: its pages give no dates).
    """

    root: str
    depth: int
    next: str | None
    reached: datetime | None = None
