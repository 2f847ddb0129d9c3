"""The pages of articles: the latest of all sources, one article with all that is known of it, one of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.errors import NotFound
from newscrawl.judge.diff.excerpt import Excerpt, most_telling
from newscrawl.judge.history.timeline import Event, timeline
from newscrawl.messages import Words
from newscrawl.model import Absence, ArticleRecord, State, VersionRecord, fields
from newscrawl.serialization import records
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.selects import Conditions
from newscrawl.text import paragraphs
from newscrawl.timeline_wording import lines
from newscrawl.web.answers import schemas
from newscrawl.web.answers.filters import Asked, asked, placed
from newscrawl.web.answers.language import words_for
from newscrawl.web.answers.responses import form, json_response, page_response, wants_json
from newscrawl.web.answers.routes import ATOM, Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.feeds import entries
from newscrawl.web.feeds.atom import ENTRIES, feed_response
from newscrawl.web.memento import version_headers
from newscrawl.wording import course, facts, status

PAGE = 30
EVENTS = 200  # of a timeline, the latest; positions in lists likewise
ABSENCES = 5  # times that an article was gone, the latest
FILTERS = ("source", "edition", "state", "since", "until", "before")
# What an article says of itself beside its text; pictures are shown as links.
_FACTS = tuple(
    field for field in (*fields.DATES, *fields.DETAILS, *fields.TRUNCATION) if field.name != "images"
)
_SHOWN = schemas.record(fields.ARTICLES, siblings=schemas.many(schemas.ANYTHING))


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a timeline in words, with the most telling piece of an edit."""

    event: Event
    lines: tuple[str, ...]
    excerpt: Excerpt | None


def pages(archive: WebArchive) -> list[Page]:
    """These pages over an archive."""

    def latest(request: Request) -> Response:
        if form(request) == "atom":
            return feed(request)
        given = asked(request)
        found, more = latest_articles(archive.reader(), given, PAGE)
        following = given.link(before=_place(found[-1])) if more else None
        if wants_json(request):
            return json_response({"articles": [*map(records.archived, found)], "next": following})
        return page_response(
            request,
            "latest.html",
            known=archive.reader().editions_by_source(),
            articles=found,
            asked=given,
            following=following,
            states=[*(one.value for one in State), "unreadable"],
        )

    def feed(request: Request) -> Response:
        found, _ = latest_articles(archive.reader(), asked(request).from_the_start(), ENTRIES)
        say = words_for(request)
        made = (entries.article(one, say) for one in found)
        return feed_response(request, archive.address(request), "articles", "Latest news", made)

    def article(request: Request) -> Response:
        reader, number = archive.reader(), request.path_params["id"]
        if wants_json(request):
            record = reader.article(number)
            return json_response(records.shown(record, reader.siblings(record)))
        life, say = reader.life(number), words_for(request)
        events = timeline(life)
        absences = reader.removals(states=tuple(Absence), among=[number], limit=ABSENCES)
        found_absent = [one for one in life.observations if one.version is None]
        return _page(
            request,
            reader,
            life.article,
            life.versions,
            life=life,
            events=list(_told(events[-EVENTS:], life.article.article.title, say)),
            left_out=max(len(events) - EVENTS, 0),
            sightings=life.sightings[-EVENTS:],
            absences=[(one, course(one, say)) for one in absences],
            presence=status(life.article, found_absent, say),
        )

    def version(request: Request) -> Response:
        reader, number = archive.reader(), request.path_params["id"]
        record = reader.article(number, request.path_params["version"])
        versions = reader.versions_of(number)
        if wants_json(request):
            response = json_response(records.shown(record, reader.siblings(record)))
        else:
            response = _page(request, reader, record, versions, life=None)
        response.headers.update(version_headers(record, versions, archive.address(request)))
        return response

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
            facts=list(facts(_FACTS, record.article, words_for(request))),
            siblings=reader.siblings(record),
            sha256=archive.sha256(shown.capture),
            address=f"{archive.address(request)}/articles/{record.id}/versions/{record.version}",
            **context,
        )

    return [
        Page(
            "/",
            latest,
            "The latest articles of all sources.",
            FILTERS,
            schemas.answer(articles=schemas.many(schemas.record(fields.ARTICLES)), next=schemas.NEXT),
            atom=True,
        ),
        Page("/feeds/articles.atom", feed, "The latest articles as a feed.", FILTERS[:-1], media=(ATOM,)),
        Page(
            "/articles/{id:int}",
            article,
            "One article as it is now, with all that is known of it.",
            json=_SHOWN,
            statuses=(404,),
        ),
        Page(
            "/articles/{id:int}/versions/{version:int}",
            version,
            "What an article said from one moment on: the address to cite.",
            json=_SHOWN,
            statuses=(404,),
        ),
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


def _told(events: Sequence[Event], title: str | None, say: Words) -> Iterator[Told]:
    for event in events:
        yield Told(event, tuple(lines(event, title, say)), most_telling(event.diffs))
