"""Reads every channel of every edition: requests listings, feeds and sitemaps, hands their leads on, and requests what follows from each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping
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
from newscrawl.crawl.parse.page_reader import PageRead, PageReader, Unread
from newscrawl.dating.moments import zone_of
from newscrawl.discover.entries import EntryCounts
from newscrawl.errors import AddressError
from newscrawl.judge import validators
from newscrawl.judge.recheck import still_named
from newscrawl.model import (
    AddressStatus,
    Channel,
    EntryOutcome,
    Fetch,
    FetchOutcome,
    FoundLeads,
    Lead,
    ListingPage,
    ListingRead,
    PageType,
)
from newscrawl.model.ledger import LEAD_FRESH
from newscrawl.urls import host_of, steady

logger = logging.getLogger(__name__)

_PIECE = 5000  # addresses of a document that are compared with the archive at once
_MET_BESIDE = 50_000  # keys remembered at most


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
            newest=run.archive.newest_articles(run.now()),
            caught={one.host for one in validators.caught(run.archive.caught_hosts(), run.now())},
            given=run.hosts.given,
        )
        self._bound = LeadBound(
            lambda edition: run.archive.left(
                [edition], run.now(), since=run.options.dates.since, until=run.options.dates.until
            )
        )
        self._sitemaps: list[ListingTask] = []  # that wait for the news of the lists and feeds
        # Older pages of lists without dates, each with what only the page before it showed.
        self._waiting: list[tuple[ListingTask, Leads]] = []
        # Keys of links beside articles that the archive knows by now: most pages of a site link to the same ones.
        self._met_beside: set[str] = set()

    @property
    def reached(self) -> datetime | None:
        """The date down to which this run has read the lists whose older pages it still reads; None: it reads none, or none shows dates."""
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
        """Requests for the sitemaps that wait, but for editions that were left alone meanwhile."""
        waiting, self._sitemaps = self._sitemaps, []
        unreachable = self._run.hosts.unreachable
        return [self._request(task) for task in waiting if task.edition.name not in unreachable]

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

    def beside(self, read: PageRead, edition: str, requested: Container[str]) -> Iterator[FoundLeads]:
        """Leads beside an article that are new to the archive and were not `requested` in this run; counts all its links."""
        entries = EntryCounts(read.left)
        keyed = self._with_keys(read.beside, entries)
        found = tuple(
            (key, lead) for key, lead in keyed if key not in requested and key not in self._met_beside
        )
        met = self._run.archive.statuses([key for key, _ in found]) if found else {}
        new = tuple(
            (key, lead) for key, lead in found if key not in met or not (met[key].lead or met[key].confirmed)
        )
        if len(self._met_beside) > _MET_BESIDE:
            self._met_beside.clear()
        self._met_beside.update(key for key, _ in found)
        entries.add(EntryOutcome.KNOWN, number=len(keyed) - len(new))
        self._count_leads(new, {}, entries)
        self._run.counters.links(entries.counts(), edition)
        if new:
            yield FoundLeads(source=self._run.source, edition=edition, at=read.fetch.at, leads=new)

    def _request(self, task: ListingTask) -> Request:
        etag, last_modified = self._schedule.validators(task)
        if task.elsewhere:
            self._run.hosts.for_sitemaps.add(host_of(task.url))
        return requests.build(
            task.url,
            self._callback,
            self._errback,
            {"task": task},
            PRIORITY["listing"],
            etag=etag,
            last_modified=last_modified,
            form=task.form,
            render=task.render_hosts,
            elsewhere=task.elsewhere,
        )

    async def _unless_challenged(
        self, response: Response, task: ListingTask, fetch: Fetch, page: ListingPage
    ) -> tuple[Fetch, ListingPage | None]:
        """The page; None for a challenge page, because then the outlet refuses the crawler and the source is not broken."""
        if page.leads or page.children:
            return fetch, page
        read = await self._pages.article(response, task.edition.name, fetch)
        if read.article is not None and read.article.page_type is PageType.CHALLENGE:
            return replace(fetch, outcome=FetchOutcome.FORBIDDEN, detail=read.article.reason), None
        return read.fetch, page

    def _outputs(self, task: ListingTask, fetch: Fetch, page: ListingPage | None) -> Iterator[Output]:
        entries = EntryCounts(page.left if page is not None else ())
        leads, statuses, fresh, cut = self._taken(task, page.leads if page is not None else (), entries)
        known, _ = known_before([key for key, _ in leads], statuses)
        problem = page.problem if page is not None else None
        if cut:
            problem = self._say_cut(cut, problem)
        if cut or (page is not None and not page.is_whole):
            # "Not modified" would stand for what was never read.
            fetch = replace(fetch, etag=None, last_modified=None)
        if task.depth and task.channel is Channel.SITEMAP and fetch.outcome.is_missing:
            problem = "an index or robots.txt names it"
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
            caught=self._caught(task, fetch),
            named=page.named if page is not None else None,
            again=self._tried_again(task, fetch, statuses),
        )
        if page is not None and page.hub:
            logger.info("feed %s can be subscribed to at %s, which is not done", task.url, page.hub)
        if task.series is not None and task.number > 1:
            self._run.counters.tentative.add(task.url)
        if task.channel is Channel.SITEMAP:
            following, sitemaps = self._schedule.after(task, read, page, fresh=fresh)
            own = leads
            entries.merge(sitemaps)
            taken = sum(count.number for count in sitemaps if count.outcome.is_taken)
            read = replace(read, further=taken)
        else:
            read, following, own = self._list_read(task, read, page)
            if page is not None and page.children:  # a sitemap index at a feed's address
                more, sitemaps = self._schedule.after(task, read, page, fresh=fresh)
                entries.merge(sitemaps)
                following = [*following, *more]
                read = replace(read, further=sum(c.number for c in sitemaps if c.outcome.is_taken))
        yield replace(read, entries=entries.counts())
        for further in following:
            if further.waits:
                self._waiting.append((further, own))
            else:
                yield self._request(further)
        self._report_bounds()

    def _caught(self, task: ListingTask, fetch: Fetch) -> str | None:
        """The host, where another document came under the validators of the one before."""
        state = self._schedule.state(task)
        return host_of(fetch.final_url) if state and validators.false_for_list(state, fetch) else None

    def _taken(
        self, task: ListingTask, named: tuple[Lead, ...], entries: EntryCounts
    ) -> tuple[Leads, dict[str, AddressStatus], int, int]:
        """The leads of a document that the run has room for, what is known of them, how many are new, how many were cut.

        In pieces, because tens of thousands of addresses take seconds: once there is no room the rest is left as it is.
        """
        edition, channel = task.edition.name, task.channel
        taken: dict[str, Lead] = {}
        statuses: dict[str, AddressStatus] = {}
        fresh = cut = 0
        for start in range(0, len(named), _PIECE):
            if not self._bound.room(edition, channel):
                cut += len(named) - start
                entries.add(EntryOutcome.BOUND, named[start].url, number=len(named) - start)
                break
            leads = self._with_keys(named[start : start + _PIECE], entries)
            for _, lead in (pair for pair in leads if pair[0] in taken):
                entries.add(EntryOutcome.TWICE, lead.url)
            leads = tuple(pair for pair in leads if pair[0] not in taken)
            met = self._run.archive.statuses([key for key, _ in leads])
            kept = self._bound.take(edition, channel, leads, met)
            keys = {key for key, _ in kept}
            for _, lead in (pair for pair in leads if pair[0] not in keys):
                entries.add(EntryOutcome.BOUND, lead.url)
            cut += len(leads) - len(kept)
            fresh += known_before([key for key, _ in kept], met)[1]
            self._count_leads(kept, met, entries)
            statuses |= {key: status for key, status in met.items() if key in keys}
            taken |= dict(kept)
        return tuple(taken.items()), statuses, fresh, cut

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
        return replace(read, backfill=cursor), following, own

    def _with_keys(self, leads: tuple[Lead, ...], entries: EntryCounts) -> Leads:
        """Leads with their keys, and without what changes at every read; each once, the others are counted and left out."""
        found: dict[str, Lead] = {}
        for lead in leads:
            try:
                key, url = self._run.addresses.key(lead.url), steady(lead.url)
            except AddressError:
                entries.add(EntryOutcome.NO_ADDRESS, lead.url)
                continue
            if key in found:
                entries.add(EntryOutcome.TWICE, lead.url)
            else:
                found[key] = replace(lead, url=url)
        return tuple(found.items())

    def _tried_again(
        self, task: ListingTask, fetch: Fetch, statuses: Mapping[str, AddressStatus]
    ) -> tuple[tuple[int, datetime], ...]:
        """The next tries of fresh leads that the channel goes on naming, although they were no articles so far."""
        named = [status.lead for status in statuses.values() if status.article_id is None]
        if fetch.outcome is FetchOutcome.NOT_MODIFIED:
            named = list(self._run.archive.shown_leads(task.listed_as, fetch.at - LEAD_FRESH))
        found = [(lead.id, still_named(lead)) for lead in named if lead is not None]
        return tuple((lead, again) for lead, again in found if again is not None)

    def _count_leads(self, leads: Leads, statuses: Mapping[str, AddressStatus], entries: EntryCounts) -> None:
        """Counts the entries that are leads: new ones, known ones, and those that the dates of the run leave out."""
        dates = self._run.options.dates
        for key, lead in leads:
            status = statuses.get(key)
            if (status is None or status.article_id is None) and not dates.may_hold(
                lead.published, lead.modified
            ):
                entries.add(EntryOutcome.BY_DATE, lead.url)
            else:
                entries.add(EntryOutcome.NEW if status is None else EntryOutcome.KNOWN, lead.url)

    def _report_bounds(self) -> None:
        for warning in self._schedule.new_warnings():
            self._run.counters.problem(warning)
