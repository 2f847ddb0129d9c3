"""One listing address to read: what it is, and what the archive calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.model import Channel

ROBOTS = "/robots.txt"


@dataclass(frozen=True, slots=True)
class ListingTask:
    """One listing address to read.

    `series` is the template a numbered sitemap comes from, with its `number` and the `misses` in a row before it;
    `depth` counts pages of a list or levels of an index. `root` is the first page of the list, for an older page of it.
    `form` are the fields of a page requested by POST, `name` is what the archive calls it then. `day` is set for
    the list of a day. `waits` says that the page is worth reading only once it is known when the articles of
    the page before were published. `elsewhere` is set for a sitemap of the outlet on a host of others, `changed` is when
    a sitemap changed last, as its index says.
    """

    edition: Edition
    channel: Channel
    url: str
    series: str | None = None
    number: int = 1
    misses: int = 0
    depth: int = 0
    root: str | None = None
    listing: Listing | None = None
    form: tuple[tuple[str, str], ...] = ()
    name: str = ""
    day: date | None = None
    waits: bool = False
    changed: datetime | None = None
    elsewhere: bool = False

    @property
    def listed_as(self) -> str:
        """What the archive calls the address."""
        return self.name or self.url

    @property
    def first_page(self) -> str:
        """What the archive calls the first page of the list."""
        return self.root or self.listed_as

    @property
    def rendered(self) -> bool:
        """Whether a browser must render the page."""
        return self.listing is not None and self.listing.rendered(self.depth)

    @property
    def render_hosts(self) -> frozenset[str]:
        """The hosts that scripts of a rendered page may send requests to; empty for a page without browser."""
        if self.listing is None or not self.rendered:
            return frozenset()
        return self.edition.hosts.union(self.listing.scripts_from)
