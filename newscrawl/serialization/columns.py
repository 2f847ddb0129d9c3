"""Records as rows of typed columns, by the table of fields: what Parquet files and releases hold.

JSON objects (records.py) are for programs that read one; columns are for programs that read a million, where a column has
one type. So a publisher's date, which may be an instant or a day alone, becomes three: `published`, the instant, empty where
only the day is known; `published_day`, in the publisher's own calendar; `published_offset`, minutes east of UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

from newscrawl.model import Precision
from newscrawl.model.fields import Field, Type
from newscrawl.serialization.records import instant

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds, how that is taken from a record, and the columns of its objects.

    TEXT and CHOICE hold `str`, TEXTS and CHOICES lists of it, NUMBER `int`, REAL `float`, INSTANT an aware `datetime` in UTC, DAY a
    `date`, OBJECT a mapping of its `parts` and OBJECTS a list of such; each may be None.
    """

    name: str
    type: Type
    get: Callable[[Any], Any]
    parts: tuple[Column, ...] = ()


def columns_of(of_kind: Sequence[Field]) -> tuple[Column, ...]:
    """The columns of records with these fields, in their order."""
    return tuple(column for field in of_kind for column in _columns(field))


def row_of(columns: Sequence[Column]) -> Callable[[Any], Row]:
    """A function that turns a record into a row."""
    getters = [(column.name, column.get) for column in columns]
    return lambda record: {name: get(record) for name, get in getters}


def plain(value: Any) -> Any:
    """A value of a row as JSON has it: instants in one width, days as ISO dates."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


def _columns(field: Field) -> list[Column]:
    get = _reader(field.attribute)
    if field.type is Type.STATED:
        return _stated(field, get)
    if field.type in (Type.OBJECT, Type.OBJECTS):
        return [_nested(field, get)]
    taken = _TAKEN.get(field.type)
    if taken is None:
        return [Column(field.name, field.type, get)]
    return [Column(field.name, field.type, lambda record: taken(get(record)))]


def _nested(field: Field, get: Callable[[Any], Any]) -> Column:
    parts = columns_of(field.parts)
    inner = row_of(parts)

    def one(record: Any) -> Row | None:
        return None if (value := get(record)) is None else inner(value)

    def several(record: Any) -> list[Row]:
        return [inner(value) for value in get(record) or ()]

    return Column(field.name, field.type, one if field.type is Type.OBJECT else several, parts)


def _reader(path: str) -> Callable[[Any], Any]:
    """The attribute at a dotted path; None where one on the way to it is None."""
    whole, steps = attrgetter(path), [attrgetter(name) for name in path.split(".")]

    def read(record: Any) -> Any:
        try:
            return whole(record)
        except AttributeError:
            for step in steps:
                if record is None:
                    return None
                record = step(record)
            return record

    return read


def _stated(field: Field, get: Callable[[Any], Any]) -> list[Column]:
    precision = _reader(field.precision) if field.precision else lambda _: None
    columns = [
        Column(
            field.name,
            Type.INSTANT,
            lambda record: None if precision(record) is Precision.DAY else _utc(get(record)),
        )
    ]
    if field.precision:
        columns.append(
            Column(f"{field.name}_day", Type.DAY, lambda record: (at := get(record)) and at.date())
        )
    return [*columns, Column(f"{field.name}_offset", Type.NUMBER, lambda record: _offset(get(record)))]


def _utc(at: datetime | None) -> datetime | None:
    try:
        return at and at.astimezone(UTC)
    except OverflowError:  # within hours of the first or last day of the calendar
        return None


def _offset(at: datetime | None) -> int | None:
    east = at.utcoffset() if at is not None else None
    return None if east is None else int(east.total_seconds() // 60)


_TAKEN: Mapping[Type, Callable[[Any], Any]] = {
    Type.INSTANT: _utc,
    Type.CHOICE: lambda value: None if value is None else value.value,
    Type.TEXTS: list,
    Type.CHOICES: lambda values: [value.value for value in values],
    Type.PAIRS: lambda pairs: [list(pair) for pair in pairs],
}
