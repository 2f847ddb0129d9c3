"""24.kz in Russian and Kazakh: two parts of one Joomla host.

Seen in stored pages and recorded checks: addresses with "item" and a number, the search; the feed answers 404.
Inferred: the list's offset parameter (Joomla's own) and that the Kazakh part is built alike.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider


class Kz24Spider(NewsSpider):
    name = "24kz"
    outlet = "24.kz"
    outlet_names = ("24KZ", "Хабар 24", "Khabar 24")
    zone = "Asia/Almaty"
    editions = (
        Edition("ru", "24.kz", "ru", listings=("/ru/", "/ru/news"), sections=("/ru/",)),
        Edition("kk", "24.kz", "kk", listings=("/kz/", "/kz/zha-aly-tar"), sections=("/kz/",)),
    )
    listed_path = r"^/(?:ru|kz)/(?:[^/]+/)+item/\d+-[^/]+$"
    identity_path = r"/item/(\d+)-[^/]+$"
    stop_headings = ("Читайте также", "Другие новости раздела", "Последние новости", "Соңғы жаңалықтар")
