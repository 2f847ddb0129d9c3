"""A message by the package apprise, which knows some hundred services. An extra: loaded when it is used."""

from __future__ import annotations

import logging
from typing import Any

from newscrawl.alerts import rendering
from newscrawl.alerts.composing import Message
from newscrawl.errors import DeliveryError, UsageError
from newscrawl.model import Apprise

_MISSING = "apprise is not installed"


def check(way: Apprise, name: str) -> None:
    """Raises UsageError where the package is missing or knows no service of these addresses. Sends nothing."""
    try:
        _services(way)
    except DeliveryError as error:
        hint = "pip install 'newscrawl[apprise]'" if error.message == _MISSING else None
        raise UsageError(f"'url': {error.message}", subject=f"notify {name}", hint=hint) from None


def send(way: Apprise, message: Message) -> None:
    """Hands the message to all services. Raises DeliveryError if one of them did not take it."""
    try:
        taken = _services(way).notify(body=rendering.text(message), title=message.subject, body_format="text")
    except TypeError as error:  # what apprise raises for values it cannot use
        raise DeliveryError(f"apprise failed ({type(error).__name__})") from None
    if not taken:
        raise DeliveryError("a service of apprise did not take it")


def _services(way: Apprise) -> Any:
    try:
        import apprise
    except ModuleNotFoundError:
        raise DeliveryError(_MISSING) from None
    # It logs addresses, which hold tokens.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    services = apprise.Apprise()
    for number, url in enumerate(way.urls, 1):
        if not services.add(url.reveal()):
            raise DeliveryError(f"apprise knows no service of address {number}")
    return services
