"""A mail server and a web server on loopback that receive alerts, and fail in the ways a test asks for."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Letter:
    """One letter that was received."""

    sender: str
    to: list[str]
    data: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return self.mail.get_body(("plain",)).get_content().replace("\r\n", "\n")

    @property
    def html(self) -> str:
        return self.mail.get_body(("html",)).get_content().replace("\r\n", "\n")


class MailServer:
    """A mail server. `behaviour`: "fine", "hanging", "busy" (451), "hang up", "after data" (hangs up after the letter), "refuse one"."""

    def __init__(
        self, tls: ssl.SSLContext | None = None, *, wrapped: bool = False, login: str | None = None
    ) -> None:
        self.letters: list[Letter] = []
        self.logins: list[str] = []
        self.behaviour = "fine"
        self._tls, self._wrapped, self._login = tls, wrapped, login
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in self._threads:
            thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self._closing.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._talk, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if self.behaviour == "hanging":
                self._closing.wait(10)
                return
            if self._tls is not None and self._wrapped:
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            self._converse(connection, stack)

    def _converse(self, connection: socket.socket, stack: contextlib.ExitStack) -> None:
        connection.settimeout(10)
        lines = connection.makefile("rb")
        stack.callback(lines.close)

        def reply(text: str) -> None:
            connection.sendall(f"{text}\r\n".encode())

        reply("220 here")
        sender, to = "", []
        while line := lines.readline():
            word = line[:4].upper().strip()
            if word == b"EHLO":
                offers = ["250-here"]
                if self._tls is not None and not isinstance(connection, ssl.SSLSocket):
                    offers.append("250-STARTTLS")
                reply("\r\n".join([*offers, "250-AUTH PLAIN", "250 8BITMIME"]))
            elif word == b"STAR":
                reply("220 go on")
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
                lines = connection.makefile("rb")
                stack.callback(lines.close)
            elif word == b"AUTH":
                self.logins.append(line.decode().strip())
                reply(
                    "235 yes"
                    if self._login is None or self._login in line.decode()
                    else f"535 no: {line.decode().strip()}"
                )
            elif word == b"MAIL":
                sender, to = line.decode().partition("<")[2].partition(">")[0], []
                reply("451 come back later" if self.behaviour == "busy" else "250 yes")
                if self.behaviour == "hang up":
                    return
            elif word == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
                if self.behaviour == "refuse one" and to:
                    reply("550 nobody of this name")
                else:
                    to.append(address)
                    reply("250 yes")
            elif word == b"DATA":
                reply("354 go on")
                data = b"".join(iter(lines.readline, b".\r\n"))
                self.letters.append(Letter(sender, to, data))
                if self.behaviour == "after data":
                    return
                reply("250 taken")
            elif word == b"QUIT":
                reply("221 bye")
                return
            else:
                reply("250 yes")


@dataclass
class Reply:
    """One answer of the web server. Status 0: it hangs up; `hang`: no answer; `cut`: less than announced; `drip`: a byte now and then."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False
    drip: bool = False
    drip_head: bool = False

    @property
    def is_slow(self) -> bool:
        return self.hang or self.drip or self.drip_head


@dataclass
class Post:
    """One request that was received."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebServer:
    """A web server that receives posts. It answers with `replies` one after the other, then with 200."""

    def __init__(self, replies: Sequence[Reply] = (), tls: ssl.SSLContext | None = None) -> None:
        self.posts: list[Post] = []
        self.replies = list(replies)
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                outer.posts.append(Post("GET " + self.path, dict(self.headers), b""))
                self.send_error(405)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.posts.append(Post(self.path, dict(self.headers), body))
                reply = outer.replies.pop(0) if outer.replies else Reply()
                self.close_connection = True
                if reply.hang:
                    outer.closing.wait(10)
                    return
                if not reply.status:
                    return
                if reply.drip_head:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                    self._drip()
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header(
                    "Content-Length", str(len(reply.body) + (100 if reply.cut or reply.drip else 0))
                )
                self.end_headers()
                self.wfile.write(reply.body)
                if reply.drip:
                    self._drip()

            def _drip(self) -> None:
                while not outer.closing.wait(0.05):
                    self.wfile.write(b".")
                    self.wfile.flush()

        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients that hang up are no error."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextlib.contextmanager
def mail_server(**given: Any) -> Iterator[MailServer]:
    """A mail server for a while."""
    room = MailServer(**given)
    try:
        yield room
    finally:
        room.close()


@contextlib.contextmanager
def web_server(*replies: Reply, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """A web server for a while."""
    server = WebServer(replies, tls)
    try:
        yield server
    finally:
        server.close()


def unused_port() -> int:
    """A port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


def server_side(file: Path) -> ssl.SSLContext:
    """What a server needs to show that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
