"""The listing part of a spider: every channel of every edition read, leads handed on, and what follows from each read asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Iterator
from dataclasses import replace

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.crawl import fetches, listings
from newscrawl.crawl.editions import Recheck
from newscrawl.crawl.extensions import keeper_of
from newscrawl.crawl.listings import Listings, Task
from newscrawl.crawl.source import PRIORITY, Output, SourceSpider
from newscrawl.discover.listing import links
from newscrawl.model import Channel, Fetch, FetchOutcome, FoundLeads, Lead, ListingPage, ListingRead, PageType

Leads = tuple[tuple[str, Lead], ...]


class ListingSpider(SourceSpider):
    """Reads listings, feeds and sitemaps, and the blocks of headlines beside articles."""

    async def start(self) -> AsyncIterator[Request]:
        """Every listing channel of every edition asked for; nothing with recheck=only."""
        self.keeper = keeper_of(self.crawler)
        far_back = self.options.dates.since is not None
        self._listings = Listings(self.keeper.listings, self.keeper.clock(), far_back=far_back)
        if self.options.recheck is Recheck.ONLY:
            return
        for edition in self.options.editions:
            for task in self._listings.start(edition):
                yield self._listing_request(task)

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
        )

    def parse_listing(self, response: Response, task: Task) -> Iterator[Output]:
        """A listing document, or the status that came instead of one."""
        fetch = fetches.of_response(response, self.keeper.clock())
        page = None
        if fetch.outcome is FetchOutcome.OK:
            page = listings.parse(task, response.body, response.url, fetch.content_type, self.addresses)
            if not page.leads and not page.children:
                fetch, article = self.read(response, task.edition.name, fetch)
                if article is not None and article.page_type is PageType.CHALLENGE:
                    # The outlet refuses us with a page that looks like an answer: no listing, and no broken source.
                    fetch, page = replace(fetch, outcome=FetchOutcome.FORBIDDEN, detail=article.reason), None
        yield from self._listing_read(task, fetch, page)

    def failed_listing(self, failure: Failure) -> Iterator[Output]:
        """A listing that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        fetch = fetches.of_failure(failure, request, self.keeper.clock())
        yield from self._listing_read(request.cb_kwargs["task"], fetch, None)

    def _listing_read(self, task: Task, fetch: Fetch, page: ListingPage | None) -> Iterator[Output]:
        found = self.keyed(page.leads) if page is not None else ()
        known, fresh = listings.known_before(
            [key for key, _ in found], self.keeper.archive.standings([k for k, _ in found])
        )
        read = ListingRead(
            source=self.name,
            edition=task.edition.name,
            channel=task.channel,
            url=task.url,
            fetch=fetch,
            leads=found,
            known=known,
            joined=self._joined(task, fetch, found),
            problem=page.problem if page is not None else None,
            root=task.root,
        )
        if task.series is not None and task.number > 1:
            self.keeper.tally.tentative.add(task.url)
        following = list(self._listings.after(task, read, page, fresh=fresh))
        if read.joined is False and any(older.root is not None for older in following):
            read = replace(read, joined=None, pending=True)
        yield read
        for further in following:
            yield self._listing_request(further)

    def _joined(self, task: Task, fetch: Fetch, found: Leads) -> bool | None:
        if task.channel is Channel.SITEMAP:
            return None
        archive = self.keeper.archive
        chain = self._listings.chain(
            task, lambda: archive.shown_before(task.edition.name, task.channel, task.url)
        )
        return chain.add(fetch, archive.entries(found))

    def block(
        self, response: Response, edition: str, fetch: Fetch, asked: Container[str]
    ) -> Iterator[FoundLeads]:
        """Leads beside the article: its "Latest news" block and whatever else links to articles."""
        if self.options.recheck is Recheck.ONLY:
            return
        page = links(
            response.body,
            response.url,
            content_type=fetch.content_type,
            is_article=lambda address: self.addresses.is_listed(address, edition),
            channel=Channel.BLOCK,
        )
        found = tuple((key, lead) for key, lead in self.keyed(page.leads) if key not in asked)
        met = self.keeper.archive.standings([key for key, _ in found])
        if new := tuple(
            (key, lead) for key, lead in found if key not in met or not (met[key].lead or met[key].confirmed)
        ):
            yield FoundLeads(source=self.name, edition=edition, at=fetch.at, leads=new)
