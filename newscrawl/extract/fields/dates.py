"""The instants of publication and modification: from structured data, then from visible dates in the outlet's zone.

A date that cannot be read with certainty stays unknown, and a time of day is never invented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.dating.moments import Moment, believable, day_of, why_not_believed, zone_of
from newscrawl.dating.written import dates_in, read_stated
from newscrawl.extract.data.jsonld import text_of
from newscrawl.extract.fields.anchors import day_in_address, month_in_address
from newscrawl.extract.fields.candidate import Candidate, Choice
from newscrawl.extract.fields.datelines import Reader, Seen, denies
from newscrawl.extract.fields.nearby import FOREIGN, below_a_stop
from newscrawl.extract.page.lines import one_line
from newscrawl.model import Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, tzinfo

    from lxml.html import HtmlElement

    from newscrawl.extract.data.structured import Structured
    from newscrawl.extract.fields.nearby import Nearby
    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions

GUESS = "htmldate"
"""The origin of a day that only htmldate's search of the whole page found."""

# The most elements of a page that htmldate searches: it takes seconds if every line resembles a date.
MAX_SEARCHED = 6_000

MOST_OF_ONE = 20_000  # characters of one text that is searched for the day that was guessed

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "publishdate", "publish-date", "publish_date", "published_time", "publication_date", "pubdate",
    "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article_date_original", "dc.date.issued",
    "dcterms.issued", "dc.date", "date", "citation_publication_date", "article:post_date",
    "shareaholic:article_published_time", "rnews:datepublished", "article:published", "bt:pubdate", "last-published",
    "dcterms.date", "iso-8601-publish-date", "displaydate", "article-publication-date", "pub_date",
    "originalpublicationdate", "og:pubdate", "published-date", "mediator_published_time", "publishtime", "gentime",
)  # fmt: skip
_CREATED_METAS = ("dcterms.created", "dc.date.created", "dc.created")
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "article:modified", "dcterms.modified",
                   "og:article:modified_time", "lastmod", "revised", "article.updated", "dc.date.modified")  # fmt: skip


def instants(
    page: Page,
    data: Structured,
    near: Nearby,
    regions: Regions,
    zone_name: str,
    now: datetime,
    *,
    ruled: Sequence[str] = (),
    local: bool = False,
    announced: datetime | None = None,
) -> tuple[Choice[Moment], Choice[Moment]]:
    """(when the article was published, when it was last modified according to the publisher).

    `near` are the lines around the headline, `zone_name` the IANA zone of dates without an offset, `now` the
    aware instant of the fetch. `ruled` are the texts found by the source's own selector; with `local`, times near the
    headline are taken in the zone, whatever offset is written beside them. `announced` is what a feed or a sitemap
    said of the publication.
    """
    zone = zone_of(zone_name)
    doubted: list[Candidate[Moment]] = []

    def believed(found: Iterable[tuple[Moment | None, str]]) -> list[Candidate[Moment]]:
        every = [Candidate(m, origin, why_not_believed(m, now)) for m, origin in found if m]
        doubted.extend(c for c in every if c.note)
        return [c for c in every if not c.note]

    ruled_moments = [m for text in ruled if (m := read_stated(text, zone, now))]
    own = believed((_in_zone(zone, m) if local else m, "rules") for m in ruled_moments)
    stated = believed((read_stated(t, zone, now), o) for t, o in _published_texts(data))
    made = believed((read_stated(t, zone, now), o) for t, o in _created_texts(data))
    address = believed([(day_in_address(page.url, zone), "address")])
    lead = believed([(_announced(announced), "channel")] if announced is not None else [])
    sure = next((c.value.at for c in (*own, *stated, *address, *lead)), None)
    anchor = sure or month_in_address(page.url, zone)
    reader = Reader(page, regions, zone, now, anchor)
    seen = reader.near(near)
    known = {(s.moment.at, s.updated) for s in seen}
    seen += [s for s in (*reader.stamped(), *reader.labelled()) if (s.moment.at, s.updated) not in known]
    if local:
        seen = [replace(s, moment=_in_zone(zone, s.moment)) for s in seen]
    doubted += [Candidate(m, o, why_not_believed(m, now)) for m, o in reader.doubted]
    published = _published(page, regions, [*own, *stated], seen, address, lead, made, doubted, zone, now)
    return published, _modified(data, seen, zone, now)


def _in_zone(zone: tzinfo, moment: Moment) -> Moment:
    return replace(moment, at=moment.at.replace(tzinfo=zone), has_offset=False)


def _announced(at: datetime) -> Moment:
    """What a channel said, as a moment; midnight is a day of which no time was said."""
    if at.hour == at.minute == at.second == 0:
        return Moment(at, Precision.DAY)
    return Moment(at, Precision.SECOND if at.second else Precision.MINUTE)


def _published(
    page: Page,
    regions: Regions,
    stated: Sequence[Candidate[Moment]],
    seen: Sequence[Seen],
    address: Sequence[Candidate[Moment]],
    lead: Sequence[Candidate[Moment]],
    made: Sequence[Candidate[Moment]],
    doubted: Sequence[Candidate[Moment]],
    zone: tzinfo,
    now: datetime,
) -> Choice[Moment]:
    """The first candidate that nothing contradicts; if it has no time, the first one of the same day that has."""
    visible = _visible(seen, address, lead)
    found = [*stated, *visible, *lead, *address, *made, *doubted]
    usable = [c for c in found if not c.note]
    if not usable:
        changed = {s.moment.at.date() for s in seen if s.updated}
        guessed = [Candidate(m, GUESS) for m in _guess(page, regions, zone, now)]
        guessed = [c.refused("the day of a change") if c.value.at.date() in changed else c for c in guessed]
        taken = next((c for c in guessed if not c.note), None)
        why = "found by search of the whole page" if taken else _no_date(doubted)
        return Choice(taken, (*found, *guessed), why)
    best, why = _best(usable)
    if best.value.precision is Precision.DAY:
        for other in usable:
            same_day = other.value.at.astimezone(zone).date() == best.value.at.date() or (
                other.value.at.date() == best.value.at.date()
            )
            if other.value.precision is not Precision.DAY and same_day and other.origin != "created":
                why = f"same day as {best.origin}, with a time"
                return Choice(_in_own_offset(other, usable), tuple(found), why)
    if _is_midnight(best.value) and (
        timed := next((c for c in stated if _is_of_day(best.value, c.value)), None)
    ):
        why = f"the same day as {best.origin}, in which midnight stands for no time"
        return Choice(_in_own_offset(timed, usable), tuple(found), why)
    if best.value.leans:
        why = "its day is counted from the time of the fetch"
    return Choice(_in_own_offset(best, usable), tuple(found), why)


def _no_date(doubted: Sequence[Candidate[Moment]]) -> str:
    if not doubted:
        return "no believable date"
    first = doubted[0]
    return f"no believable date: {first.value.at:%Y-%m-%d} ({first.origin}) is {first.note}"


def _is_midnight(moment: Moment) -> bool:
    """Whether an instant is midnight to the second, which programs write where they know only the day."""
    at = moment.at
    return moment.precision is not Precision.DAY and not (at.hour or at.minute or at.second)


EAST, WEST = timedelta(hours=14), timedelta(hours=12)  # the farthest clocks ahead of UTC and behind it


def _is_of_day(midnight: Moment, timed: Moment) -> bool:
    """Whether an instant with a time lies, on some clock of the world, in the day that a midnight stands for."""
    if (
        timed.precision is Precision.DAY
        or _is_midnight(timed)
        or not (timed.has_offset and midnight.has_offset)
    ):
        return False
    start = midnight.at.replace(tzinfo=UTC)
    return start - EAST <= timed.at < start + timedelta(days=1) + WEST


def _visible(
    seen: Sequence[Seen], address: Sequence[Candidate[Moment]], lead: Sequence[Candidate[Moment]]
) -> list[Candidate[Moment]]:
    """The visible dates of publication: first those that the address or the channel bears out, last what leans on the fetch.

    A date that nothing calls the publication's must be the day of the address or of the channel, where there is one.
    """
    days = {c.value.at.date() for c in (*address, *lead)}
    origin = (address or lead)[0].origin if days else ""
    found: list[tuple[int, Candidate[Moment]]] = []
    for s in seen:
        if s.updated:
            continue
        candidate = Candidate(s.moment, s.origin)
        apart = min((abs((s.moment.at.date() - d).days) for d in days), default=0)
        if s.moment.leans and apart:
            candidate = candidate.refused(f"counted from the fetch, and the {origin} says another day")
        elif apart > (1 if s.origin == "time" else 0) and not s.published:
            candidate = candidate.refused(f"nothing says published, and the {origin} says another day")
        rank = 2 if s.moment.leans else 1 if apart else 0
        found.append((rank, candidate))
    return [c for _, c in sorted(found, key=lambda pair: pair[0])]


def _best(found: Sequence[Candidate[Moment]]) -> tuple[Candidate[Moment], str]:
    """The first candidate, unless two others of different origin agree on another day against it."""
    best = found[0]
    visible = [c for c in found if c.origin in ("time", "dateline") and not c.value.leans]
    stated = [c for c in found if c.origin not in (*_UNSTATED, best.origin)]
    for second in (*visible[:1], *(c for c in found if c.origin in ("address", "channel"))):
        if second.origin == best.origin or not _another_day(best, second):
            continue
        for other in stated:
            if other.value.at.date() == second.value.at.date() and other.origin != second.origin:
                return other, f"{other.origin} and the {second.origin} agree against {best.origin}"
    return best, "first in order of preference"


_UNSTATED = ("time", "dateline", "address", "channel", "created")


def _another_day(a: Candidate[Moment], b: Candidate[Moment]) -> bool:
    """Whether they name different days. An offset may move an instant to the next day, but not a bare day."""
    bare = a.value.precision is Precision.DAY and b.value.precision is Precision.DAY
    return abs((a.value.at.date() - b.value.at.date()).days) > (0 if bare else 1)


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
    for value, _ in data.values("datePublished"):
        yield text_of(value), "json-ld"
    for name, value in data.meta(*_PUBLISHED_METAS):
        yield value, name
    for value in data.microdata.get("datepublished", ()):
        yield value, "microdata"


def _created_texts(data: Structured) -> Iterator[tuple[str, str]]:
    """When a record was made, which may be long before it was published."""
    for value, _ in data.values("dateCreated"):
        yield text_of(value), "created"
    for _, value in data.meta(*_CREATED_METAS):
        yield value, "created"
    for value in data.microdata.get("datecreated", ()):
        yield value, "created"


class _WrittenDates:
    """Reads dates for htmldate in the place of dateparser, whose first call takes seconds to load all languages.

    Nothing is lost by it: a day counts only if `dates_in` finds it in the page.
    """

    def get_date_data(self, text: str) -> dict[str, datetime | None]:
        """The first date in a line, as dateparser returns it: naive."""
        return {"date_obj": next((day.at.replace(tzinfo=None) for day in dates_in(text, UTC)), None)}


def _texts(page: Page) -> Iterator[tuple[HtmlElement, str]]:
    """The texts of a page, each with the element it stands in."""
    for element in page.tree.iter():
        if element.text:
            yield element, element.text
        parent = element.getparent()
        if element.tail and parent is not None:
            yield parent, element.tail


def _guess(page: Page, regions: Regions, zone: tzinfo, now: datetime) -> Iterator[Moment]:
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
    holders = [
        e
        for e, text in _texts(page)
        if guess[:4] in text
        and any(m.at.date() == moment.at.date() for m in dates_in(text[:MOST_OF_ONE], zone))
    ]
    if holders and all(
        regions.of(e) in FOREIGN or below_a_stop(e) or denies(e, regions) or regions.is_told(e)
        for e in holders
    ):
        return  # only teasers of other articles, comments, or sentences of the text have that day
    if moment.at.date() in written:
        yield moment
