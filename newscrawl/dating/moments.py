"""Reads machine-readable dates, and checks whether they are plausible. A bare day is local midnight with precision DAY."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newscrawl.dating.months import MONTHS
from newscrawl.model import Precision
from newscrawl.text import one_line

# A server's clock may be ahead of ours by this much before an instant counts as "in the future".
CLOCK_SLACK = timedelta(hours=1)
EARLIEST = 1850


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant on a page: aware, with its precision, and whether its offset was given too.

    `leans` says that its year or its day is not on the page: it was counted from the instant of the fetch.
    """

    at: datetime
    precision: Precision
    has_offset: bool = True
    leans: bool = False


_ISO = re.compile(
    r"^\s*(?P<y>\d{4})-(?P<mo>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T\s]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?\s*"
    r"(?P<z>Z|UTC|GMT|[+\-−]\d{2}:?\d{2}|[+\-−]\d{2})?)?\s*(?:\[[\w/]{1,40}\])?\s*$",
    re.IGNORECASE,
)
_RFC = re.compile(
    r"^\s*(?:\w{3},?\s+)?\d{1,2}\s+\w{3}\s+\d{4}\s+\d{2}:\d{2}(?::\d{2})?\s+(?:GMT|UTC|Z|[+-]\d{4})\s*$"
)
_ASCTIME = re.compile(
    r"^\s*[A-Za-z]{3}\s+(?P<mo>[A-Za-z]{3})\s+(?P<d>\d{1,2})\s+(?P<clock>\d\d:\d\d:\d\d)\s+(?P<y>\d{4})\s*$"
)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The IANA zone, UTC if the name is unknown."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def read_machine(text: str, zone: tzinfo) -> Moment | None:
    """A machine-readable date: ISO 8601, RFC 822, asctime, epoch seconds, YYYYMMDD. None for other texts.

    A date without an offset is taken in `zone`.
    """
    text = one_line(text)[:120]
    if match := _ISO.match(text):
        return _from_iso(match, zone)
    if _RFC.match(text):
        from email.utils import parsedate_to_datetime

        try:
            at = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return None
        return Moment(at if at.tzinfo else at.replace(tzinfo=UTC), Precision.SECOND)
    if match := _ASCTIME.match(text):
        return read_machine(
            f"{match['y']}-{MONTHS.get(match['mo'].lower(), 0):02}-{int(match['d']):02}T{match['clock']}",
            zone,
        )
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return Moment(datetime.fromtimestamp(int(text[:10]), UTC), Precision.SECOND)
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        return day_of(int(text[:4]), int(text[4:6]), int(text[6:]), zone)
    return None


def _from_iso(match: re.Match[str], zone: tzinfo) -> Moment | None:
    year, month, day = int(match["y"]), int(match["mo"]), int(match["d"])
    if match["h"] is None:
        return day_of(year, month, day, zone)
    hour, minute, second = int(match["h"]), int(match["mi"]), int(match["s"] or 0)
    label = match["z"]
    # Many systems write a bare day as midnight without an offset.
    if not label and hour == minute == second == 0:
        return day_of(year, month, day, zone)
    try:
        at = datetime(
            year, month, day, hour % 24, minute, min(second, 59), tzinfo=_offset(label) if label else zone
        )
    except (ValueError, OverflowError):
        return None
    return Moment(at, Precision.SECOND if match["s"] is not None else Precision.MINUTE, bool(label))


def _offset(label: str) -> tzinfo:
    if label.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = label[1:].replace(":", "")
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-delta if label[0] in "-−" else delta)


def day_of(year: int, month: int, day: int, zone: tzinfo) -> Moment | None:
    """A bare day: local midnight with precision DAY. None if the calendar has no such day."""
    try:
        return Moment(datetime(year, month, day, tzinfo=zone), Precision.DAY, has_offset=False)
    except (ValueError, OverflowError):
        return None


def believable(moment: Moment, now: datetime) -> bool:
    """Whether a moment can be that of a publication before `now`."""
    return not why_not_believed(moment, now)


def why_not_believed(moment: Moment, now: datetime) -> str:
    """Why a date is none: in the future (by CLOCK_SLACK; a bare day: after today in its zone), the epoch, before EARLIEST; else empty."""
    if moment.at.year < EARLIEST:
        return f"before {EARLIEST}"
    if date(1969, 12, 31) <= moment.at.date() <= date(1970, 1, 2):
        return "the zero of a clock"
    try:
        if moment.precision is Precision.DAY:
            ahead = moment.at.date() > now.astimezone(moment.at.tzinfo).date()
        else:
            ahead = moment.at > now + CLOCK_SLACK
    except (OverflowError, ValueError):
        ahead = True
    return "in the future" if ahead else ""
