"""The reader's web application: the table of pages, and what is answered when something is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.errors import NewscrawlError, NotFound, UsageError
from newscrawl.model.health import Health
from newscrawl.web import memento, openapi
from newscrawl.web.answers.responses import STYLE, error_response, text_response
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.guard import HEADERS, Guard
from newscrawl.web.pages import (
    articles,
    captures,
    changes,
    coverage,
    differences,
    health as health_pages,
    names,
    removed,
    search,
)

THREADS = 8  # pages rendered at the same time; further requests wait
# Scrapers come every 15 to 60 seconds, several at a time, and examining health takes as long as a page of a large archive.
FRESH = 10.0

# The pages about the archive, by subject.
_SUBJECTS: tuple[Callable[[WebArchive], list[Page]], ...] = (
    articles.pages,
    captures.pages,
    differences.pages,
    changes.pages,
    removed.pages,
    search.pages,
    names.pages,
    coverage.pages,
    memento.pages,
)


def pages(health: Callable[[], Health], archive: WebArchive) -> list[Page]:
    """The table of all pages over an archive."""
    of_archive = [page for subject in _SUBJECTS for page in subject(archive)]
    return [*of_archive, *health_pages.pages(health_pages.Cached(health, FRESH), archive)]


def application(
    health: Callable[[], Health],
    archive: WebArchive,
    names: Collection[str] = (),
    token: str | None = None,
) -> Starlette:
    """The application over an archive.

    `health` examines the archive; it is called at most once in ten seconds, in a thread. `names` are the host names
    under which the pages may be requested, beside IP addresses and localhost; `token` is what every request must
    bring (None: nothing). A subject adds its pages to `_SUBJECTS` and its link to `responses.NAVIGATION`.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        archive.close()

    table = pages(health, archive)
    made = Starlette(
        routes=[
            *(page.route() for page in [*table, *openapi.pages(table)]),
            Route("/style.css", _style),
        ],
        middleware=[Middleware(Guard, names=names, token=token)],
        exception_handlers={
            HTTPException: _http_error,
            NotFound: _not_found,
            UsageError: _wrongly_asked,
            NewscrawlError: _unreadable,
            Exception: _unexpected,
        },
        lifespan=lifespan,
    )
    made.state.clock = archive.clock  # dates in filters count from the program's now
    return made


async def _style(_: Request) -> Response:
    return Response(STYLE, media_type="text/css")


# --- errors -------------------------------------------------------------------------------------


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = "There is no such page." if error.status_code == HTTPStatus.NOT_FOUND else error.detail
    return error_response(request, error.status_code, HTTPStatus(error.status_code).phrase, detail)


def _not_found(request: Request, error: Exception) -> Response:
    return error_response(request, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase, str(error))


def _wrongly_asked(request: Request, error: Exception) -> Response:
    return error_response(request, HTTPStatus.BAD_REQUEST, HTTPStatus.BAD_REQUEST.phrase, str(error))


def _unreadable(request: Request, error: Exception) -> Response:
    return error_response(request, HTTPStatus.SERVICE_UNAVAILABLE, "The archive cannot be read", str(error))


async def _unexpected(_request: Request, _error: Exception) -> Response:
    # Plain text, because a template may be what failed. Made outside of the guard, so it brings the headers itself.
    return text_response(
        "An unexpected error; the log of the server says more.",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HEADERS,
    )
