"""One frozen Config from environment and newscrawl.toml; the only reader of the environment."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newscrawl.errors import UsageError

FILE = "newscrawl.toml"
_KEYS = {"home", "database_url", "contact", "now", "backlog"}


@dataclass(frozen=True, slots=True)
class Config:
    """Where the archive is and how the program behaves.

    `home` holds `newscrawl.db`, `warc/` and `state/`; `contact` goes into the User-Agent;
    `clock()` is the program's now (NEWSCRAWL_NOW sets where it starts); `backlog` is how many
    old articles (found only in sitemaps) a run without dates fetches at most.
    """

    home: Path
    database_url: str
    contact: str | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    backlog: int = 1000

    @property
    def warc(self) -> Path:
        """Folder of the raw responses."""
        return self.home / "warc"

    @property
    def state(self) -> Path:
        """Folder of what can be thrown away."""
        return self.home / "state"


def load(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Config:
    """The configuration: the environment wins over newscrawl.toml in the working directory.

    Raises UsageError for a file that is no TOML, an unknown key or a value that makes no sense.
    """
    environ = os.environ if environ is None else environ
    values = _from_file(directory or Path.cwd())
    for key in _KEYS:
        if text := environ.get(f"NEWSCRAWL_{key.upper()}"):
            values[key] = text
    home = Path(str(values.get("home", "archive"))).expanduser().absolute()
    contact = str(values["contact"]).strip() if values.get("contact") else None
    if contact and any(ord(c) < 32 or ord(c) > 126 for c in contact):
        raise UsageError(
            "must be plain text on one line, such as an e-mail address", subject="NEWSCRAWL_CONTACT"
        )
    return Config(
        home=home,
        database_url=str(values.get("database_url") or f"sqlite:///{home / 'newscrawl.db'}"),
        contact=contact,
        clock=_clock(str(values["now"])) if values.get("now") else lambda: datetime.now(UTC),
        backlog=_whole(values.get("backlog", 1000), "NEWSCRAWL_BACKLOG"),
    )


def instant(text: str, *, subject: str = "time") -> datetime:
    """An aware instant from ISO 8601 text; without a zone it is taken as UTC. Raises UsageError otherwise."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"not an ISO instant: {text[:60]!r}", subject=subject, hint="Write 2026-01-31T12:00:00+05:00"
        ) from error
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _clock(text: str) -> Callable[[], datetime]:
    start, origin = instant(text, subject="NEWSCRAWL_NOW").astimezone(UTC), time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - origin)


def _from_file(directory: Path) -> dict[str, Any]:
    path = directory / FILE
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", subject=str(path)) from error
    unknown = sorted(set(values) - _KEYS)
    if unknown:
        raise UsageError(
            f"unknown keys: {', '.join(unknown)}",
            subject=str(path),
            hint=f"Known are {', '.join(sorted(_KEYS))}",
        )
    return values


def _whole(value: Any, subject: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"not a whole number: {value!r}", subject=subject) from error
    if number < 0:
        raise UsageError("must not be negative", subject=subject)
    return number
