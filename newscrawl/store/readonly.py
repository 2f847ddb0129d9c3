"""Opens a SQLite archive that may not be written: a read-only disk, a folder of another user."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool

from newscrawl.errors import StoreError
from newscrawl.store.engine import begin_sqlite, open_engine, sqlite_path

_EFFECTIVE = {"effective_ids": True} if os.access in os.supports_effective_ids else {}


def open_for_reading(url: str) -> Engine:
    """An engine for reads; for a SQLite file without write permission it does not write even helper files.

    PostgreSQL checks rights itself. Raises UsageError as open_engine does; a connection raises StoreError if reading
    would need a write.
    """
    path = sqlite_path(url)
    if path is None or not path.exists() or may_write(path):
        return open_engine(url)
    # No pool: each connection checks whether another program writes the file.
    engine = create_engine(make_url(url), creator=lambda: connect(path), poolclass=NullPool)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def may_write(path: Path) -> bool:
    """Whether this user may write a SQLite file and, for SQLite's helper files, its folder."""
    return all(os.access(one, os.W_OK, **_EFFECTIVE) for one in (path, path.parent))


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a SQLite file that may not be written. Raises StoreError if reading would need a write."""
    try:
        # While another program writes, its helper files exist and SQLite can read them.
        return _opened(path, "mode=ro")
    except sqlite3.OperationalError:
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise StoreError(
                f"cannot be read: a part of it is still in {log.name}, and nothing may be written here",
                subject=str(path),
                hint=f"Copy {path.name} and {log.name} into a folder that you may write to, and read them there",
            ) from None
    # No other program has it open, so it does not change.
    return _opened(path, "mode=ro&immutable=1")


def _opened(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
