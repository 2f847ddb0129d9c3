"""Tengrinews in Russian, Kazakh and English.

Seen in public scrapers' code and recorded checks: the lists with their page and day addresses, the
sitemap indexes (with impossible years in `lastmod`), the text's container, the slug cut short before the
number. Feeds answer 404 or the front page. Inferred: that the same paths serve all three editions.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors

_NEWS = Listing("/news/", more="/news/page/{n}/", days="/news/{day:%Y/%m/%d}/")


class TengrinewsSpider(NewsSpider):
    name = "tengrinews"
    outlet = "Tengrinews.kz"
    outlet_names = ("Tengrinews", "TengriNews", "Tengri News")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "tengrinews.kz", "ru", listings=(_NEWS,), sitemaps=("/sitemap-index.xml",)),
        Edition("kk", "kaz.tengrinews.kz", "kk", listings=(_NEWS,), sitemaps=("/kk-sitemap-index.xml",)),
        Edition("en", "en.tengrinews.kz", "en", listings=(_NEWS,), sitemaps=("/en-sitemap-index.xml",)),
    )
    # The slug is cut short, so the number is the identity.
    listed_path = r"^/(?!(?:tags?|authors?|page|accounts|search)/)[a-z_]+/[^/]+-\d{4,}/?$"
    identity_path = r"-(\d{4,})/?$"
    stop_headings = ("Читайте также", "Тағы оқыңыз", "Read also", "Показать комментарии")
    selectors = Selectors(drop=("#comm", ".content_main_meta", ".meta"))
