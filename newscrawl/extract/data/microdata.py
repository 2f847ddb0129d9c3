"""Reads the schema.org microdata of the page's main item: the article's properties in itemprop attributes."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from lxml import etree

from newscrawl.extract.page.lines import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PROPS = (
    "headline",
    "alternativeheadline",
    "datepublished",
    "datemodified",
    "author",
    "publisher",
    "articlesection",
    "datecreated",
)


_MARKED = etree.XPath("descendant-or-self::*[@itemprop or @itemtype]")
_ARTICLE = re.compile("article|blogposting", re.IGNORECASE)
_COMMENT = re.compile(r"comment|review(?:s|list)?\b", re.IGNORECASE)


def _marks(element: HtmlElement) -> str:
    return (
        f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemtype') or ''}"
        if element.tag != "body"
        else ""
    )


def read_microdata(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    """The article properties of the page's main microdata item, lower-case names.

    Properties inside a second article item (a related story) do not count. Several names of one property are
    joined by "; "; an author that is marked an organization is "author organization".
    """
    marked = _MARKED(tree)
    scopes = [e for e in marked if _ARTICLE.search(e.get("itemtype") or "")][:50]
    root = max(scopes, key=lambda e: len(e.text_content())) if scopes else tree
    others = {e for e in scopes if e is not root}
    found: dict[str, list[str]] = {}
    for element in marked if root is tree else _MARKED(root):
        for name in (element.get("itemprop") or "").lower().split():
            prop = name
            # What is around the item itself says nothing: themes call the whole page "comments-disabled".
            within = takewhile(lambda a: a is not root, element.iterancestors())
            if prop not in _PROPS or any(a in others or _COMMENT.search(_marks(a)) for a in within):
                continue
            value = _value(element)
            if not value and prop in ("author", "publisher"):
                names = [n for n in element.iter() if "name" in (n.get("itemprop") or "").lower().split()]
                value = "; ".join(filter(None, (one_line(_value(n) or n.text_content()) for n in names[:5])))
                if prop == "author" and "organization" in (element.get("itemtype") or "").lower():
                    prop = "author organization"
            value = one_line(value or element.text_content())
            if value and len(value) < 500:
                found.setdefault(prop, []).append(value)
    return {k: tuple(dict.fromkeys(v)) for k, v in found.items()}


def _value(element: HtmlElement) -> str:
    # A meta element has no `value` in HTML, but some pages use it.
    return (
        element.get("content")
        or element.get("datetime")
        or (element.get("value") or "" if element.tag == "meta" else "")
    )
