"""`newscrawl export`: streams the archive's data as JSON lines, CSV or Parquet; a file appears only when it is complete."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from newscrawl.cli.options import Choice, check_range, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import ArchiveError, UsageError
from newscrawl.inputs import open_device
from newscrawl.model import ABSENCES, State, fields
from newscrawl.serialization import records
from newscrawl.serialization.csv_text import csv_lines
from newscrawl.serialization.parquet import parquet_parts

if TYPE_CHECKING:
    from newscrawl.model import Gap
    from newscrawl.store.read.reader import Reader

_KINDS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "articles": records.archived,
    "versions": records.version,
    "observations": records.observation,
    "sightings": records.sighting,
    "changes": records.change,
    "removed": records.removal,
    "coverage": records.gap,
}


@click.command(
    "export",
    epilog=tables.examples(
        "newscrawl export articles --source orda --since 2026-01-01 > orda.jsonl",
        "newscrawl export versions --format csv --out versions.csv",
        "newscrawl export removed --source orda --since 2026-01-01",
        "newscrawl export articles --format parquet --out articles.parquet",
    ),
)
@click.argument("what", type=Choice(list(_KINDS)))
@click.option(
    "--format",
    "form",
    type=Choice(["jsonl", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
    help="The format.",
)
@click.option(
    "--out", metavar="FILE", help="Write to FILE, complete or not at all; by default to standard output."
)
@click.option(
    "--state",
    type=Choice(list(dict.fromkeys([*(state.value for state in State), *ABSENCES]))),
    help="Only articles that are live, suspected or removed, or absences as in `newscrawl removed`.",
)
@options("source", "edition", "since", "until", "limit")
def export(
    what: str,
    *,
    form: str,
    out: str | None,
    state: str | None,
    limit: int | None,
    **conditions: Any,
) -> None:
    """Write articles, versions, observations, sightings, changes, removals or coverage (gaps, also closed ones), newest first.

    Dates select articles by publication (first check where the date is unknown), and everything else by
    when it was observed; a day is a day in UTC. Absences that ended are written with `--state returned` or
    `--state all`. The data is a snapshot of one moment, also while a crawl is running.

    CSV is UTF-8 with a heading line; lists are JSON text in their cell. Texts are written unchanged: a title
    may begin with = + - or @, so import such columns as text into a spreadsheet. Parquet needs the extra
    newscrawl[parquet]; its columns are typed, and lists of objects are JSON text.
    """
    check_range(conditions["since"], conditions["until"])
    if state is not None:
        conditions |= _of_state(what, state)
    if form == "parquet" and out is None and tables.terminal_width() is not None:
        raise UsageError("Parquet is not for a terminal", hint="Name a file: --out FILE")
    with open_archive() as reader, Progress(what, _total(reader, what, limit, conditions)) as progress:
        values = _counted(
            map(_KINDS[what], _stream(reader, what, limit=limit or None, **conditions)), progress
        )
        parts = _parts(form, what, values)
        with _target(out) as file:
            for part in parts:
                file.write(part)


def _of_state(what: str, state: str) -> dict[str, Any]:
    if what == "articles" and state in list(State):
        return {"state": State(state)}
    if what == "removed" and state in ABSENCES:
        return {"states": ABSENCES[state]}
    raise UsageError(f"{what} cannot be chosen by --state {state}")


def _total(reader: Reader, what: str, limit: int | None, conditions: dict[str, Any]) -> int | None:
    """How many lines there will be, for the bar; None where counting them would be as slow as writing them."""
    if sys.stderr.isatty() and what in ("articles", "versions"):
        number = (reader.count if what == "articles" else reader.count_versions)(**conditions)
        return min(number, limit) if limit else number
    return limit or None


def _parts(form: str, what: str, values: Iterator[dict[str, Any]]) -> Iterable[bytes]:
    if form == "jsonl":
        return map(tables.json_line, values)
    if form == "csv":
        return csv_lines(records.KEYS[what], values)
    return parquet_parts(fields.KINDS[what], values)


def _stream(reader: Reader, what: str, **conditions: Any) -> Iterator[Any]:
    streams: dict[str, Callable[..., Iterator[Any]]] = {
        "articles": reader.articles,
        "versions": reader.versions,
        "observations": reader.observations,
        "sightings": reader.sightings,
        "changes": reader.changes,
        "removed": reader.removals,
        "coverage": partial(_gaps, reader),
    }
    return streams[what](**conditions)


def _gaps(
    reader: Reader, *, source: str | None, edition: str | None, limit: int | None, **dates: Any
) -> Iterator[Gap]:
    """All gaps and outages, open and closed."""
    from newscrawl.judge.coverage.gaps import gaps

    yield from gaps(reader.listing_facts(source=source, edition=edition), closed=True, **dates)[:limit]


def _counted(values: Iterable[dict[str, Any]], progress: Progress) -> Iterator[dict[str, Any]]:
    for value in values:
        progress.step()
        yield value


class _Standard:
    def write(self, data: bytes) -> None:
        tables.write_bytes(data)


def _device(path: Path, out: str) -> Iterator[IO[bytes]]:
    try:
        with open_device(path) as device:
            yield device
    except OSError as error:
        raise ArchiveError(f"cannot be written: {error.strerror or error}", subject=out) from error


@contextmanager
def _target(out: str | None) -> Iterator[IO[bytes] | _Standard]:
    """The file or stream to write to. A file is written under a temporary name and renamed when it is complete."""
    if out is None or out == "-":
        yield _Standard()
        return
    path = Path(out)
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            if path.is_dir():
                raise UsageError("is a folder", subject=out)
            yield from _device(path, out)  # such as /dev/null, which cannot be replaced by renaming
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        file = temporary.open("xb")
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot be written: {why}", subject=out) from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ArchiveError(f"cannot be written: {error.strerror or error}", subject=out) from error
    finally:
        temporary.unlink(missing_ok=True)
