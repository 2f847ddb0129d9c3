"""Temporary folders; those that killed programs left are removed by the next program."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newscrawl.errors import ArchiveError

# Folders with this prefix that are not locked are removed. Short, because the path of a socket is limited to some 100 bytes.
_PREFIX = "nscrawl-"


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """An empty folder in the system's folder for temporary files (TMPDIR), removed at the end.

    It is locked while the process lives, which distinguishes it from folders left by killed programs; those are
    removed first. Raises ArchiveError if no folder can be created.
    """
    path, lock = _new_locked_folder()
    try:
        yield path
    finally:
        _remove(path, lock)


def shelter_workers() -> None:
    """Make `multiprocessing` use such a folder for its fork server's socket. Call it before starting a process.

    The folder it makes by itself (`pymp-…`) stays for ever if the program is killed.
    """
    from multiprocessing import process, util

    config = process.current_process()._config  # type: ignore[attr-defined]  # noqa: SLF001 - util.get_temp_dir reads it
    if config.get("tempdir") is not None:
        return
    path, lock = _new_locked_folder()
    util.Finalize(None, _remove, args=(path, lock), exitpriority=-100)  # as late as multiprocessing does
    config["tempdir"] = str(path)


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _new_locked_folder() -> tuple[Path, int]:
    try:
        sweep()
        while True:
            path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            lock = _lock(path)
            if lock is not None:
                return path, lock
    except OSError as error:
        raise ArchiveError(
            f"no temporary folder can be made ({error.strerror or error})",
            subject=str(error.filename or tempfile.gettempdir()),
            hint="Set TMPDIR to a folder with room that you may write to",
        ) from error


def sweep() -> None:
    """Remove folders left by killed programs. Raises OSError if TMPDIR cannot be read."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            found = path.lstat()
        except FileNotFoundError:  # its program has just ended
            continue
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            continue
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _lock(path: Path) -> int | None:
    """An open handle that locks the folder; None if another process locks it or it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), path.stat()):
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass  # locked by its program, or removed between the two calls
    os.close(handle)
    return None
