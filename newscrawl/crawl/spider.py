"""The base of all sources: leads from listings to the frontier, from the frontier to articles, and known articles re-checked.

The archive's frontier decides what is fetched, whatever a page has listed just now, so the next run
continues one that was killed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from newscrawl import config
from newscrawl.archiving.observing import observation_of
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.article_requests import FIRST_ROUND, ArticleRequests
from newscrawl.crawl.context import RunContext
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.refusals import AskedBefore, Unreachable
from newscrawl.crawl.http.requests import OF_OUTAGE, Output
from newscrawl.crawl.http.stopping import is_ending
from newscrawl.crawl.listings.reader import ListingReader
from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.crawl.options import Options, Recheck, parse_options
from newscrawl.crawl.own_settings import apply_own, recheck_budget
from newscrawl.crawl.parse.page_reader import ABORTED_IN_A_ROW, PageRead, PageReader
from newscrawl.crawl.removal_checker import RemovalChecker
from newscrawl.errors import ArchiveError, UsageError, did_you_mean
from newscrawl.judge.outages import Outages
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
from newscrawl.urls import is_private_host

# What a sitemap alone names, in no article's form, is a list with so many links to articles and fewer words.
CARDS, WORDS_OF_A_LIST = 3, 60


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
        self._outages = Outages()
        self._rechecked = False
        self._news_asked = False  # what lists and feeds showed, before sitemaps are read

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._fixed_budget = recheck_budget(crawler.settings)  # noqa: SLF001 - its own
        crawler.signals.connect(spider._idle, signal=signals.spider_idle)  # noqa: SLF001 - its own
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The settings of the source file, then those of newscrawl.toml for this source."""
        super().update_settings(settings)
        apply_own(settings, cls.name)

    @classmethod
    def parse_arguments(cls, arguments: Mapping[str, Any]) -> Options:
        """Spider arguments as Options. Raises UsageError, also for an unknown name (it is a typing error)."""
        known = ("edition", "site", "since", "until", "limit", "recheck")
        unknown = sorted(set(arguments) - set(known))
        if unknown:
            raise UsageError(
                "no such argument",
                subject=", ".join(f"-a {name}" for name in unknown),
                hint=did_you_mean(unknown[0], known),
            )
        now = config.load().clock()
        options = parse_options(cls.editions, cls.zone, source=cls.name, now=now, **arguments)
        for edition in options.editions:
            if not edition.site and is_private_host(edition.host):
                raise UsageError(
                    "is a private address, which is asked only where you name it yourself",
                    subject=f"host {edition.host} of {cls.name}",
                    hint=f'Write site="http://{edition.host}" into its Edition, or --site http://{edition.host}',
                )
        return options

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
            most_hops=self.settings.getint("REDIRECT_MAX_TIMES"),
        )
        self._listings = ListingReader(
            run,
            self._pages,
            self.parse_listing,
            self.failed_listing,
            robots=self.robots_sitemaps,
            ending=lambda: is_ending(self.crawler),
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
        """The date down to which lists were read while their older pages are still read (ListingReader.reached)."""
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
        if self._listings.sitemaps_wait:
            # Of an edition whose front page failed the sitemaps say whether the host answers at all.
            ask_news = not self._news_asked and not self.context.counters.editions_failed
            self._news_asked = True
            if ask_news and (news := self._articles.leads(FIRST_ROUND)):
                return news
            return self._listings.sitemaps()
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
        try:
            async for output in self._listings.parse(response, task):
                yield output
        except ArchiveError as error:  # Scrapy would log it as a bug
            self.context.fail(error)

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
        """Takes the response to an article's address; a stub that refreshes to another address is followed like a redirect."""
        read = PageRead(fetches.of_response(response, self.context.now()), None)
        if read.fetch.outcome is FetchOutcome.OK:
            where = self.addresses.edition_of(response.url) or edition
            leads_of = edition if self.options.recheck is not Recheck.ONLY else None
            met = known or lead
            said = met.announced if met is not None else None
            read = await self._pages.article(response, where, read.fetch, leads_of=leads_of, said=said)
            if read.deferred:
                self._articles.answered(key)
                for output in self._deferred(edition, key, known, control=control):
                    yield output
                return
            target = await self._pages.sent_on(response, read)
            if target is not None and (onward := self._articles.onward(response, target)) is not None:
                yield onward
                return
            if lead is not None and self.addresses.is_doubtful(lead, edition):
                read = _unless_list(read)
        self._articles.answered(key)
        challenged = read.article is not None and read.article.page_type is PageType.CHALLENGE
        for request in self._note_answer(response.request, read.fetch, challenged=challenged):
            yield request
        observation = observation_of(
            self.addresses, read.fetch, read.article, edition=edition, key=key, lead=lead, known=known
        )
        fingerprint = await self._removals.fingerprint(observation, known, response.body)
        for output in self._removals.observed(observation, known, control=control, fingerprint=fingerprint):
            yield output
        try:
            for leads in self._listings.beside(read, edition, self._articles.requested):
                yield leads
        except ArchiveError as error:
            self.context.fail(error)

    def failed_article(self, failure: Failure) -> Iterator[Output]:
        """An article that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        edition, key, known = arguments["edition"], arguments["key"], arguments["known"]
        control = arguments.get("control", False)
        self._articles.answered(key)
        if isinstance(failure.value, AskedBefore):
            return
        if isinstance(failure.value, Unreachable):
            if request.meta.get(OF_OUTAGE):
                self._note_control(edition, failed=True, why=failure.value.reason)
                return
            yield from self._put_off(failure.value.reason, edition, key, known, control=control)
            return
        fetch = fetches.of_failure(failure, request, self.context.now())
        yield from self._note_answer(request, fetch)
        observation = observation_of(
            self.addresses, fetch, None, edition=edition, key=key, lead=arguments["lead"], known=known
        )
        yield from self._removals.observed(observation, known, control=control)

    def _deferred(
        self, edition: str, key: str, known: Known | None, *, control: bool
    ) -> Iterator[Observation]:
        """Leaves the rest of an edition for the next run, because parsing one page after the other was aborted."""
        if edition not in self.context.hosts.unreachable:
            self.context.hosts.unreachable.add(edition)
            self.context.counters.problem(
                f"edition {edition}: reading {ABORTED_IN_A_ROW} pages in a row had to be ended; "
                "the rest is left for the next run"
            )
        yield from self._put_off("not read in this run", edition, key, known, control=control)

    def _put_off(
        self, reason: str, edition: str, key: str, known: Known | None, *, control: bool
    ) -> Iterator[Observation]:
        """Counts a known article that was not checked; a lead waits in the frontier, where the end of the run counts it."""
        if known is not None:
            self.context.count(Applied(Verdict(VerdictKind.DEFERRED, reason), url_key=key))
        if control:
            yield from self._removals.control_not_sent(edition, key)

    def _note_answer(
        self, request: Request | None, fetch: Fetch, *, challenged: bool = False
    ) -> Iterator[Request]:
        """Leaves an edition alone that fails or refuses us again and again: more requests would not help it or us.

        It must fail for articles seen alive before as well: yields the requests for these. Whatever a page
        does to its reader is no failure of the edition.
        """
        assert request is not None
        edition, key = request.cb_kwargs["edition"], request.cb_kwargs["key"]
        if request.cb_kwargs.get("control"):
            return  # asked last, when there is nothing left to spare the edition
        failed = challenged or fetch.outcome.is_unserved
        why = "challenge pages" if challenged else fetch.outcome.value
        before = failed and self._articles.failed(key)
        if request.meta.get(OF_OUTAGE):
            self._note_control(edition, failed=failed, why=why)
        elif number := self._outages.noted(edition, failed=failed, before=before):
            controls = self._articles.outage_controls(edition, number, self._removals.missing(edition))
            if self._outages.asked(edition, len(controls)):
                self._leave_alone(edition, why)
            yield from controls

    def _note_control(self, edition: str, *, failed: bool, why: str) -> None:
        if self._outages.control(edition, failed=failed):
            self._leave_alone(edition, why)

    def _leave_alone(self, edition: str, why: str) -> None:
        counters = self.context.counters
        if edition not in self.context.hosts.unreachable:
            self.context.hosts.unreachable.add(edition)
            counters.editions_failed.add(edition)
            counters.editions_ok.discard(edition)
            counters.problem(f"edition {edition} stopped answering: {why}")


def _unless_list(read: PageRead) -> PageRead:
    """The page, as a list where it has hardly a word beside its links to articles: sitemaps name sections, too."""
    article = read.article
    if article is None or not article.is_article or len(read.beside) < CARDS:
        return read
    words = len(article.body.split())
    if words >= WORDS_OF_A_LIST:
        return read
    reason = f"{words} words beside links to {len(read.beside)} articles"
    return replace(read, article=replace(article, page_type=PageType.LIST, reason=reason), beside=read.beside)
