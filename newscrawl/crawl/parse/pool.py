"""Runs parsing jobs in a worker process that all runs of this program share, so that the event loop stays free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from newscrawl.crawl.parse.jobs import LOADED
from newscrawl.worker import Aborted, Limits, Worker

_Result = TypeVar("_Result")


class ParsePool:
    """Hands jobs to one worker process, in the order they come.

    Scrapy bounds how many wait (SCRAPER_SLOT_MAX_ACTIVE_SIZE).
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._worker = Worker(limits, LOADED)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")

    @property
    def started(self) -> bool:
        """Whether the process runs; the first job starts it."""
        return self._worker.started

    async def run(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """The result of `work` called with the arguments in the worker process, or why the job was aborted."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._worker.run, work, *arguments
        )

    def run_now(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """The same for a thread that may wait."""
        return self._worker.run(work, *arguments)


# One for each run would cost every run half a second. Unused it costs nothing, and it ends with the program.
@cache
def shared_pool(limits: Limits) -> ParsePool:
    """The pool of this program for these limits."""
    return ParsePool(limits)
