"""Copies the database of one moment into a SQLite file, while others write, and reads which WARC bytes it refers to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine, func, select

from newscrawl.errors import ArchiveError, StoreError
from newscrawl.store import schema
from newscrawl.store.copy import copying
from newscrawl.store.engine import open_engine, translated
from newscrawl.store.opened import open_existing
from newscrawl.store.read.reader import active_runs, archive_exists
from newscrawl.store.tables import articles, captures, proof_checkpoints, prunings, versions

# Errors that can only concern the copy, because the archive itself is only read.
_ERRORS_OF_THE_COPY = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a snapshot contains.

    `ends` maps each WARC file to the end of the last record that a capture refers to; `given_up` are the files that
    pruning replaced; `checkpoint` is the newest of the proof log.
    """

    schema: str
    articles: int
    versions: int
    captures: int
    ends: dict[str, int]
    given_up: frozenset[str]
    checkpoint: str | None = None


def check(url: str) -> None:
    """Raises SchemaError if there is no archive at `url`."""
    open_existing(url).dispose()


def take(url: str, target: Path) -> Contents:
    """Copy the database at `url` into the new SQLite file `target`, in one snapshot, and check the copy.

    A crawl may continue meanwhile. Raises SchemaError if there is no archive, StoreError if it cannot be read, is
    damaged, or the copy cannot be written.
    """
    engine = open_existing(url)
    try:
        if engine.dialect.name == "sqlite":
            _copy(engine, target)
        else:
            _copy_rows(engine, _address(target))
            with closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        engine.dispose()
    return _contents(target)


def put_back(source: Path, url: str) -> None:
    """Fill the empty PostgreSQL database at `url` from a copy of a snapshot, all or nothing.

    The schema of the copy is upgraded first.
    """
    engine = open_existing(_address(source))
    try:
        _copy_rows(engine, url)
    finally:
        engine.dispose()


def is_crawled(url: str) -> bool:
    """Whether a crawl of the archive at `url` is running; False if the archive cannot be opened."""
    try:
        engine = open_existing(url)
    except ArchiveError:
        return False  # damaged or missing: nobody can be writing to it
    try:
        return bool(active_runs(engine))
    finally:
        engine.dispose()


def is_used(url: str) -> bool:
    """Whether there is an archive at `url`. Raises StoreError or SchemaError."""
    return archive_exists(url)


def _copy_rows(source: Engine, url: str) -> None:
    """Copy an archive into another kind of database, compared row by row."""
    target = open_engine(url)
    try:
        copying.copy(source, target)
    finally:
        target.dispose()


def _address(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string()


def _copy(engine: Engine, target: Path) -> None:
    with translated(engine), engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        try:
            source.backup(copy)  # in one step: a snapshot that does not hold up writers
            # Not in WAL mode, which makes files beside it wherever it is opened.
            copy.execute("PRAGMA journal_mode = DELETE")
            check_result = [row[0] for row in copy.execute("PRAGMA quick_check(3)")]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _ERRORS_OF_THE_COPY:
                raise
            raise StoreError(
                f"the copy cannot be written: {error}",
                subject=str(target),
                hint="Make room on the disk of the backup and run again; earlier backups are whole",
            ) from error
    if check_result != ["ok"]:
        raise StoreError(
            f"the database is damaged: {'; '.join(check_result)[:200]}",
            subject=engine.url.database,
            hint="Restore it from an earlier backup, which was left alone",
        )


def _contents(file: Path) -> Contents:
    engine = create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool)
    ends = select(captures.c.file, func.max(captures.c.offset + captures.c.length))
    newest = select(proof_checkpoints.c.note).order_by(proof_checkpoints.c.size.desc())
    with translated(engine), engine.connect() as connection:
        number = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (articles, versions, captures)
        }
        found = connection.execute(ends.where(captures.c.pruning_id.is_(None)).group_by(captures.c.file))
        return Contents(
            schema=schema.HEAD,
            articles=number["articles"],
            versions=number["versions"],
            captures=number["captures"],
            ends={row[0]: row[1] for row in found},
            given_up=frozenset(connection.execute(select(prunings.c.file)).scalars()),
            checkpoint=connection.execute(newest.limit(1)).scalar(),
        )
