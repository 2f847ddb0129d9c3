"""`newscrawl reprocess`: versions get the fields today's extractor reads, in place; none is made, lost or hidden, whatever goes wrong."""

from __future__ import annotations

import json
import shutil
import time
from datetime import timedelta
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from newscrawl import worker
from newscrawl.archiving import captures
from newscrawl.cli import cli
from newscrawl.cli.crawling import reprocess as command
from newscrawl.errors import Exit
from newscrawl.extract import extractor_version
from newscrawl.judge.history.steps import Step, compared
from newscrawl.model import ChangeKind, Content
from newscrawl.store.write.reprocessing import open_for_reprocessing
from newscrawl.text import content_hash
from tests.support import faulty
from tests.support.crawling import crawl
from tests.support.factory import START, press
from tests.support.fake_site import NOW, Stand, front, story

HOUR = timedelta(hours=1)
NOTHING = {"articles": 0, "versions": 0, "replaced": 0, "changed": 0, "no_longer_differ": 0, "refused": 0, "unreadable": 0, "failed": 0}  # fmt: skip
PATHS = [f"/mill-number-{n}" for n in range(601, 606)]
ONE, TWO = "Mill 601 stands still", "Mill 601 turns again"


def crawled(home: Path, database_url: str | None = None) -> None:
    """Crawls five articles, of which the first has three versions: its headline was changed and changed back."""
    with Stand({path: story(f"Nr{path[-3:]}") for path in PATHS}) as site:
        site.pages |= {"/": front(*PATHS)}
        for day, title in enumerate((ONE, TWO, ONE)):
            site.pages[PATHS[0]] = story("Nr601", title=title)
            ending = crawl(
                home, NOW + day * 26 * HOUR, edition="en", site=site.url, database_url=database_url
            )
            assert ending.exit_code == Exit.OK, ending.line


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """The crawled archive, to be copied."""
    home = tmp_path_factory.mktemp("kept") / "archive"
    crawled(home)
    return home


@pytest.fixture
def url(kept, tmp_path, monkeypatch) -> str:
    """The database of a copy that is the archive of the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(kept, tmp_path / "archive")
    return f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def anywhere(request, tmp_path, monkeypatch) -> str:
    """The same archive on either database."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("url"))
    monkeypatch.chdir(tmp_path)
    address = str(request.getfixturevalue("postgres_archive_url"))
    crawled(tmp_path / "archive", address)
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", address)
    return address


def reprocess(*options: str, code: int = Exit.OK) -> dict[str, Any]:
    """The counts of a run that ends with this code."""
    result = CliRunner().invoke(cli, ["reprocess", "--json", "--workers", "1", *options])
    assert result.exit_code == code, result.output
    counts = json.loads(result.stdout)
    assert counts.pop("extractor") == extractor_version()
    counts.pop("dry_run")
    return counts


def sql(url: str, *statements: str, **values: Any) -> list[tuple]:
    """Statements to the database; the rows of the last one."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement), values)
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


def contents(url: str) -> list[list[tuple]]:
    """Everything that versions and articles say."""
    return [
        sql(url, query)
        for query in (
            "select * from articles order by id",
            "select * from versions order by id",
            "select v.version_id, v.position, v.role, p.name from version_authors v join people p on p.id = v.person_id order by 1, 2",
            "select id, article_id, kind, from_version, to_version, kinds from changes order by id",
        )
    ]


def multiply(url: str, times: int) -> None:
    """More articles with the words and the capture of article 2."""
    sql(
        url,
        "create table one as select * from articles where id = 2",
        "create table two as select * from versions where article_id = 2",
    )
    copies = (
        (
            f"update one set id = {number}, url_hash = '{number}'",
            f"update two set id = {number}, article_id = {number}",
            "insert into articles select * from one",
            "insert into versions select * from two",
        )
        for number in range(100, 100 + times)
    )
    sql(url, *chain.from_iterable(copies))
    sql(url, "drop table one", "drop table two")


def outdated(url: str, where: str = "1 = 1") -> None:
    """Gives versions the fields of an earlier, worse extractor."""
    sql(
        url,
        "update articles set title = 'Share this!', published = null",
        f"update versions set title = 'Share this!', body = '', published = null, language = 'xx', content_hash = '01' || number, kinds = '[\"body\"]', returns_to = null, extractor = '0/test' where {where}",
        "delete from version_authors",
    )


def test_an_upgrade_replaces_every_version_in_place(anywhere):
    """All versions, not only the current ones, come out as if today's extractor had read them at first; a second run has nothing to do."""
    before = contents(anywhere)
    outdated(anywhere)
    sql(anywhere, "update versions set kinds = '[]' where number = 1")
    counts = reprocess()
    assert counts == NOTHING | {"articles": 5, "versions": 7, "replaced": 7, "changed": 7}
    assert contents(anywhere) == before
    assert reprocess() == NOTHING


def test_the_same_extractor_changes_nothing(url):
    """Reading everything again gives what is there, to the letter."""
    before = contents(url)
    assert reprocess("--all") == NOTHING | {"articles": 5, "versions": 7, "replaced": 7}
    assert contents(url) == before


def test_no_version_is_made_or_taken_where_texts_become_equal(url):
    """Versions that no longer differ stay under their numbers, without kinds, and are counted."""
    sql(
        url,
        "update versions set capture_id = (select capture_id from versions where article_id = 1 and number = 1) where article_id = 1",
    )
    counts = reprocess("--all")
    assert (counts["changed"], counts["no_longer_differ"]) == (1, 2)
    found = sql(url, "select number, kinds, returns_to from versions where article_id = 1 order by number")
    assert [(number, json.loads(kinds), back) for number, kinds, back in found] == [(1, [], None), (2, [], None), (3, [], None)]  # fmt: skip
    edits = sql(url, "select kinds from changes where kind = 'edited'")
    assert [json.loads(kinds) for (kinds,) in edits] == [[], []]


def test_returns_are_found_again(url):
    """A headline that came back is a return to the version that had it."""
    sql(url, "update versions set returns_to = null")
    reprocess("--all")
    found = sql(url, "select number, kinds, returns_to from versions where article_id = 1 order by number")
    assert [(number, json.loads(kinds), back) for number, kinds, back in found] == [
        (1, [], None),
        (2, ["headline"], None),
        (3, ["headline"], 1),
    ]


def test_dry_run_changes_nothing_and_counts_the_same(url):
    """What would be done is said, and not done."""
    outdated(url)
    before = contents(url)
    would = reprocess("--dry-run")
    assert contents(url) == before
    assert would == reprocess()


def test_a_page_that_is_no_article_now_keeps_its_fields(url):
    """What was archived as an article stays, is counted, and is named with -v."""
    outdated(url, "article_id = 3")
    listing = "select capture_id from listing_reads where status = 200 order by id limit 1"
    sql(url, f"update versions set capture_id = ({listing}) where article_id = 3")
    before = sql(url, "select * from versions where article_id = 3")
    counts = reprocess()
    assert (counts["refused"], counts["replaced"]) == (1, 0)
    assert sql(url, "select * from versions where article_id = 3") == before
    assert "article 3, version 1: refused" in CliRunner().invoke(cli, ["reprocess", "-v"]).stderr


def test_unreadable_captures_are_said_and_the_rest_is_done(url, tmp_path):
    """A damaged raw response costs its own version the new reading and the run its exit code; nothing else."""
    outdated(url)
    ((file, offset, length),) = sql(
        url,
        'select file, "offset", length from captures where id = (select capture_id from versions where article_id = 3)',
    )
    with (tmp_path / "archive" / "warc" / file).open("r+b") as raw:
        raw.seek(offset + length // 2)
        raw.write(b"\0\0\0\0")
    sql(url, "update versions set capture_id = null where article_id = 4")
    counts = reprocess(code=Exit.ARCHIVE_UNUSABLE)
    assert (counts["unreadable"], counts["replaced"]) == (2, 5)
    assert sql(url, "select distinct article_id from versions where extractor = '0/test' order by 1") == [
        (3,),
        (4,),
    ]
    result = CliRunner().invoke(cli, ["reprocess"])
    assert (
        "article 4, version 1: unreadable: no response is kept for it; it keeps its fields" in result.stderr
    )


def test_pages_that_hang_or_crash_are_ended(url, monkeypatch):
    """The page is given up, the rest goes on, and the exit code says so."""
    outdated(url)
    monkeypatch.setattr(captures, "read_again", faulty.extract_capture)
    monkeypatch.setattr(command, "SECONDS", 2.0)
    counts = reprocess(code=Exit.PARTLY_FAILED)
    assert (counts["failed"], counts["replaced"]) == (2, 5)
    assert sql(url, "select distinct article_id from versions where extractor = '0/test' order by 1") == [
        (2,),
        (4,),
    ]


def test_versions_of_other_extractors_are_not_compared(url):
    """A version that could not be read again keeps what was said of it: two extractors are never set against each other."""
    outdated(url)
    sql(url, "update versions set capture_id = null where article_id = 1 and number = 2")
    reprocess(code=Exit.ARCHIVE_UNUSABLE)
    found = sql(url, "select number, kinds, returns_to from versions where article_id = 1 order by number")
    assert [(number, json.loads(kinds)) for number, kinds, _ in found] == [
        (1, ["body"]),
        (2, ["body"]),
        (3, ["body"]),
    ]


def test_since_and_source_choose(url):
    """Articles with a version from a day on; one source; a source nobody knows is a usage error."""
    outdated(url)
    counts = reprocess("--since", (NOW + 20 * HOUR).isoformat())
    assert (counts["articles"], counts["versions"]) == (1, 3)
    assert reprocess("--source", "orda")["versions"] == 4
    assert CliRunner().invoke(cli, ["reprocess", "--source", "nobody"]).exit_code == Exit.USAGE


def test_no_archive(tmp_path, monkeypatch):
    """Nothing is made where nothing is."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["reprocess"])
    assert result.exit_code == Exit.ARCHIVE_UNUSABLE
    assert not (tmp_path / "archive").exists()


# SQLite has one writer at a time; transactions are short.
@pytest.mark.parametrize("archive_url", ["postgres"], indirect=True)
def test_a_crawl_goes_on_beside_it(archive_url):
    """While an article is being rewritten a crawl can record checks of it: rows that refer to it do not wait."""
    with press(archive_url) as bereke:
        bereke.publish("en", 1)
        bereke.publish("en", 2)
        with open_for_reprocessing(archive_url) as archive, archive.histories([1]) as histories:
            assert [version.number for version in histories[1].versions()] == [1]
            with archive.histories([1, 2]) as others:  # who waits for a lock holds none
                assert list(others) == [2]
            sql(
                archive_url,
                "set local lock_timeout = '500ms'",
                "insert into changes (source_id, article_id, at, kind, kinds) values (1, 1, :at, 'alias', '[]')",
                at=START,
            )


# --- the pure part ---------------------------------------------------------------------------------


def step(number: int, title: str, extractor: str = "2", **said: Any) -> Step:
    content = Content(title=title, body="The mill stands by the river.")
    return Step(number, content, content_hash(content), extractor, **said)


HEADLINE = (ChangeKind.HEADLINE,)
HISTORIES = {
    "an edit": ([step(1, "A"), step(2, "B")], [((), None), (HEADLINE, None)]),
    "no longer different": (
        [step(1, "A"), step(2, "A", kinds=HEADLINE, returns_to=1), step(3, "B", kinds=HEADLINE)],
        [((), None), ((), None), (HEADLINE, None)],
    ),
    "a return": ([step(1, "A"), step(2, "B"), step(3, "A")], [((), None), (HEADLINE, None), (HEADLINE, 1)]),
    "a return to what was the same twice": (
        [step(1, "A"), step(2, "A"), step(3, "B"), step(4, "A")],
        [((), None), ((), None), (HEADLINE, None), (HEADLINE, 1)],
    ),
    "another extractor before": (
        [step(1, "A", "1"), step(2, "B", kinds=(ChangeKind.BODY,), returns_to=1)],
        [((), None), ((ChangeKind.BODY,), 1)],
    ),
    "a return to a version of another extractor is kept": (
        [step(1, "A", "1"), step(2, "B"), step(3, "C", returns_to=1)],
        [((), None), ((), None), (HEADLINE, 1)],
    ),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_kinds_and_returns(name):
    """What is said of neighbours after they were read again."""
    steps, expected = HISTORIES[name]
    assert [(one.kinds, one.returns_to) for one in compared(steps)] == expected


def test_guarded_work():
    """Every job has exactly one result; the ones that hang or crash are named, also where they come last."""
    done = dict(worker.results(faulty.double, [1, 13, 2, 17, 3, 17], workers=2, limits=worker.Limits(0.4)))
    assert {job: result for job, result in done.items() if job < 10} == {1: 2, 2: 4, 3: 6}
    assert "died" in done[13].reason
    assert done[17].reason == "took longer than 0.4 seconds"
    assert list(worker.results(faulty.double, [], workers=2, limits=worker.Limits(1))) == []


def test_a_result_that_came_in_time_counts_however_late_it_is_taken(monkeypatch):
    """While the database is locked nobody takes results: the pages that were read meanwhile were not too slow."""
    found = worker.results(time.sleep, [0, 0.5], workers=2, limits=worker.Limits(5))
    assert next(found) == (0, None)
    until = time.monotonic() + 30
    while not any(one.pipe.poll() for one in worker._RUNNING) and time.monotonic() < until:
        time.sleep(0.05)
    later = time.monotonic() + 1000
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: later))
    assert list(found) == [(0.5, None)]
