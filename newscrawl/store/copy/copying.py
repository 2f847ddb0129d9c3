"""Copies a whole archive from one database into another (SQLite or PostgreSQL), compared row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKeyConstraint,
    Select,
    Table,
    TableClause,
    Text,
    cast,
    column,
    func,
    insert,
    inspect,
    literal,
    select,
    table as untyped_table,
    text,
)
from sqlalchemy.schema import AddConstraint, DropConstraint

from newscrawl.errors import SchemaError, StoreError, UsageError
from newscrawl.store import schema
from newscrawl.store.engine import snapshot
from newscrawl.store.errors import first_line, masked, translated
from newscrawl.store.tables import metadata
from newscrawl.store.types import Values

# Rows in memory at a time: a few megabytes even with long texts.
_BATCH = 500

Step = Callable[[str, int], None]
Write = Callable[[Sequence[Any]], object]


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """The contents of one table, equal on both sides: rows, and the hash of all values in the order of their keys."""

    name: str
    rows: int
    sha256: str


def copy(source: Engine, target: Engine, step: Step = lambda *_: None) -> list[CopiedTable]:
    """Copy everything in the database of an archive into an empty one, all or nothing.

    Both sides are read and compared before the copy is committed; an interrupted copy leaves the target empty. The
    source is read in one snapshot, so a crawl may continue; what it stores later is not in the copy. Ids are kept.
    `step` is called with the table and the number of rows each time some are written or compared.

    The source must have the schema of this program; the target gets it. Raises SchemaError, UsageError if the target
    is not empty, StoreError if the target cannot hold the source's values or the two differ at the end.
    """
    with snapshot(source) as origin, schema.rebuilding(target) as goal:
        if (revision := _revision(origin)) != schema.HEAD:
            raise SchemaError(
                f"the archive has schema {revision}, this program needs {schema.HEAD}",
                subject=masked(source.url),
                hint="Run: newscrawl db upgrade",
            )
        _prepare(goal)
        tables = metadata.sorted_tables
        written = [_fill(origin, goal, table, step) for table in tables]
        if goal.dialect.name == "postgresql":
            _finish_postgres(goal)
        found = [_contents(goal, table, step) for table in tables]
        if differing := [one.name for one, other in zip(written, found, strict=True) if one != other]:
            raise StoreError(
                f"after copying, {', '.join(differing)} differ from the source; nothing was kept",
                subject=masked(target.url),
                hint="Run newscrawl verify on the source, and report this if it finds nothing",
            )
    return written


def rows_in(engine: Engine) -> int:
    """The number of rows in all tables of an archive."""
    with snapshot(engine) as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        )


def _revision(connection: Connection) -> str | None:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _prepare(goal: Connection) -> None:
    """Check that the target is empty and give it the schema of this program."""
    there = set(inspect(goal).get_table_names())
    if there & set(metadata.tables) and "alembic_version" not in there:
        raise UsageError(
            "holds tables of these names that newscrawl did not make",
            subject=masked(goal.engine.url),
            hint="Give an empty database",
        )
    for name in sorted(there & set(metadata.tables)):
        if goal.execute(select(literal(1)).select_from(metadata.tables[name]).limit(1)).first() is not None:
            raise UsageError(
                "holds an archive already; nothing was copied",
                subject=masked(goal.engine.url),
                hint="Give an empty database: a copy is never mixed into another archive",
            )
    schema.migrate(goal)
    if goal.dialect.name == "postgresql":
        # Rows may refer to later rows of the same table: references are checked at the end, all at once.
        for key in _references():
            goal.execute(DropConstraint(key))


def _finish_postgres(goal: Connection) -> None:
    for key in _references():
        try:
            goal.execute(AddConstraint(key))
        except Exception as error:
            raise _refused(error, goal, str(key.name)) from error
    for table in metadata.sorted_tables:
        if "id" in table.c:
            goal.execute(
                select(
                    func.setval(
                        func.pg_get_serial_sequence(table.name, "id"),
                        select(func.max(table.c.id)).scalar_subquery(),
                    )
                ).where(select(table.c.id).exists())
            )
        goal.exec_driver_sql(f'ANALYZE "{table.name}"')  # statistics for the query planner


def _references() -> Iterator[ForeignKeyConstraint]:
    for table in metadata.sorted_tables:
        yield from sorted(table.foreign_key_constraints, key=lambda key: str(key.name))


def _fill(origin: Connection, goal: Connection, table: Table, step: Step) -> CopiedTable:
    taken = _Contents(table.name, step)
    try:
        # Closed before the connection is used again, also if the copy fails.
        with (
            _copying_in(goal, table)
            if goal.dialect.name == "postgresql"
            else _inserting(goal, table) as write
        ):
            for part in _rows(origin, table):
                write(part)
                taken.add(part)
    except Exception as error:
        raise _refused(error, goal, table.name) from error
    return taken.all()


@contextmanager
def _inserting(goal: Connection, table: Table) -> Iterator[Write]:
    writable = _writable(table)
    yield lambda part: goal.execute(insert(writable), [row._asdict() for row in part])


@contextmanager
def _copying_in(goal: Connection, table: Table) -> Iterator[Write]:
    """Write with COPY, which takes a fraction of the time of INSERT."""
    names = ", ".join(f'"{one.name}"' for one in table.c)
    driver: Any = goal.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as lines:

        def write(part: Sequence[Any]) -> None:
            for row in part:
                lines.write_row(row)

        yield write


def _contents(connection: Connection, table: Table, step: Step) -> CopiedTable:
    found = _Contents(table.name, step)
    for part in _rows(connection, table):
        found.add(part)
    return found.all()


class _Contents:
    """Counts and hashes the rows of a table while they are copied or read."""

    def __init__(self, name: str, step: Step) -> None:
        self._name, self._step = name, step
        self._digest, self._rows = hashlib.sha256(), 0

    def add(self, part: Sequence[Any]) -> None:
        for row in part:
            # Numbers, booleans, text and instants in UTC have the same repr whichever database they come from.
            self._digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
        self._rows += len(part)
        self._step(self._name, len(part))

    def all(self) -> CopiedTable:
        return CopiedTable(self._name, self._rows, self._digest.hexdigest())


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """All rows of a table in the order of their keys, in batches."""
    query: Select[Any] = select(*map(_readable, table.c)).order_by(*table.primary_key)
    with (
        translated(connection.engine),  # an error here is this side's, whatever is done with the rows
        connection.execute(query, execution_options={"yield_per": _BATCH}) as result,
    ):
        yield from result.partitions(_BATCH)


def _readable(one: Column[Any]) -> Any:
    """A column for reading; JSON as its text, because the order of names and the digits of numbers must not change."""
    return cast(one, Text).label(one.name) if isinstance(one.type, Values) else one


def _writable(table: Table) -> TableClause:
    """The table for writing, with JSON as text."""
    return untyped_table(
        table.name,
        *(column(one.name, Text() if isinstance(one.type, Values) else one.type) for one in table.c),
    )


def _refused(error: Exception, goal: Connection, what: str) -> Exception:
    """A StoreError for values the target refuses (NUL or overlong text, broken references); other errors unchanged."""
    driver: Any = goal.dialect.dbapi
    cause = getattr(error, "orig", error)
    if not isinstance(cause, driver.DataError | driver.IntegrityError):
        return error
    return StoreError(
        f"{what} cannot be copied: {first_line(cause)}; nothing was kept",
        subject=masked(goal.engine.url),
        hint="Run newscrawl verify on the source",
    )
