"""A backfill killed again and again: all is there, nothing is fetched twice but what was under way. The large version is benchmarks/backfill.py."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from benchmarks.backfill import backfill
from tests.support.process_pool import ProcessPool


class _Forked:
    """A crawl in a process of the pool."""

    def __init__(self, pool: ProcessPool, words: list[str], variables: dict[str, str]) -> None:
        self._pool = pool
        self._pid = pool.start(*words, program="scrapy", **variables)

    def poll(self) -> int | None:
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        return self._pool.wait().code


def test_killed_backfill(tmp_path: Path, process_pool: ProcessPool) -> None:
    """Paged lists and sitemaps, killed twice with SIGKILL; lists go on about where they were."""
    result = backfill(tmp_path, wanted=60, kills=2, seed=3, starter=lambda *of: _Forked(process_pool, *of))
    assert result.ended == 0
    assert (result.missing, result.unwanted, result.twice_without_reason) == (0, 0, 0)
    assert result.archived == 60
    # Each later run reads the first page again, and the page before the one it stopped at.
    assert result.pages <= result.pages_needed + 1 + 3 * len(result.kills)
