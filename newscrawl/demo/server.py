"""Serves the made-up outlet over HTTP on loopback, one port per edition, at the time of a clock that can be set."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from newscrawl.demo.article_pages import View
from newscrawl.demo.faults import Ask, Switches, apply
from newscrawl.demo.history import Outlet
from newscrawl.demo.site import Answer, respond

_CHUNK = 1 << 16


class Clock:
    """The made-up outlet's time: it can be set, does not run by itself, and may be shared between threads."""

    def __init__(self, instant: datetime) -> None:
        """Starts at `instant`, which must be aware (else ValueError)."""
        self._lock = threading.Lock()
        self._now = _utc(instant)

    def now(self) -> datetime:
        """The present instant, in UTC."""
        with self._lock:
            return self._now

    def set(self, instant: datetime) -> None:
        """Moves to an aware `instant`, forwards or backwards."""
        with self._lock:
            self._now = _utc(instant)

    def advance(self, step: timedelta) -> datetime:
        """Moves by `step`; the new present."""
        with self._lock:
            self._now += step
            return self._now


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"an aware instant is needed, not {instant!r}")
    return instant.astimezone(UTC)


class Request(NamedTuple):
    """One request with the status of its response (0: connection closed without one)."""

    method: str
    path: str
    headers: dict[str, str]
    status: int


class OutletServer:
    """Serves an outlet at the time of a clock: `with OutletServer(outlet, clock) as server: server.url("en")`.

    `faults` has the switches of each edition: `server.faults["ru"]["outage"] = "closed"` turns one on,
    `server.faults["ru"].clear()` turns all off; see faults.py for the names. Closing waits for every thread.
    """

    def __init__(self, outlet: Outlet, clock: Clock, *, port: int = 0) -> None:
        """With `port` the editions get this one and those behind it, else free ones. Raises OSError if one is taken."""
        self.outlet = outlet
        self.clock = clock
        self.faults: dict[str, Switches] = {edition: Switches() for edition in outlet.editions}
        self._editions: dict[str, _Edition] = {}
        try:
            for number, edition in enumerate(outlet.editions):
                self._editions[edition] = _Edition(self, edition, port + number if port else 0)
        except (OSError, OverflowError):
            for server in self._editions.values():
                server.server_close()
            raise
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for edition, server in self._editions.items():
            serve = threading.Thread(target=server.serve_forever, args=(0.02,), name=f"outlet-{edition}")
            serve.start()
            self._threads.append(serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops serving, cuts open connections and waits for all threads. May be called twice."""
        for server in self._editions.values():
            server.stop(serving=bool(self._threads))
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def url(self, edition: str, path: str = "") -> str:
        """The edition's address without final slash, or with `path` an address in it."""
        return f"http://127.0.0.1:{self._editions[edition].server_address[1]}{path}"

    @property
    def urls(self) -> Mapping[str, str]:
        """Edition -> address, without final slash."""
        return {edition: self.url(edition) for edition in self._editions}

    def requests(self, edition: str) -> list[Request]:
        """All requests so far, in the order of their responses."""
        return self._editions[edition].seen()

    def forget(self) -> None:
        """Forgets the requests of all editions."""
        for server in self._editions.values():
            server.forget()


class _Edition(ThreadingHTTPServer):
    """The server of one edition. Knows its open connections, so that closing does not wait for idle clients."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, owner: OutletServer, edition: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.owner = owner
        self.edition = edition
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._serial = count(1)
        self._served: dict[str, int] = {}
        self._seen: list[Request] = []
        self._open: set[socket.socket] = set()

    def answer(self, target: str) -> Answer:
        """The outlet's response to a request target at this moment, with faults applied."""
        owner = self.owner
        with self._lock:
            view = View(owner.outlet, self.edition, owner.clock.now(), owner.urls, next(self._serial))
            ask = Ask(view, urlsplit(target).path, target, self._served)
            switches = owner.faults[self.edition]
            if "retry_after" not in switches:
                self._served.pop("retry_after", None)
            return apply(respond(view, target), switches, ask)

    def note(self, request: Request) -> None:
        with self._lock:
            self._seen.append(request)

    def seen(self) -> list[Request]:
        with self._lock:
            return list(self._seen)

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores a client that closed the connection; any other error is a bug and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self, *, serving: bool) -> None:
        if self.closing.is_set():
            return
        self.closing.set()
        if serving:
            self.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client closed it first
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Edition
    protocol_version = "HTTP/1.1"
    server_version = "outlet"
    sys_version = ""
    wbufsize = -1  # headers and body are sent together
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve(with_body=True)

    def do_HEAD(self) -> None:
        self._serve(with_body=False)

    def do_POST(self) -> None:
        self.close_connection = True
        self._send(Answer(b"Method not allowed", 405, "text/plain; charset=utf-8"), with_body=True)

    def log_message(self, *_: Any, **__: Any) -> None:
        """Logs nothing, because requests are kept in memory."""

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 (the base class has it)
        """The Date header, in the outlet's time."""
        return format_datetime(self.server.owner.clock.now(), usegmt=True)

    def _serve(self, *, with_body: bool) -> None:
        answer = self.server.answer(self.path)
        if answer.delay:
            self.server.closing.wait(answer.delay)
        if answer.dropped:
            self.server.note(Request(self.command, self.path, dict(self.headers), 0))
            self.close_connection = True
            return
        if answer.status == 200 and _not_modified(answer, self.headers.get("If-None-Match"), self.headers):
            answer = Answer(status=304, etag=answer.etag, last_modified=answer.last_modified)
        self._send(answer, with_body=with_body)

    def _send(self, answer: Answer, *, with_body: bool) -> None:
        self.server.note(Request(self.command, self.path, dict(self.headers), answer.status))
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.last_modified:
            self.send_header("Last-Modified", _http_date(answer.last_modified))
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
            if not answer.endless:
                self.send_header("Content-Length", str(len(answer.body) + answer.missing))
        if answer.endless or answer.missing:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if with_body and answer.status != 304:
            self.wfile.write(answer.body)
            self._pour(answer.endless)
        self.wfile.flush()

    def _pour(self, size: int) -> None:
        chunk = (b"<p>and so on</p>\n" * (_CHUNK // 17 + 1))[:_CHUNK]
        for _ in range(size // _CHUNK):
            if self.server.closing.is_set():
                return
            self.wfile.write(chunk)


def _not_modified(answer: Answer, if_none_match: str | None, headers: Any) -> bool:
    """RFC 9110 section 13: If-None-Match takes precedence if it is given; tags are compared weakly."""
    if if_none_match is not None:
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return answer.etag is not None and (answer.etag.removeprefix("W/") in tags or "*" in tags)
    since = headers.get("If-Modified-Since")
    if since is None or answer.last_modified is None:
        return False
    try:
        instant = parsedate_to_datetime(since)
    except ValueError:
        return False
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return answer.last_modified.replace(microsecond=0) <= instant


def _http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)
