"""The database with errors: locked, read-only, damaged, foreign, newer, not there. One line each, exit code 7, no passwords."""

from __future__ import annotations

import inspect
import os
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from newscrawl.cli import cli
from newscrawl.errors import Exit, SchemaError, StoreError, UsageError
from newscrawl.model import (
    Alias,
    AliasKind,
    Channel,
    Decision,
    HistoryInsert,
    Insert,
    ListChange,
    Refresh,
    RunSummary,
    Surroundings,
    Verdict,
    VerdictKind as V,
)
from newscrawl.store import engine, schema
from newscrawl.store.archive import Archive, Writing, open_archive
from newscrawl.store.engine import open_engine, reading, sqlite_path, writing
from newscrawl.text import content_hash
from tests.support import judging
from tests.support.fresh import address, seed
from tests.support.judging import NOW, PIECE, URL
from tests.support.rights import ordinary_user
from tests.support.storing import archive, capture, known, lead, listing, new, observation


def _says(caught, *parts):
    """The error is one line with exit code 7 that names these parts."""
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == Exit.ARCHIVE_UNUSABLE
    for part in parts:
        assert part in message


# --- locked ----------------------------------------------------------------------------------------

ARCHIVE = {
    "__init__": lambda a: Archive(a._engine, "qala", NOW),
    "begin_run": lambda a: a.begin_run(NOW, {}),
    "follow_hosts": lambda a: a.follow_hosts({"old.example": "bereke.example"}, NOW),
    "beat": lambda a: a.beat(),
    "finish_run": lambda a: a.finish_run(RunSummary("bereke", a.run_id, NOW, NOW, 0, "")),
    "statuses": lambda a: a.statuses([URL]),
    "due": lambda a: a.due(["en"], NOW, 9),
    "controls": lambda a: a.controls("en", NOW, 9),
    "seen_alive": lambda a: a.seen_alive("en", NOW, 9),
    "peers": lambda a: a.peers(judging.known(), [], NOW, 9),
    "shown_before": lambda a: a.shown_before("en", Channel.LISTING, URL),
    "known_since": lambda a: a.known_since(URL),
    "shown_leads": lambda a: a.shown_leads(URL, NOW),
    "newest_articles": lambda a: a.newest_articles(NOW),
    "caught_hosts": lambda a: a.caught_hosts(),
    "entries": lambda a: a.entries([(URL, lead(URL))]),
    "situations": lambda a: a.situations([observation()], late=True),
    "last_pages": lambda a: a.last_pages(1, 2),
    "last_seen": lambda a: a.last_seen("en", NOW, 9),
    "headlines": lambda a: a.headlines("en", 9),
    "waiting": lambda a: a.waiting(["en"], NOW, since=None, until=None, limit=9),
    "by_keys": lambda a: a.by_keys([URL], NOW),
    "left": lambda a: a.left(["en"], NOW, since=None, until=None),
    "listing_states": lambda a: a.listing_states(),
    "earlier_capture": lambda a: a.earlier_capture(URL),
    "page_at": lambda a: a.page_at(1, NOW, timedelta(hours=1)),
    "warc_ends": lambda a: a.warc_ends(),
    "write": lambda a: a.write().__enter__(),
    "transact": lambda a: a.transact(lambda writing: writing.by_keys([URL], NOW)),
}
WRITING = {
    "by_keys": lambda w, _: w.by_keys([URL], NOW),
    "situations": lambda w, _: w.situations([observation()], late=True),
    "add_leads": lambda w, _: w.add_leads("en", [lead(URL + "-9")], NOW),
    "record_listing": lambda w, _: w.record_listing(listing()),
    "apply": lambda w, k: w.apply(Decision(observation(), Verdict(V.UNCHANGED, "same", next_check=NOW), k)),
    "apply, refreshing": lambda w, k: w.apply(_decided(k, refresh=Refresh(PIECE, "test/2", content_hash(k.content)))),
    "apply, late": lambda w, k: w.apply(_decided(k, insert=HistoryInsert(NOTHING, 1))),
    "apply, seen sooner": lambda w, k: w.apply(_decided(k, insert=HistoryInsert(NOTHING, 1, Insert.SOONER))),
    "apply, put between": lambda w, k: w.apply(_decided(k, insert=HistoryInsert(NOTHING, 1, Insert.VERSION))),
    "last_pages": lambda w, k: w.last_pages(k.id, 2, k.version),
    "last_seen": lambda w, _: w.last_seen("en", NOW, 9),
    "headlines": lambda w, _: w.headlines("en", 9),
    "note_exits": lambda w, k: w.note_exits(ListChange(1, NOW, (), ()), [k.id], []),
    "claim": lambda w, k: w.claim(k.id, Alias(URL + "-9", AliasKind.REDIRECT, URL + "-9"), NOW),
}  # fmt: skip
NOTHING = Surroundings(None, None)


def _decided(article, **fields):
    return Decision(observation(), Verdict(V.UNCHANGED, "same", next_check=NOW), article, **fields)


def _public(kind):
    return {
        name for name, value in vars(kind).items() if inspect.isfunction(value) and not name.startswith("_")
    }


def test_every_method_is_tested():
    """A method added to Archive or Writing belongs into the tables above."""
    assert _public(Archive) | {"__init__"} == set(ARCHIVE) | {"close"}
    assert _public(Writing) == {name.partition(",")[0] for name in WRITING}


@pytest.fixture
def locked(sqlite_url):
    """An archive whose file another program holds for itself, opened with a short time-out."""
    path = sqlite_path(sqlite_url)
    seed(sqlite_url)
    opened = Archive(open_archive(sqlite_url, busy_timeout=0.05), "bereke", NOW)
    opened.begin_run(NOW, {})
    new(opened)
    opened._engine.dispose()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    yield opened
    other.close()
    opened.close()


@pytest.mark.parametrize("name", ARCHIVE)
def test_locked_file(locked, name):
    """Every method of an archive whose file is locked says so, with what to do."""
    with pytest.raises(StoreError) as caught:
        ARCHIVE[name](locked)
    _says(caught, "database is locked", "Another program holds the file")


def test_a_locked_file_is_waited_for_aloud(locked, monkeypatch, caplog):
    """Whoever waits hears for what, once a transaction: where a connection is opened and where a transaction begins."""
    monkeypatch.setattr(engine, "SILENT", 0.01)
    for patient in (0.05, 0.005):  # the second gives up before a word is due
        caplog.clear()
        opened = Archive.__new__(Archive)
        with pytest.raises(StoreError):
            opened.__init__(
                open_engine(locked._engine.url.render_as_string(), busy_timeout=patient), "bereke", NOW
            )
        said = [one.getMessage() for one in caplog.records if "another program writes" in one.getMessage()]
        assert len(said) == (patient > 0.01), caplog.text


def test_a_long_write_is_waited_for_aloud(sqlite_url, monkeypatch, caplog):
    """The same where the other program only writes: in the end the transaction is done."""
    monkeypatch.setattr(engine, "SILENT", 0.01)
    seed(sqlite_url)
    other = sqlite3.connect(sqlite_path(sqlite_url), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def let_go(*_):
        other.execute("ROLLBACK")
        other.close()

    monkeypatch.setattr(engine, "_say_wait", let_go)
    with writing(open_engine(sqlite_url)) as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == engine.BUSY_TIMEOUT * 1000


def _write_and_fail(opened, name, article):
    with opened.write() as batch:
        batch.add_leads("en", [lead(URL + "-lost")], NOW)
        raw = batch._connection.connection.dbapi_connection
        if batch._connection.dialect.name == "sqlite":
            raw.set_progress_handler(lambda: 1, 1)  # each statement is broken off, as by a failing disk
        else:
            raw.pgconn.finish()  # as when the server goes away
        WRITING[name](batch, article)
        batch.by_keys([URL], NOW)  # where the method had nothing to ask


@pytest.mark.parametrize("name", WRITING)
def test_database_that_fails_within_a_transaction(archive_url, name):
    """Every write whose database fails in the middle says so, and leaves nothing of the batch."""
    with archive(archive_url) as opened:
        new(opened)
        article = known(opened)
        with pytest.raises(StoreError) as caught:
            _write_and_fail(opened, name, article)
        _says(caught)
        opened._engine.dispose()
        assert opened.statuses([URL + "-lost"]) == {}


def test_waits_for_a_short_lock(sqlite_url):
    """A writer that is done in time is waited for."""
    import threading

    with archive(sqlite_url) as opened:
        other = sqlite3.connect(sqlite_path(sqlite_url), isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        release.start()
        new(opened)
        release.join()
        other.close()


# --- files -----------------------------------------------------------------------------------------


def test_unwritable_folder():
    """A folder without write permission."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the user that the test becomes may look inside
        (home := Path(folder) / "home").mkdir(mode=0o555)
        with ordinary_user(), pytest.raises(StoreError) as caught:
            open_archive(f"sqlite:///{home / 'newscrawl.db'}")
    _says(caught, "cannot write here", "NEWSCRAWL_HOME")


@pytest.mark.parametrize(
    "home",
    ["file/newscrawl.db", "file/deeper/newscrawl.db", "n" * 300 + "/newscrawl.db", "/proc/here/newscrawl.db"],
)
def test_folder_that_cannot_be_made(tmp_path, home):
    """A home below a file, or with a name no file system takes."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        open_archive(f"sqlite:///{tmp_path / home}")
    _says(caught, "cannot write here", "NEWSCRAWL_HOME")


@pytest.mark.parametrize(
    "content",
    [b"not a database, but long enough to be read as one " * 100, b"SQLite format 3\x00" + b"\xff" * 5000],
)
def test_file_that_is_no_database(tmp_path, content):
    """A file of something else is left as it is."""
    path = tmp_path / "newscrawl.db"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        open_archive(f"sqlite:///{path}")
    _says(caught, path.name)
    assert path.read_bytes() == content


def test_folder_in_place_of_the_file(tmp_path):
    """A folder named like the database."""
    (tmp_path / "newscrawl.db").mkdir()
    with pytest.raises(StoreError) as caught:
        open_archive(f"sqlite:///{tmp_path / 'newscrawl.db'}")
    _says(caught, "unable to open")


# --- schema ----------------------------------------------------------------------------------------


def test_newer_schema(archive_url):
    """An archive of a later program is not touched."""
    engine = open_archive(archive_url)
    try:
        with writing(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SchemaError) as caught:
            open_archive(archive_url)
        _says(caught, "schema 9999, newer than this program knows", "Update newscrawl")
    finally:
        with writing(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": schema.HEAD})
        engine.dispose()


@pytest.mark.parametrize("table", ["articles", "people", "runs"])
def test_database_of_something_else(database_url, table):
    """A database with tables of our names that we did not make is refused and left alone."""
    if path := sqlite_path(database_url):
        path.parent.mkdir()
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text(f"CREATE TABLE {table} (id INTEGER)"))
    with pytest.raises(SchemaError) as caught:
        open_archive(database_url)
    _says(caught, "newscrawl did not make")
    with reading(engine) as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    engine.dispose()


# --- addresses -------------------------------------------------------------------------------------

SECRET = "hunter2-secret"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://press:{SECRET}@127.0.0.1:1/archive",
        f"postgresql://press:{SECRET}@/archive?host=/nowhere",
        f"postgresql://press:{SECRET}@127.0.0.1:99999/archive",
    ],
)
def test_postgres_that_is_not_there(url):
    """A server that does not answer is one line, without the password."""
    with pytest.raises(StoreError) as caught:
        open_archive(url)
    _says(caught, "the database cannot be used", "Check that the database is running")
    assert SECRET not in str(caught.value)


def test_database_that_is_not_there(postgres_server):
    """A server without this database says which one."""
    with pytest.raises(StoreError) as caught:
        open_archive(f"postgresql://postgres:{SECRET}@/nothing_here?host={postgres_server}")
    _says(caught, "nothing_here")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "newscrawl.db",
        "sqlite://",
        "sqlite:///:memory:",
        f"mysql://press:{SECRET}@db/archive",
        f"nonsense://press:{SECRET}@db/archive",
        f"postgresql+nonsense://press:{SECRET}@db/archive",
        f"postgresql://press:{SECRET}@db:port/archive",
        f"postgresql:press:{SECRET}@db",
    ],
)
def test_address_that_is_none(url):
    """What is no database address, or of a database we do not keep archives in, is a usage error without the password."""
    with pytest.raises(UsageError) as caught:
        open_archive(url)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_commits_are_on_the_disk(sqlite_url):
    """A commit survives a power loss, readers do not stop writers, and references are kept."""
    engine = open_archive(sqlite_url)
    with reading(engine) as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted} == wanted
    engine.dispose()


def test_own_bugs_are_not_explained_away(archive_url):
    """A wrong statement of ours is not reported as a database error."""
    engine = open_archive(archive_url)
    try:
        with pytest.raises(Exception, match="no_such") as caught, writing(engine) as connection:
            connection.execute(
                text(
                    "SELECT no_such()"
                    if engine.dialect.name == "postgresql"
                    else "INSERT INTO runs (no_such) VALUES (1)"
                )
            )
        assert isinstance(caught.value, Exception)
    finally:
        engine.dispose()
    assert capture(URL).url == URL


def test_a_password_with_an_at_sign_is_never_shown():
    """What follows an unescaped @ in a password would be taken for the host and printed with the error."""
    with pytest.raises(UsageError) as error:
        open_engine("postgresql://user:sec@ret@127.0.0.1/archive")
    assert "ret" not in str(error.value)
    assert "%40" in str(error.value)


# --- a PostgreSQL that cannot keep what is written ---


@pytest.fixture
def database(postgres_server):
    """Makes a database with this encoding; it is gone afterwards."""
    import psycopg

    made = []

    def make(encoding: str) -> str:
        name = f"encoded_{encoding.lower()}_{os.getpid()}"
        made.append(name)
        with psycopg.connect(
            host=str(postgres_server), user="postgres", dbname="postgres", autocommit=True
        ) as admin:
            admin.execute(
                f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
        return address(postgres_server, name)

    yield make
    with psycopg.connect(
        host=str(postgres_server), user="postgres", dbname="postgres", autocommit=True
    ) as admin:
        for name in made:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1251", "KOI8R", "SQL_ASCII"])
@pytest.mark.parametrize("words", [["list"], ["db", "upgrade"], ["db", "current"]], ids=" ".join)
def test_a_database_of_another_encoding(database, encoding, words):
    """Refused when it is opened and at an upgrade, in one line with exit code 7, before anything is made in it."""
    url = database(encoding)
    done = CliRunner().invoke(cli, words, env={"NEWSCRAWL_DATABASE_URL": url})
    assert done.exit_code == Exit.ARCHIVE_UNUSABLE, done.output
    assert done.stderr.count("\n") == 1
    assert f"the database has the encoding {encoding}, which cannot keep every letter" in done.stderr


@pytest.mark.parametrize("words", [["list"], ["db", "upgrade"], ["crawl", "orda"], ["verify"]], ids=" ".join)
def test_a_schema_that_is_missing(postgres_url, process_pool, tmp_path, words):
    """A search_path that leads nowhere is exit code 7 and one line, also where tables were to be made."""
    url = f"{postgres_url}&options=-csearch_path%3Dnowhere"
    done = process_pool.run(*words, home=tmp_path, NEWSCRAWL_DATABASE_URL=url)
    assert done.code == Exit.ARCHIVE_UNUSABLE, done.err
    assert done.err.count("\n") == 1
    assert "unexpected" not in done.err


def test_tables_that_are_gone(postgres_url):
    """The mark of the schema is there and a table is not: exit code 7, not a traceback."""
    import psycopg

    seed(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DROP TABLE sightings, articles CASCADE")
    done = CliRunner().invoke(cli, ["list"], env={"NEWSCRAWL_DATABASE_URL": postgres_url})
    assert (done.exit_code, done.stderr.count("\n")) == (Exit.ARCHIVE_UNUSABLE, 1), done.output
    assert "search_path" in done.stderr
