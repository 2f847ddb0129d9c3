"""The pages of articles: the latest of all sources, one article with all that is known of it, one of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.errors import NotFound
from newscrawl.judge.diff.excerpt import Excerpt, most_telling
from newscrawl.judge.history.timeline import Event, timeline
from newscrawl.model import Absence, ArticleRecord, State, VersionRecord, fields
from newscrawl.serialization import records
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.selects import Conditions
from newscrawl.text import paragraphs
from newscrawl.timeline_wording import lines
from newscrawl.web.archive import WebArchive
from newscrawl.web.filters import Asked, asked, placed
from newscrawl.web.responses import json_response, page_response, wants_json
from newscrawl.wording import course, facts, status

PAGE = 30
EVENTS = 200  # of a timeline, the latest; positions in lists likewise
ABSENCES = 5  # times that an article was gone, the latest
# What an article says of itself beside its text; pictures are shown as links.
_FACTS = tuple(
    field for field in (*fields.DATES, *fields.DETAILS, *fields.TRUNCATION) if field.name != "images"
)


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a timeline in words, with the most telling piece of an edit."""

    event: Event
    lines: tuple[str, ...]
    excerpt: Excerpt | None


def routes(archive: WebArchive) -> list[Route]:
    """The routes of these pages over an archive."""

    def latest(request: Request) -> Response:
        given = asked(request)
        found, more = latest_articles(archive.reader(), given, PAGE)
        following = given.link(before=_place(found[-1])) if more else None
        if wants_json(request):
            return json_response({"articles": [*map(records.archived, found)], "next": following})
        return page_response(
            request,
            "latest.html",
            articles=found,
            asked=given,
            following=following,
            states=[*State, "unreadable"],
        )

    def article(request: Request) -> Response:
        reader, number = archive.reader(), request.path_params["id"]
        if wants_json(request):
            record = reader.article(number)
            return json_response(records.shown(record, reader.siblings(record)))
        life = reader.life(number)
        events = timeline(life)
        absences = reader.removals(states=tuple(Absence), among=[number], limit=ABSENCES)
        found_absent = [one for one in life.observations if one.version is None]
        return _page(
            request,
            reader,
            life.article,
            life.versions,
            life=life,
            events=list(_told(events[-EVENTS:], life.article.article.title)),
            left_out=max(len(events) - EVENTS, 0),
            sightings=life.sightings[-EVENTS:],
            absences=[(one, course(one)) for one in absences],
            presence=status(life.article, found_absent),
        )

    def version(request: Request) -> Response:
        reader, number = archive.reader(), request.path_params["id"]
        record = reader.article(number, request.path_params["version"])
        if wants_json(request):
            return json_response(records.shown(record, reader.siblings(record)))
        return _page(request, reader, record, reader.versions_of(number), life=None)

    def _page(
        request: Request,
        reader: Reader,
        record: ArticleRecord,
        versions: Sequence[VersionRecord],
        **context: Any,
    ) -> Response:
        shown = next((one for one in versions if one.number == record.version), None)
        if shown is None:
            raise NotFound(f"has no version {record.version}", subject=f"article {record.id}")
        return page_response(
            request,
            "article.html",
            record=record,
            article=record.article,
            shown=shown,
            versions=versions,
            paragraphs=paragraphs(record.article.body),
            facts=list(facts(_FACTS, record.article)),
            siblings=reader.siblings(record),
            address=f"{archive.address(request)}/articles/{record.id}/versions/{record.version}",
            **context,
        )

    return [
        Route("/", latest),
        Route("/articles/{id:int}", article),
        Route("/articles/{id:int}/versions/{version:int}", version),
    ]


def latest_articles(reader: Reader, given: Asked, number: int) -> tuple[list[ArticleRecord], bool]:
    """The next articles that are asked for, newest first, and whether there are more. Raises UsageError."""
    state = given.choice("state", [*(one.value for one in State), "unreadable"])
    conditions: Conditions = given.conditions
    found = reader.articles(
        state=State(state) if state not in (None, "unreadable") else None,
        unreadable=state == "unreadable",
        before=given.place(),
        limit=number + 1,
        **conditions,
    )
    taken = list(islice(found, number + 1))
    return taken[:number], len(taken) > number


def _place(record: ArticleRecord) -> str:
    return placed(record.article.published or record.first_seen, record.id)


def _told(events: Sequence[Event], title: str | None) -> Iterator[Told]:
    for event in events:
        yield Told(event, tuple(lines(event, title)), most_telling(event.diffs))
