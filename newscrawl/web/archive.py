"""The archive as the pages read it: one open reader for the process, the index of search, and where the pages are served."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from starlette.requests import Request

from newscrawl.errors import WarcError
from newscrawl.model import Capture
from newscrawl.store.engine import sqlite_path
from newscrawl.store.read.reader import Reader, open_reader
from newscrawl.store.search.store import SearchStore
from newscrawl.warc import Stored, read_body

_DIGESTS = 10_000  # of raw responses that are remembered: bytes in a WARC file never change


@dataclass(slots=True)
class WebArchive:
    """The archive at `url`; `clock` gives the program's now, `base` is the address under which readers know the pages.

    `warc` is the folder of the raw responses (None: they are not at hand). Nothing is opened before the first page is
    asked for.
    """

    url: str
    clock: Callable[[], datetime]
    base: str | None = None
    warc: Path | None = None
    _lock: Lock = field(default_factory=Lock)
    _reader: Reader | None = None
    _file: tuple[int, int] | None = None
    _digests: dict[tuple[str, int], str] = field(default_factory=dict)

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
        return SearchStore(self.url, write=False, beside=self.reader())

    def raw(self, capture: Capture | None) -> Stored | None:
        """The raw response of a capture, None if none was kept or it was pruned. Raises WarcError where it cannot be read."""
        if capture is None or capture.pruned is not None or self.warc is None:
            return None
        return read_body(self.warc, capture)

    def sha256(self, capture: Capture | None) -> str | None:
        """The SHA-256 of the body of a raw response, as it came; None where it is not at hand."""
        if capture is None:
            return None
        key = (capture.ref.file, capture.ref.offset)
        if key not in self._digests:
            try:
                stored = self.raw(capture)
            except (WarcError, OSError):
                return None  # `newscrawl verify` says why
            if stored is None:
                return None
            if len(self._digests) >= _DIGESTS:
                self._digests.clear()
            self._digests[key] = hashlib.sha256(stored.raw).hexdigest()
        return self._digests[key]

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
