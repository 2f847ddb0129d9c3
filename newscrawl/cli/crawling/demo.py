"""`newscrawl demo`: a week of a made-up outlet, served on loopback and crawled for real at several moments of its history."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.crawling.demo_stories import local, stories
from newscrawl.cli.output.tables import examples, print_lines, table, terminal_width
from newscrawl.errors import Exit, NewscrawlError, UsageError

if TYPE_CHECKING:
    from newscrawl.demo import Outlet, OutletServer

# Only a folder that a demo made is ever emptied.
_MARK = ".newscrawl-demo"
_CRAWL_SECONDS = 120  # one crawl takes about two; a hanging one must not hang the demo


@click.command(
    epilog=examples("newscrawl demo", "newscrawl demo --home /tmp/demo", "newscrawl demo --seed 7")
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-archive"),
    show_default=True,
    help="Where the demo's archive goes.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another number: another outlet, other news."
)
def demo(home: Path, seed: int) -> None:
    """Crawl a made-up outlet through a week of its life, offline, and show what the archive knows.

    The outlet publishes in English, Russian and Kazakh on this machine, edits and removes articles, goes down
    for some hours and publishes more at once than its front page shows. Takes under a minute.
    """
    from newscrawl.demo import Clock, Outlet, OutletServer
    from newscrawl.store.read.queries import open_reader

    home = _fresh(home)
    outlet = Outlet(seed=seed)
    clock = Clock(outlet.moments[0])
    click.echo(
        f"{outlet.name} is a made-up outlet. It now publishes on this machine, in {len(outlet.editions)} editions;"
    )
    click.echo(
        f"its week is crawled at {len(outlet.moments)} moments, each by the command `newscrawl crawl orda`.\n"
    )
    with OutletServer(outlet, clock) as server:
        print_lines(_week(outlet, server, clock, home))
    with open_reader(_database(home)) as reader:
        print_lines(stories(reader, outlet.zone))
    click.echo(f"\nThe archive stays in {home}. Look around:\n")
    for command in (
        "changes",
        "removed",
        "coverage --all",
        "history 1",
        "list --limit 5",
        "export versions --format csv",
    ):
        click.echo(f"  NEWSCRAWL_HOME={home} newscrawl {command}")


def _fresh(home: Path) -> Path:
    try:
        if home.exists():
            if any(home.iterdir()) and not (home / _MARK).exists():
                raise UsageError(
                    "is in use and was not made by a demo",
                    subject=str(home),
                    hint="Name another folder with --home",
                )
            shutil.rmtree(home)
        home.mkdir(parents=True)
        (home / _MARK).touch()
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", subject=str(home), hint="Name another folder with --home"
        ) from error
    return home


def _database(home: Path) -> str:
    return f"sqlite:///{(home / 'newscrawl.db').absolute()}"


def _week(outlet: Outlet, server: OutletServer, clock: Any, home: Path) -> Iterator[str]:
    rows = []
    for moment in outlet.moments:
        clock.set(moment)
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[Kcrawling {local(moment, outlet.zone)} …", nl=False, err=True)
        summary = _crawl(outlet, server, home, moment)
        counts = summary["counts"]
        known = sum(
            counts.get(kind, 0) for kind in ("unchanged", "not_modified", "changed", "returned", "absent")
        )
        rows.append(
            (
                local(moment, outlet.zone),
                counts.get("new", 0),
                known,
                counts.get("changed", 0),
                counts.get("absent", 0),
                summary["requests"],
                summary["exit_code"],
                summary["reason"],
            )
        )
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    yield from table(
        ("crawled at", "new", "re-checked", "edited", "absent", "requests", "exit", "how it ended"),
        rows,
        width=terminal_width(),
    )


def _crawl(outlet: Outlet, server: OutletServer, home: Path, moment: datetime) -> dict[str, Any]:
    """One real crawl in a process of its own, with the program's clock set to the moment."""
    command = [
        sys.executable, "-m", "newscrawl", "crawl", "orda", "--json",
        "--edition", ",".join(outlet.editions),
        "--site", ",".join(server.url(edition) for edition in outlet.editions),
        "--set", "DOWNLOAD_DELAY=0", "--set", "RECHECK_BUDGET=50",
    ]  # fmt: skip
    # The user's own archive and configuration file stay out of it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    environment |= {"NEWSCRAWL_HOME": str(home.absolute()), "NEWSCRAWL_NOW": moment.isoformat()}
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=_CRAWL_SECONDS,
            check=False,
        )
        summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if summary["exit_code"] in (Exit.UNEXPECTED, Exit.USAGE, Exit.ARCHIVE_UNUSABLE):
            raise NewscrawlError(
                f"a crawl ended with exit code {summary['exit_code']}: {summary['reason']}", subject="demo"
            )
        return {"counts": {}, "requests": 0, **summary}
    except (subprocess.TimeoutExpired, IndexError, json.JSONDecodeError) as error:
        said = (
            done.stderr.strip().splitlines()[-1:]
            if not isinstance(error, subprocess.TimeoutExpired)
            else ["it took too long"]
        )
        raise NewscrawlError(f"the crawl said nothing: {' '.join(said) or error}", subject="demo") from error
