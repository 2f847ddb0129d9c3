"""Broken replacements for name resolution and the network, to be named in `ProcessPool.start(replace=…)`, and patience."""

from __future__ import annotations

import socket
import time
from typing import Any, NoReturn

_resolve = socket.getaddrinfo

# A page that comes at once on an idle machine may need seconds on a busy one: only what hangs by intent times out soon.
MINUTES = 180.0
HANGS = "hangs-on"
TIME_OUTS = {
    "scrapy.downloadermiddlewares.downloadtimeout:DownloadTimeoutMiddleware.process_request": "tests.support.hanging:time_out_where_it_hangs"
}


def time_out_where_it_hangs(middleware: Any, request: Any) -> None:
    """In the place of Scrapy's own: DOWNLOAD_TIMEOUT is for addresses with HANGS in them, three minutes for all others."""
    request.meta.setdefault("download_timeout", middleware._timeout if HANGS in request.url else MINUTES)


def no_such_host(host: Any, *more: Any, **named: Any) -> Any:
    """A resolver that knows addresses, and no names."""
    if str(host).replace(".", "").isdigit():
        return _resolve(host, *more, **named)
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def no_answer(host: Any, *more: Any, **named: Any) -> Any:
    """A resolver that answers after seconds, and then that it has none: libc gives up after some."""
    if str(host).replace(".", "").isdigit():
        return _resolve(host, *more, **named)
    time.sleep(4)
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def unreachable(*_: Any, **__: Any) -> NoReturn:
    """A machine whose network is down."""
    raise OSError(101, "Network is unreachable")
