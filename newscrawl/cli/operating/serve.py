"""`newscrawl serve`: the archive as web pages, read-only. The pages and the server are web's."""

from __future__ import annotations

import logging
import signal
import socket
from types import FrameType

import click

from newscrawl import config
from newscrawl.cli.output import tables
from newscrawl.errors import UsageError


@click.command(
    "serve",
    epilog=tables.examples(
        "newscrawl serve",
        "newscrawl serve --port 9000",
        "newscrawl serve --host 0.0.0.0 --name archive.example",
    ),
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free."
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A host name it may be asked under, such as a proxy's.",
)
def serve(*, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve web pages about the archive until stopped: /health, and /metrics for Prometheus.

    Nothing can be changed there, and there is no password: other machines see it only if --host says so. Requests
    under a host name that is neither localhost nor given by --name are refused.
    """
    from newscrawl.cli.operating.health import examine
    from newscrawl.web.application import application
    from newscrawl.web.server import Server

    settings = config.load()
    logging.basicConfig(format="newscrawl: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGTERM, _stop)
    router = application(lambda: examine(settings), [*names, host])
    try:
        server = Server((host, port), router)
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot be listened at ({said})",
            subject=f"{host}:{port}",
            hint="Choose another --host or --port",
        ) from error
    with server:
        shown = f"[{host}]" if server.address_family == socket.AF_INET6 else host
        tables.note(f"Serving http://{shown}:{server.server_address[1]}/ until stopped with Ctrl-C")
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            tables.note("Stopped.")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
