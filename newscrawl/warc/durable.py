"""Writes files that are either complete or absent, also after a power cut: temporary name, fsync, rename."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from newscrawl.errors import ArchiveError, WarcError

UNFINISHED = ".unfinished"
"""The suffix of a file that is not complete yet."""

_PIECE = 1 << 20


@contextmanager
def named(path: Path) -> Iterator[BinaryIO]:
    """A file to write into that replaces `path` at the end; after an error it is deleted.

    Raises ArchiveError if it cannot be written.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise refused(error, path) from error
        raise


def write(path: Path, data: bytes) -> None:
    """Replace the content of `path` in one step. Raises ArchiveError."""
    with named(path) as file:
        file.write(data)


def copy(
    source: Path,
    target: Path,
    *,
    length: int,
    sha256: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> str:
    """Copy the first `length` bytes of a file and return their SHA-256; the target appears once it is complete.

    With `sha256` the bytes must have that hash. `progress` is called with the size of each copied piece. Raises
    WarcError if the source is shorter or has other bytes (the target then stays as it was), and ArchiveError if
    the target cannot be written.
    """
    with _opened(source) as read, named(target) as file:
        hashed, left = hashlib.sha256(), length
        while left and (piece := _piece(read, min(left, _PIECE), source)):
            file.write(piece)
            hashed.update(piece)
            left -= len(piece)
            if progress is not None:
                progress(len(piece))
        if left:
            raise WarcError(f"has only {length - left:,} of {length:,} bytes", subject=str(source))
        if sha256 is not None and hashed.hexdigest() != sha256:
            raise WarcError(f"has not the SHA-256 {sha256} it should have", subject=str(source))
        stat = os.fstat(read.fileno())
        file.flush()
        os.utime(file.fileno(), ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return hashed.hexdigest()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise WarcError("the file is missing", subject=str(path)) from error
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error


def _piece(file: BinaryIO, size: int, path: Path) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error


def sha256_of(path: Path, progress: Callable[[int], None] | None = None) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            hashed.update(piece)
            if progress is not None:
                progress(len(piece))
    return hashed.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make new, changed and removed names in a folder durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def refused(error: OSError, path: Path) -> ArchiveError:
    """An OSError as an error for the user, with a hint if the disk is full."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return ArchiveError(
        f"cannot be written: {error.strerror or error}",
        subject=str(path),
        hint="Make room on the disk and run again; what was there before is whole." if full else None,
    )
