"""The configuration from environment and newscrawl.toml as one frozen Config; the only reader of the environment."""

from __future__ import annotations

import json
import math
import os
import re
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from newscrawl import __version__
from newscrawl.errors import UsageError, did_you_mean
from newscrawl.inputs import open_input
from newscrawl.model.alerts import Secret

FILE = "newscrawl.toml"
_KEYS = {
    "home", "database_url", "contact", "now", "backlog", "browser", "warc_size",
    "prune_unchanged", "prune_listings", "prune_unreferenced", "reader_url", "reader_token", "log_file",
    "timestamp_authority", "timestamp_ca",
}  # fmt: skip
_FILE_ONLY = {"notify", "notify_after_crawl", "scrapy"}  # tables cannot be environment variables
_PREFIX = "NEWSCRAWL_"
# Variables that hold secrets for alerts where newscrawl.toml names no others.
_SECRETS = {"NEWSCRAWL_SMTP_PASSWORD", "NEWSCRAWL_TELEGRAM_TOKEN", "NEWSCRAWL_WEBHOOK_SECRET"}
DEFAULT = "default"
_SHORTEST_TOKEN = 16  # characters
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_NAME_BYTES, _PATH_BYTES = 255, 4095  # what file systems and the kernel take
_KINDS = {
    str: "text in quotes", int: "a whole number", bool: "true or false", date: "a date", list: "tables [[notify]]", dict: "a table [scrapy]",
}  # fmt: skip
_TYPES: Mapping[str, tuple[type, ...]] = {
    "now": (str, date),
    "backlog": (int,),
    "warc_size": (str, int),
    "notify_after_crawl": (bool,),
    "notify": (list,),
    "scrapy": (dict,),
}  # in TOML; the others are text


@dataclass(frozen=True, slots=True)
class Config:
    """Where the archive is and how the program behaves.

    `home` holds `newscrawl.db`, `warc/` and `state/`; `contact` goes into the User-Agent;
    `clock()` is the program's now (NEWSCRAWL_NOW sets where it starts); `backlog` is how many
    old articles (found only in sitemaps) a run without dates fetches at most; `browser` is the Chromium that renders
    lists made by scripts (None: search for one). A WARC file of `warc_size` bytes gets no more records. `prune` maps
    parts of the policy of `newscrawl prune` to ages; if empty, everything is kept. `reader_url` is where the reader's
    pages are served, for links in alerts; `reader_token` is what readers on other machines must bring. `notify` holds the raw `[[notify]]` tables: alerts/settings.py parses them
    when alerts are sent, so that an error there does not stop a crawl. `scrapy` holds the settings of the table
    `[scrapy]`, `scrapy_of` those of `[scrapy.SOURCE]`; settings.py checks them. `log_file` gets what runs say.
    `timestamp_authority` is asked by `newscrawl proof timestamp` for tokens, `timestamp_ca` its root certificate.
    `set_by` says of every key what set it: a variable, a key of the file, or DEFAULT.
    """

    home: Path
    database_url: str
    contact: str | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    backlog: int = 1000
    warc_size: int = 1 << 30
    prune: Mapping[str, timedelta] = field(default_factory=dict)
    reader_url: str | None = None
    reader_token: str | None = field(default=None, repr=False)
    notify: tuple[Any, ...] = field(default=(), repr=False)  # addresses of webhooks are secrets
    notify_after_crawl: bool = False
    browser: Path | None = None
    log_file: Path | None = None
    timestamp_authority: str | None = None
    timestamp_ca: Path | None = None
    scrapy: Mapping[str, Any] = field(default_factory=dict)
    scrapy_of: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    set_by: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def user_agent(self) -> str:
        """How the program names itself to servers: its name, its version, and whom to write to."""
        return f"newscrawl/{__version__}" + (f" (+{self.contact})" if self.contact else "")

    @property
    def warc(self) -> Path:
        """Folder of the raw responses."""
        return self.home / "warc"

    @property
    def state(self) -> Path:
        """Folder of temporary and derived files, which may be deleted, and of the proof log's private key, which may not."""
        return self.home / "state"


def load(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Config:
    """The configuration: the environment wins over newscrawl.toml in the working directory.

    Raises UsageError for a file that is not TOML, an unknown key or an invalid value.
    """
    environ = os.environ if environ is None else environ
    values, set_by = _from_file(directory or Path())
    for key in _KEYS:
        if text := environ.get(variable(key)):
            values[key], set_by[key] = text, variable(key)
    _check_variables(environ, values.get("notify", ()))
    home = _path(str(values.get("home") or "archive"), set_by["home"], "folder")
    contact = str(values.get("contact") or "").strip() or None
    if contact and any(ord(c) < 32 or ord(c) > 126 for c in contact):
        raise UsageError(
            "must be plain text on one line, such as an e-mail address", subject=set_by["contact"]
        )
    tables = values.get("scrapy", {})
    return Config(
        home=home,
        database_url=str(values.get("database_url") or _sqlite_address(home / "newscrawl.db")),
        contact=contact,
        clock=_clock(str(values["now"]), set_by["now"]) if values.get("now") else lambda: datetime.now(UTC),
        backlog=_whole(values.get("backlog", 1000), set_by["backlog"]),
        warc_size=_size(values.get("warc_size", "1G"), set_by["warc_size"]),
        prune={
            key.removeprefix("prune_"): age(str(values[key]), subject=set_by[key])
            for key in sorted(_KEYS)
            if key.startswith("prune_") and values.get(key)
        },
        reader_url=_site(str(values.get("reader_url") or ""), set_by["reader_url"]),
        reader_token=_token(str(values.get("reader_token") or ""), set_by["reader_token"]),
        notify=tuple(values.get("notify", ())),
        notify_after_crawl=values.get("notify_after_crawl", False),
        browser=_path(str(values["browser"]), set_by["browser"], "file") if values.get("browser") else None,
        log_file=_path(str(values["log_file"]), set_by["log_file"], "file")
        if values.get("log_file")
        else None,
        timestamp_authority=_site(
            str(values.get("timestamp_authority") or ""), set_by["timestamp_authority"]
        ),
        timestamp_ca=_path(str(values["timestamp_ca"]), set_by["timestamp_ca"], "file")
        if values.get("timestamp_ca")
        else None,
        scrapy={name: value for name, value in tables.items() if name.isupper()},
        scrapy_of={name: value for name, value in tables.items() if not name.isupper()},
        set_by=set_by,
    )


def variable(key: str) -> str:
    """The environment variable of a key of newscrawl.toml."""
    return f"{_PREFIX}{key.upper()}"


def check_setting(name: str, value: Any, known: Mapping[str, Any], prefix: str) -> None:
    """Raises UsageError unless `name` is one of the settings of Scrapy and this program, and `value` of its default's kind.

    `known` has the default of each. Text is taken as Scrapy takes it (`-s NAME=VALUE`).
    """
    if name not in known:
        raise UsageError("no such setting", subject=f"{prefix}{name}", hint=did_you_mean(name, known))
    default, wanted = known[name], None
    if isinstance(default, bool):
        wanted = None if value in (True, False) or _truth(value) else "must be true or false"
    elif isinstance(default, (int, float)):
        # Below nothing is only what is an order or an adjustment; of nothing at once there would be no crawl.
        least = 1 if name.startswith("CONCURRENT_") and default else 0
        wanted = _wrong_number(value, None if re.search("PRIORITY|ORDER", name) else least)
    elif isinstance(default, dict):
        wanted = None if isinstance(value, dict) or _is_table(value) else "must be a table"
    elif isinstance(default, (list, tuple)):
        wanted = None if isinstance(value, (list, str)) else "must be a list"
    elif isinstance(default, str):
        wanted = None if isinstance(value, str) else "must be text"
    if not wanted and name.endswith("LOG_LEVEL") and str(value).upper() not in _LEVELS:
        wanted = f"must be one of {', '.join(_LEVELS)}"
    if wanted:
        raise UsageError(f"{wanted}, not {str(value)[:60]}", subject=f"{prefix}{name}")


def _token(text: str, subject: str) -> str | None:
    """A token that can be sent in a header and that nobody guesses. The error does not say it."""
    if text and (len(text) < _SHORTEST_TOKEN or any(not 33 <= ord(one) <= 126 for one in text)):
        raise UsageError(
            f"must be at least {_SHORTEST_TOKEN} letters, digits or signs, without a space", subject=subject
        )
    return text or None


def _truth(value: Any) -> bool:
    return isinstance(value, str) and value in {"True", "true", "False", "false", "0", "1"}


def _wrong_number(value: Any, least: int | None) -> str | None:
    """What is wrong with a number; None if nothing is."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return "must be a number"
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return "must be a number"
    if not math.isfinite(number):
        return "must be a number that ends"
    return f"must be {least} or more" if least is not None and number < least else None


def _is_table(text: Any) -> bool:
    """Whether a text is a table as Scrapy takes it from the command line: a JSON object."""
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _check_variables(environ: Mapping[str, str], receivers: Any) -> None:
    """Raises UsageError for a variable of ours that means nothing: a typing error would go unnoticed for years."""
    named = {str(value) for table in receivers if isinstance(table, dict) for value in table.values()}
    known = {variable(key) for key in _KEYS} | _SECRETS
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known | named:
            raise UsageError("no such environment variable", subject=name, hint=did_you_mean(name, known))


def secret(name: str, environ: Mapping[str, str] | None = None) -> Secret | None:
    """The value of an environment variable as a Secret; None if it is not set."""
    environ = os.environ if environ is None else environ
    text = environ.get(name, "").strip()
    return Secret(text) if text else None


def given(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings given in the environment, by the names of their variables."""
    environ = os.environ if environ is None else environ
    names = (f"NEWSCRAWL_{key.upper()}" for key in sorted(_KEYS))
    return {name: environ[name] for name in names if environ.get(name)}


def colours(environ: Mapping[str, str] | None = None) -> bool:
    """Whether a terminal may get colours: not if NO_COLOR is set (no-color.org) or TERM is dumb."""
    environ = os.environ if environ is None else environ
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def instant(text: str, *, subject: str = "time") -> datetime:
    """An aware instant from ISO 8601 text; without a zone it is in UTC. Raises UsageError otherwise."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"not an ISO instant: {text[:60]}", subject=subject, hint="Write 2026-01-31T12:00:00+05:00"
        ) from error
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    if not 1 < aware.year < 9999:
        raise UsageError(f"out of range: {text[:60]}", subject=subject)
    return aware


def age(text: str, *, subject: str) -> timedelta:
    """A time span of whole days or weeks: "90d", "12w". Raises UsageError otherwise."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([dw])", text.strip())
    if found is None:
        raise UsageError(f"not an age: {text[:60]}", subject=subject, hint="Write 90d or 12w")
    return timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))


def _clock(text: str, subject: str) -> Callable[[], datetime]:
    start, origin = instant(text, subject=subject), time.monotonic()
    return lambda: start.astimezone(UTC) + timedelta(seconds=time.monotonic() - origin)


def _path(text: str, subject: str, kind: str) -> Path:
    try:
        path = Path(text).expanduser().absolute()
        # A database address is Unicode text, so other bytes would name another file. File names cannot contain NUL.
        written = str(path).encode()
        longest = max(map(len, written.split(b"/")))
        usable = b"\0" not in written and longest <= _NAME_BYTES and len(written) <= _PATH_BYTES
    except FileNotFoundError as error:
        raise UsageError(
            "the working directory is gone", subject=text[:200], hint="Go to another one"
        ) from error
    except (OSError, RuntimeError, UnicodeError) as error:  # RuntimeError: ~nobody
        raise UsageError(f"is no usable {kind}: {text[:200]!a}", subject=subject) from error
    if not usable:
        raise UsageError(f"is no usable {kind}: {text[:200]!a}", subject=subject)
    return path


def _site(text: str, subject: str) -> str | None:
    site = text.strip().rstrip("/")
    if site and (not site.startswith(("http://", "https://")) or not site.isprintable() or " " in site):
        raise UsageError("must be a web address", subject=subject, hint="Write https://press.example")
    return site or None


def _sqlite_address(path: Path) -> str:
    # An unescaped "?" would begin parameters, and "%41" would become a letter.
    return "sqlite:///" + str(path).replace("%", "%25").replace("?", "%3F")


def _from_file(directory: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of newscrawl.toml, and what set each key: the file if it has one, else DEFAULT."""
    path, set_by = directory / FILE, dict.fromkeys(_KEYS | _FILE_ONLY, DEFAULT)
    try:
        with open_input(path, seekable=True) as file:
            values = tomllib.loads(file.read().decode("utf-8-sig"))  # Windows' editors write a mark first
    except FileNotFoundError:
        return {}, set_by
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(
            f"cannot be read: {why}",
            subject=str(path),
            hint="Correct it, or move it away to go on without it",
        ) from error
    known = _KEYS | _FILE_ONLY
    unknown = sorted(set(values) - known)
    if unknown:
        raise UsageError(
            f"unknown keys: {', '.join(unknown)}", subject=str(path), hint=did_you_mean(unknown[0], known)
        )
    for key, value in values.items():
        types = _TYPES.get(key, (str,))
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            wanted = " or ".join(_KINDS[one] for one in types)
            raise UsageError(f"must be {wanted}", subject=f"{path}: {key}")
    for name, value in values.get("scrapy", {}).items():
        if not name.isupper() and not isinstance(value, dict):
            raise UsageError(
                "is neither a setting nor the table of a source",
                subject=f"{path}: [scrapy] {name}",
                hint=f"Write {name.upper()} = …, or [scrapy.{name}]",
            )
    return values, set_by | {key: f"{path}: {key}" for key in values}


def _size(value: Any, subject: str) -> int:
    """Bytes, from a number or "500M" or "2G"; at least 1M, because otherwise every response gets its own file."""
    found = re.fullmatch(r"([0-9]{1,15})([MG]?)", str(value).strip())
    size = int(found[1]) << {"": 0, "M": 20, "G": 30}[found[2]] if found else 0
    if size < 1 << 20:
        raise UsageError(
            f"not a size of 1M and more: {str(value)[:60]}", subject=subject, hint="Write 500M or 1G"
        )
    return size


def _whole(value: Any, subject: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"not a whole number: {str(value)[:60]}", subject=subject) from error
    if number < 0:
        raise UsageError("must not be negative", subject=subject)
    return number
