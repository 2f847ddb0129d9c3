"""`newscrawl changes`: prints the edits made after publication, newest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config
from newscrawl.cli.options import Choice, check_range, find, nothing, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.output.differences import lines
from newscrawl.cli.reading.matching import match_options, matched
from newscrawl.model import ChangeKind, EditRecord, EventRecord, Visibility
from newscrawl.serialization import records
from newscrawl.wording import instant, visibility as in_words

if TYPE_CHECKING:
    from newscrawl.search.searching import Matched

_SCREEN = 20  # edits on a terminal unless told otherwise
_TEXT_WIDTH = 100
_INDENT = "    "


@click.command(
    "changes",
    epilog=tables.examples(
        "newscrawl changes --source orda --since 2026-01-01",
        "newscrawl changes --kind headline --kind numbers",
        "newscrawl changes --match 'сметная стоимость' --since 2026-01-01",
        "newscrawl changes --article 17",
        "newscrawl changes --json | jq -r .title",
    ),
)
@click.option(
    "--kind",
    "kinds",
    type=Choice([kind.value for kind in ChangeKind]),
    multiple=True,
    metavar="KIND",
    help=f"Only edits of this kind; may be repeated. One of: {', '.join(ChangeKind)}.",
)
@click.option("--article", metavar="ID-or-URL", help="Only edits of this article.")
@click.option(
    "--beside-text", is_flag=True, help="Also edits beside the text: pictures, captions, links, marks."
)
@click.option(
    "--redesigns", is_flag=True, help="Also redesigns: runs in which most articles came in another layout."
)
@click.option(
    "--visibility", is_flag=True, help="Also noindex, leaving all lists while still there, and the way back."
)
@match_options
@options("source", "edition", "since", "until", "limit", "json")
def changes(
    *,
    match: str | None,
    author: str | None,
    kinds: tuple[str, ...],
    article: str | None,
    beside_text: bool,
    redesigns: bool,
    visibility: bool,
    as_json: bool,
    limit: int | None,
    **conditions: Any,
) -> None:
    """Show what was edited after publication, newest first.

    Dates select by the check that found the edit; it was made between that check and the one before. A
    return to an earlier text is an edit, too. Redesigns and what became of articles' visibility are shown
    where asked for. With --match and --author the text before or after the edit must have the words. On a
    terminal 20 are shown unless --limit is given; into a file or pipe, and with --json, all.
    """
    check_range(conditions["since"], conditions["until"])
    width = tables.terminal_width()
    screen = limit is None and width is not None and not as_json
    found_words = matched(match, author)
    if found_words is not None:
        conditions["among"] = list(found_words.versions)
    with open_archive() as reader:
        selected = {"kinds": [ChangeKind(kind) for kind in kinds], **conditions}
        if article is not None:
            selected["article_id"] = find(reader, article)
        # One more than is shown, to know whether there are more.
        wanted = _SCREEN + 1 if screen else (limit or None)
        many = None if found_words is not None else wanted
        edits = reader.changes(**selected, texts=not as_json, beside=beside_text, limit=many)
        if found_words is not None:
            edits = islice((edit for edit in edits if _has_words(edit, found_words)), wanted)
        found: Iterator[EditRecord | EventRecord] = iter(edits)
        if redesigns or visibility:
            asked = {name: value for name, value in selected.items() if name != "kinds"}
            events = reader.events(**asked, redesigns=redesigns, visibility=visibility, limit=wanted)
            streams: list[Iterator[EditRecord | EventRecord]] = [edits, events]
            found = islice(heapq.merge(*streams, key=_at, reverse=True), wanted)
        if as_json:
            tables.write_json(_object(one) for one in found)
            return
        more = False
        if screen:
            whole = list(found)
            found, more = iter(whole[:_SCREEN]), len(whole) > _SCREEN
        colour = width is not None and config.colours()
        if not tables.print_lines(_blocks(found, min(width or _TEXT_WIDTH, _TEXT_WIDTH), colour=colour)):
            narrowed = {**conditions, "kinds": kinds, "article": article, "match": found_words is not None}
            tables.note(nothing("edit", narrowed))
        if more:
            tables.note("There are more: newscrawl changes --limit 0")


def _has_words(edit: EditRecord, words: Matched) -> bool:
    """Whether the text before the edit or after it has the words."""
    return not words.versions[edit.article_id].isdisjoint((edit.from_version, edit.to_version))


def _at(found: EditRecord | EventRecord) -> datetime:
    return found.at


def _object(found: EditRecord | EventRecord) -> dict[str, Any]:
    return records.change(found) if isinstance(found, EditRecord) else records.event(found)


def _event(event: EventRecord, width: int) -> Iterator[str]:
    where = tables.safe(f"{event.source}/{event.edition}" if event.edition else event.source)
    if event.article_id is None:
        yield f"{instant(event.at)}  {where}  {event.kind}"
    else:
        what = in_words(Visibility(event.kind))
        yield f"{instant(event.at)}  {where}  article {event.article_id}: {what}"
    for text in filter(None, (event.title or event.url, event.reason)):
        yield from (_INDENT + line for line in tables.wrap(tables.safe(text), width - len(_INDENT)))


def _blocks(found: Iterable[EditRecord | EventRecord], width: int, *, colour: bool) -> Iterator[str]:
    from newscrawl.judge.diff.differences import Op, Span, compare
    from newscrawl.judge.diff.excerpt import by_kind

    for edit in found:
        if isinstance(edit, EventRecord):
            yield from _event(edit, width)
            continue
        where = tables.safe(f"{edit.source}/{edit.edition}")
        yield f"{instant(edit.at)}  {where}  article {edit.article_id}, {edit.from_version} to {edit.to_version}"
        title = tables.safe(edit.title)
        yield from (_INDENT + line for line in tables.wrap(title, width - len(_INDENT)) if title)
        yield _INDENT + tables.safe(edit.url)  # on one line, however long: it is copied
        if edit.returns_to:
            yield f"{_INDENT}says again what version {edit.returns_to} said"
        shown = []
        if edit.before is not None and edit.after is not None:
            shown = by_kind(compare(edit.before, edit.after), edit.kinds)
        for names, excerpt in shown:
            spans = (Span(Op.SAME, f"{names}: "), *excerpt.spans)
            yield from (_INDENT + line for line in lines(spans, width - len(_INDENT), colour=colour))
        said = {name for names, _ in shown for name in names.split(", ")}
        if left := [kind for kind in edit.kinds if kind not in said and (kind.is_beside or not said)]:
            yield _INDENT + ", ".join(left)
        elif not said:
            yield f"{_INDENT}changed"
