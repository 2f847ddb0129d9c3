"""Informburo.kz in Russian.

Seen in public scrapers' code and recorded checks: the list under day headings without a year, two links to every
piece, addresses with neither number nor date, the text's container and its "read more" insets. The feed is
refused (403), the search is rendered by a script. Inferred: the page parameter of the list, and sections other than news.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors


class InformburoSpider(NewsSpider):
    name = "informburo"
    outlet = "Informburo.kz"
    outlet_names = ("Informburo", "Информбюро")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "informburo.kz", "ru", listings=("/", Listing("/novosti", more="/novosti?page={n}"))),
    )
    listed_path = r"^/(?:novosti|stati|interview|mneniya|cards)/[a-z0-9][^/]*-[^/]+/?$"
    stop_headings = ("Читайте также", "Популярное в нашем телеграм-канале")
    selectors = Selectors(drop=(".read-more",))
