"""The sentences of two texts, laid side by side: which stayed, were edited, added, deleted or moved."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from newscrawl.judge.diff.align import matches
from newscrawl.judge.diff.pairing import Group, groups
from newscrawl.judge.diff.tokens import Keys, keys, too_long
from newscrawl.text import paragraphs

# Where a sentence may end: its marks, with the quotation marks and brackets that close behind them.
_END = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s)|[。！？]+[」』”’）]*")
# What may begin the next one: no small letter (\W\d as well: dashes, quotation marks, figures).
_SMALL = re.compile(r"\s*[\"'«„“(\[—–-]*\s*([^\W\d_])")
# What stands before a full stop that ends no sentence: one letter (initials, "т. е."), and words cut short. English,
# Russian and Kazakh; before figures or names alone they stand, so a sentence seldom ends with one.
_INITIAL = re.compile(r"(?:^|[^\w])[^\W\d_]$")
_CUT_SHORT = re.compile(
    r"(?:^|[^\w])(?:mr|mrs|ms|dr|prof|gen|col|lt|sgt|st|no|vs|inc|ltd|co|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
    r"|ул|пр|просп|пер|пл|им|обл|гг|вв|тт|стр|рис|см|тыс|млн|млрд|трлн|руб|коп|тг|долл|др|акад|проф|ген|полк|зам|пом"
    r"|янв|фев|апр|авг|сент|окт|нояб|дек|кв|корп|пос|мкр|көш|даңғ|теңг|млн|т\.б)$",
    re.IGNORECASE,
)


class SentenceKind(StrEnum):
    """What became of a sentence; the names that collections of edited news use."""

    UNCHANGED = "unchanged"
    EDITED = "edited"
    ADDED = "added"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence of the older text and the one of the newer that it became; one of them is None where there is none.

    Numbers count from 0 on each side. `similarity` is twice the share of words in common, of both together, 0 to 1; None where
    one side is missing. `moved`: the same words stand at another place. A sentence that was split, or that
    was made of several, stands in several pairs.
    """

    kind: SentenceKind
    old_number: int | None
    new_number: int | None
    old: str | None
    new: str | None
    similarity: float | None = None
    moved: bool = False


def sentences(text: str) -> list[str]:
    """The sentences of a text; no sentence goes beyond a paragraph. Joined by spaces they are its paragraphs, joined so."""
    return [one for part in paragraphs(text) for one in _of_paragraph(part)]


def align(old: str, new: str) -> list[SentencePair]:
    """Every sentence of both texts in at least one pair, in the order of the older text; in nearly linear time.

    Sentences that differ in typesetting alone are unchanged. Of texts that are too long to be compared by words
    (`tokens.too_long`) sentences are told apart as a whole.
    """
    before, after = sentences(old), sentences(new)
    wholes = [keys(one) for one in before], [keys(one) for one in after]
    found = list(_whole(*wholes)) if too_long(old, new) else groups(before, after)
    places: dict[Keys, deque[int]] = {}
    for group in found:
        if group.moved and not group.old:
            places.setdefault(wholes[1][group.new.start], deque()).append(group.new.start)
    return list(_pairs(found, before, after, wholes, places))


def _pairs(
    found: Sequence[Group],
    before: Sequence[str],
    after: Sequence[str],
    wholes: tuple[Sequence[Keys], Sequence[Keys]],
    places: dict[Keys, deque[int]],
) -> Iterator[SentencePair]:
    for group in found:
        if group.moved:
            # A moved one is told once, where it stood before.
            if group.old and (place := places[wholes[0][group.old.start]]):
                i, j = group.old.start, place.popleft()
                yield SentencePair(SentenceKind.UNCHANGED, i, j, before[i], after[j], 1.0, moved=True)
        elif not group.new:
            yield from (SentencePair(SentenceKind.DELETED, i, None, before[i], None) for i in group.old)
        elif not group.old:
            yield from (SentencePair(SentenceKind.ADDED, None, j, None, after[j]) for j in group.new)
        else:
            for one, other in zip_longest(group.old, group.new):
                i = group.old[-1] if one is None else one
                j = group.new[-1] if other is None else other
                same = wholes[0][i] == wholes[1][j]
                kind = SentenceKind.UNCHANGED if same else SentenceKind.EDITED
                alike = 1.0 if same else _similarity(wholes[0][i], wholes[1][j])
                yield SentencePair(kind, i, j, before[i], after[j], alike)


def _whole(old: Sequence[Keys], new: Sequence[Keys]) -> Iterator[Group]:
    end, stop = 0, 0
    for start, begin, length in (*matches(old, new), (len(old), len(new), 0)):
        if start > end:
            yield Group(range(end, start), range(stop, stop))
        if begin > stop:
            yield Group(range(start, start), range(stop, begin))
        yield from (
            Group(range(start + n, start + n + 1), range(begin + n, begin + n + 1)) for n in range(length)
        )
        end, stop = start + length, begin + length


def _similarity(one: Keys, other: Keys) -> float:
    here, there = (Counter(key for key in side if key[0].isalnum()) for side in (one, other))
    together = here.total() + there.total()
    return round(2 * (here & there).total() / together, 4) if together else 0.0


def _of_paragraph(text: str) -> Iterator[str]:
    start = 0
    for mark in _END.finditer(text):
        follows = _SMALL.match(text, mark.end())
        if follows is not None and follows[1].islower():
            continue
        if mark[0] == "." and _goes_on(text[start : mark.start()]):
            continue
        if (one := text[start : mark.end()].strip()) and mark.end() < len(text):
            yield one
            start = mark.end()
    if one := text[start:].strip():
        yield one


def _goes_on(before: str) -> bool:
    """Whether a full stop behind these words belongs to the last of them."""
    tail = before[-16:]
    return _INITIAL.search(tail) is not None or _CUT_SHORT.search(tail) is not None
