"""`newscrawl backup` and `newscrawl restore`: options in, one line or one object out. The work is upkeep's."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from newscrawl import __version__, config
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.cli.reading.options import options
from newscrawl.errors import Exit, UsageError
from newscrawl.wording import bytes_

_SHOWN = 20  # problems in words; the rest is counted


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
    help="Snapshots kept, the newest.",
)
@click.option("--check", is_flag=True, help="Make none: look whether what DIR holds is all there.")
@click.option("--verify", is_flag=True, help="Read every byte in DIR at the end, not sizes alone.")
@options("json")
@click.pass_context
def backup(ctx: click.Context, *, folder: Path, keep: int, check: bool, verify: bool, as_json: bool) -> None:
    """Copy the archive to DIR while it is in use: a snapshot of the database, and the raw responses it refers to.

    Finished WARC files are copied once; what DIR has is never changed. Says nothing under cron if all is
    right. Exit codes: 5 another backup, restore or prune is at work; 7 something could not be read or
    written, or is not as it was: earlier snapshots are kept then.
    """
    from newscrawl.maintenance import backup as work

    settings = config.load()
    with _Bytes() as watch:
        if check:
            report = work.check(folder, thorough=verify, told=watch.more)
        else:
            place = work.Place(settings.database_url, settings.home, f"newscrawl {__version__}")
            report = work.back_up(
                place, folder, now=settings.clock(), keep=keep, thorough=verify, told=watch.more
            )
    said = f"snapshot {report.snapshot}: {report.articles:,} articles, {report.files:,} files, {bytes_(report.bytes)}"
    if not check:
        said += f"; {bytes_(report.bytes_copied)} copied"
    if report.removed:
        said += f"; removed {', '.join(report.removed)}"
    _end(ctx, asdict(report), report.problems, said, as_json=as_json)


@click.command(
    "restore",
    epilog=tables.examples(
        "newscrawl restore /mnt/backup/press",
        "NEWSCRAWL_HOME=/data/press newscrawl restore /mnt/backup/press --at 20261122",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--at", metavar="SNAPSHOT", help="Which snapshot, or how its name begins; else the newest.")
@click.option("--replace", is_flag=True, help="Rename the archive that is there; nothing of it is deleted.")
@options("json")
@click.pass_context
def restore(ctx: click.Context, *, folder: Path, at: str | None, replace: bool, as_json: bool) -> None:
    """Put the archive back from DIR into an empty home, check every byte, and look whether all agrees.

    Switch off cron first. Interrupted, it goes on when it is started again. Exit codes: 2 there is an archive already;
    5 another backup, restore or prune is at work; 7 something could not be put back.
    """
    from newscrawl.cli.operating.verify import verify
    from newscrawl.maintenance import restore as work
    from newscrawl.maintenance.backup import Place

    if not folder.is_dir():
        raise UsageError("is no folder", subject=str(folder))
    settings = config.load()
    place = Place(settings.database_url, settings.home, f"newscrawl {__version__}")
    with _Bytes() as watch:
        report = work.restore(place, folder, at=at, replace=replace, told=watch.more)
    for name in report.aside:
        tables.note(f"newscrawl: what was there is now {name}")
    said = f"restored {report.snapshot} to {settings.home}: {report.files:,} files, {bytes_(report.bytes_copied)} copied"
    if not as_json:
        click.echo(tables.safe(said))
    if not report.problems:
        ctx.invoke(verify, source=None, quick=True, workers=None, as_json=as_json)
    _end(ctx, asdict(report), report.problems, said, as_json=as_json, quiet=True)


def _end(
    ctx: click.Context,
    values: dict[str, Any],
    problems: Iterable[str],
    said: str,
    *,
    as_json: bool,
    quiet: bool = False,
) -> None:
    """One object, or one line where somebody reads it; problems to standard error, and exit code 7 for them."""
    wrong = list(problems)
    if as_json:
        tables.write_json([values])
    elif not quiet and (wrong or sys.stdout.isatty()):
        click.echo(tables.safe(said))
    for problem in wrong[:_SHOWN]:
        tables.note(f"newscrawl: {problem}")
    if len(wrong) > _SHOWN:
        tables.note(f"newscrawl: and {len(wrong) - _SHOWN:,} more")
    if wrong:
        ctx.exit(Exit.ARCHIVE_UNUSABLE)


class _Bytes(Progress):
    """Progress by what was copied and read."""

    def __init__(self) -> None:
        super().__init__("MB copied and checked")
        self._bytes = 0

    def more(self, size: int) -> None:
        """So many bytes more."""
        self._bytes += size
        self.at(self._bytes // 1_000_000)
