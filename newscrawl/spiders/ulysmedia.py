"""Ulysmedia in Russian.

Seen in stored pages and recorded checks: addresses with a number before the slug, the search's cards; the feed answers
404. Inferred: the sections and the page parameter of the news list.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider


class UlysmediaSpider(NewsSpider):
    name = "ulysmedia"
    outlet = "Ulysmedia.kz"
    outlet_names = ("Ulysmedia", "Ұлыс Медиа", "Ulys Media")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "ulysmedia.kz", "ru", listings=("/", Listing("/news/", more="/news/?page={n}"))),
    )
    listed_path = r"^/(?!(?:tags?|authors?|users?|page|search)/)[a-z_-]+/\d{3,}-[^/]+/?$"
    identity_path = r"/(\d{3,})-[^/]+/?$"
    stop_headings = ("Читайте также", "Популярное", "Последние новости")
