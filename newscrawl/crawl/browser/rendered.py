"""What a page in the browser may ask for, and how much of everything: decisions only. Drives no browser, sends nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from newscrawl.urls import host_of

# Bounds of one page. A list needs a handful of scripts and one or two answers of data.
REQUESTS = 50  # for the page's scripts and data
BYTES = 16 << 20  # of their answers, and of the page as drawn
SENT = 64 << 10  # bytes of one request's body: a search or a query, nothing more
SECONDS = 30.0  # of the page's own time: what its requests wait for their turn is not counted
LONGEST = 300.0  # seconds, with all waiting
READING = 10.0  # seconds to hand over the page as drawn
STILL = 1.0  # seconds in which nothing was asked for and nothing drawn: the page is ready

# Ours or the connection's: not the page's to say.
_OURS = frozenset(
    {"host", "user-agent", "accept-encoding", "accept-language", "cookie", "connection", "content-length",
     "upgrade-insecure-requests", "if-none-match", "if-modified-since", "range", "te", "expect"}
)  # fmt: skip
# True of the bytes as sent, not as handed on; and no page keeps cookies here.
_OF_THE_TRANSFER = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"}
)


class Reply(StrEnum):
    """What a request of a page comes to."""

    FETCH = "fetch"  # asked of the site, as any request of the crawl
    EMPTY = "empty"  # answered with nothing: style sheets, which some scripts wait for
    STAY = "stay"  # a page that wants to go elsewhere stays
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request a page makes. `kind` is Chromium's word for what it is for: "script", "fetch", "image" …; `sent` bytes go with it."""

    url: str
    kind: str
    method: str = "GET"
    leaves: bool = False
    sent: int = 0


def reply(wanted: Wanted, hosts: Collection[str], *, asked: int, received: int) -> tuple[Reply, str]:
    """What to do with a request of a page, and why; `asked` requests and `received` bytes it has had so far.

    Only scripts and their data are fetched, from the listing's `hosts` only, http and https, by GET and POST.
    Pictures, films, fonts, frames, downloads and everything else a reader would see are not.
    """
    if wanted.leaves:
        return Reply.STAY, "the page wanted to go elsewhere"
    if wanted.kind == "stylesheet":
        return Reply.EMPTY, "a style sheet"
    if wanted.kind not in ("script", "fetch", "xhr"):
        return Reply.REFUSE, f"a list needs no {wanted.kind}"
    if wanted.method not in ("GET", "POST") or wanted.sent > SENT:
        return Reply.REFUSE, f"{wanted.method} with {wanted.sent} bytes"
    try:
        scheme, host = urlsplit(wanted.url).scheme, host_of(wanted.url)
    except ValueError:
        return Reply.REFUSE, "no address"
    if scheme not in ("http", "https") or host not in hosts:
        return Reply.REFUSE, f"{host or scheme} is no host of this list"
    if asked >= REQUESTS or received >= BYTES:
        return Reply.REFUSE, "too much for one page"
    return Reply.FETCH, ""


def headers_to_send(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a page's request headers that go to the site: what its scripts set. Who asks, and how, is ours to say."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _OURS and not name.lower().startswith((":", "sec-", "proxy-"))
    }


def headers_to_show(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of an answer's headers that the browser sees beside the unpacked body."""
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_TRANSFER}
