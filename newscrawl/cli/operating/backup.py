"""`newscrawl backup` and `newscrawl restore`: run them (newscrawl/maintenance) and report the result."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from newscrawl import __version__, config
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit, UsageError
from newscrawl.wording import bytes_, counted

_SHOWN = 20  # problems printed; the rest is counted


@click.command(
    "backup",
    epilog=tables.examples(
        "newscrawl backup /mnt/backup/press",
        "newscrawl backup /mnt/backup/press --keep 30",
        "newscrawl backup /mnt/backup/press --check --verify",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    metavar="N",
    help="How many snapshots to keep, the newest ones.",
)
@click.option("--check", is_flag=True, help="Make no backup: check that everything DIR should hold is there.")
@click.option("--verify", is_flag=True, help="At the end check every byte in DIR, not only sizes.")
@options("json")
@click.pass_context
def backup(ctx: click.Context, *, folder: Path, keep: int, check: bool, verify: bool, as_json: bool) -> None:
    """Copy the archive to DIR while it is in use: a snapshot of the database, and the raw responses it refers to.

    Closed WARC files are copied once; existing files in DIR are never changed. Silent under cron if all is
    right. Exit codes: 5 another backup, restore or prune is running; 7 something could not be read or
    written, or has changed since it was stored; earlier snapshots are kept in that case.
    """
    from newscrawl.maintenance import backup as work

    settings = config.load()
    with _Bytes() as watch:
        if check:
            report = work.check(folder, thorough=verify, progress=watch.more)
        else:
            archive = work.ArchiveLocation(settings.database_url, settings.home, f"newscrawl {__version__}")
            report = work.back_up(
                archive, folder, now=settings.clock(), keep=keep, thorough=verify, progress=watch.more
            )
    summary = f"snapshot {report.snapshot}: {counted(report.articles, 'article')}, {counted(report.files, 'file')}, {bytes_(report.bytes)}"
    if not check:
        summary += f"; {bytes_(report.bytes_copied)} copied"
    if report.removed:
        summary += f"; removed {', '.join(report.removed)}"
    _end(ctx, asdict(report), report.problems, summary, as_json=as_json)


@click.command(
    "restore",
    epilog=tables.examples(
        "newscrawl restore /mnt/backup/press",
        "NEWSCRAWL_HOME=/data/press newscrawl restore /mnt/backup/press --at 20261122",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--at", metavar="SNAPSHOT", help="The snapshot, or how its name begins; by default the newest.")
@click.option("--replace", is_flag=True, help="Rename the existing archive first; nothing is deleted.")
@options("json")
@click.pass_context
def restore(ctx: click.Context, *, folder: Path, at: str | None, replace: bool, as_json: bool) -> None:
    """Restore the archive from DIR into an empty home, check every byte, then run `newscrawl verify --quick`.

    Switch off cron first. If interrupted, start it again to continue. Exit codes: 2 there is an archive already;
    5 another backup, restore or prune is running; 7 something could not be restored.
    """
    from newscrawl.cli.operating.verify import verify
    from newscrawl.maintenance import restore as work
    from newscrawl.maintenance.backup import ArchiveLocation

    if not folder.is_dir():
        raise UsageError("is no folder", subject=str(folder))
    settings = config.load()
    archive = ArchiveLocation(settings.database_url, settings.home, f"newscrawl {__version__}")
    with _Bytes() as watch:
        report = work.restore(archive, folder, at=at, replace=replace, progress=watch.more)
    for name in report.aside:
        tables.note(f"newscrawl: what was there is now {name}")
    summary = f"restored {report.snapshot} to {settings.home}: {counted(report.files, 'file')}, {bytes_(report.bytes_copied)} copied"
    if not as_json:
        tables.say(summary)
    if not report.problems:
        ctx.invoke(verify, source=None, quick=True, workers=None, as_json=as_json)
    _end(ctx, asdict(report), report.problems, summary, as_json=as_json, quiet=True)


def _end(
    ctx: click.Context,
    values: dict[str, Any],
    problems: Sequence[str],
    summary: str,
    *,
    as_json: bool,
    quiet: bool = False,
) -> None:
    """Prints one JSON object, or one line on a terminal; problems go to standard error and give exit code 7."""
    if as_json:
        tables.write_json([values])
    elif not quiet and (problems or sys.stdout.isatty()):
        tables.say(summary)
    for problem in problems[:_SHOWN]:
        tables.note(f"newscrawl: {problem}")
    if len(problems) > _SHOWN:
        tables.note(f"newscrawl: and {len(problems) - _SHOWN:,} more")
    if problems:
        ctx.exit(Exit.ARCHIVE_UNUSABLE)


class _Bytes(Progress):
    """Shows progress in megabytes copied and read."""

    def __init__(self) -> None:
        super().__init__("MB copied and checked")
        self._bytes = 0

    def more(self, size: int) -> None:
        """Adds `size` bytes."""
        self._bytes += size
        self.at(self._bytes // 1_000_000)
