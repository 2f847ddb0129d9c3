"""The single edits between two bodies, with the paragraphs they belong to."""

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
# A sentence has at least this many words; fewer with a full stop are an abbreviation or a number.
_SENTENCE = 4


@dataclass(frozen=True)
class Paragraph:
    """One side of a block as tokens."""

    tokens: tuple[Token, ...]

    @cached_property
    def spoken(self) -> list[bool]:
        """For each token whether it is part of somebody's speech."""
        return spoken(self.tokens)


@dataclass(frozen=True)
class Edit:
    """Tokens at one position of a paragraph that were replaced: `removed` from `old`, `added` in `new`.

    One of the two ranges may be empty.
    """

    old: Paragraph
    new: Paragraph
    removed: range
    added: range

    @property
    def removed_tokens(self) -> Sequence[Token]:
        """The removed tokens."""
        return self.old.tokens[self.removed.start : self.removed.stop]

    @property
    def added_tokens(self) -> Sequence[Token]:
        """The added tokens."""
        return self.new.tokens[self.added.start : self.added.stop]

    @property
    def words(self) -> int:
        """By how many words the text became longer; negative if shorter."""
        return count(self.added_tokens) - count(self.removed_tokens)

    @property
    def small(self) -> bool:
        """Whether only spelling or punctuation changed, a doubled word included; never a figure."""
        before, after = _spelled(self.removed_tokens), _spelled(self.added_tokens)
        if not before or not after:
            if before or after:
                return len(before or after) == 1 and self._doubled(*(before or after))
            return max(len(self.removed_tokens), len(self.added_tokens)) <= 3
        return slip(before, after)

    @property
    def marks(self) -> int:
        """How many quotation marks were added or removed."""
        return sum(map(is_quotation_mark, (*self.removed_tokens, *self.added_tokens)))

    @property
    def whole(self) -> bool:
        """Whether a paragraph or whole sentences were added or removed, replacing nothing or very few words."""
        if not self.old.tokens or not self.new.tokens:
            return True
        more, less = sorted((self.removed_tokens, self.added_tokens), key=count, reverse=True)
        return count(more) >= max(_SENTENCE, 4 * count(less)) and any(
            t.core[0] in _SENTENCE_ENDS for t in more
        )

    def _doubled(self, word: str) -> bool:
        """Whether an added or removed word stands beside the same word."""
        side, position = (self.old, self.removed) if self.removed else (self.new, self.added)
        around = (
            *side.tokens[max(position.start - 1, 0) : position.start],
            *side.tokens[position.stop : position.stop + 1],
        )
        return any(token.key.casefold() == word.casefold() for token in around)


def edits(block: Block) -> Iterator[Edit]:
    """The edits inside a block, in order.

    An added or removed paragraph is one edit; a moved one has none.
    """
    if block.kind in (BlockKind.SAME, BlockKind.MOVED):
        return
    old: list[Token] = []
    new: list[Token] = []
    positions: list[tuple[int, int, int, int]] = []
    end, stop = 0, 0
    for span in block.spans:
        if span.op is not Op.ADDED:
            old += tokens(span.text if span.before is None else span.before)
        if span.op is not Op.REMOVED:
            new += tokens(span.text)
        if span.op is Op.SAME:
            if not span.text.strip():
                continue  # a space beside a replaced word
            end, stop = len(old), len(new)
        elif (len(old), len(new)) != (end, stop):
            if positions and positions[-1][0] == end and positions[-1][2] == stop:
                positions.pop()
            positions.append((end, len(old), stop, len(new)))
    before, after = Paragraph(tuple(old)), Paragraph(tuple(new))
    for start, to, begin, until in positions:
        yield Edit(before, after, range(start, to), range(begin, until))


def count(part: Sequence[Token]) -> int:
    """The number of words."""
    return sum(token.is_word for token in part)


def _spelled(part: Sequence[Token]) -> list[str]:
    return [value(t.key) if t.is_number else t.key for t in part if t.is_word]
