"""An archive that exists, opened: what readers, checkers and re-readers have in common. Queries nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Self

from sqlalchemy import Connection, Engine

from newscrawl.errors import SchemaError
from newscrawl.store import schema
from newscrawl.store.engine import open_engine, snapshot, sqlite_path


def open_existing(url: str) -> Engine:
    """The archive at `url`. Creates nothing; an old SQLite archive is brought up to date first.

    Raises SchemaError where there is no archive or it has a schema this program cannot read,
    StoreError where the database cannot be reached.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():  # connecting would make the file
        raise SchemaError(
            "there is no archive here yet", subject=str(path), hint="Crawl first: newscrawl crawl orda"
        )
    engine = open_engine(url)
    try:
        schema.ensure(engine, create=False)
    except BaseException:
        engine.dispose()
        raise
    return engine


class Opened:
    """An open archive: a context manager; or call close()."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database connections."""
        self._engine.dispose()

    def _snapshot(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment of the archive."""
        return snapshot(self._engine)
