"""A message as JSON for a webhook, and the signature over it. Pure; the shape is documented in docs/alerts.md."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from newscrawl.alerts import rendering
from newscrawl.alerts.composing import Message, More
from newscrawl.model import Notice
from newscrawl.serialization.records import instant

SCHEMA = 1
SIGNATURE, TIMESTAMP = "X-Newscrawl-Signature", "X-Newscrawl-Timestamp"


def document(message: Message) -> dict[str, Any]:
    """The message as an object: every alert with its fields, and all of it as plain text."""
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


def encoded(value: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8; half surrogate pairs stay as escapes."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body: the time is signed, so that an old message cannot be played again."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _alert(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "topic": notice.topic.value,
        "turn": notice.turn,
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
