"""Group commit: looks and listing reads go into the archive in batches, WARC bytes flushed first, verdicts made in the same transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from newscrawl.errors import ArchiveError
from newscrawl.judge import identity
from newscrawl.judge.recheck import LADDER, Ladder
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    Applied,
    Article,
    Capture,
    Content,
    Dates,
    FoundLeads,
    Known,
    ListingRead,
    Observation,
)
from newscrawl.store.archive import Archive, Writing
from newscrawl.text import content_hash
from newscrawl.warc import WarcWriter

Item = Observation | ListingRead | FoundLeads
# Re-reads a capture with the extractor of today; None where the bytes cannot be read.
Reread = Callable[[Known, Capture], Article | None]

# Looks in one transaction: enough to make commits cheap, few enough that a kill costs little.
BATCH = 50


@dataclass(slots=True)
class _Waiting:
    item: Item
    done: asyncio.Future[Applied | None]


class Recorder:
    """Records items one transaction after the other, in the order they came, off the event loop.

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
        reread: Reread,
        ladder: Ladder = LADDER,
    ) -> None:
        self._archive = archive
        self._warc = warc
        self._dates = dates
        self._reread = reread
        self._ladder = ladder
        self._queue: deque[_Waiting] = deque()
        self._failure: ArchiveError | None = (
            None  # the first one: it ends the run, and nothing waits for the next
        )
        self._draining: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")

    async def record(self, item: Item) -> Applied | None:
        """Puts an item into the archive; its verdict and ids if it is a look. Raises ArchiveError."""
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
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
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
        self._warc.sync()
        return self._archive.transact(lambda writing: [self._record(writing, item) for item in items])

    def decide(self, writing: Writing, observation: Observation) -> Applied:
        """Judges one look and stores it, in a transaction that the caller has open: for looks that no crawl made."""
        return self._judge(writing, observation)

    def _record(self, writing: Writing, item: Item) -> Applied | None:
        if isinstance(item, ListingRead):
            writing.record_listing(item)
            return None
        if isinstance(item, FoundLeads):
            writing.add_leads(item.edition, item.leads, item.at)
            return None
        return self._judge(writing, item)

    def _judge(self, writing: Writing, observation: Observation) -> Applied:
        now = observation.fetch.at
        asked = observation.lead_key or observation.url_key
        status = writing.statuses([observation.url_key, asked])
        keys = list(
            dict.fromkeys([observation.url_key, asked, *(alias.key for alias in observation.aliases)])
        )
        known = writing.by_keys(keys, now)
        here = status.get(observation.url_key)
        article, twin = identity.resolve(
            observation,
            known.get(observation.url_key),
            confirmed=here is not None and here.article_id is not None and here.confirmed,
            others=known,
        )
        comparable = True
        if article is not None:
            twin = twin or _leads_to_another(observation, article, known)
            article, comparable = self._same_extractor(writing, article, observation)
        lead = status[asked].lead if asked in status else None
        around = Circumstances(
            now=now,
            dates=self._dates,
            attempts=lead.attempts if lead is not None else 0,
            twin=twin,
            elsewhere=article is not None and self._elsewhere(observation, article, known),
            comparable=comparable,
            unrelated=article is not None and _unrelated(observation, article),
            attested=observation.attested or observation.lead is None or (lead is not None and lead.claimed),
            moved_to=_moved_to(writing, observation, article) if article is not None else None,
            ladder=self._ladder,
            past=writing.past,
        )
        return writing.apply(observation, judge(observation, article, around), article)

    def _same_extractor(
        self, writing: Writing, article: Known, observation: Observation
    ) -> tuple[Known, bool]:
        """The known article as today's extractor reads its capture, and whether that could be done.

        An upgrade must never look like an edit.
        """
        if article.extractor == observation.extractor or observation.content_hash in (
            None,
            article.content_hash,
        ):
            return article, True
        extracted = self._reread(article, article.capture) if article.capture is not None else None
        if extracted is None or not extracted.is_article:
            return article, False
        content = Content.of(extracted)
        fingerprint = content_hash(content)
        writing.refresh(article, extracted, observation.extractor, fingerprint)
        return replace(
            article, content=content, content_hash=fingerprint, extractor=observation.extractor
        ), True

    def _elsewhere(self, observation: Observation, article: Known, known: dict[str, Known]) -> bool:
        """Whether the article's address now leads to a page that is something else."""
        if not observation.fetch.redirects or observation.article is None:
            return False
        ours = any(known[alias.key].id == article.id for alias in observation.aliases if alias.key in known)
        return not ours and not identity.same_piece(article.content, Content.of(observation.article))


def _moved_to(writing: Writing, observation: Observation, article: Known) -> str | None:
    """The address of a live article that holds the text of one whose own look was in doubt: renamed without a redirect, or printed twice."""
    if not observation.controls_fine:
        return None
    for other in writing.same_instant(article, observation.fetch.at):
        if identity.twins(article.content, other.content) and identity.same_text(
            article.content, other.content
        ):
            return other.url
    return None


def _leads_to_another(observation: Observation, article: Known, known: Mapping[str, Known]) -> bool:
    """Whether the article's address now leads to where the same piece is archived as an article of its own.

    The piece moved and was met at its new address first. Edits are seen there, and told once.
    """
    target = known.get(observation.target) if observation.target is not None else None
    if (
        target is None
        or target.id == article.id
        or observation.article is None
        or not observation.article.is_article
    ):
        return False
    now = Content.of(observation.article)
    return identity.same_piece(article.content, now) and identity.same_piece(target.content, now)


def _unrelated(observation: Observation, article: Known) -> bool:
    return observation.article is not None and not identity.related(
        article.content, Content.of(observation.article)
    )


def _settle(waiting: _Waiting, result: Applied | None = None, *, error: BaseException | None = None) -> None:
    if waiting.done.done():  # the crawl was cancelled meanwhile
        return
    if error is not None:
        waiting.done.set_exception(error)
    else:
        waiting.done.set_result(result)
