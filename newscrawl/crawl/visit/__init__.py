"""Fetches single pages through Scrapy's downloader, outside a crawl and without an archive."""
