"""Lines that an outlet shows by turns within its articles, and what of a difference may be no more than that.

Sayings, promotions, headlines: another one at each visit, in plain paragraphs among the article's own. Two pages of an
article cannot tell that from a paragraph that was replaced; other articles can. One such line takes the place of
another, so what came beyond what went made room for another text, or took one away.

A paragraph that many articles have counts as well, once it stood for three checks and neighbours checked since do
otherwise: an outlet may put one statement into ten articles, or take out of one what all have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from newscrawl.judge.diff.differences import Block, BlockKind
from newscrawl.judge.diff.shown_words import ShownWords
from newscrawl.judge.diff.sides import STANDS, Pages, lines_of
from newscrawl.judge.diff.tokens import keys as _keys
from newscrawl.judge.template_text import TemplateText
from newscrawl.model import Slot
from newscrawl.text import paragraphs


class Whose(Enum):
    """Whose a line is that only one reading has."""

    SITE = "site"  # template text
    CLAIMED = "claimed"  # many articles have it, and yet it came or went here alone
    SHARED = "shared"  # a neighbour shows it as well, where texts rotate or nobody knows yet
    OWN = "own"

    @property
    def is_articles(self) -> bool:
        """Whether nothing but its place beside others can tell against it."""
        return self in (Whose.SHARED, Whose.OWN)


@dataclass(slots=True)
class Doubts:
    """What is learned of a difference beside its edits: that a later check may tell more, or checks of other articles alone; that template text differs."""

    pending: bool = False
    waits: bool = False
    template: bool = False


class Turns:
    """The paragraphs of two readings, by what the pages of other articles show of them."""

    def __init__(
        self,
        pages: Pages,
        template: TemplateText,
        blocks: Sequence[Block],
        words: ShownWords,
        doubts: Doubts,
    ) -> None:
        self._pages = pages
        self._template = template
        self._blocks = blocks
        self._words = words
        self.doubts = doubts
        self._known: dict[tuple[str, str], Whose] = {}

    def is_template(self, text: str, *, shown: bool | None = None) -> bool:
        """Whether a paragraph, or each of several, is template text; `shown`: it came (True) or went (False) on the article's page."""
        found = all(
            self._template.has(part)
            or (shown is not None and self._template.turns(part, shown=shown) is not False)
            for part in paragraphs(text)
        )
        self.doubts.template |= found
        return found

    def whose(self, old: str, new: str) -> Whose:
        """Whose a line is that only one reading has, by what neighbours show."""
        if (known := self._known.get((old, new))) is None:
            known = self._known[old, new] = self._found_whose(old, new)
        return known

    def _found_whose(self, old: str, new: str) -> Whose:
        text = old or new
        if self.is_template(text, shown=bool(new)):
            return Whose.CLAIMED if self.is_own(old, new) else Whose.SITE
        shared = self.rotates is not False and self._template.is_elsewhere(text)
        return Whose.SHARED if shared else Whose.OWN

    def is_held(self, old: str, new: str) -> bool:
        """Whether a line that came or went may only have taken the place of one that is shown by turns, or made room for one.

        Room is made by lines that neighbours have as well, before the article's own.
        """
        whose, came, lone = self.whose(old, new), bool(new), self._lone
        sign = 1 if came else -1
        more = sign * self._more
        if whose is Whose.CLAIMED:
            return more < 0
        if whose is Whose.SHARED:
            return more < 0 or bool(lone[Whose.SHARED, not came] + lone[Whose.OWN, not came])
        more += lone[Whose.SHARED, came] - lone[Whose.SHARED, not came]
        return more + lone[Whose.CLAIMED, came] < 0

    def only_seems_moved(self, block: Block) -> bool:
        """Whether a moved paragraph is no edit: the order of boxes is the layout's, that of paragraphs in one layout the publisher's."""
        if block.kind is not BlockKind.MOVED:
            return False
        if self._pages.layout or self.is_template(block.old or block.new) or self._is_in_order:
            return True
        if self.rotates is False:
            return False
        # One of the lines around may have moved past it instead, and be shown by turns.
        order = [_keys(block.new) for block in self._kept if block.new]
        earlier = self._pages.earlier
        stands = len(earlier) >= STANDS and all(page.shows_in_order(order) for page in earlier)
        self.doubts.pending |= not stands
        return not stands

    @cached_property
    def rotating_boxes(self) -> frozenset[Slot]:
        """The elements in which neighbours show other text at every check."""
        return frozenset(self._template.rotating(self._pages.after.page) or ())

    @property
    def one_may_stand_for_another(self) -> bool:
        """Whether what stands in the place of another may do so by turns: also where nobody was checked twice in a new layout yet."""
        return bool(self.rotates) or (self._pages.layout and self.rotates is None)

    @cached_property
    def rotates(self) -> bool | None:
        """Whether texts rotate within the block of the article's text, by what the neighbours show; None where nobody knows."""
        found: bool | None = False
        for side in (self._pages.after, self._pages.before) if self._pages.layout else (self._pages.after,):
            slots = self._template.rotating(side.page)
            if slots is None:
                found = None
            elif any(side.is_articles(frozenset({slot})) for slot in slots):
                return True
        # Neighbours that were seen once in each of two layouts show it by the lines themselves.
        sides = (
            (self._pages.after, _keys(new)) if new else (self._pages.before, _keys(old))
            for old, new in self._turning
        )
        return any(side.is_articles(side.slots_of(line)) for side, line in sides) or found

    def is_own(self, old: str, new: str) -> bool:
        """Whether a paragraph that many articles have, or its absence, is this article's own: it stands, and others do otherwise."""
        keys, here, there = (
            (_keys(new), self._pages.after, self._pages.before)
            if new
            else (_keys(old), self._pages.before, self._pages.after)
        )
        slots = here.slots_of(keys)
        if not slots or not here.is_articles(slots) or here.is_linked(keys):
            return False
        if not self._words.is_changed([keys], here, there):
            return False
        differs = self._template.differs(new or old, shown=bool(new))
        if differs is False:
            return False
        if not all(self._template.rests(text) for text in (old, new) if text):
            self.doubts.waits = True  # it came or went on other pages a moment ago: does it stay so there?
            return False
        stands = all(map(self._pages.stands, lines_of(new))) if new else self._pages.is_gone_for_long(keys)
        if old and new:
            stands = stands and self._pages.is_gone_for_long(_keys(old))
        self.doubts.pending |= not stands
        self.doubts.waits |= differs is None
        return stands and bool(differs)

    @cached_property
    def _lone(self) -> Counter[tuple[Whose, bool]]:
        """How many lines only one reading has: by whose they are, and whether they came."""
        apart = [block for block in self._blocks if block.kind in (BlockKind.ADDED, BlockKind.REMOVED)]
        return Counter((self.whose(old, new), bool(new)) for block in apart for old, new in each(block))

    @cached_property
    def _more(self) -> int:
        """How many lines that are shown by turns came beyond those that went.

        One takes the place of another. What came or went beyond that took the place of a text, or made room for one, and
        this may be another of them, however long it stays.
        """
        return sum(bool(new) - bool(old) for old, new in self._turning)

    @cached_property
    def _turning(self) -> list[tuple[str, str]]:
        """The lines that are shown by turns of those that came or went, each as its old and its new text."""
        apart = [block for block in self._blocks if block.kind in (BlockKind.ADDED, BlockKind.REMOVED)]
        return [
            (old, new)
            for block in apart
            for old, new in each(block)
            if self.is_template(old or new, shown=bool(new)) and not self._template.rests(old or new)
        ]

    @cached_property
    def _is_in_order(self) -> bool:
        """Whether the paragraphs that both readings have stand in one order, but for lines that neighbours have as well.

        Where such a line moved, the paragraph between may seem to have moved past it.
        """
        before, after = ([_keys(text) for text in side if text] for side in _sides(self._kept))
        return before == after

    @cached_property
    def _kept(self) -> list[Block]:
        """What both readings have and no neighbour shows."""
        kept = [block for block in self._blocks if block.kind in (BlockKind.SAME, BlockKind.MOVED)]
        return [block for block in kept if not self._template.is_elsewhere(block.old or block.new)]


def each(block: Block) -> Iterator[tuple[str, str]]:
    """The paragraphs of a block that came, went or moved, each as its old and its new text, one of which is empty."""
    came = bool(block.new)
    for paragraph in paragraphs(block.new if came else block.old):
        yield ("", paragraph) if came else (paragraph, "")


def _sides(blocks: Sequence[Block]) -> tuple[list[str], list[str]]:
    return [block.old for block in blocks], [block.new for block in blocks]
