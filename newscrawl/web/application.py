"""All pages of the reader's web server, by path. A new subject adds its module's pages here; this one only puts them together."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from http import HTTPStatus

from newscrawl.errors import NewscrawlError
from newscrawl.model.health import Health
from newscrawl.web import health_page
from newscrawl.web.caching import Cached
from newscrawl.web.markup import STYLE, page, text
from newscrawl.web.routing import CSS, Page, Request, Response, Router

# Scrapers come every 15 to 60 seconds, several at a time; judging takes about as long as a page of a large archive.
FRESH = 10.0


def application(health: Callable[[], Health], names: Collection[str] = ()) -> Router:
    """The router over an archive whose health `health` judges; `names` are host names it may be asked under."""
    found: dict[str, Page] = {"/": _start, "/style.css": _style} | health_page.pages(Cached(health, FRESH))
    return Router({path: _guarded(answer) for path, answer in found.items()}, names)


def _guarded(answer: Page) -> Page:
    """A page that says in one line why the archive cannot be read."""

    @functools.wraps(answer)
    def guarded(request: Request) -> Response:
        try:
            return answer(request)
        except NewscrawlError as error:
            if request.wants_json or request.path == "/metrics":
                return Response.text(f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE)
            said = page("The archive cannot be read", f"<p>{text(error)}</p>")
            return Response.text(said, HTTPStatus.SERVICE_UNAVAILABLE, "text/html; charset=utf-8")

    return guarded


def _start(_: Request) -> Response:
    links = (
        ("/health", "Health", "is every source all right?"),
        ("/metrics", "Metrics", "the same for Prometheus"),
    )
    listed = "".join(f'<li><a href="{path}">{name}</a>: {words}</li>' for path, name, words in links)
    return Response.text(page("The archive", f"<ul>{listed}</ul>"), type="text/html; charset=utf-8")


def _style(_: Request) -> Response:
    return Response.text(STYLE, type=CSS)
