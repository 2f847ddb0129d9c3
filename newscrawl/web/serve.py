"""Runs the web application with uvicorn: how many connections are held, and how long a client may take."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 24  # held at the same time; more are closed at once
SECONDS = 10  # for the head of a request as a whole, and again for reading its response
LONGEST = 16_384  # bytes of a request's head that may wait for its end
_BACKLOG = 64

# One request a connection: an idle one must not keep another client out.
_HEADERS = [("Server", "newscrawl"), ("Connection", "close")]


class BoundedProtocol(H11Protocol):
    """A connection with time limits, which uvicorn lacks: it would wait for ever for a request or for a slow reader."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Closes the connection where too many are held, else starts the time for its request."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        else:
            self._start_deadline()

    def handle_events(self) -> None:
        """Stops the time when the request has come; making its response is not the client's time."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_deadline()

    def pause_writing(self) -> None:
        """Starts the time for reading the response: the client is slower than the server."""
        super().pause_writing()
        self._start_deadline()

    def on_response_complete(self) -> None:
        """Starts the time for reading what is still on its way."""
        super().on_response_complete()
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the timer."""
        super().connection_lost(exc)
        self._stop_deadline()

    def _start_deadline(self) -> None:
        # Set once for the whole of a request or response: a byte now and then must not prolong it.
        if self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS, self.transport.abort)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free. Raises OSError or UnicodeError where that is impossible."""
    if ":" not in host:
        return socket.create_server((host, port), backlog=_BACKLOG)
    both = socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=both)


def server(app: ASGIApp) -> uvicorn.Server:
    """A server for `run(sockets=[…])`. It stops on SIGINT and SIGTERM, after the responses that are under way."""
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        backlog=_BACKLOG,
        headers=_HEADERS,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=LONGEST,
        timeout_graceful_shutdown=SECONDS,
        log_config=None,
        log_level="error",  # our own errors; bad requests are not logged
        access_log=False,
    )
    return uvicorn.Server(config)
