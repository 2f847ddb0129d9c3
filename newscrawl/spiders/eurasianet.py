"""Eurasianet in English and Russian.

Seen in stored pages: root slugs with neither date nor number, percent-encoded Cyrillic ones on the Russian host. The lists
of feeds disagree (/rss.xml, /rss): both are read, and an address that is not offered harms nothing. Inferred: the lists.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider

_FEEDS = ("/rss.xml", "/rss")


class EurasianetSpider(NewsSpider):
    name = "eurasianet"
    outlet = "Eurasianet"
    outlet_names = ("EurasiaNet.org", "Евразианет")
    zone = "America/New_York"
    editions = (
        Edition("en", "eurasianet.org", "en", listings=("/", "/latest"), feeds=_FEEDS),
        Edition("ru", "russian.eurasianet.org", "ru", listings=("/", "/latest"), feeds=_FEEDS),
    )
    # A slug of four words or more: shorter ones are sections and service pages.
    listed_path = r"^/(?:[^/-]+-){3,}[^/-]+/?$"
    stop_headings = ("Related", "Trending", "Popular", "Популярное")
