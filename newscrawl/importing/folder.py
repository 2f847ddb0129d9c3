"""A folder of saved pages with a table of their addresses and times, listed like the records of a WARC file."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from newscrawl.errors import PageError
from newscrawl.importing.first_pass import Step, instant_of, sane, web_address
from newscrawl.importing.index import Entry, Index, Kind
from newscrawl.importing.outcomes import Counters, FileError, Outcome
from newscrawl.importing.outlets import Outlets
from newscrawl.importing.record_pages import saved_page
from newscrawl.inputs import open_input
from newscrawl.warc.record import payload_digest

_COLUMNS = ("file", "url", "at")
_LINE = 1_000_000  # letters of one row; a longer one does not come from a table


def survey_folder(
    folder: Path, table: Path, index: Index, outlets: Outlets, counters: Counters, *, now: datetime
) -> Iterator[Step]:
    """Lists the saved pages that a table names. Raises FileError if the table or the folder cannot be read."""
    if not folder.is_dir():
        raise FileError("is no folder", subject=str(folder))
    root = Path(os.path.realpath(folder))
    for number, row in _rows(table):
        try:
            outcome = _list(row, root, table.name, index, outlets, now)
        except PageError as error:
            counters.count(Outcome.UNREADABLE, reason=error.message)
            counters.problem(f"{table.name}, row {number}: {error}")
        else:
            if outcome is not None:
                counters.count(outcome)
                if outcome is not Outcome.ALREADY:
                    counters.problem(f"{table.name}, row {number}: {outcome.value.replace('_', ' ')}")
        yield Step(number)


def _list(
    row: Mapping[str, str], root: Path, name: str, index: Index, outlets: Outlets, now: datetime
) -> Outcome | None:
    url, (at, day) = web_address(row["url"]), instant_of(row["at"])
    at = at if day else _instant(row["at"])
    if url is None:
        return Outcome.BAD_ADDRESS
    if at is None or not sane(at, now):
        return Outcome.BAD_DATE
    owner = outlets.owner(url)
    if isinstance(owner, Outcome):
        return owner
    path = _inside(root, row["file"])
    entry = Entry(
        source=owner[0].name, edition=owner[1], url=url, at=at, day=day, kind=Kind.PAGE, path=str(path),
        name=f"{name}: {row['file'][:200]}", nth=-1, digest=payload_digest(saved_page(path)),
        encoding=_charset(row.get("encoding") or ""),
    )  # fmt: skip
    return None if index.add(entry) else Outcome.ALREADY


def _inside(root: Path, name: str) -> Path:
    """The file of a row; PageError unless it lies in the folder, also through links."""
    try:
        path = (root / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # NUL, a loop of links
        raise PageError("no usable file name", subject=repr(name[:100])) from error
    if not name or not path.is_relative_to(root):
        raise PageError("leads out of the folder", subject=repr(name[:100]))
    if not path.is_file():
        raise PageError("no such file", subject=repr(name[:100]))
    return path


def _instant(text: str) -> datetime | None:
    """An instant as ISO 8601 writes it; without a zone it is taken as UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _charset(text: str) -> str:
    return "".join(c for c in text.strip()[:40] if c.isascii() and (c.isalnum() or c in "-_.:"))


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with a heading, or of JSON lines, by their number."""
    try:
        with TextIOWrapper(open_input(table), encoding="utf-8-sig", newline="") as file:
            if table.suffix.lower() in (".jsonl", ".ndjson", ".json"):
                lines = (_object(line, number, table) for number, line in enumerate(file, 1) if line.strip())
                yield from enumerate(lines, 1)
                return
            reader = csv.DictReader(file)
            if missing := [name for name in _COLUMNS if name not in (reader.fieldnames or ())]:
                raise FileError(
                    f"has no column {', '.join(missing)}",
                    subject=str(table),
                    hint="The first row names file,url,at[,encoding]",
                )
            for number, row in enumerate(reader, 1):
                yield number, {key: str(value or "") for key, value in row.items() if key}
    except (
        OSError,
        ValueError,
        csv.Error,
    ) as error:  # UnicodeDecodeError is a ValueError; so is a NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        raise FileError(f"cannot be read: {why}", subject=str(table)) from error


def _object(line: str, number: int, table: Path) -> dict[str, str]:
    try:
        value: Any = json.loads(line) if len(line) <= _LINE else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise FileError(f"line {number} is no JSON object", subject=str(table))
    return {**dict.fromkeys(_COLUMNS, ""), **{str(key): str(each or "") for key, each in value.items()}}
