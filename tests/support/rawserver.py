"""A server on loopback that speaks no proper HTTP: for each path a function that writes to the bare socket."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Wire = Callable[["Line"], None]


class Line:
    """One connection with its request read: what an answer writes to."""

    def __init__(self, connection: socket.socket, asked: bytes, path: str, closing: threading.Event) -> None:
        self._connection = connection
        self.asked = asked  # the request as it came
        self.path = path
        self.closing = closing
        self.sent = 0

    def send(self, data: bytes) -> None:
        """Sends all of it. Raises OSError when the client has hung up."""
        self._connection.sendall(data)
        self.sent += len(data)

    def head(self, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> None:
        """Sends status line and headers."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def reset(self) -> None:
        """Ends the connection with RST."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def forever(self, piece: bytes, pause: float = 0.0) -> None:
        """Sends the same again and again, until somebody has enough."""
        while not self.closing.is_set():
            self.send(piece)
            if pause:
                self.closing.wait(pause)

    def hold(self) -> None:
        """Says nothing more and keeps the connection open."""
        self.closing.wait(60)


class RawServer:
    """`with RawServer({"/a": answer}) as site`. A connection answers one request; other paths get a plain 404."""

    def __init__(self, pages: dict[str, Wire] | None = None) -> None:
        self.pages: dict[str, Wire] = dict(pages or {})
        self.seen: list[str] = []
        self.most_sent: dict[str, int] = {}
        self._closing = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):  # wakes up accept
            socket.create_connection(self._listening.getsockname()).close()
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    @property
    def url(self) -> str:
        """The address without a final slash."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            if self._closing.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            asked = b""
            while b"\r\n\r\n" not in asked:
                piece = connection.recv(65536)
                if not piece:
                    return
                asked += piece
                if not asked[:4].isalpha() and not asked.startswith(b"GET"):
                    break  # no HTTP at all, a TLS greeting for one
            path = [*asked.split(b" ", 2), b""][1].decode("latin-1")
            self.seen.append(path)
            line = Line(connection, asked, path, self._closing)
            try:
                self.pages.get(path, _missing)(line)
            finally:
                self.most_sent[path] = max(line.sent, self.most_sent.get(path, 0))


def _missing(line: Line) -> None:
    line.head("Content-Length: 9", "Connection: close", status="404 Not Found")
    line.send(b"Not found")


def page(html: str) -> Wire:
    """A proper answer."""
    data = html.encode()

    def answer(line: Line) -> None:
        line.head(f"Content-Length: {len(data)}", "Connection: close")
        line.send(data)

    return answer


def slowly(line: Line, data: bytes, pause: float = 0.2) -> None:
    """One byte after the other."""
    for number in range(len(data)):
        line.send(data[number : number + 1])
        if line.closing.wait(pause):
            return
