"""How a run waits while the database server is unavailable: it retries for a while, and repeats no committed work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, update

from newscrawl.errors import Unavailable
from newscrawl.store.tables import runs

T = TypeVar("T")

# How long a run waits for an unavailable server: a restart takes seconds, a change of the primary half a minute.
SECONDS = 60.0
_FIRST, _LONGEST = 0.1, 2.0  # seconds between two tries


class Retry:
    """Retries the database calls of one run for up to `seconds`; once that was not enough, not at all.

    A run that gives up still has to shut down, and must not wait again at each step.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def call(self, attempt: Callable[[], T]) -> T:
        """The result of `attempt`, repeated while the server is unavailable; it must be safe to repeat.

        Raises Unavailable.
        """
        until, pause = time.monotonic() + self._seconds, _FIRST
        while True:
            try:
                return attempt()
            except Unavailable:
                if time.monotonic() + pause > until:
                    self._seconds = 0.0
                    raise
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)


def claim_batch(connection: Connection, run_id: int, number: int) -> bool:
    """Whether batch `number` of a run is still to be done: False if it was committed and only the answer was lost.

    The transaction of the batch begins with this, so the number is committed with its work or not at all. The row
    stays locked to its end, so a second try waits until the first one is decided.
    """
    mine = update(runs).where(runs.c.id == run_id, runs.c.batches < number).values(batches=number)
    return connection.execute(mine).rowcount == 1
