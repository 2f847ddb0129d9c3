"""The Diplomat in English, Central Asia first.

Seen in public scrapers' code and stored pages: addresses by month, both feeds, the elements of headline, text and authors,
the share and newsletter blocks, the same page under numbered server names. Inferred: nothing but the list's page address.
"""

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors


class TheDiplomatSpider(NewsSpider):
    name = "thediplomat"
    outlet = "The Diplomat"
    zone = "America/New_York"
    editions = (
        Edition("en", "thediplomat.com", "en", feeds=("/regions/central-asia/feed", "/feed/"),
                listings=(Listing("/regions/central-asia/", more="/regions/central-asia/page/{n}/"),)),
    )  # fmt: skip
    listed_path = r"^/20\d\d/\d\d/[^/]+/?$"
    selectors = Selectors(
        drop=(".td-share", ".td-ad", "#td-box-newsletter"),
        authors="#td-story-authors .td-author-link",
        subtitle="#td-lead",
    )
