"""Opens the database of an archive: SQLite or PostgreSQL, with the settings an archive needs. Knows no table."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from newscrawl.errors import StoreError, UsageError

# How long a statement waits for another program that holds the SQLite file, in seconds.
BUSY_TIMEOUT = 90.0


def open_engine(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> Engine:
    """An engine for `url` (`sqlite:///path` or `postgresql://…`). Nothing is read yet.

    `busy_timeout` is how many seconds a statement waits for a locked SQLite file; `?timeout=SECONDS` in the address wins.
    Raises UsageError for an address that is no database address or whose driver is not installed.
    """
    try:
        parsed = _parsed(url)
        if parsed.get_backend_name() == "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise UsageError(
                    "an archive needs a database file",
                    subject=_masked(url),
                    hint="Use sqlite:////path/to/newscrawl.db",
                )
            engine = create_engine(
                parsed,
                connect_args={"timeout": _timeout(parsed, busy_timeout), "check_same_thread": False},
                pool_size=4,
                max_overflow=4,
            )
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        elif parsed.get_backend_name() == "postgresql":
            engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 15})
        else:
            raise UsageError("an archive is kept in SQLite or PostgreSQL", subject=_masked(url))
    except ModuleNotFoundError as error:
        raise UsageError(
            "the driver for this database is not installed",
            subject=_masked(url),
            hint="pip install 'psycopg[binary]'",
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise _no_address(url) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reads. Database failures come out as StoreError."""
    with translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on any error. Database failures come out as StoreError.

    On SQLite the write lock is taken at once: read-then-write in a deferred transaction fails
    with "database is locked" whatever the timeout (192 of 240 tries; with BEGIN IMMEDIATE none).
    """
    with (
        translated(engine),
        engine.connect().execution_options(newscrawl_write=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turns failures of the database, and only those, into StoreError: our own bugs stay what they are."""
    try:
        yield
    except DBAPIError as error:
        # IntegrityError and ProgrammingError are ours: they must be seen, not explained away.
        name = type(error).__name__
        # PostgreSQL files "permission denied" (42501) under programming errors; that one is not ours.
        refused = getattr(error.orig, "sqlstate", None) == "42501"
        if (
            name not in ("OperationalError", "InterfaceError", "InternalError", "DatabaseError")
            and not refused
        ):
            raise
        raise StoreError(_reason(error), subject=_masked(engine.url), hint=_hint(str(error.orig))) from error
    except SQLAlchemyError as error:
        if isinstance(error, TimeoutError) or "QueuePool" in str(error):
            raise StoreError("no database connection came free", subject=_masked(engine.url)) from error
        raise


def prepare_home(url: str) -> None:
    """Makes the folder of a SQLite file. Raises StoreError where that cannot be done."""
    path = sqlite_path(url)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: several programs may start at the same moment.
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise StoreError(
            f"cannot write here ({error.strerror or error})",
            subject=str(path.parent),
            hint="Set NEWSCRAWL_HOME to a folder you may write to",
        ) from error


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite address, None for other databases."""
    parsed = _parsed(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise _no_address(url) from error
    if "@" in (parsed.host or ""):
        # The rest of a password with an @ in it would be taken for the host, and shown.
        raise UsageError(
            "has an @ too many", subject="NEWSCRAWL_DATABASE_URL", hint="Write an @ in a password as %40"
        )
    return parsed


def _timeout(parsed: URL, usual: float) -> float:
    given = parsed.query.get("timeout")
    if given is None:
        return usual
    try:
        seconds = float(str(given))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        raise UsageError("is no number of seconds", subject=f"timeout={given}"[:80])
    return seconds


def _no_address(url: str) -> UsageError:
    return UsageError(
        "not a database address",
        subject=_masked(url),
        hint="Use sqlite:///FILE or postgresql://USER@HOST/DB",
    )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction mode would begin transactions behind our back.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    _use_wal(cursor)
    # FULL: a commit is on the disk when it returns. In WAL mode NORMAL may lose the last commits on power loss,
    # while the WARC bytes they pointed to are there: harmless for the ledger, but "nothing is lost" is the promise.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Sets WAL mode, which stays with the file.

    SQLite does not wait for a lock here, whatever the timeout: of programs that met a new file at the
    same moment some failed with "database is locked". So the wait is ours.
    """
    until = time.monotonic() + cursor.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("newscrawl_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _masked(url: str | URL) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (SQLAlchemyError, ValueError):
        # What cannot be read as an address may still hold a password.
        return "NEWSCRAWL_DATABASE_URL"


def _reason(error: DBAPIError) -> str:
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if isinstance(error.orig, sqlite3.Error):
        return f"the database says: {text}"
    return f"the database cannot be used: {text}"


def _hint(text: str) -> str:
    lowered = text.lower()
    if "locked" in lowered or "busy" in lowered:
        return "Another program holds the file; try again when it is done"
    if "full" in lowered or "no space" in lowered:
        return "Make room on the disk and run again: nothing that was committed is lost"
    if "disk i/o" in lowered:
        # SQLite's words where a helper file (-wal, -shm) finds no room as well.
        return "The disk may be full or failing: make room and run again; nothing that was committed is lost"
    if "readonly" in lowered or "unable to open" in lowered or "permission" in lowered:
        return "Check that the file and its folder may be written by this user"
    if "malformed" in lowered or "not a database" in lowered:
        return "The file is damaged or no database; restore it from a backup"
    return "Check that the database is running and reachable"
