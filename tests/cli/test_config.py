"""Configuration: where values come from, which win, and what is refused before anything starts."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from newscrawl import config
from newscrawl.config import instant, load
from newscrawl.errors import Exit, UsageError
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import reading, sqlite_path
from newscrawl.store.read import reader as reading_store
from newscrawl.store.tables import sources
from tests.support.factory import START


def _toml(folder, text):
    (folder / config.FILE).write_text(text, "utf-8")
    return folder


def test_defaults(tmp_path, monkeypatch):
    """With nothing set: an archive folder here, SQLite in it, the machine's clock."""
    monkeypatch.chdir(tmp_path)
    loaded = load({})
    assert loaded.home == tmp_path / "archive"
    assert sqlite_path(loaded.database_url) == tmp_path / "archive" / "newscrawl.db"
    assert (loaded.warc, loaded.state) == (loaded.home / "warc", loaded.home / "state")
    assert (loaded.contact, loaded.backlog) == (None, 1000)
    assert abs(loaded.clock() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("written", "read"),
    [("1G", 1 << 30), ("500M", 500 << 20), (2_000_000, 2_000_000), ("3000000", 3_000_000)],
)
def test_size_of_warc_files(written, read, tmp_path):
    """A number of bytes, or one with M or G behind it."""
    assert load({}, _toml(tmp_path, f"warc_size = {written!r}\n")).warc_size == read


@pytest.mark.parametrize("wrong", ["", "0", "1000", "-1", "1.5G", "1T", "much", "99999999999999999G"])
def test_size_of_warc_files_that_is_none(wrong):
    """Refused, unless it is empty: then it is not set."""
    if not wrong:
        assert load({"NEWSCRAWL_WARC_SIZE": wrong}).warc_size == 1 << 30
        return
    with pytest.raises(UsageError, match="NEWSCRAWL_WARC_SIZE: not a size"):
        load({"NEWSCRAWL_WARC_SIZE": wrong})


def test_policy_of_pruning(tmp_path):
    """Ages in days or weeks; what is not named is kept for ever."""
    folder = _toml(tmp_path, 'prune_unchanged = "90d"\nprune_listings = "26w"\n')
    assert load({}).prune == {}
    assert load({}, folder).prune == {"unchanged": timedelta(days=90), "listings": timedelta(weeks=26)}
    for wrong in ("90", "0d", "-1d", "3m", "soon"):
        with pytest.raises(UsageError, match="NEWSCRAWL_PRUNE_LISTINGS: not an age"):
            load({"NEWSCRAWL_PRUNE_LISTINGS": wrong})


def test_nothing_is_made_by_loading(tmp_path, monkeypatch):
    """Loading creates no file or folder."""
    monkeypatch.chdir(tmp_path)
    load({})
    assert list(tmp_path.iterdir()) == []


def test_file(tmp_path):
    """newscrawl.toml in the working directory gives values of their own kinds."""
    folder = _toml(
        tmp_path,
        'home = "/data/press"\ndatabase_url = "postgresql://press@db/archive"\ncontact = "desk@a.example"\n'
        "now = 2026-03-02T12:00:00+05:00\nbacklog = 7\n",
    )
    loaded = load({}, folder)
    assert str(loaded.home) == "/data/press"
    assert loaded.database_url == "postgresql://press@db/archive"
    assert loaded.contact == "desk@a.example"
    assert loaded.backlog == 7
    assert timedelta(0) <= loaded.clock() - datetime(2026, 3, 2, 7, tzinfo=UTC) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("key", "written", "environment", "read"),
    [
        ("home", '"/data/a"', "/data/b", lambda c: str(c.home)),
        ("database_url", '"sqlite:////data/a.db"', "sqlite:////data/b.db", lambda c: c.database_url),
        ("contact", '"a@a.example"', "b@a.example", lambda c: c.contact),
        ("backlog", "1", "2", lambda c: str(c.backlog)),
        ("reader_url", '"https://a.example"', "https://b.example", lambda c: c.reader_url),
        ("now", '"2020-01-01T00:00Z"', "2026-01-01T00:00Z", lambda c: c.clock().strftime("%Y-%m-%dT%H:%MZ")),
    ],
)
def test_environment_wins(tmp_path, key, written, environment, read):
    """Each key can be set in the environment, which wins over the file; an empty variable is none."""
    folder = _toml(tmp_path, f"{key} = {written}\n")
    assert read(load({f"NEWSCRAWL_{key.upper()}": environment}, folder)) == environment
    assert (
        read(load({f"NEWSCRAWL_{key.upper()}": ""}, folder)) == read(load({}, folder)) == written.strip('"')
    )


def test_tables_of_alerts_are_not_judged_here(tmp_path):
    """A mistake in a table of alerts does not stop a crawl: the tables are kept as written."""
    loaded = load({}, _toml(tmp_path, 'notify_after_crawl = true\n[[notify]]\nkind = "pigeon"\n[[notify]]\n'))
    assert loaded.notify == ({"kind": "pigeon"}, {})
    assert loaded.notify_after_crawl is True
    assert load({}, tmp_path / "nowhere").notify == ()


def test_secrets_are_wrapped():
    """A secret is not in the representation of anything that holds it; an empty variable is none."""
    held = config.secret("TOKEN", {"TOKEN": " word-91 "})
    assert held.reveal() == "word-91"
    assert "word-91" not in f"{held} {held!r} {[held]}"
    assert config.secret("TOKEN", {"TOKEN": " "}) is None


BAD_FILES = {
    "no TOML": ("home = [", "cannot be read"),
    "not UTF-8": (b"contact = '\xed'", "cannot be read"),
    "unknown key": ('hom = "/data"', "unknown keys: hom. Known are backlog, browser, contact"),
    "a table": ("[orda]\nlimit = 1", "unknown keys: orda"),
    "home as a list": ('home = ["/data"]', "not the right kind of value: home"),
    "contact as a number": ("contact = 7", "not the right kind of value: contact"),
    "backlog as text": ('backlog = "7"', "not the right kind of value: backlog"),
    "backlog as a fraction": ("backlog = 1.5", "not the right kind of value: backlog"),
    "backlog as a truth value": ("backlog = true", "not the right kind of value: backlog"),
    "one table of alerts": ("[notify]\nname = 'a'", "not the right kind of value: notify"),
    "alerts after a crawl, perhaps": (
        'notify_after_crawl = "yes"',
        "not the right kind of value: notify_after_crawl",
    ),
    "reader's pages nowhere": ('reader_url = "reader"', "NEWSCRAWL_READER_URL: must be a web address"),
    "reader's pages in a script": ('reader_url = "javascript:alert(1)"', "must be a web address"),
    "backlog below nothing": ("backlog = -1", "must not be negative"),
    "NUL in the home": ('home = "a\\u0000b"', "is no usable folder"),
    "line break in the contact": ('contact = "a@a.example\\r\\nX-Evil: 1"', "on one line"),
}


@pytest.mark.parametrize(("text", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file(tmp_path, text, message):
    """A file that makes no sense stops the start with one line that names it or the key."""
    (tmp_path / config.FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError) as caught:
        load({}, tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == Exit.USAGE


def test_file_that_is_a_folder(tmp_path):
    """newscrawl.toml as a folder is an error, not "no settings"."""
    (tmp_path / config.FILE).mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load({}, tmp_path)


BAD_VALUES = {
    "contact with a header": ("CONTACT", "a@a.example\r\nX-Evil: 1", "on one line"),
    "contact with a bare line feed": ("CONTACT", "a\nb", "on one line"),
    "contact that no header can carry": ("CONTACT", "Дана", "on one line"),
    "now that is no time": (
        "NOW",
        "yesterday",
        "not an ISO instant: 'yesterday'. Write 2026-01-31T12:00:00+05:00",
    ),
    "now that is no day": ("NOW", "2026-02-30", "not an ISO instant"),
    "now before all time": ("NOW", "0001-01-01T00:00+05:00", "out of range"),
    "now after all time": ("NOW", "9999-12-31T23:59Z", "out of range"),
    "backlog in words": ("BACKLOG", "many", "not a whole number: 'many'"),
    "backlog below nothing": ("BACKLOG", "-1", "must not be negative"),
    "home of nobody": ("HOME", "~no-such-person-here/archive", "is no usable folder"),
    "home that is not UTF-8": ("HOME", "/data/\udced", "is no usable folder"),
}


@pytest.mark.parametrize(("key", "value", "message"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_bad_value(tmp_path, key, value, message):
    """A value that makes no sense stops the start, named by its variable."""
    with pytest.raises(UsageError) as caught:
        load({f"NEWSCRAWL_{key}": value}, tmp_path)
    assert str(caught.value).startswith(f"NEWSCRAWL_{key}: ")
    assert message in str(caught.value)
    str(caught.value).encode("utf-8")


def test_contact_is_trimmed(tmp_path):
    """White space around a contact, such as a final line break from a file, is dropped; only white space is no contact."""
    assert load({"NEWSCRAWL_CONTACT": " desk@a.example\n"}, tmp_path).contact == "desk@a.example"
    assert load({"NEWSCRAWL_CONTACT": "  "}, tmp_path).contact is None


def test_clock_runs_on(tmp_path):
    """NEWSCRAWL_NOW is where the clock starts, and it does not stand still or go back."""
    clock = load({"NEWSCRAWL_NOW": "2026-03-02T12:00:00+05:00"}, tmp_path).clock
    moments = [clock() for _ in range(2000)]
    assert moments[0] >= datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert moments == sorted(moments)
    assert moments[-1] > moments[0]
    assert moments[0].tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-31T12:00:00+05:00", datetime(2026, 1, 31, 7, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        (" 2026-01-31 12:00:00 ", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_instant(text, value):
    """Instants are always aware; one without a zone is UTC, never the zone of the machine."""
    assert instant(text) == value
    assert instant(text).tzinfo is not None


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "with spaces",
        "100%",
        "%41",
        "what?",
        "a#b",
        "мұрағат ә",
        "a&b=c",
        "a;b",
        "a@b:c",
        "a+b",
        "'quoted\"",
        "a\nb",
    ],
)
def test_home_of_any_name(tmp_path, name):
    """Whatever the folder is called, the archive is made in it, written to and read back."""
    home = tmp_path / name
    url = load({"NEWSCRAWL_HOME": str(home)}, tmp_path).database_url
    archive = Archive(open_archive(url), "bereke", START)
    archive.begin_run(START, {})
    archive.close()
    assert (home / "newscrawl.db").is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    engine = open_archive(url)
    with reading(engine) as connection:
        assert list(connection.execute(select(sources.c.name))) == [("bereke",)]
    engine.dispose()
    with reading_store.open_reader(url) as reader:
        assert reader is not None


def test_relative_home(tmp_path, monkeypatch):
    """A relative home lies in the working directory and is made absolute, so that a later change of directory does not move it."""
    monkeypatch.chdir(tmp_path)
    loaded = load({"NEWSCRAWL_HOME": "press/archive"})
    monkeypatch.chdir("/")
    assert loaded.home == tmp_path / "press" / "archive"


def test_home_in_the_persons_folder(tmp_path, monkeypatch):
    """A tilde means the person's own folder, also where no shell has read it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"NEWSCRAWL_HOME": "~/press"}, tmp_path).home == tmp_path / "press"


def test_working_directory_gone(tmp_path, monkeypatch):
    """Started in a folder that was deleted: one line, no traceback."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        with pytest.raises(UsageError, match="no usable folder"):
            load({})
    finally:
        os.chdir(tmp_path)
