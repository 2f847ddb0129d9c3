"""Delivers alerts: gathers new notices of each receiver, composes and sends messages, and records what was sent.

A receiver that fails does not affect the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newscrawl.alerts import compose, gather, select, transports
from newscrawl.alerts.compose import Message
from newscrawl.errors import ArchiveError, DeliveryError, NewscrawlError
from newscrawl.model import Receiver, ReceiverState
from newscrawl.store.archive import Engine
from newscrawl.store.opened import open_existing
from newscrawl.store.write.notices import Notices

logger = logging.getLogger(__name__)

# Messages to one receiver in one run: one that failed before, and one with what is new.
_MESSAGES = 2


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result for one receiver: notices recorded (`new`), sent, waiting and given up; the error or remark, if any."""

    receiver: str
    kind: str
    new: int = 0
    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    error: str | None = None
    next_attempt: datetime | None = None
    remark: str | None = None
    is_new: bool = False


def deliver(
    database_url: str,
    receivers: Sequence[Receiver],
    clock: Callable[[], datetime],
    *,
    health: gather.Examiner | None = None,
    reader_url: str | None = None,
    at_once: bool = False,
    seconds: float = transports.SECONDS,
) -> list[Delivery]:
    """Sends every receiver its new notices, one receiver after the other, each within `seconds`.

    `health` finds the open findings of health; `at_once` retries without waiting after an earlier failure.

    Raises AlreadyRunning while another process delivers alerts, ArchiveError if the archive cannot be used.
    """
    engine = open_existing(database_url)
    with Notices(engine) as records:
        now = clock()
        upto = records.last_settled_change()
        started = {receiver.name: receiver.since for receiver in receivers}
        states = records.acquire(started, now, upto)
        try:
            findings = gather.open_findings(engine, receivers, health)
            found = []
            for receiver in receivers:
                run = _ReceiverRun(engine, records, receiver, clock, reader_url, seconds, at_once)
                records.heartbeat(list(started))
                found.append(run.deliver(states[receiver.name], upto, findings))
            return found
        finally:
            records.release(list(started))


def preview(
    database_url: str,
    receivers: Sequence[Receiver],
    clock: Callable[[], datetime],
    *,
    health: gather.Examiner | None = None,
    reader_url: str | None = None,
) -> Iterator[tuple[Receiver, Message | None]]:
    """The message each receiver would get now, regardless of waits; None if there is nothing new. Records nothing."""
    engine = open_existing(database_url)
    with Notices(engine) as records:
        now, upto = clock(), records.last_settled_change()
        states = records.states([receiver.name for receiver in receivers])
        findings = gather.open_findings(engine, receivers, health)
        for receiver in receivers:
            since = receiver.since
            state = states.get(receiver.name) or ReceiverState(
                0, receiver.name, since or now, 0 if since else upto, is_new=True
            )
            history = records.history(state.id, select.day_of(now))
            new = gather.gather(engine, receiver, state, history, upto, findings, now)
            waiting = [notice for notice, _ in records.waiting(state.id)]
            given_up = records.unreported(state.id)
            if state.batch is not None:
                in_delivery, reported = records.in_delivery(state.id, state.batch)
                waiting, given_up = [*(notice for notice, _ in in_delivery), *waiting], given_up + reported
            notices = list({notice.key: notice for notice in [*waiting, *new]}.values())
            if not notices and not given_up:
                yield receiver, None
                continue
            name = receiver.name
            batch = compose.batch_id(name, [notice.key for notice in notices])
            message = compose.compose(name, batch, notices, now, given_up=given_up, reader_url=reader_url)
            yield receiver, message


def send_test(receiver: Receiver, now: datetime) -> str | None:
    """Sends a message without notices; returns a remark if there is one. Raises DeliveryError."""
    message = compose.trial_message(receiver.name, now)
    remarks = [
        transports.send(receiver.transport, part, now=now.timestamp())
        for part in transports.parts(receiver.transport, message)
    ]
    return next((remark for remark in remarks if remark), None)


@dataclass(slots=True)
class _ReceiverRun:
    """The delivery to one receiver in one run, which ends at `until` (monotonic seconds)."""

    engine: Engine
    records: Notices
    receiver: Receiver
    clock: Callable[[], datetime]
    reader_url: str | None
    seconds: float
    at_once: bool
    until: float = 0.0
    remark: str | None = None

    def deliver(self, state: ReceiverState, upto: int, findings: gather.Findings) -> Delivery:
        """Records new notices and sends what is due. Raises only ArchiveError; other failures are in the result."""
        name, now = self.receiver.name, self.clock()
        history = self.records.history(state.id, select.day_of(now))
        result = Delivery(name, self.receiver.transport.kind, is_new=state.is_new)
        try:
            found = gather.gather(self.engine, self.receiver, state, history, upto, findings, now)
        except NewscrawlError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug here must not affect other receivers; the cursor stays
            result = replace(result, error=self._unexpected(error))
        else:
            result = replace(result, new=self.records.add(state.id, found, now, upto))
        self.until = time.monotonic() + self.seconds
        for _ in range(_MESSAGES):
            state = self.records.states([name])[name]
            due = self._due_message(state)
            if due is None:
                break
            message, count = due
            failure = self._send(state, message)
            if failure is not None:
                given_up = self._record_failure(state, message.id, failure)
                result = replace(result, error=failure.message, given_up=given_up)
                break
            result = replace(result, sent=result.sent + count)
        state = self.records.states([name])[name]
        waiting = len(self.records.waiting(state.id))
        if state.batch is not None:
            waiting += len(self.records.in_delivery(state.id, state.batch)[0])
        earlier = "an earlier message is still to be delivered" if state.failures else None
        return replace(
            result,
            waiting=waiting,
            error=result.error or earlier,
            next_attempt=state.next_attempt,
            remark=self.remark,
        )

    def _due_message(self, state: ReceiverState) -> tuple[Message, int] | None:
        """The message to send now and its number of notices: an unconfirmed one, or one of the waiting notices."""
        now, name = self.clock(), self.receiver.name
        if not self.at_once and not select.may_try(state, now):
            return None
        batch = state.batch
        if batch is None:
            waiting, given_up = self.records.waiting(state.id), self.records.unreported(state.id)
            if not given_up and not (waiting and select.is_due(self.receiver.digest, state, waiting, now)):
                return None
            keys = [notice.key for notice, _ in waiting]
            batch = compose.batch_id(name, keys or [f"given up {now.isoformat()}"])
            # Recorded before it is sent, so that after a crash the same message is sent again with the same id.
            self.records.start_message(state.id, batch, keys)
        found, given_up = self.records.in_delivery(state.id, batch)
        notices = [notice for notice, _ in found]
        at = max((recorded for _, recorded in found), default=now)
        message = compose.compose(name, batch, notices, at, given_up=given_up, reader_url=self.reader_url)
        return message, len(notices)

    def _send(self, state: ReceiverState, message: Message) -> DeliveryError | None:
        transport = self.receiver.transport
        try:
            parts = transports.parts(transport, message)
            # Delivered parts are skipped, unless the message is cut into fewer parts than then.
            done = state.parts if state.batch == message.id and state.parts < len(parts) else 0
            for part in parts[done:]:
                left = self.until - time.monotonic()
                if left <= 0:
                    return DeliveryError(f"not done in {self.seconds:g} s")
                remark = transports.send(transport, part, seconds=left, now=self.clock().timestamp())
                self.remark = self.remark or remark
                if part is not parts[-1]:
                    self.records.record_part(state.id, part.number)
            self.records.record_sent(state.id, message.id, self.clock())
        except DeliveryError as error:
            return error
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug here must not affect other receivers
            return DeliveryError(self._unexpected(error))
        return None

    def _record_failure(self, state: ReceiverState, batch: str, failure: DeliveryError) -> int:
        """Records a failed delivery; returns how many notices were given up."""
        now = self.clock()
        retry = select.next_attempt(state.failures + 1, now, failure.retry_after)
        return self.records.record_failure(
            state.id, batch, failure.message, retry, now - self.receiver.give_up
        )

    def _unexpected(self, error: Exception) -> str:
        logger.debug("alerts to %s", self.receiver.name, exc_info=error)
        return f"unexpected error: {type(error).__name__}"
