"""Group commit: items of a crawl go into the archive in batches, off the event loop, in the order they came."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from newscrawl.archiving.apply import BATCH, Item, commit, joins_earlier, keys_of
from newscrawl.archiving.captures import CaptureReader
from newscrawl.archiving.decide import Policy
from newscrawl.archiving.edition_pages import EditionPages
from newscrawl.errors import ArchiveError
from newscrawl.judge.recheck import LADDER, Ladder
from newscrawl.model import Applied, Dates
from newscrawl.store.archive import Archive
from newscrawl.warc import WarcWriter


@dataclass(slots=True)
class _Waiting:
    item: Item
    done: asyncio.Future[Applied | None]


class Recorder:
    """Queues items and records them one transaction after the other.

    While one transaction runs, what arrives in the meantime gathers for the next: batches form by
    themselves under load and nothing waits for a timer. An item's future is done only when its
    transaction is committed.
    """

    def __init__(
        self,
        archive: Archive,
        warc: WarcWriter,
        *,
        dates: Dates,
        captures: CaptureReader,
        ladder: Ladder = LADDER,
    ) -> None:
        self._archive = archive
        self._warc = warc
        self._policy = Policy(dates, ladder)
        self._captures = EditionPages(captures)
        self._queue: deque[_Waiting] = deque()
        self._failure: ArchiveError | None = None  # the first one: it ends the run
        self._draining: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")

    async def record(self, item: Item) -> Applied | None:
        """Puts an item into the archive; its verdict and ids if it is an observation. Raises ArchiveError."""
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        waiting = _Waiting(item, loop.create_future())
        self._queue.append(waiting)
        if self._draining is None or self._draining.done():
            self._draining = loop.create_task(self._drain())
        return await waiting.done

    async def call(self, function: Callable[[], None]) -> None:
        """Runs a function of the archive between two transactions."""
        await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def close(self) -> None:
        """Ends the writing thread."""
        self._thread.shutdown(wait=True)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            batch = self._next_batch()
            try:
                results = await loop.run_in_executor(self._thread, self._commit, [w.item for w in batch])
            except ArchiveError as error:
                self._failure = error
                for waiting in (*batch, *self._queue):
                    _settle(waiting, error=error)
                self._queue.clear()
            except Exception:  # noqa: BLE001 - one bad item must not take the others of its batch along
                await self._one_by_one(batch)
            else:
                for waiting, result in zip(batch, results, strict=True):
                    _settle(waiting, result)

    def _next_batch(self) -> list[_Waiting]:
        """The waiting items for one transaction; those that begin a batch of their own stay in the queue."""
        batch: list[_Waiting] = []
        keys: set[str] = set()
        while self._queue and len(batch) < BATCH and not joins_earlier(self._queue[0].item, keys):
            waiting = self._queue.popleft()
            keys.update(keys_of(waiting.item))
            batch.append(waiting)
        return batch

    async def _one_by_one(self, batch: list[_Waiting]) -> None:
        loop = asyncio.get_running_loop()
        for waiting in batch:
            try:
                (result,) = await loop.run_in_executor(self._thread, self._commit, [waiting.item])
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this item
                _settle(waiting, error=error)
            else:
                _settle(waiting, result)

    def _commit(self, items: list[Item]) -> list[Applied | None]:
        return commit(self._archive, self._warc, items, self._policy, self._captures)


def _settle(waiting: _Waiting, result: Applied | None = None, *, error: BaseException | None = None) -> None:
    if waiting.done.done():  # the crawl was cancelled meanwhile
        return
    if error is not None:
        waiting.done.set_exception(error)
    else:
        waiting.done.set_result(result)
