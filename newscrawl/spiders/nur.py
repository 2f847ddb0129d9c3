"""NUR.KZ in Russian and Kazakh.

Seen in public scrapers' code and recorded checks: the latest list (endless scroll), the feeds of 50 items, the
cards with exact times, the text's paragraphs. Notes disagree about the sitemap (used by one, called frozen by
another): it is read, and a sitemap that stands still costs one request a day. Inferred: the number that ends an address.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider

_SITEMAPS = ("/article-index-sitemap.xml",)


class NurSpider(NewsSpider):
    name = "nur"
    outlet = "NUR.KZ"
    outlet_names = ("NUR", "Nur.kz")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "www.nur.kz", "ru", ("/latest/",), ("/rss/all.rss",), _SITEMAPS, mirrors=("nur.kz",)),
        Edition("kk", "kaz.nur.kz", "kk", ("/latest/",), ("/rss/all.rss",), _SITEMAPS),
    )
    listed_path = r"^/[a-z-]+(?:/[a-z-]+)*/\d{6,}-[^/]+/?$"
    identity_path = r"/(\d{6,})-[^/]+/?$"
    stop_headings = ("Читайте также", "Тағы оқыңыз", "Оригинал статьи")
