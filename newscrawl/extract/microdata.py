"""The article properties that elements state themselves (schema.org microdata). Only of the page's main item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.lines import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PROPS = (
    "headline",
    "alternativeheadline",
    "datepublished",
    "datemodified",
    "author",
    "articlesection",
    "datecreated",
)


_COMMENT = re.compile(r"comment|review(?:s|list)?\b", re.IGNORECASE)


def _marks(element: HtmlElement) -> str:
    return (
        f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemtype') or ''}"
        if element.tag != "body"
        else ""
    )


def read_microdata(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    """The article properties of the page's main microdata item, lower-case names.

    Properties inside a second article item (a related story) do not count.
    """
    scopes = [
        e
        for e in tree.xpath("//*[@itemtype]")
        if re.search("article|blogposting", e.get("itemtype"), re.IGNORECASE)
    ][:50]
    root = max(scopes, key=lambda e: len(e.text_content())) if scopes else tree
    others = {e for e in scopes if e is not root}
    found: dict[str, list[str]] = {}
    for element in root.xpath("descendant-or-self::*[@itemprop]"):
        for prop in (element.get("itemprop") or "").lower().split():
            if prop not in _PROPS or any(
                a in others or _COMMENT.search(_marks(a)) for a in element.iterancestors()
            ):
                continue
            value = element.get("content") or element.get("datetime") or ""
            if not value and prop == "author":
                names = [n for n in element.iter() if "name" in (n.get("itemprop") or "").lower().split()]
                value = (
                    (names[0].get("content") or names[0].text_content()) if names else element.text_content()
                )
            value = one_line(value or element.text_content())
            if value and len(value) < 500:
                found.setdefault(prop, []).append(value)
    return {k: tuple(dict.fromkeys(v)) for k, v in found.items()}
