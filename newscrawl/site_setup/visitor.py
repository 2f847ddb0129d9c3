"""A polite visit to one site: robots.txt obeyed, one request at a time, bounded in number and size. Understands no page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from newscrawl.errors import AddressError
from newscrawl.site_setup.fetch import FetchError, Guard, fetch
from newscrawl.urls import absolute, host_of, is_private_host

REQUESTS = 40
"""Requests of one visit at most, robots.txt left out: what a person clicks through to get to know a site."""
DELAY = 1.0  # seconds between requests to a public host, as in a crawl
_DELAY_MAX = 60.0
_PATIENCE = 60.0  # seconds a server may ask us to wait (Retry-After) before we leave it alone
_REDIRECTS = 5
_AGENT = "newscrawl"
# Parts of a host that name a language or the same site, not another one.
_LABELS = frozenset(
    [
        "www",
        "m",
        "amp",
        "ru",
        "rus",
        "kz",
        "kk",
        "kaz",
        "qaz",
        "qz",
        "en",
        "eng",
        "uz",
        "kg",
        "ky",
        "tj",
        "tg",
        "tm",
        "lat",
        "latyn",
        "english",
        "russian",
    ]
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request: the address asked, the one that answered, and a body if the status was 2xx.

    `problem` says in a few words why there is none; `refusal` holds the start of the page that came instead.
    """

    asked: str
    url: str
    body: bytes = b""
    content_type: str | None = None
    problem: str | None = None
    status: int | None = None
    refusal: bytes = b""

    @property
    def fine(self) -> bool:
        """Whether there is a body to read."""
        return self.problem is None


class Visitor:
    """Asks one site for pages, each address once.

    The site is the host of `start`, its other hosts under the same name (`kaz.`, `en.`) and, for a private
    address that a person typed, its other ports. Every hop of a redirect is checked as a link is.
    """

    def __init__(
        self,
        start: str,
        contact: str | None = None,
        *,
        requests: int = REQUESTS,
        delay: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.start = absolute(start)
        self.left = requests
        self.asked = 0
        self.sitemaps: dict[str, tuple[str, ...]] = {}  # by host, as robots.txt names them
        self._private = is_private_host(host_of(self.start))
        self._delay = (0.0 if self._private else DELAY) if delay is None else delay
        self._fetch = partial(fetch, contact=contact, guard=Guard(), follow=False)
        self._sleep = sleep
        self._tell = tell
        self._answers: dict[str, Answer] = {}
        self._rules: dict[str, Any] = {}
        self._delays: dict[str, float] = {}
        self._last = 0.0

    def ask(self, address: str) -> Answer:
        """The answer to an address, from memory if it was asked before. Never raises; what went wrong is its `problem`."""
        if address not in self._answers:
            answer = self._asked(address)
            self._answers[address] = answer
            self._answers.setdefault(answer.url, answer)
        return self._answers[address]

    def knows(self, address: str) -> bool:
        """Whether an address was asked before."""
        return address in self._answers

    def at_home(self, address: str) -> bool:
        """Whether an address is on the site, so that it may be asked."""
        host, home = host_of(address), host_of(self.start)
        if host == home:
            return True
        if self._private:
            return urlsplit(address).hostname == urlsplit(self.start).hostname
        return not is_private_host(host) and base_name(host) == base_name(home)

    def _asked(self, address: str) -> Answer:
        current = address
        for _ in range(_REDIRECTS + 1):
            if (refused := self._refused(current)) is not None:
                return Answer(address, current, problem=refused)
            self._tell(current)
            try:
                page = self._patiently(current)
            except FetchError as error:
                if error.status in (301, 302, 303, 307, 308) and (target := error.headers.get("Location")):
                    try:
                        current = absolute(target, current).partition("#")[0]
                    except AddressError as wrong:
                        return Answer(address, current, problem=f"redirects to what is {wrong.message}")
                    continue
                return Answer(
                    address, current, problem=error.message, status=error.status, refusal=error.body
                )
            except AddressError as error:
                return Answer(address, current, problem=error.message)
            return Answer(address, page.url, page.body, page.content_type, status=200)
        return Answer(address, current, problem=f"more than {_REDIRECTS} redirects")

    def _refused(self, address: str) -> str | None:
        """Why an address is not asked; None if it is."""
        try:
            absolute(address)
        except AddressError as error:
            return error.message
        if not self.at_home(address):
            return f"leads to another host ({host_of(address)}), not followed"
        if self.left <= 0:
            return "not asked: enough requests for one visit"
        rules = self._robots(address)
        if isinstance(rules, str):
            return rules
        if rules is not None and not rules.can_fetch(address, _AGENT):
            return "robots.txt forbids it"
        return None

    def _patiently(self, address: str) -> Any:
        for attempt in (1, 2):
            self._wait(host_of(address))
            self.left -= 1
            self.asked += 1
            try:
                return self._fetch(address)
            except FetchError as error:
                wait = _seconds(error.headers.get("Retry-After")) if error.status in (429, 503) else None
                if attempt == 2 or wait is None or wait > _PATIENCE or self.left <= 0:
                    raise
                self._sleep(wait)
        raise AssertionError  # both attempts return or raise

    def _wait(self, host: str) -> None:
        due = self._last + self._delays.get(host, self._delay)
        if self._last and (rest := due - time.monotonic()) > 0:
            self._sleep(rest)
        self._last = time.monotonic()

    def _robots(self, address: str) -> Any:
        """The rules of the address's host: None for none, a text where they could not be learned."""
        parts = urlsplit(address)
        host = host_of(address)
        if host not in self._rules:
            self._rules[host] = self._read_robots(f"{parts.scheme}://{parts.netloc}/robots.txt", host)
        return self._rules[host]

    def _read_robots(self, address: str, host: str) -> Any:
        from protego import Protego

        body = None
        for _ in range(_REDIRECTS):
            self._wait(host)
            try:
                body = self._fetch(address).body
                break
            except FetchError as error:
                if error.status in (301, 302, 303, 307, 308) and (target := error.headers.get("Location")):
                    try:
                        address = absolute(target, address)
                    except AddressError:
                        return None
                    if self.at_home(address):
                        continue
                    return None
                # RFC 9309: no robots.txt, no rules; a server that fails has not said what it allows.
                if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                    return None
                return (
                    f"{error.message} (robots.txt)"
                    if error.status is None
                    else (f"robots.txt {error.message}: what may be asked is not known")
                )
            except AddressError as error:
                return error.message
        if body is None:
            return None
        text = body[: 512 * 1024].decode("utf-8", "replace").replace("\0", "")
        rules = Protego.parse(text)
        self.sitemaps[host] = tuple(dict.fromkeys(str(one).strip() for one in rules.sitemaps))
        asked = rules.crawl_delay(_AGENT)
        if asked is not None and asked > self._delay:
            self._delays[host] = min(float(asked), _DELAY_MAX)
        return rules


def base_name(host: str) -> str:
    """The name a site's hosts share: "kaz.paper.example" and "www.paper.example" are "paper.example"."""
    name = host.partition(":")[0].lower()
    labels = name.split(".")
    while len(labels) > 2 and labels[0] in _LABELS:
        labels = labels[1:]
    return ".".join(labels)


def _seconds(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header; None if it names none."""
    from email.utils import parsedate_to_datetime

    text = (value or "").strip()
    if text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
