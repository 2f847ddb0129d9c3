"""No room on the disk, in the raw responses and in the database: exit code 7, one line, nothing torn, and the next run completes the work.

On a file system that is really full where the test may mount one; everywhere by a limit on the size of files.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newscrawl.errors import Exit
from tests.support.fake_site import NOW, Stand, one
from tests.support.fault_site import assert_complete, outlet, words
from tests.support.fresh import seed
from tests.support.process_pool import ProcessPool

Filled = Callable[[int], None]


@pytest.fixture(scope="module")
def site() -> Iterator[Stand]:
    """An outlet of eight articles."""
    with outlet(numbers=8) as running:
        yield running


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes. Skips where none may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a file system is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _fill(folder: Path, room: int) -> None:
    """Leaves `room` bytes."""
    stat = os.statvfs(folder)
    (folder / "filler").write_bytes(b"x" * (stat.f_bavail * stat.f_frsize - room))


def _home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    seed(f"sqlite:///{home / 'newscrawl.db'}")
    return home


def _stopped(process_pool: ProcessPool, site: Stand, home: Path, message: str, **more: object) -> None:
    """A run that finds the disk full says so in one line and ends with 7; the archive stays whole."""
    ended = process_pool.run(*words(site), home=home, NEWSCRAWL_NOW=NOW.isoformat(), **more)
    assert ended.code == Exit.ARCHIVE_UNUSABLE, ended.err
    assert (ended.out, ended.err.count("\n")) == ("", 1)
    assert message in ended.err
    assert "ake room" in ended.err


def _completed(process_pool: ProcessPool, site: Stand, home: Path) -> None:
    """The run after it, at once."""
    ended = process_pool.run(*words(site), home=home, NEWSCRAWL_NOW=NOW.isoformat())
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert_complete(home, process_pool, 8)


@pytest.mark.parametrize("room", [9 << 10], ids=["room for some"])
def test_disk_full_of_raw_responses(
    room: int, process_pool: ProcessPool, site: Stand, small_disk: Path, tmp_path: Path
) -> None:
    """The WARC's disk is full from the beginning or in mid-run. No address counts as failed: the next run fetches at once."""
    home = _home(tmp_path)
    (home / "warc").symlink_to(small_disk)
    _fill(small_disk, room)
    _stopped(process_pool, site, home, ".warc.gz")
    assert not one(home, "select count(*) from leads where outcome is not null and article_id is null")
    assert process_pool.run("verify", home=home).code == 0
    (small_disk / "filler").unlink()
    _completed(process_pool, site, home)


@pytest.mark.parametrize("room", [0, 140 << 10], ids=["no room", "room for some"])
def test_disk_full_of_database(
    room: int, process_pool: ProcessPool, site: Stand, small_disk: Path, tmp_path: Path
) -> None:
    """The database's disk is full when it is opened or at a commit; only responses without a row are left over."""
    home = _home(tmp_path)
    (home / "newscrawl.db").unlink()
    seed(f"sqlite:///{small_disk / 'newscrawl.db'}")
    for name in ("newscrawl.db", "newscrawl.db-wal", "newscrawl.db-shm"):
        (home / name).symlink_to(small_disk / name)
    _fill(small_disk, room)
    _stopped(process_pool, site, home, "newscrawl.db: the database says:")
    (small_disk / "filler").unlink()
    assert process_pool.run("verify", home=home).code == 0
    _completed(process_pool, site, home)


@pytest.mark.parametrize("most", [7_000, 217_088 + 100_000])
def test_files_may_not_grow(most: int, process_pool: ProcessPool, site: Stand, tmp_path: Path) -> None:
    """A limit on the size of files (quota, RLIMIT_FSIZE) is reached by one file or another."""
    home = _home(tmp_path)
    _stopped(process_pool, site, home, "", limits={"RLIMIT_FSIZE": most})
    assert process_pool.run("verify", home=home).code == 0
    _completed(process_pool, site, home)
