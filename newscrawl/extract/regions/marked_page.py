"""A page while its parts are marked: whose each element is so far. What is marked stays marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.regions.outline import Outline
from newscrawl.extract.regions.region_names import Region

if TYPE_CHECKING:
    from lxml.html import HtmlElement


TEASER = 25  # words of running text: an element with more is text, not an item of a list
MOST_HEADINGS = (
    24  # stop headings, and headings of next articles, that are examined: each costs a pass over the page
)
MOST_ANSWERS = 200  # elements below a heading that are searched for signs of comments
KICKER = 12  # words that may stand above the headline of another article


class MarkedPage:
    """The page, its headline and the regions marked so far; the rules beside this file mark one after the other."""

    def __init__(self, outline: Outline, heading: HtmlElement | None) -> None:
        self.outline = outline
        self.heading = heading
        self.at = outline.position.get(heading, -1) if heading is not None else -1
        # The headline and what is around it are the article's whatever their names say.
        self.above = {self.at, *outline.ancestors(self.at)} if self.at >= 0 else {0}
        self.regions: list[Region | None] = [None] * len(outline.elements)
        self.total = outline.prose[-1]

    def mark(self, i: int, region: Region) -> None:
        for k in range(i, self.outline.end[i]):
            if self.regions[k] is None:
                self.regions[k] = region

    def unmarked(self, start: int, end: int) -> int:
        """The words of running text between two positions that are nobody else's."""
        prose = self.outline.prose
        return sum(prose[k + 1] - prose[k] for k in range(start, end) if self.regions[k] is None)

    def mark_box(self, parent: int, region: Region = Region.OTHER) -> None:
        """Marks the box around cards or comments, with its heading, as far up as it holds nothing else."""
        out = self.outline
        box = -1
        for _ in range(6):
            if parent < 0 or parent in self.above or out.elements[parent].tag in ("body", "html"):
                break
            if out.prose_in(parent) and self.unmarked(parent, out.end[parent]):
                break
            if self.free_words(parent) > KICKER:
                break
            box, parent = parent, out.parent[parent]
        if box >= 0:
            self.mark(box, region)

    def free_words(self, i: int) -> int:
        """The words in an element that are nobody else's."""
        block, home = self.outline.block, self.outline.home
        return sum(
            block[k] for k in range(i, self.outline.end[i]) if self.regions[k] is None and home[k] == k
        )
