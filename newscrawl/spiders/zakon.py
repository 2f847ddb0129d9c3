"""Zakon.kz in Russian and Kazakh.

Seen in public scrapers' code and recorded checks: the list and its "load more" by GET (HTML, or JSON that holds
HTML), the address with its number, the text's blocks, the lines that end an article. There is no working feed.
Inferred: that both hosts serve the same handler for the plain list.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors

_NEWS = Listing("/news/", more="/news/?handler=LoadMoreNews&p={n}&type=list")


class ZakonSpider(NewsSpider):
    name = "zakon"
    outlet = "Zakon.kz"
    outlet_names = ("Zakon", "Закон.kz")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "www.zakon.kz", "ru", listings=(_NEWS,), mirrors=("zakon.kz",)),
        Edition("kk", "kaz.zakon.kz", "kk", listings=(_NEWS,)),
    )
    # Russian pieces lie in a section, Kazakh ones at the root; /special/ and /pbf/ are advertising.
    listed_path = r"^/(?!special/|pbf/)(?:[a-z-]+/)?\d{6,}-[^/]+\.html$"
    identity_path = r"/(\d{6,})-[^/]+\.html$"
    selectors = Selectors(subtitle=".article__block .description, .content > .description")
    stop_headings = ("Читайте также", "Следите за новостями", "Нашли ошибку", "Тағы оқыңыз")
