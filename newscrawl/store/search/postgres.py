"""The index of a PostgreSQL archive: a table of word vectors with a GIN index, in the same database.

It is no part of the schema that migrations keep: it is derived, and made where it is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

from sqlalchemy import Engine, text

from newscrawl.errors import StoreError
from newscrawl.model.search import Document, Match, Phrase, TextQuery
from newscrawl.store.engine import reading, writing
from newscrawl.store.search.index import INDEX_VERSION, sequence, ways

# What PostgreSQL counts: positions in a vector, and how many of one word.
_LAST_POSITION = 16_383
_MOST_POSITIONS = 255
_LARGEST = 900_000  # bytes of a vector, which may have 1,048,575
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS search_settings (name text PRIMARY KEY, value text NOT NULL)",
    """CREATE TABLE IF NOT EXISTS search_documents
    (version_id bigint PRIMARY KEY, article_id bigint NOT NULL, moment bigint NOT NULL, vector tsvector NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS ix_search_documents_vector ON search_documents USING gin (vector)",
)
_LOCK = "SELECT pg_advisory_xact_lock(7294610328861)"  # one program makes the tables at a time


class PostgresIndex:
    """The index tables of a PostgreSQL archive, made where they are missing and `write` allows it. Raises StoreError."""

    def __init__(self, engine: Engine, *, write: bool) -> None:
        self._engine = engine
        self._set_up(write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes nothing: the connections are the archive's."""

    def add(self, documents: Sequence[Document], walked: int | None = None) -> None:
        """Puts documents in, in one transaction, and notes up to which version the archive was walked through."""
        upsert = text(
            "INSERT INTO search_documents VALUES (:version, :article, :moment, CAST(:vector AS tsvector)) "
            "ON CONFLICT (version_id) DO UPDATE SET article_id = excluded.article_id, moment = excluded.moment, "
            "vector = excluded.vector"
        )
        with writing(self._engine) as connection:
            # In one order, so that two programs never wait for each other.
            for one in sorted(documents, key=lambda document: document.version_id):
                values = {
                    "version": one.version_id,
                    "article": one.article_id,
                    "moment": one.moment,
                    "vector": _vector(one),
                }
                connection.execute(upsert, values)
            for language in sorted({one.language for one in documents if one.language}):
                _set(connection, f"language {language}", "")
            if walked is not None:
                _set(connection, "walked", str(walked))

    def walked(self) -> int | None:
        """The id up to which the versions of before the index were put in; None: to the end."""
        value = self._rows("SELECT value FROM search_settings WHERE name = 'walked'")[0][0]
        return int(value) if value else None

    def finish_walk(self) -> None:
        """Notes that the versions of before the index are all in."""
        with writing(self._engine) as connection:
            _set(connection, "walked", "")

    def newest(self, query: TextQuery, limit: int) -> list[Match]:
        """The versions last put in that answer the query, latest first, at most `limit`."""
        sql = (
            "SELECT version_id, article_id, moment FROM search_documents WHERE vector @@ CAST(:asked AS tsquery) "
            "ORDER BY version_id DESC LIMIT :number"
        )
        found = self._rows(sql, {"asked": _expression(query), "number": limit})
        return [Match(*row) for row in found]

    def among(self, query: TextQuery, version_ids: Sequence[int]) -> set[int]:
        """Which of these versions answer the query."""
        sql = "SELECT version_id FROM search_documents WHERE version_id = ANY(:ids) AND vector @@ CAST(:asked AS tsquery)"
        return {row[0] for row in self._rows(sql, {"ids": list(version_ids), "asked": _expression(query)})}

    def languages(self) -> Collection[str]:
        """The languages of the texts in it."""
        return [
            row[0]
            for row in self._rows("SELECT substr(name, 10) FROM search_settings WHERE name LIKE 'language %'")
        ]

    def size(self) -> int:
        """How many versions are in it."""
        return int(self._rows("SELECT count(*) FROM search_documents")[0][0])

    def reset(self) -> None:
        """Empties it, to be filled anew."""
        with writing(self._engine) as connection:
            connection.execute(text("DROP TABLE IF EXISTS search_documents, search_settings"))
        self._set_up(write=True)

    def _set_up(self, write: bool) -> None:
        made = self._rows("SELECT to_regclass('search_settings') IS NOT NULL")[0][0]
        version = self._rows("SELECT value FROM search_settings WHERE name = 'version'") if made else []
        if version and version[0][0] == str(INDEX_VERSION):
            return
        if not write:
            raise StoreError(
                "the index of search is not there yet, or of another version of the program",
                subject="the database",
                hint="Run: newscrawl search --update, as a user who may write",
            )
        with writing(self._engine) as connection:
            connection.execute(text(_LOCK))
            if version:
                connection.execute(text("DROP TABLE IF EXISTS search_documents, search_settings"))
            for statement in _SCHEMA:
                connection.execute(text(statement))
            _set(connection, "version", str(INDEX_VERSION))
            connection.execute(
                text("INSERT INTO search_settings VALUES ('walked', '0') ON CONFLICT DO NOTHING")
            )

    def _rows(self, sql: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        with reading(self._engine) as connection:
            return connection.execute(text(sql), values or {}).all()


def _set(connection: Any, name: str, value: str) -> None:
    connection.execute(
        text(
            "INSERT INTO search_settings VALUES (:name, :value) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        {"name": name, "value": value},
    )


def _vector(document: Document) -> str:
    """A document as PostgreSQL writes a tsvector: each word with its positions."""
    places: dict[str, list[str]] = {}
    for at, word in enumerate(sequence(document), 1):
        known = places.setdefault(word, [])
        if len(known) < _MOST_POSITIONS:
            known.append(str(min(at, _LAST_POSITION)))
    written, size = [], 0
    for word, known in places.items():
        size += len(word.encode()) + 4 * len(known)
        if size > _LARGEST:  # a document longer than a book: its rarer words at the end are not found
            break
        written.append(f"{_quoted(word)}:{','.join(known)}")
    return " ".join(written)


def _expression(query: TextQuery) -> str:
    """The query as PostgreSQL writes a tsquery. Stems are quoted: nothing in them is obeyed."""
    groups = " & ".join(f"({' | '.join(map(_of_phrase, group))})" for group in query.groups)
    return " & ".join([groups, *(f"!({_of_phrase(phrase)})" for phrase in query.without)])


def _of_phrase(phrase: Phrase) -> str:
    said = []
    for way in ways(phrase):
        words = [_quoted(word) for word in way]
        if phrase.words[-1].prefix:
            words[-1] += ":*"
        said.append(" <-> ".join(words))
    return f"({' | '.join(said)})"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
