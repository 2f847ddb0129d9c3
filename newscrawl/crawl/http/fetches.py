"""Turns Scrapy's responses and failures into Fetch values: every request has an outcome, also when nothing came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scrapy import exceptions as scrapy_errors
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newscrawl.crawl.http.refusals import OffSite, Refused, RulesUnknown, Throttled, Unreachable
from newscrawl.crawl.http.requests import CAPTURES, REQUESTED, TORN
from newscrawl.crawl.http.truncation import open_end
from newscrawl.model import Capture, Fetch, FetchOutcome

# Responses that are the page. No other 2xx is: 202 is "not yet" (block pages use it), 204 nothing, 206 a part of it.
_PAGES = frozenset({200, 203})
_BY_STATUS = {
    304: FetchOutcome.NOT_MODIFIED,
    404: FetchOutcome.NOT_FOUND,
    410: FetchOutcome.GONE,
    451: FetchOutcome.LEGAL,
    401: FetchOutcome.FORBIDDEN,
    403: FetchOutcome.FORBIDDEN,
    407: FetchOutcome.FORBIDDEN,
    429: FetchOutcome.THROTTLED,
}

# Errors by class name: several layers (Scrapy, Twisted, OpenSSL) raise their own, and importing each is not worth it.
_BY_ERROR = {
    "DownloadTimeoutError": FetchOutcome.TIMEOUT,
    "TimeoutError": FetchOutcome.TIMEOUT,
    "TCPTimedOutError": FetchOutcome.TIMEOUT,
    "CannotResolveHostError": FetchOutcome.DNS,
    "DNSLookupError": FetchOutcome.DNS,
    "DownloadConnectionRefusedError": FetchOutcome.REFUSED,
    "ConnectionRefusedError": FetchOutcome.REFUSED,
    "ConnectionLost": FetchOutcome.REFUSED,
    "ConnectionDone": FetchOutcome.REFUSED,
    "ConnectError": FetchOutcome.REFUSED,
    "NoRouteError": FetchOutcome.REFUSED,
    "ResponseDataLossError": FetchOutcome.BROKEN_BODY,
    "DownloadCancelledError": FetchOutcome.TOO_LARGE,
    "PotentialDataLoss": FetchOutcome.BROKEN_BODY,
    "BadGzipFile": FetchOutcome.BROKEN_BODY,  # declared as compressed, and is not
    "EOFError": FetchOutcome.BROKEN_BODY,
    "error": FetchOutcome.BROKEN_BODY,  # zlib.error
    "Error": FetchOutcome.TLS,  # OpenSSL.SSL.Error
    "SSLError": FetchOutcome.TLS,
    "CertificateError": FetchOutcome.TLS,
    "VerificationError": FetchOutcome.TLS,
}
# Errors that only wrap another one.
_WRAPPERS = frozenset(
    {"DownloadFailedError", "ResponseFailed", "RequestGenerationFailed", "ResponseNeverReceived"}
)


def of_response(response: Response, at: datetime) -> Fetch:
    """The fetch that ended with a response. A page that did not come whole counts as broken."""
    request = response.request
    assert request is not None
    outcome, detail = _BY_STATUS.get(response.status), None
    if outcome is FetchOutcome.NOT_MODIFIED and not _conditional(request):
        outcome, detail = FetchOutcome.OTHER_STATUS, "not modified, though nothing was asked to compare with"
    elif outcome is None:
        if response.status in _PAGES:
            detail = request.meta.get(TORN) or open_end(response)
            outcome = FetchOutcome.BROKEN_BODY if detail else FetchOutcome.OK
        elif response.status >= 500:
            limited = response.status == 503 and b"Retry-After" in response.headers
            outcome = FetchOutcome.THROTTLED if limited else FetchOutcome.SERVER_ERROR
        else:
            outcome = FetchOutcome.OTHER_STATUS
    return Fetch(
        at=at,
        outcome=outcome,
        final_url=response.url,
        status=response.status,
        content_type=_header(response, b"Content-Type"),
        etag=_header(response, b"ETag"),
        last_modified=_header(response, b"Last-Modified"),
        robots_tag=b", ".join(response.headers.getlist(b"X-Robots-Tag")).decode("latin-1")[:1000] or None,
        detail=detail,
        milliseconds=_milliseconds(request),
        **_journey(request),
    )


def of_failure(failure: Failure, request: Request, at: datetime) -> Fetch:
    """The fetch that failed. The reason is kept in `detail`."""
    if isinstance(failure.value, HttpError):
        # A response that Scrapy does not let through: a redirect to no web address, an unknown status.
        return of_response(failure.value.response, at)
    outcome, detail = explain(failure.value)
    journey = _journey(request)
    return Fetch(
        at=at,
        outcome=outcome,
        final_url=request.url,
        detail=detail[:300] or None,
        milliseconds=_milliseconds(request),
        **journey,
    )


def _root(error: BaseException | None) -> BaseException | None:
    """The error inside wrappers: Scrapy's wrap Twisted's, Twisted's hold a list of reasons."""
    while error is not None:
        reasons = getattr(error, "reasons", None)
        inner = reasons[-1].value if isinstance(reasons, list) and reasons else error.__cause__
        if inner is None or type(error).__name__ not in _WRAPPERS:
            return error
        error = inner
    return None


def explain(error: BaseException | None) -> tuple[FetchOutcome, str]:
    """The outcome that an error in place of a response means, and its text."""
    error = _root(error)
    if isinstance(error, RulesUnknown):
        return error.outcome, error.reason
    if isinstance(error, OffSite):
        return FetchOutcome.OFF_SITE, error.reason
    if isinstance(error, Throttled):
        return FetchOutcome.THROTTLED, error.reason
    if isinstance(error, Unreachable):
        return FetchOutcome.ERROR, error.reason
    if isinstance(error, Refused):
        return FetchOutcome.ERROR, error.reason
    text = " ".join(_words(error).split())
    if isinstance(error, scrapy_errors.IgnoreRequest):
        if "robots.txt" in text:
            return FetchOutcome.ROBOTS, text
        if "redirections" in text:
            return FetchOutcome.REDIRECT_LOOP, text
        if "DOWNLOAD_MAXSIZE" in text:  # small as sent, too large when unpacked
            return FetchOutcome.TOO_LARGE, text
        return FetchOutcome.ERROR, text
    if "Too many open files" in text:  # on this machine, whatever Twisted makes of it: nothing was sent
        return FetchOutcome.ERROR, "this machine has no file handle free (see ulimit -n)"
    if isinstance(error, ValueError) and "request url" in text:
        return FetchOutcome.OTHER_STATUS, f"redirects to no web address: {text}"
    if isinstance(error, UnicodeError) or type(error).__name__ == "UnsupportedURLSchemeError":
        return FetchOutcome.ERROR, "its host cannot be a name on the Internet"
    for cls in type(error).__mro__:
        if cls.__name__ in _BY_ERROR:
            return _BY_ERROR[cls.__name__], text
    if "tls" in text.lower() or "ssl" in text.lower() or "certificate" in text.lower():
        return FetchOutcome.TLS, text
    if "connect" in text.lower():
        return FetchOutcome.REFUSED, text
    return FetchOutcome.ERROR, f"{type(error).__name__}: {text}"


def _words(error: BaseException | None) -> str:
    """The text of an error; of OpenSSL's, whose text is a list of triples, the reasons in them."""
    triples = error.args[0] if error is not None and error.args else None
    if not isinstance(triples, list) or not all(isinstance(one, tuple) and one for one in triples):
        return str(error)
    reasons = [str(one[-1]) for one in triples]
    if reasons == ["wrong version number"]:
        return "the server does not speak https there"
    return ", ".join(reasons)


def _journey(request: Request) -> dict[str, Any]:
    hops = [*request.meta.get("redirect_urls", ()), request.url]
    captures: list[Capture] = request.meta.get(CAPTURES, [])
    return {
        "url": request.meta.get(REQUESTED, hops[0]),
        "redirects": tuple(hops[1:]) if len(hops) > 1 else (),
        "captures": tuple(captures),
    }


def _conditional(request: Request) -> bool:
    """Whether a request gave the server something to compare with; without it a 304 says nothing."""
    return b"If-None-Match" in request.headers or b"If-Modified-Since" in request.headers


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:1000] if value else None


def _milliseconds(request: Request) -> int | None:
    latency = request.meta.get("download_latency")
    return round(latency * 1000) if latency is not None else None
