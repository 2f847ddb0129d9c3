"""Options and steps that commands share: types of options, options that select, opening the archive, finding an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from newscrawl import config
from newscrawl.errors import UsageError
from newscrawl.model import State
from newscrawl.schedule.durations import parse

if TYPE_CHECKING:
    from newscrawl.store.read.reader import Reader

_F = TypeVar("_F", bound=Callable[..., Any])
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Moment(click.ParamType[datetime]):
    """A day (2026-01-31, in UTC) or an instant (2026-01-31T12:00+05:00), as an aware datetime; with `end` the end of the day."""

    name = "date"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            return self._parsed(text)
        except (UsageError, ValueError, OverflowError):
            self.fail(f"{text[:40]!r} is no date. Write 2026-01-31 or 2026-01-31T12:00:00+05:00", param, ctx)

    def _parsed(self, text: str) -> datetime:
        if not _DAY.fullmatch(text):
            if len(text) <= len("2026-01-31"):
                raise ValueError(
                    text
                )  # 20260131 and 2026-W05 are ISO too, but rejected as probable typing errors
            return config.instant(text).astimezone(UTC)
        day = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return day + timedelta(days=1) if self._end else day


class Duration(click.ParamType[timedelta]):
    """A duration of at least a second, such as 30m or 1h30m, as timedelta."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "source": click.option("--source", metavar="NAME", help="Only this source, such as orda."),
    "edition": click.option("--edition", metavar="NAME", help="Only this edition, such as en."),
    "state": click.option(
        "--state", type=click.Choice([s.value for s in State]), help="Only articles in this state."
    ),
    "since": click.option(
        "--since", type=Moment(), metavar="DATE", help="From this day (UTC) or instant on."
    ),
    "until": click.option(
        "--until",
        type=Moment(end=True),
        metavar="DATE",
        help="Until this day (UTC, included), or before this instant.",
    ),
    "limit": click.option(
        "--limit", type=click.IntRange(0, 10**12), metavar="N", help="At most this many; 0: all."
    ),
    "json": click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line."),
}


def options(*names: str) -> Callable[[_F], _F]:
    """Adds the named options in this order, so that they are the same in every command."""

    def add(command: _F) -> _F:
        for name in reversed(names):
            command = _OPTIONS[name](command)
        return command

    return add


def check_range(since: datetime | None, until: datetime | None) -> None:
    """Raises UsageError if `since` is not before `until`."""
    if since is not None and until is not None and since >= until:
        raise UsageError("--since lies after --until", hint="Nothing could be found between them")


def nothing(noun: str, conditions: Mapping[str, Any]) -> str:
    """The note for an empty list: there are no articles (edits …) yet, or none that match."""
    return f"No {noun} matches." if any(conditions.values()) else f"No {noun}s yet."


def open_archive() -> Reader:
    """The configured archive, opened for reading. Raises StoreError, SchemaError or UsageError."""
    from newscrawl.store.read.reader import open_reader

    return open_reader(config.load().database_url)


def find(reader: Reader, reference: str) -> int:
    """The id of the article with this number or with this address in any form. Raises NotFound."""
    from newscrawl import urls

    return reader.find(urls.article_reference(reference))
