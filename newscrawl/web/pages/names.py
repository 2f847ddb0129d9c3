"""The pages of authors and tags: who wrote and about what lately, and the articles of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.model import ArticleRecord, fields
from newscrawl.serialization import records
from newscrawl.web.answers import schemas
from newscrawl.web.answers.filters import Asked, asked
from newscrawl.web.answers.responses import json_response, page_response, wants_json
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive

LATEST = 2000  # articles that are looked at: their versions are read for it, and no page may take long
NAMES = 300  # of them shown, the most frequent
PAGE = 30
_PAGES = LATEST // PAGE + 1
_FILTERS = ("source", "edition", "since", "until")


@dataclass(frozen=True, slots=True)
class Name:
    """An author or a tag, how many articles have it, and the address of its page."""

    name: str
    number: int
    path: str


def pages(archive: WebArchive) -> list[Page]:
    """These pages over an archive."""

    def counted(
        count: Callable[[Asked], tuple[int, Counter[str]]], heading: str, key: str
    ) -> Callable[[Request], Response]:
        def page(request: Request) -> Response:
            given = asked(request)
            looked, numbers = count(given)
            most = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))[:NAMES]
            kept = {name: given.values[name] for name in _FILTERS if name in given.values}
            found = [Name(name, number, _path(key, name, kept)) for name, number in most]
            if wants_json(request):
                return json_response(
                    {
                        key: [{"name": one.name, "articles": one.number, "page": one.path} for one in found],
                        "looked": looked,
                    }
                )
            return page_response(
                request,
                "people.html",
                known=archive.reader().editions_by_source(),
                names=found,
                looked=looked,
                heading=heading,
                asked=given,
            )

        return page

    def author(request: Request) -> Response:
        given = asked(request)
        name, before = given.values["name"][:1000], given.number("before")
        found = archive.reader().by_author(name, limit=PAGE + 1, before=before, **given.conditions)
        shown = found[:PAGE]
        following = given.link(before=str(shown[-1].id)) if len(found) > PAGE else None
        return _articles(request, given, "Authors", "/authors", name, shown, following)

    def tag(request: Request) -> Response:
        given = asked(request)
        name, number = given.values["name"][:1000], given.page(_PAGES)
        looked, of_all, found = archive.reader().tagged(
            name, LATEST, limit=PAGE, offset=(number - 1) * PAGE, **given.conditions
        )
        following = given.link(page=str(number + 1)) if of_all > number * PAGE else None
        return _articles(request, given, "Tags", "/tags", name, found, following, looked=looked)

    def _articles(
        request: Request,
        given: Asked,
        heading: str,
        back: str,
        name: str,
        found: Sequence[ArticleRecord],
        following: str | None,
        looked: int = 0,
    ) -> Response:
        if wants_json(request):
            return json_response({"articles": [*map(records.archived, found)], "next": following})
        return page_response(
            request,
            "of_one.html",
            asked=given,
            heading=heading,
            back=back,
            name=name,
            articles=found,
            following=following,
            looked=looked,
        )

    of_one = schemas.answer(articles=schemas.many(schemas.record(fields.ARTICLES)), next=schemas.NEXT)
    one = {"name": {"type": "string"}, "articles": {"type": "integer"}, "page": {"type": "string"}}
    names = schemas.many(schemas.answer(**one))
    authors = counted(
        lambda given: archive.reader().authors(LATEST, **given.conditions), "Authors", "authors"
    )
    tags = counted(lambda given: archive.reader().tags(LATEST, **given.conditions), "Tags", "tags")
    looked = {"type": "integer"}
    return [
        Page(
            "/authors",
            authors,
            "Who wrote most in the latest articles.",
            _FILTERS,
            schemas.answer(authors=names, looked=looked),
        ),
        Page(
            "/authors/of",
            author,
            "The articles that name an author.",
            ("name", *_FILTERS, "before"),
            of_one,
            required=("name",),
        ),
        Page(
            "/tags",
            tags,
            "The tags of the latest articles.",
            _FILTERS,
            schemas.answer(tags=names, looked=looked),
        ),
        Page(
            "/tags/of",
            tag,
            "The latest articles that have a tag.",
            ("name", *_FILTERS, "page"),
            of_one,
            required=("name",),
        ),
    ]


def _path(key: str, name: str, kept: dict[str, str]) -> str:
    return f"/{key}/of?{urlencode({'name': name, **kept}, errors='replace')}"
