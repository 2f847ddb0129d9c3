"""Commands that bring articles into the archive: crawl, import, reprocess, extract, and their sources."""
