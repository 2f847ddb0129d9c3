"""`newscrawl history`: prints the history of one article as a timeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.options import check_range, find, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.reading.articles import tied_to
from newscrawl.model import State
from newscrawl.wording import instant, status

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.judge.history.timeline import Event
    from newscrawl.model import LifeRecord

_TEXT_WIDTH = 100
_WHEN = 22  # columns of an instant and the gap after it


@click.command(
    "history",
    epilog=tables.examples(
        "newscrawl history 17",
        "newscrawl history https://orda.kz/some-article-123456/ --json",
        "newscrawl history 17 --since 2026-01-01",
    ),
)
@click.argument("reference", metavar="ID-or-URL")
@options("since", "until", "limit", "json")
def history(
    reference: str, *, since: datetime | None, until: datetime | None, limit: int | None, as_json: bool
) -> None:
    """Show the history of one article, oldest first: found, edited, absent, there again.

    Consecutive checks that found nothing new are one line, and so are failures. --limit keeps the latest events.
    """
    from newscrawl.judge.history.timeline import timeline
    from newscrawl.serialization import history as serialized

    check_range(since, until)
    with open_archive() as reader:
        life = reader.life(find(reader, reference))
    events = [
        event
        for event in timeline(life)
        if (since is None or (event.until or event.at) >= since) and (until is None or event.at < until)
    ][-(limit or 0) :]
    if as_json:
        tables.write_json(serialized.event(life.article.id, event) for event in events)
        return
    width = tables.terminal_width()
    colour = width is not None and config.colours()
    tables.print_lines(_page(life, events, min(width or _TEXT_WIDTH, _TEXT_WIDTH), colour=colour))
    if not events:
        tables.note("Nothing happened between these dates.")


def _page(life: LifeRecord, events: list[Event], width: int, *, colour: bool) -> Iterator[str]:
    from newscrawl.timeline_wording import lines as in_words

    record = life.article
    observations = [observation for observation in life.observations if record.state is not State.LIVE]
    yield from tables.wrap(tables.safe(record.article.title) or "(no title)", width)
    yield from tables.fact("article", tables.safe(f"{record.id} ({record.source}/{record.edition})"), width)
    yield from tables.fact("address", tables.safe(record.url), width)
    for name, tied in tied_to(record):
        yield from tables.fact(name, tied, width)
    yield from tables.fact("state", tables.safe(status(record, observations)), width)
    yield ""
    for event in events:
        lines = [
            line
            for text in in_words(event, record.article.title)
            for line in tables.wrap(tables.safe(text), max(width - _WHEN, 20))
        ]
        for number, line in enumerate(lines):
            yield f"{instant(event.at) if number == 0 else '':<{_WHEN}}{line}"
        for line in _excerpt(event, max(width - _WHEN, 20), colour=colour):
            yield f"{'':<{_WHEN}}{line}"


def _excerpt(event: Event, width: int, *, colour: bool) -> Iterator[str]:
    from newscrawl.cli.output.differences import lines
    from newscrawl.judge.diff.differences import Op, Span
    from newscrawl.judge.diff.excerpt import most_telling

    if telling := most_telling(event.diffs):
        yield from lines((Span(Op.SAME, f"{telling.field}: "), *telling.spans), width, colour=colour)
