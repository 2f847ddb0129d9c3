"""The WARC files of one source: naming, locking, rotation, appending all or nothing. Knows nothing of HTTP."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.warc import manifest
from newscrawl.warc.durable import sync_folder
from newscrawl.warc.record import Record
from newscrawl.warc.scan import records, whole_at_end

_SOURCE = re.compile(
    r"[A-Za-z0-9_](?:\.?[A-Za-z0-9_-])*"
)  # "desk.example" too: sources without a spider have a host's name
_LAST_NUMBER = 99_999


@dataclass(slots=True)
class _Open:
    """The file being written: locked by us, `size` bytes of whole records long."""

    fd: int
    path: Path
    day: date
    size: int
    info: str  # the record id of the warcinfo that describes what follows
    fresh: bool  # begun by us and still without a record: takes one of any size


class Files:
    """The files `<root>/<source>/<YYYY>/<source>-<YYYYMMDD>-<NNNNN>.warc.gz`, one of them open at a time.

    A file is held with an exclusive lock while it is open; if another process holds it, if it has
    reached `max_bytes`, if it does not end with a whole record or was closed for good (manifest.py),
    the next number is taken. Files in `avoid` (relative to root) are never taken. Every file begins with a
    warcinfo record of the block `info`, also where a program that said
    something else of itself wrote before.
    """

    def __init__(
        self, root: Path, source: str, *, info: bytes, max_bytes: int, avoid: Collection[str] = ()
    ) -> None:
        if not _SOURCE.fullmatch(source):
            raise WarcError(
                "a source name has letters, digits, -, _ and single dots between them only",
                subject=repr(source),
            )
        self._root = root
        self._source = source
        self._info = info
        self._avoid = avoid
        self._max_bytes = max_bytes
        self._open: _Open | None = None
        # Records are appended by one thread and brought to disk by another.
        self._turn = threading.RLock()
        self._unsure: WarcError | None = None

    def append(self, day: date, build: Callable[[str], bytes]) -> tuple[str, int, int]:
        """Append one record; its file (relative to root), offset and length.

        `build` makes the record's bytes for a file whose warcinfo has the id given. Raises
        WarcError; then the file is as it was, and the next record may be tried.
        """
        with self._turn:
            self._check()
            file = self._file(day)
            packed = build(file.info)
            if file.size + len(packed) > self._max_bytes and not file.fresh:
                self.close()
                file = self._file(day, at_least=len(packed))
                packed = build(file.info)
            offset = self._append(file, packed)
            file.fresh = False
            return file.path.relative_to(self._root).as_posix(), offset, len(packed)

    def sync(self) -> None:
        """Bring everything written so far to disk. Raises WarcError; then nothing since the last sync is sure, and every later call raises it again."""
        with self._turn:
            self._check()
            if self._open is None:
                return
            try:
                os.fsync(self._open.fd)
            except OSError as error:
                # After a failed fsync the kernel may have dropped the pages, and the next one would say all is well.
                self._drop()
                self._unsure = self._failed("cannot be brought to disk", error)
                raise self._unsure from error

    def close(self) -> None:
        """Sync and let go of the file. May be called twice; the next record opens a file again."""
        with self._turn:
            try:
                self.sync()
            finally:
                self._drop()

    def _check(self) -> None:
        if self._unsure is not None:
            raise self._unsure

    def _append(self, file: _Open, packed: bytes) -> int:
        """One write at the end of the file; all of it or nothing. Returns where it begins."""
        offset = file.size
        failure: OSError | None = None
        written = 0
        try:
            written = os.write(file.fd, packed)
        except OSError as error:
            failure = error
        if written == len(packed):
            file.size += written
            return offset
        try:
            os.ftruncate(file.fd, offset)
        except OSError:
            self._drop()  # its end is torn: no writer takes it again before it is repaired
        raise self._failed("the record could not be written", failure, file.path) from failure

    def _file(self, day: date, *, at_least: int = 0) -> _Open:
        """The open file of this day, opening one if need be."""
        if self._open is not None and self._open.day == day:
            return self._open
        self.close()
        folder = self._root / self._source / f"{day.year:04d}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stem = f"{self._source}-{day.year:04d}{day:%m%d}-"
            # From the newest on: older files of the day are left as they are, so names keep the order of time.
            for number in range(_first_number(folder, stem), _LAST_NUMBER + 1):
                path = folder / f"{stem}{number:05d}.warc.gz"
                if path.relative_to(self._root).as_posix() in self._avoid:
                    continue
                taken = self._take(path, day, at_least)
                if taken:
                    self._open = taken
                    return taken
        except OSError as error:
            raise self._failed("no WARC file can be opened", error, folder) from error
        raise WarcError(f"no free file number for {day}", subject=str(folder))

    def _take(self, path: Path, day: date, at_least: int) -> _Open | None:
        """Open and lock `path` if it is free, has room and ends with a whole record."""
        from newscrawl.warc import build

        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        keep = False
        try:
            if not _lock(fd):
                return None
            size = os.fstat(fd).st_size
            if size and (size + at_least > self._max_bytes or size >= self._max_bytes):
                return None
            if size and self._closed(path):  # asked under the lock: who closes a file holds it, too
                return None
            with open(fd, "rb", closefd=False) as file:
                if not whole_at_end(file, size):
                    return None
            info = self._known_info(path) if size else None
            opened = _Open(fd, path, day, size, info or build.new_id(), fresh=size == 0)
            if size == 0:
                _sync_folders(path.parent)
            if info is None:
                self._append(opened, build.warcinfo(path.name, opened.info, datetime.now(UTC), self._info))
            keep = True
            return opened
        finally:
            if not keep:
                os.close(fd)

    def _closed(self, path: Path) -> bool:
        folder = self._root / self._source
        try:
            return path.relative_to(folder).as_posix() in manifest.load(folder)
        except WarcError:
            return True  # nobody can say: a new file is always right

    def _known_info(self, path: Path) -> str | None:
        """The id of the file's first record, if it is a warcinfo that says what ours would say."""
        for first in records(path, limit=1 << 16):
            if isinstance(first, Record) and first.type == "warcinfo" and first.block == self._info:
                return first.id or None
            break
        return None

    def _drop(self) -> None:
        if self._open is not None:
            fd, self._open = self._open.fd, None
            os.close(fd)

    def _failed(self, message: str, error: OSError | None, path: Path | None = None) -> WarcError:
        why = error.strerror if error else "short write"
        full = error is None or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return WarcError(
            f"{message}: {why}",
            subject=str(path or self._root / self._source),
            hint="Make room on the disk and run again; everything stored before is whole." if full else None,
        )


def _first_number(folder: Path, stem: str) -> int:
    """The newest number of a day; the one after it where that file was pruned, because a name is never used again."""
    names = [path.name[len(stem) :] for path in folder.glob(f"{stem}[0-9][0-9][0-9][0-9][0-9]*.warc.gz")]
    newest = max((name[:5] for name in names), default="00001")
    return int(newest) + any(name[:5] == newest and name[5:] != ".warc.gz" for name in names)


def _lock(fd: int) -> bool:
    """Take the exclusive lock; False if another process, or another writer, has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folders(folder: Path) -> None:
    """Make new names in `folder` and its parents durable: a file without its name is lost after a power cut."""
    for place in (folder, folder.parent, folder.parent.parent):
        sync_folder(place)
