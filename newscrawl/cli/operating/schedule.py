"""`newscrawl schedule`: prints a crontab or systemd units that crawl the sources (newscrawl/schedule)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.options import Choice, Duration
from newscrawl.cli.output import tables
from newscrawl.errors import UnknownSource, UsageError, did_you_mean
from newscrawl.schedule import cron, systemd
from newscrawl.schedule.maintenance import Maintenance
from newscrawl.schedule.plan import Surroundings, plan, program_called, user_name

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(
    "schedule",
    epilog=tables.examples(
        "newscrawl schedule --print cron",
        "newscrawl schedule --print cron orda vlast --every 15m",
        "newscrawl schedule --print cron --backup /mnt/backup/press",
        "newscrawl schedule --print systemd --every 1h",
        "newscrawl schedule --print systemd --unit newscrawl@.service",
    ),
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--print", "form", type=Choice(["cron", "systemd"]), required=True, help="What to print.")
@click.option("--every", type=Duration(), default="30m", metavar="TIME", show_default=True, help="How often.")
@click.option(
    "--max-time",
    type=Duration(),
    metavar="TIME",
    help="Stop a run after this long (default: 5/6 of --every).",
)
@click.option(
    "--backup",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Plan a backup to this folder every night.",
)
@click.option("--unit", metavar="NAME", help="Print only this systemd unit.")
def schedule(
    sources: tuple[str, ...],
    form: str,
    every: timedelta,
    max_time: timedelta | None,
    backup: Path | None,
    unit: str | None,
) -> None:
    """Print a crontab or systemd units: each source every half hour, at minutes of its own, and what an archive needs beside crawls.

    That is the report of its health every day and the check that it is whole every week; with --backup a
    backup every night; alerts every hour, pruning every month and a time stamp every day where newscrawl.toml configures
    them; a look at each log that is watched (newscrawl witness) every day.

    Without names, all sources. Nothing is installed: read the output, then install it. The minutes of a
    source stay the same when other sources are added or removed.
    """
    settings = config.load()
    from newscrawl import __version__
    from newscrawl.proof.log import Place
    from newscrawl.proof.outside.witnessing import watched

    maintenance = Maintenance(
        backup.absolute() if backup else None,
        bool(settings.notify),
        bool(settings.prune),
        settings.timestamp_authority is not None,
        bool(watched(Place.of(settings.home, f"newscrawl/{__version__}"))),
    )
    planned = plan(_chosen(sources), every, max_time, _surroundings(settings), maintenance)
    if form == "cron":
        if unit is not None:
            raise UsageError("--unit goes with --print systemd")
        tables.print_lines(cron.lines(planned))
        return
    files = systemd.files(planned)
    if unit is None:
        tables.print_lines(systemd.listed(files, planned))
    elif unit in files:
        tables.print_lines(files[unit])
    else:
        raise UsageError("no such unit", subject=unit, hint=f"There are {', '.join(files)}")


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    from newscrawl.cli.crawling.sources import spiders

    known = [spider.name for spider in spiders()]
    for name in names:
        if name not in known:
            raise UnknownSource("no such source", subject=name, hint=did_you_mean(name, known))
    return tuple(dict.fromkeys(names)) or tuple(known)


def _surroundings(settings: config.Config) -> Surroundings:
    variables = {**config.given(), "NEWSCRAWL_HOME": str(settings.home)}
    variables.pop("NEWSCRAWL_NOW", None)  # set for replays only
    return Surroundings(
        program=program_called(),
        folder=Path.cwd(),
        variables={name: _without_password(value) for name, value in sorted(variables.items())},
        writable=_written(settings),
        user=user_name(),
    )


def _written(settings: config.Config) -> tuple[Path, ...]:
    from newscrawl.store.engine import sqlite_path

    database = sqlite_path(settings.database_url)
    folders = [settings.home, *([database.absolute().parent] if database is not None else [])]
    if settings.log_file is not None:
        folders.append(settings.log_file.parent)
    return tuple(dict.fromkeys(folders))


def _without_password(value: str) -> str:
    from newscrawl.store.errors import masked

    shown = masked(value) if "://" in value else value
    return shown if "***" in shown else value
