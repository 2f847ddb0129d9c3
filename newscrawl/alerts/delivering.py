"""Tells every receiver what it has not been told: gathers, composes, sends and keeps the record. One that fails leaves the others alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newscrawl.alerts import composing, gathering, pacing, sending
from newscrawl.alerts.composing import Message
from newscrawl.alerts.gathering import Troubles
from newscrawl.errors import ArchiveError, DeliveryError, NewscrawlError
from newscrawl.model import Notice, Receiver, ReceiverState
from newscrawl.store.archive import Engine
from newscrawl.store.opened import open_existing
from newscrawl.store.write.notices import Notices

logger = logging.getLogger(__name__)

# Messages to one receiver in one run: one that failed before, and what is new.
_MESSAGES = 2


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it went with one receiver: alerts recorded, alerts told, and what kept others from being told."""

    receiver: str
    kind: str
    new: int = 0
    told: int = 0
    waiting: int = 0
    given_up: int = 0
    error: str | None = None
    next_attempt: datetime | None = None
    remark: str | None = None
    began: bool = False


def deliver(
    database_url: str,
    receivers: Sequence[Receiver],
    clock: Callable[[], datetime],
    *,
    health: gathering.Health | None = None,
    reader_url: str | None = None,
    at_once: bool = False,
    seconds: float = sending.SECONDS,
) -> list[Delivery]:
    """Tells the receivers what is new, in their order, each in at most so many seconds.

    `at_once` does not wait where an earlier message failed.

    Raises AlreadyRunning while another process does the same, ArchiveError where the archive cannot be used.
    """
    engine = open_existing(database_url)
    with Notices(engine) as book:
        now = clock()
        upto = book.settled()
        started = {receiver.name: receiver.since for receiver in receivers}
        states = book.take(started, now, upto)
        try:
            troubles = gathering.troubles(engine, receivers, health)
            found = []
            for receiver in receivers:
                desk = _Desk(engine, book, receiver, clock, reader_url, seconds, at_once=at_once)
                book.beat(list(started))
                found.append(desk.serve(states[receiver.name], upto, troubles))
            return found
        finally:
            book.release(list(started))


def preview(
    database_url: str,
    receivers: Sequence[Receiver],
    clock: Callable[[], datetime],
    *,
    health: gathering.Health | None = None,
    reader_url: str | None = None,
) -> Iterator[tuple[Receiver, Message | None]]:
    """What each receiver would be told now if nothing had to wait; None where there is nothing. Writes and sends nothing."""
    engine = open_existing(database_url)
    with Notices(engine) as book:
        now, upto = clock(), book.settled()
        states = book.states([receiver.name for receiver in receivers])
        troubles = gathering.troubles(engine, receivers, health)
        for receiver in receivers:
            since = receiver.since
            state = states.get(receiver.name) or ReceiverState(
                0, receiver.name, since or now, 0 if since else upto, is_new=True
            )
            new = gathering.gather(
                engine, receiver, state, book.told(state.id, pacing.day_of(now)), upto, troubles, now
            )
            waiting = [notice for notice, _ in book.waiting(state.id)]
            given_up = book.unspoken(state.id)
            if state.batch is not None:
                again, spoken = book.under_way(state.id, state.batch)
                waiting, given_up = [*(notice for notice, _ in again), *waiting], given_up + spoken
            notices = _unique([*waiting, *new])
            if not notices and not given_up:
                yield receiver, None
                continue
            batch = composing.batch_id(receiver.name, [notice.key for notice in notices])
            yield (
                receiver,
                composing.compose(
                    receiver.name, batch, notices, now, given_up=given_up, reader_url=reader_url
                ),
            )


def try_out(receiver: Receiver, now: datetime) -> str | None:
    """Sends a message that says nothing but that it arrived; a remark if there is one. Raises DeliveryError."""
    remarks = [
        sending.send(receiver.way, part, now=now.timestamp())
        for part in sending.parts(receiver.way, composing.trial(receiver.name, now))
    ]
    return next((remark for remark in remarks if remark), None)


class _Desk:
    """One receiver in one run."""

    def __init__(
        self,
        engine: Engine,
        book: Notices,
        receiver: Receiver,
        clock: Callable[[], datetime],
        reader_url: str | None,
        seconds: float,
        *,
        at_once: bool,
    ) -> None:
        self._engine, self._book, self._receiver, self._clock = engine, book, receiver, clock
        self._reader_url, self._seconds, self._at_once = reader_url, seconds, at_once
        self._until = 0.0
        self._remark: str | None = None

    def serve(self, state: ReceiverState, upto: int, troubles: Troubles) -> Delivery:
        """Records what is new and sends what is due. Raises ArchiveError alone."""
        name, kind = self._receiver.name, self._receiver.way.kind
        now = self._clock()
        told_today = self._book.told(state.id, pacing.day_of(now))
        outcome = Delivery(name, kind, began=state.is_new)
        try:
            found = gathering.gather(self._engine, self._receiver, state, told_today, upto, troubles, now)
        except NewscrawlError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not silence the others; the cursor stays
            outcome = replace(outcome, error=self._unexpected(error))
        else:
            outcome = replace(outcome, new=self._book.add(state.id, found, now, upto))
        self._until = time.monotonic() + self._seconds
        for _ in range(_MESSAGES):
            state = self._book.states([name])[name]
            ready = self._ready(state)
            if ready is None:
                break
            batch, notices, message = ready
            failure = self._tried(state, batch, message)
            if failure is not None:
                given_up = self._failed(state, batch, failure)
                outcome = replace(outcome, error=failure.message, given_up=given_up)
                break
            outcome = replace(outcome, told=outcome.told + len(notices))
        state = self._book.states([name])[name]
        waiting = len(self._book.waiting(state.id))
        if state.batch is not None:
            waiting += len(self._book.under_way(state.id, state.batch)[0])
        late = "an earlier message is still to be delivered" if state.failures else None
        return replace(
            outcome,
            waiting=waiting,
            error=outcome.error or late,
            next_attempt=state.next_attempt,
            remark=self._remark,
        )

    def _ready(self, state: ReceiverState) -> tuple[str, Sequence[Notice], Message] | None:
        """The message to send now: the one that is not known to have arrived, or what waits. None if nothing is due."""
        now = self._clock()
        if not self._at_once and not pacing.may_try(state, now):
            return None
        if state.batch is None:
            waiting, given_up = self._book.waiting(state.id), self._book.unspoken(state.id)
            if not given_up and not (waiting and pacing.is_due(self._receiver.digest, state, waiting, now)):
                return None
            keys = [notice.key for notice, _ in waiting]
            batch = composing.batch_id(self._receiver.name, keys or [f"given up {now.isoformat()}"])
            # On record before it is sent: whatever happens then, the same message is sent again under the same name.
            self._book.begin(state.id, batch, keys)
        else:
            batch = state.batch
        found, given_up = self._book.under_way(state.id, batch)
        notices = [notice for notice, _ in found]
        at = max((created for _, created in found), default=now)
        message = composing.compose(
            self._receiver.name, batch, notices, at, given_up=given_up, reader_url=self._reader_url
        )
        return batch, notices, message

    def _tried(self, state: ReceiverState, batch: str, message: Message) -> DeliveryError | None:
        way = self._receiver.way
        try:
            parts = sending.parts(way, message)
            # A message of which parts arrived goes on behind them, unless it is cut otherwise today.
            done = state.parts if state.batch == batch and state.parts < len(parts) else 0
            for part in parts[done:]:
                left = self._until - time.monotonic()
                if left <= 0:
                    return DeliveryError(f"not done in {self._seconds:g} s")
                remark = sending.send(way, part, seconds=left, now=self._clock().timestamp())
                self._remark = self._remark or remark
                if part is not parts[-1]:
                    self._book.progress(state.id, part.number)
            self._book.arrived(state.id, batch, self._clock())
        except DeliveryError as error:
            return error
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not silence the other receivers
            return DeliveryError(self._unexpected(error))
        return None

    def _failed(self, state: ReceiverState, batch: str, failure: DeliveryError) -> int:
        """Records a failure; how many alerts were given up with it."""
        now = self._clock()
        again = pacing.next_attempt(state.failures + 1, now, failure.retry_after)
        return self._book.failed(state.id, batch, failure.message, again, now - self._receiver.give_up)

    def _unexpected(self, error: Exception) -> str:
        logger.debug("alerts to %s", self._receiver.name, exc_info=error)
        return f"unexpected error: {type(error).__name__}"


def _unique(notices: Sequence[Notice]) -> list[Notice]:
    return list({notice.key: notice for notice in notices}.values())
