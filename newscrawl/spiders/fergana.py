"""Fergana in Russian, English, Uzbek and Spanish; one domain of several that carry the same pages.

Seen in stored pages: numbers in place of slugs, another number for the same story in each language, legal asides in
brackets within sentences, an old mirror that prints warnings of its scripts above the text. Inferred: which host
serves which language now, the feed, the lists.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider

_LISTS = ("/", "/news/")


class FerganaSpider(NewsSpider):
    name = "fergana"
    outlet = "Фергана"
    outlet_names = ("Fergana", "Фергана.Ру", "Fergana News", "Farg'ona")
    zone = "Asia/Tashkent"
    editions = (
        Edition(
            "ru",
            "fergana.agency",
            "ru",
            _LISTS,
            feeds=("/rss/",),
            mirrors=("fergana.media", "fergana.news", "fergana.ru"),
        ),
        Edition("en", "en.fergana.agency", "en", _LISTS, mirrors=("en.fergana.news",)),
        Edition("uz", "uz.fergana.agency", "uz", _LISTS, mirrors=("uz.fergana.news",)),
        Edition("es", "es.fergana.agency", "es", _LISTS, mirrors=("es.fergana.news",)),
    )
    listed_path = r"^/(?:news|articles|photos)/\d{4,}/?$"
    identity_path = r"/(\d{4,})/?$"
    stop_headings = ("Читайте также", "Read also")
