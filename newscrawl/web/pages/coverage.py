"""The pages of sources, and of coverage: a calendar of articles a day, and the times in which some may have been missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import Gap, fields
from newscrawl.serialization import records
from newscrawl.web.answers import schemas
from newscrawl.web.answers.filters import asked
from newscrawl.web.answers.responses import json_response, page_response, wants_json
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.pages.health import Cached
from newscrawl.web.pictures.calendar import WEEKDAYS, Calendar, marked, weeks

FRESH = 60.0  # seconds: what is counted over a whole archive is counted no more often
PATIENCE = 10  # so many times as old it may be shown while it is counted anew
DAYS = 91  # of the calendar and of the gaps on the page
JSON_DAYS = 31  # of the numbers by day in JSON
GAPS = 200  # shown on the page; JSON has all


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the page shows: calendars by edition, and gaps, latest first."""

    calendars: tuple[Calendar, ...]
    gaps: tuple[Gap, ...]


def pages(archive: WebArchive) -> list[Page]:
    """These pages over an archive."""
    kept = Cached(lambda: recent(archive), FRESH, patience=PATIENCE)
    kept_sources = Cached(
        lambda: archive.reader().sources(), FRESH, patience=PATIENCE
    )  # every article is counted for it
    kept_whole = Cached(lambda: _whole(archive), FRESH)

    def coverage(request: Request) -> Response:
        given, found = asked(request), kept()
        names = sorted({one.source for one in found.calendars})
        edition_names = sorted({one.edition for one in found.calendars})
        chosen = (given.choice("source", names), given.choice("edition", edition_names))
        if wants_json(request):
            whole = kept_whole()
            return json_response(
                {
                    key: [one for one in whole[key] if _is_of(one["source"], one["edition"], *chosen)]
                    for key in ("coverage", "days")
                }
            )
        mine = [one for one in found.gaps if _is_of(one.source, one.edition, *chosen)]
        return page_response(
            request,
            "coverage.html",
            calendars=[one for one in found.calendars if _is_of(one.source, one.edition, *chosen)],
            gaps=mine[:GAPS],
            more=max(len(mine) - GAPS, 0),
            asked=given,
            names=names,
            edition_names=edition_names,
            days_back=DAYS,
            weekdays=WEEKDAYS,
        )

    def sources(request: Request) -> Response:
        found = kept_sources()
        if wants_json(request):
            return json_response({"sources": [*map(records.source, found)]})
        return page_response(request, "sources.html", sources=found)

    return [
        Page(
            "/coverage",
            coverage,
            "Articles a day, open gaps, and in JSON what became of every address that was named.",
            ("source", "edition"),
            schemas.answer(
                coverage=schemas.many(schemas.ANYTHING), days=schemas.many(schemas.record(fields.DAYS))
            ),
        ),
        Page(
            "/sources",
            sources,
            "The editions of the archive and the last crawl of each source.",
            json=schemas.answer(sources=schemas.many(schemas.ANYTHING)),
        ),
    ]


def recent(archive: WebArchive) -> Coverage:
    """The last weeks. Bounded by time, so that it takes no longer in an archive of many years."""
    reader, now = archive.reader(), archive.clock()
    since = now - timedelta(days=DAYS)
    first, last = since.astimezone(UTC).date(), now.astimezone(UTC).date()
    found = gaps(reader.listing_facts(since=since), since=since, closed=True)
    redesigns = list(reader.events(visibility=False, since=since))
    calendars = []
    for one in reader.calendar(since):
        mine = [gap for gap in found if _is_of(gap.source, gap.edition, one.source, one.edition)]
        changed = [event.at for event in redesigns if event.source == one.source]
        marks = marked(mine, changed, first, last)
        begun = min(
            [*one.days, *marks], default=last
        )  # nothing is said of days before the archive knows of any
        calendars.append(
            Calendar(
                source=one.source,
                edition=one.edition,
                weeks=weeks(one.days, max(first, begun), last, marks),
                articles=sum(one.days.values()),
                most=max(one.days.values(), default=0),
                waiting=one.waiting,
                settled=one.settled,
            )
        )
    return Coverage(tuple(calendars), tuple(gap for gap in found if gap.open))


def _whole(archive: WebArchive) -> dict[str, list[dict[str, object]]]:
    """What `newscrawl coverage --json` prints, and the days of the last month."""
    reader, now = archive.reader(), archive.clock()
    lines = [*map(records.gap, gaps(reader.listing_facts())), *map(records.named, reader.coverage())]
    days = reader.days({}, since=now - timedelta(days=JSON_DAYS))
    return {"coverage": lines, "days": [*map(records.day, days)]}


def _is_of(source: object, edition: object, of_source: object | None, of_edition: object | None) -> bool:
    return of_source in (None, source) and of_edition in (None, edition)
