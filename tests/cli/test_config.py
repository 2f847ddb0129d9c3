"""Configuration: where values come from, which win, and what is refused before anything starts."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from newscrawl import config
from newscrawl.cli import cli
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


def test_a_file_with_a_byte_order_mark(tmp_path):
    """Editors of Windows write one."""
    (tmp_path / "newscrawl.toml").write_bytes(b'\xef\xbb\xbfcontact = "a@press.example"\n')
    assert load({}, tmp_path).contact == "a@press.example"


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
        with pytest.raises(UsageError, match="NEWSCRAWL_PRUNE_LISTINGS: not an age: "):
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
    "unknown key": ('hom = "/data"', "unknown keys: hom. Did you mean home?"),
    "a table": ("[orda]\nlimit = 1", "unknown keys: orda"),
    "home as a list": ('home = ["/data"]', "home: must be "),
    "contact as a number": ("contact = 7", "contact: must be "),
    "backlog as text": ('backlog = "7"', "backlog: must be "),
    "backlog as a fraction": ("backlog = 1.5", "backlog: must be "),
    "backlog as a truth value": ("backlog = true", "backlog: must be "),
    "one table of alerts": ("[notify]\nname = 'a'", "notify: must be "),
    "alerts after a crawl, perhaps": (
        'notify_after_crawl = "yes"',
        "notify_after_crawl: must be ",
    ),
    "reader's pages nowhere": ('reader_url = "reader"', "newscrawl.toml: reader_url: must be a web address"),
    "reader's pages in a script": ('reader_url = "javascript:alert(1)"', "must be a web address"),
    "backlog below nothing": ("backlog = -1", "newscrawl.toml: backlog: must not be negative"),
    "a size that is none": ('warc_size = "much"', "newscrawl.toml: warc_size: not a size"),
    "a time that is none": ('now = "soon"', "newscrawl.toml: now: not an ISO instant: soon"),
    "an age that is none": ('prune_listings = "90"', "newscrawl.toml: prune_listings: not an age: 90"),
    "Scrapy's settings as text": ('scrapy = "x"', "scrapy: must be "),
    "a setting in small letters": (
        "[scrapy]\ndownload_delay = 3",
        "Write DOWNLOAD_DELAY = …, or [scrapy.download_delay]",
    ),
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
        "not an ISO instant: yesterday. Write 2026-01-31T12:00:00+05:00",
    ),
    "now that is no day": ("NOW", "2026-02-30", "not an ISO instant"),
    "now before all time": ("NOW", "0001-01-01T00:00+05:00", "out of range"),
    "now after all time": ("NOW", "9999-12-31T23:59Z", "out of range"),
    "backlog in words": ("BACKLOG", "many", "not a whole number: many"),
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
        with pytest.raises(UsageError, match="working directory is gone"):
            load({})
    finally:
        os.chdir(tmp_path)


# --- names that there are not ---


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("NEWSCRAWL_HOEM", "Did you mean NEWSCRAWL_HOME?"),
        ("NEWSCRAWL_DATABASE", "Did you mean NEWSCRAWL_DATABASE_URL?"),
        ("NEWSCRAWL_FROBNICATE_ALL", "Known are NEWSCRAWL_BACKLOG"),
    ],
)
def test_unknown_variables(tmp_path, name, hint):
    """A variable of ours that means nothing is an error: nobody would notice a typing error."""
    with pytest.raises(UsageError) as caught:
        load({name: "x", "HOME": "/"}, tmp_path)
    assert str(caught.value).startswith(f"{name}: no such environment variable. {hint}")


def test_variables_of_secrets(tmp_path):
    """Those that alerts take their secrets from are known, also by a name of one's own."""
    load({"NEWSCRAWL_TELEGRAM_TOKEN": "1:a", "NEWSCRAWL_SMTP_PASSWORD": "b"}, tmp_path)
    named = _toml(tmp_path, '[[notify]]\nname = "desk"\ntoken_env = "NEWSCRAWL_BOT"\n')
    load({"NEWSCRAWL_BOT": "1:a"}, named)


# --- settings of Scrapy ---


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """Runs commands in a folder with this newscrawl.toml, with the settings read anew."""
    import newscrawl
    import newscrawl.settings as ours

    def at(text: str):
        _toml(tmp_path, text)
        monkeypatch.chdir(tmp_path)
        sys.modules.pop("newscrawl.settings", None)
        return lambda *words: CliRunner().invoke(cli, list(words))

    yield at
    # What other tests in this process hold and change is this module, not a newer one.
    sys.modules["newscrawl.settings"] = newscrawl.settings = ours


SCRAPY = {
    "a name that there is not": ("DONWLOAD_DELAY = 0", "[scrapy] DONWLOAD_DELAY: no such setting. Did you mean DOWNLOAD_DELAY?"),
    "of a source": ("[scrapy.orda]\nRECHECK_BUDGTE = 1", "[scrapy.orda] RECHECK_BUDGTE: no such setting. Did you mean RECHECK_BUDGET?"),
    "of no source": ("[scrapy.ordda]\nRECHECK_BUDGET = 1", "[scrapy.ordda]: no such source. Did you mean orda?"),
    "text for a number": ('DOWNLOAD_TIMEOUT = "long"', "[scrapy] DOWNLOAD_TIMEOUT: must be a number, not long"),
    "a number for a truth": ("ROBOTSTXT_OBEY = 7", "[scrapy] ROBOTSTXT_OBEY: must be true or false, not 7"),
    "a number for text": ("LOG_LEVEL = 10", "[scrapy] LOG_LEVEL: must be text, not 10"),
    "a number for a table": ("ITEM_PIPELINES = 1", "[scrapy] ITEM_PIPELINES: must be a table, not 1"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), SCRAPY.values(), ids=SCRAPY)
def test_wrong_settings_of_scrapy(in_folder, text, message, capfd):
    """One line that names file, table and setting, exit code 2; from `newscrawl crawl` and `newscrawl config`."""
    run = in_folder(f"[scrapy]\n{text}\n")
    for words in (["crawl", "orda"], ["config"]):
        done = run(*words)
        assert done.exit_code == Exit.USAGE
        assert f"newscrawl.toml: {message}" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-s", "DONWLOAD_DELAY=0"], "-s DONWLOAD_DELAY: no such setting. Did you mean DOWNLOAD_DELAY?"),
        (["-s", "DOWNLOAD_DELAY=soon"], "-s DOWNLOAD_DELAY: must be a number, not soon"),
        (["-s", "DOWNLOAD_DELAY"], "-s DOWNLOAD_DELAY: must be NAME=VALUE"),
        (["-s", "ROBOTSTXT_OBEY=perhaps"], "-s ROBOTSTXT_OBEY: must be true or false, not perhaps"),
    ],
)
def test_wrong_settings_on_the_command_line(in_folder, words, message):
    """The option that holds it is named."""
    done = in_folder("")("crawl", "orda", *words)
    assert (done.exit_code, message in done.stderr) == (Exit.USAGE, True), done.stderr


def test_unknown_arguments_of_spiders():
    """`-a` with a name that there is not."""
    from newscrawl.spiders.orda import OrdaSpider

    with pytest.raises(UsageError, match=r"-a editon: no such argument\. Did you mean edition\?"):
        OrdaSpider.parse_arguments({"editon": "en"})


def test_settings_of_scrapy_in_their_order(in_folder):
    """newscrawl.toml wins over ours, its table of a source over the source's file, the command line over all."""
    from scrapy.crawler import Crawler

    in_folder(
        "[scrapy]\nDOWNLOAD_DELAY = 3\nCLOSESPIDER_ERRORCOUNT = 9\n"
        'EXTENSIONS = {"scrapy.extensions.memusage.MemoryUsage" = 7}\n'
        "[scrapy.orda]\nDOWNLOAD_DELAY = 5\nRECHECK_BUDGET = 12\n"
    )
    from newscrawl.cli.crawling.crawl import _settings
    from newscrawl.spiders.orda import OrdaSpider
    from newscrawl.spiders.vlast import VlastSpider

    class Slow(OrdaSpider):
        custom_settings: ClassVar[dict] = {"DOWNLOAD_DELAY": 4, "RETRY_TIMES": 1}

    chosen = _settings(verbose=False)
    assert "newscrawl.crawl.archive_session.ArchiveSession" in chosen["EXTENSIONS"]
    assert chosen["EXTENSIONS"]["scrapy.extensions.memusage.MemoryUsage"] == 7
    assert Crawler(VlastSpider, chosen).settings.getint("DOWNLOAD_DELAY") == 3
    assert Crawler(VlastSpider, chosen).settings.getint("CLOSESPIDER_ERRORCOUNT") == 9
    orda = Crawler(Slow, chosen).settings
    assert [orda.getint(n) for n in ("DOWNLOAD_DELAY", "RECHECK_BUDGET", "RETRY_TIMES")] == [5, 12, 1]
    chosen.set("DOWNLOAD_DELAY", 0, priority="cmdline")
    assert Crawler(Slow, chosen).settings.getint("DOWNLOAD_DELAY") == 0


def test_versions_of_scrapy_are_not_logged():
    """Also with -v, after Scrapy has set up its loggers; its warnings are."""
    import logging.config

    from scrapy.utils.log import DEFAULT_LOGGING

    from newscrawl.cli.crawling.crawl import _warns, hide_versions

    logger = logging.getLogger("scrapy.utils.log")
    try:
        hide_versions()
        logging.config.dictConfig(DEFAULT_LOGGING)
        passed = [
            bool(logger.filter(logger.makeRecord("", level, "", 1, "", (), None))) for level in (20, 30)
        ]
        assert passed == [False, True]
    finally:
        logger.removeFilter(_warns)


def test_config_shows_where_values_stand(in_folder, monkeypatch, tmp_path):
    """Each setting once, with its value and its place; no password, no secret of an alert."""
    run = in_folder(
        'backlog = 7\n[[notify]]\nname = "desk"\nkind = "webhook"\nurl = "https://hook.example/geheim"\n'
        "[scrapy]\nDOWNLOAD_TIMEOUT = 12\n[scrapy.orda]\nRECHECK_BUDGET = 3\n"
    )
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", "postgresql://press:geheim@db/archive")
    done = run("config", "--json")
    assert done.exit_code == Exit.OK, done.stderr
    assert "geheim" not in done.stdout
    rows = {row["name"]: (row["value"], row["from"]) for row in map(json.loads, done.stdout.splitlines())}
    assert rows["home"] == (str(tmp_path / "archive"), "default")
    assert rows["backlog"] == (7, "newscrawl.toml: backlog")
    assert rows["database_url"] == ("postgresql://press:***@db/archive", "NEWSCRAWL_DATABASE_URL")
    assert rows["notify"] == (["desk (webhook)"], "newscrawl.toml: notify")
    assert rows["DOWNLOAD_TIMEOUT"] == (12, "newscrawl.toml: [scrapy]")
    assert rows["RETRY_TIMES"] == (2, "newscrawl")
    assert rows["RECHECK_BUDGET"] == (0, "newscrawl")
    assert rows["RECHECK_BUDGET of orda"] == (3, "newscrawl.toml: [scrapy.orda]")
    of_orda = run("config", "orda", "--json").stdout
    assert '{"name": "RECHECK_BUDGET", "value": 3, "from": "newscrawl.toml: [scrapy.orda]"}' in of_orda
    assert set(rows) >= (config._KEYS | config._FILE_ONLY) - {"scrapy"}
    assert run("config", "orad").exit_code == Exit.USAGE
    assert "DEPTH_LIMIT" in run("config", "--all").stdout
