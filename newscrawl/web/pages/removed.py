"""The page of what is gone, suspected, back again or unreadable, with the evidence for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.errors import UsageError
from newscrawl.model import ABSENCES, RemovalRecord, fields
from newscrawl.serialization import records
from newscrawl.store.read.reader import Reader
from newscrawl.web.answers import schemas
from newscrawl.web.answers.filters import Asked, asked, placed
from newscrawl.web.answers.language import words_for
from newscrawl.web.answers.responses import form, json_response, page_response, wants_json
from newscrawl.web.answers.routes import ATOM, Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.feeds import entries
from newscrawl.web.feeds.atom import ENTRIES, feed_response
from newscrawl.wording import course

PAGE = 20
UNREADABLE = "/unreadable"
_TIES = 500  # absences of one instant that can be paged through


def pages(archive: WebArchive) -> list[Page]:
    """These pages over an archive."""

    def page(request: Request) -> Response:
        if form(request) == "atom":
            return feed(request)
        given = asked(request)
        found, following = latest_absences(archive.reader(), given, PAGE)
        further = given.link(before=following) if following else None
        if wants_json(request):
            return json_response({"removed": [*map(records.removal, found)], "next": further})
        say = words_for(request)
        return page_response(
            request,
            "removed.html",
            known=archive.reader().editions_by_source(),
            found=[(one, course(one, say)) for one in found],
            asked=given,
            following=further,
            states=[name for name in ABSENCES if name != "gone"],
        )

    def feed(request: Request) -> Response:
        given, say = asked(request).from_the_start(), words_for(request)
        found, _ = latest_absences(archive.reader(), given, ENTRIES)
        name, title = ("unreadable", "Unreadable") if given.path == UNREADABLE else ("removed", "Removed")
        made = (entries.absence(one, say) for one in found)
        return feed_response(request, archive.address(request), name, title, made)

    json = schemas.answer(removed=schemas.many(schemas.record(fields.REMOVED)), next=schemas.NEXT)
    filters = ("source", "edition", "since", "until", "before")
    return [
        Page(
            "/removed", page, "What is gone, with all that proves it.", ("state", *filters), json, atom=True
        ),
        Page(UNREADABLE, page, "What cannot be read, since when and why.", filters, json, atom=True),
        Page("/feeds/removed.atom", feed, "What is gone as a feed.", ("state", *filters[:-1]), media=(ATOM,)),
    ]


def latest_absences(reader: Reader, given: Asked, number: int) -> tuple[list[RemovalRecord], str | None]:
    """The next absences that are asked for, the latest change of state first, and where the list goes on. Raises UsageError.

    An absence has no number of its own: a place is an instant, and how many of that instant stood before it.
    """
    state = given.choice("state", tuple(ABSENCES)) or "gone"
    if given.path == UNREADABLE:
        state = "unreadable"
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
