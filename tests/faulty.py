"""Work that goes wrong in its own process, importable by it: pages that hang, and pages that take everything down."""

from __future__ import annotations

import os
import time

from newscrawl.cli.reprocess import Job, Outcome, read_again


def double(number: int) -> int:
    """Twice the number; 13 kills the process, 17 never ends."""
    if number == 13:
        os.abort()
    while number == 17:
        time.sleep(0.1)
    return number * 2


def reread(job: Job) -> Outcome:
    """Reads a page, unless it is that of article 2 (hangs) or 4 (kills)."""
    if job.reading.article in (2, 4):
        double(13 if job.reading.article == 4 else 17)
    return read_again(job)


def bug(*_: object) -> None:
    """A bug of ours."""
    raise ZeroDivisionError("a bug")
