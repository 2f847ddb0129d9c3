"""The sites that both checkouts crawl, on loopback: the made-up outlet at any moment, and saved pages behind listing pages."""

from __future__ import annotations

import gzip
import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PER_LISTING = 50
SERVE = """
import json, socketserver, sys
from datetime import datetime
ports = iter(map(int, sys.argv[1:]))
bind = socketserver.TCPServer.server_bind
def bind_to_given(self):
    self.server_address = (self.server_address[0], next(ports))
    bind(self)
socketserver.TCPServer.server_bind = bind_to_given
from newscrawl.demo import Clock, Outlet, OutletServer
outlet = Outlet(seed=1)
clock = Clock(outlet.moments[0])
class Serial:  # drives the outlet's tickers: changes with the moment, not with the order of requests
    def __next__(self):
        return int(clock.now().timestamp()) // 1800 % 5000
module = sys.modules[OutletServer.__module__]
assert hasattr(module, "count"), "the outlet counts its requests in another way"
module.count = lambda *_: Serial()
with OutletServer(outlet, clock) as server:
    print(json.dumps([dict(server.urls), [moment.isoformat() for moment in outlet.moments]]), flush=True)
    for line in sys.stdin:
        clock.set(datetime.fromisoformat(line.strip()))
        print("set", flush=True)
"""


def free_ports(number: int) -> list[int]:
    """Ports of loopback that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def outlet(
    python: Path, ports: list[int]
) -> Iterator[tuple[dict[str, str], list[datetime], Callable[[datetime], None]]]:
    """Serves the made-up outlet: edition -> site, the moments of its week, and a function that sets its clock."""
    command = [str(python), "-c", SERVE, *map(str, ports)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        sites, moments = json.loads(process.stdout.readline())

        def set_clock(moment: datetime) -> None:
            process.stdin.write(f"{moment.isoformat()}\n")
            process.stdin.flush()
            process.stdout.readline()

        yield sites, list(map(datetime.fromisoformat, moments)), set_clock
        process.stdin.close()


def saved(folder: Path) -> list[dict[str, Any]]:
    """The pages of a folder in order of their names: id, url, encoding, and html as a path."""
    truth = next(
        (path for path in (folder / "truth.jsonl", folder.parent / "truth.jsonl") if path.exists()), None
    )
    if truth is not None:
        rows = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
        rows = [
            {key: row.get(key) for key in ("id", "url", "encoding")} | {"html": truth.parent / row["html"]}
            for row in rows
        ]
    else:
        files = [*folder.glob("*.html"), *folder.glob("*.html.gz")]
        rows = [
            {"id": f.name, "url": f"https://pages.example/p/{f.name}", "encoding": None, "html": f}
            for f in files
        ]
    return sorted(rows, key=lambda row: row["id"])


@contextmanager
def serving(rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Serves saved pages behind listing pages on loopback, and gives the site's address."""
    ids = list(rows)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            row = rows.get(self.path.removeprefix("/p/"))
            page = re.fullmatch(r"/(?:\?page=(\d+))?", self.path)
            if row:
                body, charset = row["html"].read_bytes(), row["encoding"]
                self._answer(200, gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body, charset)
            elif page:
                self._answer(200, listing(ids, int(page[1] or 1)), "utf-8")
            else:
                self._answer(404, b"", None)

        def _answer(self, status: int, body: bytes, charset: str | None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"text/html; charset={charset}" if charset else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with on_loopback(Handler) as url:
        yield url


@contextmanager
def on_loopback(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serves with a handler on a free port of this machine; the server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listing(ids: list[str], page: int) -> bytes:
    """One listing page of the saved pages."""
    links = "".join(
        f'<li><a href="/p/{i}">{i}</a></li>' for i in ids[(page - 1) * PER_LISTING : page * PER_LISTING]
    )
    more = f'<a rel="next" href="/?page={page + 1}">Next</a>' if page * PER_LISTING < len(ids) else ""
    return f"<!doctype html><title>Saved pages</title><ul>{links}</ul>{more}".encode()
