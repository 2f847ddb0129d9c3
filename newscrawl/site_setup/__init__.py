"""`newscrawl add`: survey of an unknown site, address patterns, preview, the source file."""
