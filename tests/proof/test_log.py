"""The log of an archive: what a run enters, what a kill leaves, what other databases do, how an old archive comes in."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import ArchiveError, Exit
from newscrawl.proof import log as logs
from newscrawl.proof.log import NotHere, Place, RolledBack, bring_in, keep
from newscrawl.proof.notes import Checkpoint, Note, PrivateKey, PublicKey
from newscrawl.proof.tiles import Tiles
from newscrawl.store.proof.book import open_book
from tests.support.crash_points import die
from tests.support.damaged import archived, found, sql
from tests.support.fake_site import NOW

LATER = NOW + timedelta(days=30)


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive with a log of five runs."""
    return archived()


@pytest.fixture
def home(kept, tmp_path, monkeypatch) -> Path:
    """A copy of it, the archive of the working directory."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(kept, tmp_path / "archive"))


def book(home: Path):
    return open_book(f"sqlite:///{home / 'newscrawl.db'}")


def place(home: Path) -> Place:
    return Place.of(home, "newscrawl/test")


def forget_log(home: Path) -> None:
    """As an archive was before there were logs."""
    shutil.rmtree(home / "proof")
    (home / "state" / "proof.key").unlink()
    sql(
        home,
        *(
            f"delete from {table}"
            for table in ("proof_entries", "proof_checkpoints", "proof_files", "proof_pending")
        ),
    )


def proof(*arguments: str):
    return CliRunner().invoke(cli, ["proof", *arguments])


def rows(home: Path) -> int:
    with closing(sqlite3.connect(home / "newscrawl.db")) as connection:
        return sum(
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("runs", "captures", "articles", "versions", "changes", "observations")
        )


def test_a_run_enters_what_it_recorded(home):
    """Every row once, a closed file, the beginning; each run has its checkpoint, signed, with its root and time."""
    with book(home) as log:
        checkpoints = log.checkpoints()
        assert (len(checkpoints), log.waiting()) == (5, 0)
        size = checkpoints[-1].size
        said = [json.loads(Tiles(home / "proof", size).entry(index)) for index in range(size)]
    counted = {word: sum(one["entry"] == word for one in said) for word in ("log", "file")}
    assert counted == {"log": 1, "file": 1}
    assert size == rows(home) + 2
    key = PublicKey.parse(said[0]["key"])
    for one in checkpoints:
        note = Note.parse(one.note)
        assert note.signed_by([key]) == key
        checkpoint = Checkpoint.parse(note.text)
        assert checkpoint.root.hex() == one.root == Tiles(home / "proof", one.size).root().hex()
        assert abs(checkpoint.at - one.at) < timedelta(seconds=1)
    assert (home / "proof" / "checkpoint").read_text("utf-8") == checkpoints[-1].note


def test_the_key_is_its_owners(home, kept):
    """Nobody else reads the file, no other file holds it, and it does not print itself."""
    path = home / "state" / "proof.key"
    assert stat.S_IMODE((kept / "state" / "proof.key").stat().st_mode) == 0o600
    secret = path.read_text("utf-8").strip()
    # Base64 has a "+" of its own: only the first four separate.
    seed = secret.split("+", 4)[-1].encode()
    assert len(seed) == 44
    assert [
        one for one in home.rglob("*") if one.is_file() and one != path and seed in one.read_bytes()
    ] == []
    assert (
        seed.decode()
        not in repr(PrivateKey.parse(secret)) + proof("status").output + proof("init", "--json").output
    )


def test_an_old_archive_comes_in(home):
    """What it has from before the log, once; rows that wait come behind it; verify finds nothing missing, and says so before."""
    forget_log(home)
    with book(home) as log:
        assert keep(log, place(home), lambda: LATER).entries == 1  # its beginning
    assert "older than the log" in CliRunner().invoke(cli, ["verify"]).output
    with book(home) as log:
        added = bring_in(log, place(home), lambda: LATER)
        assert bring_in(log, place(home), lambda: LATER).entries == 0
        assert added.checkpoint is not None
    assert found(log=True) == []
    assert "older than the log" not in CliRunner().invoke(cli, ["verify"]).output


def test_stopped_in_the_middle_of_coming_in(home, monkeypatch):
    """It goes on where it was, and enters nothing twice."""
    forget_log(home)
    monkeypatch.setattr(logs, "BATCH", 10)

    def stop(_: int) -> None:
        steps.append(1)
        if len(steps) == 4:
            raise KeyboardInterrupt

    steps: list[int] = []
    with book(home) as log, pytest.raises(KeyboardInterrupt):
        bring_in(log, place(home), lambda: LATER, progress=stop)
    with book(home) as log:
        size = bring_in(log, place(home), lambda: LATER).checkpoint.size
    assert size == rows(home) + 3
    assert found(log=True) == []


def test_killed_before_any_step(home, tmp_path):
    """Before each step on a file of the log: the next time the log is whole, and has every row once."""
    forget_log(home)
    step, ends = 1, set()
    while True:
        copy = Path(shutil.copytree(home, tmp_path / f"killed-{step}" / "archive"))
        environment = {"NEWSCRAWL_HOME": str(copy), "NEWSCRAWL_NOW": LATER.isoformat()}
        steps = die(["proof", "init"], environment, copy / "proof", step)
        os.environ.pop("NEWSCRAWL_HOME", None)
        with book(copy) as log:
            bring_in(log, place(copy), lambda: LATER)
            assert log.waiting() == 0
            last = log.last()
            ends.add(last.size)
            assert Tiles(copy / "proof", last.size).root().hex() == last.root
            assert (copy / "proof" / "checkpoint").read_text("utf-8") == last.note
            with log.moment() as moment:
                assert len(moment.named(0, 10_000)) == last.size
        shutil.rmtree(copy.parent)
        if steps is not None:
            break
        step += 4
    assert ends == {rows(home) + 3}
    assert step > 10


def test_a_row_written_twice_is_entered_once(home):
    """A note of a row that the log has as it is."""
    sql(home, "insert into proof_pending (kind, row_id) values (3, 1), (3, 1), (2, 99999)")
    with book(home) as log:
        size = log.last().size
        assert keep(log, place(home), lambda: LATER).entries == 0
        assert (log.waiting(), log.last().size) == (0, size)


def test_a_row_that_lawfully_changed(home):
    """It is entered anew, with the number of the entry that it replaces; the earlier one stays."""
    sql(
        home,
        "update versions set extractor = 'newer' where id = 3",
        "insert into proof_pending (kind, row_id) values (4, 3)",
    )
    assert found(log=True) == []  # it waits
    with book(home) as log:
        assert keep(log, place(home), lambda: LATER).entries == 1
        size = log.last().size
    entry = json.loads(Tiles(home / "proof", size).entry(size - 1))
    before = json.loads(Tiles(home / "proof", size).entry(entry["amends"]))
    assert (entry["extractor"], entry["id"], before["id"]) == ("newer", 3, 3)
    assert found(log=True) == []


@pytest.mark.parametrize("how", ["database of yesterday", "database without a log"])
def test_the_database_was_put_back(home, kept, how):
    """A run adds nothing to a log that goes on further; `init` says what is lost, and then all is right."""
    yesterday = home.with_name("yesterday.db")
    shutil.copy(home / "newscrawl.db", yesterday)
    sql(
        home,
        "update versions set extractor = 'newer' where id = 3",
        "insert into proof_pending (kind, row_id) values (4, 3)",
    )
    with book(home) as log:
        keep(log, place(home), lambda: LATER)
    shutil.copy(yesterday, home / "newscrawl.db")
    if how != "database of yesterday":
        sql(
            home, *(f"delete from {table}" for table in ("proof_entries", "proof_checkpoints", "proof_files"))
        )
    assert {one["kind"] for one in found(log=True)} >= {"log_rolled_back"}
    with book(home) as log, pytest.raises(RolledBack):
        keep(log, place(home), lambda: LATER)
    if how == "database of yesterday":
        assert proof("init").exit_code == Exit.OK
        assert found(log=True) == []
        assert "lost with an earlier database" in CliRunner().invoke(cli, ["verify"]).output
    else:
        assert proof("init").exit_code == Exit.ARCHIVE_UNUSABLE


def test_files_of_the_log_lost(home):
    """Nothing is added, nothing made up."""
    shutil.rmtree(home / "proof")
    with book(home) as log, pytest.raises(NotHere):
        keep(log, place(home), lambda: LATER)
    assert {one["kind"] for one in found(log=True)} == {"log_damaged"}


def test_the_key_is_lost(home):
    """The log goes on with another one, which it names; both are asked for its checkpoints."""
    (home / "state" / "proof.key").unlink()
    sql(
        home,
        "insert into proof_pending (kind, row_id) values (3, 1)",
        "update versions set extractor = 'newer' where id = 3",
        "insert into proof_pending (kind, row_id) values (4, 3)",
    )
    with book(home) as log:
        assert keep(log, place(home), lambda: LATER).entries == 2
    assert found(log=True) == []


def test_a_key_that_is_none(home):
    """Said in one line; nothing is overwritten."""
    path = home / "state" / "proof.key"
    path.write_text("what is this\n", "utf-8")
    with book(home) as log, pytest.raises(ArchiveError, match="no private key"):
        keep(log, place(home), lambda: LATER)
    assert path.read_text("utf-8") == "what is this\n"


def test_backup_and_restore(home, tmp_path, monkeypatch):
    """The log comes with both, full tiles once; the key does not: the log goes on with another."""
    target = tmp_path / "backup"
    for _ in range(2):
        assert CliRunner().invoke(cli, ["backup", str(target), "--verify"]).exit_code == Exit.OK
    assert [one for one in target.rglob("*") if one.name == "proof.key"] == []
    other = tmp_path / "other"
    monkeypatch.setenv("NEWSCRAWL_HOME", str(other))
    result = CliRunner().invoke(cli, ["restore", str(target)])
    assert result.exit_code == Exit.OK, result.output
    assert found(log=True) == []
    assert proof("check", str(home / "proof" / "checkpoint")).output.startswith("the same: ")
    sql(
        other,
        "update versions set extractor = 'newer' where id = 3",
        "insert into proof_pending (kind, row_id) values (4, 3)",
    )
    with book(other) as log:
        assert keep(log, place(other), lambda: LATER).entries == 2  # and its new key
    assert found(log=True) == []
    assert proof("check", str(home / "proof" / "checkpoint")).output.startswith(
        "all right: 2 entries were added"
    )
