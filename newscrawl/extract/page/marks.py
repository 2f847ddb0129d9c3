"""Which lines of a page are captions, links or headings, by the elements they are in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import HEADINGS, brief_text, lines_at_breaks, link_only
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.page.tree import few_children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Marks:
    """Captions, links and headings of a page, as squashed texts.

    `repeated` are captions that are also a paragraph of the page: one of such equal lines is text. `contents` are links
    with the text of one of the page's headings: as items of a list they are a table of contents.
    """

    captions: frozenset[str]
    links: frozenset[str]
    headings: frozenset[str]
    repeated: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()


_CAPTION_MARK = re.compile(
    r"caption|credit|copyright|(?:photo|image|img|media)-?(?:source|author|desc|text|info|title)|bildunterschrift",
    re.IGNORECASE,
)


def read_marks(tree: HtmlElement) -> Marks:
    """Captions, blocks that are wholly link, and headings of the page, as squashed texts."""
    captions: set[str] = set()
    links: set[str] = set()
    headings: set[str] = set()
    own_headings: set[str] = set()
    paragraphs: list[HtmlElement] = []
    for element in tree.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag in HEADINGS:
            heading = squash(element.text_content()[:400])
            headings.add(heading)
            if next(element.iterancestors("a"), None) is None and not link_only(element):
                own_headings.add(heading)
        if tag == "figcaption" or (
            (name := element.get("class")) and _is_caption_mark(name) and few_children(element, 11)
        ):
            captions.update(squash(part) for part in _caption_lines(element))
        if tag == "img" and word_count(element.get("alt")) > 3:
            captions.add(squash((element.get("alt") or "")[:500]))
        if tag == "a":
            _mark_link(element, links)
        if tag == "p":
            paragraphs.append(element)
            if len(element) >= 3 and link_only(element):
                if _is_menu(element):
                    links.add(squash(element.text_content()[:600]))
                elif element.find(".//br") is not None:
                    links.update(map(squash, lines_at_breaks(element)))
    captions.discard("")
    links.discard("")
    # A table of contents links to the article's own sub-headings, which stay text.
    contents = links & own_headings
    links -= own_headings
    repeated = {text for text in _paragraph_texts(paragraphs, captions) if text in captions}
    return Marks(
        frozenset(captions), frozenset(links), frozenset(headings), frozenset(repeated), frozenset(contents)
    )


def _paragraph_texts(paragraphs: list[HtmlElement], captions: set[str]) -> Iterator[str]:
    """The squashed texts of paragraphs outside captions that are short enough to repeat one."""
    longest = max(map(len, captions), default=0)
    for paragraph in paragraphs if captions else ():
        text = brief_text(paragraph, longest * 2)
        if not text or any(map(_is_caption, _with_ancestors(paragraph))):
            continue
        if not _repeats_picture(paragraph, text):
            yield squash(text)


def _repeats_picture(paragraph: HtmlElement, text: str) -> bool:
    """Whether a line right below a picture repeats its caption and is not a sentence."""
    above = paragraph.getprevious()
    if above is None or above.tag != "figure" or word_count(text) > 15 or one_line(text)[-1:] in ".!?…":
        return False
    return any(squash(c.text_content()) == squash(text) for c in above.iter("figcaption"))


def _with_ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from islice(element.iterancestors(), 4)


def _is_caption(element: HtmlElement) -> bool:
    return element.tag in ("figure", "figcaption") or (
        bool(name := element.get("class")) and _is_caption_mark(name)
    )


@lru_cache(maxsize=4096)
def _is_caption_mark(name: str) -> bool:
    return bool(_CAPTION_MARK.search(name))


def _is_menu(element: HtmlElement) -> bool:
    """Whether an element that is wholly link is a row of short links."""
    return all(word_count(a.text_content()[:200]) <= 3 for a in element.iter("a"))


def _caption_lines(element: HtmlElement) -> Iterator[str]:
    text = one_line(element.text_content())
    if len(text) < 700:
        yield text
        for child in element.iter("p", "span", "div", "em", "small", "cite"):
            part = one_line(child.text_content())
            if word_count(part) > 2:
                yield part


def _mark_link(anchor: HtmlElement, links: set[str]) -> None:
    """Adds a link to `links` if it is the whole text of a block."""
    text = squash(anchor.text_content()[:600])
    if not text:
        return
    element = anchor
    for _ in range(4):
        parent = element.getparent()
        if (
            parent is None
            or parent.tag in ("body", "html", "td")
            or not few_children(parent, 4)
            or _has_words(element.tail)
            or _has_words(parent.text)
        ):
            break
        if any(c is not element and (_has_words(c.text_content()) or _has_words(c.tail)) for c in parent):
            break
        element = parent
    outer = anchor.getparent()
    if element is not anchor or (outer is not None and outer.tag in ("div", "section", "body")):
        links.add(text)


_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def _has_words(text: str | None) -> bool:
    """Whether a letter or a digit is in the text."""
    return bool(text) and _LETTER_OR_DIGIT.search(text or "") is not None
