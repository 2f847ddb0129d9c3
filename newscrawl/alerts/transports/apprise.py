"""Telegram, Slack, Discord and every other service of the package apprise: an optional extra, imported when it is used."""

from __future__ import annotations

import logging
import re
import time
from contextvars import ContextVar
from typing import Any

from newscrawl.alerts import rendering
from newscrawl.alerts.compose import Message
from newscrawl.errors import DeliveryError, UsageError
from newscrawl.model import Apprise, Telegram
from newscrawl.text import clean

# UTF-16 units of a part for Telegram, which accepts 4096: apprise ends every line with one character more.
_TELEGRAM = 4000
# Seconds that a rate limit is waited for; after a longer one the rest is sent in a later run.
_LONGEST_PAUSE = 5.0
_DAY = 86_400.0
# The log of the current call: (level, message). apprise hands the context on to its threads.
_records: ContextVar[list[tuple[int, str]] | None] = ContextVar("apprise_records", default=None)
_RETRY_AFTER = re.compile(r'"retry_after"\s*:\s*(\d{1,9}(?:\.\d{1,9})?)')


def check(transport: Telegram | Apprise, name: str) -> None:
    """Raises UsageError if the package is missing or does not accept the addresses of the receiver `name`."""
    try:
        _services(transport, 1.0)
    except DeliveryError as error:
        raise UsageError(error.message, subject=f"notify {name}") from None


def bodies(transport: Telegram | Apprise, message: Message) -> list[bytes]:
    """The texts that carry a message: HTML in parts for Telegram, else plain text that apprise splits itself."""
    if isinstance(transport, Telegram):
        texts = rendering.telegram(message, _TELEGRAM)
    else:
        texts = [rendering.text(message)]
    return [text.encode("utf-8", "backslashreplace") for text in texts]


def send(transport: Telegram | Apprise, body: bytes, title: str, *, seconds: float) -> None:
    """Sends a text to all services of a transport. Raises DeliveryError if one of them did not accept it.

    A short rate limit of Telegram is waited for. With several services it is not, because some of them may have
    accepted the text already and would get it twice.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return _notify(transport, body.decode(), title, max(until - time.monotonic(), 0.1))
        except DeliveryError as error:
            wait, left = error.retry_after, until - time.monotonic()
            if not isinstance(transport, Telegram) or wait is None or wait > min(_LONGEST_PAUSE, left):
                raise
        time.sleep(wait)


def _notify(transport: Telegram | Apprise, text: str, title: str, seconds: float) -> None:
    services = _services(transport, seconds)
    records: list[tuple[int, str]] = []
    _records.set(records)
    if isinstance(transport, Telegram):
        accepted = services.notify(body=text, body_format="html")
    else:
        accepted = services.notify(body=text, title=title, body_format="text")
    if not accepted:
        # apprise tells only its log why a service failed, and what it answered.
        reasons = [clean(line) for level, line in records if level >= logging.WARNING]
        answers = [line for _, line in records if line.startswith("Response Details")]
        waits = [float(found[1]) for answer in answers if (found := _RETRY_AFTER.search(answer))]
        raise DeliveryError(
            reasons[-1] if reasons else "a service of apprise did not take it",
            retry_after=min(max(waits), _DAY) if waits else None,
        )


def _services(transport: Telegram | Apprise, seconds: float) -> Any:
    """The services of a transport, as apprise's object. `seconds` limits each connection and read for Telegram."""
    try:
        import apprise
    except ModuleNotFoundError:
        raise DeliveryError("apprise is not installed: pip install 'newscrawl[apprise]'") from None
    _keep_addresses_out_of_logs()
    services: Any = apprise.Apprise()
    if isinstance(transport, Telegram):
        limits = f"cto={seconds:.1f}&rto={seconds:.1f}"
        options = f"format=html&preview=no&redirect=no&{limits}"
        if not services.add(f"tgram://{transport.token.reveal()}/{transport.chat}/?{options}"):
            raise DeliveryError("apprise does not accept the token of this bot or the chat")
        # apprise has no option for the server of the Bot API.
        services[0].notify_url = f"{transport.url}/bot"
        return services
    for number, secret in enumerate(transport.urls, 1):
        url = secret.reveal()
        if "overflow=" not in url:
            # Without it a text that is too long for the service is refused.
            url += f"{'&' if '?' in url else '?'}overflow=split"
        if not services.add(url):
            raise DeliveryError(f"apprise knows no service of address {number}")
    return services


def _keep_addresses_out_of_logs() -> None:
    """Both packages log addresses, which contain tokens: records of apprise go to `_notify` alone, of urllib3 nowhere."""
    log = logging.getLogger("apprise")
    log.setLevel(logging.DEBUG)
    log.addFilter(_take_record)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


def _take_record(record: logging.LogRecord) -> bool:
    taken = _records.get()
    if taken is not None:
        taken.append((record.levelno, record.getMessage()))
    return False
