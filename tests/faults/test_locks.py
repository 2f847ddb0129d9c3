"""The database is held by another program, and several of our own work on it at the same moment."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.backfill import Outlet, OutletSpider, Server
from newscrawl.cli import cli
from newscrawl.errors import Exit, UsageError
from newscrawl.store.engine import open_engine
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, keys, one
from tests.support.fault_site import PATHS, assert_complete, outlet, words
from tests.support.fresh import seed
from tests.support.process_pool import ProcessPool


@contextlib.contextmanager
def held(home: Path) -> Iterator[None]:
    """Another program has the database to itself for a while."""
    other = sqlite3.connect(home / "newscrawl.db", isolation_level=None, timeout=30)
    try:
        other.execute("begin immediate")
        yield
        other.execute("commit")
    finally:
        other.close()


def _until(site: Stand, requests: int) -> None:
    for _ in range(3000):
        if len(site.seen) >= requests:
            return
        time.sleep(0.01)
    raise AssertionError("the crawl asks for nothing")


def _started(process_pool: ProcessPool, site: Stand, home: Path, seconds: float) -> None:
    seed(f"sqlite:///{home / 'newscrawl.db'}")
    url = f"sqlite:///{home / 'newscrawl.db'}?timeout={seconds}"
    process_pool.start(*words(site), home=home, NEWSCRAWL_NOW=NOW.isoformat(), NEWSCRAWL_DATABASE_URL=url)


def test_locked_for_a_while(process_pool: ProcessPool, tmp_path: Path) -> None:
    """The crawl waits and goes on; meanwhile it still fetches pages: only writing waits."""
    with outlet(slow=0.02) as site:
        _started(process_pool, site, tmp_path, 60)
        _until(site, 8)
        with held(tmp_path):
            _until(site, 12)
            time.sleep(2)
            assert one(tmp_path, "select count(*) from articles") < len(PATHS)
        ended = process_pool.wait()
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert_complete(tmp_path, process_pool)


def test_locked_for_too_long(process_pool: ProcessPool, tmp_path: Path) -> None:
    """Longer than the time-out: exit code 7 and one line; the next run completes the work."""
    with outlet(slow=0.02) as site:
        _started(process_pool, site, tmp_path, 0.5)
        _until(site, 8)
        with held(tmp_path):
            ended = process_pool.wait()
        assert ended.code == Exit.ARCHIVE_UNUSABLE
        assert (ended.out, ended.err.count("\n")) == ("", 1), ended.err
        assert "database is locked. Another program holds the file; try again when it is done" in ended.err
        assert process_pool.run("verify", home=tmp_path).code == 0
        assert process_pool.run(*words(site), home=tmp_path, NEWSCRAWL_NOW=NOW.isoformat()).code == 0
    assert_complete(tmp_path, process_pool)


def test_locked_at_the_start(process_pool: ProcessPool, tmp_path: Path) -> None:
    """Nothing is fetched that could not be stored."""
    with outlet() as site:
        seed(f"sqlite:///{tmp_path / 'newscrawl.db'}")
        with held(tmp_path):
            _started(process_pool, site, tmp_path, 0.2)
            ended = process_pool.wait()
        assert (ended.code, ended.err.count("\n")) == (Exit.ARCHIVE_UNUSABLE, 1)
        assert site.seen == []


@pytest.mark.parametrize("value", ["soon", "-1", "1e9", "nan"])
def test_senseless_timeout(value: str, tmp_path: Path) -> None:
    """A wrong time-out in the address is a usage error."""
    with pytest.raises(UsageError, match="no number of seconds"):
        open_engine(f"sqlite:///{tmp_path / 'x.db'}?timeout={value}")


def test_everything_at_once(process_pool: ProcessPool, tmp_path: Path) -> None:
    """Two sources are crawled into one file while versions are read again and the archive is verified; then all is there once."""
    large = Outlet(20)
    with outlet(slow=0.05) as site, Server(large) as other:
        assert (
            process_pool.run(*words(site, "--limit", "10"), home=tmp_path, NEWSCRAWL_NOW=NOW.isoformat()).code
            == 0
        )
        process_pool.start(*words(site), home=tmp_path, NEWSCRAWL_NOW=NOW.isoformat())
        beside = CliRunner().invoke(
            cli, ["reprocess", "--all", "--workers", "1"], env={"NEWSCRAWL_HOME": str(tmp_path)}
        )
        ending = crawl(tmp_path, NOW, spider=OutletSpider, site=other.url, since=large.since.isoformat())
        meanwhile = CliRunner().invoke(cli, ["verify"], env={"NEWSCRAWL_HOME": str(tmp_path)})
        ended = process_pool.wait()
    assert (ended.code, ended.err) == (0, "")
    assert ending.exit_code == Exit.OK, ending.line
    assert (beside.exit_code, meanwhile.exit_code) == (0, 0), beside.output + meanwhile.output
    ours = [key for key in keys(tmp_path) if "ferry-number" in key]
    assert ours == [path[1:] for path in PATHS]
    assert len(keys(tmp_path)) == len(PATHS) + 20
    assert one(tmp_path, "select count(*) from versions") == len(PATHS) + 20
    assert process_pool.run("verify", home=tmp_path).code == 0
