"""The page of what is gone, suspected, back again or unreadable, with the evidence for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.errors import UsageError
from newscrawl.model import ABSENCES, RemovalRecord
from newscrawl.serialization import records
from newscrawl.store.read.reader import Reader
from newscrawl.web.archive import WebArchive
from newscrawl.web.filters import Asked, asked, placed
from newscrawl.web.responses import json_response, page_response, wants_json
from newscrawl.wording import course

PAGE = 20
_TIES = 500  # absences of one instant that can be paged through


def routes(archive: WebArchive) -> list[Route]:
    """The route of this page over an archive."""

    def page(request: Request) -> Response:
        given = asked(request)
        found, following = latest_absences(archive.reader(), given, PAGE)
        further = given.link(before=following) if following else None
        if wants_json(request):
            return json_response({"removed": [*map(records.removal, found)], "next": further})
        return page_response(
            request,
            "removed.html",
            found=[(one, course(one)) for one in found],
            asked=given,
            following=further,
            states=[name for name in ABSENCES if name != "gone"],
        )

    return [Route("/removed", page)]


def latest_absences(reader: Reader, given: Asked, number: int) -> tuple[list[RemovalRecord], str | None]:
    """The next absences that are asked for, the latest change of state first, and where the list goes on. Raises UsageError.

    An absence has no number of its own: a place is an instant, and how many of that instant stood before it.
    """
    state = given.choice("state", tuple(ABSENCES)) or "gone"
    conditions, place, passed = given.conditions, given.place(), 0
    if place is not None:
        at, passed = place
        if passed > _TIES:
            raise UsageError("is no place in this list", subject="before")
        behind, until = _after(at), conditions.get("until")
        conditions["until"] = min(behind, until) if until is not None else behind
    limit = passed + number + 1
    taken = list(islice(reader.removals(states=ABSENCES[state], limit=limit, **conditions), limit))
    found = taken[passed : passed + number]
    return found, _place(taken[: passed + number]) if len(taken) > passed + number else None


def _place(shown: Sequence[RemovalRecord]) -> str:
    last = shown[-1].since
    assert last is not None
    return placed(last, sum(one.since == last for one in shown))


def _after(at: datetime) -> datetime:
    try:
        return at + timedelta(microseconds=1)
    except OverflowError as error:
        raise UsageError("is no place in this list", subject="before") from error
