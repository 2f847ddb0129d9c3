"""Runs visits inside a Scrapy crawler, without an archive: for `newscrawl add` and `newscrawl extract URL`.

Robots.txt, Crawl-delay, Retry-After, the host guard, verified certificates and the bounds of an answer are the crawl's
own middlewares and settings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Request, Response
from scrapy.settings import Settings
from scrapy.utils.reactor import is_reactor_installed
from twisted.internet.error import DNSLookupError

from newscrawl.config import Config
from newscrawl.crawl.context import FetchContext, Hosts
from newscrawl.crawl.http.guard import PublicNames
from newscrawl.crawl.http.truncation import unpacking_problem
from newscrawl.crawl.visit.visit import RETRY_AFTER_MAX, Answer, Terms, Visit, problem_of, status_line
from newscrawl.discover.robots_sitemaps import named_sitemaps
from newscrawl.errors import AddressError, FetchError
from newscrawl.urls import host_of

_T = TypeVar("_T")

_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "identity", ""})  # what a request accepts
_QUIET = logging.NullHandler()


class Session:
    """Makes visits inside a running crawler, one at a time."""

    def __init__(self, crawler: Crawler, deadline: float | None = None) -> None:
        self._crawler = crawler
        self._deadline = deadline
        self.visit: Visit | None = None

    def begin(self, start: str, terms: Terms) -> Visit:
        """Starts a visit at an address that a person typed. Raises AddressError if it is not a web address."""
        self.visit = Visit(self._crawler, start, terms)
        return self.visit

    async def get(self, address: str) -> Answer:
        """Fetches one address that a person typed, on any host."""
        try:
            visit = self.begin(address, Terms(deadline=self._deadline))
        except AddressError as error:
            return Answer(address, address, error=error)
        return await visit.get(visit.start)


def run(
    work: Callable[[Session], Awaitable[_T]],
    config: Config,
    *,
    robots: bool = True,
    delay: float = 0.0,
    seconds: float | None = None,
    deadline: float | None = None,
) -> _T:
    """Runs `work` inside a crawler and returns what it returns; raises what it raises.

    `robots`: whether robots.txt is obeyed. `delay`: seconds between two requests to a host, if Crawl-delay does not
    ask for more. `seconds`: the time limit of one response; by default that of a crawl. `deadline`: of an address
    with all its redirects, for `Session.get`.
    """
    process = AsyncCrawlerProcess(_settings(config, robots, delay, seconds))  # sets up logging anew
    with _quiet_loggers():
        crawler = process.create_crawler(_VisitSpider)
        task = process.crawl(crawler, work=work, now=config.clock, deadline=deadline)
        try:
            process.start(install_signal_handlers=False)
        except KeyboardInterrupt:
            _stop_threads()
            raise
    spider = crawler.spider
    if not isinstance(spider, _VisitSpider) or spider.done is None:
        raise task.exception() or RuntimeError("the crawler ended before its work was done")
    return cast(_T, spider.done.result())


@contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Keeps what libraries log off the terminal meanwhile: the answers say what matters here.

    Without a handler Python prints warnings of loggers on stderr.
    """
    loggers = [
        logging.getLogger(name) for name in ("scrapy", "twisted", "newscrawl", "asyncio", "py.warnings")
    ]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(_QUIET)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(_QUIET)
            logger.propagate = propagate


def _stop_threads() -> None:
    """Stops the reactor's resolver threads, which would keep an interrupted program from exiting."""
    if is_reactor_installed():
        from twisted.internet import reactor

        reactor.getThreadPool().stop()


def _settings(config: Config, robots: bool, delay: float, seconds: float | None) -> Settings:
    chosen = Settings()
    chosen.setmodule("newscrawl.settings", priority="project")
    here = f"{__name__}."
    chosen.setdict(
        {
            "NEWSCRAWL_CONFIG": config,
            "USER_AGENT": config.user_agent,
            "SPIDER_MODULES": [],
            "LOG_INSTALL_ROOT_HANDLER": False,
            "ROBOTSTXT_OBEY": robots,
            "DOWNLOAD_DELAY": delay,
            "RETRY_HTTP_CODES": [],  # retries happen only after a Retry-After
            "RETRY_EXCEPTIONS": [],
            "RETRY_AFTER_MAX": RETRY_AFTER_MAX,
            "TWISTED_DNS_RESOLVER": here + "VisitNames",
            "DOWNLOADER_MIDDLEWARES": {
                "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
                "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
                "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
                "newscrawl.crawl.http.guard.HostGuard": 50,
                **({"newscrawl.crawl.http.robots.RobotsTxt": 100} if robots else {}),
                "newscrawl.crawl.http.politeness.RetryAfter": 550,
                here
                + "VisitBounds": 860,  # nearer to the network than decompression, where a crawl archives the response
            },
            "ITEM_PIPELINES": {},
            "EXTENSIONS": {
                "newscrawl.crawl.http.politeness.CrawlDelay": 100,
                "scrapy.extensions.logstats.LogStats": None,
            },
            **({"DOWNLOAD_TIMEOUT": seconds} if seconds is not None else {}),
        },
        priority="cmdline",
    )
    return chosen


class _VisitSpider(Spider):
    """The spider that runs the work instead of a crawl; requests go directly to the downloader."""

    name = "visit"

    def __init__(
        self,
        work: Callable[[Session], Awaitable[Any]],
        now: Callable[[], datetime],
        deadline: float | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self._deadline = deadline
        self._work = work
        self.done: asyncio.Future[Any] | None = None
        self.session: Session | None = None
        self.context = FetchContext(source=self.name, now=now, hosts=Hosts(_AllowedHosts(self)))

    async def start(self) -> AsyncIterator[Any]:
        self.session = Session(self.crawler, self._deadline)
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            done.set_result(await self._work(self.session))
        except Exception as error:  # noqa: BLE001 - raised again by run()
            done.set_exception(error)
        self.done = done
        return
        yield  # never reached: makes this an asynchronous generator, as Scrapy expects


class _AllowedHosts(Mapping[str, frozenset[str]]):
    """The hosts that the current visit may fetch from, as the host guard expects them; they cannot be listed in advance."""

    def __init__(self, spider: _VisitSpider) -> None:
        self._spider = spider

    def __contains__(self, host: object) -> bool:
        visit = self._spider.session.visit if self._spider.session is not None else None
        if visit is None or not visit.terms.allows(f"http://{host}/"):
            return False
        try:
            visit.guard.check_name(f"http://{host}/")
        except AddressError:
            return False
        return True

    def __getitem__(self, host: str) -> frozenset[str]:
        if host not in self:
            raise KeyError(host)
        return frozenset({host})

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class VisitBounds:
    """Downloader middleware next to the network: counts requests, checks IP addresses, refuses broken compressed bodies."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self._received, signal=signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> VisitBounds:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Counts the request; robots.txt is not counted."""
        if not _for_robots(request):
            _current(self._crawler).count(request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        """Returns the response. Raises AddressError for a private IP address, FetchError for a body that cannot be unpacked."""
        visit = _current(self._crawler)
        if response.ip_address is not None:
            visit.guard.check(str(response.ip_address))
        # Any other 4xx means that there are no rules, and all may be asked (RFC 9309).
        if _for_robots(request) and (response.status >= 500 or response.status == 429):
            line = f"robots.txt answered {status_line(response.status)}: what may be asked is not known"
            visit.robots_problems[host_of(request.url)] = line
        if 200 <= response.status < 300:
            self._check_encoding(response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Stores why a robots.txt could not be fetched."""
        if _for_robots(request):
            visit = _current(self._crawler)
            visit.robots_problems[host_of(request.url)] = f"{problem_of(exception)} (robots.txt)"

    def _received(self, request: Request, response: Response) -> None:
        """Stores the sitemaps that a robots.txt names, after decompression and redirects."""
        if _for_robots(request) and response.status == 200:
            asked = (request.meta.get("redirect_urls") or [request.url])[0]
            named = named_sitemaps(response.body, response.url)
            _current(self._crawler).sitemaps[host_of(asked)] = named.children

    def _check_encoding(self, response: Response) -> None:
        names = b",".join(response.headers.getlist(b"Content-Encoding")).decode("latin-1").lower().split(",")
        foreign = [name.strip() for name in names if name.strip() not in _ENCODINGS]
        if foreign:
            raise FetchError(f"sent in an encoding nobody asked for: {foreign[0][:40]}")
        if problem := unpacking_problem(response, self._max_bytes):
            raise FetchError(f"the compressed answer is incomplete ({problem})")


class VisitNames(PublicNames):
    """Scrapy's resolver, which lets the guard of the current visit check the IP address that will be connected to."""

    def _checked(self, number: str, name: str) -> str:
        for crawler in self._process.crawlers:
            guard = _current(crawler).guard
            try:
                guard.check(number)
            except AddressError as error:
                guard.names[name] = error  # Twisted drops the reason of a failed look-up
                raise DNSLookupError(str(error)) from error
        return number


def _current(crawler: Crawler) -> Visit:
    spider = crawler.spider
    assert isinstance(spider, _VisitSpider)
    assert spider.session is not None
    assert spider.session.visit is not None
    return spider.session.visit


def _for_robots(request: Request) -> bool:
    return bool(request.meta.get("dont_obey_robotstxt"))
