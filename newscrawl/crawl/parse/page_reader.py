"""Parses the responses of one run in the worker process; counts and reports those whose parsing was aborted."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from scrapy.http import Response

from newscrawl.crawl.context import RunContext
from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.crawl.parse import jobs
from newscrawl.dating.moments import zone_of
from newscrawl.judge import soft_404
from newscrawl.model import Announced, Article, EntryCount, ExtractRules, Fetch, Lead, ListingPage, PageType
from newscrawl.urls import is_front_page
from newscrawl.worker import Aborted

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")

# Pages of an edition in a row whose parsing was aborted, after which the rest of the edition is left for the next run:
# each may have cost ten seconds. Those that were aborted come last then, so that the others are not kept waiting.
ABORTED_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page after parsing: its article, None where it could not be parsed, and the leads beside it.

    `left` says what became of the links that are no leads. `deferred`: it was not parsed in this run, because parsing the pages before it was aborted.
    """

    fetch: Fetch
    article: Article | None
    beside: tuple[Lead, ...] = ()
    left: tuple[EntryCount, ...] = ()
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A response that could not be parsed, and why."""

    reason: str
    aborted: bool  # by a limit of time or memory; else by a bug of ours


class PageReader:
    """Parses pages and listings of a run. `rules` gives the extraction rules of an edition."""

    def __init__(self, run: RunContext, rules: Callable[[str], ExtractRules]) -> None:
        self._run = run
        self._rules = rules
        self._zone = zone_of(run.zone)
        self._aborted: Counter[str] = Counter()  # by edition: pages in a row
        self._slots = asyncio.Semaphore(2 * run.pool.readers)  # as many pages being parsed as ready
        self._last: asyncio.Event | None = None  # set when the job before has been answered

    async def article(
        self,
        response: Response,
        edition: str,
        fetch: Fetch,
        *,
        leads_of: str | None = None,
        said: Announced | None = None,
    ) -> PageRead:
        """The article of a page, of which a channel had `said` something; with `leads_of` also the leads beside it to articles of that edition.

        A page that hangs, eats memory or meets a bug counts as a failure, of itself alone; all others are
        parsed as usual, or not in this run.
        """
        async with self._slots:
            if self._aborted[edition] >= ABORTED_IN_A_ROW:
                return PageRead(fetch, None, deferred=True)
            parsed = await self._parse(
                response.url,
                jobs.article,
                _document(response, fetch),
                self._rules(edition),
                self._run.addresses,
                leads_of,
                said,
            )
            aborted = isinstance(parsed, Unread) and parsed.aborted
            self._aborted[edition] = self._aborted[edition] + 1 if aborted else 0
        if isinstance(parsed, Unread):
            return PageRead(replace(fetch, detail=parsed.reason), None)
        article, links = parsed
        return PageRead(fetch, article, links.leads, links.left)

    async def listing(self, response: Response, fetch: Fetch, task: ListingTask) -> ListingPage | Unread:
        """What a listing document shows."""
        document = _document(response, fetch)
        return await self._parse(response.url, jobs.listing, document, task, self._run.addresses, self._zone)

    async def block(self, response: Response, fetch: Fetch, edition: str) -> ListingPage | Unread:
        """The links of a page to articles of the edition."""
        document = _document(response, fetch)
        return await self._parse(response.url, jobs.block, document, self._run.addresses, edition)

    async def sent_on(self, response: Response, read: PageRead) -> str | None:
        """The address that a page in place of an article sends its reader on to, by refresh or as a stub by its canonical link.

        None for articles and for pages that hide one: those are judged as they are.
        """
        page = read.article
        if page is None or page.is_article or page.page_type.hides_article:
            return None
        header = (response.headers.get("Refresh") or b"").decode("latin-1")[:2100] or None
        found = await self._parse(response.url, jobs.sent_on, _document(response, read.fetch), header)
        if isinstance(found, Unread):
            return None
        refresh, canonical = found
        if refresh is not None:
            # Many pages that say "not found" lead home by themselves.
            lost = page.page_type is PageType.NOT_FOUND and is_front_page(refresh)
            return None if lost else refresh
        is_stub = page.page_type in (PageType.OTHER, PageType.EMPTY)
        named = canonical is not None and not is_front_page(canonical)
        return canonical if is_stub and named and self._run.addresses.edition_of(canonical or "") else None

    async def fingerprint(self, fetch: Fetch, body: bytes) -> soft_404.Fingerprint | None:
        """The fingerprint of a page; None where it cannot be compared."""
        found = await self._parse(fetch.final_url, jobs.fingerprint, fetch, body)
        return None if isinstance(found, Unread) else found

    async def _parse(self, url: str, work: Callable[..., _Result], *arguments: Any) -> _Result | Unread:
        """The result of a job. Jobs run side by side and are answered in the order they came: what a run archives, and in which order, must not depend on which process is faster."""
        before, self._last = self._last, asyncio.Event()
        answered = self._last
        try:
            parsed = await self._run.pool.run(work, *arguments)
            if before is not None:
                await before.wait()
        finally:
            answered.set()
        return self._unread(url, parsed) if isinstance(parsed, Aborted) else parsed

    def _unread(self, url: str, aborted: Aborted) -> Unread:
        reason = f"cannot be read: {aborted.reason}" if aborted.trace else f"reading {aborted.reason}"
        if aborted.trace is not None:  # an exception of a parser is a bug of ours
            logger.error("%s: %s\n%s", url, reason, aborted.trace)
            self._run.counters.errors += 1
        self._run.counters.problem(f"{url}: {reason}")
        self._run.stats.inc_value(f"newscrawl/reading/{'bug' if aborted.trace else 'ended'}")
        return Unread(reason[:300], aborted=aborted.trace is None)


def _document(response: Response, fetch: Fetch) -> jobs.Document:
    return jobs.Document(response.body, response.url, fetch.content_type, fetch.at)
