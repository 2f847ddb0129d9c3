"""Opens the index that belongs to an archive."""

from __future__ import annotations

from sqlalchemy import Engine

from newscrawl.store.engine import sqlite_path, writing
from newscrawl.store.search.index import SearchIndex


def open_index(url: str, engine: Engine, *, write: bool) -> SearchIndex:
    """The index of the archive at `url`, whose engine is `engine`. Raises StoreError where it is missing and may not be made."""
    path = sqlite_path(url)
    if path is not None:
        from newscrawl.store.search.sqlite import SqliteIndex, index_path

        return SqliteIndex(index_path(path), write=write)
    from newscrawl.store.search.postgres import PostgresIndex

    return PostgresIndex(engine, write=write)


def discard_index(url: str, engine: Engine) -> None:
    """Deletes the index of what was at `url` before another archive came there; it is made anew when it is needed.

    Raises StoreError where that may not be done.
    """
    path = sqlite_path(url)
    if path is not None:
        from newscrawl.store.search.sqlite import discard

        discard(path)
        return
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_documents, search_settings")
