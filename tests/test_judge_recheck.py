"""When to look again: the ladder, suspected articles, leads, listings and the budget."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newscrawl.judge import recheck
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import Channel, FetchOutcome as F, ListingState, State
from tests.judging import NOW, PIECE, PUBLISHED, known, look

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "every"),
    [
        (timedelta(0), 30 * MINUTE),
        (3 * HOUR - SECOND, 30 * MINUTE),
        (3 * HOUR, 2 * HOUR),
        (DAY - SECOND, 2 * HOUR),
        (DAY, 12 * HOUR),
        (7 * DAY - SECOND, 12 * HOUR),
        (7 * DAY, 3 * DAY),
        (30 * DAY - SECOND, 3 * DAY),
        (30 * DAY, 30 * DAY),
        (365 * DAY - SECOND, 30 * DAY),
        (365 * DAY, 180 * DAY),
        (9000 * DAY, 180 * DAY),
        (-DAY, 30 * MINUTE),
    ],
)
def test_ladder(age, every):
    """The step by the time since the last change, to the second; a change in the future counts as now."""
    assert recheck.next_check(NOW - age, NOW) == NOW + every


def _looks(days, first=PUBLISHED):
    """The instants at which an article that never changes is looked at, if every look comes in time."""
    article, at, looks = known(first_seen=first), first, []
    while True:
        at = judge(look(F.NOT_MODIFIED, status=304, at=at), article, Circumstances(at)).next_check
        if at - first > days * DAY:
            return looks
        looks.append(at)


def test_looks_of_the_first_year():
    """An article that never changes is looked at 48 times in its first year: 16 on the first day, 28 in the first week, 36 in the first month."""
    assert [len(_looks(days)) for days in (1, 7, 30, 365)] == [16, 28, 36, 48]


def test_article_found_years_later_is_not_hurried():
    """An old article met for the first time starts where it stands on the ladder."""
    verdict = judge(look(F.OK, PIECE, at=PUBLISHED + 500 * DAY), None, Circumstances(PUBLISHED + 500 * DAY))
    assert verdict.next_check == PUBLISHED + 680 * DAY


def test_edited_article_climbs_down():
    """An edit starts the ladder again, whenever it comes."""
    late = PUBLISHED + 200 * DAY
    article = known(version=2, last_changed=late - HOUR)
    verdict = judge(look(F.NOT_MODIFIED, status=304, at=late), article, Circumstances(late))
    assert verdict.next_check == late + 30 * MINUTE


def test_suspected_looks():
    """A suspected article is looked at 1, 6 and 24 hours after the first signal, then once a day."""
    first, at, looks = NOW, NOW, []
    for _ in range(5):
        at = recheck.next_suspected(first, at)
        looks.append(at - first)
    assert looks == [HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY]


def test_lead_retries():
    """A lead that fails is tried after a quarter of an hour first and every month at last, for ever."""
    waits = [recheck.next_try(attempts, NOW) - NOW for attempts in range(9)]
    assert waits == [15 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 30 * DAY, 30 * DAY]


@pytest.mark.parametrize(
    ("new", "budget"), [(0, 20), (19, 20), (20, 20), (21, 21), (200, 200), (201, 200), (10**6, 200)]
)
def test_budget(new, budget):
    """As many re-checks as new articles, at least 20 and at most 200."""
    assert recheck.recheck_budget(new) == budget


def _listing(**fields):
    return ListingState("https://bereke.example/sitemap1.xml", "en", Channel.SITEMAP, **fields)


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (None, True),
        (_listing(), True),
        (_listing(last_read=NOW - MINUTE, last_changed=NOW - HOUR, outcome="ok"), True),
        (_listing(last_read=NOW - MINUTE, outcome="timeout"), True),
        (_listing(last_read=NOW - MINUTE, last_changed=NOW - 7 * DAY, outcome="ok"), False),
        (_listing(last_read=NOW - DAY, last_changed=NOW - 400 * DAY, outcome="not_modified"), True),
        (_listing(last_read=NOW - DAY + SECOND, last_changed=NOW - 400 * DAY, outcome="not_modified"), False),
        (_listing(last_read=NOW - MINUTE, outcome="not_found", misses=1), False),
        (_listing(last_read=NOW - MINUTE, outcome="gone", misses=1), False),
        (_listing(last_read=NOW - DAY, outcome="not_found", misses=9), True),
    ],
    ids=[
        "never met", "never read", "moves", "failed", "quiet, read today", "quiet, read yesterday", "quiet, a day less a second",
        "not there, asked today", "gone, asked today", "not there, asked yesterday",
    ],
)  # fmt: skip
def test_listing_due(state, due):
    """A listing that moves is always read; one that stood still for a week, or is not there, once a day."""
    assert recheck.listing_due(state, NOW) is due


def test_state_of_a_failure_is_kept():
    """A look that learned nothing comes again after half an hour, whatever the age."""
    verdict = judge(look(F.DNS), known(state=State.SUSPECTED), Circumstances(NOW))
    assert verdict.next_check == NOW + 30 * MINUTE
