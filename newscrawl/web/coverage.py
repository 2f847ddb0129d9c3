"""The pages of sources, and of times in which articles may have been missed, with the days' numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import CoverageRecord, DayRecord, Gap
from newscrawl.serialization import records
from newscrawl.web.archive import WebArchive
from newscrawl.web.filters import Asked, asked
from newscrawl.web.health import Cached
from newscrawl.web.responses import json_response, page_response, wants_json

FRESH = 60.0  # seconds: all reads of all lists are laid side by side for it
DAYS = 31
GAPS = 200  # shown on the page; JSON has all


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of all editions: gaps, latest first, numbers of addresses, and the days' numbers."""

    gaps: tuple[Gap, ...]
    editions: tuple[CoverageRecord, ...]
    days: tuple[DayRecord, ...]

    def of(self, source: str | None, edition: str | None) -> Coverage:
        """The part of one source or edition."""
        return Coverage(
            tuple(one for one in self.gaps if _is_of(one, source, edition)),
            tuple(one for one in self.editions if _is_of(one, source, edition)),
            tuple(one for one in self.days if _is_of(one, source, edition)),
        )


def routes(archive: WebArchive) -> list[Route]:
    """The routes of these pages over an archive."""

    def read() -> Coverage:
        reader, now = archive.reader(), archive.clock()
        return Coverage(
            tuple(gaps(reader.listing_facts())),
            tuple(reader.coverage()),
            tuple(reader.days({}, since=now - timedelta(days=DAYS))),
        )

    kept = Cached(read, FRESH)
    kept_sources = Cached(lambda: archive.reader().sources(), FRESH)  # every article is counted for it

    def coverage(request: Request) -> Response:
        given, whole = asked(request), kept()
        names = sorted({one.source for one in whole.editions})
        found = whole.of(given.choice("source", names), _edition(given, whole.editions))
        if wants_json(request):
            return json_response(
                {
                    "coverage": [*map(records.gap, found.gaps), *map(records.named, found.editions)],
                    "days": [*map(records.day, found.days)],
                }
            )
        return page_response(
            request,
            "coverage.html",
            gaps=found.gaps[:GAPS],
            more=max(len(found.gaps) - GAPS, 0),
            editions=found.editions,
            days=[(name, list(days)) for name, days in groupby(found.days, _name)],
            asked=given,
            names=names,
            edition_names=sorted({one.edition for one in whole.editions}),
        )

    def sources(request: Request) -> Response:
        found = kept_sources()
        if wants_json(request):
            return json_response({"sources": [*map(records.source, found)]})
        return page_response(request, "sources.html", sources=found)

    return [Route("/coverage", coverage), Route("/sources", sources)]


def _edition(given: Asked, editions: Sequence[CoverageRecord]) -> str | None:
    return given.choice("edition", sorted({one.edition for one in editions}))


def _is_of(one: Gap | CoverageRecord | DayRecord, source: str | None, edition: str | None) -> bool:
    return source in (None, one.source) and edition in (None, one.edition)


def _name(one: DayRecord) -> str:
    return f"{one.source}/{one.edition}"
