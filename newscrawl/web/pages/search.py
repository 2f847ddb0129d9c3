"""The page of search: words in all versions, overwritten and removed texts included."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.errors import SchemaError, StoreError, UsageError
from newscrawl.model import fields
from newscrawl.model.search import MOST_COUNTED
from newscrawl.search.searching import WINDOW, Order, search
from newscrawl.serialization import records
from newscrawl.web.answers import schemas
from newscrawl.web.answers.filters import Asked, asked
from newscrawl.web.answers.language import words_for
from newscrawl.web.answers.responses import error_response, form, json_response, page_response, wants_json
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.feeds import entries
from newscrawl.web.feeds.atom import ENTRIES, feed_response

PAGE = 20
_LONGEST = 1000  # characters of a query


def pages(archive: WebArchive) -> list[Page]:
    """The page over an archive."""

    def page(request: Request) -> Response:
        if form(request) == "atom":
            return feed(request)
        given, as_json = asked(request), wants_json(request)
        query = _query(given)
        order = Order(given.choice("order", tuple(Order)) or Order.RELEVANCE)
        number = given.page(WINDOW // PAGE)
        found, wrong, status = None, None, HTTPStatus.OK
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
                waiting = found.waiting if found is not None else store.behind(MOST_COUNTED + 1)
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
            most_counted=MOST_COUNTED,
            asked=given,
            following=following,
        )

    def feed(request: Request) -> Response:
        given, say = asked(request).from_the_start(), words_for(request)
        query = _query(given)
        if not query:
            raise UsageError("needs words to look for", subject="a feed of a search", hint="Write ?q=words")
        order = Order(given.choice("order", tuple(Order)) or Order.DATE)
        with archive.search() as store:
            found = search(store, query, now=archive.clock(), limit=ENTRIES, order=order)
        made = (entries.hit(one, say) for one in found.hits)
        return feed_response(request, archive.address(request), "search", "Search", made)

    return [
        Page(
            "/search",
            page,
            "Words in all versions, overwritten and removed texts included.",
            ("q", "order", "page"),
            schemas.answer(
                hits=schemas.many(schemas.record(fields.HITS)),
                next=schemas.NEXT,
                cut={"type": "boolean"},
                waiting={"type": "integer"},
            ),
            atom=True,
        )
    ]


def _query(given: Asked) -> str:
    query = given.values.get("q", "").strip()
    if len(query) > _LONGEST:
        raise UsageError("is too long", subject="the query", hint=f"At most {_LONGEST} characters")
    return query
