"""`newscrawl stats`: counts articles by author, section, day, source, or edits by kind."""

from __future__ import annotations

from typing import Any

import click

from newscrawl.cli.options import Choice, check_range, nothing, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.model import CountRecord
from newscrawl.serialization import records

_BY = ("author", "section", "day", "source", "kind")
_SCREEN = 30


@click.command(
    "stats",
    epilog=tables.examples(
        "newscrawl stats --source orda --since 2026-01-01",
        "newscrawl stats --by day --since 2026-04-01",
        "newscrawl stats --by kind",
        "newscrawl stats --by section --json",
    ),
)
@click.option("--by", type=Choice(_BY), default="author", show_default=True, help="What to count by.")
@options("source", "edition", "since", "until", "limit", "json")
def stats(*, by: str, as_json: bool, limit: int | None, **conditions: Any) -> None:
    """Count articles by author, section, day (UTC), source or kind of edit: the most first, days the latest first.

    EDITED is how many articles have more than one version, by kind how many edits were of it; REMOVED how many are
    confirmed to be gone; CHARACTERS how long their present texts are together. An article of two authors counts for both.
    Dates select articles by publication, and edits by the check that found them.
    """
    check_range(conditions["since"], conditions["until"])
    with open_archive() as reader:
        found = reader.counts(by, **conditions)
    width = tables.terminal_width()
    shown = limit or (_SCREEN if limit is None and width is not None and not as_json else len(found))
    if as_json:
        tables.write_json(map(records.count, found[:shown]))
    elif not found:
        tables.note(nothing("article", conditions))
    else:
        headings = ("ARTICLES", "EDITS", "KIND") if by == "kind" else (
            "ARTICLES", "EDITED", "REMOVED", "CHARACTERS", by.upper(),
        )  # fmt: skip
        tables.print_lines(tables.table(headings, map(_row, found[:shown]), width=width, one_line=True))
        if len(found) > shown:
            tables.note(f"{len(found) - shown:,} more: newscrawl stats --by {by} --limit 0")


def _row(record: CountRecord) -> tuple[object, ...]:
    name = record.name or "unknown"
    if record.removed is None:
        return record.articles, record.edited, name
    return record.articles, record.edited, record.removed, record.characters, name
