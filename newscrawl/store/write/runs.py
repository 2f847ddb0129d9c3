"""Runs: the lease that keeps a source to one crawl at a time, the heartbeat, and how each run ended.

What time it is for a lease is asked of the database's own clock, not of the program's.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from newscrawl import __version__
from newscrawl.errors import AlreadyRunning, LeaseLost
from newscrawl.model import RunSummary
from newscrawl.model.runs import BLOCKS
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.tables import runs, sources
from newscrawl.store.types import Instant, new_id

# A run without a heartbeat for this long counts as dead where its process cannot be checked.
STALE = timedelta(minutes=5)


def source_id(connection: Connection, name: str, now: datetime) -> int:
    """The id of a source, made on first use."""
    found = connection.execute(select(sources.c.id).where(sources.c.name == name)).scalar()
    if found is not None:
        return int(found)
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as upsert

        connection.execute(upsert(sources).values(name=name, added=now).on_conflict_do_nothing())
        return int(connection.execute(select(sources.c.id).where(sources.c.name == name)).scalar_one())
    return new_id(connection.execute(insert(sources).values(name=name, added=now)))


def has_source(connection: Connection, name: str) -> bool:
    """Whether a source is known, without making it."""
    return connection.execute(select(sources.c.id).where(sources.c.name == name)).first() is not None


def last_begun(connection: Connection) -> dict[str, datetime]:
    """When the last run of each source began, by the program's clock."""
    query = (
        select(sources.c.name, func.max(runs.c.started).label("started"))
        .join(runs, runs.c.source_id == sources.c.id)
        .group_by(sources.c.name)
    )
    return {row.name: row.started for row in connection.execute(query)}


def holder(connection: Connection, source: int, now: datetime) -> RowMapping | None:
    """The run that holds the lease of a source; None if it is free, and then it stays free until the transaction ends.

    Runs that are dead are closed as interrupted, at `now` of the program's clock; what they committed stays.
    """
    # The row lock makes check-and-begin one step on PostgreSQL; SQLite has one writer anyway. "Key share" does not wait
    # for a run that is just adding rows of the source.
    connection.execute(select(sources.c.id).where(sources.c.id == source).with_for_update(key_share=True))
    unfinished = (runs.c.source_id == source, runs.c.finished.is_(None))
    # A run whose row is locked is committing at this moment: it is alive, and must not be waited for (its machine may be
    # asleep in the middle of it).
    idle = select(runs.c.id).where(*unfinished).with_for_update(skip_locked=True)
    untouched = set(connection.execute(idle).scalars())
    at = clock(connection)
    for row in connection.execute(select(runs).where(*unfinished)).mappings().all():
        if row["id"] not in untouched:
            return row
        this = update(runs).where(runs.c.id == row["id"])
        if is_alive(row, at):
            if row["heartbeat"] > at:
                # The clock was set back. A living run beats again by itself; a dead one must not hold the lease until
                # the old time is reached once more.
                connection.execute(this.values(heartbeat=at))
            return row
        connection.execute(this.values(finished=now, exit_code=1, reason="interrupted"))
        pending.note(connection, Kind.RUN, [row["id"]])
    return None


def refusal(row: Mapping[Any, Any], name: str) -> AlreadyRunning:
    """The error for a second run, from the row of the run that holds the lease."""
    return AlreadyRunning(
        f"another run is active (process {row['pid']} on {row['host']}, since {row['started']:%Y-%m-%d %H:%M} UTC)",
        subject=name,
        hint="It will finish by itself; nothing was done",
    )


def begin(connection: Connection, source: int, now: datetime, arguments: Mapping[str, Any]) -> int:
    """Opens a run, which holds the lease from now on. Only in a transaction in which `holder` said that it is free."""
    result = connection.execute(
        insert(runs).values(
            source_id=source,
            started=now,
            **this_process(connection),
            version=__version__,
            arguments=dict(arguments),
            requests=0,
            counts={},
            problems=[],
        )
    )
    return new_id(result)


def hold(connection: Connection, run_id: int) -> None:
    """Says that a run is alive, and makes sure that it still holds its lease until the transaction ends.

    Every write of a run begins with it. A run that slept for longer than STALE (suspended, its
    machine asleep) may have been closed and replaced meanwhile: then LeaseLost is raised, and nothing is written.
    """
    held = update(runs).where(runs.c.id == run_id, runs.c.finished.is_(None))
    if connection.execute(held.values(heartbeat=_now(connection))).rowcount != 1:
        raise _lost(connection, run_id)


def finish(connection: Connection, summary: RunSummary) -> None:
    """Closes a run with its counts and releases the lease. Raises LeaseLost if the run was closed by another."""
    result = connection.execute(
        update(runs)
        .where(runs.c.id == summary.run_id, runs.c.finished.is_(None))
        .values(
            finished=summary.finished,
            heartbeat=_now(connection),
            exit_code=summary.exit_code,
            reason=summary.reason,
            requests=summary.requests,
            counts=dict(summary.counts) | _blocks(summary),
            problems=list(summary.problems),
        )
    )
    if result.rowcount != 1 or summary.run_id is None:
        raise _lost(connection, summary.run_id)
    pending.note(connection, Kind.RUN, [summary.run_id])


def _blocks(summary: RunSummary) -> dict[str, Any]:
    """What became of the links beside the articles of each edition, to stand among the counts of the run."""
    found = {
        edition: [
            {"outcome": one.outcome.value, "number": one.number, "examples": list(one.examples)}
            for one in counts
        ]
        for edition, counts in summary.blocks.items()
    }
    return {BLOCKS: found} if found else {}


def is_alive(row: Mapping[Any, Any], at: datetime) -> bool:
    """Whether the process of an open run is alive, by its row; `at` is the time of `clock`.

    Its process is asked only if it surely is one that can be seen from here: the same start of the
    same kernel, the same numbers of processes. Containers share host names and process numbers, so these say nothing.
    """
    mine = _token(os.getpid())
    if mine and row["process"] and _where(row["process"]) == _where(mine) and not _hidden(row["pid"]):
        # A killed run frees its source at once; one that is there is believed, however long it waits for a disk.
        return bool(_token(row["pid"]) == row["process"])
    heartbeat: datetime = row["heartbeat"]
    return at - heartbeat < STALE


def this_process(connection: Connection) -> dict[str, Any]:
    """What a lease says of its holder: this process, alive now."""
    return {
        "heartbeat": _now(connection),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "process": _token(os.getpid()) or "",
    }


def clock(connection: Connection) -> datetime:
    """The time by which leases are judged: PostgreSQL's, because the clocks of machines differ; for a SQLite file the machine's."""
    now = _now(connection)
    at: datetime = now if isinstance(now, datetime) else connection.execute(select(now)).scalar_one()
    return at


def _now(connection: Connection) -> Any:
    postgresql = connection.dialect.name == "postgresql"
    return func.clock_timestamp(type_=Instant) if postgresql else datetime.now(UTC)


def _lost(connection: Connection, run_id: int | None) -> LeaseLost:
    name = connection.execute(
        select(sources.c.name).join(runs, runs.c.source_id == sources.c.id).where(runs.c.id == run_id)
    ).scalar()
    return LeaseLost(
        "this run was silent for so long that it was taken for dead and closed",
        subject=name,
        hint="What it had stored is kept; the next run goes on from there",
    )


def _where(token: str) -> str:
    """The part of a token that says where a process number means something."""
    return token.rpartition(":")[0]


def _hidden(pid: int) -> bool:
    """Whether a process is there and may not be inspected: another user's, where /proc is mounted so (hidepid)."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return not Path(f"/proc/{pid}/stat").exists()
    except OSError:
        return False
    return False


def _token(pid: int) -> str | None:
    """A name for a process that no other process ever has: start of the kernel, namespace of process numbers, start of the process.

    None if there is no such process, or where the system does not tell (it is Linux that does).
    """
    try:
        if str(Path("/proc/self").readlink()) != str(os.getpid()):
            return None  # /proc shows the processes of another namespace
        kernel = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
        state, *fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    if state in "ZX" or len(fields) < 19:
        return None  # dead; only nobody has asked how it ended
    return f"{kernel}:{namespace}:{fields[18]}"
