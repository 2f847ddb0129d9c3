"""The process that reads what was fetched: one for all runs of this program, the event loop stays free. Knows no page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from scrapy.settings import BaseSettings

from newscrawl.crawl.parse.pages import LOADED
from newscrawl.errors import UsageError
from newscrawl.worker import Aborted, Limits, Worker

_Result = TypeVar("_Result")


class Reader:
    """Hands jobs to one guarded process, in the order they come. How many wait is bounded by Scrapy (SCRAPER_SLOT_MAX_ACTIVE_SIZE)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._worker = Worker(limits, LOADED)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")

    @property
    def started(self) -> bool:
        """Whether there was anything to read yet."""
        return self._worker.started

    async def read(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """What `work` makes of the arguments, all of which go to another process; or why it was ended."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._worker.run, work, *arguments
        )

    def read_now(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """The same for a thread that may wait."""
        return self._worker.run(work, *arguments)


def reader_of(settings: BaseSettings) -> Reader:
    """The reader by READING_SECONDS and READING_MEMORY (bytes). Raises UsageError."""
    try:
        seconds, memory = settings.getfloat("READING_SECONDS"), settings.getint("READING_MEMORY")
    except (TypeError, ValueError) as error:
        raise UsageError("not a number", subject="READING_SECONDS or READING_MEMORY") from error
    if seconds <= 0 or memory <= 0:
        raise UsageError("must be more than 0", subject="READING_SECONDS or READING_MEMORY")
    return _shared(Limits(seconds, memory))


# Started for every run it would cost every run half a second; unused it costs nothing, and it ends with the program.
@cache
def _shared(limits: Limits) -> Reader:
    return Reader(limits)
