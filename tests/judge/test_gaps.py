"""Gaps and outages of an edition as a table of world events: which times are reported, open or closed, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import Channel, Entry, Named, RootRead, Sight, Unjoined
from tests.support.judging import NOW

HOUR = timedelta(hours=1)
LISTS = {
    "front": (Channel.LISTING, "/"),
    "feed": (Channel.FEED, "/feed/"),
    "news": (Channel.LISTING, "/news/"),
    "maps": (Channel.SITEMAP, "sitemaps"),
}
NEW = 100  # pieces from this number on are published after the unjoined interval began
OUTCOMES = {"x": "server_error", "4": "not_found", "=": "not_modified"}


class World:
    """Facts of one edition with one run an hour.

    Each list is a text with a mark a run: `1` first read, `+` joined, `-` not joined, `?` cut short before its older
    pages, `x` failed, `4` not found, `=` not modified, space: not read. `seen` says that in a run a list showed the pieces
    before ("b"), after ("a") or at both ends of an unjoined interval; `b` and `a` are the first and last run in which sitemaps named them.
    """

    source, edition = "bereke", "en"

    def __init__(self, *, seen: Sequence[tuple[int, str, str]] = (), b=None, a=None, **lists: str) -> None:
        self._lists, self._seen, self._named = lists, seen, {"b": b, "a": a}

    def reads(self) -> list[RootRead]:
        found = [
            RootRead(
                run,
                NOW + run * HOUR,
                *LISTS[name],
                good=mark not in "x4",
                joined={"+": True, "-": False, "=": True}.get(mark),
                outcome=OUTCOMES.get(mark, "ok"),
            )
            for name, marks in self._lists.items()
            for run, mark in enumerate(marks)
            if mark != " "
        ]
        return sorted(found, key=lambda read: read.run)

    def shown(self, interval: Unjoined, run: int) -> list[Entry]:
        start = 0 if run == interval.runs[0] else NEW
        return [Entry(f"article {n}", NOW + run * HOUR - HOUR / 2) for n in range(start, start + 20)]

    def named(self, keys: Sequence[str]) -> list[Named]:
        spans = [self._named[_end(key)] for key in keys]
        return [
            Named(key, *(NOW + run * HOUR for run in span)) if span else Named(key)
            for key, span in zip(keys, spans, strict=True)
        ]

    def sights(self, interval: Unjoined, keys: Sequence[str]) -> list[Sight]:
        return [
            Sight(run, NOW + run * HOUR, *LISTS[name], frozenset(key for key in keys if _end(key) in which))
            for run, name, which in self._seen
            if run > interval.runs[0]
        ]


def _end(key: str) -> str:
    return "a" if int(key.split()[1]) >= NEW else "b"


OPEN, CLOSED = True, False
# name -> (world, [(from run, to run, open, kind, closed by)])
CASES = {
    "nothing read yet": (World(), []),
    "first read": (World(front="1", feed="1", maps="1"), []),
    "all joined": (World(front="1+++", feed="1+++"), []),
    "burst beyond the front page, no other channel": (World(front="1-"), [(0, 1, OPEN, "gap", None)]),
    "burst, and all is well afterwards": (World(front="1+-+++"), [(1, 2, OPEN, "gap", None)]),
    "burst, feed overflows as well": (World(front="1-", feed="1-"), [(0, 1, OPEN, "gap", None)]),
    "burst, feed is long enough": (
        World(front="1-", feed="1+", seen=[(1, "feed", "ba")]), [(0, 1, CLOSED, "gap", "feed")]),
    "burst, feed joined all the way but shows the old ones no more": (
        World(front="1 -", feed="1++", seen=[(2, "feed", "a")]), [(0, 2, CLOSED, "gap", "feed")]),
    "burst, frozen feed": (World(front="1-", feed="1+", seen=[(1, "feed", "b")]), [(0, 1, OPEN, "gap", None)]),
    "burst, feed of another section": (World(front="1-", feed="1+"), [(0, 1, OPEN, "gap", None)]),
    "burst, feed read for the first time reaches back": (
        World(front="1-", feed=" 1", seen=[(1, "feed", "ba")]), [(0, 1, CLOSED, "gap", "feed")]),
    "burst, feed read for the first time does not reach back": (
        World(front="1-", feed=" 1", seen=[(1, "feed", "a")]), [(0, 1, OPEN, "gap", None)]),
    "burst, feed had a gap of its own before": (
        World(front="1 -", feed="1-+", seen=[(2, "feed", "a")]), [(0, 2, OPEN, "gap", None)]),
    "burst, the sitemap names both ends": (
        World(front="1-", maps="11", b=(0, 1), a=(1, 1)), [(0, 1, CLOSED, "gap", "sitemap")]),
    "burst, the sitemap comes a run later": (
        World(front="1-+", maps="111", b=(0, 2), a=(2, 2)), [(0, 1, CLOSED, "gap", "sitemap")]),
    "burst, the sitemap stands still": (World(front="1-", maps="11", b=(0, 1)), [(0, 1, OPEN, "gap", None)]),
    "burst, a short news sitemap forgot the old ones first": (
        World(front="1-", maps="11", b=(0, 0), a=(1, 1)), [(0, 1, OPEN, "gap", None)]),
    "burst, older pages cut short, next run joins": (World(front="1?+"), []),
    "burst, older pages cut short, next run does not join": (World(front="1?-"), [(0, 2, OPEN, "gap", None)]),
    "burst, older pages cut short, no run since": (World(front="1?"), [(0, 1, OPEN, "gap", None)]),
    "feed overflows, front page joins and shows it": (
        World(front="1+", feed="1-", seen=[(1, "front", "ba")]), [(0, 1, CLOSED, "gap", "listing")]),
    "two gaps in a row": (World(front="1--"), [(0, 1, OPEN, "gap", None), (1, 2, OPEN, "gap", None)]),
    "two lists leave overlapping times open": (World(front="1 -", feed="1+-"), [(0, 2, OPEN, "gap", None)]),
    "closed later by a crawl far back": (
        World(front="1-+", seen=[(2, "news", "ba")], news="  1"), [(0, 1, CLOSED, "gap", "listing")]),
    "nothing new, by the server's word": (World(front="1==="), []),
    "nothing new by its word, and then joined": (World(front="1==+"), []),
    "nothing new by its word, and then not joined: its word closes nothing": (
        World(front="1==-"), [(0, 3, OPEN, "gap", None)]),
    "a feed that says nothing is new for ever closes nothing": (
        World(front="1 -", feed="1-=", seen=[(2, "feed", "a")]), [(0, 2, OPEN, "gap", None)]),
    "a list that failed meanwhile": (World(front="1x+", feed="1++"), []),
    "outage, then joined": (World(front="1xx+", feed="1xx+", maps="1xx1"), [(0, 3, CLOSED, "outage", None)]),
    "outage, then not joined": (World(front="1xx-", feed="1xx-"), [(0, 3, OPEN, "gap", None)]),
    "outage, then closed by the sitemap": (
        World(front="1x-", maps="1x1", b=(0, 2), a=(2, 2)),
        [(0, 2, CLOSED, "gap", "sitemap"), (0, 2, CLOSED, "outage", None)]),
    "outage that lasts": (World(front="1+xx", feed="1+xx"), [(1, 3, OPEN, "outage", None)]),
    "outage from the beginning": (World(front="xx"), [(0, 1, OPEN, "outage", None)]),
    "outage from the beginning, then read": (World(front="xx1"), [(0, 2, CLOSED, "outage", None)]),
    "only the sitemap answers": (World(front="1x+", maps="111"), []),
    "a feed that is not offered": (World(front="1+++", feed="4444"), []),
    "nothing but not found, where there was a list": (World(front="144"), [(0, 2, OPEN, "outage", None)]),
    "a feed that is given up": (World(front="1+++", feed="1444"), []),
}  # fmt: skip


def _told(found):
    return [
        ((g.began - NOW) // HOUR, (g.ended - NOW) // HOUR, g.open, g.kind, g.closed_by and g.closed_by.value)
        for g in reversed(found)
    ]


@pytest.mark.parametrize("name", CASES)
def test_windows(name):
    """Every real gap is reported; none that sitemap, feed or older pages closed."""
    world, expected = CASES[name]
    assert sorted(_told(gaps([world], closed=True))) == sorted(expected)
    assert _told(gaps([world])) == [window for window in expected if window[2]]


def test_reasons():
    """A reason names the lists and what happened to them."""
    (gap,) = gaps([World(front="1xx-", feed="1xx-")])
    assert gap.reason == (
        "outage: no answer in 2 runs (server_error); unjoined: listing /, feed /feed/ showed none of what was newest before"
    )
    assert (gap.source, gap.edition, gap.closed_at) == ("bereke", "en", None)
    (gap,) = gaps([World(front="1-+", maps="111", b=(0, 2), a=(2, 2))], closed=True)
    assert gap.closed_at == NOW + 2 * HOUR


def test_reason_names_the_servers_word():
    """Reads that were answered "not modified" are said, because nothing is known of what the list showed then."""
    (gap,) = gaps([World(front="1==-")])
    assert gap.reason.endswith('; 2 reads between were answered "not modified" (304), which proves nothing')


def test_since_and_until():
    """Gaps that touch the time asked for, latest first."""
    world = World(front="1-+-+-")
    everything = gaps([world])
    assert [(g.began - NOW) // HOUR for g in everything] == [4, 2, 0]
    assert gaps([world], since=NOW + 2 * HOUR, until=NOW + 4 * HOUR) == everything[1:2]
    assert gaps([world], since=NOW + 9 * HOUR) == []
