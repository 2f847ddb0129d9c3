"""The database's part of the log of everything recorded: what waits, which entry says which row, the checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from newscrawl.errors import StoreError
from newscrawl.model import Capture
from newscrawl.store.engine import writing
from newscrawl.store.opened import Opened, open_existing
from newscrawl.store.proof import recorded
from newscrawl.store.proof.kinds import ROWS, Kind
from newscrawl.store.proof.pending import TABLES
from newscrawl.store.proof.recorded import Row
from newscrawl.store.read.removals import CONTROLS
from newscrawl.store.rows import chunks, load_captures
from newscrawl.store.tables import (
    articles,
    captures,
    changes,
    observations,
    proof_checkpoints,
    proof_entries,
    proof_files,
    proof_pending,
    runs,
    sources,
    versions,
)
from newscrawl.store.types import new_id

Named = tuple[Kind, int]
"""A row, by its kind and its id."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as the database has it: how many entries, the root in hexadecimal, the signed note."""

    size: int
    at: datetime
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class File:
    """A closed WARC file of the log: `path` relative to the folder of its source."""

    source: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that wait, in the order in which they were written, each once, with what the log said of them last."""

    notes: list[int]
    rows: list[tuple[Named, Row]]
    earlier: dict[Named, int]


@dataclass(frozen=True, slots=True)
class Story:
    """What the proof of an article rests on.

    `entries` are all entries about each row, `missing` the rows without one. `said` is what each version says, by the
    row's id. `controls` are observations of other articles in the runs that found this one absent. `given_up` are
    the captures left out by each pruning that concerns it; all other captures, with those they repeat, are in `captures`.
    """

    entries: dict[Named, list[int]]
    missing: list[Named]
    said: dict[int, Mapping[str, Any]]
    controls: list[int]
    captures: list[Capture]
    given_up: dict[int, list[int]]


def open_book(url: str) -> Book:
    """The log of the archive at `url`, which must exist. Raises SchemaError or StoreError."""
    return Book(open_existing(url))


class Book(Opened):
    """Use it as a context manager, or call close()."""

    def last(self) -> Signed | None:
        """The newest checkpoint; None where there is no log."""
        with self._snapshot() as connection:
            return _last(connection)

    def checkpoints(self) -> list[Signed]:
        """All checkpoints, the smallest log first."""
        with self._snapshot() as connection:
            found = connection.execute(select(proof_checkpoints).order_by(proof_checkpoints.c.size))
            return [Signed(row.size, row.at, row.root, row.note) for row in found]

    def checkpoint(self, size: int) -> Signed | None:
        """The checkpoint of a log of so many entries; None where none was signed."""
        with self._snapshot() as connection:
            query = select(proof_checkpoints).where(proof_checkpoints.c.size == size)
            row = connection.execute(query).first()
            return None if row is None else Signed(row.size, row.at, row.root, row.note)

    def waiting(self) -> int:
        """How many notes there are of rows to be entered."""
        with self._snapshot() as connection:
            return int(connection.execute(select(func.count()).select_from(proof_pending)).scalar_one())

    def batch(self, limit: int) -> Batch:
        """The oldest rows that are to be entered."""
        with self._snapshot() as connection:
            query = select(proof_pending).order_by(proof_pending.c.id).limit(limit)
            notes = connection.execute(query).all()
            named = list(dict.fromkeys((Kind(row.kind), row.row_id) for row in notes))
            return _batch(connection, [row.id for row in notes], named)

    def old(self, kind: Kind, after: int, upto: int, limit: int) -> Batch:
        """The next rows behind an id, up to another, that the log does not have: of an archive older than its log."""
        table = TABLES[kind]
        entered = and_(proof_entries.c.kind == kind, proof_entries.c.row_id == table.c.id)
        with self._snapshot() as connection:
            query = (
                select(table.c.id)
                .outerjoin(proof_entries, entered)
                .where(table.c.id > after, table.c.id <= upto, proof_entries.c.idx.is_(None))
                .order_by(table.c.id)
                .limit(limit)
            )
            if kind is Kind.RUN:
                query = query.where(runs.c.finished.is_not(None))
            return _batch(connection, [], [(kind, number) for number in connection.execute(query).scalars()])

    def files(self, source: str | None = None) -> dict[str, list[File]]:
        """The closed files that the log has, by source."""
        with self._snapshot() as connection:
            query = select(proof_files, sources.c.name).join(sources).order_by(proof_files.c.id)
            if source is not None:
                query = query.where(sources.c.name == source)
            found: dict[str, list[File]] = {}
            for row in connection.execute(query):
                found.setdefault(row.name, []).append(File(row.name, row.file, row.size, row.sha256))
            return found

    def load(self, kind: Kind, ids: Sequence[int]) -> dict[int, Row]:
        """The rows of a kind as they are now; those that there are no more are left out."""
        with self._snapshot() as connection:
            return recorded.load(connection, kind, ids)

    def unnoted(self) -> dict[Kind, int]:
        """The highest id of each table among rows that do not wait to be entered: those from before there was a log."""
        found = {}
        with self._snapshot() as connection:
            for kind in ROWS:
                table = TABLES[kind]
                noted = and_(proof_pending.c.kind == kind, proof_pending.c.row_id == table.c.id)
                query = select(func.max(table.c.id)).select_from(table.outerjoin(proof_pending, noted))
                query = query.where(proof_pending.c.id.is_(None))
                if kind is Kind.RUN:
                    query = query.where(runs.c.finished.is_not(None))
                found[kind] = int(connection.execute(query).scalar() or 0)
        return found

    def forget(self, notes: Sequence[int]) -> None:
        """Deletes notes of rows that the log has as they are."""
        with writing(self._engine) as connection:
            for part in chunks(notes):
                connection.execute(delete(proof_pending).where(proof_pending.c.id.in_(part)))

    def commit(
        self,
        known: int,
        named: Sequence[Named | File],
        notes: Sequence[int],
        checkpoint: Signed,
        *,
        first: int,
    ) -> None:
        """Says in one transaction which rows the entries from `first` on are about, and up to where the log goes.

        `known` is how many entries the database knew before. Raises StoreError where the log has grown meanwhile: then nothing was changed.
        """
        with writing(self._engine) as connection:
            last = _last(connection)
            if (last.size if last else 0) != known:
                raise StoreError("another program has added to the log meanwhile", hint="Run it again")
            entries = [{"idx": first + number, **_where(connection, one)} for number, one in enumerate(named)]
            if entries:
                connection.execute(insert(proof_entries), entries)
            values = {
                "size": checkpoint.size,
                "at": checkpoint.at,
                "root": checkpoint.root,
                "note": checkpoint.note,
            }
            connection.execute(insert(proof_checkpoints).values(**values))
            for part in chunks(notes):
                connection.execute(delete(proof_pending).where(proof_pending.c.id.in_(part)))

    # --- for those who check or prove ---

    def entries_of(self, named: Sequence[Named]) -> dict[Named, list[int]]:
        """The entries about rows, by row, the oldest first; rows without one are left out."""
        with self._snapshot() as connection:
            return _entries_of(connection, named)

    def story(self, article: int) -> Story:
        """Everything that the proof of an article rests on."""
        with self._snapshot() as connection:
            return _story(connection, article)

    def about(self, article: int) -> list[int]:
        """The entries about an article and everything that was observed of it, in order."""
        with self._snapshot() as connection:
            found = _entries_of(connection, _named_of(connection, article))
            return sorted(index for entries in found.values() for index in entries)

    @contextmanager
    def moment(self) -> Iterator[Moment]:
        """The archive as it is at one moment."""
        with self._snapshot() as connection:
            yield Moment(connection)


class Moment:
    """One snapshot of the database, for comparing all of the log with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self) -> Signed | None:
        """The newest checkpoint."""
        return _last(self._connection)

    def load(self, kind: Kind, ids: Sequence[int]) -> dict[int, Row]:
        """Rows of a kind."""
        return recorded.load(self._connection, kind, ids)

    def named(self, start: int, end: int) -> dict[int, Named]:
        """Which rows entries are about."""
        query = select(proof_entries).where(proof_entries.c.idx >= start, proof_entries.c.idx < end)
        return {row.idx: (Kind(row.kind), row.row_id) for row in self._connection.execute(query)}

    def beyond(self, size: int) -> int:
        """How many entries the database names behind the end of the log."""
        query = select(func.count()).select_from(proof_entries).where(proof_entries.c.idx >= size)
        return int(self._connection.execute(query).scalar_one())

    def waiting(self) -> set[Named]:
        """The rows that wait to be entered."""
        query = select(proof_pending.c.kind, proof_pending.c.row_id)
        return {(Kind(kind), row) for kind, row in self._connection.execute(query)}

    def without_entry(self, kind: Kind, after: int) -> Iterator[int]:
        """The rows behind an id that no entry is about, in order; an id below one, which no database gives, is behind any."""
        table = TABLES[kind]
        entered = and_(proof_entries.c.kind == kind, proof_entries.c.row_id == table.c.id)
        query = (
            select(table.c.id)
            .outerjoin(proof_entries, entered)
            .where(or_(table.c.id > after, table.c.id < 1), proof_entries.c.idx.is_(None))
            .order_by(table.c.id)
        )
        if kind is Kind.RUN:  # one that is under way is entered when it ends
            query = query.where(runs.c.finished.is_not(None))
        yield from self._connection.execute(query).scalars()

    def highest(self, kind: Kind) -> int:
        """The highest id of a table."""
        return _highest(self._connection, kind)


def _highest(connection: Connection, kind: Kind) -> int:
    return int(connection.execute(select(func.max(TABLES[kind].c.id))).scalar() or 0)


def _last(connection: Connection) -> Signed | None:
    query = select(proof_checkpoints).order_by(proof_checkpoints.c.size.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Signed(row.size, row.at, row.root, row.note)


def _batch(connection: Connection, notes: list[int], named: list[Named]) -> Batch:
    by_kind: dict[Kind, list[int]] = {}
    for kind, number in named:
        by_kind.setdefault(kind, []).append(number)
    found = {kind: recorded.load(connection, kind, ids) for kind, ids in by_kind.items()}
    rows = [(one, found[one[0]][one[1]]) for one in named if one[1] in found[one[0]]]
    earlier = {one: entries[-1] for one, entries in _entries_of(connection, named).items()}
    return Batch(notes, rows, earlier)


def _entries_of(connection: Connection, named: Sequence[Named]) -> dict[Named, list[int]]:
    by_kind: dict[Kind, list[int]] = {}
    for kind, number in named:
        by_kind.setdefault(kind, []).append(number)
    found: dict[Named, list[int]] = {}
    for kind, ids in by_kind.items():
        for part in chunks(ids):
            query = select(proof_entries.c.idx, proof_entries.c.row_id).where(
                proof_entries.c.kind == kind, proof_entries.c.row_id.in_(part)
            )
            for index, number in connection.execute(query.order_by(proof_entries.c.idx)):
                found.setdefault((kind, number), []).append(index)
    return found


def _named_of(connection: Connection, article: int) -> list[Named]:
    """An article's rows, with the captures and runs that they name."""
    named: list[Named] = [(Kind.ARTICLE, article)]
    others: set[Named] = set()
    for kind, table in ((Kind.VERSION, versions), (Kind.CHANGE, changes), (Kind.OBSERVATION, observations)):
        columns = [table.c.id, *(table.c[name] for name in ("capture_id", "run_id") if name in table.c)]
        for row in connection.execute(select(*columns).where(table.c.article_id == article)).mappings():
            named.append((kind, row["id"]))
            others |= {(Kind.CAPTURE, row["capture_id"])} if row.get("capture_id") else set()
            others |= {(Kind.RUN, row["run_id"])} if row.get("run_id") else set()
    seen = [number for kind, number in others if kind is Kind.CAPTURE]
    for part in chunks(seen):
        query = select(captures.c.refers_to_id).where(captures.c.id.in_(part))
        others |= {(Kind.CAPTURE, one) for one in connection.execute(query).scalars() if one is not None}
    return [*named, *sorted(others)]


def _story(connection: Connection, article: int) -> Story:
    controls = _controls(connection, article)
    named = _named_of(connection, article)
    beside: set[Named] = set()
    for part in chunks(controls):
        query = select(observations.c.id, observations.c.article_id, observations.c.capture_id)
        for row in connection.execute(query.where(observations.c.id.in_(part))):
            beside |= {(Kind.OBSERVATION, row.id), (Kind.ARTICLE, row.article_id)}
            beside |= {(Kind.CAPTURE, row.capture_id)} if row.capture_id else set()
    named += sorted(beside - set(named))
    ids = [number for kind, number in named if kind is Kind.CAPTURE]
    more: list[Any] = []
    for part in chunks(ids):
        query = select(captures.c.refers_to_id).where(
            captures.c.id.in_(part), captures.c.refers_to_id.is_not(None)
        )
        more += connection.execute(query).scalars().all()
    named += [(Kind.CAPTURE, one) for one in sorted(set(more) - set(ids))]
    ids = [number for kind, number in named if kind is Kind.CAPTURE]
    given_up: dict[int, list[int]] = {}
    for part in chunks(ids):
        query = select(captures.c.pruning_id).where(
            captures.c.id.in_(part), captures.c.pruning_id.is_not(None)
        )
        for pruning in connection.execute(query.distinct()).scalars():
            given_up.setdefault(pruning, [])
    for number, pruned in recorded.load(connection, Kind.PRUNING, list(given_up)).items():
        given_up[number] = pruned["given_up"]
    named += [(Kind.PRUNING, number) for number in sorted(given_up)]
    found = _entries_of(connection, [(Kind.LOG, 0), *named])
    gone = {one for some in given_up.values() for one in some}
    kept = load_captures(connection, [one for one in ids if one not in gone])
    mine = [number for kind, number in named if kind is Kind.VERSION]
    said = {number: row["said"] for number, row in recorded.load(connection, Kind.VERSION, mine).items()}
    missing = [one for one in named if one not in found]
    return Story(found, missing, said, controls, [kept[one] for one in sorted(kept)], given_up)


def _controls(connection: Connection, article: int) -> list[int]:
    """The last observations of other articles of the edition in each run that found an article absent: its controls."""
    absent = select(observations.c.run_id).where(
        observations.c.article_id == article, observations.c.signal.is_not(None)
    )
    edition = select(articles.c.edition).where(articles.c.id == article).scalar_subquery()
    found: list[int] = []
    for run in connection.execute(absent.distinct()).scalars().all():
        query = (
            select(observations.c.id)
            .join(articles, articles.c.id == observations.c.article_id)
            .where(
                observations.c.run_id == run,
                observations.c.article_id != article,
                observations.c.version.is_not(None),
                articles.c.edition == edition,
            )
            .order_by(observations.c.id.desc())
            .limit(CONTROLS)
        )
        found += connection.execute(query).scalars()
    return sorted(found)


def _where(connection: Connection, one: Named | File) -> Mapping[str, int]:
    """What an entry is about, as its row says it; a closed file gets a row of its own."""
    if not isinstance(one, File):
        return {"kind": int(one[0]), "row_id": one[1]}
    source = connection.execute(select(sources.c.id).where(sources.c.name == one.source)).scalar_one()
    values = {"source_id": source, "file": one.path, "size": one.size, "sha256": one.sha256}
    return {
        "kind": int(Kind.FILE),
        "row_id": new_id(connection.execute(insert(proof_files).values(**values))),
    }
