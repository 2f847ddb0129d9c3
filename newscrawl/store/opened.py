"""Opens an existing archive for readers and checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine

from newscrawl.errors import SchemaError
from newscrawl.store import schema
from newscrawl.store.engine import snapshot, sqlite_path
from newscrawl.store.readonly import may_write, open_for_reading


def open_existing(url: str, *, upgrade: bool = True) -> Engine:
    """The engine of the archive at `url`, which must exist.

    An old SQLite archive is upgraded first; one without write permission, or without `upgrade`, is only read. Raises SchemaError if there is
    no archive or it has a schema this program cannot read, StoreError if the database cannot be reached.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():  # connecting would create the file
        raise SchemaError(
            "there is no archive here yet", subject=str(path), hint="Crawl first: newscrawl crawl orda"
        )
    engine = open_for_reading(url)
    try:
        if path is not None and not (upgrade and may_write(path)):
            _refuse_old(engine, path)
        schema.ensure(engine, create=False)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _refuse_old(engine: Engine, path: Path) -> None:
    revision = schema.current(engine)
    if revision in schema.REVISIONS[:-1]:
        raise SchemaError(
            f"the archive has schema {revision}, this program needs {schema.HEAD}, and nothing may be written here",
            subject=str(path),
            hint="Run newscrawl db upgrade"
            if may_write(path)
            else "Copy it into a folder that you may write to",
        )


class Opened:
    """An open archive. Use it as a context manager, or call close()."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shared: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database connections."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The database connections, for what is opened beside it in this package."""
        return self._engine

    def _snapshot(self) -> AbstractContextManager[Connection]:
        """A connection whose reads see one moment of the archive."""
        return snapshot(self._engine) if self._shared is None else nullcontext(self._shared)

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """All streams that are read within it, one after the other, see the same moment of the archive."""
        with snapshot(self._engine) as connection:
            self._shared = connection
            try:
                yield
            finally:
                self._shared = None
