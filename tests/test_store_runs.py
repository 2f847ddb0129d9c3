"""The lease: one crawl a source, freed at once when its process is gone, and how each run ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from newscrawl.errors import AlreadyRunning, Exit
from newscrawl.model import RunSummary
from newscrawl.store import runs as lease, tables
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import writing
from tests.judging import NOW
from tests.storing import archive, rows

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


def test_killed_run_is_recovered_at_once(archive_url):
    """A process killed without a word frees its source as soon as it is gone, and its run is closed as interrupted."""
    program = (
        "import sys, time; from datetime import UTC, datetime; from newscrawl.store.archive import Archive, open_archive;"
        "a = Archive(open_archive(sys.argv[1]), 'bereke', datetime.now(UTC)); a.begin_run(datetime.now(UTC), {});"
        "print('running', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, archive_url], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "running\n"
            with pytest.raises(AlreadyRunning):
                _second(archive_url)
        finally:
            process.kill()
            process.wait()
    with archive(archive_url) as opened:
        assert rows(opened, "runs", "reason", "exit_code")[0] == ("interrupted", 1)
        assert rows(opened, "runs", "finished")[0] is not None


@pytest.mark.parametrize(
    ("silent", "alive"),
    [(timedelta(0), True), (lease.STALE - 30 * SECOND, True), (lease.STALE + SECOND, False)],
)
def test_run_of_another_machine(archive_url, silent, alive):
    """A machine whose processes cannot be asked is believed for five minutes after its last sign of life."""
    with archive(archive_url) as opened:
        _become(opened, host="another-machine", heartbeat=datetime.now(UTC) - silent)
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
    """A process with the same number that started later, or after a reboot, is another one."""
    if lease._process_token(os.getpid()) is None:
        pytest.skip("this system does not tell when a process started")
    with archive(archive_url) as opened:
        _become(opened, process="another-boot:1")
        _second(archive_url)
        assert rows(opened, "runs", "reason")[0] == "interrupted"


@pytest.mark.parametrize("there", [True, False])
def test_without_process_tokens(archive_url, there):
    """Where the system does not tell when a process started, its number alone decides whether it is gone."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    with archive(archive_url) as opened:
        _become(opened, process="", host=socket.gethostname(), pid=os.getpid() if there else gone.pid)
        if there:
            with pytest.raises(AlreadyRunning):
                _second(archive_url)
        else:
            _second(archive_url)


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
