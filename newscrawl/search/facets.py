"""What versions are selected by, as words of the index: source, edition, language, day, state, kinds of edit.

A day stands there four times, as decade, year, month and day, so that a range of a century is a few words, not thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

SOURCE, EDITION, LANGUAGE, STATE, KIND = "sr", "ed", "la", "st", "ki"
DAY, MONTH, YEAR, DECADE = "dd", "mm", "yy", "de"
FIRST_DAY = date(1900, 1, 1)
_LAST_DAY = date(2199, 12, 31)


def facet(kind: str, value: str) -> str:
    """The word of the index for a value; letters and digits only, so that both databases keep it as one word."""
    return kind + re.sub(r"[^0-9a-z]", lambda found: f"_{ord(found[0]):x}_", value.casefold())


def of_day(day: date) -> tuple[str, str, str, str]:
    """The words for a day."""
    return (
        facet(DECADE, f"{day.year // 10:03d}"),
        facet(YEAR, f"{day.year:04d}"),
        facet(MONTH, f"{day.year:04d}{day.month:02d}"),
        facet(DAY, f"{day:%Y%m%d}"),
    )


def days(first: date, last: date) -> Iterator[str]:
    """The fewest words that together are the days from `first` to `last`, both included."""
    first, last = max(first, FIRST_DAY), min(last, _LAST_DAY)
    day = first
    while day <= last:
        year_end = date(day.year, 12, 31)
        month_end = (date(day.year, day.month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        decade_end = date(day.year // 10 * 10 + 9, 12, 31)
        decade, year, month, single = of_day(day)
        begins_year = day.day == 1 and day.month == 1
        if begins_year and day.year % 10 == 0 and decade_end <= last:
            yield decade
            day = decade_end
        elif begins_year and year_end <= last:
            yield year
            day = year_end
        elif day.day == 1 and month_end <= last:
            yield month
            day = month_end
        else:
            yield single
        day += timedelta(days=1)
