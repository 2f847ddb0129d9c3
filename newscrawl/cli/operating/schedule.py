"""`newscrawl schedule`: the lines of a crontab, or the units of systemd, that crawl the sources at hand. Prints them; installs nothing."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.output import tables
from newscrawl.cli.output.durations import Duration, short
from newscrawl.errors import UnknownSource, UsageError
from newscrawl.schedule import cron, systemd

if TYPE_CHECKING:
    from collections.abc import Sequence

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# How long a run may take beyond its own limit until it is taken for stuck and ended from outside.
_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run, how often, and in which surroundings. Paths are absolute; `program` are the first words of each command."""

    program: tuple[str, ...]
    folder: Path
    variables: dict[str, str]
    writable: tuple[Path, ...]
    user: str
    sources: tuple[str, ...]
    every: timedelta
    max_time: timedelta
    last: timedelta  # after this a run is ended from outside


@click.command(
    "schedule",
    epilog=tables.examples(
        "newscrawl schedule --print cron",
        "newscrawl schedule --print cron orda vlast --every 15m",
        "newscrawl schedule --print systemd --every 1h",
        "newscrawl schedule --print systemd --unit newscrawl@.service",
    ),
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--print", "form", type=click.Choice(["cron", "systemd"]), required=True, help="What to print.")
@click.option("--every", type=Duration(), default="30m", metavar="TIME", show_default=True, help="How often.")
@click.option(
    "--max-time", type=Duration(), metavar="TIME", help="End a run after this time (default: 5/6 of --every)."
)
@click.option("--unit", metavar="NAME", help="Print only this one of systemd's units.")
def schedule(
    sources: tuple[str, ...], form: str, every: timedelta, max_time: timedelta | None, unit: str | None
) -> None:
    """Print what runs newscrawl by itself: each source every half hour, spread over it, and a check of the archive once a week.

    Without names all sources. Nothing is installed: read it, then put it where it belongs. The
    time of a source stays the same, whatever sources come and go.
    """
    plan = _plan(_chosen(sources), _possible(every), max_time)
    if form == "cron":
        if unit is not None:
            raise UsageError("--unit goes with --print systemd")
        tables.print_lines(cron.lines(plan))
        return
    files = systemd.files(plan)
    if unit is None:
        tables.print_lines(systemd.listed(files, plan))
    elif unit in files:
        tables.print_lines(files[unit])
    else:
        raise UsageError("no such unit", subject=unit, hint=f"There are {', '.join(files)}")


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    from newscrawl.cli.crawling.sources import spiders

    known = [spider.name for spider in spiders()]
    for name in names:
        if name not in known:
            raise UnknownSource("no such source", subject=name, hint=f"Known are {', '.join(known)}")
    return tuple(dict.fromkeys(names)) or tuple(known)


def _possible(every: timedelta) -> timedelta:
    """Only what divides an hour or a day comes round evenly. Raises UsageError."""
    minutes = every // _MINUTE
    whole = every % _MINUTE == timedelta(0) and minutes >= 5
    if not whole or (60 % minutes if minutes < 60 else minutes % 60 or 1440 % minutes):
        raise UsageError(
            f"cannot be every {short(every)}",
            subject="--every",
            hint="5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h and 24h come round evenly",
        )
    return every


def _plan(sources: tuple[str, ...], every: timedelta, max_time: timedelta | None) -> Plan:
    settings = config.load()
    variables = {**config.given(), "NEWSCRAWL_HOME": str(settings.home)}
    variables.pop("NEWSCRAWL_NOW", None)  # the time of a replay
    limit = max_time or every * 5 / 6
    plan = Plan(
        program=_program(),
        folder=Path.cwd(),
        variables={name: _without_password(value) for name, value in sorted(variables.items())},
        writable=_written(settings),
        user=_user(),
        sources=sources,
        every=every,
        max_time=limit - limit % timedelta(seconds=1),
        last=limit + _PATIENCE,
    )
    for text in (*plan.program, str(plan.folder), *plan.variables.values(), *plan.sources):
        if any(ord(c) < 32 for c in text):
            raise UsageError(f"cannot stand in a crontab or a unit: {text!a}")
    return plan


def _program() -> tuple[str, ...]:
    """The command as it was called now, by its absolute path: cron knows no PATH of a virtual environment."""
    called = Path(sys.argv[0])
    if called.name == "newscrawl" and (found := shutil.which(str(called))):
        return (str(Path(found).absolute()),)
    return (sys.executable, "-m", "newscrawl")


def _written(settings: config.Config) -> tuple[Path, ...]:
    from newscrawl.store.engine import sqlite_path

    database = sqlite_path(settings.database_url)
    folders = [settings.home, *([database.absolute().parent] if database is not None else [])]
    return tuple(dict.fromkeys(folders))


def _without_password(value: str) -> str:
    from newscrawl.store.errors import masked

    shown = masked(value) if "://" in value else value
    return shown if "***" in shown else value


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container's user without a name
        return str(os.geteuid())
