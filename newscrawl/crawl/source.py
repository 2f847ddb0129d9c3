"""What a source says of itself, and what every part of its spider needs: arguments, addresses, reading a page, making a request."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy import Spider
from scrapy.http import Request, Response

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Options, parse_options
from newscrawl.crawl.extensions import ArchiveKeeper
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.guard import DRAWN
from newscrawl.crawl.listings.paging import Listing
from newscrawl.crawl.parse import pages
from newscrawl.errors import AddressError, UsageError
from newscrawl.judge.recheck import LADDER, Budget, Ladder
from newscrawl.model import (
    Article,
    ExtractRules,
    Fetch,
    FoundLeads,
    Lead,
    ListingRead,
    Observation,
    Selectors,
)
from newscrawl.urls import untracked
from newscrawl.worker import Aborted

# Listings first, so that the newest leads are known before the first article is asked for.
PRIORITY: Mapping[str, int] = {"listing": 100, "control": 50, "lead": 10, "recheck": 0}

# Pages of an edition in a row whose reading was ended, after which what is still under way is not read any more.
ENDED_IN_A_ROW = 5

Output = Request | Observation | ListingRead | FoundLeads


@dataclass(frozen=True, slots=True)
class PageRead:
    """What a page said: the article, or None where it could not be read; the leads beside it; `ended` if its reading was."""

    fetch: Fetch
    article: Article | None
    beside: tuple[Lead, ...] = ()
    ended: bool = False


class SourceSpider(Spider):
    """A source: who it is, what was asked of it, and the means the listing and article parts share."""

    outlet: ClassVar[str]
    zone: ClassVar[str] = "UTC"
    editions: ClassVar[tuple[Edition, ...]]
    outlet_names: ClassVar[tuple[str, ...]] = ()
    listed_path: ClassVar[str]
    claimed_path: ClassVar[str] = r"^/.+"
    identity_path: ClassVar[str | None] = None
    stop_headings: ClassVar[tuple[str, ...]] = ()
    selectors: ClassVar[Selectors] = Selectors()
    local_times: ClassVar[bool] = False
    robots_sitemaps: ClassVar[bool] = False
    ladder: ClassVar[Ladder] = LADDER
    budget: ClassVar[Budget] = Budget()

    # Redirects are followed by Scrapy; every other status is evidence and reaches the callbacks.
    handle_httpstatus_list: ClassVar[list[int]] = [304, *range(400, 600)]

    options: Options
    addresses: Addresses
    keeper: ArchiveKeeper

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name)
        self.options = options = self.parse_arguments(arguments)
        chosen = {edition.name: edition for edition in options.editions}
        self.addresses = Addresses(
            source=self.name,
            editions=[chosen.get(edition.name, edition) for edition in self.editions],
            listed=re.compile(self.listed_path),
            claimed=re.compile(self.claimed_path),
            identity=re.compile(self.identity_path) if self.identity_path else None,
        )
        self.allowed_hosts: dict[str, frozenset[str]] = {}
        for edition in options.editions:
            for host in edition.hosts:
                self.allowed_hosts[host] = self.allowed_hosts.get(host, frozenset()) | {edition.name}
        self.script_hosts = frozenset(
            host
            for edition in options.editions
            for listing in edition.listings
            if isinstance(listing, Listing)
            for host in listing.scripts_from
        )
        self.unreachable: set[str] = set()
        self._ended: Counter[str] = Counter()  # by edition: pages in a row whose reading had to be ended
        self._turn = asyncio.Semaphore(2)  # pages under way to the reader: one being read, one ready

    @classmethod
    def parse_arguments(cls, arguments: Mapping[str, Any]) -> Options:
        """Spider arguments as Options. Raises UsageError, also for a name that means nothing (a typing error is no wish)."""
        known = ("edition", "site", "since", "until", "limit", "recheck")
        unknown = sorted(set(arguments) - set(known))
        if unknown:
            raise UsageError(
                "no such argument", subject=", ".join(unknown), hint=f"Known are {', '.join(known)}"
            )
        return parse_options(cls.editions, cls.zone, source=cls.name, **arguments)

    @classmethod
    def rules(cls, edition: str) -> ExtractRules:
        """What the extractor is told about the pages of an edition."""
        language = next((e.language for e in cls.editions if e.name == edition), None)
        return ExtractRules(
            outlet_names=(cls.outlet, *cls.outlet_names),
            zone=cls.zone,
            language=language,
            stop_headings=cls.stop_headings,
            selectors=cls.selectors,
            local_times=cls.local_times,
        )

    def edition_named(self, name: str) -> Edition:
        """An edition of the source, with the site of this run."""
        return next(edition for edition in self.addresses.editions if edition.name == name)

    def keyed(self, leads: tuple[Lead, ...]) -> tuple[tuple[str, Lead], ...]:
        """Leads with their keys, to be asked without tracking parameters; what is no address is counted and left out."""
        keyed = []
        for lead in leads:
            try:
                keyed.append((self.addresses.key(lead.url), replace(lead, url=untracked(lead.url))))
            except AddressError:
                self.crawler.stats.inc_value("newscrawl/leads/bad_address")
        return tuple(keyed)

    async def read(
        self, response: Response, edition: str, fetch: Fetch, *, beside: str | None = None
    ) -> PageRead:
        """What a page says; with `beside` the leads to articles of that edition as well, if it is an article.

        A page that hangs, eats memory or meets a bug costs itself its reading, counted as a failure, and nothing else.
        """
        async with self._turn:
            if self._ended[edition] >= ENDED_IN_A_ROW:
                return PageRead(
                    replace(fetch, detail="not read: that of the pages before had to be ended"), None
                )
            answer = answer_of(response, fetch)
            said = await self.keeper.reader.read(
                pages.article, answer, self.rules(edition), self.addresses, beside
            )
            ended = isinstance(said, Aborted) and said.trace is None
            self._ended[edition] = self._ended[edition] + 1 if ended else 0
        if isinstance(said, Aborted):
            detail = self.keeper.unread(response.url, said)
            return PageRead(replace(fetch, detail=detail), None, ended=ended)
        article, leads = said
        return PageRead(fetch, article, leads)

    def request(
        self,
        url: str,
        callback: Any,
        errback: Any,
        arguments: dict[str, Any],
        priority: int,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        form: tuple[tuple[str, str], ...] = (),
        drawn: frozenset[str] = frozenset(),
    ) -> Request:
        """A request for an address; with validators a conditional one, with `form` a POST of these fields.

        `drawn` makes it a page to be drawn by a browser: the hosts its scripts may ask.
        """
        headers: dict[str, str] = {}
        if form:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Requested-With": "XMLHttpRequest",  # what scripts send; many handlers answer nothing without it
            }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs=arguments,
            headers=headers,
            method="POST" if form else "GET",
            body=urlencode(form),
            priority=priority,
            dont_filter=True,  # what is asked twice is decided by the frontier
            meta={fetches.ASKED: url, **({DRAWN: drawn} if drawn else {})},
        )


def answer_of(response: Response, fetch: Fetch) -> pages.Answer:
    """What the reading process is given of a response."""
    return pages.Answer(response.body, response.url, fetch.content_type, fetch.at)
