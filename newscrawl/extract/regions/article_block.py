"""Finds the article's own block on a page whose other parts are marked, and the row of page links in it."""

from __future__ import annotations

import re

from newscrawl.extract.page.lines import one_line
from newscrawl.extract.regions.marked_page import MarkedPage
from newscrawl.extract.regions.region_names import Region

NEAR = 60  # words around the block of the text that may be its byline and date
WHOLE = 0.9  # share of the page's own running text that the article's block must hold
ROW_WORDS = 24  # words of a row of page links
LONGEST_ADDRESS = 2000
_PAGE_NUMBER = re.compile(r"(?:\w{1,12} )?([2-9]|[1-4]\d)")
_PAGE_ADDRESS = re.compile(
    r"(?:[?&](?:page|paged|pg|p|seite|pagina|page_number)=|/(?:page|seite|pagina)[/-]?|[^/]/|[-_,]p?)(\d{1,2})(?:\.\w{3,5})?/?(?:#.*)?$"
)


def mark_page_links(page: MarkedPage, block: int, regions: list[Region]) -> None:
    """Marks the row of links to further pages of the article ("Page 1 of 3: 2 3") as frame."""
    out = page.outline
    for i in range(block, out.end[block]):
        element = out.elements[i]
        if (
            element.tag != "a"
            or regions[i] not in (Region.ARTICLE, Region.FRAME)
            or not 0 < out.words(i) <= 3
        ):
            continue
        number = _PAGE_NUMBER.fullmatch(one_line(out.text(i)))
        address = _PAGE_ADDRESS.search((element.get("href") or "")[:LONGEST_ADDRESS]) if number else None
        if not number or not address or number[1] != address[1]:
            continue
        row = out.home[i]
        while (up := out.parent[row]) > block and out.words(up) <= ROW_WORDS and up not in page.above:
            row = up
        if row == block or out.words(row) > ROW_WORDS or not out.prose[row] > out.prose[block]:
            continue
        for k in range(row, out.end[row]):
            regions[k] = Region.FRAME


def article_block(page: MarkedPage) -> int:
    """The position of the lowest element around the headline with nearly all of the page's own running text; -1: none."""
    out = page.outline
    prose = out.prose
    own = [0]
    for k in range(len(out.elements)):
        own.append(own[-1] + (prose[k + 1] - prose[k] if page.regions[k] is None else 0))
    total = own[-1]
    body = next((k for k, e in enumerate(out.elements) if e.tag == "body"), 0)
    if page.at >= 0:
        for k in out.ancestors(page.at):
            if own[out.end[k]] - own[k] >= WHOLE * total or k == body:
                return _widened(page, k, own)
        return body
    if not total:
        return -1
    best = body
    for k in range(len(out.elements)):
        if out.parent[k] == best and own[out.end[k]] - own[k] >= WHOLE * total:
            best = k
    return best


def _widened(page: MarkedPage, block: int, own: list[int]) -> int:
    """The <article> around a block; else the block with the short lines around it, such as a byline beside its box."""
    out = page.outline
    around = out.ancestors(block)
    if (article := next((k for k in around if out.elements[k].tag == "article"), None)) is not None:
        return article
    for k in around:
        more = out.words(k) - out.words(block)
        if (
            out.elements[k].tag in ("body", "html")
            or more > NEAR
            or own[out.end[k]] - own[k] > own[out.end[block]] - own[block]
        ):
            break
        block = k
    return block
