"""The instants of publication and change: structured, then visible ones in the outlet's zone. Unknown beats wrong.

Time of day is never invented: a bare day is local midnight with precision DAY. The present is an argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newscrawl.extract.candidate import Candidate, Choice
from newscrawl.extract.lines import one_line, squash, word_count
from newscrawl.extract.page import few_children
from newscrawl.extract.phrases import STOP_HEADINGS
from newscrawl.extract.structured import Structured, text_of
from newscrawl.model import Precision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.page import Page

# A server's clock may run ahead of ours by this much before its instant counts as "in the future".
CLOCK_SLACK = timedelta(hours=1)
EARLIEST = 1850


@dataclass(frozen=True, slots=True)
class Moment:
    """A stated instant: aware, with the precision it was stated with."""

    at: datetime
    precision: Precision


_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "january jan янв январь января қаңтар қаң qañtar qantar qaŋtar қантар січня leden ledna janvier januar jänner enero",
        "february feb фев февр февраль февраля ақпан ақп aqpan акпан лютого février februar febrero",
        "march mar мар март марта наурыз нау nauryz naurız nawrız березня mars märz marzo",
        "april apr апр апрель апреля сәуір сәу säuir sáýir sauir säwir saýir квітня avril abril",
        "may май мая мамыр мам mamyr mamır травня mai mayo",
        "june jun июн июнь июня маусым мау mausym maýsym mawsım червня juin juni junio",
        "july jul июл июль июля шілде шіл şilde shilde шилде липня juillet juli julio",
        "august aug авг август августа тамыз там tamyz tamız серпня août agosto",
        "september sept sep сен сент сентябрь сентября қыркүйек қыр qyrküiek qyrkúıek qyrkuiek qırküyek вересня septembre septiembre",
        "october oct окт октябрь октября қазан қаз qazan жовтня octobre oktober octubre",
        "november nov ноя нояб ноябрь ноября қараша қар qaraşa qarasha листопада novembre noviembre",
        "december dec дек декабрь декабря желтоқсан жел jeltoqsan желтоксан zheltoqsan грудня décembre dezember diciembre",
    ),
    start=1,
):
    for _name in _names.split():
        _MONTHS[_name] = _number
# Kazakh case endings on a month: "4 қаңтарда", "7 ақпанда", "21 мамырдан", "19 мамырға".
_SUFFIX = r"(?:да|де|та|те|дан|ден|тан|тен|нан|нен|ға|ге|қа|ке|ның|нің|дың|дің|тың|тің|da|de|ta|te|dan|den|dağy|gi)?"
_MONTH = (
    r"(?P<month>"
    + "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
    + r")"
    + _SUFFIX
    + r"\.?(?!\w)"
)
_DAY = r"(?<![\d.:])(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|-?(?:го|е|ші|шы|ы|і))?\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\d:])"
_JYL = r"(?:\s*(?:года|год|г\.?|жылғы|жылы|жыл|ж\.?|jyly|jylğy|jyl|y\.)(?!\w))?"
_SEP = r"[\s,.\u00a0|·•-]{1,6}"
_CLOCK = r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:]|\.\d)\s*(?P<half>[ap]\.?m\.?\b)?"
_DATE_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_DAY}{_SEP}(?:de )?{_MONTH}{_SEP}(?:de )?{_YEAR}",  # 27 марта 2024; 21 Ақпан, 2025; 30 Qazan, 2025; 02 May 2024
        rf"(?<!\w){_MONTH}\s+{_DAY},?\s+{_YEAR}",  # March 27, 2024
        rf"{_YEAR}{_JYL}{_SEP}{_DAY}\s*-?\s*{_MONTH}",  # 2015 жылғы 19 мамыр
        rf"{_YEAR}{_JYL}{_SEP}{_MONTH}\s+{_DAY}(?!\d)",
        r"(?<![\d.])(?P<year>(?:19|20)\d\d)[-./](?P<month>0?[1-9]|1[0-2])[-./](?P<day>0?[1-9]|[12]\d|3[01])(?!\d)",
        r"(?<![\d.])(?P<day>0?[1-9]|[12]\d|3[01])[.](?P<month>0?[1-9]|1[0-2])[.](?P<year>(?:19|20)\d\d)(?!\.?\d)",
        r"(?<![\d.])(?P<day>0[1-9]|[12]\d|3[01])[.](?P<month>0[1-9]|1[0-2])[.](?P<year>\d\d)(?!\.?\d)",
        r"(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>0?[1-9]|1[0-2])\s?[月월]\s?(?P<day>[12]\d|3[01]|0?[1-9])\s?[日일]",
        r"(?<![\d/])(?P<day>1[3-9]|2\d|3[01])/(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d\d)(?!\d)",
    )
)
# 12/11/2026 where nobody writes the month first.
_DAY_FIRST = re.compile(
    r"(?<![\d/])(?P<day>0?[1-9]|1[0-2])/(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d\d)(?![\d/])"
)
_SHORT_FORM = re.compile(
    rf"{_DAY}\s+{_MONTH}", re.IGNORECASE
)  # no year: only with a time or alone in its element
_TODAY = re.compile(r"(?<!\w)(?:[сc]егодня|бүгін|бугін|büğin|bügin|búgin|today)(?!\w)", re.IGNORECASE)
_YESTERDAY = re.compile(r"(?<!\w)(?:вчера|кеше|keşe|keshe|yesterday)(?!\w)", re.IGNORECASE)
_AGO = re.compile(
    r"(?<!\d)(?P<n>\d{1,3}|an?|one|час|минуту|сағат)\s*(?P<unit>min(?:ute)?s?|hours?|hrs?|мин\w{0,4}\.?|час\w{0,2}|сағат|минут|"
    r"sağat|saǵat|minut)?\s*(?:ago|назад|бұрын|buryn|burın)(?!\w)",
    re.IGNORECASE,
)
_TIME_ONLY = re.compile(_CLOCK, re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)\s*(?P<sign>[+\-−])\s*(?P<h>\d{1,2})(?::?(?P<m>[0-5]0))?", re.IGNORECASE)
_ISO = re.compile(
    r"^\s*(?P<y>\d{4})-(?P<mo>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T\s]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?\s*"
    r"(?P<z>Z|UTC|GMT|[+\-−]\d{2}:?\d{2}|[+\-−]\d{2})?)?\s*(?:\[[\w/]{1,40}\])?\s*$",
    re.IGNORECASE,
)
_RFC = re.compile(
    r"^\s*(?:\w{3},?\s+)?\d{1,2}\s+\w{3}\s+\d{4}\s+\d{2}:\d{2}(?::\d{2})?\s+(?:GMT|UTC|Z|[+-]\d{4})\s*$"
)
_UPDATED = re.compile(
    r"updated|modified|last change|обновлен|изменен|жаңартыл|өзгертіл|jañart|aktualisiert|mis à jour|actualizad|stand:",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publish|posted|опубликован|размещен|жариялан|жарық көр|jarialan|veröffentlicht|publié|publicad",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The IANA zone, UTC where the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


# --- reading one value --------------------------------------------------------------------------


def read_stated(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """A machine-readable date (ISO 8601, RFC 822, epoch seconds) or, failing that, a written one. None: unreadable."""
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
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return Moment(datetime.fromtimestamp(int(text[:10]), UTC), Precision.SECOND)
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]), zone)
    return read_written(text, zone, now)


def _from_iso(match: re.Match[str], zone: tzinfo) -> Moment | None:
    year, month, day = int(match["y"]), int(match["mo"]), int(match["d"])
    if match["h"] is None:
        return _day(year, month, day, zone)
    hour, minute, second = int(match["h"]), int(match["mi"]), int(match["s"] or 0)
    label = match["z"]
    # Midnight sharp without an offset is how many systems write a bare day.
    if not label and hour == minute == second == 0:
        return _day(year, month, day, zone)
    try:
        at = datetime(
            year, month, day, hour % 24, minute, min(second, 59), tzinfo=_offset(label) if label else zone
        )
    except (ValueError, OverflowError):
        return None
    return Moment(at, Precision.SECOND if match["s"] is not None else Precision.MINUTE)


def _offset(label: str) -> tzinfo:
    if label.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = label[1:].replace(":", "")
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-delta if label[0] in "-−" else delta)


def read_written(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """The first date in a line written for people: Russian, Kazakh (both alphabets), English, numeric, relative.

    A time beside the date counts wherever it stands. "28 minutes ago" gives the day only, and
    only if it is certain: an instant computed from it would move at every visit.
    """
    text = one_line(text)[:300]
    found = next((m for m in (form.search(text) for form in _DATE_FORMS) if m), None)
    if not found and (
        (same := _DAY_FIRST.search(text)) and (same["day"] == same["month"] or _day_first(zone))
    ):
        found = same
    local_now = now.astimezone(zone)
    if found:
        month = found["month"].lower().rstrip(".")
        number = int(month) if month.isdigit() else _MONTHS[month]
        day = _day(
            int(found["year"]) + (2000 if len(found["year"]) == 2 else 0), number, int(found["day"]), zone
        )
        rest = text[: found.start()] + " ~ " + text[found.end() :]
    elif relative := (_TODAY.search(text) or _YESTERDAY.search(text)):
        then = local_now - timedelta(days=0 if _TODAY.search(text) else 1)
        day = _day(then.year, then.month, then.day, zone)
        rest = text[: relative.start()] + " ~ " + text[relative.end() :]
    elif ago := _AGO.search(text):
        return _ago(ago, local_now)
    elif (short := _SHORT_FORM.search(text)) and (
        short.end() - short.start() > len(text) * 0.6 or _TIME_ONLY.search(text)
    ):
        day = _yearless(_MONTHS[short["month"].lower().rstrip(".")], int(short["day"]), local_now, zone)
        rest = text[: short.start()] + " ~ " + text[short.end() :]
    else:
        return None
    return _with_time(day, rest, zone) if day else None


def _day_first(zone: tzinfo) -> bool:
    """Whether "12/11/2026" can only be 12 November: a zone is known and lies outside America. Else it stays unknown."""
    name = str(getattr(zone, "key", ""))
    return "/" in name and not name.startswith(("America/", "US/", "Canada/", "Etc/", "Pacific/"))


def _with_time(day: Moment, rest: str, zone: tzinfo) -> Moment:
    clock = _TIME_ONLY.search(_OFFSET.sub(" ", rest))
    if not clock:
        return day
    hour, half = int(clock["hour"]), (clock["half"] or "").lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    at = day.at.replace(hour=hour, minute=int(clock["minute"]), second=int(clock["second"] or 0))
    if label := _OFFSET.search(rest):
        delta = timedelta(hours=int(label["h"]), minutes=int(label["m"] or 0))
        stated = -delta if label["sign"] in "-−" else delta
        # A label one hour off the outlet's zone is a left-over of an older law ("GMT +6" printed in
        # Kazakhstan after it moved to UTC+5 on 1 March 2024): the clock on the wall is right, the label is not.
        actual = at.utcoffset() or timedelta(0)
        if stated <= timedelta(hours=14) and (zone is UTC or abs(actual - stated) != timedelta(hours=1)):
            at = at.replace(tzinfo=timezone(stated))
    return Moment(at, Precision.SECOND if clock["second"] else Precision.MINUTE)


def _ago(match: re.Match[str], local_now: datetime) -> Moment | None:
    count = int(match["n"]) if match["n"].isdigit() else 1
    unit = (match["unit"] or match["n"]).lower()
    one = timedelta(minutes=1) if unit.startswith(("min", "мин")) else timedelta(hours=1)
    # Sites round down or to the nearest: the true age is between half a unit less and one more.
    latest, earliest = local_now - (count - 0.5) * one, local_now - (count + 1) * one
    if latest.date() != earliest.date():
        return None
    return Moment(latest.replace(hour=0, minute=0, second=0, microsecond=0), Precision.DAY)


def _yearless(month: int, day: int, local_now: datetime, zone: tzinfo) -> Moment | None:
    """The latest such day that is not in the future (at New Year: last year's)."""
    for year in (local_now.year, local_now.year - 1):
        moment = _day(year, month, day, zone)
        if moment and moment.at <= local_now:
            return moment
    return None


def _day(year: int, month: int, day: int, zone: tzinfo) -> Moment | None:
    try:
        return Moment(datetime(year, month, day, tzinfo=zone), Precision.DAY)
    except (ValueError, OverflowError):
        return None


def believable(moment: Moment, now: datetime) -> bool:
    """Not in the future (beyond CLOCK_SLACK; a bare day: not after today in its zone), not the epoch, not before EARLIEST."""
    if moment.at.year < EARLIEST or date(1969, 12, 31) <= moment.at.date() <= date(1970, 1, 2):
        return False
    try:
        if moment.precision is Precision.DAY:
            return moment.at.date() <= now.astimezone(moment.at.tzinfo).date()
        return moment.at <= now + CLOCK_SLACK
    except (OverflowError, ValueError):
        return False


# --- reading a page -----------------------------------------------------------------------------

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "publishdate", "publish-date", "publish_date", "published_time", "publication_date", "pubdate",
    "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article_date_original", "dc.date.issued",
    "dcterms.created", "dcterms.issued", "dc.date", "dc.date.created", "date", "citation_publication_date", "article:post_date",
    "shareaholic:article_published_time", "rnews:datepublished", "article:published", "bt:pubdate", "last-published",
)  # fmt: skip
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "article:modified", "dcterms.modified",
                   "og:article:modified_time", "lastmod", "revised", "article.updated")  # fmt: skip


def published(
    page: Page, data: Structured, heading: HtmlElement | None, zone_name: str, now: datetime
) -> Choice[Moment]:
    """When the article was published. Among candidates of the first one's day, the first with a time wins."""
    zone = zone_of(zone_name)
    found: list[Candidate[Moment]] = []
    for text, origin in _published_texts(data):
        moment = read_stated(text, zone, now)
        if moment and believable(moment, now):
            found.append(Candidate(moment, origin))
    for element, text, is_machine in visible_dates(page, heading):
        if (
            not is_machine
            and (_TODAY.search(text) or _YESTERDAY.search(text))
            and not _TIME_ONLY.search(text)
        ):
            continue  # "Today" alone is more often a menu than a date
        if not is_machine and not _is_dateline(text):
            continue
        moment = read_stated(text, zone, now) if is_machine else read_written(text, zone, now)
        if moment and believable(moment, now) and not _UPDATED.search(_context(element)):
            found.append(Candidate(moment, "time" if is_machine else "dateline"))
    if (stated := _from_address(page.url, zone)) and believable(stated, now):
        found.append(Candidate(stated, "address"))
    if not found:
        return Choice(None, (), "no believable date")
    best = found[0]
    if best.value.precision is Precision.DAY:
        for other in found:
            same_day = other.value.at.astimezone(zone).date() == best.value.at.date() or (
                other.value.at.date() == best.value.at.date()
            )
            if other.value.precision is not Precision.DAY and same_day:
                return Choice(other, tuple(found), f"same day as {best.origin}, with a time")
    return Choice(best, tuple(found), "first in order of preference")


def modified(
    page: Page, data: Structured, heading: HtmlElement | None, zone_name: str, now: datetime
) -> Choice[Moment]:
    """When the publisher says the article was last changed."""
    zone = zone_of(zone_name)
    texts = [(text_of(v), "json-ld") for v, _ in data.values("dateModified")]
    texts += [(v, n) for n, v in data.meta(*_MODIFIED_METAS)]
    texts += [(v, "microdata") for v in data.microdata.get("datemodified", ())]
    found = [Candidate(m, o) for t, o in texts if (m := read_stated(t, zone, now)) and believable(m, now)]
    for element, text, is_machine in visible_dates(page, heading):
        if _UPDATED.search(_context(element)):
            moment = read_stated(text, zone, now) if is_machine else read_written(text, zone, now)
            if moment and believable(moment, now):
                found.append(Candidate(moment, "time" if is_machine else "dateline"))
    return Choice(found[0] if found else None, tuple(found), "first in order of preference")


def _published_texts(data: Structured) -> Iterator[tuple[str, str]]:
    for value, _ in data.values("datePublished", "dateCreated"):
        yield text_of(value), "json-ld"
    for name, value in data.meta(*_PUBLISHED_METAS):
        yield value, name
    for value in data.microdata.get("datepublished", ()):
        yield value, "microdata"


_ASIDE = frozenset({"nav", "footer", "aside", "li", "form", "dialog"})
_LEGAL = re.compile(
    r"©|\(c\)|№|\bno\.|copyright|registration|regist|licen[cs]e|свидетельств|лицензи|куәлі|учёт|учет",
    re.IGNORECASE,
)
_STOPS = frozenset(squash(s) for s in STOP_HEADINGS)


def _is_dateline(text: str) -> bool:
    """A line that is little more than a date: a name or a place may stand beside it, a sentence may not."""
    if _LEGAL.search(text):
        return False
    rest = _TIME_ONLY.sub(" ", text)
    for form in (*_DATE_FORMS, _DAY_FIRST):
        rest = form.sub(" ", rest)
    return word_count(rest) <= 6


_DATE_MARK = re.compile(r"date|time|publish|posted|meta|byline|stamp|info", re.IGNORECASE)


def visible_dates(page: Page, heading: HtmlElement | None) -> list[tuple[HtmlElement, str, bool]]:
    """(element, text, machine-readable?) of dates near the headline, nearest kind first.

    After the headline up to the first long paragraphs, then shortly before it. Lists, navigation
    and everything above the headline's own block are left out: they carry other articles' dates
    and today's.
    """
    if heading is None:
        return []
    body = next(page.tree.iter("body"), page.tree)
    after: list[tuple[HtmlElement, str, bool]] = []
    before: list[tuple[HtmlElement, str, bool]] = []
    passed, long_paragraphs, elements = False, 0, 0
    skip: set[HtmlElement] = set()
    for element in body.iter():
        parent = element.getparent()
        if element is heading:
            passed = True
        if (parent is not None and parent in skip) or element.tag in ("script", "style", "noscript"):
            skip.add(element)
            continue
        if element.tag in _ASIDE or element is heading:
            skip.add(element)
            if element is not heading:
                continue
        target = after if passed else before
        if passed:
            elements += 1
            if element is not heading and len(element) < 3 and _is_stop(element):
                break
            if elements > 600 or long_paragraphs >= 2:
                break
            if element.tag in ("h1", "h2") and element is not heading and elements > 300:
                break
        if element.tag == "time" and element.get("datetime"):
            target.append((element, element.get("datetime") or "", True))
            target.append((element, one_line(element.text_content()), False))
        elif element.tag in (
            "p",
            "div",
            "span",
            "time",
            "em",
            "small",
            "i",
            "b",
            "td",
            "section",
            "strong",
            "ol",
            "ul",
            "h6",
            "h5",
            "a",
        ):
            own = (
                one_line(" ".join(element.itertext(with_tail=False)))
                if len(element) <= 6
                else one_line(element.text)
            )
            if element.tag == "p" and len(own) > 150:
                long_paragraphs += 1
            if 4 < len(own) <= 90:
                target.append((element, own, False))
            elif element.tag == "p" and element.tail and 4 < len(one_line(element.tail)) <= 60:
                target.append((element, one_line(element.tail), False))
    near = [b for b in before if _close(b[0], heading)]
    return sorted(after, key=lambda v: not _PUBLISHED.search(_context(v[0]))) + near[::-1]


def _is_stop(element: HtmlElement) -> bool:
    """Whether the element is a heading such as "Latest news": below it stand other articles' dates."""
    raw = element.text or ""
    return 3 < len(raw) < 60 and element.tag not in ("a", "button") and squash(raw) in _STOPS


def _close(element: HtmlElement, heading: HtmlElement) -> bool:
    """Whether the element stands in the headline's own block: within two parents up, and that is not the body."""
    scope = heading
    for _ in range(3):
        parent = scope.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        scope = parent
    return scope is not heading and any(a is scope for a in element.iterancestors())


def _context(element: HtmlElement) -> str:
    """What is said around a date: its own text and marks, and a short text before it in the same parent."""
    parts = [one_line(element.text_content())[:100] if few_children(element, 7) else "", element.get("class") or "",
             element.get("itemprop") or ""]  # fmt: skip
    previous = element.getprevious()
    if previous is not None:
        text = one_line(
            f"{previous.text_content() if few_children(previous, 7) else ''} {previous.tail or ''}"
        )
        parts.append(text if len(text) < 40 else "")
    parent = element.getparent()
    if parent is not None:
        parts += [one_line(parent.text)[:40], parent.get("class") or "" if few_children(parent, 3) else ""]
    return " ".join(parts)


_ADDRESS_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/-]|$)")
_ADDRESS_COMPACT = re.compile(r"/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=/)")


def _from_address(url: str, zone: tzinfo) -> Moment | None:
    path = url.split("?", maxsplit=1)[0][:2000]
    match = _ADDRESS_DAY.search(path) or _ADDRESS_COMPACT.search(path)
    return _day(int(match[1]), int(match[2]), int(match[3]), zone) if match else None
