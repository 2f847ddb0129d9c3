"""The folder and the server of a demo, as `newscrawl demo` and `newscrawl demo --serve` need them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newscrawl import config, marker
from newscrawl.cli.output.tables import safe
from newscrawl.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.demo import Clock, Outlet, OutletServer

PORT = 8400  # of the first edition; the others have the next ones


def make_fresh(home: Path) -> None:
    """An empty, marked folder, made or emptied of what a demo wrote. Raises UsageError, with nothing deleted, for any other."""
    try:
        if home.exists():
            marker.clear(home)
        home.mkdir(parents=True, exist_ok=True)
        marker.mark(home)
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", subject=str(home), hint="Name another folder with --home"
        ) from error


def open_server(outlet: Outlet, clock: Clock, port: int | None) -> OutletServer:
    """The outlet's server at the port asked for, by default PORT or, if that is taken, any. Raises UsageError."""
    from newscrawl.demo import OutletServer

    try:
        return OutletServer(outlet, clock, port=port or PORT)
    except OSError as error:
        if port is None:
            return OutletServer(outlet, clock)
        raise UsageError(
            f"cannot be listened at ({error.strerror})",
            subject=f"127.0.0.1:{port} to {port + len(outlet.editions) - 1}",
            hint="Name another --port",
        ) from error


def furnish(home: Path, server: OutletServer) -> None:
    """Writes the source file and the configuration, with the outlet's present time."""
    from newscrawl.demo import folder

    sources = home / "spiders"
    sources.mkdir(exist_ok=True)
    (sources / f"{marker.SOURCE}.py").write_text(folder.source_file(server.outlet, server.urls), "utf-8")
    set_time(home, server.clock.now())


def set_time(home: Path, now: datetime) -> None:
    """Writes the time of the outlet into the configuration of the folder, at once as a whole."""
    from newscrawl.demo import folder

    part = home / f"{config.FILE}.part"
    part.write_text(folder.configuration(now), "utf-8")
    part.replace(home / config.FILE)


def local(instant: datetime, zone: str) -> str:
    """An instant in the outlet's zone, as text."""
    return safe(f"{instant.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}")
