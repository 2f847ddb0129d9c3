"""Database errors as errors of the program: what happened and what to do, in one line, without passwords."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from newscrawl.errors import StoreError, Unavailable

# PostgreSQL's error codes (its manual, appendix A) that may be gone in a moment: connection broken (class 08), server
# stopping, crashed or starting, too many clients, deadlock, two writers at once.
_TRANSIENT = ("08", "57P", "53300", "40001", "40P01", "25P03", "25P04")
# Options of libpq that contain a secret (its manual, 32.1.2), and what is shown instead.
_SECRET_OPTIONS, _MASK = ("password", "sslpassword"), "***"
# What to do, by PostgreSQL's code.
_HINTS = {
    "25006": "This server only reads: a standby, or a database set so. Crawl against the primary",
    "42501": "This user may not do that here; docs/postgresql.md has the rights each role needs",
    "3F000": "There is no schema to make the tables in: look at search_path, in the address or of the role",
    "42P01": "The tables are gone or in another schema: look at search_path, or put the database back from a backup",
    "53100": "Make room on the disk and run again: nothing that was committed is lost",
    "55P03": "Another program holds what is needed; try again when it is done",
    "57014": "A time limit of the server ended it: see statement_timeout",
    "57P03": "The server is just starting or stopping; try again in a moment",
    "53300": "The server has no connection free: see max_connections, or put a pool before it",
}


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raise failures of the database as StoreError; errors of this program are not changed.

    Unavailable is raised for what may be gone in a moment: no server, a broken connection, a deadlock.
    """
    driver = engine.dialect.dbapi
    assert driver is not None
    try:
        yield
    except (DBAPIError, driver.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        assert cause is not None
        if not _is_database_failure(cause, driver):
            raise
        kind = Unavailable if _is_transient(cause, driver) else StoreError
        raise kind(_reason(cause), subject=masked(engine.url), hint=_hint(cause)) from error
    except SQLAlchemyError as error:
        if isinstance(error, TimeoutError) or "QueuePool" in str(error):
            raise StoreError("no database connection came free", subject=masked(engine.url)) from error
        raise


def masked(url: str | URL) -> str:
    """A database address without passwords, before the host or among the options, so that it may be shown."""
    try:
        parsed = make_url(url)
        hidden = {name: _MASK for name in _SECRET_OPTIONS if name in parsed.query}
        shown = parsed.update_query_dict(hidden).render_as_string(hide_password=True)
        return shown.replace(quote(_MASK), _MASK)
    except (SQLAlchemyError, ValueError):
        # What cannot be parsed as an address may still contain a password.
        return "NEWSCRAWL_DATABASE_URL"


def first_line(error: BaseException) -> str:
    """The message of a database error, without the statement and its values."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _is_database_failure(cause: BaseException, driver: object) -> bool:
    """Whether the database failed; violated constraints, wrong values and wrong statements are bugs and must be seen."""
    # "permission denied", no such schema and no such table are filed under programming errors.
    if getattr(cause, "sqlstate", None) in ("42501", "3F000", "42P01"):
        return True
    # An option in the address that libpq does not know, or a value it does not take.
    if getattr(cause, "sqlstate", None) is None and "connection option" in str(cause):
        return True
    bugs = ("IntegrityError", "ProgrammingError", "DataError", "NotSupportedError")
    return not isinstance(cause, tuple(getattr(driver, name) for name in bugs))


def _is_transient(cause: BaseException, driver: object) -> bool:
    if isinstance(cause, sqlite3.Error):
        return False  # it has waited for a locked file already
    code = getattr(cause, "sqlstate", None)
    if code is None:
        # An error of the driver itself: no connection could be made, or it broke.
        return isinstance(cause, driver.OperationalError)  # type: ignore[attr-defined]
    return str(code).startswith(_TRANSIENT)


def _reason(cause: BaseException) -> str:
    if isinstance(cause, sqlite3.Error):
        return f"the database says: {first_line(cause)}"
    return f"the database cannot be used: {first_line(cause)}"


def _hint(cause: BaseException) -> str:
    if (code := getattr(cause, "sqlstate", None)) in _HINTS:
        return _HINTS[str(code)]
    lowered = str(cause).lower()
    if "connection option" in lowered:
        return "Correct the address; docs/postgresql.md has its forms"
    if "locked" in lowered or "busy" in lowered:
        return "Another program holds the file; try again when it is done"
    if "full" in lowered or "no space" in lowered:
        return "Make room on the disk and run again: nothing that was committed is lost"
    if "disk i/o" in lowered:
        # SQLite says this also if there is no room for a helper file (-wal, -shm).
        return "The disk may be full or failing: make room and run again; nothing that was committed is lost"
    if "readonly" in lowered or "unable to open" in lowered or "permission" in lowered:
        return "Check that the file and its folder may be written by this user"
    if "malformed" in lowered or "not a database" in lowered:
        return "The file is damaged or no database; restore it from a backup"
    return "Check that the database is running and reachable"
