"""Opens the database of an archive, SQLite or PostgreSQL, with the settings an archive needs.

Failures of the database are raised as errors of the program (`errors.py`).
"""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from newscrawl.errors import SchemaError, StoreError, UsageError
from newscrawl.store.errors import masked, translated as translated  # noqa: PLC0414 - needed wherever a connection is opened

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)  # whoever shows it decides by its own level

# Seconds a statement waits for another program that holds the SQLite file, or rows on PostgreSQL.
BUSY_TIMEOUT = 90.0
# Seconds that it waits without a word (for a log file, and for whoever sits at a terminal).
SILENT = 2.0
# Seconds after which PostgreSQL ends an idle write transaction: its client is dead or cut off, and it holds rows that
# others wait for. As long as a lease lasts without a heartbeat.
IDLE_TIMEOUT = 300.0
# libpq settings that detect a broken connection within a minute and a half.
_KEEPALIVE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 5,
    "tcp_user_timeout": 80_000,  # milliseconds
}


def open_engine(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> Engine:
    """An engine for `url` (`sqlite:///path` or `postgresql://…`). Nothing is read yet.

    `busy_timeout` is how many seconds a statement waits for a locked SQLite file (`?timeout=SECONDS` in the
    address wins), or for rows that another writer holds on PostgreSQL. Raises UsageError for a wrong
    database address, or if its driver is not installed.
    """
    try:
        parsed = _parsed(url)
        if parsed.get_backend_name() == "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise UsageError(
                    "an archive needs a database file",
                    subject=masked(url),
                    hint="Use sqlite:////path/to/newscrawl.db",
                )
            engine = create_engine(
                parsed,
                connect_args={"timeout": _timeout(parsed, busy_timeout), "check_same_thread": False},
                pool_size=4,
                max_overflow=4,
            )
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", begin_sqlite)
        elif parsed.get_backend_name() == "postgresql":
            # No statement is prepared on the server: with a pool that assigns connections by transaction (pgbouncer)
            # another connection would meet it. The address may override this.
            given = {name: value for name, value in _KEEPALIVE.items() if name not in parsed.query}
            engine = create_engine(
                parsed, pool_pre_ping=True, connect_args={**given, "prepare_threshold": None}
            )
            # First of all: the dialect itself fails to read what a database of another encoding answers.
            event.listen(engine, "connect", _check_encoding(masked(url)), insert=True)
            event.listen(engine, "begin", _begin_postgres(busy_timeout))
        else:
            raise UsageError("an archive is kept in SQLite or PostgreSQL", subject=masked(url))
    except ModuleNotFoundError as error:
        raise UsageError(
            "the driver for this database is not installed",
            subject=masked(url),
            hint="pip install 'psycopg[binary]'",
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise _no_address(url) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reads. Database failures are raised as StoreError."""
    with translated(engine), engine.connect() as connection:
        yield connection


AT_THE_END = "newscrawl_notes"
"""Where a write transaction keeps the notes for the proof log (store/proof/pending.py), written by one statement at its end."""


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on any error. Raises StoreError.

    On SQLite the write lock is taken at once: reading and then writing in a deferred transaction fails with
    "database is locked" whatever the timeout (192 of 240 tries; with BEGIN IMMEDIATE none).
    """
    with (
        translated(engine),
        engine.connect().execution_options(newscrawl_write=True) as connection,
        connection.begin(),
    ):
        last: list[str] = []
        info = connection.info  # kept: one whose server is gone cannot be asked for it any more
        info[AT_THE_END] = last
        try:
            yield connection
        finally:
            del info[AT_THE_END]
        if last and connection.in_transaction():  # what was rolled back leaves no notes
            write_notes(connection, last)


def write_notes(connection: Connection, notes: Sequence[str]) -> None:
    """Writes notes for the proof log, each "(kind, row id)" of two numbers, in one statement."""
    connection.exec_driver_sql(f"INSERT INTO proof_pending (kind, row_id) VALUES {', '.join(notes)}")  # noqa: S608 - numbers alone


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads all see one moment, whatever is written meanwhile; read-only on PostgreSQL."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":  # read transactions of SQLite see one moment anyway
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with translated(engine), engine.connect().execution_options(**options) as connection:
        yield connection


def prepare_home(url: str) -> None:
    """Create the folder of a SQLite file. Raises StoreError if that is impossible."""
    path = sqlite_path(url)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A temporary file, because several programs may start at the same moment.
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
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is not a number
        raise _no_address(url) from error
    if "@" in (parsed.host or ""):
        # The rest of a password with an @ in it would be parsed as the host, and shown.
        raise UsageError(
            "has an @ too many", subject="NEWSCRAWL_DATABASE_URL", hint="Write an @ in a password as %40"
        )
    return parsed


def _timeout(parsed: URL, default: float) -> float:
    given = parsed.query.get("timeout")
    if given is None:
        return default
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
        subject=masked(url),
        hint="Use sqlite:///FILE or postgresql://USER@HOST/DB",
    )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction mode would begin transactions implicitly.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    _use_wal(cursor)
    # FULL: a commit is on the disk when it returns. In WAL mode, NORMAL may lose the last commits on power loss.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Set WAL mode, which stays with the file.

    SQLite does not wait for a lock here, whatever the timeout: some of several programs that opened a new file at
    the same moment failed with "database is locked". So this function waits.
    """
    patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
    began, silent = time.monotonic(), patience > SILENT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if "locked" not in str(error):
                raise
            if silent and waited >= SILENT:
                silent = False
                _say_wait(cursor.execute("PRAGMA database_list").fetchone()[2], patience)
            if waited >= patience:
                raise
            time.sleep(0.02)
        else:
            return


def _check_encoding(name: str) -> Any:
    """A listener that refuses a database which cannot keep every letter: it would lose Kazakh ones, or find half of them.

    The server says its encoding when the connection is made; nothing is asked.
    """

    def check(connection: Any, _record: Any) -> None:
        encoding = connection.info.parameter_status("server_encoding") or "UTF8"
        if encoding.upper() not in ("UTF8", "UNICODE"):
            connection.close()
            raise SchemaError(
                f"the database has the encoding {encoding}, which cannot keep every letter",
                subject=name,
                hint="Make it anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
            )

    return check


def _begin_postgres(lock_timeout: float) -> Any:
    """A listener that limits how long each write transaction waits for rows and may be idle, in seconds.

    Set within the transaction, because a pool may assign each one another connection.
    """
    limits = {"lock_timeout": lock_timeout, "idle_in_transaction_session_timeout": IDLE_TIMEOUT}
    settings = ", ".join(
        f"set_config('{name}', '{int(seconds * 1000)}', true)" for name, seconds in limits.items()
    )

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("newscrawl_write", False):
            connection.exec_driver_sql(f"SELECT {settings}")

    return begin


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction on SQLite; one for writes takes the lock at once, and says so where it has to wait for it."""
    if not connection.get_execution_options().get("newscrawl_write", False):
        connection.exec_driver_sql("BEGIN")
    elif not _begun_soon(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun_soon(connection: Connection) -> bool:
    """Takes the lock for writing if it is free within SILENT; else says what is waited for, and takes none."""
    cursor = connection.connection.cursor()
    patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    if patience <= SILENT * 1000:
        return False
    cursor.execute(f"PRAGMA busy_timeout = {SILENT * 1000:.0f}")
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        _say_wait(connection.engine.url.database, patience / 1000)
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return True


def _say_wait(file: str | None, seconds: float) -> None:
    logger.info("%s: another program writes to the archive; waiting for it, at most %.0f s", file, seconds)
