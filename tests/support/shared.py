"""What is slow to make, made once for a test run and shared by its worker processes."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make(folder)` filled in the first process to ask for it. Others wait for it; nobody changes it."""
    place = run_folder() / name
    with locked(name):
        if not place.exists():
            beginning = Path(tempfile.mkdtemp(dir=run_folder()))
            make(beginning)
            beginning.rename(place)
    return place


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one process of this test run at a time is inside."""
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def run_folder() -> Path:
    """A folder that belongs to this test run; the last process to end removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    # A short path: a Unix socket, whose name may have 107 bytes at most, is made in here.
    folder = Path(tempfile.gettempdir()) / f"newscrawl-tests-{os.getuid()}-{run[:12]}"
    (folder / "users").mkdir(parents=True, exist_ok=True)
    user = folder / "users" / str(os.getpid())
    user.touch()
    atexit.register(_leave, folder, user, os.getpid())
    return folder


def _leave(folder: Path, user: Path, process: int) -> None:
    if os.getpid() != process:  # a fork that ends
        return
    user.unlink(missing_ok=True)
    if not any((folder / "users").iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
