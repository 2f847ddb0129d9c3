"""Who was told what: the lease on receivers, what is waiting for them, what was sent, and how often it failed. Decides and sends nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Update, func, insert, select, text, update

from newscrawl.errors import AlreadyRunning
from newscrawl.model import Notice, ReceiverState, Told, Topic
from newscrawl.store import rows
from newscrawl.store.engine import reading, writing
from newscrawl.store.opened import Opened
from newscrawl.store.tables import changes, notices, receivers
from newscrawl.store.types import key_hash
from newscrawl.store.write import runs as run_lease

_FREE = {"heartbeat": None, "host": None, "pid": None, "process": None}
# Columns of a notice; the rest of its fields lie in the payload.
_COLUMNS = ("key", "topic", "turn", "source", "edition", "subject", "at", "folded")


class Notices(Opened):
    """The records of alerts in an archive that is open."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._held: Mapping[str, Any] = {}

    # --- the lease, the state of receivers ---

    def settled(self) -> int:
        """The highest number in the log of changes below which nothing can be added any more.

        On PostgreSQL a transaction may commit a lower number after a higher one; the lock waits for those under
        way. On SQLite there is one writer at a time, which is us.
        """
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                # Whoever writes queues behind this, so it must not wait for a writer that fell asleep.
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                connection.execute(text("LOCK TABLE changes IN SHARE MODE"))
            return int(connection.execute(select(func.coalesce(func.max(changes.c.id), 0))).scalar_one())

    def take(
        self, started: Mapping[str, datetime | None], now: datetime, settled: int
    ) -> dict[str, ReceiverState]:
        """Takes the lease on receivers, making those that are new: told from now on, or from where `started` says.

        Raises AlreadyRunning while another process holds one of them.
        """
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                # Rows that are not there yet cannot be locked one by one.
                connection.execute(text("LOCK TABLE receivers IN SHARE ROW EXCLUSIVE MODE"))
            found = {row["name"]: row for row in _rows(connection, list(started))}
            at = run_lease.clock(connection)
            for name, row in found.items():
                if row["heartbeat"] is not None and run_lease.is_alive(row, at):
                    raise AlreadyRunning(
                        f"alerts are being sent by another process ({row['pid']} on {row['host']})",
                        subject=name,
                        hint="It will finish by itself; nothing was done",
                    )
            for name, since in started.items():
                if name not in found:
                    values = {
                        "name": name, "started": since or now, "cursor": 0 if since else settled,
                        "failures": 0, "parts": 0,
                    }  # fmt: skip
                    connection.execute(insert(receivers).values(**values))
            names = list(started)
            holder = run_lease.this_process(connection)
            self._held = {name: holder[name] for name in ("host", "pid", "process")}
            connection.execute(update(receivers).where(receivers.c.name.in_(names)).values(**holder))
            return {
                row["name"]: dataclasses.replace(_state(row), is_new=row["name"] not in found)
                for row in _rows(connection, names)
            }

    def states(self, names: Sequence[str]) -> dict[str, ReceiverState]:
        """How receivers stand, without taking them; new ones are left out."""
        with reading(self._engine) as connection:
            query = select(receivers).where(receivers.c.name.in_(names))
            return {row["name"]: _state(row) for row in connection.execute(query).mappings()}

    def beat(self, names: Sequence[str]) -> None:
        """Says that this process is still at work. Raises AlreadyRunning if another one took it for dead and works in its place."""
        with writing(self._engine) as connection:
            values = run_lease.this_process(connection)
            if connection.execute(self._ours(names).values(**values)).rowcount != len(names):
                raise AlreadyRunning(
                    "this process was silent for so long that another one sends the alerts",
                    hint="What was sent is on record; nothing is lost",
                )

    def release(self, names: Sequence[str]) -> None:
        """Gives the lease back, as far as it is still held."""
        with writing(self._engine) as connection:
            connection.execute(self._ours(names).values(**_FREE))

    def _ours(self, names: Sequence[str]) -> Update:
        held = [receivers.c[name] == value for name, value in self._held.items()]
        return update(receivers).where(receivers.c.name.in_(names), *held)

    # --- what there is to tell ---

    def told(self, receiver: int, day: datetime) -> Told:
        """What a receiver was told since `day`, and the last that was said of each trouble."""
        of_receiver = notices.c.receiver_id == receiver
        today = notices.c.created >= day
        with reading(self._engine) as connection:
            by_source = (
                select(notices.c.source, func.count())
                .where(of_receiver, today, notices.c.folded.is_(False))
                .group_by(notices.c.source)
            )
            by_subject = (
                select(notices.c.topic, notices.c.subject, func.count())
                .where(of_receiver, today)
                .group_by(notices.c.topic, notices.c.subject)
            )
            last = (
                select(func.max(notices.c.id))
                .where(of_receiver, notices.c.topic.in_((Topic.HEALTH.value, Topic.GAPS.value)))
                .group_by(notices.c.topic, notices.c.subject)
            )
            lasting = select(notices).where(notices.c.id.in_(last), notices.c.turn != "over")
            return Told(
                sources={row[0]: row[1] for row in connection.execute(by_source)},
                subjects={(Topic(row[0]), row[1]): row[2] for row in connection.execute(by_subject)},
                troubles={
                    row["subject"]: (_notice(row), row["created"])
                    for row in connection.execute(lasting).mappings()
                },
            )

    def add(self, receiver: int, found: Iterable[Notice], now: datetime, cursor: int) -> int:
        """Puts notices on record to be sent, but for those already there, and the cursor forward: one transaction. How many are new."""
        waiting = {key_hash(notice.key): notice for notice in found}
        with writing(self._engine) as connection:
            for part in rows.chunks(list(waiting)):
                query = select(notices.c.key_hash).where(
                    notices.c.receiver_id == receiver, notices.c.key_hash.in_(part)
                )
                for known in connection.execute(query).scalars().all():
                    del waiting[known]
            if waiting:
                new = [_values(receiver, fingerprint, notice, now) for fingerprint, notice in waiting.items()]
                connection.execute(insert(notices), new)
            connection.execute(update(receivers).where(receivers.c.id == receiver).values(cursor=cursor))
        return len(waiting)

    def waiting(self, receiver: int) -> list[tuple[Notice, datetime]]:
        """What waits for a receiver and is in no message yet, oldest first, each with the time of its record."""
        return self._pending(receiver, None)

    def under_way(self, receiver: int, batch: str) -> tuple[list[tuple[Notice, datetime]], int]:
        """The notices of a message that is not known to have arrived, and how many given up it speaks of."""
        with reading(self._engine) as connection:
            return self._pending(receiver, batch), _given_up(connection, receiver, batch)

    # --- messages ---

    def begin(self, receiver: int, batch: str, keys: Sequence[str]) -> None:
        """Makes a message of notices, and of what was given up and not yet spoken of; from now on it is sent whole or again."""
        of_receiver = notices.c.receiver_id == receiver
        with writing(self._engine) as connection:
            for part in rows.chunks([key_hash(key) for key in keys]):
                connection.execute(
                    update(notices).where(of_receiver, notices.c.key_hash.in_(part)).values(batch=batch)
                )
            connection.execute(
                update(notices)
                .where(of_receiver, notices.c.state == "expired", notices.c.batch.is_(None))
                .values(batch=batch)
            )
            connection.execute(
                update(receivers).where(receivers.c.id == receiver).values(batch=batch, parts=0)
            )

    def progress(self, receiver: int, parts: int) -> None:
        """Says that so many parts of the message under way arrived."""
        with writing(self._engine) as connection:
            connection.execute(update(receivers).where(receivers.c.id == receiver).values(parts=parts))

    def arrived(self, receiver: int, batch: str, now: datetime) -> None:
        """Closes a message that arrived whole."""
        values = {"state": "sent", "sent": now, "attempts": notices.c.attempts + 1}
        with writing(self._engine) as connection:
            connection.execute(_of_batch(receiver, batch).values(**values))
            connection.execute(
                update(receivers)
                .where(receivers.c.id == receiver)
                .values(batch=None, parts=0, failures=0, next_attempt=None, error=None, last_message=now)
            )

    def failed(self, receiver: int, batch: str, error: str, next_attempt: datetime, expired: datetime) -> int:
        """Says that a message did not arrive and when it is tried again; gives up what was recorded before `expired`. How many were."""
        of_receiver = notices.c.receiver_id == receiver
        with writing(self._engine) as connection:
            connection.execute(_of_batch(receiver, batch).values(attempts=notices.c.attempts + 1))
            given_up = connection.execute(
                update(notices)
                .where(of_receiver, notices.c.state == "pending", notices.c.created < expired)
                .values(state="expired", batch=None)
            ).rowcount
            ours = (of_receiver, notices.c.batch == batch)
            left = select(notices.c.id).where(*ours, notices.c.state == "pending").limit(1)
            values: dict[str, Any] = {
                "failures": receivers.c.failures + 1, "next_attempt": next_attempt, "error": error
            }  # fmt: skip
            if connection.execute(left).first() is None:
                values |= {"batch": None, "parts": 0}
                connection.execute(update(notices).where(*ours).values(batch=None))
            connection.execute(update(receivers).where(receivers.c.id == receiver).values(**values))
        return int(given_up)

    def unspoken(self, receiver: int) -> int:
        """How many alerts were given up and no message has said so."""
        with reading(self._engine) as connection:
            return _given_up(connection, receiver, None)

    def _pending(self, receiver: int, batch: str | None) -> list[tuple[Notice, datetime]]:
        query = select(notices).where(
            notices.c.receiver_id == receiver, notices.c.state == "pending", notices.c.batch == batch
        )
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(notices.c.id)).mappings()
            return [(_notice(row), row["created"]) for row in found]


def _rows(connection: Connection, names: Sequence[str]) -> Sequence[RowMapping]:
    query = select(receivers).where(receivers.c.name.in_(names)).order_by(receivers.c.id)
    return connection.execute(query).mappings().all()


def _of_batch(receiver: int, batch: str) -> Update:
    return update(notices).where(
        notices.c.receiver_id == receiver, notices.c.state == "pending", notices.c.batch == batch
    )


def _given_up(connection: Connection, receiver: int, batch: str | None) -> int:
    query = select(func.count()).where(
        notices.c.receiver_id == receiver, notices.c.state == "expired", notices.c.batch == batch
    )
    return int(connection.execute(query).scalar_one())


def _state(row: RowMapping) -> ReceiverState:
    names = ("id", "name", "started", "cursor", "last_message", "failures", "next_attempt", "batch", "parts")
    return ReceiverState(**{name: row[name] for name in names})


def _values(receiver: int, fingerprint: str, notice: Notice, now: datetime) -> dict[str, Any]:
    columns = {name: getattr(notice, name) for name in _COLUMNS}
    said = {
        field.name: getattr(notice, field.name)
        for field in dataclasses.fields(notice)
        if field.name not in _COLUMNS
    }
    return {
        "receiver_id": receiver,
        "key_hash": fingerprint,
        **columns,
        "topic": notice.topic.value,
        "created": now,
        "state": "pending",
        "attempts": 0,
        "payload": said,
    }


def _notice(row: RowMapping) -> Notice:
    said = dict(row["payload"])
    for name in ("kinds", "versions", "excerpt"):
        value = said.get(name)
        said[name] = (
            tuple(tuple(v) if isinstance(v, list) else v for v in value) if value is not None else None
        )
    columns = {name: row[name] for name in _COLUMNS}
    return Notice(**{**said, **columns, "topic": Topic(row["topic"])})
