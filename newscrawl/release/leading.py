"""Lines of text whose first rows show what every column holds.

Readers guess the types of columns from the first rows, polars from a hundred: a column that is null in all of them and not
later, or that has figures in them and words later, is an error there. So rows that show a column for the first time go first,
the others follow in their order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

from newscrawl.model.fields import Type
from newscrawl.serialization.columns import Column

_PIECE = 1 << 20
_NESTED = (Type.OBJECT, Type.OBJECTS)
_TEXTS = (Type.TEXT, Type.CHOICE)
_OTHER = re.compile(r"[^\d\s.,:;/+\-_%TZeE]")
_TAKEN = {"true", "false", "null", "none", "nan", "inf", "infinity", "n/a", "na", "yes", "no"}

Path = tuple[str, ...]


class LeadingWriter:
    """Writes rows as lines, those first that show a column for the first time; the others wait in `waiting`, an empty file.

    `shows` says whether a value of a text column tells that it is one. `head` is written before all rows.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        columns: Sequence[Column],
        line: Callable[[Mapping[str, Any]], bytes],
        waiting: IO[bytes],
        *,
        shows: Callable[[str], bool] = bool,
        head: bytes = b"",
    ) -> None:
        self._write, self._line, self._waiting, self._shows = write, line, waiting, shows
        # What no row has shown yet, by its column.
        self._open: dict[str, set[Path]] = {one.name: set(_leaves(one, ())) for one in columns}
        self._columns = {one.name: one for one in columns}
        if head:
            write(head)

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a row, which is plain JSON (`columns.plain`)."""
        first = False
        for name, still in list(self._open.items()):
            if (value := values[name]) is None:
                continue
            if found := still.intersection(_shown(self._columns[name], value, (), self._shows)):
                first = True
                still.difference_update(found)
                if not still:
                    del self._open[name]
        (self._write if first else self._waiting.write)(self._line(values))

    def close(self) -> None:
        """Writes the rows that waited."""
        self._waiting.seek(0)
        while piece := self._waiting.read(_PIECE):
            self._write(piece)


def _leaves(column: Column, above: Path) -> Iterator[Path]:
    path = (*above, column.name)
    if column.type in _NESTED:
        for part in column.parts:
            yield from _leaves(part, path)
    else:
        yield path


def _shown(column: Column, value: Any, above: Path, shows: Callable[[str], bool]) -> Iterator[Path]:
    """Which leaves of a column a value shows."""
    path = (*above, column.name)
    if value is None:
        return
    if column.type not in _NESTED:
        if value != [] and (column.type not in _TEXTS or shows(value)):
            yield path
        return
    for one in value if column.type is Type.OBJECTS else (value,):
        for part in column.parts:
            yield from _shown(part, one[part.name], path, shows)


def is_word(text: str) -> bool:
    """Whether nobody takes a text for a number, a date, a time or a truth value."""
    return _OTHER.search(text) is not None and text.strip().lower() not in _TAKEN
