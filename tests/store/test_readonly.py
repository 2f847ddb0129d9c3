"""An archive that may not be written: a folder of another user, a read-only disk. Readers read it, and leave no trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from newscrawl.cli import cli
from newscrawl.errors import Exit
from newscrawl.store import schema
from newscrawl.store.archive import open_archive
from newscrawl.store.readonly import may_write
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, ROOT, Stand, front, story
from tests.support.rights import ordinary_user


@contextmanager
def _sealed(folder: Path) -> Iterator[None]:
    """Takes every right to write from everything in a folder; root reads it as nobody meanwhile, because rights do not bind root."""
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with ordinary_user():
            yield
    finally:
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("crawled") / "archive"
    with Stand({"/": front("/ferry-number-301"), "/ferry-number-301": story("Nr301")}) as site:
        assert crawl(home, NOW, edition="en", site=site.url).exit_code == Exit.OK
    return home


@pytest.fixture
def home(crawled: Path) -> Iterator[Path]:
    """A copy of the archive where every user may look (pytest's own folders are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="newscrawl-readonly-"))
    folder.chmod(0o755)
    shutil.copytree(crawled, folder / "archive")
    yield folder / "archive"
    shutil.rmtree(folder)


def _run(home: Path, *words: str) -> Result:
    return CliRunner(env={"NEWSCRAWL_HOME": str(home)}).invoke(cli, words)


READERS = [
    "list", "show 1", "history 1", "changes", "removed", "coverage", "sources", "export articles", "export observations",
    "verify --workers 1", "db current",
]  # fmt: skip


def test_readers_read(home: Path) -> None:
    """Every reading command answers as ever, and no file is made or touched."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    expected = {words: _run(home, *words.split()).stdout for words in READERS}
    assert set(before) == {path for path in home.rglob("*") if path.is_file()}
    with _sealed(home):
        assert not may_write(home / "newscrawl.db")
        for words in READERS:
            done = _run(home, *words.split())
            assert (done.exit_code, done.stdout) == (Exit.OK, expected[words]), (words, done.stderr)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_writers_say_so(home: Path) -> None:
    """What has to write says that it cannot, in one line, with exit code 7."""
    for words in ("db downgrade 0001 --yes", "crawl orda"):
        with _sealed(home):
            done = _run(home, *words.split())
        assert (done.exit_code, done.stderr.count("\n")) == (Exit.ARCHIVE_UNUSABLE, 1), (words, done.stderr)


@pytest.mark.parametrize("at_work", [True, False])
def test_words_that_are_not_in_the_file_yet(home: Path, at_work: bool) -> None:
    """While its writer lives the newest rows are read from its log; a log left behind is never passed over in silence."""
    writer = create_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with writer.connect() as connection:
        connection.execute(text("update versions set title = 'Written a moment ago'"))
        connection.commit()
        if at_work:
            with _sealed(home):
                assert "Written a moment ago" in _run(home, "list").stdout
        else:
            left = home.parent / "left"
            shutil.copytree(home, left)
            (left / "newscrawl.db-shm").unlink()
            with _sealed(left):
                done = _run(left, "list")
            assert (done.exit_code, done.stdout) == (Exit.ARCHIVE_UNUSABLE, "")
            assert "Copy newscrawl.db and newscrawl.db-wal into a folder that you may write to" in done.stderr
            assert "Written a moment ago" in _run(left, "list").stdout
    writer.dispose()


def test_an_old_schema(home: Path) -> None:
    """It cannot be brought up to date in place, and that is what is said."""
    engine = open_archive(f"sqlite:///{home / 'newscrawl.db'}")
    schema.downgrade(engine, schema.REVISIONS[-2])
    engine.dispose()
    with _sealed(home):
        done = _run(home, "list")
    assert (done.exit_code, done.stderr.count("\n")) == (Exit.ARCHIVE_UNUSABLE, 1)
    assert "nothing may be written here. Copy it into a folder" in done.stderr


def test_a_disk_that_is_read_only(home: Path) -> None:
    """The same on a disk mounted read-only, where not even root may write."""
    mount = f"mount --bind '{home}' '{home}' && mount -o remount,bind,ro '{home}' && ! touch '{home}/x' 2>/dev/null"
    if subprocess.run(["unshare", "--mount", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"{mount} && exec '{sys.executable}' -m newscrawl list"],
        env={**os.environ, "NEWSCRAWL_HOME": str(home), "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, _run(home, "list").stdout, "")
