"""Rows as Parquet: typed columns, written a row group at a time so that memory stays flat.

Needs pyarrow, an optional dependency that is imported only when Parquet is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from newscrawl.errors import UsageError
from newscrawl.model.fields import Type
from newscrawl.serialization.columns import Column, Row

# A row group is written at this many rows or characters of text, whichever comes first.
ROWS, CHARACTERS = 5000, 8_000_000


class ParquetWriter:
    """Writes a Parquet file (zstd) of rows with these columns; the same rows give the same bytes.

    Raises UsageError if pyarrow is not installed.
    """

    def __init__(
        self, write: Callable[[bytes], object], columns: Sequence[Column], *, most: int = ROWS
    ) -> None:
        pa, parquet = _pyarrow()
        self._table, self._most = pa.Table, most
        self._schema = pa.schema([(column.name, _type(pa, column)) for column in columns])
        self._file = parquet.ParquetWriter(
            pa.PythonFile(_Stream(write), mode="w"), self._schema, compression="zstd"
        )
        self._group: list[Row] = []
        self._size = 0

    def add(self, row: Row) -> None:
        """Adds one row, and writes a group where there are enough."""
        self._group.append(row)
        self._size += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._group) >= self._most or self._size >= CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Writes what is left, and the end of the file."""
        if self._group:
            self._flush()
        self._file.close()

    def _flush(self) -> None:
        self._file.write_table(self._table.from_pylist(self._group, schema=self._schema))
        self._group, self._size = [], 0


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            "needs pyarrow, which is not installed",
            subject="--format parquet",
            hint="Install it: pip install 'newscrawl[parquet]'",
        ) from error
    return pa, parquet


def _type(pa: Any, column: Column) -> Any:
    match column.type:
        case Type.NUMBER:
            return pa.int64()
        case Type.REAL:
            return pa.float64()
        case Type.TRUTH:
            return pa.bool_()
        case Type.INSTANT:
            return pa.timestamp("us", tz="UTC")
        case Type.DAY:
            return pa.date32()
        case Type.TEXTS | Type.CHOICES:
            return pa.list_(pa.string())
        case Type.OBJECT | Type.OBJECTS:
            inner = pa.struct([(part.name, _type(pa, part)) for part in column.parts])
            return inner if column.type is Type.OBJECT else pa.list_(inner)
    return pa.string()


class _Stream:
    """What pyarrow takes for a file: passes on what is written and counts it."""

    closed = False

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self._written = write, 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._write(piece)
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Does nothing: required by pyarrow."""

    def close(self) -> None:
        """Does nothing: required by pyarrow."""
