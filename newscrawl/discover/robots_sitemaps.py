"""The sitemaps that a robots.txt names."""

from __future__ import annotations

import re

from newscrawl.discover.address import resolve
from newscrawl.discover.charset import decode
from newscrawl.discover.entries import EntryCounts
from newscrawl.model import EntryOutcome, ListingPage

BYTES_LIMIT = 500 << 10  # the least that a reader must parse (RFC 9309, section 2.5)
SITEMAPS_LIMIT = 1000
_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def named_sitemaps(body: bytes, url: str, *, content_type: str | None = None) -> ListingPage:
    """The sitemaps named in the robots.txt at `url`, as children, each once; relative addresses are resolved.

    Anything but web addresses is left out. Never raises on content; a web page in place of a robots.txt gives none.
    """
    text = decode(body[:BYTES_LIMIT], content_type).replace("\r", "\n")
    if text.lstrip().startswith("<"):
        return ListingPage(problem="not a robots.txt: a web page")
    lines = _LINE.findall(text)
    found = [address for written in lines if (address := resolve(url, written))]
    children = tuple(dict.fromkeys(found))
    left = EntryCounts()
    left.add(EntryOutcome.NO_ADDRESS, number=len(lines) - len(found))
    left.add(EntryOutcome.TWICE, number=len(found) - len(children))
    left.add(EntryOutcome.BOUND, number=len(children) - SITEMAPS_LIMIT)
    over = len(children) > SITEMAPS_LIMIT
    problem = f"more than {SITEMAPS_LIMIT} sitemaps; the rest was left" if over else None
    return ListingPage(
        children=children[:SITEMAPS_LIMIT], problem=problem, named=len(lines), left=left.counts()
    )
