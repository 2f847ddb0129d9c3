"""A message over its way: cut into the parts that the way can carry, and each part handed over within a time. Keeps no record."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from newscrawl.alerts import apprised, mail, payload, rendering, wire
from newscrawl.alerts.composing import Message
from newscrawl.errors import DeliveryError
from newscrawl.model import Apprise, Mail, Secret, Telegram, Way, Webhook

# Seconds one receiver may take in one run.
SECONDS = 30.0
# A server that asks for a longer wait is tried in a later run.
_PATIENCE = 5.0
# Seconds beyond the time of a connection until its thread is left behind.
_GRACE = 1.0
# Characters that make a piece of an address more than a word such as "hooks".
_TELLING = 8
_SLACK, _DISCORD = 4000, 2000
_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Part:
    """What is handed over in one step. `body` is the letter, or the JSON of the request."""

    message: Message
    body: bytes
    number: int = 1


def parts(way: Way, message: Message) -> list[Part]:
    """The parts of a message, in their order; the same ones whenever the same message is cut again."""
    if isinstance(way, Mail):
        return [Part(message, mail.letter(way, message))]
    if isinstance(way, Telegram):
        bodies = [
            {
                "chat_id": way.chat,
                "text": text,
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},  # nobody is told that a link was shown
            }
            for text in rendering.telegram(message)
        ]
    elif isinstance(way, Apprise):
        return [Part(message, b"")]
    elif way.form == "slack":
        bodies = [{"text": text} for text in rendering.chat(message, _SLACK)]
    elif way.form == "discord":
        bodies = [
            {"content": text, "allowed_mentions": {"parse": []}} for text in rendering.chat(message, _DISCORD)
        ]
    else:
        bodies = [payload.document(message)]
    return [Part(message, payload.encoded(body), number) for number, body in enumerate(bodies, 1)]


def send(way: Way, part: Part, *, seconds: float = SECONDS, now: float) -> str | None:
    """Hands a part over; a remark if there is one to make. `now` is the time in seconds since 1970.

    Raises DeliveryError, which never holds a secret, at the latest after `seconds`: also where a server sends a
    byte a minute, or a look-up of its name hangs.
    """

    def work() -> str | None:
        if isinstance(way, Mail):
            return mail.send(way, part.body, seconds=seconds)
        if isinstance(way, Apprise):
            apprised.send(way, part.message)
        elif isinstance(way, Telegram):
            _telegram(way, part, seconds, now)
        else:
            _webhook(way, part, seconds, now)
        return None

    try:
        return _bounded(work, seconds)
    except DeliveryError as error:
        raise DeliveryError(masked(error.message, secrets(way)), retry_after=error.retry_after) from None


def secrets(way: Way) -> list[Secret]:
    """Everything about a way that nobody must read."""
    if isinstance(way, Mail):
        found = [way.password]
    elif isinstance(way, Telegram):
        found = [way.token]
    elif isinstance(way, Apprise):
        found = list(way.urls)
    else:
        # Any longer piece of a webhook's address may be the one that lets people in.
        pieces = re.split(r"[/?&=]", way.url.reveal().partition("://")[2].partition("/")[2])
        found = [way.secret, way.url, *(Secret(piece) for piece in pieces if len(piece) >= _TELLING)]
    return [one for one in found if one is not None]


def masked(text: str, hidden: list[Secret]) -> str:
    """The text with every secret in it replaced."""
    for one in hidden:
        text = text.replace(one.reveal(), "***")
    return text


def place(way: Way) -> str:
    """Where a way leads, in words that hold no secret."""
    if isinstance(way, Mail):
        return f"mail to {', '.join(way.to)} by {way.host}:{way.port} ({way.tls})"
    if isinstance(way, Telegram):
        return f"telegram to {way.chat} by {urlsplit(way.url).hostname}"
    if isinstance(way, Apprise):
        schemes = ", ".join(url.reveal().partition(":")[0][:20] for url in way.urls)
        return f"apprise to {schemes}"
    parts_of = urlsplit(way.url.reveal())
    return (
        f"webhook ({way.form}) to {parts_of.scheme}://{parts_of.hostname}{', signed' if way.secret else ''}"
    )


def _webhook(way: Webhook, part: Part, seconds: float, now: float) -> None:
    headers = {**_JSON, "Idempotency-Key": f"{part.message.id}-{part.number}"}
    if way.secret is not None:
        stamp = str(int(now))
        headers |= {
            payload.TIMESTAMP: stamp,
            payload.SIGNATURE: payload.signature(way.secret.reveal(), stamp, part.body),
        }
    answer = wire.post(way.url.reveal(), part.body, headers, seconds=seconds, now=now)
    if not answer.is_fine:
        redirected = "; redirects are not followed" if 300 <= answer.status < 400 else ""
        raise DeliveryError(answer.said + redirected, retry_after=answer.retry_after)


def _telegram(way: Telegram, part: Part, seconds: float, now: float) -> None:
    until = time.monotonic() + seconds
    url = f"{way.url}/bot{way.token.reveal()}/sendMessage"
    while True:
        left = max(until - time.monotonic(), 0.1)
        answer = wire.post(url, part.body, _JSON, seconds=left, now=now)
        if answer.is_fine:
            return
        wait = _flood(answer)
        if answer.status != 429 or wait is None or wait > min(_PATIENCE, until - time.monotonic()):
            raise DeliveryError(answer.said, retry_after=wait)
        time.sleep(wait)


def _flood(answer: wire.Answer) -> float | None:
    """How long Telegram wants to be left alone, in seconds; it says so in the body."""
    try:
        wait = json.loads(answer.body)["parameters"]["retry_after"]
        return min(max(float(wait), 0.0), 86_400.0)
    except (ValueError, KeyError, TypeError, RecursionError):
        return answer.retry_after


def _bounded(work: Callable[[], str | None], seconds: float) -> str | None:
    """Does the work in a thread that is left behind when the time is over: nothing else ends a look-up of a name."""
    said: list[str | None] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            said.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            failed.append(error)

    thread = threading.Thread(target=run, name="newscrawl-alert", daemon=True)
    thread.start()
    thread.join(seconds + _GRACE)
    if failed:
        raise failed[0]
    if not said:
        raise DeliveryError(f"not done in {seconds:g} s")
    return said[0]
