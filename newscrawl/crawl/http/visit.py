"""Fetches single pages through Scrapy's downloader, outside a crawl and without an archive.

For `newscrawl add` and `newscrawl extract URL`. Robots.txt, Crawl-delay, Retry-After, the host guard, verified
certificates and the bounds of an answer are the crawl's own middlewares and settings.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses as reasons
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import Settings
from scrapy.utils.reactor import is_reactor_installed
from twisted.internet.error import DNSLookupError

from newscrawl.config import Config
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.guard import PublicNames
from newscrawl.crawl.http.politeness import retry_after
from newscrawl.crawl.http.refusals import RulesUnknown
from newscrawl.crawl.http.truncation import unpacking_problem
from newscrawl.discover.robots import named_sitemaps
from newscrawl.errors import AddressError, FetchError, NewscrawlError
from newscrawl.model import FetchOutcome
from newscrawl.urls import absolute, host_of, is_private_host

_T = TypeVar("_T")

RETRY_AFTER_MAX = 60.0  # seconds a server may ask us to wait (Retry-After); for longer it is left alone
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "identity", ""})  # what a request accepts
_REFUSAL_BYTES = 256 * 1024  # of a page that came with an error status: enough to recognise a challenge
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Without a handler Python prints warnings of loggers on stderr; what matters here is said by the answer.
_QUIET = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one address: the address asked, the one that answered, and a body if the status was 2xx.

    Otherwise `error` says why there is none, and `refusal` holds the start of the page that came instead.
    """

    asked: str
    url: str
    body: bytes = b""
    content_type: str | None = None
    status: int | None = None
    error: NewscrawlError | None = None
    refusal: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether there is a body to read."""
        return self.error is None

    @property
    def problem(self) -> str | None:
        """Why there is no body, in a few words; None if there is one."""
        return self.error.message if self.error is not None else None


class PrivateGuard:
    """Refuses private addresses once the address a person typed has turned out to be public.

    What a person typed may be private, and may then lead to other private addresses. A public site may lead to none,
    neither by name nor by the number its names resolve to.
    """

    def __init__(self) -> None:
        self._public: bool | None = None
        self.names: set[str] = set()  # names that were refused because of the number they resolve to

    def check(self, number: str) -> None:
        """Checks the number that is connected to; the first one decides. Raises AddressError."""
        private = is_private_host(number)
        if self._public is None:
            self._public = not private
        elif private:
            self.refuse(number)

    def check_name(self, address: str) -> None:
        """Checks the host that an address names. Raises AddressError."""
        host = host_of(address)
        if is_private_host(host) or urlsplit(address).hostname in self.names:
            self.refuse(host)

    def refuse(self, subject: str) -> None:
        """Raises AddressError if the typed address was public."""
        if self._public:
            raise AddressError(
                "a public site redirected to this private address: not followed", subject=subject
            )


class Visit:
    """Fetches pages of one site, one request at a time and each address once.

    `allows` says of an address whether it belongs to the site. Every hop of a redirect is checked as a link is and
    counts as a request; `requests` bounds their number, robots.txt left out. `on_request` is told of each address
    before it is fetched.
    """

    def __init__(
        self,
        crawler: Crawler,
        start: str,
        *,
        allows: Callable[[str], bool] = lambda _: True,
        requests: int = 1000,
        redirects: int = 10,
        on_request: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.start = absolute(start)
        self.allows = allows
        self.left = requests
        self.sent = 0
        self.sitemaps: dict[str, tuple[str, ...]] = {}  # by host, as its robots.txt names them
        self.guard = PrivateGuard()
        if is_private_host(host_of(self.start)):
            self.guard.check(host_of(self.start))  # its number may never be looked up
        self.robots_problems: dict[str, str] = {}  # by host: why its robots.txt could not be read
        self._crawler = crawler
        self._redirects = redirects
        self._on_request = on_request
        self._answers: dict[str, Answer] = {}

    async def get(self, address: str) -> Answer:
        """The answer to an address, from memory if it was fetched before. What went wrong is the answer's `error`."""
        if address not in self._answers:
            answer = await self._get(address)
            self._answers[address] = answer
            self._answers.setdefault(answer.url, answer)
        return self._answers[address]

    def known(self, address: str) -> Answer | None:
        """The answer to an address that was fetched before; None for any other."""
        return self._answers.get(address)

    def count(self, address: str) -> None:
        """Counts a request that is about to be sent."""
        self.left -= 1
        self.sent += 1
        self._on_request(address)

    async def _get(self, address: str) -> Answer:
        current, status = address, 0
        for _ in range(self._redirects + 1):
            try:
                self._check(current)
                response = await self._patiently(current)
                target = _redirect_target(response, current)
            except FetchError as error:
                error.subject = address
                return Answer(address, current, error=error)
            except AddressError as error:
                return Answer(address, current, error=error)
            status = response.status
            if target is None:
                return _answer(address, response)
            current = target
        problem = f"answered {_line(status)}: more than {self._redirects} redirects"
        return Answer(address, current, error=FetchError(problem, subject=address))

    def _check(self, address: str) -> None:
        """Raises AddressError or FetchError for an address that is not fetched."""
        absolute(address)
        if not self.allows(address):
            raise FetchError(f"leads to another host ({host_of(address)}), not followed")
        self.guard.check_name(address)
        if self.left <= 0:
            raise FetchError("not asked: enough requests for one visit")

    async def _patiently(self, address: str) -> Response:
        """Fetches an address, and once more where the server asks to come back within RETRY_AFTER_MAX seconds."""
        response = await self._fetch(address)
        if response.status in (429, 503) and self.left > 0:
            wait = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
            if wait is not None and wait <= RETRY_AFTER_MAX:
                return await self._fetch(address)  # the middleware waits first
        return response

    async def _fetch(self, address: str) -> Response:
        request = Request(address, callback=NO_CALLBACK, meta={"dont_redirect": True})
        try:
            return await self._crawler.engine.download_async(request)
        except NewscrawlError:
            raise
        except Exception as error:
            if urlsplit(address).hostname in self.guard.names:
                self.guard.check_name(address)
            robots = self.robots_problems.get(host_of(address))
            problem = robots if robots and isinstance(error, RulesUnknown) else _problem(error)
            raise FetchError(problem) from error


class Session:
    """Makes visits inside a running crawler: one at a time."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.visit: Visit | None = None

    def begin(self, start: str, **options: Any) -> Visit:
        """A visit that begins at an address a person typed; `options` are those of Visit. Raises AddressError."""
        self.visit = Visit(self._crawler, start, **options)
        return self.visit

    async def get(self, address: str) -> Answer:
        """The answer to one address that a person typed, on whatever host it is."""
        try:
            visit = self.begin(address)
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
) -> _T:
    """Runs `work` inside a crawler and returns what it returns; raises what it raises.

    `robots`: whether robots.txt is obeyed. `delay`: seconds between two requests to a host, Crawl-delay apart.
    `seconds`: how long one answer may take; without it as long as in a crawl.
    """
    process = AsyncCrawlerProcess(_settings(config, robots, delay, seconds))
    for name in ("scrapy", "twisted", "newscrawl", "asyncio", "py.warnings"):
        logging.getLogger(name).addHandler(_QUIET)
    crawler = process.create_crawler(_VisitSpider)
    task = process.crawl(crawler, work=work)
    try:
        process.start(install_signal_handlers=False)
    except KeyboardInterrupt:
        _stop_threads()
        raise
    spider = crawler.spider
    if not isinstance(spider, _VisitSpider) or spider.done is None:
        raise task.exception() or RuntimeError("the crawler ended before its work was done")
    return cast(_T, spider.done.result())


def _stop_threads() -> None:
    """Ends the reactor's threads, which look names up: otherwise they keep an interrupted program from ending."""
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
            "RETRY_HTTP_CODES": [],  # only Retry-After is waited for
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
                here + "VisitBounds": 860,  # below decompression, where a crawl keeps the answer
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
    """Runs the work in place of a crawl; requests go straight to the downloader."""

    name = "visit"

    def __init__(self, work: Callable[[Session], Awaitable[Any]], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._work = work
        self.done: asyncio.Future[Any] | None = None
        self.session: Session | None = None
        self.allowed_hosts = _AllowedHosts(self)

    async def start(self) -> AsyncIterator[Any]:
        self.session = Session(self.crawler)
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            done.set_result(await self._work(self.session))
        except Exception as error:  # noqa: BLE001 - raised again by run()
            done.set_exception(error)
        self.done = done
        return
        yield  # an iterator without any requests of its own


class _AllowedHosts:
    """The hosts of the visit under way, as the host guard asks for them."""

    def __init__(self, spider: _VisitSpider) -> None:
        self._spider = spider

    def __contains__(self, host: str) -> bool:
        visit = self._spider.session.visit if self._spider.session is not None else None
        if visit is None or not visit.allows(f"http://{host}/"):
            return False
        try:
            visit.guard.check_name(f"http://{host}/")
        except AddressError:
            return False
        return True

    def __getitem__(self, host: str) -> frozenset[str]:
        return frozenset({host})


class VisitBounds:
    """Downloader middleware next to the network: counts requests, checks connected numbers, refuses torn answers."""

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
        """The response. Raises AddressError for a private number, FetchError for a body that cannot be unpacked."""
        visit = _current(self._crawler)
        if response.ip_address is not None:
            visit.guard.check(str(response.ip_address))
        if _for_robots(request) and response.status >= 400:
            line = f"robots.txt answered {_line(response.status)}: what may be asked is not known"
            visit.robots_problems[host_of(request.url)] = line
        if 200 <= response.status < 300:
            self._check_encoding(response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Notes why a robots.txt could not be fetched."""
        if _for_robots(request):
            visit = _current(self._crawler)
            visit.robots_problems[host_of(request.url)] = f"{_problem(exception)} (robots.txt)"

    def _received(self, request: Request, response: Response) -> None:
        """Takes the sitemaps from a robots.txt, unpacked and after redirects."""
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
    """Scrapy's resolver, with the guard of the visit under way: checked is the number that is connected to."""

    def _checked(self, number: str, name: str) -> str:
        for crawler in self._process.crawlers:
            guard = _current(crawler).guard
            try:
                guard.check(number)
            except AddressError as error:
                guard.names.add(name)  # Twisted drops the reason of a failed look-up
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


def _redirect_target(response: Response, current: str) -> str | None:
    """Where a redirect leads; None for any other response. Raises FetchError for what is no web address."""
    location = response.headers.get(b"Location")
    if response.status not in _REDIRECTS or not location:
        return None
    try:
        return absolute(location.decode("utf-8", "replace"), current).partition("#")[0]
    except AddressError as error:
        raise FetchError(
            f"answered {_line(response.status)}: what it redirects to is not allowed or cannot be reached, as it is "
            f"{error.message}"
        ) from error


def _answer(asked: str, response: Response) -> Answer:
    if not 200 <= response.status < 300:
        error = FetchError(f"answered {_line(response.status)}", subject=asked)
        refusal = response.body[:_REFUSAL_BYTES]
        return Answer(asked, response.url, status=response.status, error=error, refusal=refusal)
    kind = response.headers.get(b"Content-Type")
    content_type = kind.decode("latin-1") if kind else None
    return Answer(asked, response.url, response.body, content_type, response.status)


def _line(status: int) -> str:
    return f"{status} {reasons.get(status, '')}".strip()


def _problem(error: BaseException) -> str:
    """Why no response came, in a few words."""
    if isinstance(error, NewscrawlError):
        return error.message
    outcome, text = fetches.explain(error)
    if isinstance(error, RulesUnknown):
        return text
    match outcome:
        case FetchOutcome.ROBOTS:
            return "robots.txt forbids it"
        case FetchOutcome.TOO_LARGE:
            return "larger than 16 MB"
        case FetchOutcome.DNS:
            return "cannot be reached: its name is not known"
        case FetchOutcome.TIMEOUT:
            return "no answer in time"
        case FetchOutcome.BROKEN_BODY:
            return "cut off before its end"
        case FetchOutcome.THROTTLED | FetchOutcome.OFF_SITE:
            return text
    if outcome is FetchOutcome.TLS or "certificate" in text.lower():
        return f"no trusted connection: {text}"
    return f"cannot be reached: {_system_error(error) or text}"


def _system_error(error: BaseException | None) -> str | None:
    """The system's own words for a failed connection ("Connection refused"), from anywhere in a chain of errors."""
    while error is not None:
        number = getattr(error, "osError", None) or getattr(error, "errno", None)
        if isinstance(number, int) and number > 0:
            return os.strerror(number)
        error = error.__cause__
    return None
