"""An archive copied from one database to another and back: everything, exactly, all or nothing, beside a crawl."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from newscrawl.cli import cli
from newscrawl.errors import Exit, NewscrawlError, StoreError, UsageError
from newscrawl.store import schema
from newscrawl.store.archive import open_archive
from newscrawl.store.copy import copying
from newscrawl.store.engine import open_engine, prepare_home, reading, sqlite_path, writing
from newscrawl.store.read.reader import open_reader
from newscrawl.store.tables import metadata
from tests.support.factory import START, press
from tests.support.fresh import filled, fresh_postgres, seed
from tests.support.sample_history import ODD, fill_awkwardly


@pytest.fixture(scope="module")
def rich(tmp_path_factory) -> str:
    """A SQLite archive with edits, removals, several sources and everything that is awkward to copy."""
    return filled(f"sqlite:///{tmp_path_factory.mktemp('rich') / 'newscrawl.db'}", fill_awkwardly)


def dump(url: str) -> list[str]:
    """Every row of a SQLite file, as statements."""
    with sqlite3.connect(str(sqlite_path(url))) as connection:
        return [line for line in connection.iterdump() if line.startswith("INSERT")]


def copy(source: str, target: str, **options):
    prepare_home(target)
    here, there = open_engine(source), open_engine(target)
    try:
        return copying.copy(here, there, **options)
    finally:
        here.dispose()
        there.dispose()


def is_empty(url: str) -> bool:
    engine = open_engine(url)
    try:
        return schema.current(engine) is None or copying.rows_in(engine) == 0
    finally:
        engine.dispose()


def test_there_and_back(rich, postgres_server, sqlite_url):
    """SQLite to PostgreSQL, to another PostgreSQL, and back: the same rows, and each copy names the same numbers and hashes."""
    with fresh_postgres(postgres_server) as one, fresh_postgres(postgres_server) as two:
        reports = [copy(source, target) for source, target in pairwise([rich, one, two, sqlite_url])]
    assert all(report == reports[0] for report in reports)
    assert {table.name for table in reports[0]} == set(metadata.tables)
    # This archive tells nobody, was never pruned, no host's validators lied to it, and nothing left a list.
    empty = {table.name for table in reports[0] if not table.rows}
    assert empty == {
        "notices",
        "receivers",
        "prunings",
        "hosts",
        "list_exits",
        "proof_entries",
        "proof_checkpoints",
        "proof_files",
    }
    assert dump(sqlite_url) == dump(rich)


def test_a_copy_lives_on(rich, database_url):
    """New rows get new ids, references hold, and the schema is that of a new archive."""
    copy(rich, database_url)
    with press(database_url, "odd", start=START + timedelta(days=20)) as paper:
        highest = 7 + len(ODD)
        assert paper.publish("en", 99) == highest + 1
        paper.edit("kk", 1, at=START + timedelta(days=21), title="Once more")
    engine = open_archive(database_url)
    with pytest.raises(Exception, match=r"(?i)foreign key"), writing(engine) as connection:
        connection.execute(text("UPDATE articles SET capture_id = 123456 WHERE id = 1"))
    engine.dispose()
    with open_reader(database_url) as reader:
        assert [version.article.title for version in reader.versions_of(8)] == ["", "Once more"]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_one_moment_of_the_source(kind, request, tmp_path, postgres_url):
    """What a crawl stores while the copy runs is not in it, not even half of it; the next copy has it."""
    source = f"sqlite:///{tmp_path / 'source.db'}" if kind == "sqlite" else postgres_url
    with press(source) as paper:
        paper.publish("en", 1)

        def meanwhile(table: str, rows: int) -> None:
            if table == "sources" and not done:
                done.append(paper.publish("en", 2))

        done: list[int] = []
        first, second = (f"sqlite:///{tmp_path / name}.db" for name in ("first", "second"))
        copy(source, first, step=meanwhile)
        copy(source, second)
    assert done == [2]
    for url, articles in ((first, 1), (second, 2)):
        with open_reader(url) as reader:
            assert reader.count() == articles


@pytest.mark.parametrize("at", [3, 22], ids=["writing", "comparing"])
def test_broken_off(rich, database_url, at):
    """A copy that is stopped leaves an empty target."""
    said: list[str] = []

    def stop(table: str, rows: int) -> None:
        said.append(table)
        if len(said) == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(rich, database_url, step=stop)
    assert is_empty(database_url)


def test_a_target_with_the_schema_is_empty_enough(rich, archive_url):
    """An owner may have made the tables before."""
    assert copy(rich, archive_url)


def test_a_target_with_anything_in_it_is_refused(rich, archive_url):
    """A copy is never mixed into another archive."""
    with press(archive_url) as paper:
        paper.finish(START)
    with pytest.raises(UsageError, match="holds an archive already; nothing was copied") as caught:
        copy(rich, archive_url)
    assert caught.value.exit_code == Exit.USAGE


def test_foreign_tables_are_not_touched(rich, database_url):
    """A database with a table of somebody else's under one of our names."""
    prepare_home(database_url)
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE people (who TEXT)"))
    with pytest.raises(UsageError, match="newscrawl did not make"):
        copy(rich, database_url)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 0
    engine.dispose()


TAMPER = {
    "sqlite": ["CREATE TRIGGER t AFTER INSERT ON people BEGIN UPDATE people SET name = 'Nobody'; END"],
    "postgres": [
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'Nobody'; RETURN NEW; END $$",
        "CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION f()",
    ],
}


@pytest.mark.parametrize("kind", TAMPER)
def test_a_copy_that_differs_does_not_count(kind, rich, request):
    """A target that alters what it is given: said with the table's name, exit code 7, and nothing is kept."""
    url = request.getfixturevalue(f"{kind}_url")
    prepare_home(url)
    engine = open_archive(url)
    with writing(engine) as connection:
        for statement in TAMPER[kind]:
            connection.exec_driver_sql(statement)
    engine.dispose()
    with pytest.raises(StoreError, match="people differ from the source; nothing was kept") as caught:
        copy(rich, url)
    assert caught.value.exit_code == Exit.ARCHIVE_UNUSABLE
    assert is_empty(url)


REFUSED = {
    "a NUL, which this program never stores": (
        "UPDATE articles SET title = 'a' || char(0) || 'b'",
        "articles .*NUL",
    ),
    "a name longer than its column": (f"UPDATE articles SET edition = '{'e' * 40}'", "articles .*too long"),
    "a number out of range": (
        "UPDATE observations SET milliseconds = 5000000000",
        "observations .*out of range",
    ),
    "no JSON": ("UPDATE runs SET counts = '{'", "runs .*json"),
    "a row that refers to none": (
        "PRAGMA foreign_keys = OFF; UPDATE changes SET run_id = 99",
        "fk_changes_run_id_runs",
    ),
    "text that is no UTF-8": ("UPDATE articles SET title = CAST(x'ff41' AS TEXT)", "UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_postgresql_does_not_hold(case, tmp_path, postgres_url):
    """A damaged SQLite archive is not made to fit silently: one line names the table, and nothing is copied."""
    statement, said = REFUSED[case]
    source = f"sqlite:///{tmp_path / 'source.db'}"
    with press(source) as paper:
        paper.publish()
    with sqlite3.connect(tmp_path / "source.db") as connection:
        connection.executescript(statement)
    with pytest.raises(NewscrawlError, match=f"(?is){said}") as caught:
        copy(source, postgres_url)
    assert caught.value.exit_code == Exit.ARCHIVE_UNUSABLE
    assert "\n" not in str(caught.value)
    assert is_empty(postgres_url)


def test_an_older_schema_is_not_copied(rich, sqlite_url, postgres_url):
    """Of a PostgreSQL archive, where an upgrade is a person's decision."""
    engine = open_engine(postgres_url)
    schema.upgrade(engine, "0001")
    engine.dispose()
    with pytest.raises(StoreError, match="newscrawl db upgrade"):
        copy(postgres_url, sqlite_url)
    assert is_empty(sqlite_url)


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words: str):
        return CliRunner().invoke(cli, ["db", "copy", *words])

    return call


def test_command_both_ways(run, rich, postgres_url, tmp_path, monkeypatch):
    """From the configured archive to PostgreSQL, and from there to a file named with both addresses."""
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", rich)
    done = run("--to", postgres_url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "both sides were read and are the same" in done.stdout
    assert "keep NEWSCRAWL_HOME" in done.stdout
    back = run("--json", postgres_url, f"sqlite:///{tmp_path / 'back.db'}")
    report = json.loads(back.stdout)
    assert (back.exit_code, report["to"]) == (0, f"sqlite:///{tmp_path / 'back.db'}")
    assert report["rows"] == sum(table["rows"] for table in report["tables"].values()) > 100
    assert run("--from", rich, "--to", postgres_url).exit_code == Exit.USAGE
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", f"sqlite:///{tmp_path / 'again.db'}")
    assert run("--from", postgres_url).exit_code == 0
    assert dump(f"sqlite:///{tmp_path / 'again.db'}") == dump(rich)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nowhere to copy to"),
        (("sqlite:///a.db",), "takes two addresses"),
        (("sqlite:///a.db", "sqlite:///b.db", "sqlite:///c.db"), "takes two addresses"),
        (("sqlite:///a.db", "sqlite:///b.db", "--to", "sqlite:///c.db"), "takes two addresses"),
        (("sqlite:///a.db", "sqlite:///a.db"), "the same database"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, tuple) else "",
)
def test_command_that_makes_no_sense(run, words, said, tmp_path):
    """Addresses missing, too many or the same: exit code 2, and no file is made."""
    done = run(*words)
    assert (done.exit_code, done.stdout) == (Exit.USAGE, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_command_without_a_source(run, tmp_path):
    """A source that is not there makes no target."""
    done = run("sqlite:///none.db", "sqlite:///new/target.db")
    assert done.exit_code == Exit.ARCHIVE_UNUSABLE
    assert "there is no archive here yet" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_command_beside_a_crawl(run, tmp_path):
    """A crawl that is going on is named: what it stores from now on is not in the copy."""
    seed(f"sqlite:///{tmp_path / 'a.db'}")
    with press(f"sqlite:///{tmp_path / 'a.db'}"):
        done = run("sqlite:///a.db", "sqlite:///b.db")
    assert done.exit_code == 0
    assert "a crawl of bereke was going on" in done.stderr
    assert Path("b.db").exists()
