"""A visit to one site outside a crawl: fetches pages one by one, checks redirects and private addresses, counts requests."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses as reasons
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.politeness import retry_after
from newscrawl.crawl.http.refusals import RulesUnknown
from newscrawl.errors import AddressError, FetchError, NewscrawlError
from newscrawl.model import FetchOutcome
from newscrawl.urls import absolute, host_of, is_of_the_machine, is_private_host

RETRY_AFTER_MAX = 60.0  # seconds; a longer Retry-After is not waited for
_REFUSAL_BYTES = 256 * 1024  # kept of a page with an error status: enough to recognise a challenge
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """The result for one address: the address requested, the one that answered, and a body if the status was 2xx.

    Otherwise `error` says why there is none, and `refusal` holds the start of the page received instead.
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

    An address that a person typed may be private, and may then lead to other private addresses. A public site must
    not lead to one, neither by name nor by the IP address that a name resolves to.
    """

    def __init__(self) -> None:
        self._public: bool | None = None
        self.names: dict[str, AddressError] = {}  # names refused because of the IP address they resolve to

    def check(self, number: str) -> None:
        """Checks the IP address of a connection; the first one decides whether the site is public. Raises AddressError."""
        refuse_machine(number)
        private = is_private_host(number)
        if self._public is None:
            self._public = not private
        elif private:
            self.refuse(number)

    def check_name(self, address: str) -> None:
        """Checks the host name of an address. Raises AddressError."""
        host = host_of(address)
        refuse_machine(host)
        if refused := self.names.get(urlsplit(address).hostname or ""):
            raise refused
        if is_private_host(host):
            self.refuse(host)

    def refuse(self, subject: str) -> None:
        """Raises AddressError if the typed address was public."""
        if self._public:
            raise AddressError(
                "a public site redirected to this private address: not followed", subject=subject
            )


def refuse_machine(host: str) -> None:
    """Raises AddressError for a link-local address or a metadata service, whoever names it."""
    if is_of_the_machine(host):
        raise AddressError("a link-local address or a metadata service: never asked", subject=host)


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of a visit: `allows` says whether an address belongs to the site; `requests` does not count robots.txt.

    `on_request` is called with each address before it is fetched. `deadline`: seconds for an address with its
    redirects, from the first byte sent to the last received; the wait that a Retry-After asks for is added.
    """

    allows: Callable[[str], bool] = lambda _: True
    requests: int = 1000
    redirects: int = 10  # of one address, one after the other
    on_request: Callable[[str], None] = lambda _: None
    deadline: float | None = None


class Visit:
    """Fetches pages of one site, one request at a time and each address once.

    Every hop of a redirect is checked like a link and counts as a request.
    """

    def __init__(self, crawler: Crawler, start: str, terms: Terms) -> None:
        self.start = absolute(start)
        refuse_machine(host_of(self.start))
        self.terms = terms
        self.left = terms.requests
        self.sent = 0
        self.sitemaps: dict[str, tuple[str, ...]] = {}  # by host, as its robots.txt names them
        self.guard = PrivateGuard()
        if is_private_host(host_of(self.start)):
            self.guard.check(host_of(self.start))  # decided here, because its name may never be resolved
        self.robots_problems: dict[str, str] = {}  # by host: why its robots.txt could not be read
        self._crawler = crawler
        self._answers: dict[str, Answer] = {}
        self._due: float | None = None  # by the monotonic clock

    async def get(self, address: str) -> Answer:
        """Fetches an address, or returns the earlier answer. Failures are in the answer's `error`."""
        if address not in self._answers:
            answer = await self._get(address)
            self._answers[address] = answer
            self._answers.setdefault(answer.url, answer)
        return self._answers[address]

    def known(self, address: str) -> Answer | None:
        """The answer to an address that was fetched before, else None."""
        return self._answers.get(address)

    def forbidden(self) -> list[str]:
        """The addresses that robots.txt forbids, of those that were to be fetched."""
        return [one.asked for one in self._answers.values() if "robots.txt forbids" in (one.problem or "")]

    def count(self, address: str) -> None:
        """Counts a request that is about to be sent."""
        self.left -= 1
        self.sent += 1
        self.terms.on_request(address)

    async def _get(self, address: str) -> Answer:
        current, status = address, 0
        self._due = time.monotonic() + self.terms.deadline if self.terms.deadline is not None else None
        for _ in range(self.terms.redirects + 1):
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
        problem = f"answered {status_line(status)}: more than {self.terms.redirects} redirects"
        return Answer(address, current, error=FetchError(problem, subject=address))

    def _check(self, address: str) -> None:
        """Raises AddressError or FetchError if the address must not be fetched."""
        absolute(address)
        if not self.terms.allows(address):
            raise FetchError(f"leads to another host ({host_of(address)}), not followed")
        self.guard.check_name(address)
        if self.left <= 0:
            raise FetchError("not asked: enough requests for one visit")

    async def _patiently(self, address: str) -> Response:
        """Fetches an address, and once more if the server says Retry-After with at most RETRY_AFTER_MAX seconds."""
        response = await self._fetch(address)
        if response.status in (429, 503) and self.left > 0:
            wait = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
            if wait is not None and wait <= RETRY_AFTER_MAX:
                self._due = self._due + wait if self._due is not None else None
                return await self._fetch(address)  # the middleware waits first
        return response

    async def _fetch(self, address: str) -> Response:
        request = Request(address, callback=NO_CALLBACK, meta={"dont_redirect": True})
        left = max(0.0, self._due - time.monotonic()) if self._due is not None else None
        try:
            # The downloader's own time limit starts anew where a server keeps a connection busy.
            return await asyncio.wait_for(self._crawler.engine.download_async(request), left)
        except NewscrawlError:
            raise
        except TimeoutError as error:
            raise FetchError("no whole answer in time") from error
        except Exception as error:
            if refused := self.guard.names.get(urlsplit(address).hostname or ""):
                raise refused from error
            robots = self.robots_problems.get(host_of(address))
            problem = robots if robots and isinstance(error, RulesUnknown) else problem_of(error)
            raise FetchError(problem) from error


def _redirect_target(response: Response, current: str) -> str | None:
    """The target of a redirect; None for any other response. Raises FetchError if the target is not a web address."""
    location = response.headers.get(b"Location")
    if response.status not in _REDIRECTS or not location:
        return None
    try:
        return absolute(location.decode("utf-8", "replace"), current).partition("#")[0]
    except AddressError as error:
        raise FetchError(
            f"answered {status_line(response.status)}: what it redirects to is not allowed or cannot be reached, as it is "
            f"{error.message}"
        ) from error


def _answer(asked: str, response: Response) -> Answer:
    if not 200 <= response.status < 300:
        error = FetchError(f"answered {status_line(response.status)}", subject=asked)
        refusal = response.body[:_REFUSAL_BYTES]
        return Answer(asked, response.url, status=response.status, error=error, refusal=refusal)
    kind = response.headers.get(b"Content-Type")
    content_type = kind.decode("latin-1") if kind else None
    return Answer(asked, response.url, response.body, content_type, response.status)


def status_line(status: int) -> str:
    return f"{status} {reasons.get(status, '')}".strip()


def problem_of(error: BaseException) -> str:
    """Why there was no response, in a few words."""
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
    """The system's message for a failed connection ("Connection refused"), from anywhere in a chain of errors."""
    while error is not None:
        number = getattr(error, "osError", None) or getattr(error, "errno", None)
        if isinstance(number, int) and number > 0:
            return os.strerror(number)
        error = error.__cause__
    return None
