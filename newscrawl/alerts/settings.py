"""Reads the `[[notify]]` tables of newscrawl.toml into receivers; environment variables come in as a function."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from newscrawl.alerts import keywords
from newscrawl.errors import UsageError
from newscrawl.model import (
    Apprise,
    ChangeKind,
    Digest,
    Mail,
    Receiver,
    Secret,
    Telegram,
    Topic,
    Transport,
    Webhook,
)

# The default of `what`. Most suspicions come to nothing, and gaps have their own command.
DEFAULT = (Topic.REMOVALS, Topic.RETURNS, Topic.EDITS, Topic.HEALTH)

_COMMON = {
    "name", "kind", "what", "sources", "editions", "edits", "keywords", "budget", "digest", "since", "give_up_days",
}  # fmt: skip
_OF_KIND = {
    "mail": {"to", "from", "host", "port", "tls", "user", "password_env", "insecure"},
    "webhook": {"url", "url_env", "format", "secret_env", "insecure"},
    "telegram": {"to", "token_env", "url", "insecure"},
    "apprise": {"url", "url_env"},
}
_SECRETS = {"password", "token", "secret"}
_PORTS = {"starttls": 587, "ssl": 465, "none": 25}

Lookup = Callable[[str], Secret | None]
_E = TypeVar("_E", bound=StrEnum)


def receivers(tables: Sequence[Any], secret: Lookup) -> tuple[Receiver, ...]:
    """The receivers of the tables, in their order. `secret` returns the value of an environment variable, or None.

    Raises UsageError with one line that names the table and the key.
    """
    found = tuple(_Table(number, table, secret).receiver() for number, table in enumerate(tables, 1))
    names = [receiver.name for receiver in found]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise UsageError("two tables have this name", subject=f"notify {repeated}")
    return found


class _Table:
    """Reads one table key by key. Every method raises UsageError if a value is not valid."""

    def __init__(self, number: int, values: Any, secret: Lookup) -> None:
        self._subject = f"notify (table {number})"
        if not isinstance(values, Mapping):
            raise UsageError(
                "must be a table", subject=self._subject, hint="Write [[notify]], in two brackets"
            )
        self._values = values
        self._secret = secret

    def receiver(self) -> Receiver:
        name = self._text("name")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name):
            raise self._wrong("name", "must be letters, digits, dots and dashes")
        self._subject = f"notify {name}"
        kind = self._text("kind")
        if kind not in _OF_KIND:
            raise self._wrong("kind", f"must be one of {', '.join(_OF_KIND)}")
        self._check_keys(kind)
        transports: Mapping[str, Callable[[], Transport]] = {
            "mail": self._mail, "webhook": self._webhook, "telegram": self._telegram, "apprise": self._apprise,
        }  # fmt: skip
        return Receiver(
            name=name,
            transport=transports[kind](),
            topics=frozenset(self._choices("what", Topic) or DEFAULT),
            sources=frozenset(self._texts("sources")),
            editions=frozenset(self._texts("editions")),
            kinds=frozenset(self._choices("edits", ChangeKind)),
            keywords=self._keywords(),
            budget=self._number("budget", 20, 1),
            digest=(self._choices("digest", Digest) or [Digest.IMMEDIATE])[0],
            since=self._since(),
            give_up=timedelta(days=self._number("give_up_days", 7, 1)),
        )

    # --- transports ---

    def _mail(self) -> Mail:
        host = self._text("host")
        tls = self._text("tls", "none" if _is_loopback(host) else "starttls")
        if tls not in _PORTS:
            raise self._wrong("tls", f"must be one of {', '.join(_PORTS)}")
        if tls == "none" and not _is_loopback(host):
            self._require_insecure("tls", "mail to another machine must be encrypted")
        user = self._text("user", "") or None
        password = self._env("password_env", "NEWSCRAWL_SMTP_PASSWORD") if user else None
        if user and password is None:
            raise self._unset("password_env", "NEWSCRAWL_SMTP_PASSWORD")
        to = self._texts("to")
        if not to:
            raise self._wrong("to", "is missing")
        for key, address in [("from", self._text("from")), *(("to", address) for address in to)]:
            # One plain address and nothing else, which could add a header to the letter.
            if parseaddr(address)[1] != address or not re.fullmatch(r"[!-~]+@[!-~]+", address):
                raise self._wrong(key, "must be a mail address such as desk@press.example")
        port = self._number("port", _PORTS[tls], 1, 65535)
        return Mail(host, port, self._text("from"), tuple(to), tls, user, password)

    def _webhook(self) -> Webhook:
        form = self._text("format", "json")
        if form not in ("json", "slack", "discord"):
            raise self._wrong("format", "must be one of json, slack, discord")
        url = self._address("url", self._env_url() or Secret(self._text("url")))
        secret = self._env("secret_env", "NEWSCRAWL_WEBHOOK_SECRET")
        if secret is None and "secret_env" in self._values:
            raise self._unset("secret_env")
        return Webhook(url, form, secret)

    def _telegram(self) -> Telegram:
        chat = self._values.get("to")
        chat = str(chat) if isinstance(chat, int) and not isinstance(chat, bool) else self._text("to")
        if not re.fullmatch(r"-?\d{1,20}|@\w{3,64}", chat, re.ASCII):
            raise self._wrong("to", "must be the number of a chat or the @name of a channel")
        token = self._env("token_env", "NEWSCRAWL_TELEGRAM_TOKEN")
        if token is None:
            raise self._unset("token_env", "NEWSCRAWL_TELEGRAM_TOKEN")
        if not re.fullmatch(r"[0-9A-Za-z:_-]+", token.reveal()):
            raise self._wrong("token_env", "the variable holds no token of a Telegram bot")
        url = self._address("url", Secret(self._text("url", "https://api.telegram.org")))
        return Telegram(chat, token, url.reveal().rstrip("/"))

    def _apprise(self) -> Apprise:
        urls = [Secret(url) for url in self._texts("url")]
        if not urls and (several := self._env_url()) is not None:
            urls = [Secret(url) for url in several.reveal().split()]
        if not urls:
            raise self._wrong("url", "is missing")
        return Apprise(tuple(urls))

    def _env_url(self) -> Secret | None:
        """The value of the variable that `url_env` names; None without this key."""
        if "url_env" not in self._values:
            return None
        found = self._env("url_env", "")
        if found is None:
            raise self._unset("url_env")
        return found

    def _address(self, key: str, url: Secret) -> Secret:
        # Errors never show the address: that of a webhook is as good as a password.
        text = url.reveal()
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise self._wrong(key, "is no web address") from None
        if parts.scheme not in ("http", "https") or not host or not re.fullmatch(r"[!-~]+", text):
            raise self._wrong(key, "is no web address")
        if parts.username is not None:
            raise self._wrong(key, "must hold no user or password")
        if parts.scheme == "http" and not _is_loopback(host):
            self._require_insecure(key, "must be https")
        return url

    # --- values ---

    def _check_keys(self, kind: str) -> None:
        if {"url", "url_env"} <= set(self._values):
            raise self._wrong("url", "and url_env exclude each other")
        if given := sorted(_SECRETS & set(self._values)):
            raise self._wrong(
                given[0],
                "secrets are not read from a file",
                f'Set a variable and write {given[0]}_env = "ITS_NAME"',
            )
        allowed = _COMMON | _OF_KIND[kind]
        if unknown := sorted(set(self._values) - allowed):
            raise self._wrong(unknown[0], "is no key of this kind", f"Known are {', '.join(sorted(allowed))}")

    def _text(self, key: str, default: str | None = None) -> str:
        value = self._values.get(key, default)
        if value is None:
            raise self._wrong(key, "is missing")
        if not isinstance(value, str) or (not value.strip() and default is None) or not value.isprintable():
            raise self._wrong(key, "must be text on one line")
        return value.strip()

    def _texts(self, key: str) -> list[str]:
        value = self._values.get(key, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() and v.isprintable() for v in values
        ):
            raise self._wrong(key, "must be a list of texts")
        return [text.strip() for text in values]

    def _choices(self, key: str, kinds: type[_E]) -> list[_E]:
        try:
            return [kinds(text) for text in self._texts(key)]
        except ValueError as error:
            raise self._wrong(key, f"must be of {', '.join(kinds)}") from error

    def _number(self, key: str, default: int, least: int, most: int = 100_000) -> int:
        value = self._values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(key, f"must be a whole number from {least} on")
        return value

    def _keywords(self) -> tuple[str, ...]:
        found = tuple(self._texts("keywords"))
        try:
            keywords.matcher(found)
        except UsageError as error:
            raise UsageError(f"keywords: {error.message}", subject=self._subject, hint=error.hint) from error
        return found

    def _since(self) -> datetime | None:
        value = self._values.get("since")
        try:
            if isinstance(value, str):
                value = datetime.fromisoformat(value)
            if isinstance(value, date) and not isinstance(value, datetime):
                value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        except ValueError as error:
            raise self._wrong("since", "must be a date such as 2026-01-31") from error
        if value is not None and not isinstance(value, datetime):
            raise self._wrong("since", "must be a date such as 2026-01-31")
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)

    def _env(self, key: str, default: str) -> Secret | None:
        """The value of the environment variable that a key names."""
        name = self._text(key, default)
        return self._secret(name) if name else None

    def _require_insecure(self, key: str, problem: str) -> None:
        if self._values.get("insecure") is not True:
            raise self._wrong(key, problem, "Write insecure = true if you mean it")

    def _unset(self, key: str, default: str = "") -> UsageError:
        name = self._text(key, default)
        return self._wrong(key, f"the environment variable {name[:60]} is not set")

    def _wrong(self, key: str, problem: str, hint: str | None = None) -> UsageError:
        return UsageError(f"{key[:60]!r}: {problem}", subject=self._subject, hint=hint)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
