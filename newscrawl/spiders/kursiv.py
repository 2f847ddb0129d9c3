"""Kursiv in Russian, Kazakh and English: three parts of one WordPress host.

Seen in stored pages and public scrapers' code: addresses that begin with the date, the sitemaps of the three languages,
the list of the English part, `?p=` duplicates, and a role in place of an author's name. Inferred: that the feeds of WordPress
are on, and the lists of the Russian and the Kazakh part.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider


def _part(name: str, root: str, *, main: bool = False) -> Edition:
    return Edition(
        name,
        "kz.kursiv.media",
        name,
        listings=(Listing(f"{root}news/", more=f"{root}news/page/{{n}}/"),),
        feeds=(f"{root}feed/",),
        sitemaps=(f"/sitemaps/{name}/sitemap.xml",),
        sections=() if main else (root,),
    )


class KursivSpider(NewsSpider):
    name = "kursiv"
    outlet = "Kursiv Media"
    outlet_names = ("Kursiv", "Курсив", "Kursiv Media Казахстан", "Kursiv Research")
    zone = "Asia/Almaty"
    editions = (_part("ru", "/", main=True), _part("kk", "/kk/"), _part("en", "/en/"))
    listed_path = r"^/(?:(?:kk/|en/)?20\d\d-\d\d-\d\d/[^/]+/?|\?p=\d{3,})$"
    stop_headings = ("Читайте также", "Читать также", "Тағы оқыңыз", "Read also")
