"""Orda.kz in English, Russian and Kazakh.

Seen in stored pages and public scrapers' code: the hosts, the address shape, the numbered news
sitemaps (all hosts), the Russian feed, the block of newest headlines under every article. Not
seen: the live HTML, the English and Kazakh feeds, robots.txt. So discovery leans on addresses,
feed and sitemaps, and a channel that is not offered harms no other.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider

_FEEDS = ("/feed/",)
_SITEMAPS = ("/sitemap/sitemap_news{n}.xml",)


class OrdaSpider(NewsSpider):
    name = "orda"
    outlet = "Orda.kz"
    outlet_names = ("Orda", "Орда")
    zone = "Asia/Almaty"
    # "Original Author: A, Translation: B" in English, "Автор: A" in the Russian original.
    translates = True
    editions = (
        Edition("en", "en.orda.kz", "en", feeds=_FEEDS, numbered=_SITEMAPS),
        Edition("ru", "orda.kz", "ru", feeds=_FEEDS, numbered=_SITEMAPS),
        Edition("kk", "kaz.orda.kz", "kk", feeds=_FEEDS, numbered=_SITEMAPS),
    )
    # On pages: a slug with its number, or, from before the move off WordPress, a bare slug of four words or more
    # (shorter ones are sections and service pages). What feeds and sitemaps name is taken whatever it is called.
    listed_path = (
        r"^/(?:[^/]*[^/\d-][^/]*-\d{3,}|(?:[^/-]+-){3,}[^/-]+)/?$|^/amp/[^/]*-\d{3,}/?$|^/[^/]*-\d{3,}/amp/?$"
    )
    # A slug that ends in a year has no number.
    identity_path = r"-(?!(?:19|20)\d\d(?:/|$))(\d{3,})(?:/amp)?/?$"
    stop_headings = ("Latest news", "Лента новостей", "Соңғы жаңалықтар", "Жаңалықтар таспасы")
