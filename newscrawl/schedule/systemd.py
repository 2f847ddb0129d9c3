"""The systemd units of a plan: a template of the crawl service and of its timer, and a pair for each task beside the crawls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from newscrawl.schedule.durations import short
from newscrawl.schedule.maintenance import Task
from newscrawl.schedule.plan import Plan

# A crawl needs only the network and its archive, so everything else is closed to it.
_HARDENED = (
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "UMask=0027",
)


def files(plan: Plan) -> dict[str, list[str]]:
    """The lines of each unit, by file name."""
    crawl = (*plan.here.program, "crawl", "%i", "--max-time", short(plan.max_time))
    return {
        "newscrawl@.service": [
            *_head("newscrawl: crawl %i", network=True),
            *_service(plan, crawl, plan.kill_after),
            "# Another run of the source that is still going on is no failure.",
            "SuccessExitStatus=5",
            *_HARDENED,
        ],
        "newscrawl@.timer": [
            *_head(f"newscrawl: crawl %i every {short(plan.every)}"),
            "[Timer]",
            f"OnCalendar={calendar(plan.every)}",
            "# Each source at a time of its own within that, always the same one.",
            f"RandomizedDelaySec={int(plan.every.total_seconds())}",
            "FixedRandomDelay=true",
            "Persistent=true",
            *_INSTALL,
        ],
        **{
            name: lines
            for task in plan.maintenance.tasks()
            for name, lines in (
                (f"newscrawl-{task.name}.service", _task(plan, task)),
                (f"newscrawl-{task.name}.timer", _timer(task)),
            )
        },
    }


def _task(plan: Plan, task: Task) -> list[str]:
    command = (*plan.here.program, *task.words)
    fine = [f"SuccessExitStatus={' '.join(map(str, task.fine))}"] if task.fine else []
    return [
        *_head(f"newscrawl: {task.purpose}", network=task.name == "notify"),
        *_service(plan, command, task.longest, task.writes),
        *fine,
        *_HARDENED,
    ]


def _timer(task: Task) -> list[str]:
    return [
        *_head(f"newscrawl: {task.purpose}"),
        "[Timer]",
        f"OnCalendar={task.calendar}",
        "RandomizedDelaySec=1h",
        "FixedRandomDelay=true",
        "Persistent=true",
        *_INSTALL,
    ]


_INSTALL = ("", "[Install]", "WantedBy=timers.target")


def listed(units: Mapping[str, Sequence[str]], plan: Plan) -> Iterator[str]:
    """All units one after the other, with instructions for installing them."""
    yield "# Save each part under its name in /etc/systemd/system; `--unit NAME` prints one alone. Then:"
    yield "#   systemctl daemon-reload"
    tasks = [name for name in units if name.endswith(".timer") and "@" not in name]
    timers = [*tasks, *(f"newscrawl@{source}.timer" for source in plan.sources)]
    yield f"#   systemctl enable --now {' '.join(timers)}"
    for line in plan.maintenance.missing():
        yield f"# {line}"
    for name, lines in units.items():
        yield ""
        yield f"# --- {name}"
        yield from lines


def calendar(every: timedelta) -> str:
    """An interval that divides an hour or a day, in the syntax of OnCalendar."""
    minutes = every // timedelta(minutes=1)
    if minutes < 60:
        return f"*:0/{minutes}"
    return "hourly" if minutes == 60 else "daily" if minutes == 1440 else f"0/{minutes // 60}:00"


def _head(description: str, *, network: bool = False) -> list[str]:
    wants = ["Wants=network-online.target", "After=network-online.target"] if network else []
    return ["[Unit]", f"Description={description}", *wants, ""]


def _service(
    plan: Plan, command: Sequence[str], kill_after: timedelta, more: Sequence[Path] = ()
) -> list[str]:
    return [
        "[Service]",
        "Type=oneshot",
        f"User={plan.here.user}",
        f"WorkingDirectory={_plain(str(plan.here.folder))}",
        *(line for name, value in plan.here.variables.items() for line in _variable(name, value)),
        f"ExecStart={' '.join(map(_word, command))}",
        "# A run that hangs is asked to end, and then ended.",
        f"TimeoutStartSec={int(kill_after.total_seconds())}",
        "TimeoutStopSec=120",
        "Nice=10",
        "# These folders must be there: mkdir -p, and owned by the user.",
        f"ReadWritePaths={' '.join(_word(str(folder)) for folder in (*plan.here.writable, *more))}",
    ]


def _variable(name: str, value: str) -> Iterator[str]:
    if "***" in value:
        yield "# Units may be read by everybody: put the address with its password into newscrawl.toml instead"
        yield "# (database_url = …, chmod 600), and take this line out."
    yield f"Environment={_quoted(f'{name}={value}')}"


def _word(text: str) -> str:
    """A word of a command, with the characters that systemd would replace doubled, except in `%i`, the instance name."""
    if text == "%i":
        return text
    text = text.replace("$", "$$")
    return _plain(text) if re.fullmatch(r"[\w@%+=:,./$-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_plain(escaped)}"'


def _plain(text: str) -> str:
    return text.replace("%", "%%")
