"""Runs parsing jobs in worker processes that all runs of this program share, so that the event loop stays free and every core reads."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from queue import LifoQueue
from typing import Any, Protocol, TypeVar

from newscrawl.crawl.parse.jobs import LOADED
from newscrawl.worker import Aborted, Limits, Worker

_Result = TypeVar("_Result")


class _Reader(Protocol):
    """What runs one job at a time."""

    def run(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted: ...

    @property
    def started(self) -> bool: ...


class _InThisProcess:
    """Runs jobs without a process of their own, and so without limits: for debugging."""

    started = False

    def run(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        try:
            return work(*arguments)
        except Exception as error:  # noqa: BLE001 - reported as a worker process reports it
            return Aborted(f"{type(error).__name__}: {error}", traceback.format_exc())


class ParsePool:
    """Hands each job to a free one of `readers` worker processes; with 0 readers it runs in this process.

    A process is started when all that run are busy, so that a run with few pages starts one. Scrapy bounds how many jobs
    wait (SCRAPER_SLOT_MAX_ACTIVE_SIZE).
    """

    def __init__(self, limits: Limits, readers: int) -> None:
        self.limits = limits
        self.readers = max(readers, 1)
        self._all: list[_Reader] = (
            [Worker(limits, LOADED) for _ in range(readers)] if readers else [_InThisProcess()]
        )
        self._free: LifoQueue[_Reader] = (
            LifoQueue()
        )  # last in, first out: one that runs before one that must be started
        for reader in reversed(self._all):
            self._free.put(reader)
        self._threads = ThreadPoolExecutor(max_workers=self.readers, thread_name_prefix="reading")

    @property
    def started(self) -> bool:
        """Whether a process runs; the first job starts one."""
        return any(reader.started for reader in self._all)

    async def run(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """The result of `work` called with the arguments in a worker process, or why the job was aborted."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.run_now, work, *arguments)

    def run_now(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """The same for a thread that may wait."""
        with self._taken() as reader:
            return reader.run(work, *arguments)

    @contextmanager
    def _taken(self) -> Iterator[_Reader]:
        reader = self._free.get()
        try:
            yield reader
        finally:
            self._free.put(reader)


# One for each run would cost every run half a second. Unused it costs nothing, and it ends with the program.
@cache
def shared_pool(limits: Limits, readers: int) -> ParsePool:
    """The pool of this program for these limits and so many processes."""
    return ParsePool(limits, readers)
