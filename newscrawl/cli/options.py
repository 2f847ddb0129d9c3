"""Options and steps that commands share: types of options, options that select, opening the archive, finding an article."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from newscrawl import config
from newscrawl.errors import UsageError, did_you_mean
from newscrawl.model import State
from newscrawl.schedule.durations import parse

if TYPE_CHECKING:
    from newscrawl.store.read.reader import Reader

_F = TypeVar("_F", bound=Callable[..., Any])
_ZONE = "newscrawl.zone"  # in the meta of click's context


class Moment(click.ParamType[datetime]):
    """A date as people type it (dating/typed.py), as an aware datetime in UTC: its beginning, with `end` its end.

    Its days are those of `--zone`, where the command has it, else of UTC.
    """

    name = "date"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        from newscrawl.dating.typed import FORMS, read_typed

        text = str(value).strip()
        zone = ctx.meta.get(_ZONE, UTC) if ctx is not None else UTC
        now = config.load().clock()
        try:
            span = read_typed(text, now, zone)
            return (span.end if self._end else span.start).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{text[:40]!r} is no date. Write {FORMS}", param, ctx)


def _zone(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Keeps the zone for the dates beside it, which are read later because this option is eager."""
    if value is None:
        return
    try:
        ctx.meta[_ZONE] = ZoneInfo(value)
    except (OSError, ValueError, LookupError):
        raise click.BadParameter(
            f"there is no zone {value[:40]!r}. Write one such as Asia/Almaty", ctx, param
        ) from None


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


class Choice(click.Choice[str]):
    """One of some words. Of a wrong one the message names the word that may have been meant, else all."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ARG002
        return f"there is no {str(value)[:40]!r}. {did_you_mean(str(value), self.choices)}"


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "source": click.option("--source", metavar="NAME", help="Only this source, such as orda."),
    "edition": click.option("--edition", metavar="NAME", help="Only this edition, such as en."),
    "state": click.option(
        "--state", type=Choice([s.value for s in State]), help="Only articles in this state."
    ),
    "since": click.option(
        "--since", type=Moment(), metavar="DATE", help="From this day, month or instant on, or the last 7d."
    ),
    "until": click.option(
        "--until",
        type=Moment(end=True),
        metavar="DATE",
        help="Until this day or month (included), or before this instant.",
    ),
    "zone": click.option(
        "--zone",
        metavar="ZONE",
        is_eager=True,
        expose_value=False,
        callback=_zone,
        help="Whose days the dates are, such as Asia/Almaty. Default: UTC.",
    ),
    "limit": click.option(
        "--limit", type=click.IntRange(0, 10**12), metavar="N", help="At most this many; 0: all."
    ),
    "json": click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line."),
}


def options(*names: str) -> Callable[[_F], _F]:
    """Adds the named options in this order, so that they are the same in every command; `--zone` beside dates."""
    last = max((names.index(name) for name in ("since", "until") if name in names), default=-1) + 1
    every = (*names[:last], "zone", *names[last:]) if last else names

    def add(command: _F) -> _F:
        for name in reversed(every):
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
