"""KT.kz in Russian, Kazakh and English: three parts of one host.

Seen in stored pages: one page carries several whole articles one under another, each with its date and a view counter
that moves at every visit. Inferred: addresses by language, section and number, the class of one piece, the lists.
"""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors


def _part(name: str, root: str) -> Edition:
    return Edition(
        name, "www.kt.kz", name, listings=(f"{root}latest/",), sections=(root,), mirrors=("kt.kz",)
    )


class KtSpider(NewsSpider):
    name = "kt"
    outlet = "KT.kz"
    outlet_names = ("Kazakhstan Today", "Казахстан сегодня", "КТ")
    zone = "Asia/Almaty"
    editions = (_part("ru", "/rus/"), _part("kk", "/kaz/"), _part("en", "/eng/"))
    listed_path = r"^/(?:rus|kaz|eng)/[a-z_]+/[^/]+_\d{6,}\.html$"
    identity_path = r"_(\d{6,})\.html$"
    # The requested article comes first; the others have addresses of their own.
    selectors = Selectors(article=".post, .news-full, article", drop=(".views", ".post__views"))
