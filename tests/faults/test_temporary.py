"""Temporary folders: removed at the end, or after a kill by the next program."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from newscrawl.errors import ArchiveError
from newscrawl.temporary import temporary_folder


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_removed_at_the_end(place: Path) -> None:
    """With all that is in it, also after an error."""

    def work() -> None:
        with temporary_folder() as folder:
            assert folder.parent == place
            (folder / "some").mkdir()
            (folder / "some" / "file").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert list(place.iterdir()) == []


def test_what_a_killed_program_left_is_removed(place: Path) -> None:
    """The folder of a living program stays, and so does everything with a similar name."""
    for name in ("nscrawl-import-left", "newscrawl-notes", "newscrawl-import-my", "pymp-other"):
        (place / name).mkdir()
        (place / name / "file").write_text("x")
    (place / "nscrawl-link").symlink_to(place / "newscrawl-notes")
    (place / "nscrawl-file").write_text("a file")
    with temporary_folder() as living, temporary_folder() as another:
        assert living.is_dir()
        assert another.is_dir()
        left = {path.name for path in place.iterdir()} - {living.name, another.name}
    assert left == {
        "newscrawl-notes", "newscrawl-import-my", "pymp-other", "nscrawl-link", "nscrawl-file"
    }  # fmt: skip
    assert (place / "newscrawl-notes" / "file").exists()


def test_two_programs_sweep_at_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that another program removes meanwhile is not an error."""
    (place / "nscrawl-left").mkdir()

    def listed(_: Path, pattern: str) -> list[Path]:
        assert pattern == "nscrawl-*"
        (place / "nscrawl-left").rmdir()
        return [place / "nscrawl-left"]

    monkeypatch.setattr(Path, "glob", listed)
    with temporary_folder() as folder:
        assert folder.parent == place


def test_no_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of our errors, with what to do."""
    monkeypatch.setattr(tempfile, "tempdir", str(place / "not-there"))
    with pytest.raises(ArchiveError, match="Set TMPDIR"), temporary_folder():
        pass
