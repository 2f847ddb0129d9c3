"""The sitemaps that a robots.txt names. Its rules are the crawler's business."""

from __future__ import annotations

import re

from newscrawl.discover.address import resolve
from newscrawl.discover.charset import decode
from newscrawl.model import ListingPage

BYTES_LIMIT = 500 << 10  # RFC 9309: what a reader must at least parse
SITEMAPS_LIMIT = 1000
_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def named_sitemaps(body: bytes, url: str, *, content_type: str | None = None) -> ListingPage:
    """The sitemaps named in the robots.txt at `url`, as children, each once; a relative address is taken as meant.

    What is no web address is left out. Never raises on content; a web page in its place gives nothing.
    """
    text = decode(body[:BYTES_LIMIT], content_type).replace("\r", "\n")
    if text.lstrip().startswith("<"):
        return ListingPage(problem="not a robots.txt: a web page")
    found = (resolve(url, written) for written in _LINE.findall(text))
    children = tuple(dict.fromkeys(address for address in found if address))
    over = len(children) > SITEMAPS_LIMIT
    problem = f"more than {SITEMAPS_LIMIT} sitemaps; the rest was left" if over else None
    return ListingPage(children=children[:SITEMAPS_LIMIT], problem=problem)
