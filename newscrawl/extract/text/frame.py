"""Finds the part of the page with the running text, whatever its class names, and marks it for trafilatura."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from lxml.html import Element

from newscrawl.extract.page.elements import (
    HEADINGS,
    is_outside,
    link_only,
    marked_outside,
    own_text,
    prose_words,
    tagged_outside,
)
from newscrawl.extract.page.lines import Sought, one_line, squash, word_count
from newscrawl.extract.text.phrases import is_furniture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

# Elements that divide a text: a div without any of them is a paragraph.
_DIVIDING = frozenset({"p", "div", "ul", "ol", "dl", "table", "blockquote", "section", "article", "figure", "img", "form", "pre",
                      "iframe", "picture", "video", "br", *HEADINGS})  # fmt: skip
_KEPT_BESIDE = frozenset({"ul", "ol", "dl", "blockquote", "table", "pre"})
# Elements that trafilatura accepts as an article's frame when they are marked with itemprop="articleBody".
_FRAME_TAGS = frozenset({"article", "div", "main", "section"})
MAX_LINKS_BETWEEN = 3  # headline links between two blocks of text; more are a list, and the article has ended
RUNNING = 8  # words of a block that continues a text in another box
STRAY = 12  # words that a paragraph outside the container of the others must have


@dataclass(frozen=True, slots=True)
class Found:
    """The container of most running text, and all blocks of running text on the page, in page order, with their texts and word counts."""

    container: HtmlElement
    blocks: tuple[HtmlElement, ...]
    texts: tuple[str, ...]
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The blocks of running text that are one article's, with their texts, and the element around all."""

    blocks: tuple[HtmlElement, ...]
    texts: tuple[str, ...]
    around: HtmlElement | None

    def missing(self, frame: HtmlElement) -> int:
        """The words of its blocks that are not in an element."""
        return sum(
            word_count(text)
            for b, text in zip(self.blocks, self.texts, strict=True)
            if b is not frame and frame not in b.iterancestors()
        )

    def unread(self, lines: Iterable[str]) -> int:
        """The words of its blocks that are not in the lines of a reading."""
        have = Sought("".join(map(squash, lines)))
        return sum(word_count(text) for text in self.texts if not have.holds(squash(text)))


@dataclass(frozen=True, slots=True)
class Prepared:
    """The element with the running text; the frame around it that trafilatura will take, with its number of words and blocks."""

    container: HtmlElement
    span: Span
    frame: HtmlElement | None = None
    words: int = 0
    blocks: int = 0


def find(tree: HtmlElement) -> Found | None:
    """Where the running text is; None if there is none. Each block adds its words to its parent, and less to those above."""
    body = next(tree.iter("body"), tree)
    believed: list[tuple[HtmlElement, str, int]] = []
    marked: list[tuple[HtmlElement, str, int]] = []
    around: dict[HtmlElement | None, tuple[bool, bool]] = {}  # whether a parent is tagged, is outside
    for block in body.iter("p", "blockquote", "div"):
        if block.tag == "div" and next(block.iterdescendants("p"), None) is not None:
            continue
        own = own_text(block)
        words = word_count(own) if len(own) >= 5 else 0
        if words < 5:
            continue
        if (parent := block.getparent()) not in around:
            around[parent] = (
                parent is not None and tagged_outside(parent),
                parent is not None and is_outside(parent),
            )
        tagged, outside = around[parent]
        if tagged or link_only(block) or is_furniture(own[:600]):
            continue
        (marked if outside or marked_outside(block) else believed).append((block, own, words))
    if sum(w for _, _, w in believed) * 4 < sum(w for _, _, w in marked if w >= STRAY):
        # The frame of the whole page is named "… sidebar …" or "… share …", so the names do not tell the text apart.
        believed = [one for one in (*believed, *marked) if one[2] >= STRAY]
        order = {e: i for i, e in enumerate(body.iter())}
        believed.sort(key=lambda one: order[one[0]])
    weight: dict[HtmlElement, float] = {}
    for block, _, words in believed:
        parent, share = block.getparent(), 1.0
        for _ in range(3):
            if parent is None or parent.tag == "html":
                break
            weight[parent] = weight.get(parent, 0.0) + words * share
            parent, share = parent.getparent(), share * 0.75
    if not weight:
        return None
    most = max(weight.values())
    heaviest = [e for e in weight if weight[e] == most]
    if len(heaviest) > 1:
        order = {e: i for i, e in enumerate(body.iter())}
        heaviest.sort(key=lambda e: order.get(e, 0))
    container = heaviest[0]
    blocks, texts, counts = zip(*believed, strict=True)
    return Found(container, blocks, texts, counts)


def span_of(tree: HtmlElement, heading: HtmlElement | None, found: Found) -> Span:
    """The blocks of the container of most running text, and those of the same text outside it.

    A text may stand in several boxes with rails between them: blocks between the headline and the container belong to it,
    and later ones that are like its blocks in tag and class and stand in elements like theirs.
    """
    container = found.container
    inside = {b for b in found.blocks if b is container or container in b.iterancestors()}
    if len(inside) == len(found.blocks):
        return Span(found.blocks, found.texts, container)
    order = {e: i for i, e in enumerate(tree.iter())}
    start = order.get(heading, -1) if heading is not None else -1
    kinds = {_kind(b) for b in inside}
    keys = dict(zip(found.blocks, map(squash, found.texts), strict=True))
    known_texts = {keys[b] for b in inside}
    first = min(order[b] for b in inside)
    outer = [
        (block, words)
        for block, words in zip(found.blocks, found.words, strict=True)
        if block not in inside and order[block] > start and keys[block] not in known_texts
    ]
    # One paragraph alone in a box may be a caption, a byline, a note; two and more are a part of the text.
    boxes = Counter(
        b.getparent()
        for b, words in outer
        if b.tag == "p" and words >= STRAY and start >= 0 and order[b] < first
    )
    # A text divided by line breaks has paragraphs within the container; the next box, of one paragraph, is like the container.
    own = _kind(container) if container.tag == "div" and container.get("class") else None
    chosen = inside | {
        block
        for block, words in outer
        if (words >= RUNNING and _kind(block) in kinds)
        or (words >= STRAY and _kind(block) == own)
        or (words >= STRAY and boxes[block.getparent()] >= 2)
    }
    around = container if len(chosen) == len(inside) else _common([b for b in found.blocks if b in chosen])
    kept = [(b, text) for b, text in zip(found.blocks, found.texts, strict=True) if b in chosen]
    return Span(tuple(b for b, _ in kept), tuple(text for _, text in kept), around)


def _kind(block: HtmlElement) -> tuple[object, ...]:
    """What the blocks of one text have in common: tag and class of a block and of the two elements around it."""
    return tuple((e.tag, e.get("class")) for e in (block, *islice(block.iterancestors(), 2)))


def prepare(tree: HtmlElement, heading: HtmlElement | None, known: Iterable[HtmlElement]) -> Prepared | None:
    """Changes `tree` so that trafilatura reads its text completely. `known` are the frames that trafilatura finds itself.

    Without such a frame it collects bare paragraphs from the whole page and loses sub-headings, lists and divisions, so a
    redesign would look like an edit. The element with the running text is therefore marked as an article's body.
    """
    found = find(tree)
    if found is None:
        return None
    if _split_at_breaks(found):
        found = find(tree) or found
    span = span_of(tree, heading, found)
    _name_paragraphs(found.container)
    if (lead := lead_of(found.container)) is not None:
        lead.tag = "p"
    holders = {found.container, *found.container.iterancestors()}
    most = 0
    for frame in known:
        if frame in holders:
            if span.missing(frame) < STRAY or span.around is None:
                return _prepared(found, span, frame)
            return _prepared(found, span, _wrap(span.around, span.blocks[0], span.blocks[-1]))
        most = max(most, prose_words(frame))
    if not most or most * 2 < prose_words(found.container):
        return _prepared(found, span, _mark(tree, heading, found))
    return Prepared(found.container, span)


def _prepared(found: Found, span: Span, frame: HtmlElement | None) -> Prepared:
    if frame is None:
        return Prepared(found.container, span)
    inside = [
        words
        for block, words in zip(found.blocks, found.words, strict=True)
        if frame in block.iterancestors()
    ]
    return Prepared(found.container, span, frame, sum(inside), len(inside))


def _mark(tree: HtmlElement, heading: HtmlElement | None, found: Found) -> HtmlElement | None:
    """Marks the frame of the running text as an article's body and returns it; None if there is none."""
    container = found.container
    order = {e: i for i, e in enumerate(tree.iter())}
    start = order.get(heading, -1) if heading is not None else -1
    inside = [b for b in found.blocks if b is container or container in b.iterancestors()]
    before = [b for b in found.blocks if start >= 0 and start < order[b] < order[inside[0]]]
    last = inside[-1]
    links = [order[a] for a in tree.iter("a") if word_count(a.text_content()[:300]) >= 4]
    kinds = {_kind(b) for b in inside}
    for block, words in zip(found.blocks, found.words, strict=True):
        if order[block] > order[last] and words >= STRAY:
            if (
                _kind(block) not in kinds
                and bisect(links, order[block]) - bisect(links, order[last]) > MAX_LINKS_BETWEEN
            ):
                break
            last = block
    common = _common([*before, inside[0], last])
    if common is None:
        return None
    if container is common or container in common.iterancestors():
        return _mark_whole(container)
    return _wrap(common, (before or inside)[0], last)


_INLINE = frozenset({"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
                     "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"})  # fmt: skip


_BREAK = re.compile(r"(?:^|\s)(?:br|break|line-?break|new-?line)(?:$|\s)")


def _is_break(element: HtmlElement) -> bool:
    """Whether an element is a line break: br, or an empty span with such a class."""
    return element.tag == "br" or (
        element.tag == "span"
        and not len(element)
        and not element.text
        and bool(_BREAK.search((element.get("class") or "")[:200]))
    )


def _split_at_breaks(found: Found) -> bool:
    """Makes paragraphs of text directly in a div that is divided by line breaks. True if there was such text.

    Otherwise sub-headings, quotes and divs between the lines are lost or joined to their neighbours.
    """
    divisions = [b for b in found.blocks if b.tag == "div" and sum(map(_is_break, b)) >= 2]
    for division in divisions:
        children = list(division)
        run = Element("p")
        run.text, division.text = division.text, None
        index = 0
        for child in children:
            is_break = _is_break(child)
            inline = (
                not is_break
                and child.tag in _INLINE
                and not any(d.tag in _DIVIDING for d in child.iterdescendants())
            )
            if inline:
                run.append(child)  # moves the child out of the division, its tail with it
                continue
            tail, child.tail = child.tail, None
            if one_line(run.text) or len(run):
                division.insert(index, run)
                index += 1
            run = Element("p")
            run.text = tail
            if is_break:
                division.remove(child)
            else:
                index = division.index(child) + 1
        if one_line(run.text) or len(run):
            division.insert(index, run)
    return bool(divisions)


def _name_paragraphs(container: HtmlElement) -> None:
    """Makes paragraphs of the container's divs that contain only text."""
    for child in container.iterchildren("div"):
        if (
            not any(e.tag in _DIVIDING for e in child.iterdescendants())
            and word_count(child.text_content()) >= (3 if child.get("class") or child.get("id") else 1)
            and not is_outside(child)
            and not link_only(child)
        ):
            child.tag = "p"


_SENTENCE_END = (".", "!", "?", "…", "»", "”", '"')


def lead_of(container: HtmlElement) -> HtmlElement | None:
    """The lead: an element with one sentence right before the container of the other paragraphs. None if there is none.

    Only if both are in a frame without the headline; otherwise the element may be anything.
    """
    lead, parent = container.getprevious(), container.getparent()
    if lead is None or lead.tag not in ("div", "p") or container.tag != "div" or parent is None:
        return None
    if parent.tag == "body" or next(parent.iter("h1"), None) is not None:
        return None
    text = one_line(lead.text_content()[:600])
    is_lead = (
        5 <= word_count(text) <= 80
        and text.endswith(_SENTENCE_END)
        and not any(e.tag in _DIVIDING for e in lead.iterdescendants())
        and lead.find(".//a") is None
        and not is_outside(lead)
        and not is_furniture(text)
    )
    return lead if is_lead else None


def _common(elements: list[HtmlElement]) -> HtmlElement | None:
    """The lowest element that contains all of them and is not one of them."""
    first, *others = elements
    for ancestor in first.iterancestors():
        if all(ancestor in other.iterancestors() for other in others):
            return ancestor
    return None


def _mark_whole(frame: HtmlElement) -> HtmlElement | None:
    if frame.tag in _FRAME_TAGS:
        frame.set("itemprop", "articleBody")
        return frame
    return _enclose(frame, 0, len(frame) - 1) if len(frame) else None


def _wrap(common: HtmlElement, first: HtmlElement, last: HtmlElement) -> HtmlElement:
    """Encloses the children of `common` from the one with `first` to the one with `last`, and lists next to them."""
    children = list(common)
    start = next(i for i, c in enumerate(children) if c is first or c in first.iterancestors())
    end = next(i for i, c in enumerate(children) if c is last or c in last.iterancestors())
    while start > 0 and children[start - 1].tag in _KEPT_BESIDE and not link_only(children[start - 1]):
        start -= 1
    while (
        end + 1 < len(children) and children[end + 1].tag in _KEPT_BESIDE and not link_only(children[end + 1])
    ):
        end += 1
    return _enclose(common, start, end)


def _enclose(parent: HtmlElement, start: int, end: int) -> HtmlElement:
    children = list(parent)[start : end + 1]
    frame = Element("div", itemprop="articleBody")
    if start == 0:
        frame.text, parent.text = parent.text, None
    parent.insert(start, frame)
    frame.extend(children)
    return frame
