"""Whose each part of a page is: this article's own block, other articles, comments, the site's frame, what nobody sees.

One answer for all readers of fields, made once a page in linear time. An element inside the article's block that nothing
marks as somebody else's is the article's: a reader that asks `is_own` loses nothing to an unknown class name.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.outline import Outline, read_outline
from newscrawl.extract.page.region_names import Region
from newscrawl.extract.page.region_reader import Reader
from newscrawl.extract.text.stop_headings import stop_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.html import HtmlElement

__all__ = ["Region", "Regions", "read_regions"]

MOST_FIELDS = 8  # password fields that are looked at
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
    has_more_pages: bool = False  # links to further pages of this article stand in its block

    def of(self, element: HtmlElement) -> Region:
        """Whose an element is."""
        i = self.outline.position.get(element)
        return Region.PAGE if i is None else self.regions[i]

    def is_own(self, element: HtmlElement) -> bool:
        """Whether an element is in the article's own block and nobody else's."""
        return self.of(element) is Region.ARTICLE

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


def read_regions(tree: HtmlElement, heading: HtmlElement | None, stops: Collection[str] = ()) -> Regions:
    """The parts of a page. `heading` is the element of the headline, `stops` are the source's own stop headings."""
    outline = read_outline(tree)
    regions, block, more = Reader(outline, heading, stop_keys(stops)).read()
    return Regions(outline, heading, outline.elements[block] if block >= 0 else None, regions, more)
