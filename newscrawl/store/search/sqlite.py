"""The index of a SQLite archive: a file of its own beside it, with SQLite's FTS5.

Of its own, so that filling it never holds the lock a crawl waits for, and so that it can be deleted at any time. The texts
are not kept in it a second time ("contentless"): it knows which words stand where. Such a table cannot forget a row, so a
version that is put in anew gets a new row, and `documents` says which row counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from newscrawl.errors import StoreError
from newscrawl.model.search import Document, Match, Phrase, TextQuery
from newscrawl.store.readonly import connect
from newscrawl.store.search.index import INDEX_VERSION, sequence, ways

_BUSY = 30.0  # seconds to wait for another program that fills the index
# Of a stem every sign beyond ASCII is kept, and none is folded: words.py has done that. No table of lengths: rank() is not asked.
_SCHEMA = """
CREATE TABLE documents (row INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL UNIQUE,
    article_id INTEGER NOT NULL, moment INTEGER NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, tokenize="ascii tokenchars '_'");
INSERT INTO settings VALUES ('walked', '0');
"""


def index_path(database: Path) -> Path:
    """The file of the index that belongs to a SQLite archive."""
    return database.with_name(f"{database.stem}.search.db")


def discard(database: Path) -> None:
    """Deletes the index of a SQLite archive, with the files SQLite keeps beside it. Raises StoreError."""
    index = index_path(database)
    for end in ("", "-wal", "-shm"):
        try:
            index.with_name(index.name + end).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"the index of search cannot be deleted ({error.strerror})", subject=str(index)
            ) from error


class SqliteIndex:
    """The index file of a SQLite archive, made where it is missing and `write` allows it.

    Raises StoreError where it cannot be opened, made or read; a damaged one says how to make it anew.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        with self._translated():
            if write:
                self._connection = sqlite3.connect(
                    path, timeout=_BUSY, isolation_level=None, check_same_thread=False
                )
            else:
                self._connection = connect(path)
            try:
                self._set_up(write)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def add(self, documents: Sequence[Document], walked: int | None = None) -> None:
        """Puts documents in, in one transaction, and notes up to which version the archive was walked through."""
        with self._transaction() as connection:
            for one in documents:
                connection.execute("DELETE FROM documents WHERE version_id = ?", (one.version_id,))
                row = connection.execute(
                    "INSERT INTO documents (version_id, article_id, moment) VALUES (?, ?, ?)",
                    (one.version_id, one.article_id, one.moment),
                ).lastrowid
                connection.execute(
                    "INSERT INTO words (rowid, text) VALUES (?, ?)", (row, " ".join(sequence(one)))
                )
                if one.language:
                    self._set(connection, f"language {one.language}", "")
            if walked is not None:
                self._set(connection, "walked", str(walked))

    def walked(self) -> int | None:
        """The id up to which the versions of before the index were put in; None: to the end."""
        value = self._rows("SELECT value FROM settings WHERE name = 'walked'")[0][0]
        return int(value) if value else None

    def finish_walk(self) -> None:
        """Notes that the versions of before the index are all in."""
        with self._transaction() as connection:
            self._set(connection, "walked", "")

    def newest(self, query: TextQuery, limit: int) -> list[Match]:
        """The versions last put in that answer the query, latest first, at most `limit`."""
        found = self._rows(
            "SELECT d.version_id, d.article_id, d.moment FROM words JOIN documents d ON d.row = words.rowid "
            "WHERE words MATCH ? ORDER BY words.rowid DESC LIMIT ?",
            (_expression(query), limit),
        )
        return [Match(*row) for row in found]

    def among(self, query: TextQuery, version_ids: Sequence[int]) -> set[int]:
        """Which of these versions answer the query."""
        asked = _expression(query)
        sql = "SELECT 1 FROM words WHERE words MATCH ? AND rowid = (SELECT row FROM documents WHERE version_id = ?)"
        return {one for one in version_ids if self._rows(sql, (asked, one))}

    def languages(self) -> Collection[str]:
        """The languages of the texts in it."""
        found = self._rows("SELECT substr(name, 10) FROM settings WHERE name GLOB 'language *'")
        return [name for (name,) in found]

    def size(self) -> int:
        """How many versions are in it."""
        return int(self._rows("SELECT count(*) FROM documents")[0][0])

    def reset(self) -> None:
        """Empties it, to be filled anew."""
        with self._translated():
            self._connection.execute("PRAGMA user_version = 0")
            self._set_up(write=True)

    def _set_up(self, write: bool) -> None:
        """Makes the tables, anew where they are of another version of the program."""
        connection = self._connection
        if connection.execute("PRAGMA user_version").fetchone()[0] == INDEX_VERSION:
            return
        if not write:
            raise StoreError(
                "the index of search is not there yet, or of another version of the program",
                subject=str(self._path),
                hint="Run: newscrawl search --update, where you may write",
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is made again
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == INDEX_VERSION:  # another was faster
            connection.execute("COMMIT")
            return
        for table in ("words", "documents", "settings"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        connection.execute("COMMIT")

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    @staticmethod
    def _set(connection: sqlite3.Connection, name: str, value: str) -> None:
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the index of search cannot be used ({error})",
                subject=str(self._path),
                hint="It can be deleted and made anew: newscrawl search --update",
            ) from error


def _expression(query: TextQuery) -> str:
    """The query in the language of FTS5. Stems are quoted: nothing in them is obeyed."""
    groups = " AND ".join(f"({' OR '.join(map(_of_phrase, group))})" for group in query.groups)
    for phrase in query.without:
        groups = f"({groups}) NOT ({_of_phrase(phrase)})"
    return groups


def _of_phrase(phrase: Phrase) -> str:
    star = " *" if phrase.words[-1].prefix else ""
    said = (" + ".join(_quoted(stem) for stem in way) + star for way in ways(phrase))
    return f"({' OR '.join(said)})"


def _quoted(stem: str) -> str:
    return '"' + stem.replace('"', '""') + '"'
