"""The webhook: a message as JSON, its signature, and one HTTP request with bounded time and size.

The JSON format and the headers are documented in docs/alerts.md.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from newscrawl import __version__
from newscrawl.alerts import rendering
from newscrawl.alerts.compose import Message, More
from newscrawl.errors import DeliveryError
from newscrawl.model import Notice, Webhook
from newscrawl.serialization.records import instant
from newscrawl.text import clean

SCHEMA = 1
# Characters of a text that Slack and Discord accept in one message.
_SLACK, _DISCORD = 4000, 2000
# Bytes of an answer that are read, and characters of it that are shown.
_READ, _SHOWN = 65_536, 200


def bodies(transport: Webhook, message: Message) -> list[bytes]:
    """The bodies of the requests that carry a message, in the format of the webhook."""
    documents: list[dict[str, Any]]
    if transport.form == "slack":
        documents = [{"text": text} for text in rendering.chat(message, _SLACK)]
    elif transport.form == "discord":
        texts = rendering.chat(message, _DISCORD)
        documents = [{"content": text, "allowed_mentions": {"parse": []}} for text in texts]
    else:
        documents = [document(message)]
    # Half surrogate pairs stay as escapes.
    return [
        json.dumps(one, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
        for one in documents
    ]


def document(message: Message) -> dict[str, Any]:
    """The message as an object: every notice with its fields, and the whole as plain text."""
    return {
        "schema": SCHEMA,
        "id": message.id,
        "receiver": message.receiver,
        "at": instant(message.at),
        "subject": message.subject,
        "text": rendering.text(message),
        "alerts": [_alert(notice) for notice in message.notices],
        "more": [_more(one) for one in message.more],
        "given_up": message.given_up,
    }


def send(transport: Webhook, body: bytes, key: str, *, seconds: float, now: float) -> None:
    """Posts a body. `key` identifies it when it is sent again, `now` is the time in seconds since 1970.

    Raises DeliveryError if the server did not accept it; OSError, HTTPException or ValueError if none answered.
    """
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    if transport.secret is not None:
        timestamp = str(int(now))
        headers["X-Newscrawl-Timestamp"] = timestamp
        headers["X-Newscrawl-Signature"] = signature(transport.secret.reveal(), timestamp, body)
    status, answer, retry_after = _post(transport.url.reveal(), body, headers, seconds)
    if not 200 <= status < 300:
        text = clean(answer[: 4 * _SHOWN].decode("utf-8", "replace"))[:_SHOWN]
        redirected = "; redirects are not followed" if 300 <= status < 400 else ""
        reason = f"answered {status}{f': {text}' if text else ''}{redirected}"
        raise DeliveryError(reason, retry_after=_seconds_of(retry_after, now))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of the timestamp, a full stop and the body. The signed time lets a receiver refuse replayed messages."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes, str | None]:
    """The status, at most 64 KiB of the body and the Retry-After of the answer, without redirects and proxies."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    host, port, until = parts.hostname or "", parts.port, time.monotonic() + seconds
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
    common = {"User-Agent": f"newscrawl/{__version__}", "Connection": "close"}
    try:
        connection.request("POST", target, body, {**common, **headers})
        answer = connection.getresponse()
        read = bytearray()
        while len(read) < _READ and time.monotonic() < until and (piece := answer.read1(8192)):
            read += piece
        return answer.status, bytes(read), answer.headers.get("Retry-After")
    finally:
        connection.close()


def _seconds_of(retry_after: str | None, now: float) -> float | None:
    """The seconds of a Retry-After header, which holds a number or a date."""
    if not retry_after:
        return None
    if retry_after.strip().isascii() and retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _alert(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "topic": notice.topic.value,
        "turn": notice.event,
        "source": notice.source or None,
        "edition": notice.edition,
        "at": instant(notice.at),
        "line": notice.line,
        "article": notice.article,
        "title": notice.title,
        "url": notice.url,
        "kinds": list(notice.kinds),
        "from": notice.versions[0] if notice.versions else None,
        "to": notice.versions[1] if notice.versions else None,
        "field": notice.field,
        "excerpt": [{"op": op, "text": text} for op, text in notice.excerpt],
    }


def _more(one: More) -> dict[str, Any]:
    return {
        "topic": one.topic.value,
        "source": one.source or None,
        "count": one.count,
        "since": instant(one.since),
        "command": one.command,
    }
