"""The page of a difference: two versions of an article compared by words, inline or side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.errors import UsageError
from newscrawl.judge.diff.chosen import chosen
from newscrawl.judge.diff.differences import Block, BlockKind, FieldDiff, Op, Span, compare
from newscrawl.judge.diff.excerpt import most_telling, word_counts
from newscrawl.judge.kinds import classify
from newscrawl.judge.kinds.beside import BesideDiff, pictures
from newscrawl.model import ChangeKind, Content, VersionRecord
from newscrawl.serialization import history
from newscrawl.web.archive import WebArchive
from newscrawl.web.filters import asked
from newscrawl.web.responses import json_response, page_response, wants_json

CONTEXT = 1  # unchanged paragraphs shown around each change; the others are folded, and can be opened
# Hostile raw pages are read again by the command alone, in a process of its own.
_UNKNOWN = "raw pages are not read again for web pages: newscrawl diff {} {} {}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions with all that differs. `kinds` are those recorded where one follows the other."""

    old: VersionRecord
    new: VersionRecord
    kinds: tuple[ChangeKind, ...]
    diffs: tuple[FieldDiff, ...]
    aside: tuple[BesideDiff, ...]
    unknown: str


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph before and after, each as spans; of unchanged ones that are folded, several."""

    kind: BlockKind
    blocks: tuple[Block, ...]
    folded: bool = False


def routes(archive: WebArchive) -> list[Route]:
    """The route of this page over an archive."""

    def page(request: Request) -> Response:
        number = request.path_params["id"]
        names = str(request.path_params["names"]).split("..")
        if len(names) != 2 or not all(names):
            raise UsageError("name two versions", subject="difference", hint="Write 1..2 or first..last")
        given, reader = asked(request), archive.reader()
        view = given.choice("view", ("side", "inline")) or "inline"
        record = reader.article(number)
        found = difference(reader.versions_of(number), *names)
        if wants_json(request):
            return json_response(
                history.difference(found.old, found.new, found.kinds, found.diffs, found.aside, found.unknown)
            )
        removed, added = word_counts(found.diffs)
        stable = f"/articles/{number}/diff/{found.old.number}..{found.new.number}"
        return page_response(
            request,
            "difference.html",
            record=record,
            found=found,
            before=before,
            after=after,
            fields=[(diff.field, list(rows(diff.blocks))) for diff in found.diffs],
            telling=most_telling(found.diffs),
            removed=removed,
            added=added,
            view=view,
            stable=stable,
            address=f"{archive.address(request)}{stable}",
        )

    return [Route("/articles/{id:int}/diff/{names}", page)]


def difference(versions: Sequence[VersionRecord], one: str, other: str) -> Difference:
    """The difference of two versions named by number, `first` or `last`. Raises NotFound or UsageError."""
    old, new = chosen(versions, one, other)
    before, after = Content.of(old.article), Content.of(new.article)
    follows = new.number == old.number + 1
    stored = pictures(old.article.images, new.article.images) if follows else ()
    return Difference(
        old,
        new,
        new.kinds if follows else tuple(classify.kinds(before, after)),
        compare(before, after),
        tuple(one for one in stored if one.kind in new.kinds),
        _UNKNOWN.format(new.article_id, old.number, new.number),
    )


def rows(blocks: Sequence[Block]) -> Iterator[Row]:
    """The paragraphs in order; unchanged ones that are not next to a change are folded together."""
    changed = [number for number, block in enumerate(blocks) if block.kind is not BlockKind.SAME]
    near = {n for c in changed for n in range(c - CONTEXT, c + CONTEXT + 1)}
    hidden: list[Block] = []
    for number, block in enumerate(blocks):
        if number not in near:
            hidden.append(block)
            continue
        if hidden:
            yield Row(BlockKind.SAME, tuple(hidden), folded=True)
            hidden = []
        yield Row(block.kind, (block,))
    if hidden:
        yield Row(BlockKind.SAME, tuple(hidden), folded=True)


def before(block: Block) -> list[Span]:
    """One side of a paragraph: the earlier words with their own typesetting."""
    return [
        span if span.before is None else Span(span.op, span.before)
        for span in block.spans
        if span.op is not Op.ADDED
    ]


def after(block: Block) -> list[Span]:
    """The other side: the later words."""
    return [span for span in block.spans if span.op is not Op.REMOVED]
