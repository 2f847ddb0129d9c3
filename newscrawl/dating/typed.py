"""Reads dates as people type them into a command: 2026-04-10, 2026-04, 10.04.2026, 10 сәуір 2026, yesterday, 7d, 3 недели."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from newscrawl.dating.months import MONTHS
from newscrawl.dating.written import only_date, only_relative, read_written
from newscrawl.model import Precision
from newscrawl.text import one_line

FORMS = "2026-04-10, 2026-04, 10.04.2026, yesterday, 7d or 2026-04-10T12:00+05:00"
"""What an error message shows as examples."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a date names, aware: `start` belongs to it, `end` does not. Of an instant both are the same."""

    start: datetime
    end: datetime


_UNITS = {
    "hours": "h hour hours ч час часа часов сағат",
    "days": "d day days д дн день дня дней күн",
    "weeks": "w week weeks н нед неделя неделю недели недель апта",
    "months": "mo month months мес месяц месяца месяцев ай",
    "years": "y year years год года лет жыл",
}
_UNIT_OF = {word: unit for unit, written in _UNITS.items() for word in written.split()}
_AGO = re.compile(r"(?P<number>\d{1,5})\s?(?P<unit>[^\W\d_]{1,8})\.?(?: (?:ago|назад|бұрын))?")
_YEAR = re.compile(r"(?P<year>\d{4})", re.ASCII)
_MONTHS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<month>[^\W\d_]{3,12}) (?P<year>\d{4})(?: (?:г\.?|года|жыл))?"),
    re.compile(r"(?P<year>\d{4})(?: (?:жылғы|жыл|ж\.))? (?P<month>[^\W\d_]{3,12})"),
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d.*", re.ASCII)


def read_typed(text: str, now: datetime, zone: tzinfo) -> Span:
    """The time that `text` names; days, months and years are those of `zone`.

    "7d" and "3 недели назад" name the instant that long before `now`. A day without a year is the last one before `now`.
    Raises ValueError for anything else. `30m` is refused: minutes or months?
    """
    line = one_line(text)[:80]
    try:
        return (
            _instant(line, zone)
            or _ago(line.casefold(), now)
            or _calendar(line, zone)
            or _day(line, now, zone)
        )
    except OverflowError as error:
        raise ValueError(text) from error


def _instant(text: str, zone: tzinfo) -> Span | None:
    if not _ISO.fullmatch(text):
        return None
    at = datetime.fromisoformat(text)
    return _checked(at, at, zone)


def _ago(text: str, now: datetime) -> Span | None:
    found = _AGO.fullmatch(text)
    unit = _UNIT_OF.get(found["unit"]) if found is not None else None
    if found is None or unit is None:
        return None
    number = int(found["number"])
    if unit in ("months", "years"):
        past = now.year * 12 + now.month - 1 - number * (12 if unit == "years" else 1)
        at = now.replace(year=past // 12, month=past % 12 + 1, day=1) + timedelta(days=now.day - 1)
        # 31 March less a month: the last day of February.
        at = at if at.day == now.day else at.replace(day=1) - timedelta(days=1)
    else:
        at = now - timedelta(**{unit: number})
    return _checked(at, at, now.tzinfo)


def _calendar(text: str, zone: tzinfo) -> Span | None:
    if (found := _YEAR.fullmatch(text)) is not None:
        year = int(found["year"])
        return _checked(datetime(year, 1, 1), datetime(year + 1, 1, 1), zone)  # noqa: DTZ001 - the zone follows
    for form in _MONTHS:
        if (found := form.fullmatch(text)) is None:
            continue
        word, year = found["month"], int(found["year"])
        month = int(word) if word.isdigit() else MONTHS.get(word.lower())
        if month is not None:
            following = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001 - the zone follows
            return _checked(datetime(year, month, 1), following, zone)  # noqa: DTZ001
    return None


def _day(text: str, now: datetime, zone: tzinfo) -> Span:
    moment = read_written(text, zone, now) if only_date(text) or only_relative(text) else None
    if moment is None:
        raise ValueError(text)
    at = moment.at
    if moment.precision is not Precision.DAY:
        return _checked(at, at, zone)
    # By the calendar, because a day in which clocks are changed has not 24 hours.
    return _checked(at, at.replace(tzinfo=None) + timedelta(days=1), zone)


def _checked(start: datetime, end: datetime, zone: tzinfo | None) -> Span:
    first, last = (at if at.tzinfo else at.replace(tzinfo=zone) for at in (start, end))
    if not (1 < first.year < 9999 and 1 < last.year < 9999):
        raise ValueError(f"{start}")
    return Span(first, last)
