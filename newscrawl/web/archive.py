"""The archive as the pages read it: one open reader for the process, the index of search, and where the pages are served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from starlette.requests import Request

from newscrawl.store.engine import sqlite_path
from newscrawl.store.read.reader import Reader, open_reader
from newscrawl.store.search.store import SearchStore


@dataclass(slots=True)
class WebArchive:
    """The archive at `url`; `clock` gives the program's now, `base` is the address under which readers know the pages.

    Nothing is opened before the first page is asked for.
    """

    url: str
    clock: Callable[[], datetime]
    base: str | None = None
    _lock: Lock = field(default_factory=Lock)
    _reader: Reader | None = None
    _file: tuple[int, int] | None = None

    def reader(self) -> Reader:
        """The reader, which threads share. Raises SchemaError or StoreError."""
        with self._lock:
            file = _identity(sqlite_path(self.url))
            # A restore puts another file in the place of the archive: the open one is then nobody's.
            if self._reader is None or file != self._file:
                if self._reader is not None:
                    self._reader.close()
                    self._reader = None
                self._reader = open_reader(self.url)
                self._file = _identity(sqlite_path(self.url))
            return self._reader

    def search(self) -> SearchStore:
        """The archive with its index, for reading alone. Raises StoreError where there is none yet."""
        return SearchStore(self.url, write=False)

    def close(self) -> None:
        """Closes the reader."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def address(self, request: Request) -> str:
        """Where the pages are served, without a slash at the end: as configured, else as this request was made."""
        if self.base:
            return self.base.rstrip("/")
        return str(request.base_url).rstrip("/")


def _identity(path: Path | None) -> tuple[int, int] | None:
    """What tells a file from another one under the same name."""
    try:
        status = path.stat() if path is not None else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status is not None else None
