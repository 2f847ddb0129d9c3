"""Records as CSV in UTF-8. Lists and objects are written as JSON text, all other values unchanged."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def csv_lines(keys: Iterable[str], values: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A heading, then one line for each JSON object with these keys; unknown values give empty cells."""
    names = list(keys)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    for value in values:
        writer.writerow([_cell(value[name]) for name in names])
        yield _taken(buffer)
    if buffer.tell():
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, int) else str(value)
