"""The page of a difference: two versions of an article compared by words, inline or side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from newscrawl.errors import NotFound, UsageError
from newscrawl.judge.diff.chosen import chosen
from newscrawl.judge.diff.differences import Block, BlockKind, FieldDiff, Op, Span, compare
from newscrawl.judge.diff.excerpt import most_telling, word_counts
from newscrawl.judge.kinds import classify
from newscrawl.judge.kinds.beside import BesideDiff, pictures
from newscrawl.model import ChangeKind, Content, VersionRecord
from newscrawl.serialization import history
from newscrawl.web.answers import schemas
from newscrawl.web.answers.filters import asked
from newscrawl.web.answers.language import words_for
from newscrawl.web.answers.responses import cut, json_response, page_response, wants_json, xml_response
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.pictures import card, png

CONTEXT = 1  # unchanged paragraphs shown around each change; the others are folded, and can be opened
# Hostile raw pages are read again by the command alone, in a process of its own.
_UNKNOWN = "raw pages are not read again for web pages: newscrawl diff {} {} {}"
# A picture is a document of its own when it is opened: it may load nothing and run nothing.
_PICTURE = {"Content-Security-Policy": "default-src 'none'; sandbox"}


class _Kind(Convertor[str]):
    """The endings of pictures."""

    regex = "svg|png"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("picture", _Kind())


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


def pages(archive: WebArchive) -> list[Page]:
    """The page and its pictures over an archive."""

    def page(request: Request) -> Response:
        number, found = _asked(request)
        given = asked(request)
        view = given.choice("view", ("side", "inline")) or "inline"
        if wants_json(request):
            return json_response(
                history.difference(found.old, found.new, found.kinds, found.diffs, found.aside, found.unknown)
            )
        record = archive.reader().article(number)
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
            png=png.available(),
        )

    def picture(request: Request) -> Response:
        number, found = _asked(request)
        made = _card(request, number, found)
        if request.path_params["kind"] == "svg":
            return xml_response(card.svg(made), "image/svg+xml", _PICTURE)
        if not png.available():
            raise NotFound(
                "pictures as PNG need the extra `pictures` and a font with Cyrillic and Kazakh letters",
                subject="card.png",
            )
        return xml_response(png.png(made), "image/png", _PICTURE)

    def _card(request: Request, number: int, found: Difference) -> card.Card:
        say, telling = words_for(request), most_telling(found.diffs)
        removed, added = word_counts(found.diffs)
        return card.Card(
            head=f"{found.new.source}/{found.new.edition}",
            title=cut(found.new.article.title) or say("(no title)"),
            label=say(telling.field) if telling is not None else "",
            spans=telling.spans if telling is not None else (),
            facts=say.named("words removed, added", removed, added=say.number(added)),
            dates=f"{say.instant(found.old.at)} → {say.instant(found.new.at)}",
            address=f"{archive.address(request)}/articles/{number}/diff/{found.old.number}..{found.new.number}",
            language=say.language,
        )

    def _asked(request: Request) -> tuple[int, Difference]:
        number = request.path_params["id"]
        names = str(request.path_params["names"]).split("..")
        if len(names) != 2 or not all(names):
            raise UsageError("name two versions", subject="difference", hint="Write 1..2 or first..last")
        reader = archive.reader()
        reader.article(number)  # says that there is none
        return number, difference(reader.versions_of(number), *names)

    path = "/articles/{id:int}/diff/{names}"
    return [
        Page(
            path,
            page,
            "Two versions compared by words.",
            ("view",),
            schemas.ANYTHING,
            statuses=(404,),
        ),
        Page(
            f"{path}/card.{{kind:picture}}",
            picture,
            "A difference as a picture to put into a story.",
            ("lang",),
            media=("image/svg+xml", "image/png"),
            statuses=(404,),
        ),
    ]


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
