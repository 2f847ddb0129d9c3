"""What a page in the browser may request, and how much of everything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from newscrawl.urls import host_of

# Bounds of one page. A list needs a handful of scripts and one or two answers of data.
REQUESTS = 50  # for the page's scripts and data
BYTES = 16 << 20  # of the responses, and of the rendered page
SENT = 64 << 10  # bytes of one request's body: a search or a query, nothing more
SECONDS = 30.0  # of the page's own time, without the time its requests wait to be sent
LONGEST = 300.0  # seconds, with all waiting
READING = 10.0  # seconds to read the rendered page from the browser
STILL = 1.0  # seconds without a request or a change of the page: it is ready

# Set by the crawler or the connection, not by the page.
_OURS = frozenset(
    {"host", "user-agent", "accept-encoding", "accept-language", "cookie", "connection", "content-length",
     "upgrade-insecure-requests", "if-none-match", "if-modified-since", "range", "te", "expect"}
)  # fmt: skip
# They describe the bytes as sent, not as handed on; and pages keep no cookies here.
_OF_THE_TRANSFER = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"}
)


class Decision(StrEnum):
    """What is done with a request of a page."""

    FETCH = "fetch"  # sent to the site, like any request of the crawl
    EMPTY = "empty"  # answered with nothing: style sheets, which some scripts wait for
    STAY = "stay"  # a navigation to another page: answered so that the browser stays
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request of a page. `kind` is Chromium's word for its purpose: "script", "fetch", "image" …; `sent` is the size of its body.

    `leaves` says that it would leave the page for another one.
    """

    url: str
    kind: str
    method: str = "GET"
    leaves: bool = False
    sent: int = 0


def decide(request: PageRequest, hosts: Collection[str], *, sent: int, received: int) -> tuple[Decision, str]:
    """What to do with a request of a page, and why; the page has `sent` requests and `received` bytes so far.

    Only scripts and their data are fetched, from the listing's `hosts` only, http and https, by GET and POST.
    Pictures, films, fonts, frames and downloads are not.
    """
    if request.leaves:
        return Decision.STAY, "the page wanted to go elsewhere"
    if request.kind == "stylesheet":
        return Decision.EMPTY, "a style sheet"
    if request.kind not in ("script", "fetch", "xhr"):
        return Decision.REFUSE, f"a list needs no {request.kind}"
    if request.method not in ("GET", "POST") or request.sent > SENT:
        return Decision.REFUSE, f"{request.method} with {request.sent} bytes"
    try:
        scheme, host = urlsplit(request.url).scheme, host_of(request.url)
    except ValueError:
        return Decision.REFUSE, "no address"
    if scheme not in ("http", "https") or host not in hosts:
        return Decision.REFUSE, f"{host or scheme} is no host of this list"
    if sent >= REQUESTS or received >= BYTES:
        return Decision.REFUSE, "too much for one page"
    return Decision.FETCH, ""


def headers_to_send(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a page's request headers that go to the site: what its scripts set, without what identifies the client."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _OURS and not name.lower().startswith((":", "sec-", "proxy-"))
    }


def headers_to_show(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a response's headers that the browser gets with the unpacked body."""
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_TRANSFER}
