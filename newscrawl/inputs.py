"""Opens what people name to be read or written: a file, or a pipe that somebody holds at its other end. Never waits for one."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO


def open_input(path: Path, *, seekable: bool = False) -> BufferedReader:
    """A file or a pipe (`<(zcat page.gz)`) to read; a pipe into which nobody writes is empty.

    Raises OSError; with `seekable` also for a pipe and a device, because they are read only once.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check(path, os.fstat(handle).st_mode, seekable=seekable)
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _check(path: Path, mode: int, *, seekable: bool) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if seekable and not stat.S_ISREG(mode):
        raise OSError(errno.ESPIPE, "it is a pipe or a device, no file", str(path))


def open_device(path: Path) -> BinaryIO:
    """A pipe or a device to write to. Raises OSError, also for a pipe from which nobody reads."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads from this pipe", str(path)) from error
        raise
    os.set_blocking(handle, True)
    return os.fdopen(handle, "wb")
