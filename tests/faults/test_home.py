"""The home cannot be written, vanishes in mid-run, holds foreign or damaged files; and file handles run out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from twisted.internet.error import ConnectError

from newscrawl.crawl.http.fetches import explain
from newscrawl.errors import Exit
from newscrawl.model import FetchOutcome
from tests.support.fake_site import NOW, Stand, one
from tests.support.fault_site import PATHS, again, assert_complete, outlet, words
from tests.support.fresh import seed
from tests.support.process_pool import ProcessPool


@pytest.fixture(scope="module")
def site() -> Iterator[Stand]:
    """An outlet of eight articles."""
    with outlet(numbers=8) as running:
        yield running


def _run(process_pool: ProcessPool, site: Stand, home: Path, **more: object) -> tuple[int, str]:
    ended = process_pool.run(*words(site), home=home, NEWSCRAWL_NOW=NOW.isoformat(), **more)
    assert ended.out == ""
    return ended.code, ended.err


def test_read_only_home(process_pool: ProcessPool, site: Stand, tmp_path: Path) -> None:
    """Exit code 7, one line and no request; writable again, the next run is an ordinary one."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("mounting is for root; tests/faults/test_processes.py has homes that no user can write")
    home = tmp_path / "home"
    seed(f"sqlite:///{home / 'newscrawl.db'}")
    mounted = subprocess.run(["mount", "--bind", str(home), str(home)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a file system is not permitted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(home)], check=True)
        site.forget()
        code, errors = _run(process_pool, site, home)
        assert (code, errors.count("\n"), site.seen) == (Exit.ARCHIVE_UNUSABLE, 1, [])
        assert "may write" in errors or "may be written" in errors
    finally:
        subprocess.run(["umount", str(home)], check=True)
    assert _run(process_pool, site, home) == (0, "")
    assert_complete(home, process_pool, 8)


def test_home_renamed_in_mid_run(process_pool: ProcessPool, tmp_path: Path) -> None:
    """What is written goes with the folder or is refused; put back, the archive is whole and the next run completes it."""
    home, moved = tmp_path / "home", tmp_path / "moved"
    with outlet(slow=0.05, numbers=8) as slow:
        renamed = []

        def answer(_: object) -> object:
            if not renamed:
                home.rename(moved)
                renamed.append(True)
            return page

        page = slow.pages[PATHS[3]]
        slow.pages[PATHS[3]] = answer  # type: ignore[assignment]
        ended = process_pool.run(*words(slow), home=home, NEWSCRAWL_NOW=NOW.isoformat())
        assert renamed
        assert ended.code in (Exit.OK, Exit.ARCHIVE_UNUSABLE), ended.err
        assert "Traceback" not in ended.err
        assert not (home / "newscrawl.db").exists(), "a second archive was begun in the old folder"
        if home.exists():
            home.rename(tmp_path / "what a run left")
        moved.rename(home)
        assert process_pool.run("verify", home=home).code == 0
        assert process_pool.run(*words(slow), home=home, NEWSCRAWL_NOW=NOW.isoformat()).code == 0
    assert_complete(home, process_pool, 8)


@pytest.mark.parametrize("handles", [24, 40])
def test_few_file_handles(handles: int, process_pool: ProcessPool, site: Stand, tmp_path: Path) -> None:
    """Too few to start or to go on: an error in one line, or a run with failures; nothing torn, and the next run completes."""
    home = tmp_path / "home"
    seed(f"sqlite:///{home / 'newscrawl.db'}")
    code, errors = _run(process_pool, site, home, limits={"RLIMIT_NOFILE": handles})
    assert code in (Exit.OK, Exit.UNEXPECTED, Exit.NOTHING_FETCHED, Exit.PARTLY_FAILED, Exit.ARCHIVE_UNUSABLE)
    assert (code == Exit.OK) == (errors == ""), errors
    assert process_pool.run("verify", home=home).code == 0
    assert _run(process_pool, site, home)[0] == 0
    assert_complete(home, process_pool, 8)


def test_no_handle_free_is_no_fault_of_the_outlet() -> None:
    """The error names our own limit; it is not a refusal, so it is not an outage of the outlet."""
    outcome, reason = explain(ConnectError(24, "Too many open files"))
    assert (outcome, "ulimit -n" in reason) == (FetchOutcome.ERROR, True)


def test_handles_do_not_pile_up(tmp_path: Path) -> None:
    """As many files are open after four runs as after one."""
    with outlet() as site:
        again(tmp_path, site)
        before = _handles()
        for hours in (1, 2, 3):
            again(tmp_path / str(hours), site)
        assert _handles() <= before + 2


def _handles() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


# --- files ---------------------------------------------------------------------------------------------


def _cut_to_nothing(file: Path) -> None:
    file.write_bytes(b"")


def _gone(file: Path) -> None:
    file.unlink()


def _foreign(file: Path) -> None:
    (file.parent / "orda-20260512-00002.warc.gz").write_bytes(b"not ours at all" * 100)
    (file.parent / "holiday.jpg").write_bytes(b"\xff\xd8")


# name -> (what happens to the folder, the problems that `newscrawl verify` names)
DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut to nothing": (_cut_to_nothing, "file too short"),
    "gone": (_gone, "file not there"),
    "foreign files beside it": (_foreign, ""),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_folder(name: str, process_pool: ProcessPool, tmp_path: Path) -> None:
    """The run names the damage, leaves it as it is and continues; new data is whole, and verify names what is lost."""
    damage, kind = DAMAGE[name]
    with outlet(numbers=8) as site:
        again(tmp_path, site, limit="4")
        (file,) = (tmp_path / "warc").rglob("*.warc.gz")
        whole = file.read_bytes()
        damage(file)
        ended = process_pool.run(*words(site), home=tmp_path, NEWSCRAWL_NOW=NOW.isoformat())
        assert ended.code == Exit.OK, ended.err
        assert bool(ended.err) == bool(kind) or not kind
    assert one(tmp_path, "select count(*) from articles") == 8
    checked = process_pool.run("verify", home=tmp_path)
    if not kind:
        assert (checked.code, (file.parent / "holiday.jpg").exists()) == (0, True), checked.out
        return
    assert checked.code == Exit.ARCHIVE_UNUSABLE
    assert kind in checked.err
    file.write_bytes(whole)  # from a copy; later records are in another file
    assert process_pool.run("verify", home=tmp_path).code == 0
