"""Whether an edition brings as many articles as usual: by its own weeks, and by the same season a year before. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.judge.health.chance import count_at_most, middle_mean, spread_of

DAY = timedelta(days=1)
# What is judged needs two weeks of history: one to compare with, one to tell a weekday from a weekend.
ENOUGH = 14
# Weeks of history: eight of each weekday, before the four that are judged at most.
WEEKS = 8
JUDGED = 28
SEASON = 4  # days by which a holiday may lie elsewhere a year before
YEAR = 364  # 52 weeks: the same weekday
# Days judged together, and the part of the usual below which they are not just holidays: on one holiday a daily outlet
# may publish a tenth of its news; Nauryz or the May holidays leave a third for five days, New Year's for nine; a summer dip
# takes a quarter away, slowly.
QUIETEST = {1: 0.1, 2: 0.15, 3: 0.2, 5: 0.25, 7: 0.3, 10: 0.4, 14: 0.6, 28: 0.7}
# News is never steadier than a sixth from day to day (and a tenth from week to week), whatever eight lucky weeks say.
LEAST_SPREAD = 0.03
# Judged every day in eight windows that overlap, and only where holidays do not explain it: well below one false alarm a year.
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
    """Articles of the last day and week, what is usual for them (None: too early to say), and what is wrong if anything."""

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

    Days are 24 hours back from `end`, so that a loss shows within hours and no day is half over. Days in which
    nothing was crawled for a good part (`outages`) are not judged: what that cost is a gap that coverage reports.
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
    """Articles by days back from `end`, for as long as anything may be asked: a year, its season and the weeks before."""
    days = [0] * (YEAR + SEASON + JUDGED + 7 * WEEKS + 7)
    for hour, count in hours.items():
        back = (end - hour - timedelta(microseconds=1)) // DAY
        if 0 <= back < len(days):
            days[back] += count
    return days


def _usual(days: Sequence[int], length: int, history: int, start: int = 0) -> list[float]:
    """What is usual on each of the days from `start` on, by the same weekdays of the weeks before those days."""
    found = []
    before = range(start + length, start + history)
    everything = [days[k] for k in before]
    for k in range(start, start + length):
        same = [days[j] for j in range(k, before.stop, 7) if j >= before.start][:WEEKS]
        # With less than four of a weekday, all days stand for it; windows of whole weeks stay right even so.
        found.append(middle_mean(same) if len(same) >= 4 else sum(everything) / len(everything))
    return found


def _season(days: Sequence[int], length: int) -> float:
    """How much quieter this season was a year before than the weeks before it: 1 where it was not.

    What is only a slow week by chance (one in a hundred) is no season.
    """
    ratios = [1.0]
    for start in range(YEAR - SEASON, YEAR + SEASON + 1):
        usual, count = sum(_usual(days, length, length + 7 * WEEKS, start)), sum(days[start : start + length])
        if 0 < count < usual and count_at_most(count, usual, _least(length)) < 0.01:
            ratios.append(count / usual)
    return min(ratios)


def _spread(days: Sequence[int], length: int, history: int) -> float:
    """How much sums over so many days differ from those some weeks earlier, beyond chance. A slow dip or growth is no such difference."""
    weeks = 7 * math.ceil(length / 7)
    starts = range(length, history - length - weeks + 1)
    pairs = [(sum(days[k : k + length]), sum(days[k + weeks : k + weeks + length])) for k in starts]
    if len(pairs) < 3:
        return 2 * _least(length)
    return max(_least(length), spread_of(pairs))


def _unsure(length: int, history: int) -> float:
    """How much of the chance in a count of these days is in what they are compared with, too: a mean of the middle half of few weeks."""
    return 1.2 * length / min(history - length, 7 * WEEKS)


def _least(length: int) -> float:
    return LEAST_SPREAD / math.sqrt(length)
