"""What the article's own block shows beside its words: links, videos, and words struck out, raised or lowered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.fields import indexing
from newscrawl.extract.page.lines import one_line, squash
from newscrawl.model import Beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions

_MARKUP = {"s": "struck", "strike": "struck", "del": "struck", "sup": "raised", "sub": "lowered"}
_STYLED = frozenset({"span", "font", "em", "strong", "b", "i", "u"})
_VIDEOS = frozenset({"iframe", "video", "embed"})
_LINES = frozenset({"p", "li", "blockquote", "td", "h2", "h3", "h4", "dd", "div", "section", "article"})
_MOST = 500  # of each; no article has as many
_LONGEST = 300  # characters of a text


def beside(page: Page, regions: Regions, paragraphs: Sequence[str]) -> Beside:
    """Links and marked words of the paragraphs that are the article's text, its videos, and whether it is to be indexed."""
    texts = {squash(paragraph) for paragraph in paragraphs}
    lines: dict[HtmlElement, bool] = {}  # whether a line is the article's text
    links: list[str] = []
    markup: list[tuple[str, str]] = []
    for element in regions.own():
        tag = element.tag
        if tag == "a":
            if not element.get("href") or len(links) >= _MOST or not _in_text(element, texts, lines):
                continue
            if address := page.absolute(element.get("href")):
                links.append(address)
        elif how := _mark(element):
            text = one_line(element.text_content())[:_LONGEST]
            if text and len(markup) < _MOST and _in_text(element, texts, lines):
                markup.append((how, text))
        elif tag in _VIDEOS:
            address = page.absolute(element.get("src") or element.get("data-src"))
            if address and len(links) < _MOST:
                links.append(address)
    return Beside(tuple(links), tuple(markup), indexing.page_asks(page))


def _mark(element: HtmlElement) -> str | None:
    """How an element marks its words: struck, raised or lowered; None if it does not."""
    if element.tag in _MARKUP:
        return _MARKUP[element.tag]
    style = element.get("style") if element.tag in _STYLED else None
    return "struck" if style and "line-through" in style[:500].lower() else None


def _in_text(element: HtmlElement, texts: set[str], lines: dict[HtmlElement, bool]) -> bool:
    """Whether an element stands in a paragraph that is the article's text."""
    line = next((above for above in element.iterancestors() if above.tag in _LINES), None)
    if line is None:
        return False
    if line not in lines:
        lines[line] = squash(line.text_content()[:20_000]) in texts
    return lines[line]
