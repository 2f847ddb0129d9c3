"""When a list says that its pieces were published: beside the link, or in the day heading above it. Unknown beats wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from newscrawl.dating.moments import Moment, believable, read_machine
from newscrawl.dating.words import may_be_dated, read_written
from newscrawl.model import Precision
from newscrawl.text import one_line

if TYPE_CHECKING:
    from lxml import etree

# Elements looked at in one card, cards of one address, and lines that may be day headings: hostile pages have more.
_IN_A_CARD = 80
_CARDS = 5
_HEADINGS = 500
_LINE = 60  # characters; a date with what stands beside it is shorter
_MANY = ""  # in place of an address: several pieces are linked within
_DAY_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt"})
_OUTSIDE = frozenset({"header", "footer", "nav", "aside", "script", "style", "noscript", "template", "head"})
_WHOLE = frozenset({"html", "body", "main"})
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_HAS_CLOCK = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-3]):[0-5]\d")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_LETTERS = re.compile(r"[^\W\d_]+")
_UPDATED = re.compile(r"обновл|измен|жаңарт|өзгерт|updated|modified|edited", re.IGNORECASE)


@dataclass(slots=True)
class _Said:
    """What a card says: an instant or a day, and perhaps a bare time of day."""

    moment: Moment | None = None
    clock: tuple[int, int] | None = None

    @property
    def whole(self) -> Moment | None:
        """Day and time together, as far as they are there."""
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
    """For each address the instant a list claims, as far as it can be told; local midnight in `zone` where it is only a day.

    `anchors` are the article links of the page in its order. A date counts if it stands in the
    smallest element around the link that leads to no other piece, or right beside it. A time of day alone counts under
    a heading with the day, unless the times show that the heading is not theirs. `now` is the instant of the fetch.
    """
    places = _Places(root, anchors)
    found: dict[str, datetime] = {}
    clocks: dict[str, tuple[int, tuple[int, int] | None]] = {}
    for address, cards in places.cards.items():
        said = _Said()
        for card in cards:
            said = _read(card, zone, now)
            if said.whole is None:
                said = _beside(card, places, zone, now, said.clock)
            if said.whole is not None:
                break
        if said.whole is not None and believable(said.whole, now):
            found[address] = said.whole.at
        elif said.whole is None:
            clocks[address] = (places.order[cards[0]], said.clock)
    if clocks:
        found |= _under_headings(places, clocks, zone, now)
    return found


class _Places:
    """Where the pieces of a page are: the order of its elements, and for each the address that is linked within."""

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
                place = self.order[parent]
                self._last[place] = max(self._last[place], self._last[number])

    def last(self, element: etree._Element) -> int:
        """The place of the last element inside this one."""
        return self._last[self.order[element]]


def _read(card: etree._Element, zone: tzinfo, now: datetime) -> _Said:
    """The date in a card: stated for machines, else written, on one line or on several."""
    elements = list(islice(card.iter(), _IN_A_CARD))
    for element in elements:
        if (moment := _stated(element, zone)) is not None:
            return _Said(moment)
    pieces = list(_pieces(elements, card))
    # The longest text of a link is the headline, whatever it looks like.
    headline = max((len(piece) for piece, linked in pieces if linked), default=0)
    return _written([piece for piece, linked in pieces if not linked or len(piece) < headline], zone, now)


def _stated(element: etree._Element, zone: tzinfo) -> Moment | None:
    """The instant an element states for machines; not if it says that of an update."""
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
    """The texts of a card, each with whether it is a link's."""
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


def _written(pieces: Sequence[str], zone: tzinfo, now: datetime) -> _Said:
    said = _Said()
    for piece in pieces:
        if clock := _CLOCK.fullmatch(piece):
            said.clock = said.clock or (int(clock[1]), int(clock[2]))
        elif said.moment is None and _is_date(piece):
            said.moment = read_written(piece, zone, now)
    together = " ".join(piece for piece in pieces if len(piece) <= _LINE)
    if said.moment is None and len(pieces) > 1 and _is_date(together):
        said.moment = read_written(together, zone, now)
    return said


def _is_date(text: str) -> bool:
    """Whether a line is a date and little else: a summary that begins with "Yesterday" is none."""
    if len(text) > _LINE or not may_be_dated(text) or _UPDATED.search(text):
        return False
    plain = not _YEAR.search(text) and not _HAS_CLOCK.search(text)
    return len(_LETTERS.findall(text)) <= (2 if plain else 4)


def _beside(
    card: etree._Element, places: _Places, zone: tzinfo, now: datetime, clock: tuple[int, int] | None
) -> _Said:
    """The date right before the link in a list without cards; right after it where none stands before the first link."""
    parent = card.getparent()
    if parent is None or places.marks.get(parent) != _MANY:
        return _Said(clock=clock)
    before = _plain_neighbours(card, places, following=False)
    said = _written(before, zone, now) if before else _Said()
    if said.whole is None and said.clock is None and not _dated_before_links(parent, places):
        after = [
            piece for piece in _plain_neighbours(card, places, following=True) if _HAS_CLOCK.search(piece)
        ]
        said = _written(after, zone, now)
    said.clock = said.clock or clock
    return said


def _plain_neighbours(card: etree._Element, places: _Places, *, following: bool) -> list[str]:
    """The texts next to a card, up to the next piece."""
    near = islice(card.itersiblings(preceding=not following), 4)
    texts = [card.tail] if following else []
    for one in near:
        if one in places.marks or one.tag in _OUTSIDE:
            if not following:
                texts.append(one.tail)
            break
        stated = one.get("datetime") if one.tag == "time" else None
        whole = stated or "".join(islice(one.itertext(), 10))
        texts += [whole, one.tail] if following else [one.tail, whole]
    found = [piece for text in texts if text and (piece := one_line(text[:200]))]
    return found if following else found[::-1]


def _dated_before_links(parent: etree._Element, places: _Places) -> bool:
    for child in islice(parent, 50):
        if child in places.marks:
            return False
        if may_be_dated("".join(islice(child.itertext(), 10))[:200]):
            return True
    return False


# --- day headings ---------------------------------------------------------------------------------


def _under_headings(
    places: _Places, clocks: Mapping[str, tuple[int, tuple[int, int] | None]], zone: tzinfo, now: datetime
) -> dict[str, datetime]:
    """The days carried down from headings, with the times of the pieces below."""
    groups: dict[int, list[tuple[str, tuple[int, int] | None]]] = {}
    headings = _headings(places, zone, now)
    for address, (place, clock) in clocks.items():
        fitting = [n for n, one in enumerate(headings) if one.start < place <= one.end]
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


def _headings(places: _Places, zone: tzinfo, now: datetime) -> list[_Heading]:
    """Lines that are a day and nothing else above pieces of the list, in the order of the page.

    The date of today at the head of a site is none; nor are tabs ("Today", "Yesterday") with nothing between them.
    """
    found: list[_Heading] = []
    lines = (
        element
        for element in places.order
        if element not in places.marks
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
        scope = next((one for one in around if one in places.marks), None)
        day = read_written(text, zone, now)
        if scope is None or day is None or day.precision is not Precision.DAY or not believable(day, now):
            continue
        start, end, sure = places.order[element], places.last(scope), element.tag in _DAY_TAGS
        found.append(_Heading(day, start, end, places.order[scope], sure))
    return _trusted(found, places)


def _trusted(found: Sequence[_Heading], places: _Places) -> list[_Heading]:
    links = sorted(places.order[card] for cards in places.cards.values() for card in cards)
    by_scope: dict[int, list[_Heading]] = {}
    for one in found:
        by_scope.setdefault(one.scope, []).append(one)
    kept: list[_Heading] = []
    for headings in by_scope.values():
        pairs = pairwise(headings)
        empty = [(a, b) for a, b in pairs if not any(a.start < place < b.start for place in links)]
        if any(a.day.at != b.day.at for a, b in empty):
            continue
        days = {one.day.at for one in headings}
        if len(days) > 1 or all(one.sure for one in headings):
            kept += headings
    return sorted(kept, key=lambda one: one.start)


def _at(day: Moment, clock: tuple[int, int]) -> Moment:
    return Moment(day.at.replace(hour=clock[0], minute=clock[1]), Precision.MINUTE, day.has_offset)
