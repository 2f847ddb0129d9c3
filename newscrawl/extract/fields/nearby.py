"""Reads the short lines around the headline, in which dates and bylines are searched."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.page.tree import few_children
from newscrawl.extract.regions.regions import Region, Regions
from newscrawl.extract.text.phrases import READ_ALSO
from newscrawl.extract.text.stop_headings import STOP_HEADINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.regions.outline import Outline

FOREIGN = frozenset({Region.OTHER, Region.COMMENTS})
REACH = 600  # elements after the headline
LONGEST = 200  # characters of a line; an element with more is running text
MOST_CHILDREN = 6  # of a line; of an element with more only the text directly in it is read
LONGEST_EXAMINED = 2000  # characters of an element, white space included, after which it is no line
_STOPS = frozenset(squash(s) for s in STOP_HEADINGS)
_SECTIONS = frozenset(
    map(squash, ("новости", "жаңалықтар", "jañalyqtar", "новини", "актуальное", "главные новости", "latest"))
)
_SKIP = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "aside",
        "form",
        "dialog",
        "svg",
        "select",
        "button",
        "blockquote",
        "q",
    }
)
_BLOCKS = frozenset({"p", "div", "span", "time", "em", "small", "i", "b", "td", "section", "strong", "ol", "ul", "li", "h6", "h5", "h4", "a",
                     "address", "abbr", "cite", "dd", "header", "font", "label"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One short line: its element, its text, how many long paragraphs are between it and the headline, whether in a list."""

    element: HtmlElement
    text: str
    paragraphs: int = 0
    in_list: bool = False


@dataclass(frozen=True, slots=True)
class Nearby:
    """Lines after the headline in page order, and those before it in the headline's own block, nearest first."""

    after: tuple[Line, ...] = ()
    before: tuple[Line, ...] = ()


def read_nearby(heading: HtmlElement | None, regions: Regions) -> Nearby:
    """The lines after the headline up to the second long paragraph, and shortly before it.

    Navigation, comments, other articles and everything above the headline's own block are left out, because dates and
    names there are not this article's.
    """
    if heading is None:
        return Nearby()
    return Nearby(tuple(_after(heading, regions)), tuple(_before(heading, regions))[::-1])


def _after(heading: HtmlElement, regions: Regions) -> Iterator[Line]:
    paragraphs = 0
    lists: set[HtmlElement] = set()
    yield from _inside(heading, regions.outline)
    for i, element in enumerate(_following(heading, regions)):
        if (
            i > REACH
            or paragraphs >= 2
            or (i > REACH // 2 and element.tag in ("h1", "h2"))
            or _is_stop(element)
        ):
            return
        if element.tag in ("ul", "ol") and not _is_short_list(element):
            lists.add(element)
        in_list = (element.tag == "li" and element.getparent() in lists) or any(
            a in lists for a in islice(element.iterancestors(), 4)
        )
        if element.tag not in _BLOCKS:
            continue
        text, is_long = _line(element, regions.outline)
        if element.tag == "p" and is_long:
            paragraphs += 1
        if text:
            yield Line(element, text, paragraphs, in_list)


def _inside(heading: HtmlElement, outline: Outline) -> Iterator[Line]:
    """Marked lines in the heading element itself."""
    for element in islice(heading.iterdescendants("time", "small"), 5):
        text, _ = _line(element, outline)
        if text:
            yield Line(element, text)


def _before(heading: HtmlElement, regions: Regions) -> Iterator[Line]:
    scope = heading
    for _ in range(3):
        parent = scope.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        scope = parent
    if scope is heading:
        return
    found: list[Line] = []
    inside: set[HtmlElement] = set()
    above = set(heading.iterancestors())
    for element in islice(scope.iterdescendants(), 3000):
        if element is heading:
            break
        if regions.of(element) in FOREIGN:
            continue
        parent = element.getparent()
        if parent is not None and parent not in above and _opens_others(element):
            inside.add(parent)
        if parent in inside or element.tag in _SKIP or element.tag == "li":
            inside.add(element)
        elif element.tag in _BLOCKS:
            text, _ = _line(element, regions.outline)
            if text:
                found.append(Line(element, text))
    yield from found[-60:]


HEAD = 40  # words beside a headline in its own small box, which is the article's whatever is marked in it


def _foreign(heading: HtmlElement) -> frozenset[Region]:
    """The regions that are left out beside a headline: in its own small box of head lines only comments."""
    box = heading.getparent()
    small = box is not None and word_count(box.text_content()) <= word_count(heading.text_content()) + HEAD
    return frozenset({Region.COMMENTS}) if small else FOREIGN


def _following(heading: HtmlElement, regions: Regions) -> Iterator[HtmlElement]:
    """The elements after the headline in page order, without those in _SKIP and those of others."""
    for level in (heading, *heading.iterancestors()):
        if level.tag in ("body", "html"):
            return
        foreign = _foreign(heading) if level is heading else FOREIGN
        stack = list(level.itersiblings())[::-1]
        while stack:
            element = stack.pop()
            # The footer of an article's head ("By A, 12 March") is one line; the page's footer is longer.
            if (
                isinstance(element.tag, str)
                and regions.of(element) not in foreign
                and (
                    element.tag not in _SKIP
                    or (element.tag == "footer" and _line(element, regions.outline)[0])
                )
            ):
                yield element
                stack.extend(reversed(element))


def _line(element: HtmlElement, outline: Outline) -> tuple[str, bool]:
    """(the element's text as one line, "" if it is too long; whether it is a long paragraph)."""
    if len(element) > MOST_CHILDREN:
        own = one_line(" ".join([element.text or "", *(c.tail or "" for c in islice(element, 12))]))
        return (own if len(own) <= LONGEST else ""), False
    i = outline.position[element]
    pieces = outline.pieces[outline.first_piece[i] : outline.last_piece[i]]
    if outline.size(i) > LONGEST_EXAMINED:
        sizes = accumulate(map(len, pieces))
        pieces = pieces[: next(n for n, size in enumerate(sizes, 1) if size > LONGEST_EXAMINED)]
    text = one_line(" ".join(pieces))
    if len(text) <= LONGEST:
        return text, len(text) > 150
    return "", True


def _is_short_list(element: HtmlElement) -> bool:
    """Whether a list is one line of facts ("By A", "12 March", "3 min") and not a list of articles."""
    return few_children(element, 5) and len(one_line(element.text_content()[:400])) < 130


def _is_stop(element: HtmlElement) -> bool:
    """Whether the element is a heading such as "Latest news", below which dates belong to other articles."""
    raw = element.text or ""
    return (
        3 < len(raw) < 60
        and element.tag not in ("a", "button")
        and (squash(raw) in _STOPS or (word_count(raw) <= 3 and bool(READ_ALSO.match(raw))))
        and few_children(element, 2)
    )


def _opens_others(element: HtmlElement) -> bool:
    """Whether the element heads a block of other articles. "News" alone may be the section beside the byline."""
    return _is_stop(element) and squash(element.text) not in _SECTIONS


def below_a_stop(element: HtmlElement) -> bool:
    """Whether the element is in a block below a heading such as "Read also", and so belongs to another article."""
    for level in (element, *islice(element.iterancestors(), 5)):
        if level.tag in ("body", "html"):
            return False
        for sibling in islice(level.itersiblings(preceding=True), 12):
            inner = next(sibling.iterchildren(), None) if few_children(sibling, 1) else None
            if any(e is not None and isinstance(e.tag, str) and _opens_others(e) for e in (sibling, inner)):
                return True
    return False
