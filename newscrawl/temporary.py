"""Temporary folders that do not outlive their program for long: the next one removes what a killed one left. Knows nothing of what is in them."""

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

# Nobody else names a folder so: what is not locked is removed. Short, because the name of a socket has some 100 bytes at most.
_PREFIX = "nscrawl-"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder in the system's place for such (TMPDIR), removed at the end.

    It is locked as long as the process lives, so that others can tell it from what a killed program left: those
    are removed first. Raises ArchiveError where none can be made.
    """
    path, lock = _locked()
    try:
        yield path
    finally:
        _let_go(path, lock)


def shelter_workers() -> None:
    """Gives `multiprocessing` such a folder for the socket of its fork server. To be called before the first process is started.

    The one it makes of its own (`pymp-…`) stays for ever where a program is killed.
    """
    from multiprocessing import process, util

    config = process.current_process()._config  # type: ignore[attr-defined]  # noqa: SLF001 - where util.get_temp_dir keeps it
    if config.get("tempdir") is not None:
        return
    path, lock = _locked()
    util.Finalize(None, _let_go, args=(path, lock), exitpriority=-100)  # as late as multiprocessing does
    config["tempdir"] = str(path)


def _let_go(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _locked() -> tuple[Path, int]:
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
    """Removes what killed programs left. Raises OSError where the place cannot be read."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            found = path.lstat()
        except FileNotFoundError:  # its program ended in this moment
            continue
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            continue
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _lock(path: Path) -> int | None:
    """An open handle that holds the folder, or None if another process does or it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), path.stat()):
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass  # held by its program, or removed between the two calls
    os.close(handle)
    return None
