"""Reads every channel of every edition: requests listings, feeds and sitemaps, hands their leads on, and requests what follows from each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Container, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.crawl.context import RunContext
from newscrawl.crawl.http import fetches, requests
from newscrawl.crawl.http.refusals import Stopped
from newscrawl.crawl.http.requests import PRIORITY, Callback, Output
from newscrawl.crawl.listings.bounds import LEADS, LeadBound, Leads
from newscrawl.crawl.listings.schedule import ListingSchedule, known_before
from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.crawl.parse.page_reader import PageReader, Unread
from newscrawl.dating.moments import zone_of
from newscrawl.errors import AddressError
from newscrawl.model import Channel, Fetch, FetchOutcome, FoundLeads, Lead, ListingPage, ListingRead, PageType
from newscrawl.urls import host_of, untracked

logger = logging.getLogger(__name__)

_PIECE = 5000  # addresses of a document that are compared with the archive at once


class ListingReader:
    """The channels of a run. `callback` and `errback` are the spider's, for responses and failures of listings.

    `ending` says whether the run is coming to its end.
    """

    def __init__(
        self,
        run: RunContext,
        pages: PageReader,
        callback: Callback,
        errback: Callback,
        *,
        robots: bool,
        ending: Callable[[], bool],
    ) -> None:
        self._ending = ending
        self._sitemap_at_once = asyncio.Semaphore(1)
        self._run = run
        self._pages = pages
        self._callback = callback
        self._errback = errback
        self._schedule = ListingSchedule(
            run.listings,
            run.now(),
            zone=zone_of(run.zone),
            dates=run.options.dates,
            wait=run.options.limit is not None,
            robots=robots,
        )
        self._bound = LeadBound(
            lambda edition: run.archive.left([edition], run.now(), since=None, until=None)
        )
        self._sitemaps: list[ListingTask] = []  # that wait for the news of the lists and feeds
        # Older pages of lists without dates, each with what only the page before it showed.
        self._waiting: list[tuple[ListingTask, Leads]] = []

    @property
    def reached(self) -> datetime | None:
        """Down to which date the lists were read that are still read further back; None: none is, or none shows dates."""
        return self._schedule.reached

    def start(self) -> Iterator[Request]:
        """Requests for every channel of every edition; sitemaps may wait for `sitemaps`.

        A sitemap can take minutes to read and bring more than a run can ask for: what lists and feeds show is
        asked before. Where the past or a number of articles is asked for, all channels bear on what is chosen.
        """
        options = self._run.options
        at_once = options.limit is not None or options.dates.since is not None
        for edition in options.editions:
            for task in self._schedule.start(edition):
                if at_once or task.channel is not Channel.SITEMAP:
                    yield self._request(task)
                else:
                    self._sitemaps.append(task)
        self._report_bounds()

    @property
    def sitemaps_wait(self) -> bool:
        """Whether sitemaps wait until the news of the lists and feeds are asked for."""
        return bool(self._sitemaps)

    def sitemaps(self) -> list[Request]:
        """Requests for the sitemaps that wait."""
        waiting, self._sitemaps = self._sitemaps, []
        return [self._request(task) for task in waiting]

    def older_pages(self) -> list[Request]:
        """Older pages of lists without dates, now that it is known when the articles of the page before were published."""
        waiting, self._waiting = self._waiting, []
        return [
            self._request(task)
            for task, leads in waiting
            if task.edition.name not in self._run.hosts.unreachable
            and not self._schedule.too_old([e.published for e in self._run.archive.entries(leads)])
        ]

    async def parse(self, response: Response, task: ListingTask) -> AsyncIterator[Output]:
        """The read of a listing document, or of the status that came instead of one, and what follows from it."""
        fetch = fetches.of_response(response, self._run.now())
        page = None
        if fetch.outcome is FetchOutcome.OK:
            async with self._sitemap_at_once if task.channel is Channel.SITEMAP else nullcontext():
                # Tens of thousands of addresses would keep the run from ending: the next run reads them.
                if task.channel is Channel.SITEMAP and self._ending():
                    return
                parsed = await self._pages.listing(response, fetch, task)
            if isinstance(parsed, Unread):
                # Not an empty listing, and its validators must not be kept: the next run reads it again.
                fetch = replace(fetch, outcome=FetchOutcome.ERROR, detail=parsed.reason)
            else:
                fetch, page = await self._unless_challenged(response, task, fetch, parsed)
        for output in self._outputs(task, fetch, page):
            yield output

    def failed(self, failure: Failure) -> Iterator[Output]:
        """The read of a listing that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, Stopped):
            return  # never sent, so nothing was read: the next run reads it
        fetch = fetches.of_failure(failure, request, self._run.now())
        yield from self._outputs(request.cb_kwargs["task"], fetch, None)

    def beside(
        self, leads: tuple[Lead, ...], edition: str, fetch: Fetch, requested: Container[str]
    ) -> Iterator[FoundLeads]:
        """Leads beside an article that are new to the archive and were not `requested` in this run."""
        found = tuple((key, lead) for key, lead in self._with_keys(leads) if key not in requested)
        met = self._run.archive.statuses([key for key, _ in found])
        if new := tuple(
            (key, lead) for key, lead in found if key not in met or not (met[key].lead or met[key].confirmed)
        ):
            yield FoundLeads(source=self._run.source, edition=edition, at=fetch.at, leads=new)

    def _request(self, task: ListingTask) -> Request:
        state = self._schedule.state(task)
        return requests.build(
            task.url,
            self._callback,
            self._errback,
            {"task": task},
            PRIORITY["listing"],
            etag=state.etag if state else None,
            last_modified=state.last_modified if state else None,
            form=task.form,
            render=task.render_hosts,
        )

    async def _unless_challenged(
        self, response: Response, task: ListingTask, fetch: Fetch, page: ListingPage
    ) -> tuple[Fetch, ListingPage | None]:
        """The page; none if it is a challenge page: the outlet refuses us then, and the source is not broken."""
        if page.leads or page.children:
            return fetch, page
        read = await self._pages.article(response, task.edition.name, fetch)
        if read.article is not None and read.article.page_type is PageType.CHALLENGE:
            return replace(fetch, outcome=FetchOutcome.FORBIDDEN, detail=read.article.reason), None
        return read.fetch, page

    def _outputs(self, task: ListingTask, fetch: Fetch, page: ListingPage | None) -> Iterator[Output]:
        leads, known, fresh, cut = self._taken(task, page.leads if page is not None else ())
        problem = page.problem if page is not None else None
        if cut:
            problem, fetch = self._say_cut(cut, problem), replace(fetch, etag=None, last_modified=None)
        children = page.children if page is not None else ()
        read = ListingRead(
            source=self._run.source,
            edition=task.edition.name,
            channel=task.channel,
            url=task.listed_as,
            fetch=fetch,
            leads=leads,
            known=known,
            problem=problem,
            root=task.root,
            further=sum(host_of(child) in task.edition.hosts for child in children),
        )
        if page is not None and page.hub:
            logger.info("feed %s can be subscribed to at %s, which is not done", task.url, page.hub)
        if task.series is not None and task.number > 1:
            self._run.counters.tentative.add(task.url)
        if task.channel is Channel.SITEMAP:
            following, own = list(self._schedule.after(task, read, page, fresh=fresh)), leads
        else:
            read, following, own = self._list_read(task, read, page)
        yield read
        for further in following:
            if further.waits:
                self._waiting.append((further, own))
            else:
                yield self._request(further)
        self._report_bounds()

    def _taken(self, task: ListingTask, named: tuple[Lead, ...]) -> tuple[Leads, int, int, int]:
        """The leads of a document that the run has room for; how many are known articles, how many new; how many were cut.

        In pieces, because tens of thousands of addresses take seconds: once there is no room the rest is left as it is.
        """
        edition, channel = task.edition.name, task.channel
        taken: Leads = ()
        known = fresh = cut = 0
        for start in range(0, len(named), _PIECE):
            if not self._bound.room(edition, channel):
                cut += len(named) - start
                break
            leads = self._with_keys(named[start : start + _PIECE])
            met = self._run.archive.statuses([key for key, _ in leads])
            found = known_before([key for key, _ in leads], met)
            known, fresh = known + found[0], fresh + found[1]
            kept = self._bound.take(edition, channel, leads, met)
            cut += len(leads) - len(kept)
            taken += kept
        return taken, known, fresh, cut

    def _say_cut(self, cut: int, problem: str | None) -> str:
        """Counts leads behind the bound; the run says their number, and the channel is read in full again."""
        self._run.counters.beyond_bound += cut
        text = f"{cut} new addresses beyond the bound of {LEADS} leads a run; later runs take them"
        return f"{problem}; {text}" if problem else text

    def _list_read(
        self, task: ListingTask, read: ListingRead, page: ListingPage | None
    ) -> tuple[ListingRead, list[ListingTask], Leads]:
        """A read of a page of a list: with whether the list joins its last read, the older pages that follow, and what only this page shows."""
        archive, fetch = self._run.archive, read.fetch
        pages = self._schedule.pages(
            task, lambda: archive.shown_before(task.edition.name, task.channel, task.first_page)
        )
        own: Leads = ()
        if fetch.outcome is FetchOutcome.OK:
            keys = pages.new_on_page([key for key, _ in read.leads])
            own = tuple(pair for pair in read.leads if pair[0] in keys)
        if pages.gapless and task.day is None:
            read = replace(read, joined=pages.add(fetch, archive.entries(read.leads)))
        if task.channel is Channel.FEED:
            return read, [], own
        dates = [entry.published for entry in archive.entries(own)] if self._schedule.far_back and own else []
        following, cursor = self._schedule.older(task, read, page, dates=dates)
        if read.joined is False and any(older.root is not None and older.day is None for older in following):
            read = replace(read, joined=None, pending=True)
        return replace(read, walk=cursor), following, own

    def _with_keys(self, leads: tuple[Lead, ...]) -> Leads:
        """Leads with their keys, and without tracking parameters; what is not a web address is counted and left out."""
        found = []
        for lead in leads:
            try:
                found.append((self._run.addresses.key(lead.url), replace(lead, url=untracked(lead.url))))
            except AddressError:
                self._run.stats.inc_value("newscrawl/leads/bad_address")
        return tuple(found)

    def _report_bounds(self) -> None:
        for warning in self._schedule.new_warnings():
            self._run.counters.problem(warning)
