"""The calendar of coverage: articles a day as weeks of cells, with the days that gaps, outages and redesigns touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from newscrawl.model import Gap

SHADES = 4
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: its articles (None: outside the time that is shown), how dark it is (0 to 4), and its marks."""

    day: date
    number: int | None
    shade: int
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of an edition in weeks from Monday to Sunday, the latest week first."""

    source: str
    edition: str
    weeks: tuple[tuple[Cell, ...], ...]
    articles: int
    most: int
    waiting: int
    settled: int


def weeks(
    days: Mapping[date, int], first: date, last: date, marks: Mapping[date, Sequence[str]]
) -> tuple[tuple[Cell, ...], ...]:
    """The cells of the days from `first` to `last`; shades are quarters of the fullest day."""
    most = max((days.get(first + n * _DAY, 0) for n in range((last - first).days + 1)), default=0)
    start = first - first.weekday() * _DAY
    found = []
    while start <= last:
        week = []
        for n in range(7):
            day = start + n * _DAY
            inside = first <= day <= last
            number = days.get(day, 0) if inside else None
            week.append(Cell(day, number, _shade(number, most), tuple(marks.get(day, ())) if inside else ()))
        found.append(tuple(week))
        start += 7 * _DAY
    return tuple(reversed(found))


def marked(
    gaps: Iterable[Gap], redesigns: Iterable[datetime], first: date, last: date
) -> dict[date, list[str]]:
    """The days between `first` and `last` that something touches; closed gaps, in which nothing was missed, are none."""
    found: dict[date, list[str]] = {}

    def mark(day: date, what: str) -> None:
        if first <= day <= last and what not in found.setdefault(day, []):
            found[day].append(what)

    for gap in gaps:
        if gap.kind != "outage" and not gap.open:
            continue
        day, end = max(gap.began.astimezone(UTC).date(), first), min(gap.ended.astimezone(UTC).date(), last)
        while day <= end:
            mark(day, "outage" if gap.kind == "outage" else "gap")
            day += _DAY
    for at in redesigns:
        mark(at.astimezone(UTC).date(), "redesign")
    return found


def _shade(number: int | None, most: int) -> int:
    return 0 if not number else min(SHADES, 1 + (number * SHADES - 1) // max(most, 1))
