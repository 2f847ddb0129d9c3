"""Serves a router over HTTP: few threads, short waits, no trace of an error outside. Knows no page."""

from __future__ import annotations

import io
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import BoundedSemaphore
from typing import Any

from newscrawl.web.routing import Response, Router

logger = logging.getLogger(__name__)

THREADS = 8  # answered at once
WAITING = 24  # connections held; more are closed at once
SECONDS = 10.0  # for a whole request, and again for its answer
LONGEST = 16_384  # bytes of a request's head

_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)  # fmt: skip


class Server(HTTPServer):
    """A router served at an address: `with Server((host, port), router) as server: server.serve_forever()`."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], router: Router) -> None:
        self.router = router
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        # Before the address is taken: where that fails, the server is closed at once.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")
        self._room = BoundedSemaphore(WAITING)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hands a connection to a thread, or closes it where too many wait."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._threads.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError as error:  # the other side left
            logger.debug("%s: %s", client_address, error)
        except Exception:
            logger.exception("unexpected error while answering")
        finally:
            self.shutdown_request(request)
            self._room.release()

    def server_close(self) -> None:
        """Stops listening and waits for the answers under way."""
        super().server_close()
        self._threads.shutdown(cancel_futures=True)


class _Handler(BaseHTTPRequestHandler):
    """One connection, one request."""

    server: Server
    server_version = "newscrawl"
    sys_version = ""
    protocol_version = "HTTP/1.0"  # one request a connection: an idle one must not hold a thread
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def setup(self) -> None:
        super().setup()
        # Read here and at once: a client that sends a byte now and then would pass any time limit on single reads.
        self.rfile.close()
        self.rfile = io.BufferedReader(io.BytesIO(_head(self.connection)))
        self.connection.settimeout(SECONDS)

    def do_GET(self) -> None:
        self._respond()

    def do_HEAD(self) -> None:
        self._respond()

    def __getattr__(self, name: str) -> Any:
        # The other methods, so that they get our answer and not that of the standard library.
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def _respond(self) -> None:
        try:
            response = self.server.router.answer(self.command, self.path, self.headers.get("Host"))
        except Exception:
            logger.exception("unexpected error while answering %r", self.path[:200])
            response = Response.text(
                "An unexpected error; the log of the server says more.\n", HTTPStatus.INTERNAL_SERVER_ERROR
            )
        self.send_response(response.status)
        for name, value in (("Content-Type", response.type), *_HEADERS, *response.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        logger.debug("%s %s", self.address_string(), (format % args)[:200])


def _head(connection: socket.socket) -> bytes:
    """The head of a request, or what came of it in time. A body is not read: nothing that is answered has one."""
    until, received = time.monotonic() + SECONDS, b""
    while b"\r\n\r\n" not in received and b"\n\n" not in received and len(received) < LONGEST:
        left = until - time.monotonic()
        if left <= 0:
            return b""
        connection.settimeout(left)
        try:
            part = connection.recv(4096)
        except TimeoutError:
            return b""
        if not part:
            break
        received += part
    return received if b"\n\r\n" in received or b"\n\n" in received else b""
