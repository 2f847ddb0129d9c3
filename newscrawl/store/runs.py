"""Runs: the lease that keeps a source to one crawl at a time, the heartbeat, and how each run ended."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from newscrawl import __version__
from newscrawl.errors import AlreadyRunning
from newscrawl.model import RunSummary
from newscrawl.store.tables import runs, sources
from newscrawl.store.types import new_id

# A run that has not said for this long that it lives is taken for dead where its process cannot be asked.
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


def begin(connection: Connection, source: int, name: str, now: datetime, arguments: Mapping[str, Any]) -> int:
    """Takes the lease of a source and opens a run. Raises AlreadyRunning while another run is alive.

    Runs whose process is gone are closed as interrupted; what they committed stays.
    """
    # The row lock makes look-and-insert one step on PostgreSQL; SQLite has one writer anyway.
    connection.execute(select(sources.c.id).where(sources.c.id == source).with_for_update())
    query = select(runs).where(runs.c.source_id == source, runs.c.finished.is_(None))
    for row in connection.execute(query).mappings().all():
        if is_alive(row):
            raise AlreadyRunning(
                f"another run is active (process {row['pid']} on {row['host']}, since {row['started']:%Y-%m-%d %H:%M} UTC)",
                subject=name,
                hint="It will finish by itself; nothing was done",
            )
        connection.execute(
            update(runs).where(runs.c.id == row["id"]).values(finished=now, exit_code=1, reason="interrupted")
        )
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


def beat(connection: Connection, run_id: int) -> None:
    """Says that a run is alive."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(heartbeat=datetime.now(UTC)))


def finish(connection: Connection, summary: RunSummary) -> None:
    """Closes a run with its counts and releases the lease."""
    connection.execute(
        update(runs)
        .where(runs.c.id == summary.run_id)
        .values(
            finished=summary.finished,
            heartbeat=datetime.now(UTC),
            exit_code=summary.exit_code,
            reason=summary.reason,
            requests=summary.requests,
            counts=dict(summary.counts),
            problems=list(summary.problems),
        )
    )


def is_alive(row: Mapping[Any, Any]) -> bool:
    """Whether the process of an open run still lives, by its row."""
    if row["host"] == socket.gethostname():
        # On this machine the process itself can be asked: a killed run frees the source at once.
        token = _process_token(row["pid"])
        if row["process"]:
            return bool(token == row["process"])
        if not _exists(row["pid"]):
            return False
    heartbeat: datetime = row["heartbeat"]
    return datetime.now(UTC) - heartbeat < STALE


def this_process(connection: Connection) -> dict[str, Any]:  # noqa: ARG001
    """What a lease says of its holder: this process, alive now."""
    return {
        "heartbeat": datetime.now(UTC),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "process": _process_token(os.getpid()) or "",
    }


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _process_token(pid: int) -> str | None:
    """Tells one process from a later one with the same number: boot id and start time, where the system gives them (Linux)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        start = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
    return f"{boot}:{start}"
