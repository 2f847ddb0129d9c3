"""Finds the element of the headline and the photo-credit lines below it. Reads no names from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.fields import titles
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.text import furniture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page


def find_heading(page: Page, title: str | None) -> HtmlElement | None:
    """The element of the headline: the h1 that says the title, else a lone h1, else an h2 that says it."""
    found = list(titles.headings_of(page.tree))
    key = squash(title)
    for text, element in found:
        if key and (key in squash(text) or squash(text) in key):
            return element
    for element in page.tree.iter("h2", "h3"):
        if key and squash(element.text_content()[:600]) == key:
            return element
    return found[0][1] if len(found) == 1 and word_count(found[0][0]) > 2 else None


def _following(heading: HtmlElement, page: Page) -> Iterator[HtmlElement]:
    passed = False
    for element in next(page.tree.iter("body"), page.tree).iter(
        "h1", "h2", "h3", "p", "div", "span", "em", "strong", "i", "b", "address"
    ):
        if element is heading:
            passed = True
        elif passed:
            yield element


def credit_lines(page: Page, heading: HtmlElement | None) -> list[str]:
    """Photo-credit lines between the headline and the text."""
    if heading is None:
        return []
    found: list[str] = []
    for i, element in enumerate(_following(heading, page)):
        line = one_line(element.text_content()[:200]) if len(element) <= 4 else ""
        if 3 < len(line) < 120 and furniture.credit_of(line):
            found.append(line)
        if i > 80 or found:
            break
    return found
