"""The plan of a schedule: the sources, the interval and limits, and where and as whom the commands run."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from newscrawl.errors import UsageError
from newscrawl.schedule.durations import short
from newscrawl.schedule.maintenance import Maintenance

_MINUTE = timedelta(minutes=1)
# A run that takes this much longer than its own limit is stuck and gets killed.
_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where and as whom the commands run. Paths are absolute; `program` holds the first words of each command.

    `variables` are set for each command; `writable` are the folders that the commands write to.
    """

    program: tuple[str, ...]
    folder: Path
    variables: dict[str, str]
    writable: tuple[Path, ...]
    user: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The sources to crawl, how often, how long one run may take, and where the commands run."""

    sources: tuple[str, ...]
    every: timedelta
    max_time: timedelta  # after this a run sends no more requests
    kill_after: timedelta  # after this a run is killed
    here: Surroundings
    maintenance: Maintenance = field(default_factory=Maintenance)


def plan(
    sources: tuple[str, ...],
    every: timedelta,
    max_time: timedelta | None,
    surroundings: Surroundings,
    maintenance: Maintenance | None = None,
) -> Plan:
    """The plan for some sources; without `max_time` a run may take 5/6 of `every`.

    Raises UsageError for an interval that does not divide an hour or a day, and for text that a crontab or a unit
    cannot contain.
    """
    minutes = every // _MINUTE
    whole = every % _MINUTE == timedelta(0) and minutes >= 5
    # The interval must divide an hour or a day, as crontabs cannot express others.
    if not whole or (60 % minutes if minutes < 60 else minutes % 60 or 1440 % minutes):
        raise UsageError(
            f"cannot be every {short(every)}",
            subject="--every",
            hint="5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h and 24h come round evenly",
        )
    here = surroundings
    maintenance = maintenance or Maintenance()
    backup = (str(maintenance.backup),) if maintenance.backup else ()
    for text in (*here.program, str(here.folder), *here.variables.values(), *sources, *backup):
        if any(ord(c) < 32 for c in text):
            raise UsageError(f"cannot stand in a crontab or a unit: {text!a}")
    limit = max_time or every * 5 / 6
    return Plan(sources, every, limit - limit % timedelta(seconds=1), limit + _GRACE, here, maintenance)


def program_called() -> tuple[str, ...]:
    """The words that call this program, with an absolute path: cron does not know the PATH of a virtual environment."""
    called = Path(sys.argv[0])
    if called.name == "newscrawl" and (found := shutil.which(str(called))):
        return (str(Path(found).absolute()),)
    return (sys.executable, "-m", "newscrawl")


def user_name() -> str:
    """The name of the user that runs this program, or the number if there is no name, as in some containers."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
