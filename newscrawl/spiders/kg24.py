"""24.kg in Russian and English, of Kyrgyzstan.

Seen in stored pages: addresses with a number before the slug, two captures of one address that differ in what stands above
the text. Inferred: the English part below /english/, the feed.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider


class Kg24Spider(NewsSpider):
    name = "24kg"
    outlet = "24.kg"
    outlet_names = ("ИА «24.kg»", "24.kg news agency")
    zone = "Asia/Bishkek"
    editions = (
        Edition("ru", "24.kg", "ru", listings=("/",), feeds=("/rss/",)),
        Edition("en", "24.kg", "en", listings=("/english/",), sections=("/english/",)),
    )
    listed_path = r"^/[a-z_]+/\d{4,}_[^/]+/?$"
    identity_path = r"/(\d{4,})_[^/]+/?$"
    stop_headings = ("Популярные новости", "Бизнес", "Популярное", "Popular")
