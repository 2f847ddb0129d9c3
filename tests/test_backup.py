"""`newscrawl backup` and `restore`: whole and checked at every moment, incremental, nothing written over, nothing lost by a kill."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit
from newscrawl.upkeep.turn import turn
from newscrawl.warc import manifest
from newscrawl.warc.durable import sha256_of
from tests import keeping
from tests.crawling import crawl
from tests.dying import die
from tests.newsstand import Stand, front, story


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The archive of the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_NOW", keeping.LATER.isoformat())
    return keeping.archive(tmp_path / "archive")


@pytest.fixture
def kept(home) -> Path:
    """A folder with one backup of it."""
    assert backup()["problems"] == []
    return home.parent / "kept"


def run(*words: object):
    """A command's result."""
    return CliRunner().invoke(cli, [str(word) for word in words])


def backup(*options: object, code: int = Exit.OK) -> dict:
    """What a backup into the folder `kept` says of itself."""
    result = run("backup", "kept", "--json", *options)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout.splitlines()[0])


def tree(folder: Path, *without: str) -> dict[str, str]:
    """Every file below a folder with its hash."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"upkeep.lock", *without}
    }


def warcs(home: Path) -> list[Path]:
    return sorted((home / "warc").rglob("*.warc.gz"))


def sql(database: Path, statement: str) -> list[tuple]:
    """Asks or changes a database behind the program's back."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_there_and_back(home, kept, monkeypatch):
    """What is restored is the archive: the same WARC files byte for byte, the same rows; a stranger can check every byte."""
    (snapshot,) = (kept / "snapshots").iterdir()
    said = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", f"snapshots/{snapshot.name}/{manifest.NAME}"],
        cwd=kept, capture_output=True, text=True,
    )  # fmt: skip
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home.parent / "again"))
    result = run("restore", "kept")
    assert result.exit_code == Exit.OK, result.output
    assert "all right: " in result.stdout
    assert tree(home.parent / "again" / "warc") == tree(home / "warc")
    rows = "select group_concat(id || content_hash || body) from versions"
    assert sql(home.parent / "again" / "newscrawl.db", rows) == sql(home / "newscrawl.db", rows)
    assert run("verify").exit_code == Exit.OK


def test_by_hand(home, kept, monkeypatch):
    """The three commands of README.txt make an archive that agrees with itself."""
    text = (kept / "README.txt").read_text()
    lines = [line.strip() for line in text.splitlines() if line.startswith(("    cp", "    mkdir"))]
    chosen = next((kept / "snapshots").iterdir()).name
    for line in lines:
        subprocess.run(
            line.replace("ARCHIVE", "../hand").replace("CHOSEN", chosen), shell=True, cwd=kept, check=True
        )
    assert len(lines) == 3
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home.parent / "hand"))
    assert run("verify").exit_code == Exit.OK


def test_closed_files_are_copied_once(home, kept):
    """The second backup copies a database and two small files; nothing that was there is touched."""
    before = tree(kept)
    again = backup()
    assert again["copied"] == 3
    assert {path: digest for path, digest in tree(kept).items() if path in before} == before
    assert again["files"] == len(warcs(home)) + 3


def test_an_open_file_is_copied_as_far_as_the_snapshot_goes(home, monkeypatch):
    """On its own day a file still grows: the copy ends with the last record that the database knows, torn bytes stay out."""
    monkeypatch.setenv("NEWSCRAWL_NOW", keeping.END.isoformat())
    newest = warcs(home)[-1]
    with newest.open("ab") as file:
        file.write(b"the beginning of a record")
    assert backup("--verify")["problems"] == []
    (copied,) = Path("kept").glob("snapshots/*/warc/orda/2026/*.warc.gz")
    (end,) = sql(
        home / "newscrawl.db", f"select max(offset + length) from captures where file like '%{newest.name}'"
    )[0]
    assert copied.read_bytes() == newest.read_bytes()[:end]
    monkeypatch.setenv("NEWSCRAWL_HOME", "again")
    assert run("restore", "kept").exit_code == Exit.OK
    assert run("verify").exit_code == Exit.OK


def test_while_a_crawl_runs(home, monkeypatch):
    """A backup taken in the middle of a run is whole, and the run does not notice."""
    reached, go_on = threading.Event(), threading.Event()

    def slow(_: object) -> str:
        reached.set()
        go_on.wait(30)
        return story("Nr999")

    ends = []
    with Stand({"/": front("/ferry-number-998", "/ferry-number-999")}) as site:
        site.pages |= {"/ferry-number-998": story("Nr998"), "/ferry-number-999": slow}
        crawling = threading.Thread(
            target=lambda: ends.append(crawl(home, keeping.LATER, edition="en", site=site.url, recheck="no"))
        )
        crawling.start()
        assert reached.wait(60)
        said = backup("--verify")
        go_on.set()
        crawling.join()
    assert said["problems"] == []
    assert ends[0].exit_code == Exit.OK, ends[0].line
    assert run("verify").exit_code == Exit.OK
    monkeypatch.setenv("NEWSCRAWL_HOME", "again")
    assert run("restore", "kept").exit_code == Exit.OK
    assert run("verify").exit_code == Exit.OK


def test_old_snapshots_go_when_the_new_one_is_right(home, kept):
    """The newest N stay; where something is wrong nothing is removed."""
    names = [backup("--keep", 2)["snapshot"] for _ in range(2)]
    assert [path.name for path in sorted((kept / "snapshots").iterdir())] == names
    warcs(home)[0].unlink()
    said = backup("--keep", 1, code=Exit.ARCHIVE_UNUSABLE)
    assert said["problems"] == [
        f"orda/2026/{warcs(kept)[0].name}: is gone from the archive; the backup has it"
    ]
    assert len(list((kept / "snapshots").iterdir())) == 3


def test_what_cannot_be_copied_is_named_and_the_rest_goes_on(home, monkeypatch):
    """A damaged and a lost file cost a line each and exit code 7; everything else is in the snapshot and comes back."""
    monkeypatch.setenv("NEWSCRAWL_NOW", keeping.END.isoformat())
    backup()
    shutil.rmtree("kept")
    damaged, *_, lost = warcs(home)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    lost.unlink()
    said = backup(code=Exit.ARCHIVE_UNUSABLE)
    assert [problem.partition(": ")[2][:12] for problem in said["problems"]] == [
        "has not the ",
        "the file is ",
    ]
    result = run("backup", "kept", "--check")
    assert result.exit_code == Exit.ARCHIVE_UNUSABLE
    assert f"{lost.name}: not in the snapshot" in result.stderr
    monkeypatch.setenv("NEWSCRAWL_HOME", "again")
    result = run("restore", "kept")
    assert result.exit_code == Exit.ARCHIVE_UNUSABLE
    assert f"{lost.name}: the backup never had it" in result.stderr
    assert len(warcs(Path("again"))) == len(warcs(home)) - 1


def test_other_bytes_never_replace_a_copy(home, kept):
    """A closed file that comes with another hash is named; the backup keeps what it has."""
    path = warcs(home)[0]
    before = tree(kept)
    path.write_bytes(path.read_bytes() + path.read_bytes())
    (home / "warc" / "orda" / manifest.NAME).unlink()
    said = backup(code=Exit.ARCHIVE_UNUSABLE)
    assert said["problems"] == [
        f"orda/2026/{path.name}: the backup has other bytes of this name; neither was touched"
    ]
    assert before.items() <= tree(kept).items()


@pytest.mark.parametrize("how", ["missing", "short", "changed"])
def test_a_backup_that_rots_is_told(kept, how):
    """--check sees missing and short files, with --verify every byte; a short copy is made again by the next backup."""
    path = warcs(kept)[0]
    data = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:-1] + (b"" if how == "short" else bytes([data[-1] ^ 1])))
    assert run("backup", "kept", "--check").exit_code == (
        Exit.OK if how == "changed" else Exit.ARCHIVE_UNUSABLE
    )
    assert path.name in run("backup", "kept", "--check", "--verify").stderr
    if how != "changed":
        assert backup("--verify")["problems"] == []
        assert path.read_bytes() == data


def test_restoring_from_a_rotten_backup(kept, monkeypatch):
    """What has changed is not put back, and named; the rest is."""
    path = warcs(kept)[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    monkeypatch.setenv("NEWSCRAWL_HOME", "again")
    result = run("restore", "kept", "--json")
    assert result.exit_code == Exit.ARCHIVE_UNUSABLE
    assert json.loads(result.stdout)["problems"][0].startswith(
        f"warc/orda/2026/{path.name}: has not the SHA-256"
    )
    assert [one.name for one in warcs(Path("again"))] == [one.name for one in warcs(kept)[1:]]


def test_the_place_must_be_free(home, kept):
    """An archive is never written over: refused, or with --replace renamed with all that belongs to it."""
    before = tree(home)
    result = run("restore", "kept")
    assert (result.exit_code, tree(home)) == (Exit.USAGE, before)
    assert "there is an archive here" in result.stderr
    (home / "newscrawl.db-wal").write_bytes(b"of another database")
    result = run("restore", "kept", "--replace")
    assert result.exit_code == Exit.OK, result.output
    names = sorted(
        path.name.partition(".replaced-")[0] for path in home.iterdir() if ".replaced-" in path.name
    )
    assert names == ["newscrawl.db", "newscrawl.db-wal", "warc"]
    assert run("verify").exit_code == Exit.OK


def test_which_snapshot(home, kept, monkeypatch):
    """The newest by default, an earlier one by the beginning of its name."""
    (first,) = sorted(path.name for path in (kept / "snapshots").iterdir())
    sql(home / "newscrawl.db", "update articles set title = 'Later' where id = 2")
    sql(home / "newscrawl.db", "update versions set title = 'Later' where article_id = 2")
    second = backup()["snapshot"]
    monkeypatch.setenv("NEWSCRAWL_HOME", "again")
    result = run("restore", "kept", "--at", "1999")
    assert result.exit_code == Exit.USAGE
    assert f"There are {first}, {second}" in result.stderr
    assert run("restore", "kept", "--at", first).exit_code == Exit.OK
    assert sql(Path("again/newscrawl.db"), "select count(*) from articles where title = 'Later'") == [(0,)]


REFUSED = {
    "inside the archive": ("backup archive/backup", Exit.USAGE, "must lie outside the archive"),
    "around the archive": ("backup .", Exit.USAGE, "must lie outside the archive"),
    "something else's folder": ("backup other", Exit.USAGE, "is not empty"),
    "a file": ("backup other/file", Exit.USAGE, "is no folder for backups"),
    "nothing to check": ("backup nothing --check", Exit.USAGE, "holds no complete snapshot"),
    "nothing to restore": ("restore nothing", Exit.USAGE, "is no folder"),
    "no backup": ("restore other", Exit.USAGE, "is not empty, and no backup"),
    "none kept": ("backup kept --keep 0", Exit.USAGE, "--keep"),
    "cannot be made": ("backup /proc/nothing/here", Exit.ARCHIVE_UNUSABLE, "cannot be written"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name, home):
    """One line that says why, and nothing is written."""
    words, code, line = REFUSED[name]
    Path("other").mkdir()
    Path("other/file").write_text("mine")
    before = tree(Path())
    result = run(*words.split())
    assert (result.exit_code, result.stdout) == (code, "")
    assert line in result.stderr
    assert result.stderr.count("\n") == 1
    assert tree(Path()) == before
    assert not Path("nothing").exists()


def test_one_at_a_time(home, kept):
    """Two backups of an archive, or into one folder, keep out of each other's way: exit code 5, nothing done."""
    before = tree(kept)
    for folder in (home / "state", kept):
        with turn(folder):
            assert run("backup", "kept").exit_code == Exit.ALREADY_RUNNING
    with turn(home / "state"):
        assert run("prune", "--unchanged-older-than", "1d", "--apply").exit_code == Exit.ALREADY_RUNNING
    assert tree(kept) == before


def test_no_archive_no_backup(tmp_path, monkeypatch):
    """A wrong home makes no empty backup, and nothing in the wrong place."""
    monkeypatch.chdir(tmp_path)
    assert run("backup", "kept").exit_code == Exit.ARCHIVE_UNUSABLE
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_not_backed_up(home, kept):
    """A snapshot is checked; the earlier ones stay as they were."""
    before = tree(kept)
    with (home / "newscrawl.db").open("r+b") as file:
        file.seek(40_000)
        file.write(b"\xff" * 30_000)
    assert run("backup", "kept", "--keep", "1").exit_code == Exit.ARCHIVE_UNUSABLE
    assert tree(kept) == before


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_backup(home, kept, seed):
    """Before any step on the disk: the earlier snapshot is whole, and the next backup completes."""
    environment = {"NEWSCRAWL_HOME": str(home)}
    fresh = str(home.parent / "fresh")
    target = (str(kept), fresh)[seed % 2]
    shutil.rmtree(fresh, ignore_errors=True)
    steps = die(
        ["backup", str(shutil.copytree(kept, home.parent / "probe")) if seed % 2 == 0 else fresh],
        environment,
        home.parent,
        0,
    )
    shutil.rmtree(fresh, ignore_errors=True)
    assert (
        die(
            ["backup", target, "--keep", "1"], environment, home.parent, random.Random(seed).randint(1, steps)
        )
        is None
    )
    if target != fresh:
        assert run("backup", "kept", "--check", "--verify").exit_code == Exit.OK
    assert run("verify").exit_code == Exit.OK
    assert run("backup", target, "--verify", "--keep", "1").exit_code == Exit.OK
    assert len(list((Path(target) / "snapshots").iterdir())) == 1
    assert not list(Path(target).rglob("*.unfinished*"))


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_restore(home, kept, seed):
    """There is no database before all is there; started again it goes on and ends with the same archive."""
    again = home.parent / "again"
    environment = {"NEWSCRAWL_HOME": str(again)}
    steps = die(
        ["restore", str(kept)], {"NEWSCRAWL_HOME": str(home.parent / "probe")}, home.parent / "probe", 0
    )
    assert (
        die(["restore", str(kept)], environment, again, random.Random(seed).randint(1, steps * 3 // 4))
        is None
    )
    result = CliRunner(env=environment).invoke(cli, ["restore", str(kept)])
    assert result.exit_code == Exit.OK, result.output
    assert tree(again / "warc") == tree(home / "warc")
    assert not (again / "state" / "restoring.json").exists()
