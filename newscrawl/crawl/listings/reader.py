"""The listing part of a spider: every channel of every edition read, leads handed on, and what follows from each read asked for."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Container, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.crawl.editions import Recheck
from newscrawl.crawl.extensions import keeper_of
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.refusals import Stopped
from newscrawl.crawl.listings import tasks
from newscrawl.crawl.listings.tasks import Listings, Task
from newscrawl.crawl.parse import pages
from newscrawl.crawl.source import PRIORITY, Output, SourceSpider, answer_of
from newscrawl.dating.moments import zone_of
from newscrawl.model import Channel, Fetch, FetchOutcome, FoundLeads, Lead, ListingPage, ListingRead, PageType
from newscrawl.urls import host_of
from newscrawl.worker import Aborted

logger = logging.getLogger(__name__)

Leads = tuple[tuple[str, Lead], ...]


class ListingSpider(SourceSpider):
    """Reads listings, feeds and sitemaps, and the blocks of headlines beside articles."""

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name, **arguments)
        self._waiting: list[
            tuple[Task, Leads]
        ] = []  # older pages, each with what only the page before showed
        self._said = 0
        self._reached: dict[str, datetime] = {}  # by list, as Walks keeps it

    async def start(self) -> AsyncIterator[Request]:
        """Every listing channel of every edition asked for; nothing with recheck=only."""
        self.keeper = keeper_of(self.crawler)
        self._listings = Listings(
            self.keeper.listings,
            self.keeper.clock(),
            zone=zone_of(self.zone),
            dates=self.options.dates,
            wait=self.options.limit is not None,
            robots=self.robots_sitemaps,
        )
        self._reached = self._listings.walks.reached
        if self.options.recheck is Recheck.ONLY:
            return
        for edition in self.options.editions:
            for task in self._listings.start(edition):
                yield self._listing_request(task)
        self._say_bounds()

    def _listing_request(self, task: Task) -> Request:
        state = self._listings.state(task)
        return self.request(
            task.url,
            self.parse_listing,
            self.failed_listing,
            {"task": task},
            PRIORITY["listing"],
            etag=state.etag if state else None,
            last_modified=state.last_modified if state else None,
            form=task.form,
            drawn=task.edition.hosts.union(task.listing.scripts_from)
            if task.drawn and task.listing
            else frozenset(),
        )

    async def parse_listing(self, response: Response, task: Task) -> AsyncIterator[Output]:
        """A listing document, or the status that came instead of one."""
        fetch = fetches.of_response(response, self.keeper.clock())
        page = None
        if fetch.outcome is FetchOutcome.OK:
            said = await self.keeper.reader.read(
                pages.listing, answer_of(response, fetch), task, self.addresses, zone_of(self.zone)
            )
            if isinstance(said, Aborted):
                # Not an empty listing, and its validators must not be kept: the next run reads it again.
                detail = self.keeper.unread(response.url, said)
                fetch = replace(fetch, outcome=FetchOutcome.ERROR, detail=detail)
            else:
                fetch, page = await self._unless_refused(response, task, fetch, said)
        for output in self._listing_read(task, fetch, page):
            yield output

    async def _unless_refused(
        self, response: Response, task: Task, fetch: Fetch, page: ListingPage
    ) -> tuple[Fetch, ListingPage | None]:
        if not page.leads and not page.children:
            read = await self.read(response, task.edition.name, fetch)
            if read.article is not None and read.article.page_type is PageType.CHALLENGE:
                # The outlet refuses us with a page that looks like an answer: no listing, and no broken source.
                return replace(fetch, outcome=FetchOutcome.FORBIDDEN, detail=read.article.reason), None
            fetch = read.fetch
        return fetch, page

    def failed_listing(self, failure: Failure) -> Iterator[Output]:
        """A listing that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, Stopped):
            return  # never sent, so nothing was read: the next run reads it
        fetch = fetches.of_failure(failure, request, self.keeper.clock())
        yield from self._listing_read(request.cb_kwargs["task"], fetch, None)

    def _listing_read(self, task: Task, fetch: Fetch, page: ListingPage | None) -> Iterator[Output]:
        found = self.keyed(page.leads) if page is not None else ()
        known, fresh = tasks.known_before(
            [key for key, _ in found], self.keeper.archive.statuses([k for k, _ in found])
        )
        read = ListingRead(
            source=self.name,
            edition=task.edition.name,
            channel=task.channel,
            url=task.listed_as,
            fetch=fetch,
            leads=found,
            known=known,
            problem=page.problem if page is not None else None,
            root=task.root,
            further=sum(host_of(child) in task.edition.hosts for child in page.children)
            if page is not None
            else 0,
        )
        if page is not None and page.hub:
            logger.info("feed %s can be subscribed to at %s, which is not done", task.url, page.hub)
        if task.series is not None and task.number > 1:
            self.keeper.counters.tentative.add(task.url)
        if task.channel is Channel.SITEMAP:
            following, own = list(self._listings.after(task, read, page, fresh=fresh)), found
        else:
            read, following, own = self._list_read(task, read, page)
        yield read
        for further in following:
            if further.waits:
                self._waiting.append((further, own))
            else:
                yield self._listing_request(further)
        self._say_bounds()

    def _list_read(
        self, task: Task, read: ListingRead, page: ListingPage | None
    ) -> tuple[ListingRead, list[Task], Leads]:
        """A page of a list: whether the list joins its last read with it, the older pages that follow, and what only this one shows."""
        archive, fetch, found = self.keeper.archive, read.fetch, read.leads
        root = task.root or task.listed_as
        chain = self._listings.walks.chain(
            task, lambda: archive.shown_before(task.edition.name, task.channel, root)
        )
        own: Leads = ()
        if fetch.outcome is FetchOutcome.OK:
            keys = chain.own([key for key, _ in found])
            own = tuple(pair for pair in found if pair[0] in keys)
        if chain.gapless and task.day is None:
            read = replace(read, joined=chain.add(fetch, archive.entries(found)))
        if task.channel is Channel.FEED:
            return read, [], own
        far_back = self._listings.walks.far_back
        dates = [entry.published for entry in archive.entries(own)] if far_back and own else []
        following, walk = self._listings.older(task, read, page, dates=dates)
        if read.joined is False and any(older.root is not None and older.day is None for older in following):
            read = replace(read, joined=None, pending=True)
        return replace(read, walk=walk), following, own

    def older_pages(self) -> list[Request]:
        """Pages of lists that tell no dates, now that it is known when the pieces of the page before were published."""
        waiting, self._waiting = self._waiting, []
        return [
            self._listing_request(task)
            for task, found in waiting
            if task.edition.name not in self.unreachable
            and not self._listings.walks.too_old([e.published for e in self.keeper.archive.entries(found)])
        ]

    @property
    def reached(self) -> datetime | None:
        """The date down to which the lists were read that are still read further back; None: none is, or none tells."""
        return max(self._reached.values(), default=None)

    def _say_bounds(self) -> None:
        for text in self._listings.said[self._said :]:
            self.keeper.counters.problem(text)
        self._said = len(self._listings.said)

    def block(
        self, leads: tuple[Lead, ...], edition: str, fetch: Fetch, asked: Container[str]
    ) -> Iterator[FoundLeads]:
        """Leads beside an article that the archive has not met."""
        found = tuple((key, lead) for key, lead in self.keyed(leads) if key not in asked)
        met = self.keeper.archive.statuses([key for key, _ in found])
        if new := tuple(
            (key, lead) for key, lead in found if key not in met or not (met[key].lead or met[key].confirmed)
        ):
            yield FoundLeads(source=self.name, edition=edition, at=fetch.at, leads=new)
