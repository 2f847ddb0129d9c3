"""The common stretches of two sequences, in order, found in nearly linear time."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

# A stretch with more pairs of equal items than this is not handed to difflib: its work grows with the
# pairs, and two long texts with the same common words have millions.
PAIRS_AT_MOST = 20_000

Match = tuple[int, int, int]  # (from in the first, from in the second, length)


def matches(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[Match]:
    """The stretches both sequences share, in the order of both, joined where they touch.

    Common ends are matched first, then difflib compares the rest. A stretch too large for difflib is cut
    at the items that occur once on both sides (as patience diff does); a piece that is still too large
    counts as different throughout, so that the work never grows quadratically.
    """
    found: list[Match] = []
    for start, begin, length in _within(one, other, 0, len(one), 0, len(other), anchored=False):
        if found and found[-1][0] + found[-1][2] == start and found[-1][1] + found[-1][2] == begin:
            found[-1] = (found[-1][0], found[-1][1], found[-1][2] + length)
        elif length:
            found.append((start, begin, length))
    return found


def _within(
    one: Sequence[Hashable],
    other: Sequence[Hashable],
    low: int,
    high: int,
    left: int,
    right: int,
    *,
    anchored: bool,
) -> Iterator[Match]:
    head = 0
    while low + head < high and left + head < right and one[low + head] == other[left + head]:
        head += 1
    yield low, left, head
    low, left = low + head, left + head
    tail = 0
    while low < high - tail and left < right - tail and one[high - tail - 1] == other[right - tail - 1]:
        tail += 1
    high, right = high - tail, right - tail
    if low < high and left < right:
        if _pairs(one[low:high], other[left:right]) <= PAIRS_AT_MOST:
            matcher = SequenceMatcher(None, one[low:high], other[left:right], autojunk=False)
            for start, begin, length in matcher.get_matching_blocks():
                yield low + start, left + begin, length
        elif not anchored:
            for start, begin, to, until in _gaps(one, other, low, high, left, right):
                yield from _within(one, other, start, to, begin, until, anchored=True)
                if to < high:
                    yield to, until, 1
    yield high, right, tail


def _pairs(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    counts = Counter(other)
    return sum(number * counts[item] for item, number in Counter(one).items())


def _gaps(
    one: Sequence[Hashable], other: Sequence[Hashable], low: int, high: int, left: int, right: int
) -> Iterator[tuple[int, int, int, int]]:
    """The stretches around the items that occur once on both sides, in the same order on both."""
    here, there = Counter(one[low:high]), Counter(other[left:right])
    positions = {other[j]: j for j in range(left, right) if there[other[j]] == 1}
    anchors = [(i, positions[one[i]]) for i in range(low, high) if here[one[i]] == 1 and one[i] in positions]
    start, begin = low, left
    for i, j in _rising(anchors):
        yield start, begin, i, j
        start, begin = i + 1, j + 1
    yield start, begin, high, right


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of pairs whose second numbers rise."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        position = bisect_left(ends, value)
        before.append(at[position - 1] if position else -1)
        if position == len(ends):
            ends.append(value)
            at.append(number)
        else:
            ends[position], at[position] = value, number
    chain: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]
