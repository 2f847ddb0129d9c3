"""A list on disk of the records to import: in the order of time for each source, each answer once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from newscrawl.errors import ArchiveError


class Kind(IntEnum):
    """What a record can be to the archive, in the order in which a source's records are taken: redirects need known targets."""

    PAGE = 0
    ABSENT = 1  # 404, 410, 451
    NOT_MODIFIED = 2
    REDIRECT = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer to import: where its record is and what the survey read of it.

    `origin` is the position (file, offset, number) of the answer whose body a revisit repeats. `stated` is the payload
    digest as the record says it, `digest` as its bytes say; for a revisit both are the original's.
    """

    source: str
    edition: str
    url: str
    at: datetime
    kind: Kind
    path: str
    name: str  # of the file, for messages
    offset: int = 0
    length: int = 0  # in the file, compressed
    nth: int = 0  # in its gzip member; -1: a saved page
    record_id: str = ""
    status: int = 200
    digest: str = ""
    stated: str = ""
    target: str = ""  # of a redirect
    encoding: str = ""  # of a saved page
    origin: tuple[str, int, int] | None = None
    day: bool = False  # its maker names the day only: `at` is its last second


_HOPS = 5  # redirects in a row that are followed

_SCHEMA = """
CREATE TABLE entries (
  id INTEGER PRIMARY KEY, source TEXT, edition TEXT, url TEXT, at TEXT, kind INTEGER, path TEXT, name TEXT, offset INTEGER,
  length INTEGER, nth INTEGER, record_id TEXT, status INTEGER, digest TEXT, stated TEXT, target TEXT, encoding TEXT,
  origin_path TEXT, origin_offset INTEGER, origin_nth INTEGER,
  day INTEGER, refers_url TEXT, refers_at TEXT
);
CREATE TABLE left_out (url TEXT, at TEXT, stated TEXT, outcome TEXT);
CREATE INDEX left_out_at ON left_out (url, at);
CREATE INDEX left_out_stated ON left_out (stated);
CREATE UNIQUE INDEX same ON entries (source, url, at, digest, kind) WHERE refers_url IS NULL;
CREATE INDEX stated ON entries (stated);
CREATE INDEX place ON entries (url, at);
"""


class Index:
    """The records of one import, in a SQLite file of its own that is thrown away at the end."""

    def __init__(self, folder: Path) -> None:
        self.repeated = 0
        self._db = sqlite3.connect(folder / "records.db", isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA} BEGIN;")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, entry: Entry) -> bool:
        """Adds a record; False if the same answer is listed already."""
        return self._insert(entry, None, None)

    def add_revisit(self, entry: Entry, refers_url: str, refers_at: datetime | None) -> None:
        """Adds a record that repeats an earlier answer's body, to be settled by `join`."""
        self._insert(entry, refers_url, _text(refers_at) if refers_at else "")

    def leave_out(self, entry: Entry, outcome: str) -> None:
        """Notes a response that is not listed, so that one that repeats it is not called lost."""
        row = (entry.url, _text(entry.at), entry.stated, outcome)
        self._execute("INSERT INTO left_out VALUES (?, ?, ?, ?)", row)

    def join(self) -> Iterator[tuple[Entry, str | None]]:
        """Gives every revisit the position of the answer it repeats, by address and instant or else by digest.

        Yields those whose original is not listed, and removes them, each with what became of its original if that
        was left out. Those that are listed already are counted in `repeated`.
        """
        cursor = self._db.execute("SELECT * FROM entries WHERE refers_url IS NOT NULL ORDER BY id")
        names = [column[0] for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            self._db.execute("DELETE FROM entries WHERE id = ?", (row["id"],))
            original = self._original(row)
            entry = _entry(row)
            if original is None:
                yield entry, self._left_out(row)
            else:
                path, offset, nth, digest = original
                self.repeated += not self.add(replace(entry, origin=(path, offset, nth), digest=digest))

    def follow(self) -> None:
        """Lets each redirect lead to where the redirects behind it end, by those made nearest in time."""
        query = """SELECT here.id, next.target FROM entries AS here JOIN entries AS next
            ON next.kind = 3 AND next.source = here.source AND next.url = here.target
            WHERE here.kind = 3 AND next.target NOT IN (here.url, here.target)
            ORDER BY here.id, abs(julianday(next.at) - julianday(here.at)) DESC"""
        for _hop in range(_HOPS):
            nearest = dict(self._db.execute(query).fetchall())
            if not nearest:
                return
            self._db.executemany(
                "UPDATE entries SET target = ? WHERE id = ?", [(to, number) for number, to in nearest.items()]
            )

    def _original(self, row: dict[str, object]) -> tuple[str, int, int, str] | None:
        what = "SELECT path, offset, nth, digest FROM entries WHERE refers_url IS NULL AND kind = ? AND origin_path IS NULL AND "
        kind, stated, found = row["kind"], row["stated"], None
        if row["refers_at"]:
            found = self._db.execute(
                f"{what} url = ? AND at = ?", (kind, row["refers_url"], row["refers_at"])
            ).fetchone()
        if found is None and stated:
            found = (
                self._db.execute(f"{what} stated = ?", (kind, stated)).fetchone()
                or self._db.execute(f"{what} digest = ?", (kind, stated)).fetchone()
            )
        return found

    def _left_out(self, row: dict[str, object]) -> str | None:
        found = self._db.execute(
            "SELECT outcome FROM left_out WHERE url = ? AND at = ?", (row["refers_url"], row["refers_at"])
        ).fetchone()
        if found is None and row["stated"]:
            found = self._db.execute(
                "SELECT outcome FROM left_out WHERE stated = ?", (row["stated"],)
            ).fetchone()
        return str(found[0]) if found is not None else None

    def _insert(self, entry: Entry, refers_url: str | None, refers_at: str | None) -> bool:
        origin = entry.origin or (None, None, None)
        row = (
            entry.source, entry.edition, entry.url, _text(entry.at), int(entry.kind), entry.path, entry.name,
            entry.offset, entry.length, entry.nth, entry.record_id, entry.status, entry.digest, entry.stated, entry.target,
            entry.encoding, *origin, entry.day, refers_url, refers_at,
        )  # fmt: skip
        return self._execute(f"INSERT INTO entries VALUES (NULL{', ?' * len(row)})", row)  # noqa: S608 - question marks

    def _execute(self, statement: str, row: tuple[object, ...]) -> bool:
        """Runs a statement; False if it would list an answer twice."""
        try:
            self._db.execute(statement, row)
        except sqlite3.IntegrityError:
            return False
        except sqlite3.Error as error:
            raise ArchiveError(
                f"the list of records cannot be kept: {error}", hint="Make room on the disk"
            ) from error
        return True

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM entries").fetchone()[0])

    def entries(self) -> Iterator[Entry]:
        """All records, source by source, each source's in the order of time; redirects last."""
        order = "source, kind = 3, at, url, kind, digest"
        cursor = self._db.execute(f"SELECT * FROM entries ORDER BY {order}")  # noqa: S608 - ours
        names = [column[0] for column in cursor.description]
        for values in cursor:
            yield _entry(dict(zip(names, values, strict=True)))


def _entry(row: dict[str, object]) -> Entry:
    plain: dict[str, Any] = {name: row[name] for name in Entry.__slots__ if name in row}
    origin: Any = (
        (row["origin_path"], row["origin_offset"], row["origin_nth"]) if row["origin_path"] else None
    )
    return Entry(
        **plain
        | {"at": datetime.fromisoformat(str(row["at"])), "kind": Kind(plain["kind"]), "origin": origin}
        | {"day": bool(plain["day"])}
    )


def _text(at: datetime) -> str:
    # One width, so that the order of letters is that of time.
    return at.astimezone(UTC).isoformat(timespec="microseconds")
