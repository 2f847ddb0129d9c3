"""Records as Parquet: typed columns, written a row group at a time so that memory stays flat.

Needs pyarrow, an optional dependency that is imported only when Parquet is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newscrawl.errors import UsageError
from newscrawl.model.fields import Field, Type

# A row group is written at this many rows or characters of text, whichever comes first.
ROWS, CHARACTERS = 5000, 8_000_000

_NESTED = frozenset({Type.OBJECT, Type.OBJECTS, Type.PAIRS, Type.MAPPING})


def parquet_parts(
    of_kind: Sequence[Field], values: Iterable[Mapping[str, Any]], *, rows: int = ROWS
) -> Iterator[bytes]:
    """Yields a Parquet file (zstd) of JSON objects with these fields, piece by piece; nested values are JSON text.

    Raises UsageError if pyarrow is not installed, before anything is read.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            "needs pyarrow, which is not installed",
            subject="--format parquet",
            hint="Install it: pip install 'newscrawl[parquet]'",
        ) from error
    # Everything else is text, also publishers' dates, which may be only a day and whose UTC offset must be kept.
    types = {
        Type.NUMBER: pa.int64(),
        Type.TRUTH: pa.bool_(),
        Type.INSTANT: pa.timestamp("us", tz="UTC"),
        Type.TEXTS: pa.list_(pa.string()),
        Type.CHOICES: pa.list_(pa.string()),
    }
    schema = pa.schema([(field.name, types.get(field.type, pa.string())) for field in of_kind])
    return _parts(pa, parquet, schema, of_kind, values, rows)


def _parts(
    pa: Any,
    parquet: Any,
    schema: Any,
    of_kind: Sequence[Field],
    values: Iterable[Mapping[str, Any]],
    rows: int,
) -> Iterator[bytes]:
    pieces = _Pieces()
    with parquet.ParquetWriter(pa.PythonFile(pieces, mode="w"), schema, compression="zstd") as writer:
        for group in _groups(values, rows):
            converted = [{f.name: _converted(f.type, value[f.name]) for f in of_kind} for value in group]
            writer.write_table(pa.Table.from_pylist(converted, schema=schema))
            yield pieces.taken()
    yield pieces.taken()


def _converted(of_type: Type, value: Any) -> Any:
    if value is None:
        return None
    if of_type is Type.INSTANT:
        return datetime.fromisoformat(value)
    return json.dumps(value, ensure_ascii=False) if of_type in _NESTED else value


def _groups(values: Iterable[Mapping[str, Any]], rows: int) -> Iterator[list[Mapping[str, Any]]]:
    group: list[Mapping[str, Any]] = []
    size = 0
    for value in values:
        group.append(value)
        size += len(value.get("body") or "")
        if len(group) >= rows or size >= CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group


class _Pieces:
    """Stands in for a file: collects the bytes written until `taken` returns them."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._written += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Does nothing: required by pyarrow."""

    def close(self) -> None:
        """Does nothing: required by pyarrow."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
