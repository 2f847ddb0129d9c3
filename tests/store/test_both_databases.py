"""Every reading command says the same of an archive on SQLite and of its copy on PostgreSQL, word for word."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from newscrawl.cli import COMMANDS, cli
from newscrawl.store.copy import copying
from newscrawl.store.engine import open_engine
from tests.support.fresh import filled, fresh_postgres
from tests.support.sample_history import fill_awkwardly

LINES = [
    "list",
    "list --json",
    "list --json --source odd --limit 3",
    "list --json --state removed",
    "list --json --since 2026-03-02 --until 2026-03-04",
    "list --source nothing",
    "list --source bereke --edition xx",
    "show 1",
    *(f"show {number} --json" for number in range(1, 16)),
    "show 1 --version 2 --json",
    "show 99",
    "history 1 --json",
    "history 4",
    "history 9 --json",
    "diff 1 --json",
    "diff 1 1 2",
    "changes",
    "changes --json --text",
    "changes --json --kind numbers",
    "changes --match bridge --json",
    "list --author Серикова --json",
    "search bridge --json",
    "search пешеходный",
    "search 'lang:kk көпірі' --json --limit 2",
    "search --json state:removed",
    "search bridge --by-date --offset 1",
    "removed",
    "removed --json --all",
    "coverage",
    "coverage --json",
    "sources --json",
    "stats --by author --json",
    "stats --by kind",
    *(
        f"export {what} --format {how}"
        for what in ("articles", "versions", "observations", "sightings", "changes", "removed", "coverage")
        for how in ("jsonl", "csv")
    ),
    "export --article 1",
    "export cdxj",
    "export cdxj --edition kk --since 2026-03-05",
    "export cdxj --article 1",
    "verify",
    "verify --quick --json",
    "db current --json",
]
# They write, ask no archive, or also speak of the disk (health, whose facts are compared in test_health_reads).
OTHERS = {
    "crawl", "add", "extract", "import", "reprocess", "demo", "config", "schedule", "notify", "backup", "restore", "prune", "serve", "health", "proof", "witness", "evidence",
}  # fmt: skip


@pytest.fixture(scope="module")
def archives(tmp_path_factory, postgres_server):
    """The addresses of two archives with the same contents."""
    folder = tmp_path_factory.mktemp("both")
    with fresh_postgres(postgres_server) as copy:
        original = filled(f"sqlite:///{folder / 'newscrawl.db'}", fill_awkwardly)
        here, there = open_engine(original), open_engine(copy)
        copying.copy(here, there)
        here.dispose()
        there.dispose()
        yield original, copy


def _said(result: Result) -> tuple[int, str, str]:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("line", LINES)
def test_says_the_same(archives, line, tmp_path, monkeypatch):
    """The same lines in the same order, the same notes, the same exit code."""
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path))
    monkeypatch.setenv("NEWSCRAWL_NOW", "2026-03-20T00:00:00+00:00")
    told = []
    for url in archives:
        monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", url)
        told.append(_said(CliRunner().invoke(cli, line.split())))
    assert told[0] == told[1]
    assert any(told[0]) or "coverage" in line  # there may be no gap


def test_every_reading_command_is_compared():
    """A new command is compared, or named among those that read nothing."""
    assert {line.split()[0] for line in LINES} | OTHERS == set(COMMANDS)
