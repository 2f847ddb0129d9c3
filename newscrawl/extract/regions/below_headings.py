"""Marks what stands below a heading that ends the article or begins the comments."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import HEADINGS
from newscrawl.extract.page.lines import one_line, squash
from newscrawl.extract.regions import comment_headings
from newscrawl.extract.regions.marked_page import MOST_ANSWERS, MOST_HEADINGS, TEASER, MarkedPage
from newscrawl.extract.regions.region_names import Region
from newscrawl.extract.text.stop_headings import StopKeys

if TYPE_CHECKING:
    from collections.abc import Iterable


_LINE_TAGS = frozenset(
    {"div", "p", "span", "strong", "b", "section", "summary", "legend", "header", "dt", *HEADINGS}
)
_INLINE_HEADINGS = frozenset({"b", "strong", "em", "i", "span"})
_NO_HEADING_INSIDE = frozenset({"a", "button", "li", "nav"})


def mark_below_headings(page: MarkedPage, ends: StopKeys) -> None:
    """Marks comments and lists of other articles below the headings that announce them."""
    out = page.outline
    found = 0
    for i in range(max(out.end[page.at] if page.at >= 0 else 0, 0), len(out.elements)):
        if found >= MOST_HEADINGS:
            break
        if (
            page.regions[i] is not None
            or i in page.above
            or out.elements[i].tag not in _LINE_TAGS
            or not 0 < out.words(i) <= 60
        ):
            continue
        if out.end[i] - i > 6 or out.words(i) > 12:
            continue
        text = one_line(out.text(i))
        if not text or len(text) > 120 or not _is_heading(page, i):
            continue
        key = squash(text)
        comments = comment_headings.heads(text)
        if comments or (comments is None and _is_discussed(page, i)):
            if out.elements[i].tag in HEADINGS or out.elements[i].tag in ("summary", "legend"):
                found += 1
                _comments_below(page, i)
        elif key in ends.every:
            found += 1
            _others_below(page, i, terminal=key in ends.terminal or key in ends.own)


def _is_heading(page: MarkedPage, i: int) -> bool:
    """Whether a short text is a line of its own and not a word of a sentence or an entry of a menu."""
    out = page.outline
    element = out.elements[i]
    if element.tag in _INLINE_HEADINGS and out.home[i] != i and out.block[out.home[i]] > out.words(i):
        return False
    return not any(out.elements[k].tag in _NO_HEADING_INSIDE for k in out.ancestors(i)[:12])


def _climb(page: MarkedPage, i: int) -> int:
    """The highest element around a heading that begins with it."""
    out = page.outline
    while (
        (up := out.parent[i]) >= 0 and up not in page.above and out.elements[up].tag not in ("body", "html")
    ):
        if out.before[i] > out.before[up]:
            break
        i = up
    return i


def _following(page: MarkedPage, i: int) -> Iterable[int]:
    """The positions of the later siblings of an element."""
    out = page.outline
    parent = out.parent[i]
    k, stop = out.end[i], out.end[parent] if parent >= 0 else out.end[i]
    while k < stop:
        yield k
        k = out.end[k]


def _comments_below(page: MarkedPage, i: int) -> None:
    """Marks what stands below a heading of comments, if text of the article stands above it."""
    block = _climb(page, i)
    start = max(page.at, 0)
    if not page.unmarked(start, block):
        return
    page.mark(block, Region.COMMENTS)
    for k in _following(page, block):
        if k in page.above:
            break
        page.mark(k, Region.COMMENTS)


def _is_discussed(page: MarkedPage, i: int) -> bool:
    """Whether what stands below a heading has what comments have: a form to write, words to reply, several dates."""
    out = page.outline
    dates = 0
    block = _climb(page, i)
    for k in (block, *islice(_following(page, block), MOST_ANSWERS)):
        for element in out.elements[k : min(out.end[k], k + MOST_ANSWERS)]:
            dates += element.tag == "time"
            if element.tag == "textarea" or dates > 1:
                return True
            if comment_headings.answers(element):
                return True
    return False


def _others_below(page: MarkedPage, i: int, *, terminal: bool) -> None:
    """Marks the list below a stop heading; below a terminal one all but further text of this article."""
    out = page.outline
    block = _climb(page, i)
    start = max(page.at, 0)
    own_list = block != i and out.words(block) > out.words(i) + 3
    inside = out.prose_in(block)
    above = page.unmarked(start, block)
    below = page.unmarked(out.end[block], len(out.elements))
    if inside > above + below:
        return
    if own_list and (inside * 4 < above + below or out.linked(block) * 2 > out.words(block)):
        page.mark(block, Region.OTHER)
    elif not own_list:
        _list_below(page, block)
    if terminal and above >= 15 and above >= below + inside:
        _end_at(page, block)


def _list_below(page: MarkedPage, block: int) -> None:
    """Marks a stop heading and the links beside it."""
    out = page.outline
    links = 0
    for k in _following(page, block):
        element = out.elements[k]
        prose, words = out.prose_in(k), out.words(k)
        if k in page.above or prose >= TEASER or (element.tag in HEADINGS and links):
            break
        linked = out.linked(k)
        if (element.tag in ("p", "blockquote") and linked < 0.8 * words) or (not linked and words >= 5):
            break
        links += linked
        page.mark(k, Region.OTHER)
    if links:
        page.mark(block, Region.OTHER)


def _end_at(page: MarkedPage, block: int) -> None:
    """Ends the article at a terminal heading: only text in elements of the same kind as before is still its own."""
    out = page.outline
    start = max(page.at, 0)
    kinds = {_kind(page, k) for k in out.prose_blocks(start, block) if page.regions[k] is None}
    keep: set[int] = set()
    for k in out.prose_blocks(out.end[block]):
        if page.regions[k] is None and _kind(page, k) in kinds:
            keep.update((k, *out.ancestors(k)))
    for k in range(block, len(out.elements)):
        if (
            page.regions[k] is None
            and k not in keep
            and not (keep and out.parent[k] in keep and k > block and _kind(page, k) in kinds)
        ):
            page.regions[k] = Region.OTHER


def _kind(page: MarkedPage, i: int) -> tuple[object, ...]:
    """What paragraphs of one text have in common: tag and class of the paragraph and of the element around it."""
    out = page.outline
    element, around = out.elements[i], out.elements[max(out.parent[i], 0)]
    return element.tag, element.get("class"), around.tag, around.get("class")
