"""PostgreSQL stopped, cut off, locked or read-only while a crawl runs: nothing lost, nothing duplicated, one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from newscrawl.errors import Exit, StoreError, Unavailable
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.audit.inspector import open_inspector
from newscrawl.store.engine import reading, writing
from newscrawl.store.read.reader import open_reader
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, front, keys, one, rows, story
from tests.support.judging import NOW as THEN, URL
from tests.support.postgres import Line, Server, own_server
from tests.support.storing import archive, counts, lead

PATHS = [f"/a-piece-of-news-{number}" for number in range(301, 307)]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with own_server() as started:
        yield started


def _site(at: str, happens: Callable[[], None]) -> dict:
    """A front page and its pieces; while one of them is asked for, something happens, once."""
    pages = {"/": front(*PATHS), **{path: story(f"Nr{path[-3:]}") for path in PATHS}}
    left = [happens]

    def page(_: object) -> str:
        if left:
            left.pop()()
        return story(f"Nr{at[-3:]}")

    return pages | {at: page}


def _go(site: Stand, home: Path, url: str, hours: float = 0, **settings: object):
    at = NOW + timedelta(hours=hours)
    return crawl(home, at, edition="en", site=site.url, database_url=url, settings=settings)


def _is_whole(url: str) -> None:
    """Every article once, with one observation, one version and one change, and no inconsistencies."""
    assert keys(url) == sorted(path[1:] for path in PATHS)
    for table in ("versions", "changes", "observations where article_id is not null"):
        assert one(url, f"select count(*) from {table}") == len(PATHS), table
    with open_inspector(url) as inspector:
        assert list(inspector.problems()) == []


@pytest.mark.parametrize("fault", ["stopped and started", "connections cut"])
def test_the_server_comes_back(server, tmp_path, fault):
    """The run waits, continues where it was, and ends as if nothing had happened."""
    happens = (lambda: server.away_for(0.5)) if fault.startswith("stopped") else server.cut
    url = server.new()
    with Stand(_site(PATHS[2], happens)) as site:
        ending = _go(site, tmp_path, url)
    assert (ending.summary.exit_code, ending.summary.counts) == (Exit.OK, {"new": len(PATHS)})
    assert rows(url, "select exit_code, reason from runs") == [{"exit_code": 0, "reason": "finished"}]
    _is_whole(url)


def test_the_server_stays_away(server, tmp_path):
    """A run whose retries are used up shuts down cleanly with exit code 7; what was committed is there, the next run does the rest."""
    url = server.new()
    with Stand(_site(PATHS[3], server.stop)) as site:
        try:
            ending = _go(site, tmp_path, url, DATABASE_PATIENCE=0.2)
        finally:
            server.start()
        assert ending.summary.exit_code == Exit.ARCHIVE_UNUSABLE
        assert "the database cannot be used" in ending.summary.reason
        assert "\n" not in ending.summary.reason
        assert len(keys(url)) < len(PATHS)
        # The run could not close its row; its process would be gone by now, which the next one sees.
        with psycopg.connect(url) as other:
            other.execute("UPDATE runs SET process = 'gone', heartbeat = heartbeat - interval '1 hour'")
        assert _go(site, tmp_path, url, 1).summary.exit_code == Exit.OK
    assert [row["exit_code"] for row in rows(url, "select exit_code from runs order by id")] == [1, 0]
    _is_whole(url)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_without_an_answer(server, when):
    """Whether the server committed or not, the transaction's changes are made once."""
    url = server.new()
    line = Line(server, url.partition("?")[0].rpartition("/")[2])
    tries = []

    def work(batch):
        tries.append(when)
        return batch.add_leads("en", [lead(f"{URL}-{len(counts(opened))}")], THEN)

    with archive(line.url) as opened:
        line.armed = when
        assert opened.transact(work) == 1
        assert (line.cuts, len(tries)) == (1, 2 if when == "before" else 1)
        assert opened.transact(lambda batch: batch.add_leads("en", [lead(URL)], THEN)) == 1
        assert counts(opened)["leads"] == 2
    line.close()


def test_a_run_that_is_gone(server):
    """A database that was put back from an older copy in mid-run: reported, and not written to."""
    with archive(server.new()) as opened:
        with writing(opened._engine) as connection:
            connection.execute(text("DELETE FROM runs"))
        with pytest.raises(StoreError, match="not in the database any more"):
            opened.transact(lambda batch: batch.add_leads("en", [lead(URL)], THEN))
        assert counts(opened) == {"sources": 1}


def test_no_patience_before_a_run(server):
    """A server that is away when a run begins is reported at once, as an error that may be retried."""
    with archive(server.new()) as opened:
        server.stop()
        try:
            with pytest.raises(Unavailable, match="the database cannot be used") as caught:
                Archive(opened._engine, "bereke", THEN)
        finally:
            server.start()
    assert caught.value.exit_code == Exit.ARCHIVE_UNUSABLE


def test_rows_that_another_holds(server):
    """The run waits for a transaction left open no longer than for a locked file."""
    url = server.new()
    engine = open_archive(url, busy_timeout=0.1)
    opened = Archive(engine, "bereke", THEN)
    with psycopg.connect(url) as other:
        other.execute("SELECT * FROM sources FOR UPDATE")
        with pytest.raises(StoreError, match="Another program holds what is needed"):
            opened.begin_run(THEN, {})
    opened.begin_run(THEN, {})
    opened.close()


def test_time_limits(server):
    """Writers wait 90 s for rows and are aborted after 5 idle minutes; readers have no limit."""
    engine = open_archive(server.new())
    wanted = ["lock_timeout", "idle_in_transaction_session_timeout"]
    found = []
    for open_connection in (writing, reading):
        with open_connection(engine) as connection:
            found.append([connection.execute(text(f"SHOW {name}")).scalar() for name in wanted])
    engine.dispose()
    assert found == [["90s", "5min"], ["0", "0"]]


def test_a_server_that_only_reads(server, tmp_path):
    """A standby: readers work, a crawl reports the problem and sends no request to the outlet."""
    url = server.new()
    with archive(url):
        pass
    server.execute(
        f"ALTER DATABASE {url.partition('?')[0].rpartition('/')[2]} SET default_transaction_read_only = on"
    )
    with open_reader(url) as reader:
        assert [source.source for source in reader.sources()] == ["bereke"]
    with Stand(_site(PATHS[0], lambda: None)) as site:
        ending = _go(site, tmp_path, url)
    assert site.seen == []
    assert ending.exit_code == Exit.ARCHIVE_UNUSABLE
    assert "Crawl against the primary" in str(ending.error)
