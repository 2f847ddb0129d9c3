"""The page of edits: the latest of all sources, each with its most telling piece."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.judge.diff.differences import compare
from newscrawl.judge.diff.excerpt import Excerpt, most_telling, word_counts
from newscrawl.model import ChangeKind, EditRecord, fields
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

PAGE = 30
KINDS = tuple(kind.value for kind in ChangeKind)
FILTERS = ("source", "edition", "kind", "since", "until", "before")


@dataclass(frozen=True, slots=True)
class Shown:
    """An edit with its most telling piece, and how many words went and came."""

    edit: EditRecord
    excerpt: Excerpt | None
    removed: int
    added: int


def pages(archive: WebArchive) -> list[Page]:
    """The page over an archive."""

    def page(request: Request) -> Response:
        if form(request) == "atom":
            return feed(request)
        given, as_json = asked(request), wants_json(request)
        found, more = latest_edits(archive.reader(), given, PAGE, texts=not as_json)
        following = given.link(before=placed(found[-1].at, found[-1].number)) if more else None
        if as_json:
            return json_response({"changes": [*map(records.change, found)], "next": following})
        return page_response(
            request,
            "changes.html",
            known=archive.reader().editions_by_source(),
            edits=[shown(edit) for edit in found],
            asked=given,
            following=following,
            kinds=KINDS,
        )

    def feed(request: Request) -> Response:
        given, say = asked(request).from_the_start(), words_for(request)
        found, _ = latest_edits(archive.reader(), given, ENTRIES, texts=True)
        made = (entries.edit(edit, shown(edit).excerpt, say) for edit in found)
        return feed_response(request, archive.address(request), "changes", "Changes", made)

    return [
        Page(
            "/changes",
            page,
            "Edits of the text, newest first.",
            FILTERS,
            schemas.answer(changes=schemas.many(schemas.record(fields.CHANGES)), next=schemas.NEXT),
            atom=True,
        ),
        Page("/feeds/changes.atom", feed, "Edits as a feed.", FILTERS[:-1], media=(ATOM,)),
    ]


def latest_edits(reader: Reader, given: Asked, number: int, *, texts: bool) -> tuple[list[EditRecord], bool]:
    """The next edits that are asked for, newest first, and whether there are more. Raises UsageError.

    Edits beside the text alone are left out where no kind is asked for, as `newscrawl changes` does.
    """
    kind = given.choice("kind", KINDS)
    found = reader.changes(
        kinds=[ChangeKind(kind)] if kind else (),
        texts=texts,
        beside=False,
        before=given.place(),
        limit=number + 1,
        **given.conditions,
    )
    taken = list(islice(found, number + 1))
    return taken[:number], len(taken) > number


def shown(edit: EditRecord) -> Shown:
    """An edit that was read with its texts, as a list shows it."""
    if edit.before is None or edit.after is None:
        return Shown(edit, None, 0, 0)
    diffs = compare(edit.before, edit.after)
    return Shown(edit, most_telling(diffs), *word_counts(diffs))
