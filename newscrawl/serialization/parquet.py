"""Records as Parquet: typed columns, written a row group at a time so that memory stays flat. Knows no archive.

Needs pyarrow, which is an extra: imported only when Parquet is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newscrawl.errors import UsageError

# A row group is full at so many rows or characters of text, whichever comes first.
ROWS, CHARACTERS = 5000, 8_000_000

# What columns hold, by name; text where nothing is said. Publishers' own dates (`published`, `modified`) stay text:
# they may be a day alone, and their offset means something. What is an instant of ours is a UTC timestamp.
_NUMBERS = ("id", "run", "article", "version", "versions", "status", "milliseconds", "position", "returns_to")
_INSTANTS = (
    "at", "state_since", "first_seen", "last_checked", "seen_before", "first_absent", "last_seen", "confirmed_at",
    "returned_at", "closed_at",
)  # fmt: skip
_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(_INSTANTS, "instant"),
    **dict.fromkeys(("controls_fine", "open"), "truth"),
    **dict.fromkeys(("aliases", "tags", "kinds"), "texts"),
    **dict.fromkeys(("authors", "images", "capture", "evidence"), "nested"),
}
# `from` and `to` are versions of an edit and instants of a gap.
_OF_KIND: Mapping[str, Mapping[str, str]] = {
    "changes": {"from": "number", "to": "number"},
    "coverage": {"from": "instant", "to": "instant"},
}


def parquet_parts(
    what: str, keys: Sequence[str], values: Iterable[Mapping[str, Any]], *, rows: int = ROWS
) -> Iterator[bytes]:
    """A Parquet file (zstd) of the records of a kind, piece by piece; nested values are JSON text.

    Raises UsageError where pyarrow is not installed, before anything is read.
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
    columns = {key: {**_COLUMNS, **_OF_KIND.get(what, {})}.get(key, "text") for key in keys}
    types = {
        "text": pa.string(),
        "nested": pa.string(),
        "number": pa.int64(),
        "truth": pa.bool_(),
        "instant": pa.timestamp("us", tz="UTC"),
        "texts": pa.list_(pa.string()),
    }
    schema = pa.schema([(key, types[kind]) for key, kind in columns.items()])
    return _parts(pa, parquet, schema, columns, values, rows)


def _parts(
    pa: Any,
    parquet: Any,
    schema: Any,
    columns: Mapping[str, str],
    values: Iterable[Mapping[str, Any]],
    rows: int,
) -> Iterator[bytes]:
    pieces = _Pieces()
    with parquet.ParquetWriter(pa.PythonFile(pieces, mode="w"), schema, compression="zstd") as writer:
        for group in _groups(values, rows):
            converted = [
                {key: _CONVERTED[kind](value[key]) for key, kind in columns.items()} for value in group
            ]
            writer.write_table(pa.Table.from_pylist(converted, schema=schema))
            yield pieces.taken()
    yield pieces.taken()


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


def _same(value: Any) -> Any:
    return value


_CONVERTED: Mapping[str, Callable[[Any], Any]] = {
    "text": lambda value: (
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    ),
    "nested": lambda value: None if value is None else json.dumps(value, ensure_ascii=False),
    "number": _same,
    "truth": _same,
    "texts": _same,
    "instant": lambda value: None if value is None else datetime.fromisoformat(value),
}


class _Pieces:
    """What the writer takes for a file: keeps what was written until it is taken away."""

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
        """Nothing waits anywhere."""

    def close(self) -> None:
        """Nothing to close."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
