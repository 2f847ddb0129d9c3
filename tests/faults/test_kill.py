"""kill -9, again and again in one archive, at the worst moments: nothing is lost, duplicated or torn. At random moments: benchmarks/kills.py."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.kills import age_versions, doubled
from tests.support.fake_site import NOW, Answer, Stand, one, rows, story
from tests.support.fault_site import PATHS, again, assert_complete, outlet, words
from tests.support.process_pool import Kill, ProcessPool

_COMMIT = "sqlalchemy.engine.default:DefaultDialect.do_commit"
_WRITE, _SYNC = "newscrawl.warc.files:os.write", "newscrawl.warc.files:Files.sync"
_CUT = "newscrawl.warc.repair:os.ftruncate"
_FINISH = "newscrawl.store.write.runs:finish"

CRAWL = (
    Kill(point="newscrawl.store.schema:_migrate", when="after"),  # a new database, and nothing in it
    Kill(point=_WRITE, nth=2, when="half"),  # the first records, torn
    Kill(point=_CUT),  # found by the next run, which is killed before it cuts the torn end off
    Kill(point=_SYNC, nth=2, when="after"),  # bytes on the disk, nothing committed
    Kill(point=_COMMIT, nth=6),  # about to be committed
    Kill(point=_COMMIT, nth=6, when="after"),  # committed, before the run learns of it
    Kill(point=_FINISH, when="after"),  # closed, not committed
)
RECHECK = (
    Kill(point=_SYNC, nth=2, when="after"),
    Kill(point="newscrawl.crawl.removal_checker:RemovalChecker.control_requests"),  # absences held back
    Kill(point=_FINISH),
)
IMPORT = (
    Kill(point="newscrawl.store.archive:Archive.begin_run", when="after"),
    Kill(point=_WRITE, nth=5, when="half"),
    Kill(point=_COMMIT, nth=3),
    Kill(point=_FINISH),
)
REPROCESS = (
    Kill(point="newscrawl.store.write.reprocessing:History.replace", nth=3),
    Kill(point=_COMMIT, nth=2),
)


def _killed(
    process_pool: ProcessPool,
    home: Path,
    kills: Sequence[Kill],
    *parts: str,
    now: datetime = NOW,
    temporary: Path,
) -> None:
    """Runs a command once for each kill. The archive must be whole after each, and no process may be left."""
    for kill in kills:
        ended = process_pool.run(
            *parts, home=home, kill=kill, NEWSCRAWL_NOW=now.isoformat(), TMPDIR=str(temporary)
        )
        assert ended.code == -9, f"{kill} came too late: {ended}"
        assert not ended.left, f"{kill} left processes"
        checked = process_pool.run("verify", home=home)
        assert checked.code == 0, f"{kill}: {checked.out}{checked.err}"


def _finished(
    process_pool: ProcessPool,
    home: Path,
    *parts: str,
    now: datetime = NOW,
    temporary: Path,
    left: Sequence[Path] = (),
) -> None:
    ended = process_pool.run(*parts, home=home, NEWSCRAWL_NOW=now.isoformat(), TMPDIR=str(temporary))
    assert ended.code == 0, ended.err
    assert sorted(temporary.iterdir()) == sorted(left), "temporary files pile up"
    assert list(doubled(home)) == []


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the outlet, to be copied."""
    home = tmp_path_factory.mktemp("archived") / "home"
    with outlet() as site:
        again(home, site)
    return home


def _texts(home: Path) -> list[dict[str, object]]:
    return rows(
        home,
        "select a.url_key, v.number, v.title, v.body, v.content_hash, v.extractor from versions v join articles a on a.id = v.article_id order by 1, 2",
    )


def test_crawl(process_pool: ProcessPool, archived: Path, temporary: Path, tmp_path: Path) -> None:
    """From an empty folder on; in the end the archive equals that of an undisturbed crawl."""
    home = tmp_path / "home"
    with outlet() as site:
        _killed(process_pool, home, CRAWL, *words(site), temporary=temporary)
        _finished(process_pool, home, *words(site), temporary=temporary)
    assert_complete(home, process_pool)
    assert _texts(home) == _texts(archived)
    ended = rows(home, "select exit_code, reason from runs order by id")
    assert [row["reason"] for row in ended] == ["interrupted"] * (len(ended) - 1) + ["finished"]


EDITED, TAKEN = PATHS[3], PATHS[5]


def _altered(site: Stand) -> None:
    site.pages[EDITED] = Answer(story("Nr304", title="The ferry is late"))
    site.pages[TAKEN] = Answer("<h1>Page not found</h1>", 404)


def test_recheck(process_pool: ProcessPool, archived: Path, temporary: Path, tmp_path: Path) -> None:
    """The edit, the absence and nothing else are in the record once; every pending check is made again."""
    home = tmp_path / "home"
    shutil.copytree(archived, home)
    later = NOW + timedelta(days=9)
    with outlet() as site:
        _altered(site)
        parts = words(site, "--recheck", "only")
        _killed(process_pool, home, RECHECK, *parts, now=later, temporary=temporary)
        _finished(process_pool, home, *parts, now=later, temporary=temporary)
        for hours in (1, 8, 26):
            again(
                home,
                site,
                after=timedelta(days=9, hours=hours),
                recheck="only",
                settings={"RECHECK_BUDGET": 50},
            )
    assert one(home, "select count(*) from versions") == len(PATHS) + 1
    changes = rows(
        home,
        "select url_key, kind from changes c join articles a on a.id = c.article_id where kind <> 'created' order by c.id",
    )
    recorded = sorted((row["url_key"].removeprefix("https://en.orda.kz"), row["kind"]) for row in changes)
    assert recorded == [(EDITED, "edited"), (TAKEN, "removed"), (TAKEN, "suspected")]
    assert process_pool.run("verify", home=home).code == 0


def test_import(process_pool: ProcessPool, archived: Path, temporary: Path, tmp_path: Path) -> None:
    """Everything comes in once, with the instants of the file."""
    home = tmp_path / "home"
    (file,) = (archived / "warc").rglob("*.warc.gz")
    base = one(archived, "select min(substr(url, 1, instr(substr(url, 8), '/') + 6)) from captures")
    parts = ("import", str(file), "--source", "orda", "--edition", "en", "--site", base, "--workers", "1")
    _killed(process_pool, home, IMPORT, *parts, temporary=temporary)
    _finished(process_pool, home, *parts, temporary=temporary)
    assert_complete(home, process_pool)
    assert _texts(home) == _texts(archived)
    instants = "select a.url_key, v.at from versions v join articles a on a.id = v.article_id order by 1"
    assert [r["url_key"] for r in rows(home, instants)] == [r["url_key"] for r in rows(archived, instants)]


def test_reprocess(process_pool: ProcessPool, archived: Path, temporary: Path, tmp_path: Path) -> None:
    """Every version is as the old or as the new extractor reads it, never a mixture; in the end all as the new one reads them."""
    home = tmp_path / "home"
    shutil.copytree(archived, home)
    age_versions(home)
    parts = ("reprocess", "--workers", "1")
    _killed(process_pool, home, REPROCESS, *parts, temporary=temporary)
    _finished(process_pool, home, *parts, temporary=temporary)
    assert_complete(home, process_pool)
    assert _texts(home) == _texts(archived)
