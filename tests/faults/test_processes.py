"""Real processes: two at once, asked to stop, torn files, and everything that cannot be started. Killed ones: tests/faults/test_kill.py."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text, update
from warcio.cli import main as warcio_command

from newscrawl.crawl.runner import Ending
from newscrawl.errors import Exit
from newscrawl.model import CaptureRef
from newscrawl.store import tables
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import writing
from newscrawl.warc import payload_digest, read
from tests.support.crawling import crawl
from tests.support.fake_site import (
    NOW,
    ROOT,
    Answer,
    Stand,
    command,
    front,
    keys,
    one,
    rows,
    sitemap,
    start_crawl,
    story,
    surroundings,
    wait_for,
)
from tests.support.process_pool import ProcessPool

PATHS = [f"/ferry-number-{n}" for n in range(301, 325)]


@contextlib.contextmanager
def outlet(*, slow: float = 0.03) -> Iterator[Stand]:
    """A site with two dozen articles in a list and a sitemap, each answered after a moment."""
    with Stand() as site:
        site.pages |= {path: Answer(story(f"Nr{path[-3:]}"), delay=slow) for path in PATHS}
        site.pages |= {
            "/": front(*PATHS[:12]),
            "/sitemap/sitemap_news1.xml": sitemap(*(f"https://en.orda.kz{p}" for p in PATHS)),
        }
        yield site


def start(process_pool: ProcessPool, home: Path, site: Stand, **settings: object) -> int:
    """A crawl in the background: its process id."""
    return start_crawl(process_pool, home, edition="en", site=site.url, settings=settings)


def again(home: Path, site: Stand) -> Ending:
    """Another run, in this process."""
    return crawl(home, NOW, edition="en", site=site.url)


def assert_whole(home: Path) -> None:
    """WARC and database agree: files pass `warcio check`, and every capture reads back with its digest."""
    files = sorted((home / "warc").rglob("*.warc.gz"))
    with pytest.raises(SystemExit) as checked:
        warcio_command(["check", *map(str, files)])
    assert checked.value.code == 0
    found = rows(home, "select file, offset, length, record_id, digest, kind from captures")
    assert found
    for row in found:
        ref = CaptureRef(**row)
        stored = read(home / "warc", ref)
        if ref.kind == "response":  # the other kinds have no bytes of their own
            assert payload_digest(stored.body) == ref.digest
    assert one(home, "select count(*) from articles") == one(
        home, "select count(distinct url_key) from articles"
    )
    assert not one(home, "select count(*) from versions where capture_id is null")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_asked_to_stop(how: signal.Signals, process_pool: ProcessPool, tmp_path: Path) -> None:
    """It shuts down cleanly: exit code 4, what was read is kept, what was not is counted; the next run goes on."""
    asked = threading.Event()

    def in_flight(page: Answer) -> Callable[[object], Answer]:
        """The page, which comes only after the signal once a dozen requests were made."""

        def answer(_: object) -> Answer:
            if len(site.seen) >= 12:
                asked.wait(60)
            return page

        return answer

    with outlet() as site:
        site.pages |= {path: in_flight(site.pages[path]) for path in PATHS}
        process = start(process_pool, tmp_path, site, CONCURRENT_REQUESTS=2)
        wait_for(site, 12, process)
        os.kill(process, how)
        asked.set()
        ended = process_pool.wait()
        errors = ended.err
        assert ended.code == Exit.PARTLY_FAILED, errors
        assert errors.count("\n") == 1
        assert "stopped before the end" in errors
        kept = len(keys(tmp_path))
        assert 0 < kept < len(PATHS)
        # What lists named; sitemaps are read after the news, and were not reached.
        assert f"{one(tmp_path, 'select count(*) from leads where article_id is null')} deferred" in errors
        assert_whole(tmp_path)
        site.forget()
        assert again(tmp_path, site).exit_code == Exit.OK
        assert sum("ferry" in path for path in site.paths) == len(PATHS) - kept
    assert len(keys(tmp_path)) == len(PATHS)


def test_two_runs_at_once(process_pool: ProcessPool, tmp_path: Path) -> None:
    """The second one says so, ends with 5, sends no request and changes nothing."""
    held = threading.Event()
    with outlet() as site, Stand({"/": front("/ferry-number-999")}) as other:
        page = site.pages[PATHS[0]]
        site.pages[PATHS[0]] = lambda _: page if held.wait(60) else ""
        process = start(process_pool, tmp_path, site)
        wait_for(site, 6, process)
        second = subprocess.run(
            command(edition="en", site=other.url), cwd=ROOT, env=surroundings(tmp_path), capture_output=True, text=True, timeout=90
        )  # fmt: skip
        held.set()
        assert (second.returncode, second.stdout, other.seen) == (Exit.ALREADY_RUNNING, "", [])
        assert second.stderr.startswith("newscrawl: orda: another run is active")
        assert second.stderr.count("\n") == 1
        first = process_pool.wait()
    assert first.code == Exit.OK, first.err
    assert one(tmp_path, "select count(*) from runs") == 1


def test_run_that_was_replaced_while_it_slept(tmp_path: Path) -> None:
    """A run whose lease went to another stops at its next commit with exit code 5; what it had stored stays, nothing is added."""
    taken: list[Archive] = []
    with outlet(slow=0) as site:
        page = site.pages[PATHS[9]]

        def slept(_: object) -> object:
            other = Archive(open_archive(f"sqlite:///{tmp_path / 'newscrawl.db'}"), "orda", NOW)
            with writing(other._engine) as connection:
                long_ago = NOW - timedelta(days=900)
                connection.execute(update(tables.runs).values(heartbeat=long_ago, process=""))
            other.begin_run(NOW, {})
            taken.append(other)
            kept.append(one(tmp_path, "select count(*) from observations"))
            return page

        kept: list[int] = []
        site.pages[PATHS[9]] = slept
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings={"CONCURRENT_REQUESTS": 1})
    assert ending.exit_code == Exit.ALREADY_RUNNING
    assert "taken for dead" in ending.line
    assert [row["reason"] for row in rows(tmp_path, "select reason from runs order by id")] == [
        "interrupted",
        None,
    ]
    # How many were recorded by then depends on timing; none came after.
    assert one(tmp_path, "select count(*) from observations") == kept[0] < len(PATHS)
    taken[0].close()
    assert_whole(tmp_path)


@pytest.mark.parametrize(
    "torn", [b"garbage that is no record", "half a record"], ids=["garbage", "half a record"]
)
def test_torn_tail(torn: bytes | str, tmp_path: Path) -> None:
    """Bytes a crash left behind are cut off at the next start; what the database refers to is not touched."""
    with outlet(slow=0) as site:
        again(tmp_path, site)
        (file,) = (tmp_path / "warc").rglob("*.warc.gz")
        whole = file.read_bytes()
        tail = torn if isinstance(torn, bytes) else whole[:400]
        file.write_bytes(whole + tail)
        ending = again(tmp_path, site)
    assert ending.exit_code == Exit.OK, ending.line
    assert file.read_bytes().startswith(whole)
    assert not file.read_bytes()[len(whole) :].startswith(tail)
    assert_whole(tmp_path)


def test_a_database_that_breaks_half_way(process_pool: ProcessPool, tmp_path: Path) -> None:
    """A table vanishes in mid-run: the exit code says so, what was committed is whole, the next run goes on."""
    with outlet() as site:
        process = start(process_pool, tmp_path, site, CONCURRENT_REQUESTS=1)
        wait_for(site, 10, process)
        engine = create_engine(f"sqlite:///{tmp_path / 'newscrawl.db'}")
        with engine.begin() as connection:
            connection.execute(text("alter table observations rename to observations_gone"))
        ended = process_pool.wait()
        assert ended.code in (Exit.ARCHIVE_UNUSABLE, Exit.UNEXPECTED), ended.err
        with engine.begin() as connection:
            connection.execute(text("alter table observations_gone rename to observations"))
        engine.dispose()
        assert again(tmp_path, site).exit_code == Exit.OK
    assert len(keys(tmp_path)) == len(PATHS)
    assert_whole(tmp_path)
