"""The record of what was pruned. Rows stay: they say where a response was, and that it was given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, bindparam, insert, select, update

from newscrawl.errors import AlreadyRunning, StoreError
from newscrawl.store.copy.prunable import Policy
from newscrawl.store.engine import reading, writing
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.read.selects import of_source
from newscrawl.store.rows import chunks
from newscrawl.store.tables import captures, prunings, runs, sources
from newscrawl.store.types import new_id


@dataclass(frozen=True, slots=True)
class Pruning:
    """What is noted of one rewritten file: its hash, the file that replaces it, how much was left out."""

    file: str
    sha256: str
    replaced_by: str
    records: int
    bytes: int


def sources_of(engine: Engine, name: str | None) -> list[tuple[int, str]]:
    """The sources of an archive, or the one of this name. Raises UnknownSource."""
    with reading(engine) as connection:
        query = select(sources.c.id, sources.c.name).order_by(sources.c.name)
        found = connection.execute(query.where(*of_source(connection, sources.c.id, name)))
        return [(row.id, row.name) for row in found]


def referers(engine: Engine, ids: Container[int]) -> dict[int, set[int]]:
    """For each of these captures the captures kept so far whose bytes it holds."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    # One pass through all: there is no index by what is referred to.
    repeats = captures.c.refers_to_id.is_not(None), captures.c.pruning_id.is_(None)
    query = select(captures.c.refers_to_id, captures.c.id).where(*repeats)
    with reading(engine) as connection:
        for original, repeated in connection.execute(query, execution_options={"yield_per": 5000}):
            if original in ids:
                found[original].add(repeated)
    return found


def referenced(engine: Engine, file: str) -> set[int]:
    """The offsets in a WARC file that captures of any source refer to."""
    with reading(engine) as connection:
        return set(connection.execute(_kept_in(captures.c.offset, file)).scalars())


def rewritten(engine: Engine, source_id: int) -> list[Pruning]:
    """Everything pruned of a source so far, oldest first."""
    columns = (
        prunings.c.file,
        prunings.c.sha256,
        prunings.c.replaced_by,
        prunings.c.records,
        prunings.c.bytes,
    )
    query = select(*columns).where(prunings.c.source_id == source_id).order_by(prunings.c.id)
    with reading(engine) as connection:
        return [Pruning(*row) for row in connection.execute(query)]


def note(
    engine: Engine,
    source_id: int,
    run_id: int,
    pruning: Pruning,
    *,
    gone: Collection[int],
    offsets: Mapping[int, int],
    policy: Policy,
    now: datetime,
) -> None:
    """Notes in one transaction that a file was rewritten: `gone` are the captures left out, `offsets` the new offsets of all others by the old ones.

    Raises AlreadyRunning where the run has lost its lease, StoreError where a capture has no new offset: then nothing was changed.
    """
    with writing(engine) as connection:
        lease = select(runs.c.id).where(runs.c.id == run_id, runs.c.finished.is_(None))
        lease_row = connection.execute(lease.with_for_update())
        if lease_row.first() is None:
            raise AlreadyRunning("the lease was taken over by another run", hint="Nothing was changed")
        values = {
            "source_id": source_id,
            "run_id": run_id,
            "at": now,
            "policy": policy.words(),
            **asdict(pruning),
        }
        number = new_id(connection.execute(insert(prunings).values(**values)))
        pending.note(connection, Kind.PRUNING, [number])
        there = connection.execute(_kept_in(captures.c.id, pruning.file, captures.c.offset))
        kept = [(row, offset) for row, offset in there if row not in gone]
        lost = [offset for _, offset in kept if offset not in offsets]
        if lost:
            raise StoreError(f"no record begins at byte {lost[0]}; nothing was changed", subject=pruning.file)
        this = captures.c.id == bindparam("this")
        if kept:
            connection.execute(
                update(captures).where(this).values(file=pruning.replaced_by, offset=bindparam("start")),
                [{"this": row, "start": offsets[offset]} for row, offset in kept],
            )
        for part in chunks(sorted(gone)):
            connection.execute(update(captures).where(captures.c.id.in_(part)).values(pruning_id=number))


def _kept_in(column: ColumnElement[Any], file: str, *more: ColumnElement[Any]) -> Select[Any]:
    return select(column, *more).where(captures.c.file == file, captures.c.pruning_id.is_(None))
