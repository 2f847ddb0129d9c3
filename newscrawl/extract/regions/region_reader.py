"""Marks the parts of a page that are not the article's, the surest first; here by what elements say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import is_advertisement
from newscrawl.extract.regions import comment_headings
from newscrawl.extract.regions.article_block import article_block, mark_page_links
from newscrawl.extract.regions.below_headings import mark_below_headings
from newscrawl.extract.regions.marked_page import MOST_ANSWERS, TEASER, MarkedPage
from newscrawl.extract.regions.other_articles import mark_cards, mark_next_articles, mark_pointers
from newscrawl.extract.regions.outline import Outline
from newscrawl.extract.regions.region_names import EDGES, Region, named, opened_by, says_comments, says_own
from newscrawl.extract.text.stop_headings import StopKeys

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def read(outline: Outline, heading: HtmlElement | None, ends: StopKeys) -> tuple[tuple[Region, ...], int]:
    """The region of each position, the position of the article's block (-1: none). The surest rules come first."""
    page = MarkedPage(outline, heading)
    mark_by_names(page)
    mark_answered(page)
    mark_pointers(page)
    mark_next_articles(page)
    mark_cards(page)
    mark_below_headings(page, ends)
    block = article_block(page)
    regions = [r or Region.PAGE for r in page.regions]
    for i in range(block, outline.end[block]) if block >= 0 else ():
        if page.regions[i] is None:
            regions[i] = Region.ARTICLE
    if block >= 0:
        mark_page_links(page, block, regions)
    return tuple(regions), block


def mark_by_names(page: MarkedPage) -> None:
    """Marks the elements whose tag, role or class says whose they are."""
    out = page.outline
    i, n = 0, len(out.elements)
    while i < n:
        if i not in page.above and (region := _opened(page, i)) is not None:
            page.mark(i, region)
            i = out.end[i]
        else:
            i += 1


def _opened(page: MarkedPage, i: int) -> Region | None:
    """The part that an element opens, if its words do not speak against it."""
    out = page.outline
    element = out.elements[i]
    tag = element.tag
    if tag in ("html", "body") or not isinstance(tag, str):
        return None
    region, sure = opened_by(element)
    if region is None and tag not in EDGES:
        return Region.FRAME if is_advertisement(element) else None
    prose = out.prose_in(i)
    if region is Region.COMMENTS:
        return region if _is_comments(page, i, sure=sure or says_comments(element)) else None
    if region is Region.HIDDEN:
        return region if prose * 2 < max(page.total, 1) or prose < TEASER else None
    if tag in EDGES and region in (None, Region.FRAME):
        return None if _is_own_edge(page, i, element) else Region.FRAME if prose * 2 <= page.total else None
    if region is Region.FRAME:
        return region if prose * (2 if sure else 4) <= page.total else None
    if region is Region.OTHER:
        return (
            region if prose * 4 <= page.total and (out.linked(i) * 3 >= out.words(i) or not prose) else None
        )
    return Region.FRAME if is_advertisement(element) else None


def _is_comments(page: MarkedPage, i: int, *, sure: bool) -> bool:
    """Whether an element named after comments holds them: not a part of a line, and not the text of a comment piece."""
    out = page.outline
    prose = out.prose_in(i)
    if out.home[i] != i or (prose and not _prose_above(page, i)):
        return False
    above = out.prose[i] - out.prose[max(page.at, 0)]
    return sure or above > 0 or prose * 2 <= page.total


def _prose_above(page: MarkedPage, i: int) -> bool:
    """Whether running text or the headline stands before an element."""
    return page.at < i if page.at >= 0 else page.outline.prose[i] > 0


def _is_own_edge(page: MarkedPage, i: int, element: HtmlElement) -> bool:
    """Whether a header or footer belongs to the article: it says so, or it is in an <article> with the headline."""
    out = page.outline
    for k in out.ancestors(i):
        around = out.elements[k]
        if around.tag == "article":
            return k in page.above or page.at < 0
        if around.tag in ("section", "main") and k in page.above and says_own(element):
            return True
    return says_own(element) and not named((element.get("class") or "").replace("footer", ""))


def mark_answered(page: MarkedPage) -> None:
    """Boxes with a control to answer ("Reply") below the text of the article: comments, whatever their names are."""
    out = page.outline
    boxes: list[int] = []
    for i, element in enumerate(out.elements):
        if page.regions[i] is not None or not comment_headings.answers(element):
            continue
        box = next((k for k in out.ancestors(i) if out.prose_in(k) or k in page.above), -1)
        if box >= 0 and box not in page.above and page.unmarked(max(page.at, 0), box):
            boxes.append(box)
            page.mark(box, Region.COMMENTS)
        if len(boxes) >= MOST_ANSWERS:
            break
    for parent in sorted({out.parent[k] for k in boxes}):
        page.mark_box(parent, Region.COMMENTS)
