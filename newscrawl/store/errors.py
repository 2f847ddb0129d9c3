"""What goes wrong with a database, as our errors: what happened and what to do, in one line, never with a password."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from newscrawl.errors import StoreError, Unavailable

# PostgreSQL's codes (its manual, appendix A) of what says nothing against the statement and may be gone in a moment: the
# line broke (class 08), the server is stopped, crashes or starts, too many clients, a deadlock, two writers at once.
_PASSING = ("08", "57P", "53300", "40001", "40P01", "25P03", "25P04")
# Options of libpq that hold a secret (its manual, 32.1.2), and what is shown in their place.
_SECRET_OPTIONS, _STARS = ("password", "sslpassword"), "***"
# What to do, by PostgreSQL's code.
_HINTS = {
    "25006": "This server only reads: a standby, or a database set so. Crawl against the primary",
    "42501": "This user may not do that here; docs/postgresql.md has the rights each role needs",
    "53100": "Make room on the disk and run again: nothing that was committed is lost",
    "55P03": "Another program holds what is needed; try again when it is done",
    "57014": "A time limit of the server ended it: see statement_timeout",
    "57P03": "The server is just starting or stopping; try again in a moment",
    "53300": "The server has no connection free: see max_connections, or put a pool before it",
}


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turns failures of the database, and only those, into StoreError: our own bugs stay what they are.

    Unavailable is what may be gone in a moment: the server away, the line cut, a deadlock.
    """
    driver = engine.dialect.dbapi
    assert driver is not None
    try:
        yield
    except (DBAPIError, driver.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        assert cause is not None
        if not _is_theirs(cause, driver):
            raise
        kind = Unavailable if _is_passing(cause, driver) else StoreError
        raise kind(_reason(cause), subject=masked(engine.url), hint=_hint(cause)) from error
    except SQLAlchemyError as error:
        if isinstance(error, TimeoutError) or "QueuePool" in str(error):
            raise StoreError("no database connection came free", subject=masked(engine.url)) from error
        raise


def masked(url: str | URL) -> str:
    """A database address that may be shown: without a password, be it before the host or among the options."""
    try:
        parsed = make_url(url)
        hidden = {name: _STARS for name in _SECRET_OPTIONS if name in parsed.query}
        shown = parsed.update_query_dict(hidden).render_as_string(hide_password=True)
        return shown.replace(quote(_STARS), _STARS)
    except (SQLAlchemyError, ValueError):
        # What cannot be read as an address may still hold a password.
        return "NEWSCRAWL_DATABASE_URL"


def first_line(error: BaseException) -> str:
    """What an error of the database says, without the statement and its values."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _is_theirs(cause: BaseException, driver: object) -> bool:
    """Whether the database failed. Broken rules, wrong values and wrong statements are ours: they must be seen, not explained away."""
    if getattr(cause, "sqlstate", None) == "42501":
        return True  # "permission denied" is filed under programming errors
    ours = ("IntegrityError", "ProgrammingError", "DataError", "NotSupportedError")
    return not isinstance(cause, tuple(getattr(driver, name) for name in ours))


def _is_passing(cause: BaseException, driver: object) -> bool:
    if isinstance(cause, sqlite3.Error):
        return False  # a locked file was waited for already
    code = getattr(cause, "sqlstate", None)
    if code is None:
        # The driver itself says so: no connection could be made, or it broke.
        return isinstance(cause, driver.OperationalError)  # type: ignore[attr-defined]
    return str(code).startswith(_PASSING)


def _reason(cause: BaseException) -> str:
    if isinstance(cause, sqlite3.Error):
        return f"the database says: {first_line(cause)}"
    return f"the database cannot be used: {first_line(cause)}"


def _hint(cause: BaseException) -> str:
    if (code := getattr(cause, "sqlstate", None)) in _HINTS:
        return _HINTS[str(code)]
    lowered = str(cause).lower()
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
