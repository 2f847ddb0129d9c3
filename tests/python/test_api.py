"""`newscrawl.open` and `newscrawl.extract`: what a program gets, on both databases, and what it is told when it asks wrongly."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from datetime import date, datetime, timedelta

import pytest

import newscrawl
from newscrawl.errors import NotFound, SchemaError, StoreError, UnknownSource, UsageError, WarcError
from newscrawl.search.indexing import update
from newscrawl.store.search.store import SearchStore
from tests.support import sample_history
from tests.support.aged_archive import EDITED, archive as aged
from tests.support.factory import START, address

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request):
    return request.getfixturevalue(request.param)


def test_reads(url):
    """Every stream gives what the commands print, and is narrowed by the same words."""
    sample_history.fill(url)
    with newscrawl.open(url) as archive:
        streams = [archive.articles(), archive.versions(), archive.changes(), archive.removed()]
        assert all(isinstance(one, types.GeneratorType) for one in streams)
        articles, versions, changes, removed = map(list, streams)
        assert sorted(one.id for one in articles) == [one.id for one in sorted(articles, key=lambda a: a.id)]
        assert archive.article(1) == archive.article(address("en", 1)) == archive.article("1")
        assert [one.number for one in archive.versions(1)] == list(range(1, archive.article(1).versions + 1))
        assert {one.article_id for one in archive.changes(archive.article(1))} == {1}
        assert changes[0].before != changes[0].after
        assert {one.article_id for one in removed} == {one.id for one in articles if one.state != "live"}
        assert len(list(archive.articles(source="bereke", edition="kk"))) < len(articles)
        assert len(list(archive.articles(limit=2))) == 2
        assert len(versions) == sum(one.versions for one in articles)
        day = START.date()
        within = list(archive.changes(since=day, until=day))
        assert within == list(archive.changes(since=day.isoformat(), until=START.replace(hour=0) + DAY))
        assert 0 < len(within) < len(changes)
        assert archive.coverage()
        assert {one.source for one in archive.sources()} >= {"bereke"}
        for record in [*articles, *versions, *changes, *removed, *archive.observations(), *archive.gaps()]:
            json.dumps(newscrawl.as_dict(record))


def test_search(sqlite_url):
    sample_history.fill(sqlite_url)
    with newscrawl.open(sqlite_url) as archive:
        with pytest.raises(StoreError, match="search --update"):
            archive.search("bridge")
        with SearchStore(sqlite_url, write=True) as store:
            update(store)
        found = archive.search("bridge OR мост", source="bereke", limit=1)
        assert [hit.article_id for hit in found]
        assert found.more


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda a: a.article(999), NotFound, "999"),
        (lambda a: a.article("https://nowhere.example/x"), NotFound, "nowhere"),
        (lambda a: list(a.articles(source="nobody")), UnknownSource, "It holds"),
        (lambda a: a.articles(state="dead"), UsageError, "live, suspected, removed"),
        (lambda a: a.changes(kinds=["heading"]), UsageError, "headline"),
        (lambda a: a.removed(state="lost"), UsageError, "gone"),
        (lambda a: a.articles(since="31.01.2026"), UsageError, "2026-01-31"),
        (lambda a: a.articles(since=datetime(2026, 1, 31)), UsageError, "zone"),
        (lambda a: a.articles(since=date(2026, 1, 31), sorce="x"), UsageError, "sorce"),
        (lambda a: a.articles(limit=-1), UsageError, "limit"),
        (lambda a: a.capture(next(a.versions(6))), WarcError, "missing|no raw response"),
    ],
)
def test_wrong_questions(ask, error, said, sqlite_url):
    sample_history.fill(sqlite_url)
    with newscrawl.open(sqlite_url) as archive, pytest.raises(error, match=said):
        ask(archive)


def test_captures_and_nothing_written(tmp_path):
    """Raw responses are found from the archive's folder, and its file is the same afterwards."""
    home = aged(tmp_path / "archive")
    file = home / "newscrawl.db"
    before = file.read_bytes()
    with newscrawl.open(home) as archive:
        edited = next(one for one in archive.articles() if one.url.endswith(EDITED))
        first, last = archive.versions(edited)
        raw = archive.capture(last)
        assert raw.status == 200
        assert "cancelled for good" in raw.text
        assert b"cancelled for good" in raw.bytes
        assert newscrawl.extract(raw.bytes, raw.url, fetched_at=raw.at).title == last.article.title
        assert archive.capture(first.capture).text != raw.text
    assert file.read_bytes() == before


def test_no_archive(tmp_path):
    with pytest.raises(SchemaError, match="no archive"):
        newscrawl.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_extract_text_and_nonsense():
    page = "<html lang=kk><h1>Көпір салынды</h1><article><p>" + "Қалада жаңа көпір салынды. " * 20
    assert newscrawl.extract(page, "https://s.example/a").language == "kk"
    assert not newscrawl.extract(b"\x00\xff", "https://s.example/a").is_article
    with pytest.raises(TypeError):
        newscrawl.as_dict("text")


def test_importing_loads_nothing():
    program = "import newscrawl, sys; print([m for m in sys.modules if m.startswith(('newscrawl.', 'sqlalchemy', 'lxml'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_types_of_users(tmp_path):
    """A user's program that uses the types right passes mypy, and one that does not is told."""
    program = tmp_path / "study.py"
    program.write_text(
        "import newscrawl\n"
        "with newscrawl.open('archive') as archive:\n"
        "    titles: list[str | None] = [one.article.title for one in archive.articles(source='orda')]\n"
        "    text: str = archive.capture(next(archive.versions())).text\n"
        "    wrong: int = archive.article(1).url\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(program)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert [line.split(": ")[0].split(":")[-1] for line in done.stdout.splitlines()[:-1]] == ["5"], (
        done.stdout
    )
