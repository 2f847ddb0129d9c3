"""The bylines that a page shows: elements marked so, and short lines near the headline. Reads no name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.lines import one_line
from newscrawl.extract.phrases import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.page import Page

_MARK = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|authors|autor|writer|contributor|article-?author|post-?author)(?:$|[\s_-]|name|s\b)",
    re.IGNORECASE,
)
_NOT_MARK = re.compile(
    r"bio|about|description|avatar|image|img|photo|social|follow|share|comment|related|box-?title|role|job|position",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "footer", "aside", "form", "dialog", "figure", "figcaption"})


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|people|staff|profile|profil|by|contributors?|writers?|avtor|avtory)/[^/]",
    re.IGNORECASE,
)


def near_headline(heading: HtmlElement | None) -> Iterator[str]:
    """Short texts soon after the headline that start like a byline ("By A and B") or link to a writer's page."""
    if heading is None:
        return
    elements = long_paragraphs = 0
    for element in heading.xpath("following::*"):
        elements += 1
        if elements > 250 or long_paragraphs >= 2:
            return
        if not isinstance(element.tag, str) or element.tag in ("script", "style") or len(element) > 6:
            continue
        text = one_line(element.text_content()[:400])
        if element.tag == "p" and len(text) > 150:
            long_paragraphs += 1
        if not 5 < len(text) < 160 or any(a.tag in _ASIDE for a in element.iterancestors()):
            continue
        label = labelled(text)
        if (label and label[0] == "author") or (
            element.tag == "a" and _PROFILE.search(element.get("href") or "")
        ):
            yield text


def marked(page: Page) -> Iterator[tuple[HtmlElement, str]]:
    """Elements marked as byline: rel=author or a class that says so, smallest first, outside comments and asides."""
    given = 0
    for element in page.tree.xpath("//*[@rel='author' or @class or @data-testid]"):
        marks = f"{element.get('class') or ''} {element.get('data-testid') or ''}"
        marks = _CAMEL.sub(" ", marks)
        if element.get("rel") != "author" and (not _MARK.search(marks) or _NOT_MARK.search(marks)):
            continue
        if element.tag in (
            "body",
            "html",
            "script",
            "style",
            "meta",
            "link",
            "img",
            "svg",
            "article",
            "main",
        ):
            continue
        outer = " ".join(
            f"{a.get('class') or ''} {a.get('id') or ''}" for a in element.iterancestors() if a.tag != "body"
        )
        if any(a.tag in _ASIDE for a in element.iterancestors()) or re.search(
            r"comment|related|sidebar|teaser|recommend", outer, re.IGNORECASE
        ):
            continue
        links = [
            a
            for a in element.iter("a")
            if re.search(
                r"author|autor|/people|/staff|/profil|/by/|contributor", a.get("href") or "", re.IGNORECASE
            )
        ]
        texts = [one_line(a.text_content()) for a in links] or [one_line(" ".join(element.itertext()))]
        text = "; ".join(t for t in texts if t)
        if 2 < len(text) < 200:
            given += 1
            yield element, text
            if given >= 5:
                return
