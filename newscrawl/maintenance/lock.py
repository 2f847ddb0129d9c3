"""The lock that keeps backup, restore and prune of one archive from running at the same time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newscrawl.errors import AlreadyRunning
from newscrawl.warc.durable import refused

NAME = "upkeep.lock"
"""Other versions of the program use this name, too."""


@contextmanager
def exclusive(folder: Path, *, make: bool = True) -> Iterator[None]:
    """Holds the folder's lock; the system releases it when the process ends, also after a kill.

    With `make` false nothing is written: without a lock file no other program can be running. Raises AlreadyRunning
    or ArchiveError.
    """
    path = folder / NAME
    if not make and not path.exists():
        yield
        return
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        file = path.open("ab" if make else "rb")
    except OSError as error:
        raise refused(error, path) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                "another backup, restore or prune is at work", subject=str(folder), hint="Nothing was done"
            ) from error
        yield
