"""Whether an edition has as many articles as usual, by its own weeks and the same season a year before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.judge.health.chance import count_at_most, middle_mean, spread_of

DAY = timedelta(days=1)
# The days of history needed: two weeks, to tell weekdays from weekends.
ENOUGH = 14
# Weeks of history to compare with: eight of each weekday, before the (at most) four that are tested.
WEEKS = 8
JUDGED = 28
SEASON = 4  # days by which a holiday may shift from one year to the next
YEAR = 364  # 52 weeks: the same weekday
# Days tested together, and the share of the usual below which holidays do not explain it: on one holiday a daily
# outlet may publish a tenth of its news; Nauryz or the May holidays leave a third for five days, New Year's for nine;
# a summer dip slowly takes a quarter away.
QUIETEST = {1: 0.1, 2: 0.15, 3: 0.2, 5: 0.25, 7: 0.3, 10: 0.4, 14: 0.6, 28: 0.7}
# The least variance: news varies by at least a sixth from day to day (and a tenth from week to week), even if eight
# weeks happened to be steadier.
LEAST_SPREAD = 0.03
# Tested every day in eight overlapping windows, where holidays do not explain it: well below one false alarm a year.
UNLIKELY = 1e-4


@dataclass(frozen=True, slots=True)
class Low:
    """Fewer articles than usual: `count` in the last `days` days, where `expected` are usual."""

    days: int
    count: int
    expected: float
    since: datetime
    chance: float


@dataclass(frozen=True, slots=True)
class Volume:
    """Articles of the last day and week, the usual numbers (None: too early to know), and `low` if too few."""

    day: int
    day_expected: float | None
    week: int
    week_expected: float | None
    low: Low | None = None


def volume(
    hours: Mapping[datetime, int],
    end: datetime,
    first: datetime,
    *,
    outages: Sequence[tuple[datetime, datetime]] = (),
) -> Volume:
    """How the number of articles up to `end` (the last good read) compares with the history since `first`.

    Days are 24 hours back from `end`, so that a loss shows within hours and no day is incomplete. Windows with
    a long pause between crawls (`outages`) are left out: coverage reports those as gaps.
    """
    end = end.replace(minute=0, second=0, microsecond=0)
    days = _days(hours, end)
    history = min((end - first) // DAY, JUDGED + 7 * WEEKS)
    day, week = sum(days[:1]), sum(days[:7])
    if history < ENOUGH:
        return Volume(day, None, week, None)
    lows = []
    for length, quietest in QUIETEST.items():
        if (
            history - length < min(length * 2, ENOUGH)
            or history - length < 7
            or any(until > end - length * DAY for _, until in outages)
        ):
            continue
        count, expected = sum(days[:length]), sum(_usual(days, length, history))
        if (end - first) // DAY >= YEAR + SEASON + length + 7 * WEEKS:
            expected *= _season(days, length)
        if expected <= 0 or count > quietest * expected:
            continue
        spread = _spread(days, length, history) + _unsure(length, history) / expected
        chance = count_at_most(count, expected, spread)
        if chance < UNLIKELY:
            lows.append(Low(length, count, expected, end - length * DAY, chance))
    expected_day, expected_week = _usual(days, 1, history), _usual(days, 7, history)
    return Volume(
        day, sum(expected_day), week, sum(expected_week), min(lows, key=lambda low: low.chance, default=None)
    )


def _days(hours: Mapping[datetime, int], end: datetime) -> list[int]:
    """Articles by days back from `end`, over a year, its season and the weeks before."""
    days = [0] * (YEAR + SEASON + JUDGED + 7 * WEEKS + 7)
    for hour, count in hours.items():
        back = (end - hour - timedelta(microseconds=1)) // DAY
        if 0 <= back < len(days):
            days[back] += count
    return days


def _usual(days: Sequence[int], length: int, history: int, start: int = 0) -> list[float]:
    """The usual number on each of `length` days from `start`, by the same weekdays of the weeks before."""
    found = []
    before = range(start + length, start + history)
    everything = [days[k] for k in before]
    for k in range(start, start + length):
        same = [days[j] for j in range(k, before.stop, 7) if j >= before.start][:WEEKS]
        # With fewer than four of a weekday the mean of all days is used; windows of whole weeks stay right.
        found.append(middle_mean(same) if len(same) >= 4 else sum(everything) / len(everything))
    return found


def _season(days: Sequence[int], length: int) -> float:
    """How much quieter this season was a year ago than the weeks before it; 1 if it was not.

    A week that is slow by chance (one in a hundred) does not count as a season.
    """
    ratios = [1.0]
    for start in range(YEAR - SEASON, YEAR + SEASON + 1):
        usual, count = sum(_usual(days, length, length + 7 * WEEKS, start)), sum(days[start : start + length])
        if 0 < count < usual and count_at_most(count, usual, _least(length)) < 0.01:
            ratios.append(count / usual)
    return min(ratios)


def _spread(days: Sequence[int], length: int, history: int) -> float:
    """How much sums over `length` days differ beyond chance from those of the nearest earlier weeks.

    Slow growth or decline does not count, because the compared weeks are near each other.
    """
    weeks = 7 * math.ceil(length / 7)
    starts = range(length, history - length - weeks + 1)
    pairs = [(sum(days[k : k + length]), sum(days[k + weeks : k + weeks + length])) for k in starts]
    if len(pairs) < 3:
        return 2 * _least(length)
    return max(_least(length), spread_of(pairs))


def _unsure(length: int, history: int) -> float:
    """The uncertainty of the expectation itself, a mean of few weeks, relative to the variance of the count."""
    return 1.2 * length / min(history - length, 7 * WEEKS)


def _least(length: int) -> float:
    return LEAST_SPREAD / math.sqrt(length)
