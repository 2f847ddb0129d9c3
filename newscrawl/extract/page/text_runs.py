"""A page as a flat sequence of text runs with their markup (heading, item, quote, link, stress) and of pictures.

The whole page in page order, in one pass; markdown.py picks the runs that are the article's.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from lxml import etree

from newscrawl.extract.page.elements import HEADINGS, OUTSIDE_MARKS
from newscrawl.extract.page.lines import one_line
from newscrawl.text import without_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page

_UNREAD = frozenset(
    {
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "select",
        "textarea",
        "button",
        "object",
    }
)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *HEADINGS,
})  # fmt: skip
_APART = frozenset({"nav", "footer", "aside", "form", "header", "dialog", "menu"})
_NO_PICTURE = re.compile(
    r"logo|icon|avatar|sprite|pixel|counter|banner|placeholder|spacer|1x1|blank\.", re.IGNORECASE
)
_LEAST = 80  # pixels; a smaller picture is an icon
_SMALL = re.compile(r"^\s*(\d{1,5})\s*(?:px)?\s*$")


class Kind(StrEnum):
    """The kind of block that a run is in."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Markup:
    """The markup of a character: the absolute http(s) address it links to, whether it is strong or stressed."""

    link: str | None = None
    strong: bool = False
    stress: bool = False


PLAIN = Markup()


@dataclass(frozen=True, slots=True)
class Run:
    """Text between two block boundaries: characters without white space, and the markup of each.

    `level` is that of a heading (1 to 6), `number` that of an item in an ordered list (None: not ordered),
    `owner` the list or quotation it belongs to, the same object for all its runs.
    """

    key: str
    markup: tuple[Markup, ...]
    kind: Kind = Kind.TEXT
    level: int = 0
    number: int | None = None
    owner: HtmlElement | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the page's own column: absolute address, and caption or alternative text."""

    url: str
    caption: str = ""


def packed(text: str) -> str:
    """The text as it is in `Run.key`: normalised, without white space and invisible characters."""
    return one_line(text).replace(" ", "")


def sequence(page: Page) -> Iterator[Run | Picture]:
    """All runs and pictures of the page's body, in page order."""
    body = next(page.tree.iter("body"), page.tree)
    reader = _Reader(page)
    events = etree.iterwalk(body, events=("start", "end"))
    for event, element in events:
        if event == "start":
            if not isinstance(element.tag, str) or element.tag in _UNREAD:
                events.skip_subtree()
                reader.enter(element, read=False)
            else:
                yield from reader.enter(element)
        else:
            yield from reader.leave(element, outermost=element is body)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the elements around the current position make of its text."""

    markup: Markup = PLAIN
    kind: Kind = Kind.TEXT
    level: int = 0
    number: int | None = None
    owner: HtmlElement | None = None
    apart: bool = False  # outside the article's column, where pictures are not taken


@dataclass
class _Reader:
    page: Page
    contexts: list[_Context] = field(default_factory=lambda: [_Context()])
    key: list[str] = field(default_factory=list)
    markup: list[Markup] = field(default_factory=list)
    started: _Context = field(default_factory=_Context)

    def enter(self, element: HtmlElement, *, read: bool = True) -> list[Run | Picture]:
        context = self.contexts[-1]
        if not read:
            self.contexts.append(context)
            return []
        found: list[Run | Picture] = [*self._ended()] if element.tag in _BLOCKS else []
        context = self._inside(element, context)
        self.contexts.append(context)
        if element.tag == "img" and not context.apart and (picture := self._picture(element)):
            found += [*self._ended(), picture]
        self._add(element.text, context)
        return found

    def leave(self, element: HtmlElement, *, outermost: bool) -> list[Run]:
        found = [*self._ended()] if outermost or element.tag in _BLOCKS else []
        self.contexts.pop()
        if not outermost:
            self._add(element.tail, self.contexts[-1])
        return found

    def _add(self, text: str | None, context: _Context) -> None:
        if not text or text.isspace():
            return
        if not self.key:
            self.started = context
        for character in without_hidden(unicodedata.normalize("NFC", text)):
            if not character.isspace():
                self.key.append(character)
                self.markup.append(context.markup)

    def _ended(self) -> Iterator[Run]:
        if self.key:
            context = self.started
            yield Run(
                "".join(self.key),
                tuple(self.markup),
                context.kind,
                context.level,
                context.number,
                context.owner,
            )
            self.key, self.markup = [], []

    def _inside(self, element: HtmlElement, context: _Context) -> _Context:
        tag = str(element.tag)
        if tag == "a":
            return replace(
                context, markup=replace(context.markup, link=self.page.absolute(element.get("href")))
            )
        if tag in ("b", "strong"):
            return replace(context, markup=replace(context.markup, strong=True))
        if tag in ("i", "em"):
            return replace(context, markup=replace(context.markup, stress=True))
        if tag in HEADINGS:
            return replace(context, kind=Kind.HEADING, level=int(tag[1]), owner=element)
        if tag == "blockquote":
            return replace(context, kind=Kind.QUOTE, owner=element)
        if tag in ("ul", "ol", "dl"):
            return replace(context, owner=element, number=0 if tag == "ol" else None)
        if tag in ("li", "dt", "dd"):
            number = None
            if context.number is not None:
                number = context.number + 1
                # The context of the list itself counts its items.
                self.contexts[-1] = replace(context, number=number)
            return replace(context, kind=Kind.ITEM, number=number)
        if tag in _APART or (
            tag not in ("figure", "figcaption", "img", "body")
            and OUTSIDE_MARKS.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:300])
        ):
            return replace(context, apart=True)
        return context

    def _picture(self, element: HtmlElement) -> Picture | None:
        url = self.page.absolute(element.get("src")) or self.page.absolute(element.get("data-src"))
        if not url or _NO_PICTURE.search(url.rsplit("/", 1)[-1]):
            return None
        for side in ("width", "height"):
            if (match := _SMALL.match(element.get(side) or "")) and int(match[1]) < _LEAST:
                return None
        figure = next(element.iterancestors("figure"), None)
        link = next(element.iterancestors("a"), None)
        if figure is None and link is not None and not _is_picture(link.get("href")):
            return None  # a card of another article
        captions = figure.iter("figcaption") if figure is not None else ()
        caption = next((c for c in (one_line(e.text_content()) for e in captions) if c), "")
        return Picture(url, (caption or one_line(element.get("alt")))[:1000])


def _is_picture(href: str | None) -> bool:
    return bool(re.search(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)", href or "", re.IGNORECASE))
