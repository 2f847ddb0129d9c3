"""The reader's web application: routes, refused requests, error pages."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import anyio.to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newscrawl.errors import NewscrawlError, NotFound, UsageError
from newscrawl.model.health import Health
from newscrawl.web import (
    articles,
    changes,
    coverage,
    differences,
    feeds,
    health as health_pages,
    removed,
    search,
)
from newscrawl.web.archive import WebArchive
from newscrawl.web.responses import STYLE, error_response, text_response

THREADS = 8  # pages rendered at the same time; further requests wait
METHODS = ("GET", "HEAD")
# Scrapers come every 15 to 60 seconds, several at a time, and examining health takes as long as a page of a large archive.
FRESH = 10.0

# Pages load their own style sheet and nothing else: no script runs, whatever a page quotes.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

# The pages about the archive, by subject.
_SUBJECTS: tuple[Callable[[WebArchive], list[Route]], ...] = (
    articles.routes,
    differences.routes,
    changes.routes,
    removed.routes,
    search.routes,
    coverage.routes,
    feeds.routes,
)

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:/@\[\]]+))(?::\d{1,5})?")


def application(health: Callable[[], Health], archive: WebArchive, names: Collection[str] = ()) -> Starlette:
    """The application over an archive.

    `health` examines the archive; it is called at most once in ten seconds, in a thread. `names` are the host names
    under which the pages may be requested, beside IP addresses and localhost. A subject adds its routes to `_SUBJECTS`
    and its link to `responses.NAVIGATION`.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        archive.close()

    return Starlette(
        routes=[
            *(route for subject in _SUBJECTS for route in subject(archive)),
            Route("/style.css", _style),
            *health_pages.routes(health_pages.Cached(health, FRESH)),
        ],
        middleware=[Middleware(Guard, names=names)],
        exception_handlers={
            HTTPException: _http_error,
            NotFound: _not_found,
            UsageError: _wrongly_asked,
            NewscrawlError: _unreadable,
            Exception: _unexpected,
        },
        lifespan=lifespan,
    )


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


# --- refused requests ---------------------------------------------------------------------------


class Guard:
    """Middleware that refuses other methods, hosts and unreadable addresses, and adds the security headers."""

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or passes it on with its path decoded and without a slash at the end."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app: ASGIApp | None = refusal(scope["method"], Headers(scope=scope).get("host"), self.names)
        if app is None:
            try:
                scope = {**scope, "path": _path(scope["raw_path"].decode("ascii"))}
                parse_qsl(scope["query_string"].decode("ascii"), max_num_fields=50)
                app = self.app
            except ValueError:
                app = text_response("This address cannot be read.", HTTPStatus.BAD_REQUEST)
        await app(scope, receive, send_guarded)


def refusal(method: str, host: str | None, names: Collection[str]) -> Response | None:
    """The response to a request that is not answered because of its method or Host header, else None."""
    if method not in METHODS:
        return text_response(
            "Only GET and HEAD are answered.", HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(METHODS)}
        )
    if not is_ours(host, names):
        # A page on the web can let its own name lead to this machine (DNS rebinding) and read the response.
        return text_response("This host name is not served here.", HTTPStatus.MISDIRECTED_REQUEST)
    return None


def is_ours(host: str | None, names: Collection[str]) -> bool:
    """Whether a Host header names this server: an IP address, localhost, or one of its names."""
    if host is None:  # HTTP/1.0 has none; browsers always send one
        return True
    parts = _HOST.fullmatch(host)
    if parts is None:
        return False
    name = (parts["address"] or parts["name"]).lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.rstrip(".") in {"localhost", *(known.lower() for known in names)}
    return True


def _path(target: str) -> str:
    """The decoded path of a request target, which may be a whole address. Raises ValueError if it is malformed."""
    path = target if target.startswith("/") else urlsplit(target).path
    return unquote(path).rstrip("/") or "/"
