"""One HTTP request to an address of the operator's, within a time: no redirects, no proxies, a bounded answer. Knows no message."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from newscrawl import __version__
from newscrawl.errors import DeliveryError
from newscrawl.text import clean

# Bytes of an answer that are read, and characters of it that may be shown.
READ, SHOWN = 65_536, 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    retry_after: float | None = None

    @property
    def is_fine(self) -> bool:
        """Whether the message was taken."""
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """The status and the beginning of the body, on one line."""
        text = clean(self.body[: 4 * SHOWN].decode("utf-8", "replace"))[:SHOWN]
        return f"answered {self.status}{f': {text}' if text else ''}"


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, now: float) -> Answer:
    """Posts a body and reads the answer. `now` is the time in seconds since 1970, for Retry-After dates.

    Raises DeliveryError where no answer came within `seconds`; neither address nor body are in its words.
    """
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    until = time.monotonic() + seconds
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=seconds, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(
            "POST", target, body, {"User-Agent": f"newscrawl/{__version__}", "Connection": "close", **headers}
        )
        answer = connection.getresponse()
        read = bytearray()
        while len(read) < READ and time.monotonic() < until and (piece := answer.read1(8192)):
            read += piece
        return Answer(answer.status, bytes(read), _wait(answer.headers.get("Retry-After"), now))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(trouble(error)) from None
    finally:
        connection.close()


def trouble(error: BaseException) -> str:
    """What went wrong on the way, in words that hold nothing but the kind of failure."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({clean(error.verify_message)[:SHOWN]})"
    if isinstance(error, ssl.SSLError):
        return f"no encrypted connection ({clean(error.reason or type(error).__name__)[:SHOWN]})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return f"no connection ({clean(error.strerror or type(error).__name__)[:SHOWN]})"
    return f"a broken answer ({type(error).__name__})"


def _wait(text: str | None, now: float) -> float | None:
    """Seconds of a Retry-After, written as such or as a date."""
    if not text:
        return None
    if text.strip().isascii() and text.strip().isdecimal():
        return float(text.strip()[:9])
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
