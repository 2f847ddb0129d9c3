"""The log of an archive on PostgreSQL: the same entries, several writers at once, a second machine, a server put back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from newscrawl.errors import StoreError
from newscrawl.proof.check import LogCheck
from newscrawl.proof.log import NotHere, Place, bring_in, keep
from newscrawl.proof.tiles import Tiles
from newscrawl.store.copy import copying
from newscrawl.store.engine import open_engine, writing
from newscrawl.store.proof import pending
from newscrawl.store.proof.book import open_book
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.tables import changes, observations
from tests.support.fake_site import NOW
from tests.support.fresh import filled
from tests.support.sample_history import fill, fill_awkwardly

LATER = NOW + timedelta(days=30)


def entries(folder: Path, size: int) -> list[dict]:
    tiles = Tiles(folder, size)
    return [json.loads(tiles.entry(index)) for index in range(size)]


@pytest.fixture
def both(tmp_path, postgres_url) -> tuple[str, str]:
    """The same archive in a SQLite file and on a server, without a log."""
    sqlite = filled(f"sqlite:///{tmp_path / 'newscrawl.db'}", fill_awkwardly)
    source, target = open_engine(sqlite), open_engine(postgres_url)
    try:
        copying.copy(source, target)
    finally:
        source.dispose()
        target.dispose()
    return sqlite, postgres_url


@pytest.fixture
def server(postgres_url) -> str:
    """An archive with some history on a server."""
    return filled(postgres_url, fill)


def test_the_same_entries(both, tmp_path):
    """Byte for byte, whichever database an archive is in; and the check is content with both."""
    logs = []
    for number, url in enumerate(both):
        place = Place.of(tmp_path / str(number), "newscrawl/test")
        with open_book(url) as book:
            added = bring_in(book, place, lambda: LATER)
            assert [one.message for one in LogCheck(book, place).problems()] == []
            logs.append(
                [one for one in entries(place.folder, added.checkpoint.size) if one["entry"] != "log"]
            )
    assert logs[0] == logs[1]
    assert len(logs[0]) > 50


def test_numbers_that_become_visible_out_of_order(server, tmp_path):
    """A row with a lower id is committed after one with a higher id was entered: it is entered next."""
    place = Place.of(tmp_path, "newscrawl/test")
    first, second = open_engine(server), open_engine(server)
    with open_book(server) as book:
        keep(book, place, lambda: LATER)
        with first.connect().execution_options(newscrawl_write=True) as slow:
            made = slow.execute(_check()).scalar_one()
            pending.note(slow, Kind.OBSERVATION, [made])
            with writing(second) as fast:
                later = fast.execute(_check()).scalar_one()
                pending.note(fast, Kind.OBSERVATION, [later])
            assert later > made
            assert keep(book, place, lambda: LATER).entries == 1
            slow.commit()
        assert keep(book, place, lambda: LATER).entries == 1
        assert book.waiting() == 0
        size = book.last().size
        assert [one["id"] for one in entries(place.folder, size)[-2:]] == [later, made]
    first.dispose()
    second.dispose()


def test_another_machine(server, tmp_path):
    """It has no files of the log: it adds nothing, and the first machine enters what it recorded."""
    mine, theirs = (
        Place.of(tmp_path / "mine", "newscrawl/test"),
        Place.of(tmp_path / "theirs", "newscrawl/test"),
    )
    engine = open_engine(server)
    with open_book(server) as book:
        keep(book, mine, lambda: LATER)
        with writing(engine) as connection:
            pending.note(connection, Kind.OBSERVATION, [connection.execute(_check()).scalar_one()])
        with pytest.raises(NotHere):
            keep(book, theirs, lambda: LATER)
        check = LogCheck(book, theirs, server=True)
        assert (list(check.problems()), check.totals.here) == ([], False)
        assert keep(book, mine, lambda: LATER).entries == 1
    engine.dispose()


def test_the_log_grew_meanwhile(server, tmp_path):
    """Two programs that begin at one moment on two machines: one of them is told, and its files count for nothing."""
    places = [Place.of(tmp_path / name, "newscrawl/test") for name in ("one", "two")]
    with open_book(server) as book:

        def meanwhile():
            if not book.last():
                keep(book, places[0], lambda: LATER)
            return LATER

        started = []

        def clock():
            started.append(1)
            return LATER if len(started) < 2 else meanwhile()

        with pytest.raises(StoreError, match="meanwhile"):
            keep(book, places[1], clock)
        assert [one.message for one in LogCheck(book, places[0]).problems()] == []


def test_a_change_in_the_database(server, tmp_path):
    """It is found there as well."""
    place = Place.of(tmp_path, "newscrawl/test")
    engine = open_engine(server)
    with open_book(server) as book:
        bring_in(book, place, lambda: LATER)
        with writing(engine) as connection:
            changed = connection.execute(select(changes.c.id).limit(1)).scalar()
            statement = (
                "update changes set reason = 'x' where id = :this"
                if changed
                else "update runs set reason = 'x'"
            )
            connection.execute(text(statement), {"this": changed} if changed else {})
        assert "entry_differs" in [one.kind.value for one in LogCheck(book, place).problems()]
    engine.dispose()


def _check():
    values = {
        "source_id": 1,
        "run_id": 1,
        "at": NOW,
        "url": "https://x.example/",
        "outcome": "ok",
        "verdict": "failed",
        "reason": "test",
    }
    return insert(observations).values(**values).returning(observations.c.id)
