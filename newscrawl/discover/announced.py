"""What a feed or sitemap announces, by what the document is: outlets name feeds as sitemaps, and the other way round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from newscrawl.discover.feed import feed
from newscrawl.discover.sitemap import BYTES_LIMIT, sitemap
from newscrawl.model import Channel, ListingPage


def announced(
    body: bytes, url: str, channel: Channel, *, content_type: str | None = None, limit: int | None = None
) -> ListingPage:
    """The entries of the document at `url`, which is offered as a channel of this kind.

    Read as that first; a document that is of the other kind is read as what it is, its leads counted to the
    channel. `limit` are the bytes of a sitemap after which the rest is left. Never raises on content.
    """
    size = BYTES_LIMIT if limit is None else limit
    readers: tuple[Callable[[], ListingPage], ...] = (
        lambda: feed(body, url, content_type=content_type),
        lambda: sitemap(body, url, content_type=content_type, limit=size),
    )
    first, second = readers if channel is Channel.FEED else readers[::-1]
    page = first()
    if not (page.problem or "").startswith("not a "):
        return page
    found = second()
    if not found.leads and not found.children:
        return page
    return replace(found, leads=tuple(replace(lead, channel=channel) for lead in found.leads))
