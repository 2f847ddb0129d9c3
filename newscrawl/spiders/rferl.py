"""RFE/RL in English, of one CMS with Azattyq.

Seen in stored pages, public scrapers' code and the HTML of a sister site: addresses, AMP duplicates, feed and sitemap, exact
instants in `datetime` over relative words, captions printed twice. The outlet is blocked in several countries and read
through changing mirror hosts: crawl one of those with `site=`. Inferred: which numbered list is the newest-first one.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors

_NEWS = Listing("/z/1", more="/z/1?p={n}", first=1, days="/z/1/{day.year}/{day.month}/{day.day}")


class RferlSpider(NewsSpider):
    name = "rferl"
    outlet = "Radio Free Europe/Radio Liberty"
    outlet_names = ("RFE/RL", "RadioFreeEurope/RadioLiberty", "rferl.org")
    zone = "Europe/Prague"
    editions = (
        Edition(
            "en", "www.rferl.org", "en", ("/", _NEWS), ("/api/",), ("/sitemap.xml",), mirrors=("rferl.org",)
        ),
    )
    listed_path = r"^/(?:a|amp|amp/a)/(?:[^/]+/)?\d{6,}\.html$"
    identity_path = r"/(\d{6,})\.html$"
    stop_headings = ("Comments", "Related", "Read more")
    selectors = Selectors(drop=(".c-mmp__fallback", ".accessibility-links", ".breaking-news"))
