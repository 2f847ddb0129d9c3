"""`newscrawl backup`, `restore` and `prune`: whole and checked at every moment, nothing written over, nothing lost by a kill, what is deleted is reported."""

from __future__ import annotations

import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit
from newscrawl.maintenance.backup import ArchiveLocation, Report, back_up
from newscrawl.maintenance.lock import exclusive
from newscrawl.model import VerdictKind
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.copy.prunable import Policy, candidates
from newscrawl.warc import manifest, records
from newscrawl.warc.durable import sha256_of
from newscrawl.warc.rewriting import successor
from tests.support import aged_archive
from tests.support.crash_points import die
from tests.support.crawling import crawl
from tests.support.factory import START, press
from tests.support.fake_site import Stand, front, one, rows, story

ALL = ("--unchanged-older-than", "1d", "--listings-older-than", "1d", "--unreferenced-older-than", "1d")


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The archive of the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_NOW", aged_archive.LATER.isoformat())
    return aged_archive.archive(tmp_path / "archive")


@pytest.fixture
def kept(home) -> Path:
    """A folder with one backup of it."""
    assert backup()["problems"] == []
    return home.parent / "kept"


def run(*words: object):
    """A command's result."""
    return CliRunner().invoke(cli, [str(word) for word in words])


def backup(*options: object, code: int = Exit.OK) -> dict:
    """The JSON report of a backup into the folder `kept`."""
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
    """Queries or changes a database directly."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_there_and_back(home, kept, monkeypatch):
    """What is restored is the archive: the same WARC files byte for byte, the same rows; a stranger can check every byte."""
    (snapshot,) = (kept / "snapshots").iterdir()
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", f"snapshots/{snapshot.name}/{manifest.NAME}"],
        cwd=kept, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home.parent / "again"))
    result = run("restore", "kept")
    assert result.exit_code == Exit.OK, result.output
    assert "all right: " in result.stdout
    assert tree(home.parent / "again" / "warc") == tree(home / "warc")
    rows = "select group_concat(id || content_hash || body) from versions"
    assert sql(home.parent / "again" / "newscrawl.db", rows) == sql(home / "newscrawl.db", rows)
    assert run("verify").exit_code == Exit.OK


def test_an_archive_on_postgres(home, postgres_url, monkeypatch):
    """A backup restored to PostgreSQL, and a backup of that: the same archive again."""
    backup()
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home.parent / "server"))
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", postgres_url)
    assert run("restore", "kept").exit_code == Exit.OK
    assert run("restore", "kept").exit_code == Exit.USAGE
    result = run("backup", "again", "--verify")
    assert result.exit_code == Exit.OK, result.output
    monkeypatch.delenv("NEWSCRAWL_DATABASE_URL")
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home.parent / "third"))
    assert run("restore", "again").exit_code == Exit.OK
    assert run("verify").exit_code == Exit.OK
    rows = "select group_concat(id || content_hash || body) from versions"
    assert sql(home.parent / "third" / "newscrawl.db", rows) == sql(home / "newscrawl.db", rows)


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
    """The second backup copies a database, two small files, and three of the log that are not full; nothing that was there is touched."""
    before = tree(kept)
    again = backup()
    assert again["copied"] == 6
    assert {path: digest for path, digest in tree(kept).items() if path in before} == before
    assert again["files"] == len(warcs(home)) + 6


def test_an_open_file_is_copied_as_far_as_the_snapshot_goes(home, monkeypatch):
    """On its own day a file still grows: the copy ends with the last record that the database knows, torn bytes stay out."""
    monkeypatch.setenv("NEWSCRAWL_NOW", aged_archive.END.isoformat())
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
    """A backup taken in the middle of a run is whole, and the run is not disturbed."""
    taken: list[Report] = []

    def backed_up(_: object) -> str:
        place = ArchiveLocation(f"sqlite:///{home / 'newscrawl.db'}", home, "test")
        taken.append(back_up(place, Path("kept"), now=aged_archive.LATER, keep=1, thorough=True))
        return story("Nr999")

    with Stand({"/": front("/ferry-number-998", "/ferry-number-999")}) as site:
        site.pages |= {"/ferry-number-998": story("Nr998"), "/ferry-number-999": backed_up}
        ending = crawl(home, aged_archive.LATER, edition="en", site=site.url, recheck="no")
    assert ending.exit_code == Exit.OK, ending.line
    assert [report.problems for report in taken] == [[]]
    assert run("verify").exit_code == Exit.OK
    monkeypatch.setenv("NEWSCRAWL_HOME", "again")
    assert run("restore", "kept").exit_code == Exit.OK
    assert run("verify").exit_code == Exit.OK


def test_old_snapshots_go_when_the_new_one_is_right(home, kept):
    """The newest N stay; where something is wrong nothing is removed."""
    names = [backup("--keep", 2)["snapshot"] for _ in range(2)]
    assert [path.name for path in sorted((kept / "snapshots").iterdir())] == names
    warcs(home)[0].unlink()
    report = backup("--keep", 1, code=Exit.ARCHIVE_UNUSABLE)
    assert report["problems"] == [
        f"orda/2026/{warcs(kept)[0].name}: is gone from the archive; the backup has it"
    ]
    assert len(list((kept / "snapshots").iterdir())) == 3


def test_as_many_snapshots_stay_as_asked_for(home):
    """No snapshot is removed before there are more than N; then only the oldest."""
    place, names = ArchiveLocation(f"sqlite:///{home / 'newscrawl.db'}", home, "test"), []
    for hour in range(7):
        now = aged_archive.LATER + timedelta(hours=hour)
        names.append(back_up(place, Path("kept"), now=now, keep=5).snapshot)
        left = sorted(path.name for path in Path("kept/snapshots").iterdir())
        assert left == names[-5:]


def test_what_cannot_be_copied_is_named_and_the_rest_goes_on(home, monkeypatch):
    """A damaged and a lost file cost a line each and exit code 7; everything else is in the snapshot and comes back."""
    monkeypatch.setenv("NEWSCRAWL_NOW", aged_archive.END.isoformat())
    backup()
    shutil.rmtree("kept")
    damaged, *_, lost = warcs(home)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    lost.unlink()
    report = backup(code=Exit.ARCHIVE_UNUSABLE)
    assert [problem.partition(": ")[2][:12] for problem in report["problems"]] == [
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
    report = backup(code=Exit.ARCHIVE_UNUSABLE)
    assert report["problems"] == [
        f"orda/2026/{path.name}: the backup has other bytes of this name; neither was touched"
    ]
    assert before.items() <= tree(kept).items()


@pytest.mark.parametrize("how", ["missing", "short", "changed"])
def test_a_backup_that_rots_is_reported(kept, how):
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
    (home / "newscrawl.db").unlink()
    (home / "newscrawl.db-wal").write_bytes(b"of another database")
    result = run("restore", "kept", "--replace")
    assert result.exit_code == Exit.OK, result.output
    names = sorted(
        path.name.partition(".replaced-")[0] for path in home.iterdir() if ".replaced-" in path.name
    )
    assert names == ["newscrawl.db-wal", "proof", "warc"]
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
    """Two backups of an archive, or into one folder, exclude each other: exit code 5, nothing done."""
    before = tree(kept)
    for folder in (home / "state", kept):
        with exclusive(folder):
            assert run("backup", "kept").exit_code == Exit.ALREADY_RUNNING
    with exclusive(home / "state"):
        assert run("prune", "--unchanged-older-than", "1d", "--apply").exit_code == Exit.ALREADY_RUNNING
    assert tree(kept) == before


def test_no_archive_no_backup(tmp_path, monkeypatch):
    """With a wrong home no empty backup is made, and nothing is created in the wrong folder."""
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


def test_no_room(home, kept, monkeypatch):
    """A disk that is full in the middle: exit code 7 and one line; the earlier snapshot is whole, and with room all goes on."""
    before = tree(kept)
    for words, where in ((["backup", "kept"], home), (["restore", "kept"], home.parent / "again")):
        monkeypatch.setenv("NEWSCRAWL_HOME", str(where))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
        try:
            result = run(*words)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert result.exit_code == Exit.ARCHIVE_UNUSABLE, result.output
        assert result.stderr.count("\n") == 1
        assert str(home / "newscrawl.db") not in result.stderr  # the disk of the archive has room
        assert tree(kept) == before
        assert run(*words).exit_code == Exit.OK
        before = tree(kept)


@pytest.mark.parametrize("seed", range(2))
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


@pytest.mark.parametrize("seed", range(2))
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


# --- pruning ---


def prune(*options: str, code: int = Exit.OK) -> dict:
    """The JSON report of a pruning."""
    result = run("prune", "--json", *options)
    assert result.exit_code == code, result.output
    (line,) = result.stdout.splitlines()
    return json.loads(line)


def whole(home: Path) -> None:
    result = run("verify")
    assert result.exit_code == Exit.OK, result.stdout


def names(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "warc").rglob("*.warc.gz*"))


def pruned_captures(home: Path) -> dict[int, str]:
    """Captures of checks and lists by id: address, and whether they were pruned."""
    query = "select id, url, pruning_id is not null as gone from captures"
    return {row["id"]: (row["url"].rpartition("/")[2], bool(row["gone"])) for row in rows(home, query)}


def test_a_dry_run_changes_nothing(home):
    """Numbers, bytes and days are reported, and what would be done is exactly what --apply does."""
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*.warc.gz")}
    planned = prune(*ALL)
    assert planned["parts"]["unchanged"]["responses"] > 3
    assert planned["parts"]["listings"]["responses"] > 0
    assert planned["parts"]["unreferenced"]["responses"] > 0
    assert (
        one(home, "select count(*) from prunings")
        == one(home, "select count(*) from runs where arguments like '%prune%'")
        == 0
    )
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*.warc.gz")} == before
    assert prune(*ALL, "--apply") == planned | {"applied": True}
    assert prune(*ALL)["bytes"] == 0


def test_the_default_keeps_everything(home):
    """Without a policy nothing is done, whatever is asked; newscrawl.toml may hold one."""
    result = run("prune", "--apply")
    assert (result.exit_code, result.stdout.startswith("The policy keeps everything")) == (Exit.OK, True)
    Path("newscrawl.toml").write_text('prune_unchanged = "1d"\n')
    assert list(prune()["parts"]) == ["unchanged"]


def test_what_stays_and_what_is_reported(home):
    """First and last response of each version, all of the removed article, and all rows stay; the rest is marked as pruned."""
    size = sum(path.stat().st_size for path in home.rglob("*.warc.gz"))
    observations = one(home, "select count(*) from observations")
    freed = prune("--unchanged-older-than", "1d", "--apply")["bytes"]
    whole(home)
    notes = 2000 * one(home, "select count(*) from prunings")
    assert size - freed <= sum(path.stat().st_size for path in home.rglob("*.warc.gz")) < size - freed + notes
    assert one(home, "select count(*) from observations") == observations
    gone = {name for name, pruned in pruned_captures(home).values() if pruned}
    assert aged_archive.GONE.strip("/") not in gone
    assert aged_archive.QUIET.strip("/") in gone
    seen = "select o.article_id, o.version, o.verdict, c.pruning_id from observations o join captures c on c.id = o.capture_id where o.version is not null and c.status = 200 order by o.at, o.id"
    by_version: dict[tuple, list] = {}
    for row in rows(home, seen):
        by_version.setdefault((row["article_id"], row["version"]), []).append(row["pruning_id"])
    assert all(found[0] is None and found[-1] is None for found in by_version.values())
    assert not one(
        home,
        "select count(*) from versions v join captures c on c.id = v.capture_id where c.pruning_id is not null",
    )
    article = one(home, f"select id from articles where url_key like '%{aged_archive.QUIET}'")
    history = " ".join(run("history", article).stdout.split())
    assert f"raw responses pruned by policy, last on {aged_archive.LATER:%Y-%m-%d %H:%M} UTC" in history
    observations = [
        json.loads(line) for line in run("export", "observations", "--format", "jsonl").stdout.splitlines()
    ]
    instants = {observation["capture"]["pruned"] for observation in observations if observation["capture"]}
    assert {str(at)[:10] for at in instants} == {"None", f"{aged_archive.LATER:%Y-%m-%d}"}


def test_strangers_can_read_what_is_left(home):
    """Another program finds every digest right, the manifest agrees, and the file records what was pruned."""
    prune(*ALL, "--apply")
    files = sorted((home / "warc").rglob("*-pruned1.warc.gz"))
    assert files
    checked = subprocess.run(
        [Path(sys.executable).with_name("warcio"), "check", *files], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    summed = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", manifest.NAME],
        cwd=home / "warc" / "orda",
        capture_output=True,
        text=True,
    )
    assert (summed.returncode, summed.stdout, summed.stderr) == (0, "", "")
    *_, note = records(files[0])
    assert note.type == "metadata"
    assert f"pruned-from: {files[0].name.replace('-pruned1', '')}".encode() in note.block
    assert (
        b"policy: unchanged older than 1d, listings older than 1d, unreferenced older than 1d" in note.block
    )


def test_life_goes_on(home):
    """After a pruning the next crawl compares, refers to what is there and is whole; a later pruning takes the next name."""
    prune("--unchanged-older-than", "30d", "--apply")
    first = [name for name in names(home) if "pruned1" in name]
    engine = open_archive(f"sqlite:///{home / 'newscrawl.db'}")
    ends = Archive(engine, "orda", aged_archive.LATER).warc_ends()
    engine.dispose()
    assert {file.rpartition("/")[2] for file in ends} <= set(names(home))  # no run misses what was replaced
    with Stand({path: story(f"Nr{path[-3:]}") for path in aged_archive.PATHS}) as site:
        site.pages |= {"/": front(*aged_archive.PATHS)}
        ending = crawl(home, aged_archive.LATER + timedelta(days=1), edition="en", site=site.url)
    assert ending.exit_code == Exit.OK, ending.line
    whole(home)
    prune(*ALL, "--apply")
    whole(home)
    assert first
    assert successor("2026/orda-20260513-00001-pruned1.warc.gz") == "2026/orda-20260513-00001-pruned2.warc.gz"
    assert all(name in names(home) or name.replace("pruned1", "pruned2") in names(home) for name in first)


@pytest.mark.parametrize("policy", [("--unchanged-older-than", "1d"), ALL], ids=["unchanged", "all"])
def test_a_name_that_a_backup_has_is_not_used_again(home, policy):
    """What a killed pruning left is closed by the next backup; the file of the next pruning has other bytes, so another name."""
    prune(*policy, "--apply")
    made = [path.relative_to(home) for path in warcs(home) if path.name.endswith("-pruned1.warc.gz")]
    shutil.rmtree(home)
    aged_archive.archive(home)
    for path in made:
        # Whole, and by another clock than the next: other bytes.
        shutil.copy((home / path).with_name(path.name.replace("-pruned1", "")), home / path)
    assert made
    assert backup()["problems"] == []
    assert prune(*policy, "--apply")["problems"] == []
    whole(home)
    assert backup()["problems"] == []
    assert not any((home / path).exists() for path in made)


def test_evidence_of_gaps(home):
    """Pages around a gap stay, and so do those of a list that was not read to its end; without them they would go."""
    ids = lambda: {  # noqa: E731
        c.id for c in candidates(engine, 1, Policy(listings=timedelta(days=1)), aged_archive.LATER)
    }
    engine = open_archive(f"sqlite:///{home / 'newscrawl.db'}")
    try:
        free = ids()
        reads = rows(
            home, "select id, capture_id from listing_reads where capture_id is not null order by id"
        )
        doubtful = next(row["id"] for row in reads if row["capture_id"] in free)
        for value in ("0", "null"):
            with engine.begin() as connection:
                connection.exec_driver_sql(f"update listing_reads set joined = {value} where id = {doubtful}")
            assert ids() < free
            if value == "0":
                assert len(free - ids()) >= 1
    finally:
        engine.dispose()


def test_a_response_that_others_repeat_stays(home):
    """A response that a kept record refers to cannot go; with the record that repeats it, it can."""
    found = prune("--unchanged-older-than", "1d", "--apply")
    assert found["problems"] == []
    broken = "select count(*) from captures c join captures o on o.id = c.refers_to_id where c.pruning_id is null and o.pruning_id is not null"
    assert one(home, broken) == 0
    (article,) = rows(home, f"select id from articles where url_key like '%{aged_archive.SAME}'")
    kinds = rows(
        home,
        f"select c.kind, c.pruning_id is null as kept from observations o join captures c on c.id = o.capture_id where o.article_id = {article['id']} order by o.at",
    )
    assert kinds[0] == {"kind": "response", "kept": 1}
    assert {"kind": "revisit", "kept": 0} in kinds


def test_not_while_the_source_is_crawled(home):
    """A run that is alive keeps its source: exit code 5, nothing done."""
    engine = open_archive(f"sqlite:///{home / 'newscrawl.db'}")
    try:
        Archive(engine, "orda", aged_archive.LATER).begin_run(aged_archive.LATER, {})
        before = names(home)
        result = run("prune", *ALL, "--apply")
        assert result.exit_code == Exit.ALREADY_RUNNING
        assert "another run is active" in result.stderr
        assert names(home) == before
    finally:
        engine.dispose()


@pytest.mark.parametrize("damage", ["changed", "torn", "gone"])
def test_a_file_that_is_not_as_it_was_closed_is_left_alone(home, damage):
    """Damage is never written into a new file with a right hash: it is named, exit code 7, and the others are pruned."""
    path = home / "warc" / "orda" / "2026" / "orda-20260521-00001.warc.gz"
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-4] if damage == "torn" else data.replace(data[-4:], b"\0\0\0\0"))
    report = prune(*ALL[:2], "--apply", code=Exit.ARCHIVE_UNUSABLE)
    assert len(report["problems"]) == 1
    assert "orda-20260521-00001" in report["problems"][0]
    assert report["files"] > 0
    assert not any("20260521" in name and "pruned" in name for name in names(home))
    assert rows(home, "select exit_code from runs order by id desc limit 1") == [{"exit_code": 7}]


def test_verify_knows_what_must_not_be_pruned(home):
    """A version whose response was pruned, or a record that repeats one, is always a problem."""
    prune("--unchanged-older-than", "1d", "--apply")
    engine = open_archive(f"sqlite:///{home / 'newscrawl.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "update captures set pruning_id = 1 where id = (select capture_id from versions where id = 3)"
        )
    engine.dispose()
    kinds = {json.loads(line)["kind"] for line in run("verify", "--json").stdout.splitlines()}
    assert "version_uncaptured" in kinds


def test_on_both_databases(archive_url):
    """The rules are the same on PostgreSQL: a check between two others goes, those of a removed article do not."""
    with press(archive_url) as bereke:
        for edition in ("en", "ru"):
            bereke.publish(edition, 1, at=START)
            for hours in (1, 2, 3):
                bereke.check(edition, 1, at=START + timedelta(hours=hours), kind=VerdictKind.UNCHANGED)
        bereke.next_run(START + timedelta(hours=4))
        bereke.vanish("ru", 1, at=START + timedelta(hours=4))
        bereke.finish(START + timedelta(hours=5))
    engine = open_archive(archive_url)
    try:
        policy = Policy(unchanged=timedelta(days=1), listings=timedelta(days=1))
        found = candidates(engine, 1, policy, START + timedelta(days=9))
        assert [one.at for one in found] == [START + timedelta(hours=hours) for hours in (1, 2)]
        assert candidates(engine, 1, policy, START + timedelta(hours=20)) == []
    finally:
        engine.dispose()


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_pruning(home, seed):
    """Before any step on the disk: the archive is whole at once, and the next pruning completes and tidies up."""
    environment = {"NEWSCRAWL_HOME": str(home)}
    words = ["prune", *ALL, "--apply"]
    probe = shutil.copytree(home, home.parent / "probe")
    steps = die(words, {"NEWSCRAWL_HOME": str(probe)}, probe, 0)
    # From the first file on: what comes before only opens the archive.
    assert die(words, environment, home, random.Random(seed).randint(steps // 4, steps)) is None
    whole(home)
    prune(*ALL, "--apply")
    whole(home)
    assert names(home) == names(probe)
    assert pruned_captures(home) == pruned_captures(probe)
