"""The database of one moment as a SQLite file of its own, taken while others write; and what it says of the WARC files."""

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
from newscrawl.store.read.queries import active_runs, archive_exists
from newscrawl.store.tables import articles, captures, prunings, versions

# What only the file that is written can say: the archive itself is read.
_OF_THE_COPY = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a snapshot holds. `ends` says where in each WARC file the last record ends that a capture refers to;
    `given_up` are the files that pruning replaced by others.
    """

    schema: str
    articles: int
    versions: int
    captures: int
    ends: dict[str, int]
    given_up: frozenset[str]


def check(url: str) -> None:
    """Raises SchemaError where there is no archive at `url`."""
    open_existing(url).dispose()


def take(url: str, target: Path) -> Contents:
    """Copies the database at `url` into the new SQLite file `target`, as of one moment, checks the copy and says what it holds.

    A crawl may go on meanwhile. Raises SchemaError where there is no archive, StoreError where it cannot be read, is
    damaged, or the copy cannot be written.
    """
    engine = open_existing(url)
    try:
        if engine.dialect.name == "sqlite":
            _copy(engine, target)
        else:
            _across(engine, _address(target))
            with closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        engine.dispose()
    return _contents(target)


def put_back(source: Path, url: str) -> None:
    """Fills the empty database at `url`, which is no SQLite file, from a copy of a snapshot, which is brought up to date first. All or nothing."""
    engine = open_existing(_address(source))
    try:
        _across(engine, url)
    finally:
        engine.dispose()


def is_crawled(url: str) -> bool:
    """Whether a crawl of the archive at `url` is under way, as far as that can be asked."""
    try:
        engine = open_existing(url)
    except ArchiveError:
        return False  # damaged, or none: nobody writes to it
    try:
        return bool(active_runs(engine))
    finally:
        engine.dispose()


def is_used(url: str) -> bool:
    """Whether an archive is in the way at `url`. Raises StoreError or SchemaError."""
    return archive_exists(url)


def _across(source: Engine, url: str) -> None:
    """An archive from one kind of database into the other, compared row by row."""
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
            source.backup(copy)  # in one step: as of one moment, and writers are not held up
            # Not in WAL mode, which would make files beside it wherever it is opened.
            copy.execute("PRAGMA journal_mode = DELETE")
            said = [row[0] for row in copy.execute("PRAGMA quick_check(3)")]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _OF_THE_COPY:
                raise
            raise StoreError(
                f"the copy cannot be written: {error}",
                subject=str(target),
                hint="Make room on the disk of the backup and run again; earlier backups are whole",
            ) from error
    if said != ["ok"]:
        raise StoreError(
            f"the database is damaged: {'; '.join(said)[:200]}",
            subject=engine.url.database,
            hint="Restore it from an earlier backup, which was left alone",
        )


def _contents(file: Path) -> Contents:
    engine = create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool)
    ends = select(captures.c.file, func.max(captures.c.offset + captures.c.length))
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
        )
