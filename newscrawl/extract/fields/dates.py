"""The instants of publication and modification: from structured data, then from visible dates in the outlet's zone.

A date that cannot be read with certainty stays unknown, and a time of day is never invented.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.dating.moments import Moment, believable, day_of, zone_of
from newscrawl.dating.written import dates_in, read_stated
from newscrawl.extract.data.jsonld import text_of
from newscrawl.extract.fields.candidate import Candidate, Choice
from newscrawl.extract.fields.datelines import Seen, visible_dates
from newscrawl.extract.fields.nearby import below_a_stop
from newscrawl.extract.page.lines import one_line
from newscrawl.model import Precision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from newscrawl.extract.data.structured import Structured
    from newscrawl.extract.fields.nearby import Nearby
    from newscrawl.extract.page.tree import Page

GUESS = "htmldate"
"""The origin of a day that only htmldate's search of the whole page found."""

# The most elements of a page that htmldate searches: it takes seconds if every line resembles a date.
MAX_SEARCHED = 6_000

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "publishdate", "publish-date", "publish_date", "published_time", "publication_date", "pubdate",
    "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article_date_original", "dc.date.issued",
    "dcterms.created", "dcterms.issued", "dc.date", "dc.date.created", "date", "citation_publication_date", "article:post_date",
    "shareaholic:article_published_time", "rnews:datepublished", "article:published", "bt:pubdate", "last-published",
    "dcterms.date", "dc.created", "iso-8601-publish-date", "displaydate", "article-publication-date", "pub_date",
    "originalpublicationdate", "og:pubdate", "published-date", "mediator_published_time", "publishtime", "gentime",
)  # fmt: skip
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "article:modified", "dcterms.modified",
                   "og:article:modified_time", "lastmod", "revised", "article.updated", "dc.date.modified")  # fmt: skip


def instants(
    page: Page,
    data: Structured,
    near: Nearby,
    zone_name: str,
    now: datetime,
    *,
    ruled: Sequence[str] = (),
    local: bool = False,
) -> tuple[Choice[Moment], Choice[Moment]]:
    """(when the article was published, when it was last modified according to the publisher).

    `near` are the lines around the headline, `zone_name` the IANA zone of dates without an offset, `now` the
    aware instant of the fetch. `ruled` are the texts found by the source's own selector; with `local`, times near the
    headline are taken in the zone, whatever offset is written beside them.
    """
    zone = zone_of(zone_name)
    seen = visible_dates(page, near, zone, now)
    if local:
        seen = [replace(s, moment=_in_zone(zone, s.moment)) for s in seen]
    own = [
        Candidate(_in_zone(zone, m) if local else m, "rules")
        for text in ruled
        if (m := read_stated(text, zone, now)) and believable(m, now)
    ]
    return _published(page, data, seen, zone, now, own), _modified(data, seen, zone, now)


def _in_zone(zone: tzinfo, moment: Moment) -> Moment:
    return replace(moment, at=moment.at.replace(tzinfo=zone), has_offset=False)


def _published(
    page: Page,
    data: Structured,
    seen: Sequence[Seen],
    zone: tzinfo,
    now: datetime,
    own: Sequence[Candidate[Moment]],
) -> Choice[Moment]:
    """The first candidate; if it has no time, the first one of the same day that has."""
    found = [
        *own,
        *(
            Candidate(m, o)
            for t, o in _published_texts(data)
            if (m := read_stated(t, zone, now)) and believable(m, now)
        ),
    ]
    found += [Candidate(s.moment, s.origin) for s in seen if not s.updated]
    if (stated := _from_address(page.url, zone)) and believable(stated, now):
        found.append(Candidate(stated, "address"))
    if not found:
        changed = {s.moment.at.date() for s in seen if s.updated}
        found = [Candidate(m, GUESS) for m in _guess(page, zone, now)]
        found = [c.refused("the day of a change") if c.value.at.date() in changed else c for c in found]
        taken = next((c for c in found if not c.note), None)
        return Choice(
            taken, tuple(found), "found by search of the whole page" if taken else "no believable date"
        )
    best, why = _best(found)
    if best.value.precision is Precision.DAY:
        for other in found:
            same_day = other.value.at.astimezone(zone).date() == best.value.at.date() or (
                other.value.at.date() == best.value.at.date()
            )
            if other.value.precision is not Precision.DAY and same_day:
                return Choice(
                    _in_own_offset(other, found), tuple(found), f"same day as {best.origin}, with a time"
                )
    return Choice(_in_own_offset(best, found), tuple(found), why)


def _best(found: list[Candidate[Moment]]) -> tuple[Candidate[Moment], str]:
    """The first candidate, unless a meta and a visible date agree on another day."""
    best = found[0]
    visible = [c for c in found if c.origin in ("time", "dateline")]
    stated = [c for c in found if c.origin not in ("time", "dateline", "address")]
    if visible and not _near_day(best, visible[0]):
        for other in stated[1:]:
            if other.origin != best.origin and other.value.at.date() == visible[0].value.at.date():
                return other, f"{other.origin} and the page itself agree against {best.origin}"
    return best, "first in order of preference"


def _near_day(a: Candidate[Moment], b: Candidate[Moment]) -> bool:
    """Whether they are at most a day apart, because an offset may move an instant to the next day."""
    return abs((a.value.at.date() - b.value.at.date()).days) <= 1


def _in_own_offset(best: Candidate[Moment], found: Sequence[Candidate[Moment]]) -> Candidate[Moment]:
    """The instant with the publisher's own offset, if the other candidates show it.

    A time without an offset takes that of another machine-readable candidate with the same time of day. An instant in
    UTC is converted to the offset in which the page shows the same instant: a dateline of "11:30 p.m." beside 05:30Z
    shows that the publisher's clock is at UTC-6.
    """
    at = best.value.at
    if best.value.precision is Precision.DAY or at.utcoffset():
        return best
    for other in found:
        if other is best or other.value.precision is Precision.DAY:
            continue
        if not best.value.has_offset:
            same_clock = other.value.at.replace(tzinfo=None, second=0) == at.replace(tzinfo=None, second=0)
            if other.value.has_offset and same_clock and other.origin != "dateline":
                own = at.replace(tzinfo=other.value.at.tzinfo)
                return replace(best, value=replace(best.value, at=own, has_offset=True))
            continue
        if other.value.at.utcoffset():
            if abs(other.value.at - at) < timedelta(minutes=1):
                return replace(best, value=replace(best.value, at=at.astimezone(other.value.at.tzinfo)))
        elif other.origin == "dateline":
            ahead = other.value.at.replace(second=0, microsecond=0) - at.replace(second=0, microsecond=0)
            if (
                ahead
                and ahead % timedelta(minutes=30) == timedelta(0)
                and -12 <= ahead / timedelta(hours=1) <= 14
            ):
                return replace(best, value=replace(best.value, at=at.astimezone(timezone(ahead))))
    return best


def _modified(data: Structured, seen: Sequence[Seen], zone: tzinfo, now: datetime) -> Choice[Moment]:
    texts = [(text_of(v), "json-ld") for v, _ in data.values("dateModified")]
    texts += [(v, n) for n, v in data.meta(*_MODIFIED_METAS)]
    texts += [(v, "microdata") for v in data.microdata.get("datemodified", ())]
    found = [Candidate(m, o) for t, o in texts if (m := read_stated(t, zone, now)) and believable(m, now)]
    found += [Candidate(s.moment, s.origin) for s in seen if s.updated]
    why = "first in order of preference" if found else "no believable date"
    return Choice(found[0] if found else None, tuple(found), why)


def _published_texts(data: Structured) -> Iterator[tuple[str, str]]:
    for value, _ in data.values("datePublished", "dateCreated"):
        yield text_of(value), "json-ld"
    for name, value in data.meta(*_PUBLISHED_METAS):
        yield value, name
    for value in data.microdata.get("datepublished", ()):
        yield value, "microdata"


_ADDRESS_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/-]|$)")
_ADDRESS_COMPACT = re.compile(r"/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=/)")


def _from_address(url: str, zone: tzinfo) -> Moment | None:
    path = url.split("?", maxsplit=1)[0][:2000]
    match = _ADDRESS_DAY.search(path) or _ADDRESS_COMPACT.search(path)
    return day_of(int(match[1]), int(match[2]), int(match[3]), zone) if match else None


class _WrittenDates:
    """Reads dates for htmldate in the place of dateparser, whose first call takes seconds to load all languages.

    Nothing is lost by it: a day counts only if `dates_in` finds it in the page.
    """

    def get_date_data(self, text: str) -> dict[str, datetime | None]:
        """The first date in a line, as dateparser returns it: naive."""
        return {"date_obj": next((day.at.replace(tzinfo=None) for day in dates_in(text, UTC)), None)}


def _guess(page: Page, zone: tzinfo, now: datetime) -> Iterator[Moment]:
    """The day that htmldate finds in the whole page, if the page really contains that day.

    htmldate completes dates: a year alone becomes the first of January, a month alone its first day, and it may take
    the day of the fetch from a header. So a day counts only if the page has its day, month and year together, and if
    it is neither the day of the fetch nor the one before.
    """
    from htmldate import extractors, find_date

    extractors.get_external_parser = _WrittenDates  # type: ignore[assignment]
    if next(islice(page.tree.iter(), MAX_SEARCHED, None), None) is not None:
        return
    latest = now.astimezone(zone).date()
    text = one_line(" ".join(page.tree.itertext()))[:200_000]
    written = {m.at.date() for m in dates_in(text, zone)}
    if all((latest - day).days <= 1 for day in written):
        return  # no result would count
    try:
        guess = find_date(
            page.tree, original_date=True, extensive_search=True, url=page.url, max_date=latest.isoformat()
        )
    except (ValueError, OverflowError, TypeError, AttributeError):
        return
    if not guess:
        return
    year, month, day = map(int, guess.split("-"))
    moment = day_of(year, month, day, zone)
    if not moment or not believable(moment, now) or (latest - moment.at.date()).days <= 1:
        return
    elements = [
        e
        for e in page.tree.iter()
        if e.text
        and guess[:4] in e.text
        and any(m.at.date() == moment.at.date() for m in dates_in(e.text[:300], zone))
    ]
    if elements and all(map(below_a_stop, elements)):
        return  # only teasers of other articles have that day
    if moment.at.date() in written:
        yield moment
