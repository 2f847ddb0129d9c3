"""Records as CSV in UTF-8. Lists and objects are written as JSON text, all other values unchanged."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BOM = b"\xef\xbb\xbf"
# What spreadsheets take for a formula where a text begins with it, also behind spaces, and in its wide forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """`bom`: a byte order mark in front, by which Excel knows UTF-8. `formula_safe`: an apostrophe before texts that spreadsheets would run."""

    bom: bool = False
    formula_safe: bool = False


PLAIN = CsvStyle()


class CsvWriter:
    """Writes a heading, then one line for each object with these keys; unknown values give empty cells."""

    def __init__(
        self, write: Callable[[bytes], object], keys: Iterable[str], style: CsvStyle = PLAIN
    ) -> None:
        names = list(keys)
        self._write, self._line, self._head = write, csv_line(names, style), csv_heading(names, style)

    def add(self, value: Mapping[str, Any]) -> None:
        """Writes one object."""
        self._write(self._head + self._line(value))
        self._head = b""

    def close(self) -> None:
        """Writes the heading where nothing stands below it."""
        if self._head:
            self._write(self._head)


def csv_line(keys: Iterable[str], style: CsvStyle = PLAIN) -> Callable[[Mapping[str, Any]], bytes]:
    """A function that turns an object with these keys into its line."""
    names = list(keys)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)

    def line(value: Mapping[str, Any]) -> bytes:
        writer.writerow([_cell(value[name], style.formula_safe) for name in names])
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode("utf-8", "backslashreplace")

    return line


def csv_heading(keys: Iterable[str], style: CsvStyle = PLAIN) -> bytes:
    """The first line, with the mark before it where the style has one."""
    return (BOM if style.bom else b"") + csv_line(keys)({name: name for name in keys})


def _cell(value: Any, formula_safe: bool) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    return f"'{text}" if formula_safe and text.lstrip(" \xa0").startswith(_FORMULA) else text
