"""A folder for what an import unpacks: gone at its end, and what a killed import left is cleared away by the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "newscrawl-import-"


@contextmanager
def scratch() -> Iterator[Path]:
    """A fresh folder below that for temporary files (TMPDIR). Raises OSError where none can be made.

    Its owner holds a lock on it as long as he lives, so a folder without one is nobody's any more.
    """
    _clear(Path(tempfile.gettempdir()))
    path, lock = _made()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path, lock
        os.close(lock)  # taken for a leftover between the two lines


def _clear(folder: Path) -> None:
    """Removes what killed imports of this user left; what is somebody else's, or no folder, is left alone."""
    for path in folder.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            held = os.fstat(lock)
            if held.st_uid == os.geteuid() and stat.S_ISDIR(held.st_mode):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass  # an import that goes on
        finally:
            os.close(lock)
