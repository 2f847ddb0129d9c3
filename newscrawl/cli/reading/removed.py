"""`newscrawl removed`: prints removed articles with the evidence for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from newscrawl.cli.options import Choice, check_range, find, nothing, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.reading.matching import match_options, matched
from newscrawl.model import ABSENCES, Absence, Evidence, RemovalRecord
from newscrawl.serialization.records import removal
from newscrawl.wording import counted, course, instant, raw_response

_TEXT_WIDTH = 100


@click.command(
    "removed",
    epilog=tables.examples(
        "newscrawl removed --source orda",
        "newscrawl removed 17",
        "newscrawl removed --short",
        "newscrawl removed --match министр --since 2026-01-01",
        "newscrawl removed --state returned --since 2026-01-01",
        "newscrawl removed --state removed --json | jq -r '.evidence[].capture.record_id'",
    ),
)
@click.argument("reference", metavar="[ID-or-URL]", required=False)
@click.option("--short", is_flag=True, help="One line an absence, without the evidence.")
@click.option(
    "--state",
    type=Choice(list(ABSENCES)),
    help="Only absences that are suspected, confirmed (removed) or over (returned), or articles that are "
    "unreadable; gone, the default: the first two. Of one article all are shown.",
)
@match_options
@options("source", "edition", "since", "until", "limit", "json")
def removed(
    reference: str | None,
    *,
    short: bool,
    state: str | None,
    match: str | None,
    author: str | None,
    as_json: bool,
    limit: int | None,
    **conditions: Any,
) -> None:
    """Show what is gone, with the evidence: which checks found it absent, and what each of them got.

    An absence is suspected after the first such check and removed once it is confirmed: at least
    three checks over a day or more, while other articles of the edition answered. An article is
    unreadable while its checks are refused, fail or meet a wall: nothing says that it is gone. Newest
    first; dates select by when it entered its present state.
    """
    check_range(conditions["since"], conditions["until"])
    if (found_words := matched(match, author)) is not None:
        conditions["among"] = list(found_words.versions)
    width = min(tables.terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
    state = state or ("gone" if reference is None else "all")
    with open_archive() as reader:
        if reference is not None:
            number = find(reader, reference)
            conditions["among"] = [one for one in conditions.get("among") or [number] if one == number]
        found = reader.removals(states=ABSENCES[state], **conditions, limit=limit or None)
        if as_json:
            tables.write_json(map(removal, found))
        elif not tables.print_lines(_short(found) if short else blocks(found, width)):
            narrowed = {
                **conditions,
                "state": state not in ("gone", "all"),
                "match": found_words is not None,
                "reference": reference,
            }
            tables.note(nothing("absence", narrowed))


def _short(records: Iterable[RemovalRecord]) -> Iterator[str]:
    """A table: the article, its state and since when, what the last check met, and the headline."""
    rows = (
        (one.article_id, one.state.value, instant(one.since or one.first_absent), one.signal, one.title or one.url)
        for one in records
    )  # fmt: skip
    lines = tables.table(
        ("ID", "STATE", "SINCE", "SIGN", "TITLE"), rows, width=tables.terminal_width(), one_line=True
    )
    first = next(lines)
    for number, line in enumerate(lines):
        if not number:
            yield first
        yield line


def blocks(records: Iterable[RemovalRecord], width: int) -> Iterator[str]:
    """The lines of each absence: the article, its state, every observation that proves it, and where the text is archived."""
    for number, record in enumerate(records):
        if number:
            yield ""
        yield from tables.wrap(tables.safe(record.title) or "(no title)", width)
        lines = [
            ("article", f"{record.article_id} ({record.source}/{record.edition})"),
            ("address", record.url),
            ("state", _state(record)),
            *(("evidence", _evidence(evidence)) for evidence in record.evidence),
            ("read it", _archived(record)),
        ]
        yield from tables.facts(lines, width)


def _state(record: RemovalRecord) -> str:
    words = course(record)
    return words if record.state is Absence.UNREADABLE else f"{record.state.value}: {words}"


def _evidence(evidence: Evidence) -> str:
    observation = evidence.observation
    words = f"{instant(observation.at)} {observation.reason}"
    if observation.status is not None and str(observation.status) not in observation.reason:
        words += f", status {observation.status}"
    if observation.final_url != observation.url:
        words += f", led to {observation.final_url}"
    if evidence.controls:
        others = counted(len(evidence.controls), "other article")
        words += f"; {others} of the edition answered in the same run"
    elif observation.controls_fine:
        words += "; the edition answered otherwise"
    return f"{words}; {raw_response(observation.capture) if observation.capture else 'no response kept'}"


def _archived(record: RemovalRecord) -> str:
    where = f", {raw_response(record.capture)}" if record.capture else ""
    return f"newscrawl show {record.article_id} (version {record.version}{where})"
