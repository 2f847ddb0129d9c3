"""The table of pages: each with its path, what it does, which parameters it takes and what it answers.

Routes are made from it and the OpenAPI document is written from it, so that neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.errors import UsageError
from newscrawl.messages import LANGUAGES

HTML, JSON, ATOM, TEXT = "text/html", "application/json", "application/atom+xml", "text/plain"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query: what it means, and the JSON schema of its value."""

    name: str
    summary: str
    schema: Schema


_DAY = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?$"
_NAME: Schema = {"type": "string", "maxLength": 200}
PARAMETERS: Mapping[str, Parameter] = {
    one.name: one
    for one in (
        Parameter("source", "A source of the archive.", _NAME),
        Parameter("edition", "An edition of it.", _NAME),
        Parameter("since", "A day in UTC or an instant, inclusive.", {"type": "string", "pattern": _DAY}),
        Parameter(
            "until", "A day in UTC, inclusive, or an instant, exclusive.", {"type": "string", "pattern": _DAY}
        ),
        Parameter("before", "Where the list goes on, from `next` of the page before.", _NAME),
        Parameter("state", "The state of an article or of an absence.", _NAME),
        Parameter("kind", "A kind of edit.", _NAME),
        Parameter("q", "The query of a search.", {"type": "string", "maxLength": 1000}),
        Parameter("order", "The order of search results.", {"enum": ["relevance", "date"]}),
        Parameter("page", "The number of a page.", {"type": "integer", "minimum": 1, "maximum": 100}),
        Parameter("view", "How versions are laid out.", {"enum": ["inline", "side"]}),
        Parameter(
            "name", "A name, as the archive has it.", {"type": "string", "minLength": 1, "maxLength": 200}
        ),
        Parameter("lang", "The language of the page.", {"enum": list(LANGUAGES)}),
        Parameter("format", "The form of the answer.", {"enum": ["html", "json", "atom"]}),
    )
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `json` is the schema of its JSON (None: it has none), `atom` whether it is a feed too.

    `media` is what it answers beside them; `statuses` are the answers other than 200, 400 and 503 that it may give.
    `required` are parameters that it cannot do without.
    """

    path: str
    answer: Callable[[Request], Response]
    summary: str
    parameters: tuple[str, ...] = ()
    json: Schema | None = None
    atom: bool = False
    media: tuple[str, ...] = (HTML,)
    statuses: tuple[int, ...] = ()
    required: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    listed: bool = field(default=True)

    @property
    def forms(self) -> tuple[str, ...]:
        """The values that `format` may have; none where the page has one form alone."""
        if self.media != (HTML,):
            return ()
        return ("html", *(("json",) if self.json is not None else ()), *(("atom",) if self.atom else ()))

    @property
    def takes(self) -> tuple[str, ...]:
        """All its parameters: pages for people also have a language and a form."""
        own: dict[tuple[str, ...], tuple[str, ...]] = {(HTML,): ("lang", "format"), (ATOM,): ("lang",)}
        return (*self.parameters, *own.get(self.media, ()))

    def route(self) -> Route:
        """The route: what every page has in common is checked here, once."""

        def respond(request: Request) -> Response:
            if "lang" in self.takes:
                _one_of(request, "lang", tuple(LANGUAGES))
            if "format" in self.takes:
                _one_of(request, "format", self.forms)
            for name in self.required:
                if not request.query_params.get(name):
                    raise UsageError("is missing", subject=name)
            return self.answer(request)

        return Route(self.path, respond)


def _one_of(request: Request, name: str, known: tuple[str, ...]) -> None:
    text = request.query_params.get(name)
    if text and text not in known:
        raise UsageError(f"{text[:40]!r} is not known", subject=name, hint=f"One of: {', '.join(known)}")
