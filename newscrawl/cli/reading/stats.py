"""`newscrawl stats`: counts articles by author, section, day, source, or edits by kind."""

from __future__ import annotations

from typing import Any

import click

from newscrawl import config
from newscrawl.cli.options import Choice, check_range, nothing, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import UsageError
from newscrawl.model import CountRecord, SizeRecord
from newscrawl.serialization import records
from newscrawl.wording import bytes_

_BY = ("author", "section", "day", "source", "kind")
_SCREEN = 30


@click.command(
    "stats",
    epilog=tables.examples(
        "newscrawl stats --source orda --since 2026-01-01",
        "newscrawl stats --by day --since 2026-04-01",
        "newscrawl stats --by kind",
        "newscrawl stats --by section --json",
        "newscrawl stats --bytes",
    ),
)
@click.option("--by", type=Choice(_BY), default="author", show_default=True, help="What to count by.")
@click.option(
    "--bytes",
    "in_bytes",
    is_flag=True,
    help="Instead: how much disk the sources take, and an article of each; only --source goes with it.",
)
@options("source", "edition", "since", "until", "limit", "json")
def stats(*, by: str, in_bytes: bool, as_json: bool, limit: int | None, **conditions: Any) -> None:
    """Count articles by author, section, day (UTC), source or kind of edit: the most first, days the latest first.

    EDITED is how many articles have more than one version, by kind how many edits were of it; REMOVED how many are
    confirmed to be gone; CHARACTERS how long their present texts are together. An article of two authors counts for both.
    Dates select articles by publication, and edits by the check that found them.
    """
    check_range(conditions["since"], conditions["until"])
    if in_bytes:
        source = conditions.pop("source")
        if any(conditions.values()) or limit is not None:
            raise UsageError("only --source and --json go with --bytes")
        _sizes(source, as_json=as_json)
        return
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


def _sizes(source: str | None, *, as_json: bool) -> None:
    from newscrawl.maintenance.sizes import sizes
    from newscrawl.store.health.runs import open_health

    settings = config.load()
    with open_archive() as reader, open_health(settings.database_url) as health, Progress("responses") as bar:
        found = sizes(reader, settings.warc, health.size(), source=source, step=bar.step)
    if as_json:
        tables.write_json(map(records.size, found))
        return
    headings = ("SOURCE", "ARTICLES", "RESPONSES", "RAW", "RAW PLAIN", "DATABASE", "AN ARTICLE")
    tables.print_lines(tables.table(headings, map(_size_row, found), width=tables.terminal_width()))


def _size_row(record: SizeRecord) -> tuple[object, ...]:
    """A source with its bytes; what an article takes of each in the same order."""
    parts = (record.raw, record.plain, record.database)
    shown = ["" if one is None else bytes_(one) for one in parts]
    each = [bytes_(one // record.articles) for one in parts if one is not None and record.articles]
    return record.source or "all", record.articles, record.responses, *shown, " / ".join(each)
