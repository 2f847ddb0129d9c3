"""All text of a page by whether a reader sees it, with the element it stands in: what edits are checked against."""

from __future__ import annotations

import json
import re
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.dating.moments import read_machine
from newscrawl.dating.written import may_be_dated, read_stated
from newscrawl.errors import PageError
from newscrawl.extract.page.tree import read_page
from newscrawl.extract.regions.region_names import says_hidden
from newscrawl.model import PageText, Slot, StatedInstant, TextBlock
from newscrawl.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# Characters of visible text, and as many of hidden ones, taken from one page; the longest real article, a live blog, has
# 300,000. What scripts hold never takes the place of what a reader sees.
MOST_CHARACTERS = 2_000_000
# Blocks that may be a line with a date, and how many of them are read as one.
_DATE_LINE, _MOST_DATE_LINES = 120, 400
_MOST_INSTANTS = 2_000
_LINKED = 0.6  # share of a line's characters from which it is made of links
_DEPTH = 4  # elements of a slot
_CLASSES = 6  # classes of an element that count

_NEVER_SHOWN = frozenset({"script", "style", "noscript", "template", "head", "title", "meta", "link"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "meter",
        "nobr",
        "output",
        "picture",
        "progress",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "svg",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_ATTRIBUTES = ("alt", "title", "aria-label", "content", "value", "placeholder", "summary", "data-caption")
# It matches at every quotation mark and gives nothing back, so that no character is read twice: strings of a megabyte,
# with quotation marks escaped in them, are usual where a page is built by scripts.
_STRING = re.compile(r'"((?:[^"\\\n]++|\\.)*+)"?')
_SHORTEST = 12  # characters of a string that may be text
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:\s?(?:Z|[+-]\d{2}:?\d{2}))?)?"
)
_DIGITS = re.compile(r"\d+")


def page_text(
    content: bytes, url: str, *, content_type: str | None, fetched_at: datetime, zone: tzinfo
) -> PageText | None:
    """What a page shows and holds; None where it cannot be read. `zone` is the outlet's, for times without an offset."""
    try:
        page = read_page(content, url, content_type)
    except PageError:
        return None
    reader = _Reader()
    reader.read(page.tree)
    texts = [block.text for block in reader.shown]
    return PageText(
        shown=tuple(reader.shown),
        kept=tuple(reader.kept),
        layout=frozenset(reader.layout),
        instants=tuple(_instants(texts, reader.stated, zone, fetched_at)),
    )


class _Reader:
    """Walks a tree once, without recursion: pages nest elements as deeply as they like."""

    def __init__(self) -> None:
        self.shown: list[TextBlock] = []
        self.kept: list[str] = []
        self.stated: list[str] = []  # machine-readable texts that may hold dates
        self.layout: set[str] = set()
        self._shown_left = self._kept_left = MOST_CHARACTERS
        self._line: list[str] = []
        self._line_slot: Slot = ()
        self._hidden: list[str] = []
        self._linked = 0  # characters of the line that are a link's
        self._links = 0  # links that are open

    def read(self, tree: HtmlElement) -> None:
        # (element, its slot, whether it is hidden, entering or leaving); a tail belongs to the parent.
        stack: list[tuple[HtmlElement, Slot, bool, bool]] = [(tree, (), False, True)]
        parents: list[tuple[Slot, bool]] = [((), False)]
        while stack and (self._shown_left > 0 or self._kept_left > 0):
            element, slot, hidden, entering = stack.pop()
            if not entering:
                parents.pop()
                self._links -= element.tag == "a"
                self._end(element, hidden, within=parents[-1][1])
                self._add(element.tail, *parents[-1])
                continue
            if not isinstance(element.tag, str):
                self._add(element.tail, *parents[-1])
                continue
            within, hidden = hidden, hidden or _is_hidden(element)
            self._end(element, hidden, within=within)
            name = _name(element.tag, element.get("class") or "")
            own = slot if element.tag in _INLINE else (name, *slot)[:_DEPTH]
            self.layout.add(name)
            self._attributes(element)
            if element.tag == "script":
                self._script(element.text)
                self._add(element.tail, *parents[-1])
                continue
            parents.append((own, hidden))
            self._links += element.tag == "a"
            stack.append((element, own, hidden, False))
            self._add(element.text, own, hidden)
            stack.extend((child, own, hidden, True) for child in reversed(element))
        self._end_shown()
        self._end_hidden()

    def _add(self, text: str | None, slot: Slot, hidden: bool) -> None:
        if not text:
            return
        if hidden:
            self._hidden.append(text)
            return
        if not self._line:
            self._line_slot = slot
        self._line.append(text)
        if self._links:
            self._linked += len(text.strip())

    def _end(self, element: HtmlElement, hidden: bool, *, within: bool) -> None:
        """Ends lines where an element begins or ends. One that nobody sees cuts no visible line: the words around it run on."""
        inline = element.tag in _INLINE
        if hidden:
            if not (inline and within):
                self._end_hidden()
        elif not inline:
            self._end_shown()

    def _end_shown(self) -> None:
        if not self._line:
            return
        text, linked = clean("".join(self._line)), self._linked
        self._line.clear()
        self._linked = 0
        if text and self._shown_left > 0:
            self._shown_left -= len(text)
            self.shown.append(TextBlock(text, self._line_slot, linked >= _LINKED * len(text)))

    def _end_hidden(self) -> None:
        if not self._hidden:
            return
        text = clean("".join(self._hidden))
        self._hidden.clear()
        if text:
            self._keep(text)

    def _keep(self, text: str) -> None:
        if self._kept_left > 0:
            self._kept_left -= len(text)
            self.kept.append(text)

    def _attributes(self, element: HtmlElement) -> None:
        for name in _ATTRIBUTES:
            value = element.get(name)
            if value and len(value) > 2 and self._kept_left > 0:
                self._keep(clean(value))
                self.stated.append(value[:200])
        if when := element.get("datetime"):
            self.stated.append(when[:200])

    def _script(self, text: str | None) -> None:
        if not text or self._kept_left <= 0:
            return
        text = text[: self._kept_left]
        self._kept_left -= len(text)
        self.stated += _ISO.findall(text)[:_MOST_INSTANTS]
        for match in _STRING.finditer(text):
            if len(match[1]) < _SHORTEST:
                continue
            string = _unescaped(match[1])
            self.kept += [
                line for line in (clean(part) for part in _MARKUP.sub("\n", string).split("\n")) if line
            ]


def _unescaped(string: str) -> str:
    if "\\" not in string:
        return string
    try:
        return str(json.loads(f'"{string}"'))
    except ValueError:
        return string


@lru_cache(maxsize=4096)
def _name(tag: str, classes: str) -> str:
    """An element as its tag and classes, without the numbers in them ("post-123")."""
    names = sorted({_DIGITS.sub("#", name) for name in classes[:500].split()})[:_CLASSES]
    return ".".join((tag, *names))


def _is_hidden(element: HtmlElement) -> bool:
    """Whether nobody sees an element. A whole page is only hidden until its scripts have run."""
    if element.tag in _NEVER_SHOWN:
        return True
    return element.tag not in ("html", "body") and says_hidden(element)


def _instants(shown: list[str], stated: list[str], zone: tzinfo, now: datetime) -> Iterator[StatedInstant]:
    found: dict[StatedInstant, None] = {}
    for text in stated:
        if len(found) >= _MOST_INSTANTS:
            break
        for match in _ISO.findall(text) or [text]:
            if (moment := read_machine(match, zone)) is not None:
                found[StatedInstant(moment.at, moment.precision)] = None
    lines = [text for text in shown if len(text) <= _DATE_LINE and may_be_dated(text)]
    for line in lines[:_MOST_DATE_LINES]:
        if (moment := read_stated(line, zone, now)) is not None:
            found[StatedInstant(moment.at, moment.precision)] = None
    yield from found
