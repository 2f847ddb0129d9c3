"""The Astana Times in English.

Seen in stored pages and public scrapers' code: WordPress addresses by month, the feed, datelines ("ASTANA – ",
"NUR-SULTAN – " from 2019 to 2022), photo credits, author links. Inferred: WordPress's own sitemap and page addresses.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider


class AstanaTimesSpider(NewsSpider):
    name = "astanatimes"
    outlet = "The Astana Times"
    outlet_names = ("Astana Times",)
    zone = "Asia/Almaty"
    editions = (
        Edition("en", "astanatimes.com", "en", listings=("/", Listing("/category/nation/", more="/category/nation/page/{n}/")),
                feeds=("/feed/",), sitemaps=("/sitemap_index.xml", "/wp-sitemap.xml")),
    )  # fmt: skip
    listed_path = r"^/20\d\d/\d\d/[^/]+/?$"
    stop_headings = ("Related news", "Get The Astana Times stories sent directly to you!")
