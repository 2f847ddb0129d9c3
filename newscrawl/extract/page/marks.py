"""What the page's elements say of lines: captions, blocks that are wholly link, headings. Judges nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import HEADINGS, brief_text, link_only
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.page.tree import few_children
from newscrawl.extract.text.plain import broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Marks:
    """What the page's elements say of lines, as squashed texts.

    `repeated` are captions that a paragraph of the page says as well: of such lines one is the text.
    `contents` are links that say what a heading of the text says: as items of a list they are a table of contents.
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
            said = squash(element.text_content()[:400])
            headings.add(said)
            if next(element.iterancestors("a"), None) is None and not link_only(element):
                own_headings.add(said)
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
                    links.update(map(squash, broken(element)))
    captions.discard("")
    links.discard("")
    # A table of contents links to the article's own sub-headings: they stay text.
    contents = links & own_headings
    links -= own_headings
    repeated = {said for said in _said(paragraphs, captions) if said in captions}
    return Marks(
        frozenset(captions), frozenset(links), frozenset(headings), frozenset(repeated), frozenset(contents)
    )


def _said(paragraphs: list[HtmlElement], captions: set[str]) -> Iterator[str]:
    """What the paragraphs outside of captions say, as far as it may be a caption's text."""
    longest = max(map(len, captions), default=0)
    for paragraph in paragraphs if captions else ():
        text = brief_text(paragraph, longest * 2)
        if not text or any(map(_is_caption, _and_above(paragraph))):
            continue
        if not _repeats_picture(paragraph, text):
            yield squash(text)


def _repeats_picture(paragraph: HtmlElement, text: str) -> bool:
    """Whether a line right below a picture says that picture's caption again, and is no sentence."""
    above = paragraph.getprevious()
    if above is None or above.tag != "figure" or word_count(text) > 15 or one_line(text)[-1:] in ".!?…":
        return False
    return any(squash(c.text_content()) == squash(text) for c in above.iter("figcaption"))


def _and_above(element: HtmlElement) -> Iterator[HtmlElement]:
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
    """Of an element that is wholly link: whether it is a row of short ones."""
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
    """Note the outermost block whose whole text is this link."""
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
            or _says(element.tail)
            or _says(parent.text)
        ):
            break
        if any(c is not element and (_says(c.text_content()) or _says(c.tail)) for c in parent):
            break
        element = parent
    outer = anchor.getparent()
    if element is not anchor or (outer is not None and outer.tag in ("div", "section", "body")):
        links.add(text)


_SAYS = re.compile(r"[^\W_]")


def _says(text: str | None) -> bool:
    """Whether there is a letter or a digit in it."""
    return bool(text) and _SAYS.search(text or "") is not None
