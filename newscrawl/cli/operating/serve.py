"""`newscrawl serve`: serves read-only web pages about the archive (newscrawl/web)."""

from __future__ import annotations

import logging
import signal
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.output import tables
from newscrawl.errors import ArchiveError, UsageError
from newscrawl.urls import host_of

if TYPE_CHECKING:
    from newscrawl.web.archive import WebArchive


@click.command(
    "serve",
    epilog=tables.examples(
        "newscrawl serve",
        "newscrawl serve --port 9000",
        "newscrawl serve --host 0.0.0.0 --name archive.example",
    ),
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free port."
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A host name that requests may carry, such as a proxy's.",
)
def serve(*, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve web pages about the archive until stopped: articles, edits, removals, search, feeds, health, metrics.

    The pages are read-only. This machine needs no password; other machines see them only if --host allows it, and with
    the token of NEWSCRAWL_READER_TOKEN. Where there is no archive yet the pages say so until a crawl has made it. Requests for a host name that is neither localhost nor given by --name are
    refused.
    """
    from newscrawl.cli.operating.health import examine
    from newscrawl.web.application import application
    from newscrawl.web.archive import WebArchive
    from newscrawl.web.guard import is_loopback
    from newscrawl.web.serve import listen, server

    settings = config.load()
    logging.basicConfig(format="newscrawl: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGTERM, _interrupt)
    token = None if is_loopback(host) else settings.reader_token
    if token is None and not is_loopback(host):
        raise UsageError(
            "other machines reach this address, and there is no token",
            subject=host,
            hint="Set NEWSCRAWL_READER_TOKEN, or put a proxy in front of 127.0.0.1",
        )
    archive = WebArchive(settings.database_url, settings.clock, settings.reader_url, settings.warc)
    known = [*names, host, *([host_of(settings.reader_url).split(":")[0]] if settings.reader_url else [])]
    app = application(lambda: examine(settings), archive, known, token)
    try:
        listener = listen(host, port)
    except (OSError, UnicodeError) as error:
        # The system's words alone: asyncio adds a tuple of Python to them.
        reason = (getattr(error, "strerror", None) or str(error)).partition(" (while ")[0]
        raise UsageError(
            f"cannot be listened at ({reason})",
            subject=f"{host}:{port}",
            hint="Choose another --host or --port",
        ) from error
    with listener:
        shown = f"[{host}]" if ":" in host else host
        tables.note(f"Serving http://{shown}:{listener.getsockname()[1]}/ until stopped with Ctrl-C")
        _say_if_unreadable(archive)
        # uvicorn finishes the responses in progress, then raises the signal that stopped it again.
        with suppress(KeyboardInterrupt):
            server(app).run(sockets=[listener])
        tables.note("Stopped.")


def _say_if_unreadable(archive: WebArchive) -> None:
    """Says at once that there is no archive, or one that cannot be read. Pages are served all the same: a crawl may make it."""
    try:
        archive.reader()
    except ArchiveError as error:
        tables.note(f"newscrawl: {error}. Until then the pages say so")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
