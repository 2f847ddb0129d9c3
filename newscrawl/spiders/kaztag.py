"""KazTAG in Russian, English and Kazakh: three parts of one Bitrix host.

Seen in stored pages and recorded checks: the lists with their page parameter, the dateline without a year, the line on
the photo's source; articles stand behind a challenge of their CDN, which counts as an outage, never as a removal.
Inferred: that the address ends in a slug below /news/.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider


def _part(name: str, root: str) -> Edition:
    news = Listing(f"{root}news/", more=f"{root}news/?PAGEN_1={{n}}")
    return Edition(name, "kaztag.kz", name, listings=(news,), sections=(root,))


class KaztagSpider(NewsSpider):
    name = "kaztag"
    outlet = "KazTAG"
    outlet_names = ("КазТАГ", "ҚазТАГ", "QazTAG")
    zone = "Asia/Almaty"
    editions = (_part("ru", "/ru/"), _part("en", "/en/"), _part("kk", "/kz/"))
    listed_path = r"^/(?:ru|en|kz)/news/[^/?]*-[^/?]+/?$"
    stop_headings = ("Читайте также", "Другие новости", "Read also")
