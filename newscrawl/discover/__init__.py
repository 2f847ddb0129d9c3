"""Leads from the bytes of listings, feeds, sitemaps and robots.txt files; what one page of an unknown site offers."""
