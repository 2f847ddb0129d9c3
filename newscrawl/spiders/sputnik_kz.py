"""Sputnik Kazakhstan in Kazakh and Russian.

Seen in public scrapers' code and recorded checks: addresses that begin with the day, the archive sitemap with one page
of links a day, the feed, the text's blocks. Inferred: the day lists under the same date.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors

_LISTS = ("/", Listing("/archive/", days="/{day:%Y%m%d}/"))
_FEEDS = ("/export/rss2/archive/index.xml",)
_SITEMAPS = ("/sitemap_archive.xml",)


class SputnikKzSpider(NewsSpider):
    name = "sputnik_kz"
    outlet = "Sputnik Казахстан"
    outlet_names = ("Sputnik Қазақстан", "Sputnik Kazakhstan", "Sputnik")
    zone = "Asia/Almaty"
    editions = (
        Edition("kk", "sputnik.kz", "kk", _LISTS, _FEEDS, _SITEMAPS),
        Edition("ru", "ru.sputnik.kz", "ru", _LISTS, _FEEDS, _SITEMAPS),
    )
    listed_path = r"^/20\d{6}/[^/]+-\d+\.html$"
    identity_path = r"-(\d+)\.html$"
    selectors = Selectors(subtitle=".article__announce-text", authors='meta[name="analytics:author"]')
    stop_headings = ("Читайте также", "Тағы оқыңыз", "Лента новостей")
