"""Which paragraphs of two texts belong together: kept, edited, split, joined or moved."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from newscrawl.judge.diff.align import matches
from newscrawl.judge.diff.tokens import keys

# Share of common words from which two paragraphs count as one that was edited. Unrelated paragraphs of
# one outlet share a fifth to a quarter of their words (small words, names), edited ones seldom less than half.
SIMILAR = 0.4
# A paragraph was split off from an edited neighbour if this share of its words was lost there.
SPLIT_OFF = 0.7
# Share of common letters from which two lines of a few words count as one that was edited.
SIMILAR_LETTERS = 0.7
_HEADING = 60
# Words in more paragraphs than this are ignored when pairing: they do not tell paragraphs apart and would
# make the work quadratic.
_COMMON = 20
_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Paragraphs that belong together, by their numbers in the old and the new text; one side may be empty."""

    old: range
    new: range
    moved: bool = False


def groups(old: Sequence[str], new: Sequence[str]) -> list[Group]:
    """All paragraphs of both texts, each in exactly one group, in the order of each side."""
    wholes = [keys(p) for p in old], [keys(p) for p in new]
    here, there = [Counter(one) for one in wholes[0]], [Counter(one) for one in wholes[1]]
    found: list[Group] = []
    end, stop = 0, 0
    for start, begin, length in (*matches(*wholes), (len(old), len(new), 0)):
        found += _gap(range(end, start), range(stop, begin), here, there, lambda i, j: _apart(i, j, old, new))
        found += (
            Group(range(start + n, start + n + 1), range(begin + n, begin + n + 1)) for n in range(length)
        )
        end, stop = start + length, begin + length
    if len(old) == len(new) == 1:
        return [Group(range(1), range(1))]  # a rewritten headline is still the headline
    return list(_moved(found, *wholes))


def _gap(
    old: range,
    new: range,
    here: Sequence[Counter[str]],
    there: Sequence[Counter[str]],
    apart: Callable[[range, range], Iterator[Group]],
) -> Iterator[Group]:
    end, stop = old.start, new.start
    pairs = _pairs(old, new, here, there)
    for number, (i, j) in enumerate(pairs):
        # Neighbours that belong to the pair: halves of a split, or parts of a join.
        low, left, high, right = i, j, i + 1, j + 1
        limit, border = pairs[number + 1] if number + 1 < len(pairs) else (old.stop, new.stop)
        lost, gained = here[i] - there[j], there[j] - here[i]
        while left > stop and _mostly(there[left - 1], lost):
            left -= 1
            lost = lost - there[left]
        while right < border and _mostly(there[right], lost):
            lost = lost - there[right]
            right += 1
        while low > end and _mostly(here[low - 1], gained):
            low -= 1
            gained = gained - here[low]
        while high < limit and _mostly(here[high], gained):
            gained = gained - here[high]
            high += 1
        yield from apart(range(end, low), range(stop, left))
        yield Group(range(low, high), range(left, right))
        end, stop = high, right
    yield from apart(range(end, old.stop), range(stop, new.stop))


def _apart(old: range, new: range, before: Sequence[str], after: Sequence[str]) -> Iterator[Group]:
    """Paragraphs that share too few words with any other; short headings are still paired by their letters."""
    if len(old) == len(new) and all(_alike(before[i], after[j]) for i, j in zip(old, new, strict=True)):
        yield from (Group(range(i, i + 1), range(j, j + 1)) for i, j in zip(old, new, strict=True))
        return
    yield from (Group(range(i, i + 1), range(new.start, new.start)) for i in old)
    yield from (Group(range(old.stop, old.stop), range(j, j + 1)) for j in new)


def _alike(one: str, other: str) -> bool:
    return (
        len(one) <= _HEADING
        and len(other) <= _HEADING
        and SequenceMatcher(None, one, other, autojunk=False).ratio() >= SIMILAR_LETTERS
    )


def _mostly(words: Counter[str], pool: Counter[str]) -> bool:
    return bool(pool) and (words & pool).total() >= SPLIT_OFF * words.total()


def _pairs(
    old: range, new: range, here: Sequence[Counter[str]], there: Sequence[Counter[str]]
) -> list[tuple[int, int]]:
    """Pairs of similar paragraphs in rising order on both sides.

    The most similar pair is taken first, then each next one that does not cross a pair already taken.
    """
    holders: dict[str, list[int]] = defaultdict(list)
    for i in old:
        for word in here[i]:
            holders[word].append(i)
    scored: list[tuple[float, int, int]] = []
    for j in new:
        shared: Counter[int] = Counter()
        for word, number in there[j].items():
            if word in holders and len(holders[word]) <= _COMMON:
                for i in holders[word]:
                    shared[i] += min(number, here[i][word])
        for i, _ in shared.most_common(_CANDIDATES):
            alike = 2 * (here[i] & there[j]).total() / (here[i].total() + there[j].total())
            if alike >= SIMILAR:
                scored.append((-alike, i, j))
    kept: list[tuple[int, int]] = []
    for _, i, j in sorted(scored):
        position = bisect_left(kept, (i, j))
        after_previous = position == 0 or (kept[position - 1][0] < i and kept[position - 1][1] < j)
        before_next = position == len(kept) or (i < kept[position][0] and j < kept[position][1])
        if after_previous and before_next:
            kept.insert(position, (i, j))
    return kept


def _moved(
    found: Sequence[Group], old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]
) -> Iterator[Group]:
    """Mark paragraphs that were removed in one position and appear word for word in another."""
    removed = Counter(old[g.old.start] for g in found if not g.new)
    added = Counter(new[g.new.start] for g in found if not g.old)
    left = {True: removed & added, False: removed & added}
    for group in found:
        if group.old and group.new:
            yield group
            continue
        words = old[group.old.start] if group.old else new[group.new.start]
        moved = left[bool(group.old)][words] > 0
        left[bool(group.old)][words] -= moved
        yield Group(group.old, group.new, moved)
