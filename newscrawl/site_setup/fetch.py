"""One page from the web for `newscrawl extract`: the standard library, certificates verified, size and time bounded.

Crawls do not come here; they have Scrapy.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any

from newscrawl import __version__
from newscrawl.cli.crawling.pages import MAX_BYTES
from newscrawl.errors import AddressError, Exit, NewscrawlError
from newscrawl.urls import absolute, host_of, is_private_host

_CONNECT = 20.0  # seconds one step of a connection may take
_WHOLE = 90.0  # seconds the whole answer may take, however slowly it drips
_STEP = 64 * 1024


class FetchError(NewscrawlError):
    """A page that could not be fetched; `status`, `headers` and the start of the `body` of an answer that was no page."""

    exit_code = Exit.NOTHING_FETCHED

    def __init__(
        self,
        message: str,
        *,
        subject: str | None = None,
        hint: str | None = None,
        status: int | None = None,
        headers: Message | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message, subject=subject, hint=hint)
        self.status = status
        self.headers = headers if headers is not None else Message()
        self.body = body


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page: the address that answered, its bytes without content encoding, and its Content-Type header."""

    url: str
    body: bytes
    content_type: str | None


def fetch(
    address: str, contact: str | None = None, *, guard: Guard | None = None, follow: bool = True
) -> Page:
    """Fetches one page that a person asked for by its address.

    A private address may be asked for, but a public site may not redirect to one; a `guard` given keeps
    that rule over several requests. Raises AddressError for what is no web address, FetchError for
    anything that is no 2xx answer (without `follow` a redirect as well), larger than 16 MB or slower
    than 90 seconds.
    """
    from w3lib.url import safe_url_string

    url = safe_url_string(absolute(address))
    headers = {"User-Agent": user_agent(contact), "Accept": "text/html,application/xhtml+xml,*/*;q=0.5"}
    headers["Accept-Encoding"] = "gzip, deflate"
    guard = guard or Guard()
    opener = urllib.request.build_opener(
        _Http(guard), _Https(guard), _Redirects(guard, follow=follow), urllib.request.HTTPErrorProcessor()
    )
    started = time.monotonic()
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=_CONNECT) as response:  # noqa: S310 - only http and https handlers are reached
            body = _read(response, address, started)
            final = response.geturl()
            content_type = response.headers.get("Content-Type")
    except urllib.error.HTTPError as error:
        with error:
            raise FetchError(
                f"answered {error.code} {error.reason or ''}".strip(),
                subject=address,
                status=error.code,
                headers=error.headers,
                body=_start(error),
            ) from error
    except urllib.error.URLError as error:
        raise FetchError(_why(error.reason), subject=address) from error
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise FetchError(_why(error), subject=address) from error
    return Page(final, body, content_type)


def user_agent(contact: str | None) -> str:
    """How we name ourselves: the program, its version, and whom to write to."""
    return f"newscrawl/{__version__}" + (f" (+{contact})" if contact else "")


def _read(response: Any, address: str, started: float) -> bytes:
    encoding = (response.headers.get("Content-Encoding") or "").strip().lower()
    # 32: gzip or zlib, told by the first bytes.
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding in ("gzip", "x-gzip", "deflate") else None
    if inflate is None and encoding not in ("", "identity"):
        raise FetchError(f"sent in an encoding nobody asked for: {encoding[:40]}", subject=address)
    body = bytearray()
    while chunk := response.read1(_STEP):
        body += inflate.decompress(chunk, MAX_BYTES + 1 - len(body)) if inflate else chunk
        if len(body) > MAX_BYTES:
            raise FetchError("larger than 16 MB", subject=address)
        if time.monotonic() - started > _WHOLE:
            raise FetchError(f"not complete after {_WHOLE:.0f} seconds", subject=address)
    if response.length:
        raise FetchError(f"cut off {response.length} bytes before its end", subject=address)
    if inflate is not None and not inflate.eof:
        raise FetchError("the compressed answer is incomplete", subject=address)
    return bytes(body)


def _start(answer: urllib.error.HTTPError) -> bytes:
    """The first bytes of a refusal, for telling a challenge from a plain no; empty if they cannot be read."""
    try:
        data = answer.read(_STEP)
        packed = (answer.headers.get("Content-Encoding") or "").strip().lower() in (
            "gzip",
            "x-gzip",
            "deflate",
        )
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, 4 * _STEP) if packed else data
    except (OSError, http.client.HTTPException, zlib.error, ValueError):
        return b""


def _why(reason: object) -> str:
    if isinstance(reason, ssl.SSLError):
        return f"no trusted connection: {getattr(reason, 'verify_message', '') or reason.reason or reason}"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return f"cannot be reached: {reason.strerror}"
    return f"cannot be reached: {str(reason) or type(reason).__name__}"


class Guard:
    """Remembers whether the address a person typed was public; from then on private ones are refused.

    Asked with the address of the open connection, so a name that resolves to something else a
    moment later gains nothing.
    """

    def __init__(self) -> None:
        self._public: bool | None = None

    def check(self, number: str) -> None:
        private = is_private_host(number)
        if self._public is None:
            self._public = not private
        elif private:
            self.refuse(number)

    def check_name(self, address: str) -> None:
        if self._public and is_private_host(host_of(address)):
            self.refuse(host_of(address))

    def refuse(self, subject: str) -> None:
        if self._public:
            raise AddressError(
                "a public site redirected to this private address: not followed", subject=subject
            )


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 10

    def __init__(self, guard: Guard, *, follow: bool = True) -> None:
        self._guard = guard
        self._follow = follow

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if not self._follow:
            return None
        self._guard.check_name(absolute(newurl))  # http and https only, no user names
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_guarded(http.client.HTTPConnection, self._guard), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        verified = ssl.create_default_context()
        return self.do_open(_guarded(http.client.HTTPSConnection, self._guard), req, context=verified)


def _guarded(kind: type[http.client.HTTPConnection], guard: Guard) -> Any:
    class Isolated(kind):  # type: ignore[valid-type,misc]
        def connect(self) -> None:
            super().connect()
            try:
                guard.check(self.sock.getpeername()[0])
            except BaseException:
                self.close()
                raise

    return Isolated
