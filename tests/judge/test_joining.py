"""Whether a read joins the one before, as a table of front pages before and after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from newscrawl.judge.coverage.joining import ends, joins
from newscrawl.model import Entry, ShownBefore
from tests.support.judging import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THEN, EARLIER = NOW - 2 * HOUR, NOW - 30 * DAY


def old(n: int, **fields) -> Entry:
    """A piece known at the read before; 0 is the newest of them, each an hour older than the last."""
    published = THEN - (n + 1) * HOUR
    return Entry(f"article {1000 - n}", published + timedelta(minutes=5), fields.get("published", published))


def new(n: int, **fields) -> Entry:
    """A piece never met before; 0 is the newest."""
    return Entry(f"new {n}", None, fields.get("published"))


def olds(*numbers: int) -> list[Entry]:
    """Known pieces by number."""
    return [old(n) for n in numbers]


def news(count: int) -> list[Entry]:
    """As many new pieces, newest first."""
    return [new(n) for n in range(count)]


FULL = olds(*range(20))
ANCIENT = [
    Entry(f"article {n}", EARLIER, EARLIER - n * DAY) for n in range(1, 6)
]  # most read, opinion, about
UNDATED = [Entry(f"article {1000 - n}", THEN) for n in range(20)]  # all met at the first read, without dates

# name -> (shown before, shown now, joins)
CASES = {
    "nothing happened": (FULL, FULL, True),
    "one new piece": (FULL, [*news(1), *FULL[:19]], True),
    "half is new": (FULL, [*news(10), *FULL[:10]], True),
    "all but one are new": (FULL, [*news(19), *FULL[:1]], True),
    "all but three are new": (FULL, [*news(17), *FULL[:3]], True),
    "all are new": (FULL, news(20), False),
    "newest taken away, all else as before": (FULL, FULL[1:], True),
    "newest taken away, one new": (FULL, [*news(1), *FULL[1:19]], True),
    "newest taken away, nearly all new": (FULL, [*news(17), *FULL[1:4]], True),
    "two newest taken away, many new": (FULL, [*news(14), *FULL[2:8]], True),
    "pinned at the top, all else new": (FULL, [old(5), *news(19)], False),
    "newest pinned at the top, all else new": (FULL, [old(0), *news(19)], False),
    "three pinned at the top, all else new": (FULL, [*olds(0, 1, 2), *news(17)], False),
    "pinned at the top, joined below": (FULL, [old(7), *news(15), *FULL[:4]], True),
    "pinned then as now, all else new": ([old(15), *FULL[:15]], [old(15), *news(15)], False),
    "most read below a new list": (FULL, [*news(20), *olds(3, 9, 14)], False),
    "most read below a new list, the second newest among them": (FULL, [*news(20), *olds(1, 12)], False),
    "old sections below, list all new": ([*FULL, *ANCIENT], [*news(20), *ANCIENT], False),
    "old sections below, list joined": ([*FULL, *ANCIENT], [*news(19), *FULL[:1], *ANCIENT], True),
    "big slow sections, list all new": (
        [*FULL[:10], *ANCIENT, *olds(*range(200, 230))], [*news(10), *ANCIENT, *olds(*range(200, 230))], False),
    "made by hand, three new in between": (
        FULL, [old(4), *news(1), *olds(12, 0, 3), new(1), *olds(1, 9, 2, 5, 6), new(2), *olds(8, 7)], True),
    "made by hand, mostly new": (FULL, [old(9), *news(9), old(2), new(10), new(11)], False),
    "an old piece is linked again": (FULL, [*FULL[:19], new(1, published=EARLIER)], True),
    "old pieces linked again below a new list": (
        FULL, [*news(18), new(50, published=EARLIER), new(51, published=EARLIER)], False),
    "a feed with wrong offsets, all new": (FULL, [new(n, published=THEN - HOUR) for n in range(20)], False),
    "undated, joined": (UNDATED, [*news(18), *UNDATED[:2]], True),
    "undated, all new": (UNDATED, news(20), False),
    "undated, pinned, all new": (UNDATED, [UNDATED[0], *news(19)], False),
    "short list, one of two": (FULL[:2], [*news(1), old(0)], True),
    "short list, all new": (FULL[:2], news(2), False),
    "short list, only its older half": (FULL[:3], [*news(2), old(2)], False),
    "longer list than before": (FULL[:5], [*news(20), *FULL[:5]], True),
    "older pages read until it joins": (FULL, [*news(20), *[new(n) for n in range(20, 35)], *FULL[:5]], True),
    "the same piece twice on the page": (FULL, [new(0), new(0), *news(19), old(0), old(0)], True),
    "nothing was there before": ([], news(3), False),
    "nothing is there now": (FULL, [], False),
    "published later than met, by its own word": (
        [Entry("article 1", THEN - HOUR, NOW + DAY), *FULL], [*news(5), Entry("article 1", THEN - HOUR, NOW + DAY), *FULL], True),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_joins(name):
    """Joined only where the list goes on with what was newest before."""
    before, now, expected = CASES[name]
    assert joins(ShownBefore(THEN, tuple(before)), now) is expected


@given(st.integers(1, 40), st.integers(0, 60), st.integers(0, 3))
def test_ordered_lists(size, count, pinned):
    """A list of any size in order of date joins exactly when it still shows one of its pieces, whatever is pinned above."""
    before = ShownBefore(THEN, tuple(olds(*range(size))))
    now = [*olds(*range(300, 300 + pinned)), *[*news(count), *before.entries][:size]]
    assert joins(before, now) is (count < size)


@given(st.integers(4, 40), st.data())
def test_one_piece_taken_away(size, data):
    """Taking away any one piece opens no gap, as long as the list still shows three of the others."""
    count = data.draw(st.integers(0, size - 4))
    gone = data.draw(st.integers(0, size - 1))
    before = ShownBefore(THEN, tuple(olds(*range(size))))
    left = [entry for n, entry in enumerate(before.entries) if n != gone]
    assert joins(before, [*news(count), *left][:size])


def test_ends_of_a_doubtful_time():
    """The newest before it and the oldest that came after; pinned and linked again ones are at neither end."""
    pinned = Entry("article 7", EARLIER, EARLIER)
    after = [pinned, *(Entry(f"article {2000 - n}", NOW, NOW - n * timedelta(minutes=5)) for n in range(20)), new(1, published=EARLIER)]  # fmt: skip
    first, last = ends(ShownBefore(THEN, (pinned, *FULL)), after)
    assert first == [f"article {1000 - n}" for n in range(10)]
    assert last == [f"article {2000 - n}" for n in range(19, 14, -1)]
