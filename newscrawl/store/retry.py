"""What a run does while the database server is away: it waits and tries again, for a while, and does nothing twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, update

from newscrawl.errors import Unavailable
from newscrawl.store.tables import runs

T = TypeVar("T")

# How long a run waits for a server that went away, in seconds: a restart takes some, a change of the primary half a minute.
PATIENCE = 60.0
_FIRST, _LONGEST = 0.1, 2.0  # seconds between two tries


class Patience:
    """The patience of one run: `seconds` for each time the server goes away; none any more once that was not enough.

    A run that gives up still has things to bring to an end, and must not wait for each of them again.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def insist(self, attempt: Callable[[], T]) -> T:
        """What `attempt` gives, tried again while the server is away. It must be harmless to repeat. Raises Unavailable."""
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


def claim(connection: Connection, run_id: int, number: int) -> bool:
    """Whether batch `number` of a run is still to be done: False if it was committed, and only the answer was lost.

    The batch's transaction begins with this, so the number is committed with its work or not at all. The row stays
    locked to its end: a second try waits until the server has made up its mind about the first.
    """
    mine = update(runs).where(runs.c.id == run_id, runs.c.batches < number).values(batches=number)
    return connection.execute(mine).rowcount == 1
