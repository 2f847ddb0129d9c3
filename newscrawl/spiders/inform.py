"""Kazinform (inform.kz) in Russian, Kazakh, Kazakh in Latin letters, and English.

Seen in stored pages (one as HTML), public scrapers' code and recorded checks: the feeds, both forms of addresses (an old
number after "_a", six hexadecimal digits since), nominative months, "GMT +6" beside times long after the country moved
to UTC+5, the author in a block at the foot while the metadata names the agency. Inferred: the list's path on all hosts.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors

_LISTS = ("/", "/lenta/")


class InformSpider(NewsSpider):
    name = "inform"
    outlet = "Kazinform"
    outlet_names = (
        "INFORM.KZ",
        "Казинформ",
        "Қазақпарат",
        "Kazinform International News Agency",
        "Qazaqparat",
    )
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "www.inform.kz", "ru", _LISTS, feeds=("/rss/rus.xml",), mirrors=("inform.kz",)),
        Edition("kk", "kaz.inform.kz", "kk", _LISTS, feeds=("/rss/kz.xml",)),
        Edition("qz", "qz.inform.kz", "kk", _LISTS),
        Edition("en", "en.inform.kz", "en", _LISTS),
    )
    listed_path = r"^/(?:[a-z]+/)?[^/]+(?:_a\d{6,}|-[0-9a-f]{6})(?:/amp)?/?$"
    identity_path = r"(_a\d{6,}|-(?=[a-f]*\d)[0-9a-f]{6})(?:/amp)?/?$"
    stop_headings = (
        "Новости по теме",
        "Читайте также",
        "Последние новости",
        "Соңғы жаңалықтар",
        "Latest news",
    )
    selectors = Selectors(authors=".article__author", subtitle=".article__description")
    local_times = True
