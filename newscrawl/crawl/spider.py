"""The base of all sources: leads from listings to the frontier, from the frontier to articles, and known articles re-checked.

The archive's frontier decides what is fetched, whatever a page has listed just now, so the next run
continues one that was killed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.archiving.observing import observation_of
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.article_requests import ArticleRequests
from newscrawl.crawl.context import RunContext
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.refusals import Unreachable
from newscrawl.crawl.http.requests import Output
from newscrawl.crawl.listings.reader import ListingReader
from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.crawl.options import Options, Recheck, parse_options
from newscrawl.crawl.own_settings import recheck_budget
from newscrawl.crawl.parse.page_reader import PageRead, PageReader
from newscrawl.crawl.removal_checker import RemovalChecker
from newscrawl.errors import UsageError
from newscrawl.judge.recheck import LADDER, Budget, Ladder
from newscrawl.model import (
    Applied,
    ExtractRules,
    Fetch,
    FetchOutcome,
    Known,
    Lead,
    Observation,
    PageType,
    Selectors,
    Verdict,
    VerdictKind,
)

# Failed requests in a row after which an edition is left alone until the next run.
DEAD_AFTER = 5


class NewsSpider(Spider):
    """Base of all sources; see docs/adding-a-source.md.

    `outlet` is its name for people, `zone` the IANA zone of its dates, `editions` its languages.
    `listed_path` and `claimed_path` are patterns for the paths of articles: of links on pages, and
    of feed and sitemap entries, where the outlet itself says that they are articles.
    `identity_path` has one group, the source's own number of an article. `stop_headings` end an article.
    `robots_sitemaps` reads the sitemaps that robots.txt names as well.
    `ladder` says how often articles are re-checked, `budget` how many a run.
    """

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
    translates: ClassVar[bool] = False
    robots_sitemaps: ClassVar[bool] = False
    ladder: ClassVar[Ladder] = LADDER
    budget: ClassVar[Budget] = Budget()

    # Redirects are followed by Scrapy; every other status is evidence and reaches the callbacks.
    handle_httpstatus_list: ClassVar[list[int]] = [304, *range(400, 600)]

    options: Options
    addresses: Addresses
    context: RunContext  # from `attach` on

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name)
        self.options = self.parse_arguments(arguments)
        chosen = {edition.name: edition for edition in self.options.editions}
        self.addresses = Addresses(
            source=self.name,
            editions=[chosen.get(edition.name, edition) for edition in self.editions],
            listed=re.compile(self.listed_path),
            claimed=re.compile(self.claimed_path),
            identity=re.compile(self.identity_path) if self.identity_path else None,
        )
        self._fixed_budget = 0
        self._failures: Counter[str] = Counter()  # by edition: requests in a row
        self._rechecked = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._fixed_budget = recheck_budget(crawler.settings)  # noqa: SLF001 - its own
        crawler.signals.connect(spider._idle, signal=signals.spider_idle)  # noqa: SLF001 - its own
        return spider

    @classmethod
    def parse_arguments(cls, arguments: Mapping[str, Any]) -> Options:
        """Spider arguments as Options. Raises UsageError, also for an unknown name (it is a typing error)."""
        known = ("edition", "site", "since", "until", "limit", "recheck")
        unknown = sorted(set(arguments) - set(known))
        if unknown:
            raise UsageError(
                "no such argument", subject=", ".join(unknown), hint=f"Known are {', '.join(known)}"
            )
        return parse_options(cls.editions, cls.zone, source=cls.name, **arguments)

    @classmethod
    def rules(cls, edition: str) -> ExtractRules:
        """The extraction rules for pages of an edition."""
        language = next((e.language for e in cls.editions if e.name == edition), None)
        return ExtractRules(
            outlet_names=(cls.outlet, *cls.outlet_names),
            zone=cls.zone,
            language=language,
            stop_headings=cls.stop_headings,
            selectors=cls.selectors,
            local_times=cls.local_times,
            translates=cls.translates,
        )

    # --- the run -----------------------------------------------------------------------------------

    def attach(self, run: RunContext) -> None:
        """Takes the context of the run, once the archive is open, and builds the parts that work on it."""
        self.context = run
        self._pages = PageReader(run, self.rules)
        self._articles = ArticleRequests(
            run,
            self.parse_article,
            self.failed_article,
            ladder=self.ladder,
            budget=self.budget,
            fixed_budget=self._fixed_budget,
        )
        self._listings = ListingReader(
            run, self._pages, self.parse_listing, self.failed_listing, robots=self.robots_sitemaps
        )
        self._removals = RemovalChecker(run, self._pages, self._articles.control)

    async def start(self) -> AsyncIterator[Request]:
        """Requests for every listing channel of every edition; none with recheck=only."""
        if self.options.recheck is not Recheck.ONLY:
            for request in self._listings.start():
                yield request

    def unconfirmed(self) -> list[Observation]:
        """Observations that still wait for controls when the run ends."""
        return self._removals.unconfirmed()

    def left_over(self) -> int:
        """How many addresses were due in this run and not fetched: limit, backlog, outage or stop."""
        return self._articles.left_over()

    @property
    def reached(self) -> datetime | None:
        """Down to which date the lists were read that are still read further back; None: none is, or none shows dates."""
        return self._listings.reached

    # --- rounds: what the frontier and the ladder want next ----------------------------------------

    def _idle(self) -> None:
        """Scrapy has nothing left to do: the next round of requests, or the end."""
        if self.context.counters.failure is not None:
            return
        try:
            wanted = self._round()
        except Exception as error:  # noqa: BLE001 - Scrapy would log it, close the spider and call it finished
            self.context.unexpected(error)
            return
        for request in wanted:
            self.crawler.engine.crawl(request)
        if wanted:
            raise DontCloseSpider

    def _round(self) -> list[Request]:
        self._mark_unreachable()
        found: list[Request] = []
        if self.options.recheck is not Recheck.ONLY:
            found = self._articles.leads()
            if not found and self._articles.room != 0:
                found = self._listings.older_pages()
        if not found and self.options.recheck is not Recheck.NO and not self._rechecked:
            self._rechecked = True
            found = self._articles.rechecks()
        return found or self._removals.control_requests()

    def _mark_unreachable(self) -> None:
        """Marks editions none of whose channels answered: an outage, so their articles are not requested one by one."""
        counters = self.context.counters
        self.context.hosts.unreachable |= {
            e.name for e in self.options.editions if e.name in counters.editions_failed - counters.editions_ok
        }

    # --- callbacks and errbacks --------------------------------------------------------------------

    async def parse_listing(self, response: Response, task: ListingTask) -> AsyncIterator[Output]:
        """A listing document, or the status that came instead of one."""
        async for output in self._listings.parse(response, task):
            yield output

    def failed_listing(self, failure: Failure) -> Iterator[Output]:
        """A listing that did not answer."""
        yield from self._listings.failed(failure)

    async def parse_article(
        self,
        response: Response,
        edition: str,
        key: str,
        lead: Lead | None,
        known: Known | None,
        control: bool = False,
    ) -> AsyncIterator[Output]:
        """An article page, or what came instead of one."""
        self._articles.answered(key)
        read = PageRead(fetches.of_response(response, self.context.now()), None)
        if read.fetch.outcome is FetchOutcome.OK:
            where = self.addresses.edition_of(response.url) or edition
            leads_of = edition if self.options.recheck is not Recheck.ONLY else None
            read = await self._pages.article(response, where, read.fetch, leads_of=leads_of)
        self._count_failure(edition, read.fetch, unusable=_why_unusable(read))
        observation = observation_of(
            self.addresses, read.fetch, read.article, edition=edition, key=key, lead=lead, known=known
        )
        fingerprint = await self._removals.fingerprint(observation, known, response.body)
        for output in self._removals.observed(observation, known, control=control, fingerprint=fingerprint):
            yield output
        for leads in self._listings.beside(read.beside, edition, read.fetch, self._articles.requested):
            yield leads

    def failed_article(self, failure: Failure) -> Iterator[Output]:
        """An article that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        edition, key, known = arguments["edition"], arguments["key"], arguments["known"]
        control = arguments.get("control", False)
        self._articles.answered(key)
        if isinstance(failure.value, Unreachable):
            # Never sent: the address waits in the frontier, where the end of the run counts it, or stays due.
            if known is not None:
                self.context.count(Applied(Verdict(VerdictKind.DEFERRED, failure.value.reason), url_key=key))
            if control:
                yield from self._removals.control_not_sent(edition, key)
            return
        fetch = fetches.of_failure(failure, request, self.context.now())
        self._count_failure(edition, fetch)
        observation = observation_of(
            self.addresses, fetch, None, edition=edition, key=key, lead=arguments["lead"], known=known
        )
        yield from self._removals.observed(observation, known, control=control)

    def _count_failure(self, edition: str, fetch: Fetch, *, unusable: str | None = None) -> None:
        """Leaves an edition alone that fails or refuses us again and again: more requests would not help it or us.

        `unusable` says why the response does not count (challenge page, aborted parse).
        """
        failed = unusable is not None or fetch.outcome.is_unserved
        self._failures[edition] = self._failures[edition] + 1 if failed else 0
        unreachable, counters = self.context.hosts.unreachable, self.context.counters
        if self._failures[edition] >= DEAD_AFTER and edition not in unreachable:
            unreachable.add(edition)
            counters.editions_failed.add(edition)
            counters.editions_ok.discard(edition)
            counters.problem(f"edition {edition} stopped answering: {unusable or fetch.outcome.value}")


def _why_unusable(read: PageRead) -> str | None:
    if read.article is not None and read.article.page_type is PageType.CHALLENGE:
        return "challenge pages"
    return "pages whose reading had to be ended" if read.aborted else None
