"""Logs as other archives publish them, made entry by entry without an archive, and a web server that serves a folder."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from newscrawl.proof.notes import Checkpoint, PrivateKey
from newscrawl.proof.tiles import CHECKPOINT, Appender
from tests.support.fake_site import NOW


class MadeLog:
    """A published log: `grow` adds entries and signs."""

    def __init__(self, folder: Path, key: PrivateKey | None = None) -> None:
        self.folder, self.size = folder, 0
        self.key = key or PrivateKey.new("press.example/log")
        self.root = b""

    def grow(self, number: int, word: str = "entry", at: datetime = NOW) -> str:
        """Adds entries; the signed checkpoint, which is published."""
        appender = Appender(self.folder, self.size)
        for index in range(self.size, self.size + number):
            appender.add(f"{word} {index}".encode())
        appender.write()
        self.size, self.root = appender.size, appender.root()
        return self.publish(Checkpoint(self.key.name, self.size, self.root, at))

    def publish(self, checkpoint: Checkpoint, key: PrivateKey | None = None) -> str:
        """Signs a checkpoint, whatever it says."""
        note = (key or self.key).sign(checkpoint.text())
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / CHECKPOINT).write_text(note, "utf-8")
        return note

    def forget(self) -> None:
        """As if it had never been: the next entries are the first."""
        shutil.rmtree(self.folder)
        self.size = 0


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """The address at which a web server of the standard library serves a folder."""
    with serving_with(partial(_Quiet, directory=str(folder))) as url:
        yield url


@contextmanager
def serving_with(handler: object) -> Iterator[str]:
    """The address of a server on loopback that answers by a handler."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
