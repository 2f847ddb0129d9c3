"""`newscrawl demo --serve`: the made-up outlet alone, on loopback, with a clock that moves on, for crawls by hand."""

from __future__ import annotations

import select
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config, marker
from newscrawl.cli.crawling.demo_folder import furnish, local, make_fresh, open_server, set_time
from newscrawl.errors import NewscrawlError

if TYPE_CHECKING:
    from newscrawl.demo import Outlet


def serve(home: Path, seed: int, port: int, every: timedelta) -> None:
    """Serves until Ctrl-C, and moves on every `every`, or at once when a line is typed. Raises UsageError.

    In a folder that a demo made, its seed is taken and it goes on at the moment at which that folder stands.
    """
    from newscrawl.demo import Clock, Outlet

    facts = marker.read(home) if marker.is_marked(home) else None
    outlet = Outlet(seed=int(facts.get("seed", seed)) if facts else seed)
    at = _moment(home, outlet) if facts else 0
    with open_server(outlet, Clock(outlet.moments[at]), port) as server:
        if facts is None:
            make_fresh(home)
        furnish(home, server)
        if facts is None:
            marker.mark(home, seed=outlet.seed)
        for edition, address in server.urls.items():
            click.echo(f"{outlet.name} {edition}: {address}")
        click.echo(f"\nIn another terminal:\n\n  cd {home}\n  newscrawl crawl {marker.SOURCE}\n")
        click.echo("After each moment crawl again. Enter moves on, Ctrl-C ends.\n")
        while True:
            click.echo(
                f"moment {at + 1} of {len(outlet.moments)}: {local(outlet.moments[at], outlet.zone)} at the outlet"
            )
            if at + 1 == len(outlet.moments):
                click.echo("That was the week. The outlet stays as it is.")
            try:
                while not _waited(every.total_seconds()) or at + 1 == len(outlet.moments):
                    pass
            except KeyboardInterrupt:  # the way to end it
                return
            at += 1
            server.clock.set(outlet.moments[at])
            set_time(home, outlet.moments[at])


def _moment(home: Path, outlet: Outlet) -> int:
    """The number of the moment that the folder's configuration names."""
    try:
        now = config.load({}, home).clock()
    except NewscrawlError:
        return 0
    passed = [number for number, moment in enumerate(outlet.moments) if moment <= now]
    return max(passed, default=0)


def _waited(seconds: float) -> bool:
    """Waits for so long, or until a line comes from a terminal."""
    import time

    if not sys.stdin.isatty():
        time.sleep(seconds)
        return True
    if select.select([sys.stdin], [], [], seconds)[0]:
        sys.stdin.readline()
    return True
