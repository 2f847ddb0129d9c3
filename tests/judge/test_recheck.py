"""When to check again: the ladder, suspected articles, leads, listings and the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from newscrawl.errors import UsageError
from newscrawl.judge import recheck
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    Channel,
    FetchOutcome as F,
    LeadState,
    ListingState,
    Precision,
    State,
    VerdictKind as V,
)
from tests.support.judging import NOW, PIECE, PUBLISHED, known, observation

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
        (30 * DAY, 20 * DAY),
        (90 * DAY - SECOND, 20 * DAY),
        (90 * DAY, 60 * DAY),
        (365 * DAY - SECOND, 60 * DAY),
        (365 * DAY, 180 * DAY),
        (9000 * DAY, 180 * DAY),
        (-DAY, 30 * MINUTE),
    ],
)
def test_ladder(age, every):
    """The step by the time since the last change, to the second, a little early; a change in the future counts as now."""
    assert recheck.next_check(NOW - age, NOW) == NOW + every - recheck.EARLY


def _observations(seed, *, delay):
    """The checks of an article that never changes in its first year, in days: cron every half hour, each check up to `delay` minutes later."""
    random = Random(seed)
    article, observations = known(), []
    at = due = PUBLISHED + random.randint(1, 30) * MINUTE
    article = replace(article, first_seen=at)
    while at - PUBLISHED < 365 * DAY:
        observations.append((at - PUBLISHED) / DAY)
        due = judge(observation(F.NOT_MODIFIED, status=304, at=at), article, Circumstances(at)).next_check
        ticks = -(-(due - PUBLISHED) // (30 * MINUTE))  # cron's next minute at which it is due
        at = PUBLISHED + ticks * 30 * MINUTE + random.randint(0, 60 * delay) * SECOND
    return observations


@pytest.mark.parametrize("delay", [0, 1, 4, 20], ids="checks up to {} minutes into a run".format)
@pytest.mark.parametrize("seed", range(5))
def test_requests_of_the_first_year(seed, delay):
    """An article that never changes costs 45 requests at most in its first year, its first fetch included, and loses no step to cron's minutes."""
    observations = _observations(seed, delay=delay)
    assert 40 <= len(observations) <= 45
    if delay < 5:
        assert [sum(day < days for day in observations) for days in (3 / 24, 1, 7, 30)] == pytest.approx(
            [6, 16.5, 28.5, 36.5], abs=1.5
        )


def test_article_found_years_later_is_not_hurried():
    """An old article met for the first time starts where it stands on the ladder."""
    verdict = judge(
        observation(F.OK, PIECE, at=PUBLISHED + 500 * DAY), None, Circumstances(PUBLISHED + 500 * DAY)
    )
    assert verdict.next_check == PUBLISHED + 680 * DAY - recheck.EARLY


@pytest.mark.parametrize(("hour", "every"), [(0, 30 * MINUTE), (2, 30 * MINUTE), (14, 30 * MINUTE), (18.9, 30 * MINUTE), (30, 2 * HOUR), (60, 12 * HOUR)])  # fmt: skip
def test_a_bare_day_is_not_taken_for_its_midnight(hour, every):
    """A piece dated with a day only, found within it, starts at the foot of the ladder; midnight in Almaty is 19:00 UTC of the day before."""
    midnight = datetime(2026, 5, 11, 19, tzinfo=UTC)
    at = midnight + hour * HOUR
    piece = replace(PIECE, published=midnight, published_precision=Precision.DAY)
    assert (
        judge(observation(F.OK, piece, at=at), None, Circumstances(at)).next_check
        == at + every - recheck.EARLY
    )


def test_edited_article_climbs_down():
    """An edit starts the ladder again, whenever it comes."""
    late = PUBLISHED + 200 * DAY
    article = known(version=2, last_changed=late - HOUR)
    verdict = judge(observation(F.NOT_MODIFIED, status=304, at=late), article, Circumstances(late))
    assert verdict.next_check == late + 30 * MINUTE - recheck.EARLY


def test_suspected_looks():
    """A suspected article is looked at 1, 6 and 24 hours after the first signal, then once a day."""
    first, at, observations = NOW, NOW, []
    for _ in range(5):
        at = recheck.next_suspected(first, at)
        observations.append(at - first)
    assert observations == [HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY]


def test_lead_retries():
    """A lead that fails is tried after a quarter of an hour first and every month at last, for ever."""
    waits = [recheck.next_try(attempts, NOW) - NOW for attempts in range(9)]
    assert waits == [15 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 30 * DAY, 30 * DAY]


@pytest.mark.parametrize(
    ("new", "budget"), [(0, 20), (19, 20), (20, 20), (21, 21), (200, 200), (201, 200), (10**6, 200)]
)
def test_budget(new, budget):
    """As many re-checks as new articles, at least 20 and at most 200."""
    assert recheck.Budget().of(new) == budget


@pytest.mark.parametrize(
    ("new", "idle", "budget"),
    [
        pytest.param(0, timedelta(minutes=30), 20, id="every half hour"),
        pytest.param(0, timedelta(minutes=10), 20, id="more often"),
        pytest.param(0, timedelta(hours=2), 80, id="every two hours"),
        pytest.param(90, timedelta(hours=2), 90, id="many new ones"),
        pytest.param(0, timedelta(days=2), 200, id="days off"),
        pytest.param(0, -timedelta(days=2), 20, id="a clock set back"),
    ],
)
def test_a_rare_run_looks_at_more(new: int, idle: timedelta, budget: int) -> None:
    """What is due adds up while nobody looks: twenty for each half hour, within the upper bound."""
    assert recheck.Budget().of(new, idle) == budget


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: recheck.Budget(-1, 5),
        lambda: recheck.Budget(30, 20),
        lambda: recheck.Ladder(((DAY, HOUR), (HOUR, DAY)), 2 * DAY),
        lambda: recheck.Ladder(((HOUR, HOUR), (HOUR, DAY)), 2 * DAY),
        lambda: recheck.Ladder(((HOUR, DAY), (DAY, HOUR)), 2 * DAY),
        lambda: recheck.Ladder(((HOUR, SECOND),), DAY),
        lambda: recheck.Ladder(((-HOUR, HOUR),), DAY),
        lambda: recheck.Ladder((), timedelta(0)),
    ],
    ids=["budget below 0", "budget turned round", "ages fall", "an age twice", "checks get closer", "every second", "an age below 0", "no time at last"],
)  # fmt: skip
def test_a_sources_own_ladder_and_budget_are_checked(wrong):
    """What cannot be meant is refused with a word on what is wrong."""
    with pytest.raises(UsageError, match="must"):
        wrong()


def test_a_sources_own_ladder():
    """A source may be slower than the rest; its ladder decides for every check."""
    slow = recheck.Ladder(((DAY, 6 * HOUR),), 90 * DAY)
    around = Circumstances(NOW, ladder=slow)
    assert (
        judge(observation(F.NOT_MODIFIED, status=304), known(), around).next_check
        == NOW + 90 * DAY - recheck.EARLY
    )
    edited = observation(F.OK, replace(PIECE, title="Another headline"))
    assert judge(edited, known(), around).next_check == NOW + 6 * HOUR - recheck.EARLY


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
        (_listing(last_read=NOW - MINUTE, outcome="ok"), False),
        (_listing(last_read=NOW - DAY, outcome="ok"), True),
    ],
    ids=[
        "never met", "never read", "moves", "failed", "quiet, read today", "quiet, read yesterday", "quiet, a day less a second",
        "not there, asked today", "gone, asked today", "not there, asked yesterday",
        "a web page in its place, asked today", "a web page in its place, asked yesterday",
    ],
)  # fmt: skip
def test_listing_due(state, due):
    """A listing that moves is always read; one that stood still for a week, or is not there, once a day."""
    assert recheck.listing_due(state, NOW) is due


def test_state_of_a_failure_is_kept():
    """A check that learned nothing comes again after half an hour, whatever the age."""
    article = known(state=State.SUSPECTED, signals=(NOW - 2 * HOUR,), last_checked=NOW - 2 * HOUR)
    verdict = judge(observation(F.DNS), article, Circumstances(NOW))
    assert (verdict.state, verdict.next_check) == (State.SUSPECTED, NOW + 30 * MINUTE)


@pytest.mark.parametrize(
    ("failing", "wait"),
    [
        (MINUTE, 30 * MINUTE),
        (2 * HOUR, 30 * MINUTE),
        (DAY, 6 * HOUR),
        (4 * DAY, DAY),
        (12 * DAY, 3 * DAY),
        (400 * DAY, 3 * DAY),
    ],
)
def test_an_address_that_fails_for_long_is_asked_ever_more_rarely(failing, wait):
    """Half an hour at first, a quarter of the time it has been failing, three days at most: never given up."""
    old = NOW - 5000 * DAY
    article = known(published=old, first_seen=old, last_checked=old, unreadable_since=NOW - failing)
    assert judge(observation(F.FORBIDDEN, status=403), article, Circumstances(NOW)).next_check == NOW + wait


# what the lead is like -> the minutes after its last try at which it is tried again, None: as was fixed before
NAMED_AGAIN = {
    "a minute old": ({}, 20),
    "tried after half an hour": ({"last_attempt": NOW + 30 * MINUTE}, 30),
    "tried after six hours": ({"last_attempt": NOW + 6 * HOUR}, 360),
    "tried after a day": ({"last_attempt": NOW + DAY}, None),
    "no article": ({"outcome": V.NOT_ARTICLE}, 20),
    "failed": ({"outcome": V.FAILED}, None),
    "never tried": ({"outcome": None, "last_attempt": None}, None),
    "due earlier": ({"next_attempt": NOW + 5 * MINUTE}, None),
    "only if named again": ({"next_attempt": None}, 20),
    "a clock that ran ahead": ({"last_attempt": NOW - HOUR}, None),
    "in a feed": ({"channel": Channel.FEED}, 20),
    "in a sitemap": ({"channel": Channel.SITEMAP}, None),
    "in a sitemap, of today": ({"channel": Channel.SITEMAP, "published": NOW - HOUR}, 20),
    "in a sitemap, changed today": ({"channel": Channel.SITEMAP, "modified": NOW - HOUR}, 20),
    "in a sitemap, of last year": ({"channel": Channel.SITEMAP, "published": NOW - 300 * DAY}, None),
    "beside an article": ({"channel": Channel.BLOCK}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED_AGAIN)
def test_a_lead_that_is_still_named(name):
    """A page may come minutes after its link: asked within the hour, then ever more rarely, for a day."""
    given, minutes = NAMED_AGAIN[name]
    lead = LeadState(1, "https://a.example/1", "https://a.example/1", "en", Channel.LISTING, NOW)
    lead = replace(lead, **{"outcome": V.DEAD, "last_attempt": NOW, "next_attempt": NOW + DAY, **given})
    again = recheck.still_named(lead)
    assert again == (None if minutes is None else lead.last_attempt + minutes * MINUTE)


def test_a_dead_link_costs_little():
    """Named every ten minutes for a day, and dead for good: asked eight times."""
    lead = LeadState(1, "https://a.example/1", "https://a.example/1", "en", Channel.LISTING, NOW)
    lead, asked = replace(lead, outcome=V.DEAD, last_attempt=NOW, next_attempt=NOW + DAY), 1
    for minutes in range(10, 1440, 10):
        now = NOW + minutes * MINUTE
        if (again := recheck.still_named(lead)) is not None and again <= now:
            lead, asked = replace(lead, last_attempt=now), asked + 1
    assert asked == 8
