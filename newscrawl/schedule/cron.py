"""The crontab of a plan: one line per source, each at its own minutes, and one for each task beside the crawls."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from collections.abc import Iterator
from datetime import timedelta

from newscrawl.schedule.durations import short
from newscrawl.schedule.plan import Plan

_MINUTE = timedelta(minutes=1)


def lines(plan: Plan) -> Iterator[str]:
    """The crontab, line by line."""
    number = len(plan.sources)
    sources = "1 source" if number == 1 else f"{number} sources"
    yield f"# newscrawl: {sources}, every {short(plan.every)}. Install with: crontab -e"
    yield "# cron mails what a command prints, which is nothing while all is well. To whom:"
    yield "#MAILTO=desk@example.org"
    yield "SHELL=/bin/sh"
    yield "PATH=/usr/local/bin:/usr/bin:/bin"
    for name, value in plan.here.variables.items():
        if "***" in value:
            yield "# Put the password in place of the stars."
        yield f'{name}="{value}"' if value != value.strip() or not value else f"{name}={value}"
    timeout = shutil.which("timeout")
    limit = (timeout, "-k", "120", str(int(plan.kill_after.total_seconds()))) if timeout else ()
    for source in plan.sources:
        words = (*limit, *plan.here.program, "crawl", source, "--max-time", short(plan.max_time))
        yield f"{times(source, plan.every)} * * * {_command(plan, words)}"
    for task in plan.maintenance.tasks():
        minute = spread(task.name, timedelta(hours=1))
        command = _command(plan, (*plan.here.program, *task.words), report=task.report)
        yield f"# {task.purpose}"
        yield f"{minute} {task.hour} {task.day} {command}"
    for line in plan.maintenance.missing():
        yield f"# {line}"


def spread(name: str, every: timedelta) -> int:
    """The minute within `every` at which this name runs: derived from the name, so that it never changes."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % (every // _MINUTE)


def times(name: str, every: timedelta) -> str:
    """The minutes and hours of a crontab line."""
    step, first = every // _MINUTE, spread(name, every)
    if step <= 60:
        return f"{','.join(str(minute) for minute in range(first, 60, step))} *"
    hours = range(first // 60, 24, step // 60)
    return f"{first % 60} {','.join(map(str, hours))}"


def _command(plan: Plan, words: tuple[str, ...], *, report: bool = False) -> str:
    """A line for the shell. What a `report` prints is printed only if it ends badly: cron mails whatever is printed."""
    command = shlex.join(words)
    if report:
        command = f'{{ said=$({command} 2>&1) || echo "$said"; }}'
    text = f"cd {shlex.quote(str(plan.here.folder))} && {command}"
    return text.replace("%", r"\%")  # cron ends the command at an unescaped %
