"""The lease: one crawl a source, freed at once when its process is gone, and how each run ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from newscrawl.errors import AlreadyRunning, Exit, LeaseLost
from newscrawl.model import RunSummary
from newscrawl.store import tables
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import writing
from newscrawl.store.write import runs as lease
from tests.support.judging import NOW, URL
from tests.support.storing import archive, new, rows

SECOND = timedelta(seconds=1)


def _second(url, source="bereke"):
    other = Archive(open_archive(url), source, NOW)
    try:
        return other.begin_run(NOW, {})
    finally:
        other.close()


def _become(opened, **values):
    """Makes the open run look like another process's."""
    with writing(opened._engine) as connection:
        connection.execute(update(tables.runs).values(**values))


def test_second_comer(archive_url):
    """While a run is alive a second one is told so, with exit code 5, and leaves nothing behind."""
    with archive(archive_url) as opened:
        with pytest.raises(
            AlreadyRunning, match=rf"bereke: another run is active \(process {os.getpid()} on "
        ) as caught:
            _second(archive_url)
        assert caught.value.exit_code == Exit.ALREADY_RUNNING
        assert rows(opened, "runs", "finished") == [None]


def test_other_source_is_free(archive_url):
    """The lease is one source's."""
    with archive(archive_url) as opened:
        _second(archive_url, "qala")
        assert rows(opened, "runs", "finished") == [None, None]


def test_finished_run_frees_the_source(archive_url):
    """A run that ended keeps its counts, and the next one begins."""
    with archive(archive_url) as opened:
        summary = RunSummary(
            "bereke",
            opened.run_id,
            NOW,
            NOW + SECOND,
            4,
            "one listing failed",
            {"new": 3},
            9,
            1,
            1,
            ("қате",),
        )
        opened.finish_run(summary)
        _second(archive_url)
        assert rows(opened, "runs", "finished", "exit_code", "reason", "counts", "requests", "problems")[0] == (
            NOW + SECOND, 4, "one listing failed", {"new": 3}, 9, ["қате"],
        )  # fmt: skip


HOLD = (
    "import sys, time; from datetime import UTC, datetime; from newscrawl.store.archive import Archive, open_archive;"
    "a = Archive(open_archive(sys.argv[1]), 'bereke', datetime.now(UTC)); a.begin_run(datetime.now(UTC), {});"
    "print('running', flush=True); sys.stdin.readline(); a.beat()"
)


@contextlib.contextmanager
def _holding(url: str, *before: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lease, and beats once more when it gets a line; `before` are words before its command."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout.readline() == "running\n", process.stderr.read()
            yield process
        finally:
            process.kill()


def _asleep(url: str) -> None:
    """Lets the open run have beaten last so long ago that it is taken for dead."""
    engine = open_archive(url)
    with writing(engine) as connection:
        connection.execute(
            update(tables.runs).values(heartbeat=datetime.now(UTC) - timedelta(days=1), process="")
        )
    engine.dispose()


def test_killed_run_is_recovered_at_once(archive_url):
    """A process killed without a word frees its source as soon as it is dead, also before anybody asked how it ended."""
    with _holding(archive_url) as process:
        with pytest.raises(AlreadyRunning):
            _second(archive_url)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with archive(archive_url) as opened:
            assert rows(opened, "runs", "reason", "exit_code")[0] == ("interrupted", 1)
            assert rows(opened, "runs", "finished")[0] is not None


ELSEWHERE = {
    "another machine": {"host": "another-machine", "process": "another-kernel:1:1"},
    "a machine of the same name": {"process": "another-kernel:1:1"},
    "a container of the same name": {"process": "{kernel}:4026531999:1"},
    "a program that did not say where": {"process": "{kernel}:1"},
    "a system that does not tell": {"process": ""},
}
SILENT = [(timedelta(0), True), (lease.STALE - 30 * SECOND, True), (lease.STALE + SECOND, False)]


@pytest.mark.parametrize("where", ELSEWHERE)
def test_run_of_another_place(archive_url, where):
    """Whose process cannot surely be asked is believed for five minutes after its last sign of life; host name and number prove nothing."""
    with archive(archive_url) as opened:
        kernel = rows(opened, "runs", "process")[0].partition(":")[0]
        values = {name: value.format(kernel=kernel) for name, value in ELSEWHERE[where].items()}
        for silent, alive in SILENT:
            _become(opened, heartbeat=datetime.now(UTC) - silent, **values)
            if alive:
                with pytest.raises(AlreadyRunning):
                    _second(archive_url)
            else:
                _second(archive_url)
                assert rows(opened, "runs", "reason")[0] == "interrupted"


def test_silent_run_on_this_machine(archive_url):
    """A process that is there is believed however long it was silent: it may be waiting for the disk."""
    with archive(archive_url) as opened:
        _become(opened, heartbeat=datetime.now(UTC) - timedelta(days=1))
        with pytest.raises(AlreadyRunning):
            _second(archive_url)


def test_number_given_to_another_process(archive_url):
    """A process with the same number that started later is another one."""
    token = lease._token(os.getpid())
    if token is None:
        pytest.skip("this system does not tell when a process started")
    with archive(archive_url) as opened:
        _become(opened, process=f"{lease._where(token)}:1")
        _second(archive_url)
        assert rows(opened, "runs", "reason")[0] == "interrupted"


def test_containers_with_equal_names_and_numbers(archive_url):
    """Two first processes of two containers on one host do not take each other for dead."""
    container = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*container, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no containers may be made here")
    with _holding(archive_url, *container) as process:
        done = subprocess.run(
            [*container, sys.executable, "-c", HOLD, archive_url], capture_output=True, text=True, input="\n"
        )
        assert "AlreadyRunning: bereke: another run is active (process 1 on " in done.stderr
        _, said = process.communicate("\n", timeout=30)
        assert (process.returncode, said) == (0, "")


def test_suspended_run_finds_itself_replaced(archive_url):
    """A process stopped for longer than its lease holds wakes up, notices at its next sign of life, and writes nothing."""
    with _holding(archive_url) as process:
        process.send_signal(signal.SIGSTOP)
        _asleep(archive_url)
        with archive(archive_url) as opened:
            before = rows(opened, "runs")
            process.send_signal(signal.SIGCONT)
            _, said = process.communicate("\n", timeout=30)
            assert "LeaseLost: bereke: this run was silent for so long" in said
            assert rows(opened, "runs") == before
            assert rows(opened, "runs", "reason") == ["interrupted", None]


def test_nothing_is_written_without_the_lease(archive_url):
    """Checks, heartbeats and the end of a run that was replaced are refused with exit code 5; its closing stands."""
    with archive(archive_url) as opened:
        new(opened)
        _asleep(archive_url)
        _second(archive_url)
        before = {name: rows(opened, name) for name in tables.metadata.tables}
        ended = RunSummary("bereke", opened.run_id, NOW, NOW + SECOND, 0, "finished")
        for write in (lambda: new(opened, url=URL + "-2"), opened.beat, lambda: opened.finish_run(ended)):
            with pytest.raises(LeaseLost, match="the next run goes on from there") as caught:
                write()
            assert caught.value.exit_code == Exit.ALREADY_RUNNING
        assert {name: rows(opened, name) for name in tables.metadata.tables} == before


def test_clock_set_back(archive_url):
    """A sign of life from the future frees nothing at once, and holds nothing for longer than any other."""
    with archive(archive_url) as opened:
        _become(opened, process="", heartbeat=datetime.now(UTC) + timedelta(days=9))
        with pytest.raises(AlreadyRunning):
            _second(archive_url)
        assert abs(rows(opened, "runs", "heartbeat")[0] - datetime.now(UTC)) < timedelta(minutes=1)


def test_clocks_of_machines_that_differ(postgres_url, monkeypatch):
    """On PostgreSQL all machines go by the clock of the database."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(hours=3)

    with archive(postgres_url) as opened:
        monkeypatch.setattr(lease, "datetime", Wrong)
        opened.beat()
        _become(opened, process="")
        assert abs(rows(opened, "runs", "heartbeat")[0] - datetime.now(UTC)) < timedelta(minutes=1)
        with pytest.raises(AlreadyRunning):
            _second(postgres_url)


def test_machine_that_falls_asleep_in_a_transaction(postgres_url):
    """A run in the middle of a write is not waited for, and the database ends its transaction when its lease is over."""
    with archive(postgres_url) as opened, opened.write() as writing_:
        with pytest.raises(AlreadyRunning):
            _second(postgres_url)
        found = writing_._connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
        assert found == "5min"


def test_heartbeat(archive_url):
    """A beat is real time, also where the program's clock was set."""
    with archive(archive_url) as opened:
        _become(opened, heartbeat=NOW - timedelta(days=900))
        opened.beat()
        assert abs(rows(opened, "runs", "heartbeat")[0] - datetime.now(UTC)) < timedelta(minutes=1)


def test_writes_belong_to_a_run(archive_url):
    """Nothing can be written without a run, and a beat before it is nothing."""
    opened = Archive(open_archive(archive_url), "bereke", NOW)
    try:
        opened.beat()
        with pytest.raises(RuntimeError, match="begin_run"), opened.write():
            pass
    finally:
        opened.close()
