"""Requests and their results: outcomes, captures, fetches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FetchOutcome(StrEnum):
    """The outcome of one request."""

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
    ROBOTS = "robots"  # forbidden by robots.txt: never requested
    OFF_SITE = "off_site"  # redirected to a host that is not the outlet's: not followed
    REDIRECT_LOOP = "redirect_loop"
    ERROR = "error"  # anything else; `Fetch.detail` names it

    @property
    def is_good(self) -> bool:
        """Whether what was asked for is there: the page, or word that it has not changed."""
        return self in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED)

    @property
    def is_missing(self) -> bool:
        """Whether the server says that there is no such address."""
        return self in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE)

    @property
    def is_absent(self) -> bool:
        """Whether the server says that it shows nothing there: no such address, or withheld for legal reasons."""
        return self.is_missing or self is FetchOutcome.LEGAL

    @property
    def is_refusal(self) -> bool:
        """Whether the host refuses us: forbidden, or too many requests."""
        return self in (FetchOutcome.FORBIDDEN, FetchOutcome.THROTTLED)

    @property
    def is_outage(self) -> bool:
        """Whether the host failed to answer; a refusal or a torn body is not an outage."""
        return self in (
            FetchOutcome.TIMEOUT,
            FetchOutcome.DNS,
            FetchOutcome.REFUSED,
            FetchOutcome.TLS,
            FetchOutcome.SERVER_ERROR,
        )

    @property
    def is_unserved(self) -> bool:
        """Whether the host did not serve us: an outage or a refusal."""
        return self.is_outage or self.is_refusal

    @property
    def is_temporary(self) -> bool:
        """Whether a later try may bring the page: an outage, a busy server, a torn response."""
        return self.is_outage or self in (FetchOutcome.THROTTLED, FetchOutcome.BROKEN_BODY)


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Where a raw response is stored: `file` relative to the WARC directory, byte `offset` and `length` of the record."""

    file: str
    offset: int
    length: int
    record_id: str  # "<urn:uuid:…>"
    digest: str  # payload digest, "sha1:BASE32", over the body as sent after removing transfer encoding
    kind: str = "response"  # "response", "revisit" (same payload) or "not_modified" (304)


@dataclass(frozen=True, slots=True)
class Capture:
    """A stored response: its reference, its address, its instant, and the capture whose payload it repeats.

    `pruned` is when it was given up by the operator's policy: then `ref` says where it was.
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
    """One request and its result, also if there was no response.

    `url` was requested; `final_url` answered (equal unless redirected); `redirects` are the hops between, in
    order. `at` is the instant the response was complete; with `day` (imports only) the last second of the day
    that is all its maker names. `captures` are all records written for it, the final
    response last; empty if there was none.
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
    robots_tag: str | None = None  # X-Robots-Tag: what the server asks of search engines
    captures: tuple[Capture, ...] = ()
    milliseconds: int | None = None
    detail: str | None = None
    day: bool = False
