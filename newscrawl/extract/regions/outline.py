"""A page measured in one pass: which words stand where, which of them are links, and where running text is.

Everything that weighs parts of a page asks here, so that no reader counts the same words again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from newscrawl.extract.page.lines import UNSPACED, word_count

if TYPE_CHECKING:
    from lxml.html import HtmlElement

RUNNING = 8  # words of a paragraph of running text, at least
# Elements whose text nobody reads.
_UNREAD = frozenset(
    {"script", "style", "template", "noscript", "head", "svg", "option", "textarea", "object"}
)
# Elements that are part of a line; every other element begins a block of its own.
_INLINE = frozenset({"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
                     "ins", "kbd", "label", "mark", "q", "ruby", "rb", "rt", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
                     "time", "tt", "u", "var", "wbr"})  # fmt: skip
# Blocks that hold running text when they have enough words. Items of lists are menus as often as text.
_PARAGRAPHS = frozenset(
    {"p", "blockquote", "div", "td", "section", "article", "main", "center", "pre", "body"}
)


@dataclass(frozen=True, slots=True)
class Outline:
    """Counts of a page, by the position of an element in page order.

    `parent` and `end` are positions (`end`: that after the last element inside), `home` that of the block an element is
    part of. `before` and `after` are the words of the page up to the start and up to the end of an element, `linked` and
    `unlinked` the same for words in links. `block` has the words of a block without those of blocks inside it,
    `block_linked` those of them in links, `prose` the words of running text of all earlier positions. `pieces` are the
    texts of the page in its order, `first_piece` and `last_piece` (behind it) those of an element, `sizes` the
    characters before each piece.
    """

    elements: tuple[HtmlElement, ...]
    position: dict[HtmlElement, int]
    parent: tuple[int, ...]
    end: tuple[int, ...]
    home: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    linked_before: tuple[int, ...]
    linked_after: tuple[int, ...]
    block: tuple[int, ...]
    block_linked: tuple[int, ...]
    prose: tuple[int, ...]
    pieces: tuple[str, ...]
    first_piece: tuple[int, ...]
    last_piece: tuple[int, ...]
    sizes: tuple[int, ...]

    def size(self, i: int) -> int:
        """How many characters `text` has."""
        return self.sizes[self.last_piece[i]] - self.sizes[self.first_piece[i]]

    def text(self, i: int) -> str:
        """All text in an element, also what nobody reads: the same as its text_content(), many times faster."""
        return "".join(self.pieces[self.first_piece[i] : self.last_piece[i]])

    def start_of(self, i: int, most: int) -> str:
        """The first `most` characters of its text."""
        parts: list[str] = []
        for piece in self.pieces[self.first_piece[i] : self.last_piece[i]]:
            parts.append(piece)
            most -= len(piece)
            if most <= 0:
                return "".join(parts)[: most or None]
        return "".join(parts)

    def words(self, i: int) -> int:
        """The words in an element."""
        return self.after[i] - self.before[i]

    def linked(self, i: int) -> int:
        """The words in an element that are in links."""
        return self.linked_after[i] - self.linked_before[i]

    def prose_in(self, i: int) -> int:
        """The words of running text in an element."""
        return self.prose[self.end[i]] - self.prose[i]

    def prose_of(self, i: int) -> int:
        """The words of running text of one block, without those of blocks inside it; 0 for what is not running text."""
        return self.prose[i + 1] - self.prose[i]

    def prose_blocks(self, start: int = 0, end: int | None = None) -> list[int]:
        """The positions of the blocks of running text."""
        prose = self.prose
        return [
            i for i in range(start, len(self.elements) if end is None else end) if prose[i + 1] > prose[i]
        ]

    def ancestors(self, i: int) -> list[int]:
        """The positions of the elements around an element, nearest first."""
        found = []
        while (i := self.parent[i]) >= 0:
            found.append(i)
        return found


def read_outline(tree: HtmlElement) -> Outline:
    """Measures a page. Linear in its elements and its text."""
    elements = tuple(tree.iter())
    n = len(elements)
    position = {element: i for i, element in enumerate(elements)}
    parent, end, home = [-1] * n, [n] * n, [0] * n
    before, after, linked_before, linked_after = [0] * n, [0] * n, [0] * n, [0] * n
    block, block_linked = [0] * n, [0] * n
    pieces: list[str] = []
    first_piece, last_piece = [0] * n, [0] * n
    total = linked = 0
    # Positions of the elements that are open, each with whether its text is unread and whether it is in a link.
    stack: list[tuple[int, bool, bool]] = []

    def counted(text: str) -> int:
        return len(text.split()) if text.isascii() or not UNSPACED.search(text) else word_count(text)

    for i, element in enumerate((*elements, None)):
        above = element.getparent() if element is not None else None
        while stack and elements[stack[-1][0]] is not above:
            closed, _, _ = stack.pop()
            end[closed], after[closed], linked_after[closed], last_piece[closed] = (
                i,
                total,
                linked,
                len(pieces),
            )
            if not stack:
                break
            if tail := elements[closed].tail:  # belongs to the element around
                pieces.append(tail)
                outer, unread, in_link = stack[-1]
                if not unread and not tail.isspace():
                    words = counted(tail)
                    total += words
                    block[home[outer]] += words
                    if in_link:
                        linked += words
                        block_linked[home[outer]] += words
        if element is None:
            break
        outer, unread, in_link = stack[-1] if stack else (-1, False, False)
        tag = element.tag
        parent[i] = outer
        at = home[i] = home[outer] if tag in _INLINE and outer >= 0 else i
        before[i], linked_before[i] = total, linked
        unread = unread or tag in _UNREAD or not isinstance(tag, str)
        in_link = in_link or tag == "a"
        stack.append((i, unread, in_link))
        first_piece[i] = len(pieces)
        if text := element.text:
            pieces.append(text)
            if not unread and not text.isspace():
                words = counted(text)
                total += words
                block[at] += words
                if in_link:
                    linked += words
                    block_linked[at] += words
    running = (
        block[i]
        if block[i] >= RUNNING and block_linked[i] * 2 < block[i] and elements[i].tag in _PARAGRAPHS
        else 0
        for i in range(n)
    )
    prose = tuple(accumulate(running, initial=0))
    return Outline(
        elements, position, tuple(parent), tuple(end), tuple(home), tuple(before), tuple(after),
        tuple(linked_before), tuple(linked_after), tuple(block), tuple(block_linked), prose,
        tuple(pieces), tuple(first_piece), tuple(last_piece), tuple(accumulate(map(len, pieces), initial=0)),
    )  # fmt: skip
