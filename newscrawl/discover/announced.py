"""What a feed or sitemap announces, by what the document is: outlets name feeds as sitemaps, and the other way round."""

from __future__ import annotations

from dataclasses import replace

from newscrawl.discover.feed import feed
from newscrawl.discover.sitemap import sitemap
from newscrawl.model import Channel, ListingPage


def announced(
    body: bytes, url: str, channel: Channel, *, content_type: str | None = None, limit: int | None = None
) -> ListingPage:
    """The entries of the document at `url`, which is offered as a channel of this kind.

    Read as that first; a document that is of the other kind is read as what it is, its leads counted to the
    channel. `limit` are the bytes of a sitemap after which the rest is left. Never raises on content.
    """
    more = {} if limit is None else {"limit": limit}
    if channel is Channel.FEED:
        page = feed(body, url, content_type=content_type)
        other = sitemap if _is_other(page) else None
    else:
        page = sitemap(body, url, content_type=content_type, **more)
        other = feed if _is_other(page) else None
    if other is None:
        return page
    found = other(body, url, content_type=content_type)
    if not found.leads and not found.children:
        return page
    return replace(found, leads=tuple(replace(lead, channel=channel) for lead in found.leads))


def _is_other(page: ListingPage) -> bool:
    return (page.problem or "").startswith("not a ")
