"""When a message is due, and when one that failed is tried again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from newscrawl.model import Digest, Notice, ReceiverState

# After the first failure, doubled after each further one, up to the longest.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)


def day_of(now: datetime) -> datetime:
    """The beginning of the UTC day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def may_try(state: ReceiverState, now: datetime) -> bool:
    """Whether the wait after a failure is over. A clock that was set back does not make it longer than the longest."""
    return (
        state.next_attempt is None or now >= state.next_attempt or state.next_attempt - now > 2 * LONGEST_WAIT
    )


def next_attempt(failures: int, now: datetime, asked: float | None) -> datetime:
    """When a message that failed for the `failures`-th time in a row is tried again; `asked` are seconds the server wants."""
    doubled: int = 2 ** min(max(failures - 1, 0), 10)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    if asked is not None:
        wait = max(wait, min(timedelta(seconds=asked), 2 * LONGEST_WAIT))
    return now + wait


def is_due(
    digest: Digest, state: ReceiverState, waiting: Sequence[tuple[Notice, datetime]], now: datetime
) -> bool:
    """Whether what waits is told now.

    Digests are told in the first run of an hour or day later than that of the last message (or of the receiver's start).
    What is told as a number alone waits for something to be told in full, or for the next day.
    """
    last = state.last_message or state.started
    if digest is Digest.DAILY:
        return day_of(now) > day_of(last)
    if digest is Digest.HOURLY and _hour_of(now) <= _hour_of(last):
        return False
    return any(not notice.folded or day_of(created) < day_of(now) for notice, created in waiting)


def _hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
