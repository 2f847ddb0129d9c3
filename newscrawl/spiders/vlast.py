"""Vlast.kz in Russian, Kazakh and English: three sections of one host.

Seen in stored pages and public scrapers' code: the sections and their archive pages, the number in the address, the
view count and the Russian date at the top of English pages, author and photographer in one line, the English
article under /kz/english/ as well. Inferred: that section names keep to a letter-and-hyphen shape.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors


def _section(name: str, path: str, duplicate: str) -> Edition:
    return Edition(
        name, "vlast.kz", name, (Listing(path, more=path + "{n}/?archive=1"),), sections=(path, duplicate)
    )


class VlastSpider(NewsSpider):
    name = "vlast"
    outlet = "Vlast.kz"
    outlet_names = ("Vlast", "Власть")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "vlast.kz", "ru", ("/", Listing("/novosti/", more="/novosti/{n}/?archive=1"))),
        _section("kk", "/vlast-qazaqsha/", "/kz/vlast-qazaqsha/"),
        _section("en", "/english/", "/kz/english/"),
    )
    listed_path = r"^/(?:kz/)?[a-z-]+/\d{4,}-[^/]+\.html$"
    identity_path = r"/(\d{4,})-[^/]+\.html$"
    selectors = Selectors(published=".js-date-long")
    stop_headings = ("Ещё по теме", "Читайте также", "Оқи отырыңыз", "Read also")
