"""The text of a page that a reader sees, up to a limit. Judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from newscrawl.extract.page.lines import one_line, word_count

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SILENT = frozenset(
    {"script", "style", "noscript", "template", "head", "svg", "option", "select", "textarea"}
)


def visible_text(tree: HtmlElement, limit: int) -> str:
    """Text a reader sees, at most `limit` characters."""
    body = next(tree.iter("body"), None)
    parts: list[str] = []
    size = 0
    if body is None:
        return ""
    skipping: HtmlElement | None = None
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if skipping is not None:
            if event == "end" and element is skipping:
                skipping = None
            else:
                continue
        elif event == "start" and element.tag in _SILENT:
            skipping = element
            continue
        text = element.text if event == "start" else element.tail if element is not body else None
        if text and not text.isspace():
            parts.append(text)
            size += len(text)
            if size >= limit:
                break
    return one_line(" ".join(parts)[:limit])


def visible_words(tree: HtmlElement, limit: int) -> int:
    """Words a reader sees, counted up to `limit`."""
    return min(word_count(visible_text(tree, limit * 12)), limit)
