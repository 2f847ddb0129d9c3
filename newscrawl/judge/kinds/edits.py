"""The single edits between two bodies, with the paragraphs they stand in. Finds them; what they mean is change's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from newscrawl.judge.diff.differences import Block, BlockKind, Op
from newscrawl.judge.diff.tokens import Token, tokens
from newscrawl.judge.kinds.figures import value
from newscrawl.judge.kinds.speech import is_quotation_mark, spoken
from newscrawl.judge.kinds.spelling import slip

_SENTENCE_ENDS = frozenset(".!?…。！？")
# A sentence has at least so many words; fewer with a full stop are an abbreviation or a number.
_SENTENCE = 4


@dataclass(frozen=True)
class Paragraph:
    """One side of a block: its tokens, and which of them are speech."""

    tokens: tuple[Token, ...]

    @cached_property
    def spoken(self) -> list[bool]:
        """For each token whether it is somebody's speech."""
        return spoken(self.tokens)


@dataclass(frozen=True)
class Edit:
    """Tokens taken from one place of a paragraph (`old`, `removed`) and put there instead (`new`, `added`); one may be empty."""

    old: Paragraph
    new: Paragraph
    removed: range
    added: range

    @property
    def gone(self) -> Sequence[Token]:
        """The tokens taken away."""
        return self.old.tokens[self.removed.start : self.removed.stop]

    @property
    def come(self) -> Sequence[Token]:
        """The tokens put there."""
        return self.new.tokens[self.added.start : self.added.stop]

    @property
    def words(self) -> int:
        """By how many words the text became longer."""
        return count(self.come) - count(self.gone)

    @property
    def small(self) -> bool:
        """Whether it is spelling or punctuation: nothing said otherwise, no figure, no quotation marks."""
        before, after = _spelled(self.gone), _spelled(self.come)
        if not before or not after:
            if before or after:
                return len(before or after) == 1 and self._doubled(*(before or after))
            return max(len(self.gone), len(self.come)) <= 3
        return slip(before, after)

    @property
    def marks(self) -> int:
        """How many quotation marks came or went."""
        return sum(map(is_quotation_mark, (*self.gone, *self.come)))

    @property
    def whole(self) -> bool:
        """Whether a paragraph or whole sentences came or went, in place of nothing (or of next to nothing)."""
        if not self.old.tokens or not self.new.tokens:
            return True
        more, less = sorted((self.gone, self.come), key=count, reverse=True)
        return count(more) >= max(_SENTENCE, 4 * count(less)) and any(
            t.core[0] in _SENTENCE_ENDS for t in more
        )

    def _doubled(self, word: str) -> bool:
        """Whether a word that came or went stands right beside itself."""
        side, place = (self.old, self.removed) if self.removed else (self.new, self.added)
        around = (
            *side.tokens[max(place.start - 1, 0) : place.start],
            *side.tokens[place.stop : place.stop + 1],
        )
        return any(token.key.casefold() == word.casefold() for token in around)


def edits(block: Block) -> Iterator[Edit]:
    """The edits inside a paragraph, in order; one for a paragraph that came or went, none for one that moved."""
    if block.kind in (BlockKind.SAME, BlockKind.MOVED):
        return
    old: list[Token] = []
    new: list[Token] = []
    places: list[tuple[int, int, int, int]] = []
    end, stop = 0, 0
    for span in block.spans:
        if span.op is not Op.ADDED:
            old += tokens(span.text if span.before is None else span.before)
        if span.op is not Op.REMOVED:
            new += tokens(span.text)
        if span.op is Op.SAME:
            if not span.text.strip():
                continue  # a space beside what was replaced
            end, stop = len(old), len(new)
        elif (len(old), len(new)) != (end, stop):
            if places and places[-1][0] == end and places[-1][2] == stop:
                places.pop()
            places.append((end, len(old), stop, len(new)))
    before, after = Paragraph(tuple(old)), Paragraph(tuple(new))
    for start, to, begin, until in places:
        yield Edit(before, after, range(start, to), range(begin, until))


def count(part: Sequence[Token]) -> int:
    """The number of words."""
    return sum(token.is_word for token in part)


def _spelled(part: Sequence[Token]) -> list[str]:
    return [value(t.key) if t.is_number else t.key for t in part if t.is_word]
