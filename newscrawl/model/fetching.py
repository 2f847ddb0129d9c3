"""Requests and what came of them: outcomes, captures, fetches. Values only: frozen dataclasses and enums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FetchOutcome(StrEnum):
    """What came of one request."""

    OK = "ok"  # the page, whole (status 200 or 203)
    NOT_MODIFIED = "not_modified"  # 304
    NOT_FOUND = "not_found"  # 404
    GONE = "gone"  # 410
    LEGAL = "legal"  # 451
    FORBIDDEN = "forbidden"  # 401, 403, 407
    THROTTLED = "throttled"  # 429, or 503 with Retry-After
    SERVER_ERROR = "server_error"  # other 5xx
    OTHER_STATUS = "other_status"  # any other status that is not a page
    TIMEOUT = "timeout"
    DNS = "dns"
    REFUSED = "refused"  # connection refused, reset or lost
    TLS = "tls"
    BROKEN_BODY = "broken_body"  # wrong length, broken encoding, closed in mid-body
    TOO_LARGE = "too_large"
    ROBOTS = "robots"  # forbidden by robots.txt: never asked
    OFF_SITE = "off_site"  # redirected to a host that is not the outlet's: not followed
    REDIRECT_LOOP = "redirect_loop"
    ERROR = "error"  # anything else; `Fetch.detail` names it

    @property
    def is_success(self) -> bool:
        """Whether the server delivered the page, or said that it has not changed."""
        return self in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED)

    @property
    def is_absent(self) -> bool:
        """Whether the server says that nothing is at the address (404, 410)."""
        return self in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE)

    @property
    def is_temporary(self) -> bool:
        """Whether a later try may bring the page: no connection, a failing or busy server, a torn response."""
        return self in _CONNECTION | _BUSY | {FetchOutcome.BROKEN_BODY}

    @property
    def is_outage(self) -> bool:
        """Whether the server did not serve us: no connection, a failing or busy server, a refusal."""
        return self in _CONNECTION | _BUSY | {FetchOutcome.FORBIDDEN}


_CONNECTION = frozenset({FetchOutcome.TIMEOUT, FetchOutcome.DNS, FetchOutcome.REFUSED, FetchOutcome.TLS})
_BUSY = frozenset({FetchOutcome.SERVER_ERROR, FetchOutcome.THROTTLED})


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Where a raw response lies: `file` relative to the WARC directory, byte `offset` and `length` of the record."""

    file: str
    offset: int
    length: int
    record_id: str  # "<urn:uuid:…>"
    digest: str  # payload digest, "sha1:BASE32", over the body as sent after removing transfer encoding
    kind: str = "response"  # "response", "revisit" (same payload) or "not_modified" (304)


@dataclass(frozen=True, slots=True)
class Capture:
    """A stored response: its place, its address, its instant, and the capture whose payload it repeats.

    `pruned` is when it was given up by the operator's policy: then `ref` says where it lay.
    """

    ref: CaptureRef
    url: str
    at: datetime
    status: int
    content_type: str | None = None
    refers_to: CaptureRef | None = None
    pruned: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request and what came of it, also when nothing came.

    `url` was asked for; `final_url` answered (equal unless redirected); `redirects` are the
    hops between, in order. `at` is the instant the answer was complete. `captures` are all
    records written for it, the last one being the final answer; empty when nothing came.
    """

    url: str
    at: datetime
    outcome: FetchOutcome
    final_url: str
    status: int | None = None
    redirects: tuple[str, ...] = ()
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    captures: tuple[Capture, ...] = ()
    milliseconds: int | None = None
    detail: str | None = None
