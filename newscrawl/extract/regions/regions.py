"""Whose each part of a page is: this article's own block, other articles, comments, the site's frame, what nobody sees.

One answer for all readers of fields, made once a page in linear time. An element inside the article's block that nothing
marks as somebody else's is the article's: a reader that asks `is_own` loses nothing to an unknown class name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.dating.written import without_dates
from newscrawl.extract.page.elements import brief_text
from newscrawl.extract.page.lines import UNSPACED, is_sentence, one_line, word_count
from newscrawl.extract.regions.other_articles import CARD_WORDS, HEADLINE_WORDS, SENTENCE
from newscrawl.extract.regions.outline import Outline, read_outline
from newscrawl.extract.regions.region_names import LONGEST, Region
from newscrawl.extract.regions.region_reader import read
from newscrawl.extract.text.stop_headings import stop_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.html import HtmlElement

__all__ = ["Region", "Regions", "read_regions"]

MOST_FIELDS = 8  # password fields that are examined
LINE_OF_FACTS = 16  # words beside a date in one line; running text has more
LONGEST_LINE = 600  # characters of a line that may be a sentence
HEAD_LEVELS = 2  # elements around a headline that may hold its date
LONGEST_PARAGRAPH = 6000  # characters of a paragraph
CARD_LEVELS, CARD_ELEMENTS = 5, 60  # levels and elements of a box that may be a card
_NO_CARD = frozenset({"body", "html", "main", "header", "footer", "section", "table"})
_OF_OTHER_LINKS = frozenset({"author", "tag", "category", "nofollow"})
_NO_PAGE = ("javascript:", "mailto:", "tel:")
# Addresses of persons, of lists of articles, and of forms that hand a page on.
_NO_ARTICLES = re.compile(
    r"/(?:authors?|avtory?|by|users?|profiles?|persons?|staff|journalists?|contributors?|team|tags?|category|categories|rubrics?|topics?)/"
    r"|[?&/.](?:share|sharer|intent|print)\b|//(?:[\w-]+\.)?(?:t\.me|wa\.me|whatsapp|telegram|twitter|x\.com|facebook|instagram|linkedin|youtube|tiktok|vk\.com)",
    re.IGNORECASE,
)
_OF_LISTS = re.compile(
    r"by-?line|profile|(?<![a-z])fn(?![a-z])|categor|(?<![a-z])tag(?![a-z])|author|topic|section|rubric",
    re.IGNORECASE,
)
UNSPACED_HEADLINE = 14  # characters of a headline in a script without spaces
NOTICE = 60  # words of running text beside a form that asks for a password


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The parts of one page.

    `block` is the article's own block: the lowest element around the headline with (nearly) all running text that is not
    somebody else's; None where there is neither. `outline` has the counts of the page.
    """

    outline: Outline
    heading: HtmlElement | None
    block: HtmlElement | None
    regions: tuple[Region, ...]

    def of(self, element: HtmlElement) -> Region:
        """Whose an element is."""
        i = self.outline.position.get(element)
        return Region.PAGE if i is None else self.regions[i]

    def is_own(self, element: HtmlElement) -> bool:
        """Whether an element is in the article's own block and nobody else's."""
        return self.of(element) is Region.ARTICLE

    def is_in_sentence(self, element: HtmlElement) -> bool:
        """Whether an inline element is part of running text, and not of a line of facts such as a byline with its date."""
        out = self.outline
        i = out.position.get(element, -1)
        home = out.home[i] if i >= 0 else i
        if home == i or not out.prose_of(home):
            return False
        rest = out.block[home] - out.words(i)
        if rest > LINE_OF_FACTS and out.parent[i] == home:
            return _is_in_line_of_text(element)
        return rest > LINE_OF_FACTS or is_sentence(one_line(brief_text(out.elements[home], LONGEST_LINE)))

    def is_beside_headline(self, element: HtmlElement) -> bool:
        """Whether an element is the article's own and stands in the box of the headline or in the one around it."""
        if not self.is_own(element) or self.heading is None:
            return False
        at = self.outline.position[element]
        boxes = (self.outline.position[e] for e in islice(self.heading.iterancestors(), HEAD_LEVELS))
        return any(box <= at < self.outline.end[box] for box in boxes)

    def is_told(self, element: HtmlElement) -> bool:
        """Whether an element is a block of the article's running text, whose dates are those of its story."""
        out = self.outline
        i = out.position.get(element, -1)
        return (
            i >= 0
            and bool(out.prose_of(out.home[i]))
            and is_sentence(one_line(brief_text(out.elements[out.home[i]], LONGEST_PARAGRAPH)))
        )

    def is_in_card(self, element: HtmlElement) -> bool:
        """Whether an element stands in a small box with a link of a headline's length, and so belongs to another article."""
        out = self.outline
        i = k = out.position.get(element, -1)
        at = out.position.get(self.heading, -1) if self.heading is not None else -1
        if i < 0 or at < 0:
            return False
        for _ in range(CARD_LEVELS):
            around = out.elements[k]
            if k <= at < out.end[k] or around is self.block or around.tag in _NO_CARD:
                return False
            if out.words(k) > CARD_WORDS:
                return False
            inside = range(k, min(out.end[k], k + CARD_ELEMENTS))
            if any(out.elements[n].tag == "a" and self._is_headline(n, i) for n in inside):
                return True
            k = out.parent[k]
            if k < 0:
                return False
        return False

    def _is_headline(self, link: int, i: int) -> bool:
        """Whether a link beside the element at `i` is another article's headline: not a name, a topic, a word of a sentence."""
        out = self.outline
        inside = out.words(i) if link < i < out.end[link] else 0
        if out.words(link) - inside < HEADLINE_WORDS:
            return False
        home = out.home[link]
        if home != link and out.block[home] - out.block_linked[home] > SENTENCE:
            return False
        element = out.elements[link]
        text = one_line(without_dates(one_line(brief_text(element, LONGEST_LINE))))
        if len(text.split()) < HEADLINE_WORDS and not (
            UNSPACED.search(text) and len(text) >= UNSPACED_HEADLINE
        ):
            return False  # an address, a date, or a name in letters without spaces
        href, relation = (element.get("href") or "").strip(), (element.get("rel") or "").lower().split()
        if not href or "#" in href or href.startswith(_NO_PAGE) or not _OF_OTHER_LINKS.isdisjoint(relation):
            return False
        marks = " ".join(
            e.get("class") or ""
            for e in (
                element,
                *islice(element.iterdescendants("span"), 2),
                *islice(element.iterancestors(), 1),
            )
        )
        return not (_NO_ARTICLES.search(href[:300]) or _OF_LISTS.search(marks[:LONGEST]))

    def form_for_password(self) -> HtmlElement | None:
        """The password field that stands in the place of the text: all running text there is belongs to its form."""
        out = self.outline
        fields = (
            i
            for i, element in enumerate(out.elements)
            if element.tag == "input" and (element.get("type") or "").lower() == "password"
        )
        for i in islice(fields, MOST_FIELDS):
            form = next((k for k in out.ancestors(i) if out.elements[k].tag == "form"), out.parent[i])
            box = out.parent[form]
            if box < 0 or out.elements[box].tag in ("body", "html") or out.prose_in(box) > NOTICE:
                continue
            elsewhere = sum(out.prose_of(k) for k in self.own_prose() if not box <= k < out.end[box])
            if self.is_own(out.elements[i]) and not elsewhere:
                return out.elements[i]
        return None

    def own_prose(self) -> list[int]:
        """The positions (see Outline) of the article's blocks of running text, in page order."""
        return [i for i in self.outline.prose_blocks() if self.regions[i] is Region.ARTICLE]

    def own(self) -> Iterator[HtmlElement]:
        """The elements that are the article's, in page order."""
        if self.block is not None:
            start = self.outline.position[self.block]
            for i in range(start, self.outline.end[start]):
                if self.regions[i] is Region.ARTICLE:
                    yield self.outline.elements[i]


_IN_LINES = frozenset({"a", "abbr", "b", "cite", "em", "font", "i", "small", "span", "strong", "time", "u"})
MOST_BESIDE = 12  # elements of one line on either side of another


def _is_in_line_of_text(element: HtmlElement) -> bool:
    """Whether an element directly in a block of running text shares its line with it; breaks, pictures and blocks divide lines."""
    parts: list[str] = [element.tail or ""]
    before: HtmlElement | None = element
    for sibling in islice(element.itersiblings(), MOST_BESIDE):
        if sibling.tag not in _IN_LINES:
            break
        parts += ["".join(sibling.itertext()), sibling.tail or ""]
    for _ in range(MOST_BESIDE):
        before = before.getprevious() if before is not None else None
        if before is None:
            around = element.getparent()
            parts.append(around.text or "" if around is not None else "")
            break
        parts.append(before.tail or "")
        if before.tag not in _IN_LINES:
            break
        parts.append("".join(before.itertext()))
    return word_count(" ".join(parts)) > LINE_OF_FACTS


def read_regions(tree: HtmlElement, heading: HtmlElement | None, stops: Collection[str] = ()) -> Regions:
    """The parts of a page. `heading` is the element of the headline, `stops` are the source's own stop headings."""
    outline = read_outline(tree)
    regions, block = read(outline, heading, stop_keys(stops))
    return Regions(outline, heading, outline.elements[block] if block >= 0 else None, regions)
