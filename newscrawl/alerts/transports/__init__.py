"""Cuts a message into the parts that a transport can carry, and sends each part within a time limit."""

from __future__ import annotations

import http.client
import re
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from newscrawl.alerts.compose import Message
from newscrawl.alerts.transports import apprise, mail, webhook
from newscrawl.errors import DeliveryError
from newscrawl.model import Apprise, Mail, Secret, Telegram, Transport, Webhook
from newscrawl.text import clean

# Seconds for one receiver in one run.
SECONDS = 30.0
# Seconds past the time limit until a sending thread is abandoned.
_GRACE = 1.0
# Characters kept of what a library says about an error, and of a whole error.
_DETAIL, _ERROR = 200, 700
# A piece of a webhook's address of this length may be a token; a shorter one is a word such as "hooks".
_TOKEN_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Part:
    """What is sent in one step: a letter, the body of a request, or text for apprise. `number` counts from 1."""

    message: Message
    body: bytes
    number: int = 1


def parts(transport: Transport, message: Message) -> list[Part]:
    """The parts of a message in their order. The same message is always cut into the same parts."""
    if isinstance(transport, Mail):
        bodies = [mail.letter(transport, message)]
    elif isinstance(transport, Webhook):
        bodies = webhook.bodies(transport, message)
    else:
        bodies = apprise.bodies(transport, message)
    return [Part(message, body, number) for number, body in enumerate(bodies, 1)]


def send(transport: Transport, part: Part, *, seconds: float = SECONDS, now: float) -> str | None:
    """Sends a part; returns a remark for the operator or None. `now` is the time in seconds since 1970.

    Raises DeliveryError, without secrets in it, at the latest after `seconds` plus a grace second: also where a
    server sends a byte a minute or a name lookup hangs.
    """

    def work() -> str | None:
        if isinstance(transport, Mail):
            return mail.send(transport, part.body, seconds=seconds)
        if isinstance(transport, Webhook):
            key = f"{part.message.id}-{part.number}"
            webhook.send(transport, part.body, key, seconds=seconds, now=now)
        else:
            apprise.send(transport, part.body, part.message.subject, seconds=seconds)
        return None

    try:
        return _bounded(work, seconds)
    except DeliveryError as error:
        text = masked(error.message, secrets(transport))[:_ERROR]
        raise DeliveryError(text, retry_after=error.retry_after) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(masked(_reason(error), secrets(transport))) from None


def secrets(transport: Transport) -> list[Secret]:
    """Everything in a transport's settings that must not be shown."""
    if isinstance(transport, Mail):
        return [transport.password] if transport.password is not None else []
    if isinstance(transport, Telegram):
        return [transport.token, Secret(transport.token.reveal().rpartition(":")[2])]
    if isinstance(transport, Apprise):
        # The host of such an address may be a token too; libraries show pieces of it decoded.
        return [*transport.urls, *_pieces(url.reveal().partition("://")[2] for url in transport.urls)]
    url = transport.url.reveal()
    found = [transport.url, *_pieces([url.partition("://")[2].partition("/")[2]])]
    return [transport.secret, *found] if transport.secret is not None else found


def masked(text: str, hidden: Iterable[Secret]) -> str:
    """The text with every secret replaced by ***."""
    for one in hidden:
        text = text.replace(one.reveal(), "***")
    return text


def description(transport: Transport) -> str:
    """Where a transport leads, without secrets."""
    if isinstance(transport, Mail):
        server = f"{transport.host}:{transport.port} ({transport.tls})"
        return f"mail to {', '.join(transport.to)} by {server}"
    if isinstance(transport, Telegram):
        return f"telegram to {transport.chat} by {urlsplit(transport.url).hostname}"
    if isinstance(transport, Apprise):
        return f"apprise to {', '.join(url.reveal().partition(':')[0][:20] for url in transport.urls)}"
    url = urlsplit(transport.url.reveal())
    signed = ", signed" if transport.secret else ""
    return f"webhook ({transport.form}) to {url.scheme}://{url.hostname}{signed}"


def _pieces(addresses: Iterable[str]) -> list[Secret]:
    pieces = {piece for address in addresses for piece in re.split(r"[/?&=:@]", address)}
    pieces |= {unquote(piece) for piece in pieces}
    return [Secret(piece) for piece in sorted(pieces, key=len, reverse=True) if len(piece) >= _TOKEN_LENGTH]


def _reason(error: BaseException) -> str:
    """Why a connection failed, in words without addresses and contents."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({clean(error.verify_message)[:_DETAIL]})"
    if isinstance(error, ssl.SSLError):
        return f"no encrypted connection ({clean(error.reason or type(error).__name__)[:_DETAIL]})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return f"no connection ({clean(error.strerror or type(error).__name__)[:_DETAIL]})"
    return f"a broken answer ({type(error).__name__})"


def _bounded(work: Callable[[], str | None], seconds: float) -> str | None:
    """Runs `work` in a thread that is abandoned when its time is over: nothing else interrupts a name lookup."""
    results: list[str | None] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            errors.append(error)

    thread = threading.Thread(target=run, name="newscrawl-alert", daemon=True)
    thread.start()
    thread.join(seconds + _GRACE)
    if errors:
        raise errors[0]
    if not results:
        raise DeliveryError(f"not done in {seconds:g} s")
    return results[0]
