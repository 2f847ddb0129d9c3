"""Reads dates written for people in one line, in some forty languages: month names, relative words, missing years, times."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.dating.moments import Moment, day_of, read_machine
from newscrawl.dating.months import DIGITS, MONTHS
from newscrawl.model import Precision
from newscrawl.text import one_line, words

if TYPE_CHECKING:
    from collections.abc import Iterator

# Kazakh and Kyrgyz case endings on a month: "4 қаңтарда", "7 ақпанда", "21 мамырдан", "19 мамырға".
_SUFFIX = re.compile(
    r"(?:да|де|та|те|дан|ден|тан|тен|нан|нен|ға|ге|қа|ке|ның|нің|дың|дің|тың|тің|da|de|ta|te|dan|den|dağy|gi)$"
)
# A word that may be a month; MONTHS decides.
_MONTH = r"(?P<month>[^\W\d_][^\s\d,.،|/:;()–—-]{1,15}(?: (?:الثاني|الأول))?)\.?"
_DAY = r"(?<![\d.:])(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º|ª|-?(?:го|е|ші|шы|ы|і))?\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d|25[4-7]\d)(?![\d:])"
_JYL = r"(?:[\s-]*(?:года|год|г\.?|жылғы|жылдын|жылы|жыл|ж\.?|jyly|jylğy|jyl|yil|y\.|m\.|gada)(?!\w))?"
_SEP = r"[\s,.،|·•-]{1,6}"
_OF = r"(?:(?:de|del|of|ngày) |d['’])?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_DAY}{_SEP}{_OF}{_MONTH}{_SEP}(?:del? )?{_YEAR}",  # 27 марта 2024; 21 Ақпан, 2025; 02 de mayo de 2024
        rf"(?<!\w){_MONTH}\s+{_DAY},?\s+{_YEAR}",  # March 27, 2024
        rf"{_YEAR}{_JYL}{_SEP}{_DAY}\s*-?\s*{_MONTH}",  # 2015 жылғы 19 мамыр
        rf"{_YEAR}{_JYL}{_SEP}{_MONTH}\s+{_DAY}(?!\d)",  # 2024. március 27.
        r"(?<![\d.])(?P<year>(?:19|20)\d\d)[-./]\s?(?P<month>0?[1-9]|1[0-2])[-./]\s?(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)",
        r"(?<![\d.])(?P<day>0?[1-9]|[12]\d|3[01])\.\s?(?P<month>0?[1-9]|1[0-2])\.\s?(?P<year>(?:19|20)\d\d)(?!\.?\d)",
        r"(?<![\d.])(?P<day>0[1-9]|[12]\d|3[01])[.](?P<month>0[1-9]|1[0-2])[.](?P<year>\d\d)(?!\.?\d)",
        r"(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>0?[1-9]|1[0-2])\s?[月월]\s?(?P<day>[12]\d|3[01]|0?[1-9])\s?[日일]",
        r"(?<!\d)(?P<day>\d{1,2}) tháng (?P<month>\d{1,2})(?:,| năm|,? năm)? (?P<year>20\d\d)(?!\d)",
    )
)
# 28/11/2016, 11/28/2016, 28-11-2016: the day is certain only if one of the numbers is over 12.
_SLASHED = re.compile(r"(?<![\d/-])(?P<a>0?[1-9]|[12]\d|3[01])(?P<s>[/-])(?P<b>0?[1-9]|[12]\d|3[01])(?P=s)(?P<year>(?:19|20)\d\d)(?![\d/])")  # fmt: skip
# 8/17/23: read only beside a time, because so short a form may mean anything else.
_SLASHED_SHORT = re.compile(
    r"(?<![\d/.-])(?P<a>0?[1-9]|[12]\d|3[01])/(?P<b>0?[1-9]|[12]\d|3[01])/(?P<year>\d\d)(?![\d/])"
)
# Without a year: read only with a time, or if it is most of the line.
_SHORT_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (rf"{_DAY}\s+{_OF}{_MONTH}(?!\w)", rf"(?<!\w){_MONTH}\s+{_DAY}(?!\w)")
)
_WEEKDAY = re.compile(
    r"(?<!\w)(?:(?P<d0>mon(?:day)?|пн|понедельник|дс|дүйсенбі)|(?P<d1>tue(?:s(?:day)?)?|вт|вторник|сс|сейсенбі)|(?P<d2>wed(?:nesday)?|ср|среда|сәрсенбі)"
    r"|(?P<d3>thu(?:r(?:s(?:day)?)?)?|чт|четверг|бейсенбі)|(?P<d4>fri(?:day)?|пт|пятница|жұма)|(?P<d5>sat(?:urday)?|сб|суббота|сенбі)"
    r"|(?P<d6>sun(?:day)?|вс|воскресенье|жексенбі))\.?,?\s*$",
    re.IGNORECASE,
)
_OTHER_YEAR = re.compile(r"(?<![\d:.])(?:1[89]|20)\d\d(?![\d:])")
_TODAY = re.compile(
    r"(?<!\w)(?:[сc]егодня|бүгін|бугін|бүгүн|büğin|bügin|búgin|today|сьогодні|сёння|bugun|bugün|bu gün|heute|aujourd['’]hui|hoy|oggi"
    r"|hoje|vandaag|dziś|dzisiaj|dnes|i ?dag|tänään|hari ini|hôm nay|днес|данас)(?!\w)|今天|今日|오늘",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(
    r"(?<!\w)(?:вчера|кеше|кечээ|keşe|keshe|yesterday|вчора|учора|kecha|dün|dünən|gestern|hier|ayer|ieri|ontem|gisteren"
    r"|wczoraj|včera|i ?går|eilen|kemarin|hôm qua|јуче)(?!\w)|昨天|昨日|어제",
    re.IGNORECASE,
)
_UNIT = (
    r"min(?:ut\w{0,3})?s?|hours?|hrs?|мин\w{0,4}|час\w{0,2}|сағат|сааты?|минут|sağat|saǵat|minut|stund\w{0,2}|heures?|horas?"
    r"|годин\w?|хвилин\w?|мүнөт|saat|dakika|soat|daqiqa"
)
_AGO = re.compile(
    rf"(?<!\w)(?P<n>\d{{1,3}}|an?|one|час|минуту|сағат)\s*(?P<unit>{_UNIT})?\.?\s*(?:ago|назад|тому|бұрын|buryn|burın|мурун|önce|oldin)(?!\w)"
    rf"|(?<!\w)(?:vor|il y a|hace|há)\s+(?P<n2>\d{{1,3}}|einer|une|una|uma)\s+(?P<unit2>{_UNIT})(?!\w)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<before>下午|上午|午後|午前|오후|오전)?\s?(?<![\d:.])(?P<hour>[01]?\d|2[0-3])(?:[:.]|\s?[h時时點点시]\s?)(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d))?[分분]?(?![\d:]|\.\d)\s*(?P<half>[ap]\.?\s?m\.?(?!\w)|[مص](?!\w)|[μπ]\.μ\.)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:GMT|UTC)\s*(?P<sign>[+\-−])\s*(?P<h>\d{1,2})(?::?(?P<m>[0-5]0))?", re.IGNORECASE)
# Labels with the same offset everywhere.
_LABELS = {
    "GMT": 0,
    "UTC": 0,
    "EST": -5,
    "EDT": -4,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
    "MSK": 3,
    "МСК": 3,
}
_LABEL = re.compile(r"(?<!\w)(?:" + "|".join(_LABELS) + r")(?!\w|\s*[+\-−]\s*\d)")


def read_stated(
    text: str,
    zone: tzinfo,
    now: datetime,
    *,
    day_first: bool | None = None,
    anchor: datetime | None = None,
) -> Moment | None:
    """A machine-readable date (moments.read_machine), else a written one; None if it cannot be read."""
    return read_machine(text, zone) or read_written(text, zone, now, day_first=day_first, anchor=anchor)


def read_written(
    text: str,
    zone: tzinfo,
    now: datetime,
    *,
    day_first: bool | None = None,
    anchor: datetime | None = None,
) -> Moment | None:
    """The first date in a line written for people: by month names (months.MONTHS), numeric or relative.

    A time may be anywhere in the line. `day_first` decides "12/11/2026" if the line itself does not; None: by the
    zone, and unknown if that does not decide either. "28 minutes ago" gives only the day, and only if it is certain,
    because an instant computed from it would change at every visit. A date without a year is the one nearest to
    `anchor`, a day known to be near; without an anchor the last one before `now`, marked as computed from `now`
    (`Moment.leans`).
    """
    text = _folded(text)
    local_now = now.astimezone(zone)
    if dated := _dated(text, zone, day_first):
        return _with_time(*dated, zone)
    if relative := (_TODAY.search(text) or _YESTERDAY.search(text)):
        then = local_now - timedelta(days=0 if _TODAY.search(text) else 1)
        day = day_of(then.year, then.month, then.day, zone)
        return _with_time(replace(day, leans=True), _without(text, relative), zone) if day else None
    if ago := _AGO.search(text):
        return _ago(ago, local_now)
    if _OTHER_YEAR.search(text):
        return None  # the line has a year, in a form that is not understood
    for short in (m for form in _SHORT_FORMS for m in form.finditer(text)):
        month = _month(short["month"])
        if month and (short.end() - short.start() > len(text) * 0.6 or _CLOCK.search(_without(text, short))):
            day = _yearless(month, int(short["day"]), local_now, zone, anchor)
            return _with_time(day, _without(text, short), zone) if day else None
    return None


@lru_cache(maxsize=1024)
def without_dates(text: str) -> str:
    """The line without its times and the dates that have a year."""
    rest = _CLOCK.sub(" ", _folded(text))
    for form in _FORMS:
        for match in list(form.finditer(rest)):
            if _month(match["month"]):
                rest = rest.replace(match.group(), " ")
    return _SLASHED_SHORT.sub(" ", _SLASHED.sub(" ", rest))


def only_relative(text: str) -> bool:
    """Whether the date in a line is only "today" or "yesterday", without a time."""
    return bool(_TODAY.search(text) or _YESTERDAY.search(text)) and not _CLOCK.search(text)


def may_be_dated(text: str) -> bool:
    """A quick test whether a line may contain a date."""
    return _has_digit(text) or _is_relative(text)


_DIGIT = re.compile(r"\d")


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


@lru_cache(maxsize=1024)
def _is_relative(text: str) -> bool:
    """Whether a line says "today", "yesterday", "an hour ago". Nested elements and neighbouring pages repeat most lines."""
    return bool(_TODAY.search(text) or _YESTERDAY.search(text) or _AGO.search(text))


def dates_in(text: str, zone: tzinfo) -> Iterator[Moment]:
    """Every day in a text that is written with its year and unambiguous, in the order of the forms."""
    text = _around_years(text if text.isascii() else text.translate(DIGITS))
    for form in _FORMS:
        for match in form.finditer(text):
            if (month := _month(match["month"])) and (
                day := day_of(_year(match["year"]), month, int(match["day"]), zone)
            ):
                yield day
    for match in _SLASHED.finditer(text):
        a, b = int(match["a"]), int(match["b"])
        if (a > 12 or b > 12 or a == b) and (day := day_of(int(match["year"]), min(a, b), max(a, b), zone)):
            yield day


_ANY_YEAR = re.compile(r"(?:19|20|25)\d\d(?!\d)|\.\d\d(?!\d)")
_LONGEST_DATE = 120  # characters: more than any of the forms reaches to either side of its year


def _around_years(text: str) -> str:
    """A long text without what is too far from any year to be part of a date: forms that begin with a word cost most."""
    if len(text) < 2 * _LONGEST_DATE:
        return text
    parts: list[str] = []
    start = end = 0
    for year in _ANY_YEAR.finditer(text):
        if year.start() - _LONGEST_DATE > end:
            parts.append(text[start:end])
            start = year.start() - _LONGEST_DATE
        end = year.end() + _LONGEST_DATE
    parts.append(text[start:end])
    return "\n\n".join(parts)


def _folded(text: str) -> str:
    text = one_line(text)[:300]
    return text if text.isascii() else _TWO_NAMES.sub(_one_name, text.translate(DIGITS))


# "24 نيسان / أبريل 2020": the month by both of its names.
_TWO_NAMES = re.compile(r"(?P<first>[^\W\d_]{3,12}(?: (?:الثاني|الأول))?)\s?/\s?(?P<second>[^\W\d_]{3,12})")


def _one_name(match: re.Match[str]) -> str:
    month = _month(match["first"])
    return match["first"] if month and month == _month(match["second"]) else match.group()


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " ~ " + text[match.end() :]


def _month(word: str) -> int | None:
    """The number of a month's name or digits; None if the word is not a month."""
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    word = word.lower().rstrip(".").replace("i̇", "i")
    return MONTHS.get(word) or MONTHS.get(_SUFFIX.sub("", word)) or MONTHS.get(word.removeprefix("ב"))


def _year(digits: str) -> int:
    number = int(digits)
    # Two digits mean this century; 25xx is the Thai Buddhist calendar, 543 years ahead.
    return number + 2000 if number < 100 else number - 543 if number > 2500 else number


def _dated(text: str, zone: tzinfo, day_first: bool | None) -> tuple[Moment, str] | None:
    """The first day with a year and the rest of the line."""
    for form in _FORMS:
        for match in form.finditer(text):
            month = _month(match["month"])
            # "listopad" is the tenth month in Croatian, the eleventh in Polish; only Croats put a dot after the day.
            if (
                month == 11
                and match["month"].lower() == "listopada"
                and re.search(r"\d\.\s*listopada", text, re.IGNORECASE)
            ):
                month = 10
            day = day_of(_year(match["year"]), month, int(match["day"]), zone) if month else None
            if day:
                return day, _without(text, match)
    slashed = _SLASHED.search(text)
    if slashed is None and _CLOCK.search(text):
        slashed = _SLASHED_SHORT.search(text)
    if slashed:
        a, b = int(slashed["a"]), int(slashed["b"])
        said = _first_by_weekday(text[: slashed.start()], a, b, _year(slashed["year"]))
        first = (
            True
            if a > 12 or a == b
            else False
            if b > 12
            else said
            if said is not None
            else _day_first(zone)
            if day_first is None
            else day_first
        )
        if first is not None:
            number, month = (a, b) if first else (b, a)
            day = day_of(_year(slashed["year"]), month, number, zone)
            return (day, _without(text, slashed)) if day else None
    return None


def _first_by_weekday(before: str, a: int, b: int, year: int) -> bool | None:
    """Whether the first number is the day, by a weekday right before the date ("Tue, 05/12/2026"); None if none decides."""
    weekday = _WEEKDAY.search(before)
    if weekday is None or a > 12 or b > 12:
        return None
    said = int((weekday.lastgroup or "d0")[1:])
    fits = [
        day for day, month in ((a, b), (b, a)) if datetime(year, month, day, tzinfo=UTC).weekday() == said
    ]
    return fits == [a] if len(fits) == 1 else None


def _day_first(zone: tzinfo) -> bool | None:
    """True if "12/11/2026" can only be 12 November, because the zone is known and outside America; else None (unknown)."""
    name = str(getattr(zone, "key", ""))
    return (
        True
        if "/" in name and not name.startswith(("America/", "US/", "Canada/", "Etc/", "Pacific/"))
        else None
    )


def _with_time(day: Moment, rest: str, zone: tzinfo) -> Moment:
    clock = _CLOCK.search(_OFFSET.sub(" ", rest))
    if not clock:
        return day
    hour, half, before = int(clock["hour"]), (clock["half"] or "").lower()[:1], clock["before"] or ""
    later = half in ("p", "م", "μ") or before in ("下午", "午後", "오후")
    if (half or before) and hour <= 12:
        hour = hour % 12 + (12 if later else 0)
    at = day.at.replace(hour=hour, minute=int(clock["minute"]), second=int(clock["second"] or 0))
    if label := _OFFSET.search(rest):
        delta = timedelta(hours=int(label["h"]), minutes=int(label["m"] or 0))
        stated = -delta if label["sign"] in "-−" else delta
        # A label one hour off the outlet's zone is outdated ("GMT +6" printed in Kazakhstan after it moved to UTC+5 on
        # 1 March 2024): the time is right, the label is not.
        actual = at.utcoffset() or timedelta(0)
        if abs(stated) <= timedelta(hours=14) and (zone is UTC or abs(actual - stated) != timedelta(hours=1)):
            at = at.replace(tzinfo=timezone(stated))
    elif zone is UTC and (label := _LABEL.search(rest)):
        at = at.replace(tzinfo=timezone(timedelta(hours=_LABELS[label.group()])))
    stated_offset = at.tzinfo is not day.at.tzinfo
    return Moment(at, Precision.SECOND if clock["second"] else Precision.MINUTE, stated_offset, day.leans)


def _ago(match: re.Match[str], local_now: datetime) -> Moment | None:
    number = match["n"] or match["n2"]
    count = int(number) if number.isdigit() else 1
    unit = (match["unit"] or match["unit2"] or number).lower()
    one = timedelta(minutes=1) if unit.startswith(("min", "мин", "хв", "мүн", "da")) else timedelta(hours=1)
    # Sites round down or to the nearest, so the true age is between half a unit less and one more.
    latest, earliest = local_now - (count - 0.5) * one, local_now - (count + 1) * one
    if latest.date() != earliest.date():
        return None
    return Moment(
        latest.replace(hour=0, minute=0, second=0, microsecond=0), Precision.DAY, has_offset=False, leans=True
    )


def _yearless(
    month: int, day: int, local_now: datetime, zone: tzinfo, anchor: datetime | None
) -> Moment | None:
    """Such a day nearest to the anchor; without one the latest that is not in the future (after New Year: last year's)."""
    if anchor is not None:
        years = range(anchor.year - 1, anchor.year + 2)
        near = [moment for year in years if (moment := day_of(year, month, day, zone))]
        return min(near, key=lambda moment: abs(moment.at - anchor), default=None)
    for year in (local_now.year, local_now.year - 1):
        moment = day_of(year, month, day, zone)
        if moment and moment.at <= local_now:
            return replace(moment, leans=True)
    return None


def only_date(text: str) -> str:
    """Whether a line is only a date: "full" with a year or a time, "short" without either, "" if it has other words.

    A weekday may be beside the date ("Среда, 7 января 2026 года").
    """
    line = _folded(text)
    if len(text) > 60 or not may_be_dated(line):
        return ""
    timed = _CLOCK.search(line)
    kind, rest = "full", ""
    if dated := _dated(line, UTC, day_first=True):
        rest = dated[1]
    elif ago := _AGO.search(line):
        rest = _without(line, ago)
    elif timed and (relative := _TODAY.search(line) or _YESTERDAY.search(line)):
        rest = _without(line, relative)
    else:
        line = _CLOCK.sub(" ", line)
        found = (m for form in _SHORT_FORMS for m in form.finditer(line) if _month(m["month"]))
        if (short := next(found, None)) is None:
            return ""
        kind, rest = "full" if timed else "short", _without(line, short)
    left = words(_CLOCK.sub(" ", _LABEL.sub(" ", _OFFSET.sub(" ", rest))))
    return kind if all(word in _BESIDE for word in left) else ""


# Words that may be beside a date in a line of its own: weekdays, the word "year", joining words.
_BESIDE_WORDS = (
    "jst ist bst aest eet eest et г года год ж жыл жылы жылғы jyl jyly в во at on the um à le el den сағат uhr h астана алматы времени понедельник вторник "
    "среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun düisenbi seisenbi "
    "särsenbi beisenbi juma senbi jeksenbi понеділок вівторок середа четвер п’ятниця субота неділя montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes "
    "sábado domingo"
)  # fmt: skip
_BESIDE = frozenset(_BESIDE_WORDS.split())
