"""Listings, feeds and sitemaps of a source: which are read, how far back, and what follows from each read."""
