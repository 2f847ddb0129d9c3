"""A source's own CSS selectors: checked, used to trim a page, and read. What they find comes first for every field."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml.cssselect import CSSSelector, SelectorError

from newscrawl.errors import UsageError
from newscrawl.extract.page.lines import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.model import Selectors

_MOST = 20  # elements read per field; a selector that finds more does not find what it was written for


def check(selectors: Selectors) -> None:
    """Raises UsageError for an invalid selector, because a source with a typing error must not read pages without its rules."""
    for name in selectors.__dataclass_fields__:
        value = getattr(selectors, name)
        for text in value if isinstance(value, tuple) else (value,):
            if text is not None:
                _compiled(text)


def trim(tree: HtmlElement, selectors: Selectors) -> None:
    """Removes what the source's rules exclude from every article. Changes the tree, so call it before anything reads it."""
    for text in selectors.drop:
        for element in _compiled(text)(tree):
            _remove(element)
    if selectors.article is None:
        return
    found = _compiled(selectors.article)(tree)
    if found:
        _keep_only(found[0])


def texts(tree: HtmlElement, selector: str | None) -> list[str]:
    """The text of each element that a selector finds (of a meta its content), one line each, without empty ones. None: no selector."""
    found = (element.get("content") or " ".join(element.itertext()) for element in _found(tree, selector))
    return [line for text in found if (line := one_line(text))]


def date_texts(tree: HtmlElement, selector: str | None) -> list[str]:
    """The date in each element that a selector finds, as text: its `datetime`, else its `content`, else its text."""
    lines = []
    for element in _found(tree, selector):
        value = element.get("datetime") or element.get("content") or " ".join(element.itertext())
        if line := one_line(value):
            lines.append(line)
    return lines


def _found(tree: HtmlElement, selector: str | None) -> Iterator[HtmlElement]:
    return islice(_compiled(selector)(tree), _MOST) if selector else iter(())


@cache
def _compiled(selector: str) -> CSSSelector:
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise UsageError(f"not a CSS selector: {error}", subject=selector) from error


def _remove(element: HtmlElement) -> None:
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()  # keeps the text behind it


def _keep_only(chosen: HtmlElement) -> None:
    """Removes everything in the page's body that is neither in nor around the chosen element."""
    element = chosen
    while (parent := element.getparent()) is not None and element.tag != "body":
        for sibling in list(parent):
            if sibling is not element and sibling.tag != "head":
                sibling.drop_tree()
        parent.text = element.tail = None
        element = parent
