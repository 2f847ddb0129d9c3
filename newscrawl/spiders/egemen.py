"""Egemen Qazaqstan in Kazakh, in Cyrillic and in Latin letters.

Seen in stored pages and recorded checks: dates such as "30 Qazan, 2025" and "21 Ақпан, 2025", the feed of 50 items.
Inferred: the number at the beginning of the address, and that the Latin host repeats the paths of the Cyrillic one.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider


class EgemenSpider(NewsSpider):
    name = "egemen"
    outlet = "Egemen Qazaqstan"
    outlet_names = ("Егемен Қазақстан", "Egemen")
    zone = "Asia/Almaty"
    editions = (
        Edition("kk", "egemen.kz", "kk", feeds=("/rss",)),
        Edition("lat", "lat.egemen.kz", "kk", feeds=("/rss",)),
    )
    listed_path = r"^/article/\d{4,}-[^/]+/?$"
    identity_path = r"/article/(\d{4,})-[^/]+/?$"
    stop_headings = ("Ұқсас жаңалықтар", "Соңғы жаңалықтар", "Uqsas jańalyqtar")
