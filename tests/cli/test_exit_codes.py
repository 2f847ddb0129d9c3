"""Every exit code of `newscrawl crawl` and `scrapy crawl`, one line on standard error where something is wrong, and the tables in the docs."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from newscrawl import config, settings
from newscrawl.cli import cli
from newscrawl.errors import Exit
from newscrawl.store.archive import Archive, open_archive
from tests.support.fake_site import NOW, ROOT, Answer, Stand, command, front, one, story
from tests.support.fresh import filled, seed
from tests.support.process_pool import ProcessPool
from tests.support.sample_history import fill

PATH = "/ferry-number-301"
# Without its reactor Scrapy can run many times in one process.
QUICK = {"DOWNLOAD_DELAY": 0, "TWISTED_REACTOR_ENABLED": False, "RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 180}


@pytest.fixture(params=["newscrawl", "scrapy"])
def crawl(request, tmp_path, monkeypatch, capfd) -> Callable[..., tuple[int, str, str]]:
    """Runs `newscrawl crawl` or `scrapy crawl` with the given options: exit code, standard output, standard error."""

    def newscrawl(source: str, options: dict[str, str]) -> int:
        words = [f"--{name}={value}" for name, value in options.items()]
        words += [f"--set={name}={value}" for name, value in QUICK.items()]
        done = CliRunner().invoke(cli, ["crawl", source, *words])
        os.write(1, done.stdout_bytes)
        os.write(2, done.stderr_bytes)
        return done.exit_code

    def scrapy(source: str, options: dict[str, str]) -> int:
        from scrapy import cmdline

        from newscrawl.commands.crawl import Command

        # One of Scrapy's other commands brings the reactor with it.
        monkeypatch.setattr(cmdline, "_get_commands_dict", lambda *_: {"crawl": Command()})
        with pytest.raises(SystemExit) as ended:
            cmdline.execute(command(source, settings=QUICK, **options)[2:])
        return int(ended.value.code or 0)

    def run(source: str = "orda", *, variables: dict[str, str] | None = None, **options: str):
        monkeypatch.chdir(ROOT)
        home = {"NEWSCRAWL_HOME": str(tmp_path / "home"), "NEWSCRAWL_NOW": NOW.isoformat()}
        monkeypatch.setattr(settings, "NEWSCRAWL_CONFIG", config.load({**home, **(variables or {})}))
        capfd.readouterr()
        code = {"newscrawl": newscrawl, "scrapy": scrapy}[request.param](source, options)
        return (code, *capfd.readouterr())

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    seed(f"sqlite:///{tmp_path / 'home' / 'newscrawl.db'}")
    return tmp_path / "home"


def _fine(*_: object) -> None:
    """A site as it should be."""


def _bug(site: Stand, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("newscrawl.crawl.spider.observation_of", broken)


def _down(site: Stand, *_: object) -> None:
    site.pages.clear()
    site.pages["/robots.txt"] = site.default = Answer(hang_up=True)


def _partly(site: Stand, *_: object) -> None:
    site.pages["/feed/"] = Answer("later", 500)


def _held(site: Stand, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Archive(open_archive(f"sqlite:///{home / 'newscrawl.db'}"), "orda", NOW)
    other.begin_run(NOW, {})
    other.close()


def _redesigned(site: Stand, *_: object) -> None:
    site.pages["/"] = front()


def _damaged(site: Stand, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "newscrawl.db").write_bytes(b"no database at all " * 100)


# What has happened, and text of the line that reports it; "" if nothing is printed.
CASES = {
    Exit.OK: (_fine, ""),
    Exit.UNEXPECTED: (_bug, "1 unexpected errors"),
    Exit.USAGE: (_fine, "no such edition"),
    Exit.NOTHING_FETCHED: (_down, "nothing could be fetched"),
    Exit.PARTLY_FAILED: (_partly, "listings failed"),
    Exit.ALREADY_RUNNING: (_held, "another run is active"),
    Exit.SOURCE_BROKEN: (_redesigned, "a listing gave no leads"),
    Exit.ARCHIVE_UNUSABLE: (_damaged, "not a database"),
}


@pytest.mark.parametrize("code", CASES, ids=lambda code: code.name)
def test_exit_code(code: Exit, crawl, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same of both programs: nothing printed while all is well, else one line that says what is wrong."""
    happens, line = CASES[code]
    with Stand({"/": front(PATH), PATH: story("Nr301")}) as site:
        happens(site, home, monkeypatch)
        ended, out, errors = crawl(edition="fr" if code is Exit.USAGE else "en", site=site.url)
    assert (ended, out) == (code, ""), errors
    lines = errors.splitlines()
    assert len(lines) == bool(line) or code is Exit.UNEXPECTED, (
        errors
    )  # a bug is logged with its trace, to be reported
    assert line in "".join(lines[-1:])
    assert not lines or lines[-1].startswith("newscrawl: ")
    if code is Exit.OK:
        assert one(home, "select count(*) from articles") == 1


def test_the_log_file(crawl, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets a line an article and one about the run, while standard error stays as quiet as it is; moved, it is made anew."""
    for name in ("newscrawl", "scrapy"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    log = tmp_path / "logs" / "newscrawl.log"
    variables = {"NEWSCRAWL_LOG_FILE": str(log)}
    with Stand({"/": front(PATH), PATH: story("Nr301")}) as site:
        assert crawl(edition="en", site=site.url, variables=variables) == (Exit.OK, "", "")
        first = log.read_text("utf-8")
        assert f"{site.url}{PATH}" in first
        assert "INFO newscrawl.crawl.runner: orda: 1 new" in first.splitlines()[-1]
        log.rename(log.with_suffix(".1"))
        assert crawl(edition="en", site=site.url, variables=variables)[0] == Exit.OK
    assert "newscrawl.crawl.runner: orda: " in log.read_text("utf-8").splitlines()[-1]
    assert log.with_suffix(".1").read_text("utf-8") == first


def test_a_log_file_that_cannot_be_written(crawl, home: Path, tmp_path: Path) -> None:
    """One line that names the variable, before anything is fetched."""
    with Stand({"/": front(PATH)}) as site:
        ended, _, errors = crawl(edition="en", site=site.url, variables={"NEWSCRAWL_LOG_FILE": str(tmp_path)})
        assert site.seen == []
    assert (ended, errors.count("\n")) == (Exit.USAGE, 1)
    assert errors.startswith("newscrawl: NEWSCRAWL_LOG_FILE: ")


# What runs under cron -> what the log file has of it, beside the last line, which says how it ended.
LOGGED = {
    ("health",): ("ended with exit code 0, all right", ""),
    ("verify",): ("ended with exit code 7, the archive cannot be written or read", "the file is missing"),
    ("verify", "--quick", "--deep"): ("ended with exit code 2", "either --quick or --deep"),
    ("backup", "copy"): ("ended with exit code 7", "the file is missing"),
    ("prune", "--unchanged-older-than", "1d"): ("ended with exit code 0", ""),
    ("export", "articles", "--out", "a.jsonl"): ("ended with exit code 0", ""),
    ("reprocess",): ("ended with exit code 7", "unreadable"),
    ("import", "nothing.warc.gz"): ("ended with exit code 3", "nothing.warc.gz"),
    ("db", "current"): ("ended with exit code 0", ""),
    ("notify", "nobody"): ("ended with exit code 2", "[[notify]]"),
    ("crawl", "nobody"): ("ended with exit code 2", "no such source"),
}  # fmt: skip


@pytest.mark.parametrize("words", LOGGED, ids=" ".join)
def test_the_log_file_of_other_commands(words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that cron runs says there what it said to people, and how it ended; a moved file is made anew."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newscrawl.toml").write_text('log_file = "logs/all.log"\n', "utf-8")
    log = tmp_path / "logs" / "all.log"
    ended, said = LOGGED[words]
    CliRunner().invoke(cli, list(words))
    first = log.read_text("utf-8")
    assert f"newscrawl.{words[0]}: {ended}" in first.splitlines()[-1], first
    assert said in first
    assert first.splitlines()[-1][:4].isdigit()
    log.rename(log.with_suffix(".1"))
    CliRunner().invoke(cli, list(words))
    assert ended in log.read_text("utf-8").splitlines()[-1]
    assert log.with_suffix(".1").read_text("utf-8") == first


def test_reading_commands_leave_the_log_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person looks up is nobody's business."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["list"], env={"NEWSCRAWL_LOG_FILE": "all.log"}).exit_code == 0
    assert not (tmp_path / "all.log").exists()


def test_no_password_in_the_log_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address on the command line may have one."""
    monkeypatch.chdir(tmp_path)
    words = ["db", "copy", "--to", "postgresql://a:s3cret@127.0.0.1:9/b?connect_timeout=1"]
    CliRunner().invoke(cli, words, env={"NEWSCRAWL_LOG_FILE": "all.log"})
    assert "s3cret" not in (tmp_path / "all.log").read_text("utf-8")


def test_every_code_is_shown() -> None:
    """A new code gets a case."""
    assert set(CASES) == set(Exit)


def _newer_schema(home: Path) -> None:
    seed(f"sqlite:///{home / 'newscrawl.db'}")
    engine = create_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()


def _unwritable(home: Path) -> None:
    home.write_text("a file where a folder should be")  # refused for every user, root included


def _warc_unwritable(home: Path) -> None:
    home.mkdir(parents=True)
    (home / "warc").write_text("a file where a folder should be")


UNUSABLE, USAGE = Exit.ARCHIVE_UNUSABLE, Exit.USAGE
# name -> (preparation of the home, source, options, exit code, what the one line says)
REFUSALS = {
    "home that cannot be made": (_unwritable, "orda", {}, UNUSABLE, "cannot write here"),
    "WARC folder that cannot be made": (_warc_unwritable, "orda", {}, UNUSABLE, "warc"),
    "database of a newer program": (_newer_schema, "orda", {}, UNUSABLE, "newer"),
    "unknown source": (None, "ordaa", {}, USAGE, "no such source"),
    "bad date": (None, "orda", {"since": "someday"}, USAGE, "not a date"),
    "dates the wrong way round": (None, "orda", {"since": "2026-02-01", "until": "2026-01-01"}, USAGE, "lies after"),
    "bad limit": (None, "orda", {"limit": "many"}, USAGE, "not a whole number"),
    "bad site": (None, "orda", {"site": "nonsense"}, USAGE, "not a web address"),
    "bad database address": (None, "orda", {"DATABASE_URL": "mysql://x"}, USAGE, "SQLite or PostgreSQL"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_started(name: str, crawl, tmp_path: Path) -> None:
    """One line, the right exit code, and nothing is fetched that cannot be stored."""
    prepare, source, options, code, line = REFUSALS[name]
    if prepare is not None:
        prepare(tmp_path / "home")
    variables = {f"NEWSCRAWL_{key}": value for key, value in options.items() if key.isupper()}
    with Stand({"/": front(PATH)}) as site:
        given = {"site": site.url, "edition": "en"} | {k: v for k, v in options.items() if k.islower()}
        ended, out, errors = crawl(source, variables=variables, **given)
        assert site.seen == []
    assert (ended, out) == (code, ""), errors
    assert errors.startswith("newscrawl: ")
    assert line in errors
    assert errors.count("\n") == 1
    if code == Exit.USAGE:
        assert not (tmp_path / "home").exists()


def _nobody() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


# As real processes, with what only these have: settings read at the start, a reactor.
PROCESSES = {
    "scrapy, a time that is none": ("scrapy", {"NEWSCRAWL_NOW": "noon"}, USAGE, "not an ISO instant"),
    "scrapy, nobody answers": ("scrapy", {}, Exit.NOTHING_FETCHED, "nothing could be fetched"),
    "newscrawl, nobody answers": ("newscrawl", {}, Exit.NOTHING_FETCHED, "nothing could be fetched"),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_real_processes(name: str, tmp_path: Path, process_pool: ProcessPool) -> None:
    """One line on standard error, no traceback, no progress where there is no terminal."""
    program, variables, code, line = PROCESSES[name]
    words = command(site=_nobody(), settings={"RETRY_TIMES": 0})[3:]
    if program == "newscrawl":
        words = ["crawl", "orda", "--site", words[3].partition("=")[2], *words[4:]]
    surroundings = {"NEWSCRAWL_NOW": NOW.isoformat(), **variables}
    done = process_pool.run(*words, program=program, home=tmp_path, **surroundings)
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.startswith("newscrawl: ")
    assert line in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_tables_in_the_docs(page: str) -> None:
    """README and operations list every exit code once, in order."""
    listed = re.findall(r"^\| (\d) \|", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert listed == [str(int(code)) for code in Exit]


def test_help_lists_the_codes() -> None:
    """So does `newscrawl --help`."""
    help_text = " ".join(CliRunner().invoke(cli, ["--help"]).stdout.split())
    listed = re.findall(r"(\d) [a-z]", help_text.partition("Exit codes: ")[2])
    assert listed == [str(int(code)) for code in Exit]
