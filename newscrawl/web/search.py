"""The page of search: words in all versions, overwritten and removed texts included."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.errors import SchemaError, StoreError, UsageError
from newscrawl.search.searching import WINDOW, Order, search
from newscrawl.serialization import records
from newscrawl.web.archive import WebArchive
from newscrawl.web.filters import asked
from newscrawl.web.responses import error_response, json_response, page_response, wants_json

PAGE = 20
_LONGEST = 1000  # characters of a query


def routes(archive: WebArchive) -> list[Route]:
    """The route of this page over an archive."""

    def page(request: Request) -> Response:
        given, as_json = asked(request), wants_json(request)
        query = given.values.get("q", "").strip()
        order = Order(given.choice("order", tuple(Order)) or Order.RELEVANCE)
        number = given.page(WINDOW // PAGE)
        found, wrong, status = None, None, HTTPStatus.OK
        if len(query) > _LONGEST:
            raise UsageError("is too long", subject="the query", hint=f"At most {_LONGEST} characters")
        try:
            with archive.search() as store:
                if query:
                    found = search(
                        store,
                        query,
                        now=archive.clock(),
                        limit=PAGE,
                        offset=(number - 1) * PAGE,
                        order=order,
                    )
                waiting = store.state().waiting if found is None else found.state.waiting
        except UsageError as error:
            wrong, status, waiting = str(error), HTTPStatus.BAD_REQUEST, 0
        except SchemaError:
            raise
        except StoreError as error:
            wrong, status, waiting = str(error), HTTPStatus.SERVICE_UNAVAILABLE, 0
        more = found is not None and found.more and number < WINDOW // PAGE
        following = given.link(page=str(number + 1)) if more else None
        if as_json and wrong is not None:
            return error_response(request, status, status.phrase, wrong)
        if as_json:
            hits = [*map(records.hit, found.hits)] if found is not None else []
            return json_response(
                {
                    "hits": hits,
                    "next": following,
                    "cut": found is not None and found.cut,
                    "waiting": waiting,
                }
            )
        return page_response(
            request,
            "search.html",
            status,
            query=query,
            order=order.value,
            orders=list(Order),
            found=found,
            wrong=wrong,
            waiting=waiting,
            asked=given,
            following=following,
        )

    return [Route("/search", page)]
