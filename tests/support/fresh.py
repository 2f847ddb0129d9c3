"""Archives for tests, copied from one that was made once: an empty one by the real migrations, a filled one by a test's own writes.

Migrating costs a quarter of a second on SQLite and more on PostgreSQL, a copy some milliseconds. What migrations do
is tested in tests/store/test_migrations.py.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import event, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import LRUCache

from newscrawl.store.archive import open_archive
from newscrawl.store.engine import sqlite_path
from tests.support.shared import locked, made_once, run_folder

if TYPE_CHECKING:
    import psycopg

_numbers = count(1)
_compiled = LRUCache(2000)

# Every archive of a test has an engine of its own, and each engine would compile the program's statements anew, a
# fifth of the time of a small crawl: all engines of one kind of database share what was compiled once.
for _dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
    _dialect.__eq__ = lambda self, other: type(self) is type(other)
    _dialect.__hash__ = lambda self: hash(type(self))


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)


def seed(url: str) -> None:
    """Puts an empty archive at an address that has none; an archive that is there stays as it is."""
    _copied(url, "empty-archive", _migrate)


def filled(url: str, fill: Callable[[str], object]) -> str:
    """Puts an archive that `fill(address)` made once at an address that has none yet; gives the address back."""
    name = hashlib.sha1(f"{fill.__module__}.{fill.__qualname__}".encode()).hexdigest()[:16]
    _copied(url, f"archive-{name}", fill)
    return url


def _migrate(url: str) -> None:
    open_archive(url).dispose()


def _copied(url: str, name: str, make: Callable[[str], object]) -> None:
    path = sqlite_path(url)
    if path is None:
        _copied_on_postgres(url, name, make)
    elif not path.exists():
        template = made_once(name, lambda folder: _make_file(folder / "newscrawl.db", make))
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template / "newscrawl.db", path)


def _make_file(path: Path, make: Callable[[str], object]) -> None:
    make(f"sqlite:///{path}")
    # The file alone is copied: nothing may be left in a journal beside it.
    with closing(sqlite3.connect(path)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy, "the archive is still open"


# --- PostgreSQL ----------------------------------------------------------------------------------


def address(server: Path, database: str) -> str:
    """The address of a database on the server whose socket is in this folder."""
    return f"postgresql://postgres:@/{database}?host={quote(str(server), safe='')}"


@contextmanager
def fresh_postgres(server: Path) -> Iterator[str]:
    """The address of a new, empty database on this server, which is dropped afterwards."""
    import os

    name = f"archive_{os.getpid()}_{next(_numbers)}"
    with _administrator(server) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield address(server, name)
    with _administrator(server) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _copied_on_postgres(url: str, name: str, make: Callable[[str], object]) -> None:
    """Replaces an empty database of the tests' own server by a copy of a template; leaves every other one alone."""
    parts = make_url(url)
    server = Path(str(parts.query.get("host", "")))
    if server != run_folder() / "pg" or _has_tables(url):
        return
    with _administrator(server) as admin, locked(name):
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            admin.execute(f'DROP DATABASE IF EXISTS "{name}-begun" WITH (FORCE)')
            admin.execute(f'CREATE DATABASE "{name}-begun"')
            make(address(server, f"{name}-begun"))
            admin.execute(f'ALTER DATABASE "{name}-begun" RENAME TO "{name}"')
        admin.execute(f'DROP DATABASE "{parts.database}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{parts.database}" TEMPLATE "{name}" STRATEGY file_copy')


def _has_tables(url: str) -> bool:
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return bool(found and found[0])


def _administrator(server: Path) -> psycopg.Connection[Any]:
    import psycopg

    return psycopg.connect(host=str(server), user="postgres", dbname="postgres", autocommit=True)
