"""The Times of Central Asia in English.

Seen in stored pages and public scrapers' code: root slugs, `?p=` duplicates, the feed with ten whole texts, an exchange-rate
ticker and today's date at the top of every page, both new at each visit. Old Joomla addresses answer with other content
and are no leads. Inferred: WordPress's sitemap, the class of the ticker.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors


class TimescaSpider(NewsSpider):
    name = "timesca"
    outlet = "The Times of Central Asia"
    outlet_names = ("Times of Central Asia", "TCA")
    zone = "Asia/Almaty"
    editions = (
        Edition(
            "en", "timesca.com", "en", feeds=("/feed/",), sitemaps=("/sitemap_index.xml", "/wp-sitemap.xml")
        ),
    )
    listed_path = r"^/(?:(?:[^/-]+-){3,}[^/-]+/?|\?p=\d{3,})$"
    stop_headings = ("Related", "Latest News", "Suggested Articles")
    selectors = Selectors(drop=(".ticker", ".currency-rates", ".today", "[class*=exchange]"))
