"""One frozen Config from environment and newscrawl.toml; the only reader of the environment."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from newscrawl.errors import UsageError

FILE = "newscrawl.toml"
_KEYS = {"home", "database_url", "contact", "now", "backlog", "browser"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "now": (str, date),
    "backlog": (int,),
}  # in TOML; the others are text


@dataclass(frozen=True, slots=True)
class Config:
    """Where the archive is and how the program behaves.

    `home` holds `newscrawl.db`, `warc/` and `state/`; `contact` goes into the User-Agent;
    `clock()` is the program's now (NEWSCRAWL_NOW sets where it starts); `backlog` is how many
    old articles (found only in sitemaps) a run without dates fetches at most; `browser` is the
    Chromium that draws lists made by scripts, None for the one that is found.
    """

    home: Path
    database_url: str
    contact: str | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    backlog: int = 1000
    browser: Path | None = None

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
    values = _from_file(directory or Path())
    for key in _KEYS:
        if text := environ.get(f"NEWSCRAWL_{key.upper()}"):
            values[key] = text
    home = _path(str(values.get("home") or "archive"), "NEWSCRAWL_HOME", "folder")
    contact = str(values.get("contact") or "").strip() or None
    if contact and any(ord(c) < 32 or ord(c) > 126 for c in contact):
        raise UsageError(
            "must be plain text on one line, such as an e-mail address", subject="NEWSCRAWL_CONTACT"
        )
    return Config(
        home=home,
        database_url=str(values.get("database_url") or _sqlite_address(home / "newscrawl.db")),
        contact=contact,
        clock=_clock(str(values["now"])) if values.get("now") else lambda: datetime.now(UTC),
        backlog=_whole(values.get("backlog", 1000), "NEWSCRAWL_BACKLOG"),
        browser=_path(str(values["browser"]), "NEWSCRAWL_BROWSER", "file") if values.get("browser") else None,
    )


def colours(environ: Mapping[str, str] | None = None) -> bool:
    """Whether colours are welcome on a terminal: not with NO_COLOR set to anything (no-color.org), nor where TERM is dumb."""
    environ = os.environ if environ is None else environ
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def instant(text: str, *, subject: str = "time") -> datetime:
    """An aware instant from ISO 8601 text; without a zone it is taken as UTC. Raises UsageError otherwise."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"not an ISO instant: {text[:60]!r}", subject=subject, hint="Write 2026-01-31T12:00:00+05:00"
        ) from error
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    if not 1 < aware.year < 9999:
        raise UsageError(f"out of range: {text[:60]!r}", subject=subject)
    return aware


def _clock(text: str) -> Callable[[], datetime]:
    start, origin = instant(text, subject="NEWSCRAWL_NOW"), time.monotonic()
    return lambda: start.astimezone(UTC) + timedelta(seconds=time.monotonic() - origin)


def _path(text: str, subject: str, kind: str) -> Path:
    try:
        path = Path(text).expanduser().absolute()
        # A database address is Unicode text: other bytes would name another file. No file has NUL in its name.
        usable = b"\0" not in str(path).encode()
    except (
        OSError,
        RuntimeError,
        UnicodeError,
    ) as error:  # RuntimeError: ~nobody; OSError: no working directory
        raise UsageError(f"is no usable {kind}: {text[:200]!a}", subject=subject) from error
    if not usable:
        raise UsageError(f"is no usable {kind}: {text[:200]!a}", subject=subject)
    return path


def _sqlite_address(path: Path) -> str:
    # "?" would begin parameters and "%41" be read as a letter: the archive would be made somewhere else.
    return "sqlite:///" + str(path).replace("%", "%25").replace("?", "%3F")


def _from_file(directory: Path) -> dict[str, Any]:
    path = directory / FILE
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", subject=str(path)) from error
    wrong = [
        key for key, value in values.items() if key in _KEYS and not isinstance(value, _TYPES.get(key, str))
    ]
    if wrong or isinstance(values.get("backlog"), bool):
        raise UsageError(f"not the right kind of value: {', '.join(wrong or ['backlog'])}", subject=str(path))
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
