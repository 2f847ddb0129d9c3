"""Bytes of listings, feeds and sitemaps to leads. Fetches nothing and decides nothing."""

from newscrawl.discover.feed import feed
from newscrawl.discover.listing import links
from newscrawl.discover.sitemap import sitemap

__all__ = ["feed", "links", "sitemap"]
