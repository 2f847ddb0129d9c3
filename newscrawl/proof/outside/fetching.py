"""Small files over HTTP from addresses that a person named: bounded in time and size, and never led elsewhere on this machine.

The rules of hosts are those of crawls (crawl/http/guard.py): what a person named may be a private host, what an answer
leads to may not; link-local addresses and metadata services are never asked. No proxies, no cookies.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from newscrawl.errors import AddressError, FetchError
from newscrawl.urls import is_of_the_machine, is_private_host

SECONDS = 60.0
"""For everything that one command asks of one host."""
_REDIRECTS = 3


class Missing(FetchError):
    """The server does not have it: 404 or 410."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks for files until `seconds` are over."""

    user_agent: str
    seconds: float = SECONDS
    _started: float = field(default_factory=time.monotonic)

    def get(self, url: str, most: int) -> bytes:
        """At most `most` bytes. Raises AddressError, Missing, and FetchError for everything else that is no answer."""
        given = parsed(url).hostname
        for _ in range(_REDIRECTS + 1):
            status, body, location = self._ask("GET", url, None, {}, most, given)
            if status in (301, 302, 303, 307, 308) and location:
                url = _redirected(url, location, given)
                continue
            if status in (404, 410):
                raise Missing(f"the server has no such file ({status})", subject=url)
            if status != 200:
                raise FetchError(f"the server answers with {status}", subject=url)
            return body
        raise FetchError(f"more than {_REDIRECTS} redirects", subject=url)

    def post(self, url: str, body: bytes, kind: str, most: int) -> bytes:
        """The answer to a body of a media type; redirects are not followed. Raises AddressError, FetchError."""
        given = parsed(url).hostname
        status, answer, _ = self._ask("POST", url, body, {"Content-Type": kind}, most, given)
        if status != 200:
            raise FetchError(f"the server answers with {status}", subject=url)
        return answer

    def _ask(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], most: int, given: str | None
    ) -> tuple[int, bytes, str | None]:
        left = self._started + self.seconds - time.monotonic()
        if left <= 0:
            raise FetchError("no time is left for it", subject=url)
        parts = parsed(url)
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        try:
            connection = _connected(parts.scheme, parts.hostname or "", parts.port, left, given)
        except (OSError, ValueError) as error:
            raise FetchError(_reason(error), subject=url) from error
        # A byte a second would go on for ever: no time limit of a socket is one of the whole.
        sock, answer = connection.sock, None
        over = threading.Event()
        watch = threading.Timer(left, _shut, [sock, over])
        watch.daemon = True
        watch.start()
        try:
            connection.request(
                method, target, body, {"User-Agent": self.user_agent, "Connection": "close", **headers}
            )
            answer = connection.getresponse()
            read = answer.read(most + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = "no answer in time" if over.is_set() else _reason(error)
            raise FetchError(reason, subject=url) from error
        else:
            if over.is_set():
                raise FetchError("no answer in time", subject=url)
        finally:
            watch.cancel()
            if answer is not None:
                answer.close()
            connection.close()
            sock.close()
        if len(read) > most:
            raise FetchError(f"longer than {most:,} bytes", subject=url)
        return answer.status, read, answer.headers.get("Location")


def is_address(text: str) -> bool:
    """Whether a text is meant as a web address, not as a path."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text))


def parsed(url: str) -> SplitResult:
    """A web address in its parts. Raises AddressError."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise AddressError("is no web address", subject=url[:200]) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not re.fullmatch(r"[!-~]+", url):
        raise AddressError("is no web address", subject=url[:200])
    if parts.username is not None:
        raise AddressError("must hold no user or password", subject=f"{parts.scheme}://…@{parts.hostname}")
    return parts


def _redirected(url: str, location: str, given: str | None) -> str:
    target = urljoin(url, location)
    parts = parsed(target)
    if url.startswith("https:") and parts.scheme != "https":
        raise FetchError("leads from https to http, not followed", subject=url)
    host = parts.hostname or ""
    if is_private_host(host) and host != given:
        raise FetchError(f"leads to a private address ({host}), not followed", subject=url)
    return target


def _connected(
    scheme: str, host: str, port: int | None, seconds: float, given: str | None
) -> http.client.HTTPConnection:
    """A connection to a number that was checked: a name may lead elsewhere the next time it is asked for."""
    secure = scheme == "https"
    port = port or (443 if secure else 80)
    last: OSError | None = None
    for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        number = str(where[0])
        if is_of_the_machine(number) or (is_private_host(number) and host != given):
            last = PermissionError(0, f"leads to a private address ({number}), not followed")
            continue
        try:
            raw = socket.create_connection((number, port), timeout=seconds)
        except OSError as error:
            last = error
            continue
        connection: http.client.HTTPConnection
        if secure:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
            raw = context.wrap_socket(raw, server_hostname=host)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=seconds)
        connection.sock = raw
        return connection
    raise last or OSError(0, "the name leads nowhere")


def _shut(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return f"no connection ({error.strerror or type(error).__name__})"
    return f"a broken answer ({type(error).__name__})"


Reader = Callable[[str, int], bytes]
"""Reads a file below a log's folder, at most so many bytes; raises FileNotFoundError, FetchError."""
