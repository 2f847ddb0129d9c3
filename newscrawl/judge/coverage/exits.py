"""Whether an article left a list that goes back further: it is gone, and older articles that stood below it are still there.

Lists roll over all the time: what aged off a page of twenty entries has left nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from newscrawl.model import ListedArticle

# So many older articles must be left below it.
_OLDER = 3
# Of neighbours in the list, how many must stand in the order of their dates: others are boxes made by hand.
_IN_ORDER = 0.8


def left(before: Sequence[ListedArticle], now: Sequence[ListedArticle]) -> list[int]:
    """The articles that a list showed before and left out now, although it goes back further; both in the order of the list."""
    if not (_is_by_date(before) and _is_by_date(now)):
        return []
    order = {one.article: number for number, one in enumerate(now)}
    kept = [number for number, one in enumerate(before) if one.article in order]
    holes = [number for number in range(max(kept, default=0)) if before[number].article not in order]
    if 2 * len(holes) > len(kept):
        return []  # another list
    return [before[number].article for number in holes if _goes_back_further(before, number, order)]


def _goes_back_further(before: Sequence[ListedArticle], index: int, order: Mapping[int, int]) -> bool:
    """Whether the entries below an article are older than it, and enough of them are still there in the same order.

    One entry out of its place is a box made by hand, a pinned piece or one that was sorted anew: with more of them around
    it the article stood in such a box itself.
    """
    published = before[index].published
    if published is None:
        return False
    dated = [(one.published, n) for n, one in enumerate(before) if one.published is not None]
    above = [at for at, n in dated if n < index][-_OLDER:]
    below = [at for at, n in dated if n > index][:_OLDER]
    out = sum(at < published for at in above) + sum(at > published for at in below)
    if out > (len(above) + len(below) >= _OLDER):
        return False
    older = [before[n].article for at, n in dated if n > index and at <= published]
    positions = [order[article] for article in older if article in order]
    pairs = list(pairwise(positions))
    return len(positions) >= _OLDER and sum(a < b for a, b in pairs) >= _IN_ORDER * len(pairs)


def still_goes_back(gone: ListedArticle, now: Sequence[ListedArticle]) -> bool:
    """Whether a list that an article left shows older ones still."""
    dates = [one.published for one in now if one.published is not None]
    older = [at for at in dates if gone.published is not None and at < gone.published]
    return len(older) >= _OLDER and _is_by_date(now)


def _is_by_date(entries: Sequence[ListedArticle]) -> bool:
    dates = [one.published for one in entries if one.published is not None]
    pairs = list(pairwise(dates))
    return bool(pairs) and sum(one >= other for one, other in pairs) >= _IN_ORDER * len(pairs)
