"""What an archive needs beside crawls: the report of its health, the check that it is whole, backup, pruning, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """One command that is run regularly. `hour` and `day` as in a crontab, `calendar` for systemd.

    `report`: its output is shown only where it fails. `fine` are exit codes that are no failure.
    `writes` are folders beside the archive that it writes to.
    """

    name: str
    words: tuple[str, ...]
    hour: str
    day: str
    calendar: str
    purpose: str
    report: bool = False
    fine: tuple[int, ...] = ()
    writes: tuple[Path, ...] = ()
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Which tasks are configured: a folder for backups, receivers of alerts, a policy of pruning, an authority, logs of others."""

    backup: Path | None = None
    notify: bool = False
    prune: bool = False
    timestamp: bool = False
    witness: bool = False

    def tasks(self) -> Iterator[Task]:
        """The tasks to plan: health and verify always, the others where they are configured."""
        if self.notify:
            yield Task(
                "notify", ("notify",), "*", "* * *", "hourly", "tell people what was removed, edited or is wrong",
                fine=(5,), longest=timedelta(hours=1),
            )  # fmt: skip
        yield Task(
            "health", ("health",), "7", "* * *", "*-*-* 07:00", "is each source all right, every day",
            report=True, longest=timedelta(hours=1),
        )  # fmt: skip
        if self.backup is not None:
            yield Task(
                "backup", ("backup", str(self.backup)), "2", "* * *", "*-*-* 02:00",
                "copy the archive to another disk, every night", writes=(self.backup,),
            )  # fmt: skip
        if self.prune:
            yield Task(
                "prune", ("prune", "--apply"), "4", "1 * *", "*-*-01 04:00",
                "delete raw responses by the policy, every month", report=True, fine=(5,),
            )  # fmt: skip
        if self.timestamp:
            yield Task(
                "timestamp", ("proof", "timestamp", "--daily"), "0,6,12,18", "* * *", "*-*-* 00,06,12,18:00",
                "let the authority stamp the log once a day, later where it is away", report=True,
                longest=timedelta(hours=1),
            )  # fmt: skip
        if self.witness:
            yield Task(
                "witness", ("witness",), "5", "* * *", "*-*-* 05:00", "watch the logs of other archives, every day",
                report=True, longest=timedelta(hours=1),
            )  # fmt: skip
        yield Task(
            "verify", ("verify",), "3", "* * 0", "Sun 03:00", "check that the archive is whole, every week",
            report=True,
        )  # fmt: skip

    def missing(self) -> Iterator[str]:
        """What is not planned, and what to do so that it is."""
        if self.backup is None:
            yield "No backup is planned. To plan one: newscrawl schedule … --backup DIR, on another disk."
        if not self.notify:
            yield "No alerts are planned: newscrawl.toml names no receiver ([[notify]], see newscrawl notify --help)."
        if not self.prune:
            yield "Nothing is pruned: newscrawl.toml has no policy (see newscrawl prune --help); everything is kept."
