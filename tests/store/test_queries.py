"""Reads for people, on SQLite and PostgreSQL: what is found, in which order, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import delete, event, text

from newscrawl.errors import Exit, NotFound, SchemaError, StoreError, UnknownSource, UsageError
from newscrawl.model import Alias, AliasKind, Author, ChangeKind, FetchOutcome, Precision, State, VerdictKind
from newscrawl.store import schema
from newscrawl.store.archive import open_archive
from newscrawl.store.engine import open_engine, writing
from newscrawl.store.read import selects
from newscrawl.store.read.reader import Reader, active_runs, archive_exists, open_reader
from newscrawl.store.tables import versions
from tests.support.factory import ALMATY, START, TITLES, address, article, press
from tests.support.fresh import filled

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _fill(database_url):
    """Three editions of one source and one article of another, with an edit, an absence and a listing read."""
    with press(database_url) as bereke:
        for edition in ("en", "ru", "kk"):
            bereke.publish(edition, 1)
        bereke.publish("en", 2, at=START + HOUR, published=None, published_precision=None)
        bereke.publish(
            "en",
            3,
            at=START + 2 * HOUR,
            published=datetime(2026, 1, 5, tzinfo=ALMATY),
            published_precision=Precision.DAY,
        )
        bereke.edit("en", 1, at=START + 3 * HOUR, title="Bridge closed again")
        bereke.vanish("ru", 1, at=START + 4 * HOUR)
        bereke.read_listing(
            "en", [(address("en", 2), "Second"), (address("en", 9), "Ninth")], at=START + 5 * HOUR
        )
        bereke.fail("en", address("en", 9), at=START + 6 * HOUR)
        bereke.finish(START + 7 * HOUR, 4, "one listing failed")
    with press(database_url, "other") as other:
        other.publish("en", 7)


@pytest.fixture
def archive(database_url):
    """The filled archive, for tests that write."""
    return filled(database_url, _fill)


@pytest.fixture(scope="module")
def reader(module_database_url):
    """A reader of the filled archive, shared: reading changes nothing."""
    with open_reader(filled(module_database_url, _fill)) as opened:
        yield opened


def _numbers(records):
    return [(r.source, r.edition, r.url.rsplit("-", 1)[1]) for r in records]


# --- opening -----------------------------------------------------------------------------------


def test_missing_sqlite_archive_is_refused_and_not_made(sqlite_url, tmp_path):
    """Reading where nothing was ever crawled says what to do and leaves no file behind."""
    with pytest.raises(StoreError, match="Crawl first: newscrawl crawl orda") as caught:
        open_reader(sqlite_url)
    assert caught.value.exit_code is Exit.ARCHIVE_UNUSABLE
    assert list(tmp_path.iterdir()) == []
    assert not archive_exists(sqlite_url)
    assert list(tmp_path.iterdir()) == []


def test_empty_database_is_no_archive(postgres_url):
    """A PostgreSQL database without tables is refused, and stays without tables."""
    with pytest.raises(SchemaError, match="Crawl first"):
        open_reader(postgres_url)
    assert not archive_exists(postgres_url)


def test_newer_schema_is_refused(archive):
    """A database made by a newer program is not touched."""
    engine = open_engine(archive)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaError, match="newer than this program"):
        open_reader(archive)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    """Any other file in the archive's place gives one of our errors."""
    path = tmp_path / "newscrawl.db"
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(StoreError):
        open_reader(f"sqlite:///{path}")


def test_archive_exists_once_it_was_opened_for_writing(database_url):
    open_archive(database_url).dispose()
    assert archive_exists(database_url)


# --- articles ----------------------------------------------------------------------------------


def test_articles_come_newest_first_with_unknown_dates_by_first_check(reader):
    """Published, or else first seen, decides; equal instants by number, later ones first."""
    found = list(reader.articles(source="bereke"))
    moments = [(r.article.published or r.first_seen, r.id) for r in found]
    assert moments == sorted(moments, reverse=True)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"source": "other"}, {("other", "en", "7")}),
        ({"source": "bereke", "edition": "kk"}, {("bereke", "kk", "1")}),
        ({"state": State.SUSPECTED}, {("bereke", "ru", "1")}),
        ({"until": datetime(2026, 2, 1, tzinfo=UTC)}, {("bereke", "en", "3")}),
        ({"since": START + 2 * HOUR}, {("other", "en", "7")}),
        ({"since": START + 7 * HOUR, "until": START + 7 * HOUR}, set()),
        ({"since": START + HOUR, "until": START + HOUR + timedelta(seconds=1), "edition": "en"},
         {("bereke", "en", "1"), ("bereke", "en", "2")}),
        ({"limit": 0}, set()),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)  # fmt: skip
def test_articles_by_condition(reader, arguments, expected):
    """Each condition alone and together selects exactly its articles, and count agrees."""
    assert set(_numbers(reader.articles(**arguments))) == expected
    if "limit" not in arguments:
        assert reader.count(**arguments) == len(expected)


def test_limit_takes_the_newest(reader):
    assert _numbers(reader.articles(limit=1)) == [("other", "en", "7")]


def test_a_list_goes_on_behind_what_is_known(reader):
    """Behind any article and any edit stands the rest of the list, also where several have one instant."""
    whole = list(reader.articles())
    assert len({one.article.published for one in whole}) < len(whole)
    for number, last in enumerate(whole):
        behind = (last.article.published or last.first_seen, last.id)
        assert list(reader.articles(before=behind)) == whole[number + 1 :]
    (edit,) = reader.changes()
    assert list(reader.changes(before=(edit.at, edit.number))) == []
    assert list(reader.changes(before=(edit.at, edit.number + 1))) == [edit]


def test_unknown_source_is_named_with_the_known_ones(reader):
    with pytest.raises(UnknownSource, match="bereke, other"):
        list(reader.articles(source="bereka"))


@pytest.mark.parametrize("edition", ["en", "ru", "kk"])
def test_a_record_holds_every_field_as_it_was_read(reader, edition):
    """Text in all languages, authors with roles, tags, images and the publisher's own offset come back unchanged."""
    [record] = [r for r in reader.articles(edition=edition, source="bereke") if r.url == address(edition, 1)]
    read = article(edition, 1)
    if edition == "en":
        assert (record.version, record.versions, record.article.title) == (2, 2, "Bridge closed again")
    else:
        assert record.article.title == f"{TITLES[edition]} (1)"
        assert (record.version, record.versions) == (1, 1)
    assert record.article.body == read.body
    assert record.article.authors == read.authors
    assert record.article.tags == read.tags
    assert record.article.images == read.images
    assert record.article.published == read.published
    assert record.article.published.utcoffset() == 5 * HOUR
    assert record.url_key == address(edition, 1)
    assert record.first_seen == START


def test_pages_join_without_loss(reader, monkeypatch):
    """The page size never shows: every article once, in the same order."""
    whole = [r.id for r in reader.articles()]
    monkeypatch.setattr(selects, "PAGE", 2)
    assert [r.id for r in reader.articles()] == whole


def test_the_number_of_queries_does_not_grow_with_a_page(archive_url):
    """Authors, aliases and counts are read for a page at once, not for each article."""
    with press(archive_url) as bereke:
        for number in range(1, 31):
            bereke.publish("en", number)
    with open_reader(archive_url) as reader:
        asked: list[str] = []
        event.listen(reader._engine, "before_cursor_execute", lambda _c, _cur, sql, *_: asked.append(sql))
        assert len(list(reader.articles(limit=3))) == 3
        few = len(asked)
        assert len(list(reader.articles(limit=30))) == 30
        assert len(asked) - few == few


def test_a_stream_shows_one_moment_while_a_crawl_goes_on(archive, monkeypatch):
    """An article whose date is moved and one that is added meanwhile neither hide nor double anything."""
    monkeypatch.setattr(selects, "PAGE", 1)
    with open_reader(archive) as reader, press(archive, start=START + DAY) as bereke:
        before = [r.id for r in reader.articles()]
        stream = reader.articles()
        seen = [r.id for r in islice(stream, 2)]
        bereke.publish("kk", 5, at=START + DAY)
        bereke.edit("en", 3, at=START + DAY, published=START + 9 * DAY, kinds=(ChangeKind.DATE,))
        assert seen + [r.id for r in stream] == before


def test_an_abandoned_stream_gives_its_connection_back(reader):
    """Twenty streams begun and dropped leave the reader usable."""
    for _ in range(20):
        assert next(iter(reader.articles()))
    assert reader.count() == 6


def test_damage_is_said(archive):
    """An article without the version it should have is reported, not left out."""
    engine = open_engine(archive)
    with engine.connect().execution_options(newscrawl_write=True) as connection, connection.begin():
        connection.execute(text("DELETE FROM version_authors"))
        connection.execute(delete(versions).where(versions.c.number == 2))
    engine.dispose()
    with open_reader(archive) as reader, pytest.raises(StoreError, match="database is damaged"):
        list(reader.articles())


# --- one article -------------------------------------------------------------------------------


def _one(reader: Reader, *references: str):
    return reader.article(reader.find(references))


def test_an_article_is_found_by_any_of_its_addresses(archive_url):
    """Number, key, raw address, alias, claimed canonical address and the source's own number all lead to it."""
    with press(archive_url) as bereke:
        mine = bereke.publish(
            "en",
            1,
            aliases=[
                Alias("https://short.example/b", AliasKind.REDIRECT, "http://short.example/b?utm_source=x"),
                Alias(
                    "https://en.bereke.example/canon", AliasKind.CANONICAL, "https://en.bereke.example/canon"
                ),
                Alias("bereke:en:1", AliasKind.IDENTITY),
            ],
        )
        bereke.publish("en", 2)
    with open_reader(archive_url) as reader:
        assert reader.find(mine) == mine
        for reference in (
            address("en", 1),
            "https://short.example/b",
            "http://short.example/b?utm_source=x",
            "https://en.bereke.example/canon",
            "bereke:en:1",
        ):
            assert reader.find([reference]) == mine, reference
        assert reader.find(["https://nowhere.example/", address("en", 1)]) == mine
        assert reader.article(mine).aliases == (
            "http://short.example/b?utm_source=x",
            "https://en.bereke.example/canon",
        )


@pytest.mark.parametrize(
    "reference", [0, -1, 999, 2**63 - 1, 2**63, 10**30, ["https://x.example/"], [], ["", "\x00"]]
)
def test_what_is_not_there_is_not_found(reader, reference):
    with pytest.raises(NotFound):
        reader.find(reference)


def test_an_address_that_two_articles_share_is_refused(archive_url):
    """Two sources may hold the same address: the numbers are given instead of a silent choice."""
    with press(archive_url) as bereke, press(archive_url, "mirror") as mirror:
        first, second = bereke.publish("en", 1), mirror.publish("en", 1)
    with open_reader(archive_url) as reader, pytest.raises(UsageError, match=f"{first}, {second}"):
        reader.find([address("en", 1)])


def test_an_address_really_read_outranks_a_claim(archive_url):
    """A page of another source that merely names this address as canonical does not make it ambiguous."""
    claim = Alias(address("en", 1), AliasKind.CANONICAL, address("en", 1))
    with press(archive_url) as bereke, press(archive_url, "mirror") as mirror:
        mirror.publish("ru", 4, aliases=[claim])
        mine = bereke.publish("en", 1)
    with open_reader(archive_url) as reader:
        assert reader.find([address("en", 1)]) == mine


def test_an_earlier_version_is_shown_on_request(reader):
    record = _one(reader, address("en", 1))
    earlier = reader.article(record.id, 1)
    assert (earlier.version, earlier.versions) == (1, 2)
    assert earlier.article.title == f"{TITLES['en']} (1)"


@pytest.mark.parametrize("version", [0, 3, 2**31, 2**70, -1])
def test_a_version_that_is_not_there(reader, version):
    record = _one(reader, address("en", 1))
    with pytest.raises(NotFound, match="has no version"):
        reader.article(record.id, version)


@pytest.mark.parametrize("number", [0, -5, 4000, 2**64])
def test_an_article_number_that_is_not_there(reader, number):
    with pytest.raises(NotFound):
        reader.article(number)


def test_versions_of_an_article_oldest_first(reader):
    record = _one(reader, address("en", 1))
    first, second = reader.versions_of(record.id)
    assert (first.number, first.at, first.kinds) == (1, START, ())
    assert (second.number, second.at, second.kinds) == (2, START + 3 * HOUR, (ChangeKind.HEADLINE,))
    assert first.article.authors == (Author("Dana Serikova", "original author"),)
    assert second.capture is not None
    assert second.capture.ref.file.startswith("bereke/")


def test_absence_leaves_last_seen_where_it_was(reader):
    """A suspected article says since when, and when it was last there."""
    record = _one(reader, address("ru", 1))
    assert (record.state, record.state_since) == (State.SUSPECTED, START + 4 * HOUR)
    assert record.last_seen == START
    observation = reader.observations_of(record.id)[-1]
    assert (observation.signal, observation.status, observation.verdict) == (
        "not_found",
        404,
        VerdictKind.ABSENT,
    )


# --- streams and sources -----------------------------------------------------------------------


def test_versions_stream(reader):
    """All versions of all articles, latest first, by source, edition and time of observation."""
    assert len(list(reader.versions())) == 7
    assert [(v.edition, v.number) for v in reader.versions(since=START + 3 * HOUR)] == [("en", 2)]
    assert len(list(reader.versions(source="bereke", edition="en"))) == 4
    assert [v.source for v in reader.versions(limit=1)] == ["other"]


def test_observations_stream(reader):
    """Checks that gave nothing are there as well, with the edition of their lead."""
    found = list(reader.observations(source="bereke"))
    assert len(found) == 8
    assert (found[0].outcome, found[0].article_id, found[0].edition) == (FetchOutcome.TIMEOUT, None, "en")
    assert found[0].url == found[0].final_url == address("en", 9)
    assert [o.status for o in reader.observations(since=START + 4 * HOUR, until=START + 5 * HOUR)] == [404]


def test_sightings_stream(reader):
    """Places in a listing, of articles and of addresses that are none yet."""
    second, first = reader.sightings(source="bereke", edition="en")
    assert (first.position, first.url, first.headline) == (0, address("en", 2), "Second")
    assert first.article_id is not None
    assert (second.position, second.url, second.article_id) == (1, address("en", 9), None)
    assert first.at == START + 5 * HOUR
    assert list(reader.sightings(edition="ru")) == []


def test_sources_by_edition_with_their_last_run(reader):
    found = {(s.source, s.edition): s for s in reader.sources()}
    assert {key: s.articles for key, s in found.items()} == {
        ("bereke", "en"): 3,
        ("bereke", "kk"): 1,
        ("bereke", "ru"): 1,
        ("other", "en"): 1,
    }
    assert found["bereke", "kk"].newest == START + HOUR
    run = found["bereke", "en"].last_run
    assert (run.exit_code, run.reason, run.finished) == (4, "one listing failed", START + 7 * HOUR)
    assert found["other", "en"].last_run.finished is None


def test_a_source_without_articles_is_listed(archive_url):
    with press(archive_url):
        pass
    with open_reader(archive_url) as reader:
        [source] = reader.sources()
    assert (source.source, source.edition, source.articles) == ("bereke", None, 0)


def test_active_runs_are_those_not_finished(archive):
    """The second source of the archive has an open run of this very process."""
    engine = open_engine(archive)
    try:
        assert [name for name, _ in active_runs(engine)] == ["other"]
    finally:
        engine.dispose()


def test_reading_creates_and_changes_nothing(archive):
    """Every read leaves every table as it was."""
    engine = open_engine(archive)

    def everything():
        with engine.connect() as connection:
            return {t.name: connection.execute(t.select()).all() for t in versions.metadata.sorted_tables}

    before = everything()
    with open_reader(archive) as reader:
        for stream in (reader.articles(), reader.versions(), reader.observations(), reader.sightings()):
            list(stream)
        reader.sources()
    assert everything() == before
    assert schema.current(engine) == schema.HEAD
    engine.dispose()
