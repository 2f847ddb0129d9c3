"""The WARC files of one source: names, locks, rotation, atomic appends; and how much disk they use."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.warc import manifest
from newscrawl.warc.durable import sync_folder
from newscrawl.warc.record import Record
from newscrawl.warc.scan import records, whole_at_end

# "desk.example" is allowed: sources without a spider are named after a host.
_SOURCE = re.compile(r"[A-Za-z0-9_](?:\.?[A-Za-z0-9_-])*")
_FILE_NAME = re.compile(r".*-(\d{8})-\d{5}\.warc\.gz")
_LAST_NUMBER = 99_999


@dataclass(slots=True)
class _Open:
    """The file being written: locked by this process, with `size` bytes of whole records."""

    fd: int
    path: Path
    day: date
    size: int
    info: str  # the record id of its warcinfo
    fresh: bool  # new and without a record yet: takes one of any size


class Files:
    """The files `<root>/<source>/<YYYY>/<source>-<YYYYMMDD>-<NNNNN>.warc.gz`, one of them open at a time.

    An open file is locked exclusively. If another process holds it, if it has reached `max_bytes`, does not end
    with a whole record or is closed (manifest.py), the next number is used; so are files in `avoid` (relative to
    root). Every file begins with a warcinfo record of the block `info`; another one is added if an existing
    file's warcinfo differs.
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
        # Records are appended by one thread and synced to disk by another.
        self._thread_lock = threading.RLock()
        self._sync_error: WarcError | None = None

    def append(self, day: date, build: Callable[[str], bytes]) -> tuple[str, int, int]:
        """Append one record; returns its file (relative to root), offset and length.

        `build` makes the record's bytes, given the id of the file's warcinfo. Raises WarcError; the file is then
        as it was, and the next record may be tried.
        """
        with self._thread_lock:
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
        """Bring everything written so far to disk.

        Raises WarcError; then everything since the last sync may be lost, and every later call raises it again.
        """
        with self._thread_lock:
            self._check()
            if self._open is None:
                return
            try:
                os.fsync(self._open.fd)
            except OSError as error:
                # After a failed fsync the kernel may have dropped the pages, and the next one would succeed.
                self._drop()
                self._sync_error = self._failed("cannot be brought to disk", error)
                raise self._sync_error from error

    def close(self) -> None:
        """Sync and close the file. May be called twice; the next record opens a file again."""
        with self._thread_lock:
            try:
                self.sync()
            finally:
                self._drop()

    def _check(self) -> None:
        if self._sync_error is not None:
            raise self._sync_error

    def _append(self, file: _Open, packed: bytes) -> int:
        """Append with one write, all or nothing; returns the offset."""
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
            self._drop()  # its end is torn: it is not written to again until repaired
        raise self._failed("the record could not be written", failure, file.path) from failure

    def _file(self, day: date, *, at_least: int = 0) -> _Open:
        """The open file of this day; opens one if necessary."""
        if self._open is not None and self._open.day == day:
            return self._open
        self.close()
        folder = self._root / self._source / f"{day.year:04d}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stem = f"{self._source}-{day.year:04d}{day:%m%d}-"
            # Starts at the newest number, so that names stay in order of time.
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
            if size and self._closed(path):  # checked under the lock, which closing a file takes as well
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
            return True  # unknown: a new file is always safe

    def _known_info(self, path: Path) -> str | None:
        """The id of the file's first record, if it is a warcinfo with our block."""
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
    """The newest number of a day, or the next one if that file was pruned: names are never reused."""
    names = [path.name[len(stem) :] for path in folder.glob(f"{stem}[0-9][0-9][0-9][0-9][0-9]*.warc.gz")]
    newest = max((name[:5] for name in names), default="00001")
    return int(newest) + any(name[:5] == newest and name[5:] != ".warc.gz" for name in names)


def _lock(fd: int) -> bool:
    """Take the exclusive lock; False if another process or writer has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folders(folder: Path) -> None:
    """Make new names in `folder` and its parents durable: without its name a file is lost after a power cut."""
    for each in (folder, folder.parent, folder.parent.parent):
        sync_folder(each)


def disk_usage(root: Path) -> tuple[int, dict[date, int]]:
    """Bytes of all WARC files under `root`, and of the files of each day (by their names). A missing folder is empty."""
    total, days = 0, dict[date, int]()
    for name, size in _names_and_sizes(str(root)):
        total += size
        if (named := _FILE_NAME.fullmatch(name)) and (day := _day(named[1])) is not None:
            days[day] = days.get(day, 0) + size
    return total, days


def _names_and_sizes(folder: str) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # missing or not readable: counts as empty
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _names_and_sizes(entry.path)
            elif entry.name.endswith(".warc.gz"):
                yield entry.name, entry.stat().st_size
        except OSError:  # moved or deleted meanwhile
            continue


def _day(digits: str) -> date | None:
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        return None
