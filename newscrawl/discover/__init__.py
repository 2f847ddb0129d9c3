"""Bytes of listings, feeds and sitemaps to leads. Fetches nothing and decides nothing."""
