"""The records of alerts: the lease on receivers, their waiting and sent notices, failed deliveries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Update, func, insert, select, text, update

from newscrawl.errors import AlreadyRunning
from newscrawl.model import Notice, NoticeHistory, ReceiverState, Topic
from newscrawl.model.alerts import FINDINGS
from newscrawl.store import rows
from newscrawl.store.engine import reading, writing
from newscrawl.store.opened import Opened
from newscrawl.store.tables import changes, notices, receivers
from newscrawl.store.types import key_hash
from newscrawl.store.write import runs as run_lease

_FREE = {"heartbeat": None, "host": None, "pid": None, "process": None}
# The fields of a notice that have a column, and its name; the other fields are in the payload.
_COLUMNS = {
    "key": "key", "topic": "topic", "event": "turn", "source": "source", "edition": "edition",
    "subject": "subject", "at": "at", "folded": "folded",
}  # fmt: skip


class Notices(Opened):
    """Reads and writes the records of alerts in an open archive."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._held: Mapping[str, Any] = {}

    # --- receivers and their lease ---

    def last_settled_change(self) -> int:
        """The number of the last row in the change log before which no row can appear any more.

        On PostgreSQL a transaction may commit a lower number after a higher one; the lock waits for open
        transactions. SQLite has one writer at a time, which is this process.
        """
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                # Writers queue behind this lock, so it must not wait long for a transaction that hangs.
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                connection.execute(text("LOCK TABLE changes IN SHARE MODE"))
            return int(connection.execute(select(func.coalesce(func.max(changes.c.id), 0))).scalar_one())

    def acquire(
        self, started: Mapping[str, datetime | None], now: datetime, settled: int
    ) -> dict[str, ReceiverState]:
        """Takes the lease on receivers and creates new ones, which get notices from `started` on, or from `now`.

        `started` maps each name to that time or None; `settled` is the last settled change, where new ones begin.

        Raises AlreadyRunning while another process holds one of them.
        """
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                # New receivers have no rows yet that could be locked.
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
        """The recorded states of receivers, without a lease; new receivers are left out."""
        with reading(self._engine) as connection:
            query = select(receivers).where(receivers.c.name.in_(names))
            return {row["name"]: _state(row) for row in connection.execute(query).mappings()}

    def heartbeat(self, names: Sequence[str]) -> None:
        """Renews the lease. Raises AlreadyRunning if another process took it over, believing this one dead."""
        with writing(self._engine) as connection:
            values = run_lease.this_process(connection)
            if connection.execute(self._ours(names).values(**values)).rowcount != len(names):
                raise AlreadyRunning(
                    "this process was silent for so long that another one sends the alerts",
                    hint="What was sent is on record; nothing is lost",
                )

    def release(self, names: Sequence[str]) -> None:
        """Gives the lease back, if it is still held."""
        with writing(self._engine) as connection:
            connection.execute(self._ours(names).values(**_FREE))

    def _ours(self, names: Sequence[str]) -> Update:
        held = [receivers.c[name] == value for name, value in self._held.items()]
        return update(receivers).where(receivers.c.name.in_(names), *held)

    # --- notices ---

    def history(self, receiver: int, day: datetime) -> NoticeHistory:
        """The counts of notices recorded since `day`, and the last notice of each open finding."""
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
                .where(of_receiver, notices.c.topic.in_([topic.value for topic in FINDINGS]))
                .group_by(notices.c.topic, notices.c.subject)
            )
            still_open = select(notices).where(notices.c.id.in_(last), notices.c.turn != "over")
            return NoticeHistory(
                in_full={row[0]: row[1] for row in connection.execute(by_source)},
                subjects={(Topic(row[0]), row[1]): row[2] for row in connection.execute(by_subject)},
                findings={
                    row["subject"]: (_notice(row), row["created"])
                    for row in connection.execute(still_open).mappings()
                },
            )

    def add(self, receiver: int, found: Iterable[Notice], now: datetime, cursor: int) -> int:
        """Records notices to be sent and moves the cursor, in one transaction. Returns how many were not recorded before."""
        new = {key_hash(notice.key): notice for notice in found}
        with writing(self._engine) as connection:
            for part in rows.chunks(list(new)):
                query = select(notices.c.key_hash).where(
                    notices.c.receiver_id == receiver, notices.c.key_hash.in_(part)
                )
                for known in connection.execute(query).scalars().all():
                    del new[known]
            if new:
                values = [_values(receiver, fingerprint, notice, now) for fingerprint, notice in new.items()]
                connection.execute(insert(notices), values)
            connection.execute(update(receivers).where(receivers.c.id == receiver).values(cursor=cursor))
        return len(new)

    def waiting(self, receiver: int) -> list[tuple[Notice, datetime]]:
        """Notices that are in no message yet, oldest first, each with the time it was recorded."""
        return self._pending(receiver, None)

    def in_delivery(self, receiver: int, batch: str) -> tuple[list[tuple[Notice, datetime]], int]:
        """The notices of an unconfirmed message, and how many given up notices it reports."""
        with reading(self._engine) as connection:
            return self._pending(receiver, batch), _given_up(connection, receiver, batch)

    # --- messages ---

    def start_message(self, receiver: int, batch: str, keys: Sequence[str]) -> None:
        """Puts notices, and the unreported given up ones, into a message that is sent until it is confirmed."""
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

    def record_part(self, receiver: int, parts: int) -> None:
        """Records how many parts of the current message were delivered."""
        with writing(self._engine) as connection:
            connection.execute(update(receivers).where(receivers.c.id == receiver).values(parts=parts))

    def record_sent(self, receiver: int, batch: str, now: datetime) -> None:
        """Records that a whole message was delivered."""
        values = {"state": "sent", "sent": now, "attempts": notices.c.attempts + 1}
        with writing(self._engine) as connection:
            connection.execute(_of_batch(receiver, batch).values(**values))
            connection.execute(
                update(receivers)
                .where(receivers.c.id == receiver)
                .values(batch=None, parts=0, failures=0, next_attempt=None, error=None, last_message=now)
            )

    def record_failure(
        self, receiver: int, batch: str, error: str, next_attempt: datetime, expired: datetime
    ) -> int:
        """Records a failed delivery and gives up the notices recorded before `expired`; returns how many."""
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

    def unreported(self, receiver: int) -> int:
        """How many notices were given up and no message has reported it."""
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
    payload = dataclasses.asdict(notice)
    columns = {column: payload.pop(name) for name, column in _COLUMNS.items()}
    return {
        "receiver_id": receiver,
        "key_hash": fingerprint,
        **columns,
        "topic": notice.topic.value,
        "created": now,
        "state": "pending",
        "attempts": 0,
        "payload": payload,
    }


def _notice(row: RowMapping) -> Notice:
    payload = dict(row["payload"])
    for name in ("kinds", "versions", "excerpt"):
        value = payload.get(name)
        payload[name] = (
            tuple(tuple(v) if isinstance(v, list) else v for v in value) if value is not None else None
        )
    columns = {name: row[column] for name, column in _COLUMNS.items()}
    return Notice(**{**payload, **columns, "topic": Topic(row["topic"])})
