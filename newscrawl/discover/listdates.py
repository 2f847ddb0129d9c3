"""Publication dates in lists: beside the link, or in the day heading above it. A doubtful date is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from newscrawl.dating.moments import Moment, believable, read_machine
from newscrawl.dating.written import may_be_dated, read_written
from newscrawl.model import Precision
from newscrawl.text import one_line

if TYPE_CHECKING:
    from lxml import etree

# Most elements read in a card, cards read of an address, and lines checked for being day headings: hostile pages have more.
_IN_A_CARD = 80
_CARDS = 5
_HEADINGS = 500
_LINE = 60  # characters; a date with what stands beside it is shorter
_MANY = ""  # instead of an address: the element contains links to several articles
_DAY_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt"})
_OUTSIDE = frozenset({"header", "footer", "nav", "aside", "script", "style", "noscript", "template", "head"})
_WHOLE = frozenset({"html", "body", "main"})
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_HAS_CLOCK = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-3]):[0-5]\d")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_LETTERS = re.compile(r"[^\W\d_]+")
_UPDATED = re.compile(r"обновл|измен|жаңарт|өзгерт|updated|modified|edited", re.IGNORECASE)


@dataclass(slots=True)
class _CardDate:
    """The date in a card: an instant or a day, and perhaps a time of day on its own."""

    moment: Moment | None = None
    clock: tuple[int, int] | None = None

    @property
    def whole(self) -> Moment | None:
        """Day and time together, as far as they are known."""
        if self.moment is None or self.moment.precision is not Precision.DAY or self.clock is None:
            return self.moment
        return _at(self.moment, self.clock)


@dataclass(slots=True)
class _Heading:
    """A day above a part of the list: from `start` to `end` in the order of the page."""

    day: Moment
    start: int
    end: int
    scope: int
    sure: bool  # a heading by its element


def published(
    root: etree._Element, anchors: Sequence[tuple[etree._Element, str]], zone: tzinfo, now: datetime
) -> dict[str, datetime]:
    """The publication instant of each address that has one in the list; local midnight in `zone` where it is only a day.

    `anchors` are the article links of the page in its order. A date counts if it stands in the
    smallest element around the link that links to no other article, or right beside it. A time of day alone counts under
    a heading with the day, unless the times show that the heading is not theirs. `now` is the instant of the fetch.
    """
    layout = _Layout(root, anchors)
    found: dict[str, datetime] = {}
    clocks: dict[str, tuple[int, tuple[int, int] | None]] = {}
    for address, cards in layout.cards.items():
        date = _CardDate()
        for card in cards:
            date = _read(card, zone, now)
            if date.whole is None:
                date = _beside(card, layout, zone, now, date.clock)
            if date.whole is not None:
                break
        if date.whole is not None and believable(date.whole, now):
            found[address] = date.whole.at
        elif date.whole is None:
            clocks[address] = (layout.order[cards[0]], date.clock)
    if clocks:
        found |= _under_headings(layout, clocks, zone, now)
    return found


class _Layout:
    """The elements of a page by document order, and for each the article address that it links to."""

    def __init__(self, root: etree._Element, anchors: Sequence[tuple[etree._Element, str]]) -> None:
        self.order = {element: number for number, element in enumerate(root.iter())}
        self.marks: dict[etree._Element, str] = {}
        for node, address in anchors:
            for one in (node, *node.iterancestors()):
                mark = self.marks.get(one)
                if mark in (_MANY, address):
                    if one is not node:
                        break
                    continue
                self.marks[one] = address if mark is None else _MANY
        self.cards: dict[str, list[etree._Element]] = {}
        for node, address in anchors:
            card = node
            while (parent := card.getparent()) is not None and self.marks.get(parent) == address:
                if parent.tag in _WHOLE:
                    break
                card = parent
            cards = self.cards.setdefault(address, [])
            if card not in cards and len(cards) < _CARDS:
                cards.append(card)
        self._last = list(self.order.values())
        for element, number in reversed(self.order.items()):
            if (parent := element.getparent()) is not None:
                position = self.order[parent]
                self._last[position] = max(self._last[position], self._last[number])

    def last(self, element: etree._Element) -> int:
        """The position of the last element inside this one."""
        return self._last[self.order[element]]


def _read(card: etree._Element, zone: tzinfo, now: datetime) -> _CardDate:
    """The date in a card: machine-readable, else in words, on one line or several."""
    elements = list(islice(card.iter(), _IN_A_CARD))
    for element in elements:
        if (moment := _stated(element, zone)) is not None:
            return _CardDate(moment)
    pieces = list(_pieces(elements, card))
    # The longest text of a link is the headline, even if it looks like a date.
    headline = max((len(piece) for piece, linked in pieces if linked), default=0)
    return _written([piece for piece, linked in pieces if not linked or len(piece) < headline], zone, now)


def _stated(element: etree._Element, zone: tzinfo) -> Moment | None:
    """The machine-readable instant of an element, unless it is that of an update."""
    if element.tag == "time":
        value = element.get("datetime")
    elif element.get("itemprop") == "datePublished":
        value = element.get("content") or element.get("datetime")
    else:
        value = None
    if not value or _UPDATED.search(f"{element.get('class') or ''} {element.get('itemprop') or ''}"):
        return None
    return read_machine(value, zone)


def _pieces(elements: Sequence[etree._Element], card: etree._Element) -> Iterator[tuple[str, bool]]:
    """The texts of a card, each with whether it belongs to a link."""
    linked: set[etree._Element] = set()
    for element in elements:
        parent = element.getparent() if element is not card else None
        if element.tag == "a" or parent in linked:
            linked.add(element)
        if element.tag in _OUTSIDE:
            continue
        for text, within in ((element.text, element), (element.tail, parent)):
            if text and within is not None and (piece := one_line(text[:2000])):
                yield piece, within in linked


def _written(pieces: Sequence[str], zone: tzinfo, now: datetime) -> _CardDate:
    date = _CardDate()
    for piece in pieces:
        if clock := _CLOCK.fullmatch(piece):
            date.clock = date.clock or (int(clock[1]), int(clock[2]))
        elif date.moment is None and _is_date(piece):
            date.moment = read_written(piece, zone, now)
    together = " ".join(piece for piece in pieces if len(piece) <= _LINE)
    if date.moment is None and len(pieces) > 1 and _is_date(together):
        date.moment = read_written(together, zone, now)
    return date


def _is_date(text: str) -> bool:
    """Whether a line is a date and little else: not a summary that begins with "Yesterday"."""
    if len(text) > _LINE or not may_be_dated(text) or _UPDATED.search(text):
        return False
    plain = not _YEAR.search(text) and not _HAS_CLOCK.search(text)
    return len(_LETTERS.findall(text)) <= (2 if plain else 4)


def _beside(
    card: etree._Element, layout: _Layout, zone: tzinfo, now: datetime, clock: tuple[int, int] | None
) -> _CardDate:
    """The date right before the link in a list without cards; right after it where none stands before the first link."""
    parent = card.getparent()
    if parent is None or layout.marks.get(parent) != _MANY:
        return _CardDate(clock=clock)
    before = _plain_neighbours(card, layout, following=False)
    date = _written(before, zone, now) if before else _CardDate()
    if date.whole is None and date.clock is None and not _dated_before_links(parent, layout):
        after = [
            piece for piece in _plain_neighbours(card, layout, following=True) if _HAS_CLOCK.search(piece)
        ]
        date = _written(after, zone, now)
    date.clock = date.clock or clock
    return date


def _plain_neighbours(card: etree._Element, layout: _Layout, *, following: bool) -> list[str]:
    """The texts next to a card, up to the next article."""
    near = islice(card.itersiblings(preceding=not following), 4)
    texts = [card.tail] if following else []
    for one in near:
        if one in layout.marks or one.tag in _OUTSIDE:
            if not following:
                texts.append(one.tail)
            break
        stated = one.get("datetime") if one.tag == "time" else None
        whole = stated or "".join(islice(one.itertext(), 10))
        texts += [whole, one.tail] if following else [one.tail, whole]
    found = [piece for text in texts if text and (piece := one_line(text[:200]))]
    return found if following else found[::-1]


def _dated_before_links(parent: etree._Element, layout: _Layout) -> bool:
    for child in islice(parent, 50):
        if child in layout.marks:
            return False
        if may_be_dated("".join(islice(child.itertext(), 10))[:200]):
            return True
    return False


# --- day headings ---------------------------------------------------------------------------------


def _under_headings(
    layout: _Layout, clocks: Mapping[str, tuple[int, tuple[int, int] | None]], zone: tzinfo, now: datetime
) -> dict[str, datetime]:
    """Days from the headings above, with the times of day of the articles below."""
    groups: dict[int, list[tuple[str, tuple[int, int] | None]]] = {}
    headings = _headings(layout, zone, now)
    for address, (position, clock) in clocks.items():
        fitting = [n for n, one in enumerate(headings) if one.start < position <= one.end]
        if fitting:
            groups.setdefault(fitting[-1], []).append((address, clock))
    found: dict[str, datetime] = {}
    for number, pieces in groups.items():
        day = headings[number].day
        times = [clock for _, clock in pieces if clock is not None]
        if times != sorted(times) and times != sorted(times, reverse=True):
            continue  # the day changed somewhere in between
        instants = {
            address: _at(day, clock) if clock is not None else day
            for address, clock in pieces
            if clock is not None or not times
        }
        if all(believable(moment, now) for moment in instants.values()):
            found |= {address: moment.at for address, moment in instants.items()}
    return found


def _headings(layout: _Layout, zone: tzinfo, now: datetime) -> list[_Heading]:
    """Lines that are a day and nothing else above articles of the list, in the order of the page.

    Today's date in the header of a site does not count; nor do tabs ("Today", "Yesterday") with nothing between them.
    """
    found: list[_Heading] = []
    lines = (
        element
        for element in layout.order
        if element not in layout.marks
        and isinstance(element.tag, str)
        and may_be_dated((element.text or "")[:200])
    )
    for element in islice(lines, _HEADINGS):
        text = one_line(element.text)
        if not _is_date(text) or _HAS_CLOCK.search(text) or element.tag in _OUTSIDE:
            continue
        around = list(islice(element.iterancestors(), 30))
        if any(one.tag in _OUTSIDE for one in around):
            continue
        scope = next((one for one in around if one in layout.marks), None)
        day = read_written(text, zone, now)
        if scope is None or day is None or day.precision is not Precision.DAY or not believable(day, now):
            continue
        start, end, sure = layout.order[element], layout.last(scope), element.tag in _DAY_TAGS
        found.append(_Heading(day, start, end, layout.order[scope], sure))
    return _trusted(found, layout)


def _trusted(found: Sequence[_Heading], layout: _Layout) -> list[_Heading]:
    links = sorted(layout.order[card] for cards in layout.cards.values() for card in cards)
    by_scope: dict[int, list[_Heading]] = {}
    for one in found:
        by_scope.setdefault(one.scope, []).append(one)
    kept: list[_Heading] = []
    for headings in by_scope.values():
        pairs = pairwise(headings)
        empty = [(a, b) for a, b in pairs if not any(a.start < position < b.start for position in links)]
        if any(a.day.at != b.day.at for a, b in empty):
            continue
        days = {one.day.at for one in headings}
        if len(days) > 1 or all(one.sure for one in headings):
            kept += headings
    return sorted(kept, key=lambda one: one.start)


def _at(day: Moment, clock: tuple[int, int]) -> Moment:
    return Moment(day.at.replace(hour=clock[0], minute=clock[1]), Precision.MINUTE, day.has_offset)
