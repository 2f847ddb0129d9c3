"""The sitemaps that a robots.txt names."""

from __future__ import annotations

import re

from newscrawl.discover.address import resolve
from newscrawl.discover.charset import decode
from newscrawl.discover.entries import EntryCounts
from newscrawl.model import EntryOutcome, ListingPage

BYTES_LIMIT = 500 << 10  # the least that a reader must parse (RFC 9309, section 2.5)
SITEMAPS_LIMIT = 1000
_BEYOND = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*\S", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def named_sitemaps(body: bytes, url: str, *, content_type: str | None = None) -> ListingPage:
    """The sitemaps named in the robots.txt at `url`, as children, each once; relative addresses are resolved.

    Anything but web addresses is left out. Never raises on content; a web page in place of a robots.txt gives none.
    """
    end = len(body) if len(body) <= BYTES_LIMIT else body.rfind(b"\n", 0, BYTES_LIMIT) + 1 or BYTES_LIMIT
    text = decode(body[:end], content_type).replace("\r", "\n")
    if text.lstrip().startswith("<"):
        return ListingPage(problem="not a robots.txt: a web page")
    lines = _LINE.findall(text)
    found = [address for written in lines if (address := resolve(url, written))]
    children = tuple(dict.fromkeys(found))
    beyond = sum(1 for _ in _BEYOND.finditer(body, end))
    left = EntryCounts()
    left.add(EntryOutcome.NO_ADDRESS, number=len(lines) - len(found))
    left.add(EntryOutcome.TWICE, number=len(found) - len(children))
    left.add(EntryOutcome.BOUND, number=max(0, len(children) - SITEMAPS_LIMIT) + beyond)
    problems = []
    if len(children) > SITEMAPS_LIMIT:
        problems.append(f"more than {SITEMAPS_LIMIT} sitemaps; the rest was left")
    if beyond:
        problems.append(f"{beyond} sitemaps beyond {BYTES_LIMIT >> 10} KB; they were left")
    return ListingPage(
        children=children[:SITEMAPS_LIMIT],
        problem="; ".join(problems) or None,
        named=len(lines) + beyond,
        left=left.counts(),
    )
