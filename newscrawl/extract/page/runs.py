"""A page as a flat sequence: runs of text with what the page makes of them (heading, item, quote, link, stress), and pictures.

Reads the tree once, in page order, and judges nothing: which runs are the article is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from lxml import etree

from newscrawl.extract.page.elements import HEADINGS, OUTSIDE_MARKS
from newscrawl.extract.page.lines import HIDDEN, one_line

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
_LEAST = 80  # pixels: a smaller picture is a sign, not a picture
_SMALL = re.compile(r"^\s*(\d{1,5})\s*(?:px)?\s*$")


class Kind(StrEnum):
    """What block a run stands in."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Markup:
    """What the page makes of a character: the absolute http(s) address it links to, strong, stressed."""

    link: str | None = None
    strong: bool = False
    stress: bool = False


PLAIN = Markup()


@dataclass(frozen=True, slots=True)
class Run:
    """Text between two block boundaries: characters without white space, and the markup of each.

    `level` is that of a heading (1 to 6), `number` the place of an item in an ordered list (None: not ordered),
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
    """The text as runs have it: normalised, without white space and invisible characters."""
    return one_line(text).replace(" ", "")


def sequence(page: Page) -> Iterator[Run | Picture]:
    """All runs and pictures of the page's body, in page order."""
    body = next(page.tree.iter("body"), page.tree)
    walk = _Walk(page)
    events = etree.iterwalk(body, events=("start", "end"))
    for event, element in events:
        if event == "start":
            if not isinstance(element.tag, str) or element.tag in _UNREAD:
                events.skip_subtree()
                walk.enter(element, read=False)
            else:
                yield from walk.enter(element)
        else:
            yield from walk.leave(element, outermost=element is body)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: what the elements above say."""

    markup: Markup = PLAIN
    kind: Kind = Kind.TEXT
    level: int = 0
    number: int | None = None
    owner: HtmlElement | None = None
    apart: bool = False  # in a column of its own: no pictures from there


@dataclass
class _Walk:
    page: Page
    places: list[_Place] = field(default_factory=lambda: [_Place()])
    key: list[str] = field(default_factory=list)
    markup: list[Markup] = field(default_factory=list)
    started: _Place = field(default_factory=_Place)

    def enter(self, element: HtmlElement, *, read: bool = True) -> list[Run | Picture]:
        place = self.places[-1]
        if not read:
            self.places.append(place)
            return []
        found: list[Run | Picture] = [*self._ended()] if element.tag in _BLOCKS else []
        place = self._place(element, place)
        self.places.append(place)
        if element.tag == "img" and not place.apart and (picture := self._picture(element)):
            found += [*self._ended(), picture]
        self._add(element.text, place)
        return found

    def leave(self, element: HtmlElement, *, outermost: bool) -> list[Run]:
        found = [*self._ended()] if outermost or element.tag in _BLOCKS else []
        self.places.pop()
        if not outermost:
            self._add(element.tail, self.places[-1])
        return found

    def _add(self, text: str | None, place: _Place) -> None:
        if not text or text.isspace():
            return
        if not self.key:
            self.started = place
        for character in HIDDEN.sub("", unicodedata.normalize("NFC", text)):
            if not character.isspace():
                self.key.append(character)
                self.markup.append(place.markup)

    def _ended(self) -> Iterator[Run]:
        if self.key:
            place = self.started
            yield Run(
                "".join(self.key), tuple(self.markup), place.kind, place.level, place.number, place.owner
            )
            self.key, self.markup = [], []

    def _place(self, element: HtmlElement, place: _Place) -> _Place:
        tag = str(element.tag)
        if tag == "a":
            return replace(place, markup=replace(place.markup, link=self.page.absolute(element.get("href"))))
        if tag in ("b", "strong"):
            return replace(place, markup=replace(place.markup, strong=True))
        if tag in ("i", "em"):
            return replace(place, markup=replace(place.markup, stress=True))
        if tag in HEADINGS:
            return replace(place, kind=Kind.HEADING, level=int(tag[1]), owner=element)
        if tag == "blockquote":
            return replace(place, kind=Kind.QUOTE, owner=element)
        if tag in ("ul", "ol", "dl"):
            return replace(place, owner=element, number=0 if tag == "ol" else None)
        if tag in ("li", "dt", "dd"):
            number = None
            if place.number is not None:
                number = place.number + 1
                # The list's own place keeps count for the next item.
                self.places[-1] = replace(place, number=number)
            return replace(place, kind=Kind.ITEM, number=number)
        if tag in _APART or (
            tag not in ("figure", "figcaption", "img", "body")
            and OUTSIDE_MARKS.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:300])
        ):
            return replace(place, apart=True)
        return place

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
