"""The project's own Scrapy settings (newscrawl/settings.py), checked: a wrong value is a UsageError before anything is fetched."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.settings import BaseSettings

from newscrawl.config import Config, check_setting
from newscrawl.errors import UsageError
from newscrawl.worker import Limits

# Between those of a source file (30) and those of the command line (40).
_OF_A_SOURCE = 35


def from_options(written: Iterable[str]) -> dict[str, str]:
    """`-s NAME=VALUE …` as settings. Raises UsageError for one that there is not, or whose value is of another kind."""
    from newscrawl.settings import known

    found = {}
    for text in written:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError("must be NAME=VALUE", subject=f"-s {text}")
        check_setting(name, value, known, "-s ")
        found[name] = value
    return found


def apply_own(settings: BaseSettings, source: str) -> None:
    """Takes over what newscrawl.toml says of this source alone: `[scrapy.SOURCE]`."""
    from newscrawl.settings import merged

    config = settings.get("NEWSCRAWL_CONFIG")
    if isinstance(config, Config):
        for name, value in config.scrapy_of.get(source, {}).items():
            settings.set(name, merged(name, value), priority=_OF_A_SOURCE)


def recheck_budget(settings: BaseSettings) -> int:
    """RECHECK_BUDGET: re-checks of one run at most, 0 if the source decides. Raises UsageError."""
    return _whole_number(settings, "RECHECK_BUDGET", least=0)


def sources_at_once(settings: BaseSettings) -> int:
    """SOURCES_AT_ONCE: how many sources are crawled side by side, 1 at least. Raises UsageError."""
    return _whole_number(settings, "SOURCES_AT_ONCE", least=1)


def database_patience(settings: BaseSettings) -> float:
    """DATABASE_PATIENCE: seconds a run waits for a database that went away. Raises UsageError."""
    try:
        return settings.getfloat("DATABASE_PATIENCE")
    except (TypeError, ValueError) as error:
        raise UsageError("not a number of seconds", subject="DATABASE_PATIENCE") from error


def parse_limits(settings: BaseSettings) -> Limits:
    """READING_SECONDS and READING_MEMORY (bytes): what parsing one response may take. Raises UsageError."""
    try:
        seconds, memory = settings.getfloat("READING_SECONDS"), settings.getint("READING_MEMORY")
    except (TypeError, ValueError) as error:
        raise UsageError("not a number", subject="READING_SECONDS or READING_MEMORY") from error
    if seconds <= 0 or memory <= 0:
        raise UsageError("must be more than 0", subject="READING_SECONDS or READING_MEMORY")
    return Limits(seconds, memory)


def readers(settings: BaseSettings) -> int:
    """READERS: how many processes parse responses; 0: none but the run's own. Raises UsageError."""
    return _whole_number(settings, "READERS", least=0)


def _whole_number(settings: BaseSettings, name: str, *, least: int) -> int:
    try:
        number = settings.getint(name)
    except (TypeError, ValueError) as error:
        raise UsageError("not a whole number", subject=name) from error
    if number < least:
        raise UsageError(f"must be {least} or more", subject=name)
    return number
