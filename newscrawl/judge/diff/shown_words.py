"""Which words of a difference both pages show: an edit adds words that did not stand on the older page, or takes some off the newer.

Words are compared with their neighbours, in runs, so that a digit or a name is not excused by a chance hit. Where both
pages have one layout, only the element counts that the words stand in; else the whole page does, with what it holds
without showing it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newscrawl.judge.diff.align import matches
from newscrawl.judge.diff.sides import PARAGRAPH, Pages, Positions, Side, runs_at
from newscrawl.judge.diff.tokens import Keys, Token, stretches, text_of, tokens, words_of
from newscrawl.model import Slot


class ShownWords:
    """The words of two readings, held against the pages that these were read from."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def differ(self, old: str, new: str) -> Iterator[bool]:
        """Whether the pages show each difference of two lines."""
        changes = self._changes(tokens(old), tokens(new))
        yield from (changed for changed, _, _ in changes if changed is not None)

    def edited(self, old: str, new: str) -> str:
        """The old line with those differences of the new one that the pages show."""
        changes = self._changes(tokens(old), tokens(new))
        return "".join(text_of(now if changed else was) for changed, was, now in changes).strip()

    def is_same_line(self, old: Keys, new: Keys) -> bool:
        """Whether two short lines differ in parts alone that the other page shows in lines of their own: a name, a date."""
        if max(words_of(old), words_of(new)) >= PARAGRAPH:
            return False
        was, now = stretches(old), stretches(new)
        gone, came = [part for part in was if part not in now], [part for part in now if part not in was]
        return all(map(self._pages.after.has_parts, gone)) and all(map(self._pages.before.has_parts, came))

    def is_changed(self, lines: Sequence[Keys], here: Side, there: Side) -> bool:
        """Whether some word of lines that only one reading has does not stand on the other page."""
        placed = [(Positions.of(line), len(line)) for line in lines]
        return any(self._is_edit(text, i, here, there) for text, length in placed for i in range(length))

    def _changes(
        self, one: Sequence[Token], other: Sequence[Token]
    ) -> Iterator[tuple[bool | None, Sequence[Token], Sequence[Token]]]:
        """All tokens of two paragraphs in stretches: (whether it is an edit, None where both agree; old; new)."""
        before, after = Positions(one), Positions(other)
        end, stop = 0, 0
        for start, begin, length in (*matches(before.keys, after.keys), (len(one), len(other), 0)):
            if start > end or begin > stop:
                gone = any(self._is_gone(before, i) for i in range(end, start))
                came = any(self._is_came(after, j) for j in range(stop, begin))
                joined = begin == stop and self._is_joined(before, end, start, after, stop)
                yield gone or came or joined, one[end:start], other[stop:begin]
            if length:
                yield None, other[begin : begin + length], other[begin : begin + length]
            end, stop = start + length, begin + length

    def _is_gone(self, before: Positions, index: int) -> bool:
        return self._is_edit(before, index, self._pages.before, self._pages.after)

    def _is_came(self, after: Positions, index: int) -> bool:
        return self._is_edit(after, index, self._pages.after, self._pages.before)

    def _is_edit(self, text: Positions, index: int, here: Side, there: Side) -> bool:
        """Whether a word of one reading does not stand on the other page."""
        if self._pages.layout and not text.is_word(index):
            return False
        paragraph, at = text.position(index)
        slots = None if self._pages.layout else text.slots(index, here)
        return not any(self._is_there(run, there, slots) for run in runs_at(paragraph, at))

    def _is_joined(self, before: Positions, end: int, start: int, after: Positions, stop: int) -> bool:
        """Whether a cut in mid-paragraph joined words that did not stand together on the older page."""
        if not 0 < stop < len(after.keys) or not before.is_within(end - 1, start):
            return False
        paragraph, at = after.position(stop)
        if at == 0:
            return False
        slots = None if self._pages.layout else after.slots(stop, self._pages.after)
        across = [run for run in runs_at(paragraph, at) if run in set(runs_at(paragraph, at - 1))]
        return bool(across) and not any(self._is_there(run, self._pages.before, slots) for run in across)

    def _is_there(self, run: Keys, there: Side, slots: frozenset[Slot] | None) -> bool:
        if there.has_more(run, slots):
            return True
        # What was hidden before and is shown now was there; what is hidden now is taken from the reader.
        return self._pages.layout and there is self._pages.before and there.keeps(run)
