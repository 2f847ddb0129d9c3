"""Crawls sources with Scrapy, which only this package, spiders/ and commands/ import: requests out, observations and listing reads into the archive."""
