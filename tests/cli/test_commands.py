"""The `newscrawl` command from outside: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st
from sqlalchemy import text

from newscrawl.cli import COMMANDS, cli
from newscrawl.cli.crawling import batch, sources
from newscrawl.cli.options import Moment
from newscrawl.cli.output import tables
from newscrawl.crawl.visit.visit import PrivateGuard
from newscrawl.errors import AddressError, Exit, FetchError, NewscrawlError, StoreError
from newscrawl.model import Alias, AliasKind, Author, Precision, RunRecord, SourceRecord, State
from newscrawl.serialization import records
from newscrawl.serialization.json_text import json_line
from newscrawl.store import schema
from newscrawl.store.engine import open_engine, writing
from newscrawl.urls import is_of_the_machine
from tests.support.crawling import without_reactor
from tests.support.factory import ALMATY, BODIES, START, TITLES, address, article, press
from tests.support.fresh import filled

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[2]
EVIL = "Mayor\x1b]0;owned\x07 \x1b[31mspeaks\x9b2J \u202egnp.exe"

ARTICLE_KEYS = [
    "id", "source", "edition", "url", "url_key", "aliases", "state", "state_since", "first_seen", "last_checked",
    "published", "published_precision", "modified", "title", "subtitle", "authors", "body", "language", "section",
    "tags", "images", "version", "versions", "tied_to", "unreadable_since", "incomplete",
    "noindex", "unlisted",
]  # fmt: skip
EXTRACT_KEYS = [
    "url", "title", "subtitle", "authors", "published", "published_precision", "modified", "language", "section",
    "tags", "images", "body", "page_type", "origins", "incomplete",
]  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in an empty working directory; gives click's result, with stdout and stderr apart."""
    monkeypatch.chdir(tmp_path)
    without_reactor(monkeypatch)

    def call(*args: str, stdin: bytes | None = None):
        return CliRunner().invoke(cli, list(args), input=stdin)

    return call


@pytest.fixture
def archive(tmp_path):
    """The archive of the working directory."""
    return filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)


def fill(url):
    """Three editions, an edit, a removal, a hostile title, a day without time."""
    with press(url) as bereke:
        for edition in ("en", "ru", "kk"):
            bereke.publish(edition, 1)
        alias = Alias("https://s.example/b", AliasKind.REDIRECT, "http://s.example/b?x=1")
        bereke.publish("en", 2, at=START + HOUR, title=EVIL, aliases=[alias])
        bereke.publish(
            "en",
            3,
            published=datetime(2026, 1, 5, tzinfo=ALMATY),
            published_precision=Precision.DAY,
            authors=(Author("A"), Author("B", "photographer")),
        )
        bereke.edit("en", 1, at=START + DAY, title="Bridge closed again")
        for hours, state in ((1, State.SUSPECTED), (8, State.SUSPECTED), (26, State.REMOVED)):
            bereke.vanish("ru", 1, at=START + hours * HOUR, state=state)
        bereke.vanish("kk", 1, at=START + 2 * HOUR)
        bereke.read_listing("en", [(address("en", 1), "Bridge")], at=START + HOUR)
        bereke.finish(START + 2 * DAY, 4, "one listing failed")


def _objects(result):
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").splitlines()]


def _refused(result, code: int, words: str):
    """One line on standard error, nothing on standard output, and the exit code."""
    assert result.exit_code == code, (result.stderr, result.exception)
    assert words in result.stderr
    assert result.stderr.startswith("newscrawl: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def _python(*args: str, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, *args], capture_output=True, env=environment, timeout=60, **options
    )


# --- the command itself ------------------------------------------------------------------------


@pytest.mark.slow
def test_help_lists_every_command_and_imports_none_of_them():
    """Starting the command imports click and newscrawl.errors only."""
    code = (
        "import sys, io, contextlib\n"
        "from newscrawl.cli import cli\n"
        "try:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as out: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sorted(m for m in sys.modules if m.startswith('newscrawl')))\n"
        "print(*sorted(set(sys.modules) & {'scrapy', 'sqlalchemy', 'trafilatura', 'lxml', 'twisted', 'w3lib'}))\n"
        "print(out.getvalue())"
    )
    done = _python("-c", code)
    ours, heavy, text_ = done.stdout.decode().split("\n", 2)
    assert ours.split() == ["newscrawl", "newscrawl.cli", "newscrawl.errors"], done.stderr
    assert heavy == ""
    for name, (_, line) in COMMANDS.items():
        assert name in text_
        assert line in text_


@pytest.mark.parametrize("module", ["newscrawl", "newscrawl.cli"])
def test_python_m(module):
    done = _python("-m", module, "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, b"newscrawl")


def _commands():
    context = click.Context(cli)
    for name, (module, _) in COMMANDS.items():
        if (ROOT / f"{module.replace('.', '/')}.py").exists():
            command = cli.get_command(context, name)
            yield name, command
            if isinstance(command, click.Group):
                yield from ((f"{name} {child}", part) for child, part in command.commands.items())


@pytest.mark.parametrize(("name", "command"), list(_commands()))
def test_every_command_has_help_that_ends_with_examples(run, name, command):
    """Help teaches by example, and every option says what it does."""
    result = run(*name.split(), "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"newscrawl {name}" in result.stdout.split("Examples:")[1]
    for parameter in command.params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["lisst"], "Did you mean 'list'?"),
        (["list", "--nope"], "--nope"),
        (["list", "--since", "2026-02-30"], "is no date"),
        (["list", "--since", "20260101"], "is no date"),
        (["list", "--since", "tomorrow"], "is no date"),
        (["list", "--since", "2026-03-02", "--until", "2026-03-01"], "lies after"),
        (["list", "--limit", "-1"], "--limit"),
        (["list", "--state", "gone"], "--state"),
        (["show"], "ID-or-URL"),
        (["export", "people"], "people"),
        (["export", "articles", "--format", "xlsx"], "xlsx"),
        (["export", "versions", "--state", "removed"], "cannot be chosen by --state removed"),
        (["export", "articles", "--state", "returned"], "cannot be chosen by --state returned"),
        (["removed", "--state", "live"], "--state"),
        (["changes", "--kind", "colour"], "--kind"),
        (["diff", "1", "--context", "-1"], "--context"),
        (["history"], "ID-or-URL"),
        (["extract"], "Name a FILE"),
        (["extract", "--workers", "2", "x.html"], "--batch"),
        (["extract", "--batch", "x", "y"], "--batch takes no pages"),
        (["extract", "a", "b", "--url", "https://x.example/"], "--url belongs to one FILE"),
        (["extract", "ftp://x.example/a"], "not a web address"),
        (["extract", "--batch", "nowhere.jsonl"], "cannot be read"),
        (["db", "downgrade"], "REVISION"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)  # fmt: skip
def test_wrong_usage_is_one_line_and_exit_2(run, args, words):
    _refused(run(*args), 2, words)


def test_a_bug_is_one_line_and_a_traceback_only_with_debug(run, monkeypatch):
    """--debug may stand before or after the subcommand."""

    def broken(*_a, **_k):
        raise ZeroDivisionError("boom\nsecond line\x1b[2J")

    monkeypatch.setattr("newscrawl.cli.reading.articles.open_archive", broken)
    _refused(
        run("list"),
        1,
        "unexpected error: ZeroDivisionError: boom second line\ufffd[2J; run again with --debug",
    )
    for args in (("--debug", "list"), ("list", "--debug")):
        result = run(*args)
        assert result.exit_code == 1
        assert "Traceback" in result.stderr


def test_ctrl_c_ends_with_130_and_without_a_traceback(run, monkeypatch):
    def interrupted(*_a, **_k):
        raise KeyboardInterrupt

    monkeypatch.setattr("newscrawl.cli.reading.articles.open_archive", interrupted)
    result = run("list")
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["list"],
        ["show", "1"],
        ["export", "articles"],
        ["history", "1"],
        ["diff", "1"],
        ["changes"],
        ["removed"],
    ],
    ids=str,
)
def test_without_an_archive_reading_says_what_to_do(run, tmp_path, args):
    """Exit code 7, and no file is made."""
    _refused(run(*args), 7, "Crawl first: newscrawl crawl orda")
    assert list(tmp_path.iterdir()) == []


def test_errors_of_the_configuration(run, tmp_path):
    (tmp_path / "newscrawl.toml").write_text("hoem = 'x'")
    _refused(run("list"), 2, "unknown keys: hoem")


def test_a_password_is_never_printed(run, monkeypatch):
    """An unreachable PostgreSQL is an unusable archive; its password stays secret."""
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", "postgresql://press:s3cret@127.0.0.1:1/none")
    for args in (["list"], ["sources"], ["db", "current"], ["db", "upgrade"]):
        result = run(*args)
        _refused(result, 7, "press:***@127.0.0.1")
        assert "s3cret" not in result.output


@pytest.mark.slow
def test_a_reader_that_stops_early_is_no_error(archive, tmp_path):
    """`newscrawl export articles | head -1` ends quietly."""
    with press(archive) as bereke:
        for number in range(100, 112):  # half a megabyte: more than a pipe holds
            bereke.publish("en", number, body="long " * 8000)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "newscrawl", "export", "articles"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert json.loads(process.stdout.readline())["id"]
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


# --- list, show, sources -----------------------------------------------------------------------


def test_list_json_is_the_shape_of_the_contract(run, archive):
    """Keys in their order, instants in UTC, what the publisher stated in his own offset."""
    found = _objects(run("list", "--json"))
    assert [list(value) for value in found] == [ARTICLE_KEYS] * 5
    kazakh = next(v for v in found if v["edition"] == "kk")
    assert kazakh["title"] == f"{TITLES['kk']} (1)"
    assert kazakh["body"] == f"{BODIES['kk']}\n\n№ 1."
    assert kazakh["authors"] == [
        {"name": "Дана Серікқызы Өтегенова", "role": "original author", "kind": "person"}
    ]
    assert kazakh["published"] == "2026-03-02T12:00:00+05:00"
    assert kazakh["first_seen"] == "2026-03-02T06:00:00.000000+00:00"
    assert (kazakh["state"], kazakh["state_since"]) == ("suspected", "2026-03-02T08:00:00.000000+00:00")
    assert kazakh["images"][0] == {
        "url": "https://kk.bereke.example/img/1.jpg", "caption": "The bridge", "credit": "town office",
    }  # fmt: skip
    day = found[-1]
    assert (day["published"], day["published_precision"]) == ("2026-01-05", "day")
    edited = next(v for v in found if v["title"] == "Bridge closed again")
    assert (edited["version"], edited["versions"]) == (2, 2)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], 5),
        (["--limit", "2"], 2),
        (["--limit", "0"], 5),
        (["--state", "removed"], 1),
        (["--edition", "en", "--source", "bereke"], 3),
        (["--since", "2026-03-02", "--until", "2026-03-02"], 4),
        (["--until", "2026-03-01"], 1),
        (["--since", "2026-03-02T13:00+05:00"], 1),
        (["--until", "2026-03-02T13:00+05:00", "--since", "2026-02-01"], 3),
    ],
    ids=str,
)
def test_list_selects(run, archive, args, expected):
    assert len(_objects(run("list", "--json", *args))) == expected
    assert len(run("list", *args).stdout.splitlines()) == expected + 1


def test_list_says_when_nothing_matches(run, archive):
    assert run("list", "--until", "2020-01-01").stderr == "No article matches.\n"


def test_list_of_an_edition_there_is_not(run, archive):
    """A misspelt edition is an error, not an empty answer, also where no source is named."""
    for command in (["list"], ["list", "--json"], ["changes"], ["removed"], ["export", "articles"]):
        _refused(run(*command, "--edition", "xx"), 2, "has no edition 'xx'. It has: en, kk, ru")
    _refused(
        run("list", "--source", "bereke", "--edition", "kz"), 2, "has no edition 'kz'. It has: en, kk, ru"
    )


def test_list_of_an_unknown_source(run, archive):
    _refused(run("list", "--source", "bereka"), 2, "It holds: bereke")


def test_hostile_titles_never_reach_the_terminal(run, archive):
    """Neither as a table nor as JSON; as JSON the exact title is still there."""
    for args in (["list"], ["show", "4"], ["list", "--json"], ["show", "4", "--json"]):
        text_ = run(*args).stdout
        assert not set(text_) & set("\x1b\x07\x9b\u202e"), args
        assert "Mayor" in text_
    assert next(v["title"] for v in _objects(run("list", "--json")) if v["id"] == 4) == EVIL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("charset", "shown"), [("ascii", "қ".encode()), ("cp1251", b"\\u049b")], ids=["ascii", "cp1251"]
)
def test_a_locale_without_our_letters(archive, tmp_path, charset, shown):
    """JSON is UTF-8 whatever the locale says; a table shows what it can instead of failing."""
    env = {"PYTHONIOENCODING": charset, "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = _python("-m", "newscrawl", "list", "--json", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert TITLES["kk"] in done.stdout.decode("utf-8")
    done = _python("-m", "newscrawl", "list", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout


def _on_terminal(args: list[str], cwd: Path, columns: int = 60, answer: bytes = b"") -> tuple[str, str, int]:
    """Runs the command on a terminal of its own; what it wrote to stdout and stderr, and the exit code."""
    out_ours, out_theirs = pty.openpty()
    err_ours, err_theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "newscrawl", *args],
        cwd=cwd, env=environment, stdin=out_theirs if answer else subprocess.DEVNULL, stdout=out_theirs, stderr=err_theirs,
    )  # fmt: skip
    os.close(out_theirs)
    os.close(err_theirs)
    if answer:
        os.write(out_ours, answer)
    data = {out_ours: b"", err_ours: b""}
    opened = set(data)
    while opened:
        for descriptor in select.select(list(opened), [], [], 60)[0]:
            try:
                part = os.read(descriptor, 65536)
            except OSError:  # Linux says so when the other end is closed
                part = b""
            data[descriptor] += part
            if not part:
                opened.discard(descriptor)
    for descriptor in data:
        os.close(descriptor)
    return data[out_ours].decode(), data[err_ours].decode(), process.wait(60)


@pytest.mark.slow
def test_on_a_terminal_rows_fit_and_what_is_left_out_is_said(archive, tmp_path):
    """Thirty rows, cut to the width, no escape sequences; the rest is counted on standard error."""
    with press(archive) as bereke:
        for number in range(100, 130):
            bereke.publish("kk", number, title="Ұзақ тақырып " * 20)
    out, err, code = _on_terminal(["list"], tmp_path)
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 31
    assert all(tables.columns(line) <= 66 for line in lines)
    assert lines[1].endswith("…")
    assert "\x1b" not in out + err
    assert "5 more: newscrawl list --limit 0" in err


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal_only_and_wiped(archive, tmp_path):
    """Under cron (no terminal) standard error stays empty."""
    args = ["export", "articles", "--out", str(tmp_path / "a.jsonl")]
    _, err, code = _on_terminal(args, tmp_path)
    assert code == 0
    assert "1 of 5 articles" in err
    assert err.endswith("\r")
    assert _python("-m", "newscrawl", *args, cwd=tmp_path).stderr == b""


def test_show_for_people(run, archive):
    text_ = run("show", "1").stdout
    for words in ("Bridge closed again", "Dana Serikova (original author)", "2026-03-02 12:00+05:00", "1 (bereke/en)",
                  address("en", 1), "1 at 2026-03-02 06:00 UTC: first read", "headline (shown here)", "84 metres"):  # fmt: skip
        assert words in text_


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "live, last checked at 2026-03-03 06:00 UTC"),
        (2, "removed: absent (404) at 2026-03-02 07:00 UTC and absent (404) at 2026-03-03 08:00 UTC (3 checks), last seen at 2026-03-02 06:00 UTC; confirmed at 2026-03-03 08:00 UTC"),
        (3, "suspected: absent (404) at 2026-03-02 08:00 UTC, last seen at 2026-03-02 06:00 UTC; not yet confirmed"),
    ],
    ids=["live", "removed", "suspected"],
)  # fmt: skip
def test_the_state_says_what_was_observed_and_no_more(run, archive, number, words):
    assert words in " ".join(run("show", str(number)).stdout.split())


@pytest.mark.parametrize(
    "reference",
    ["4", " 4 ", address("en", 2), address("en", 2) + "/?utm_source=x#top", "EN.bereke.example/second-bridge-2",
     "http://www.en.bereke.example/amp/second-bridge-2", "http://s.example/b?x=1", "https://s.example/b"],
)  # fmt: skip
def test_show_finds_an_article_by_any_address(run, archive, reference):
    [value] = _objects(run("show", reference, "--json"))
    assert (value["id"], value["aliases"]) == (4, ["http://s.example/b?x=1"])
    assert list(value) == [*ARTICLE_KEYS, "siblings"]


@pytest.mark.parametrize(
    "reference", ["99", "9" * 40, "https://nowhere.example/x", "nonsense", "", "\x1b[2J", "http://[", "٣٣"]
)
def test_show_of_what_is_not_there(run, archive, reference):
    _refused(run("show", reference), 2, "the archive holds no article")


def test_show_an_earlier_version(run, archive):
    [value] = _objects(run("show", "1", "--version", "1", "--json"))
    assert (value["title"], value["version"], value["versions"]) == (f"{TITLES['en']} (1)", 1, 2)
    _refused(run("show", "1", "--version", "3"), 2, "has no version 3")


def test_sources_without_an_archive(run, tmp_path):
    """The spiders are listed before anything was crawled, and nothing is made."""
    found = _objects(run("sources", "--json"))
    assert [list(v) for v in found] == [
        ["source", "edition", "outlet", "host", "articles", "newest", "last_run"]
    ] * len(found)
    orda = {v["edition"]: v["host"] for v in found if v["source"] == "orda"}
    assert orda == {"en": "en.orda.kz", "ru": "orda.kz", "kk": "kaz.orda.kz"}
    assert {v["articles"] for v in found} == {0}
    assert list(tmp_path.iterdir()) == []
    assert "never" in run("sources").stdout


def test_sources_with_an_archive(run, archive):
    """A source without a spider is listed as well, with its last run."""
    found = {(v["source"], v["edition"]): v for v in _objects(run("sources", "--json"))}
    assert found["bereke", "en"]["articles"] == 3
    assert found["bereke", "en"]["last_run"] == {
        "started": "2026-03-02T06:00:00.000000+00:00", "finished": "2026-03-04T06:00:00.000000+00:00",
        "exit_code": 4, "reason": "one listing failed",
    }  # fmt: skip
    assert "exit 4: one listing failed" in run("sources").stdout


def test_sources_joins_spiders_and_archive():
    """Each edition once: known to both, to the spider alone, to the archive alone; a fruitless crawl adds none."""
    last = RunRecord(1, START, None, None, None)
    spiders = [
        sources.Spider("a", "A", (("en", "a.example"), ("ru", "ru.a.example"))),
        sources.Spider("b", "B", ()),
    ]
    records = [
        SourceRecord("a", "en", 3, START, last),
        SourceRecord("a", "old", 1, None, last),
        SourceRecord("b", None, 0, None, last),
        SourceRecord("z", "kk", 2, None, None),
    ]
    found = sources.combine(spiders, records)
    assert [(v["source"], v["edition"], v["articles"]) for v in found] == [
        ("a", "en", 3), ("a", "ru", 0), ("b", None, 0), ("a", "old", 1), ("z", "kk", 2),
    ]  # fmt: skip
    assert found[1]["last_run"]["finished"] is None


# --- export ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("articles", 5),
        ("versions", 6),
        ("observations", 10),
        ("sightings", 1),
        ("changes", 1),
        ("removed", 2),
    ],
)
def test_export_both_formats_hold_the_same(run, archive, what, number):
    """Every kind in JSON lines and CSV, with the keys promised, in the same order."""
    values = _objects(run("export", what))
    assert len(values) == number
    assert {tuple(v) for v in values} == {records.KEYS[what]}
    table = list(csv.reader(io.StringIO(run("export", what, "--format", "csv").stdout, newline="")))
    assert tuple(table[0]) == records.KEYS[what]
    for row, value in zip(table[1:], values, strict=True):
        for cell, (key, expected) in zip(row, value.items(), strict=True):
            if isinstance(expected, (list, dict)):
                assert json.loads(cell) == expected, key
            else:
                assert cell == ("" if expected is None else str(expected)), key


def test_export_selects(run, archive):
    assert len(_objects(run("export", "articles", "--edition", "en", "--limit", "2"))) == 2
    assert len(_objects(run("export", "versions", "--since", "2026-03-03"))) == 1
    _refused(run("export", "articles", "--source", "nope"), 2, "It holds: bereke")


def test_export_of_nothing_keeps_the_heading(run, archive):
    result = run("export", "articles", "--until", "2020-01-01", "--format", "csv")
    assert result.stdout.strip().split(",") == ARTICLE_KEYS


def test_export_into_a_file_is_whole_or_not_there(run, archive, tmp_path, monkeypatch):
    """A failure half-way leaves the earlier file and no temporary one."""
    target = tmp_path / "out" / "articles.jsonl"
    _refused(run("export", "articles", "--out", str(target)), 2, "cannot be written")
    target.parent.mkdir()
    assert run("export", "articles", "--out", str(target)).exit_code == 0
    whole = target.read_bytes()
    assert len(whole.splitlines()) == 5
    shape = records.archived

    def failing(record):
        if record.id == 3:
            raise StoreError("the database went away")
        return shape(record)

    monkeypatch.setitem(
        __import__("newscrawl.cli.reading.export").cli.reading.export._KINDS, "articles", failing
    )
    _refused(run("export", "articles", "--out", str(target)), 7, "went away")
    assert target.read_bytes() == whole
    assert [p.name for p in target.parent.iterdir()] == ["articles.jsonl"]


def test_export_out_special_files(run, archive, tmp_path):
    """A folder is refused; a device is written to and stays a device; - is standard output."""
    _refused(run("export", "articles", "--out", str(tmp_path)), 2, "is a folder")
    assert run("export", "articles", "--out", "/dev/null").exit_code == 0
    assert not Path("/dev/null").is_file()
    assert len(_objects(run("export", "sightings", "--out", "-"))) == 1


def test_csv_alters_nothing():
    """Formulas, quotes, line breaks, commas and half surrogate pairs come back from a CSV reader as they were."""
    value = {"a": '=1+1;"x",\n y', "b": ["ә", {"c": None}], "d": None, "e": True, "f": 3, "g": "\ud800"}
    data = b"".join(output_csv(value))
    row = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))[1]
    assert row == ['=1+1;"x",\n y', '["ә", {"c": null}]', "", "true", "3", "\\ud800"]


def output_csv(value, style=None):
    from newscrawl.serialization.csv_text import PLAIN, CsvWriter

    written = []
    writer = CsvWriter(written.append, value, style or PLAIN)
    writer.add(value)
    writer.close()
    return written


def test_csv_for_spreadsheets():
    """With a mark in front, and an apostrophe before what would run as a formula; numbers and plain texts stay."""
    from newscrawl.serialization.csv_text import CsvStyle

    starts = ["=1+1", "+7 701", "-2", "@x", " =1", "\t=1", "＝1", "—1", "plain"]
    value = {f"k{n}": text for n, text in enumerate(starts)} | {"number": -5, "list": ["=1"]}
    data = b"".join(output_csv(value, CsvStyle(bom=True, formula_safe=True)))
    assert data.startswith(b"\xef\xbb\xbfk0,")
    row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1]
    assert row == [f"'{one}" for one in starts[:7]] + ["—1", "plain", "-5", '["=1"]']


# --- db ----------------------------------------------------------------------------------------


def _set_revision(url: str, revision: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


def test_db_current(run, archive):
    """Equal revisions are exit 0, anything else 7."""
    result = run("db", "current")
    assert (result.exit_code, result.stdout.split()) == (0, ["database", schema.HEAD, "program", schema.HEAD])
    assert _objects(run("db", "current", "--json")) == [{"revision": schema.HEAD, "head": schema.HEAD}]
    _set_revision(archive, "9999")
    result = run("db", "current", "--json")
    assert result.exit_code == 7
    assert json.loads(result.stdout)["revision"] == "9999"
    assert "Update newscrawl" in result.stderr


def test_db_current_without_an_archive_makes_none(run, tmp_path):
    result = run("db", "current")
    assert (result.exit_code, result.stdout.split()[1]) == (7, "none")
    assert list(tmp_path.iterdir()) == []


def test_db_upgrade_sets_up_and_is_harmless_twice(run, database_url, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", database_url)
    assert run("db", "current").exit_code == 7
    assert run("db", "upgrade").stdout == f"upgraded from nothing to {schema.HEAD}\n"
    assert run("db", "upgrade").stdout == f"already at {schema.HEAD}\n"
    assert run("db", "current").exit_code == 0


def test_db_refuses_a_newer_schema(run, archive):
    _set_revision(archive, "9999")
    for args in (["upgrade"], ["downgrade", "base", "--yes"]):
        _refused(run("db", *args), 7, "newer than this program")


def test_db_downgrade_asks(run, archive, tmp_path):
    """Without a terminal to answer it wants --yes; a no changes nothing."""
    _refused(run("db", "downgrade", "base"), 2, "Give --yes")
    _, err, code = _on_terminal(["db", "downgrade", "base"], tmp_path, answer=b"n\n")
    assert code == 0
    assert "deletes every article" in err
    assert "Nothing was changed" in err
    assert len(_objects(run("list", "--json"))) == 5
    assert run("db", "downgrade", "base", "--yes").stdout == f"downgraded from {schema.HEAD} to nothing\n"
    assert run("db", "current").exit_code == 7


def test_db_downgrade_says_what_is_lost(run, archive, tmp_path):
    """What each schema in between brought, newest first."""
    _, err, code = _on_terminal(["db", "downgrade", "0001"], tmp_path, answer=b"n\n")
    assert code == 0
    named = [line.split(":")[0].strip() for line in err.splitlines() if line.strip()[:4] in schema.REVISIONS]
    assert named == list(reversed(schema.REVISIONS[1:]))
    assert "0003: How far back the older pages of a list were read" in err


def test_db_downgrade_refuses_while_a_run_is_active(run, archive):
    with press(archive, "busy"):
        _refused(
            run("db", "downgrade", "base", "--yes"), 5, "busy: a crawl is running since 2026-03-02 06:00 UTC"
        )
    assert len(_objects(run("list", "--json"))) == 5


@pytest.mark.parametrize("revision", ["0000", "head", "9999", ""])
def test_db_downgrade_to_no_revision_of_ours(run, archive, revision):
    _refused(run("db", "downgrade", revision, "--yes"), 2, "Known are base")


def test_db_downgrade_without_an_archive(run):
    _refused(run("db", "downgrade", "base", "--yes"), 7, "no archive here yet")


# --- extract -----------------------------------------------------------------------------------


def page(title: str = "Көпір ашылды", path: str = "/kopir-1") -> bytes:
    """A small made-up article page."""
    data = {"@type": "NewsArticle", "headline": title, "datePublished": "2026-03-02T12:00:00+05:00"}
    text_ = "Жаяу жүргінші көпірі дүйсенбіде ашылды, деп хабарлады қала әкімдігі."
    return (
        f'<!doctype html><html lang="kk"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="canonical" href="https://kk.bereke.example{path}">'
        f'<script type="application/ld+json">{json.dumps(data)}</script></head>'
        f"<body><h1>{title}</h1><p>{text_}</p><p>Ұзындығы 84 метр болатын көпірді үш айда салып бітті.</p></body></html>"
    ).encode()


def test_extract_a_file(run, tmp_path):
    """One page in, one JSON line out, with the keys of the contract; gzip is unpacked."""
    (tmp_path / "a.html").write_bytes(page())
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(page()))
    [value] = _objects(run("extract", "a.html", "--url", "https://kk.bereke.example/kopir-1"))
    assert list(value) == EXTRACT_KEYS
    assert (value["title"], value["language"], value["page_type"]) == ("Көпір ашылды", "kk", "article")
    assert value["published"] == "2026-03-02T12:00:00+05:00"
    assert _objects(run("extract", "a.html.gz", "--url", "https://kk.bereke.example/kopir-1", "--json")) == [
        value
    ]
    assert _objects(run("extract", "-", "--url", "https://kk.bereke.example/kopir-1", stdin=page())) == [
        value
    ]


@pytest.mark.slow
def test_extract_for_reading_on_a_terminal(tmp_path):
    (tmp_path / "a.html").write_bytes(page())
    out, err, code = _on_terminal(["extract", "a.html"], tmp_path)
    assert (code, err) == (0, "")
    assert out.startswith("Көпір ашылды")
    assert "published  2026-03-02 12:00+05:00" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), (b"\x00" * (16 * 1024 * 1024 + 1), "larger than 16 MB"), (b"\x1f\x8bbroken", "cannot be read")],
    ids=["missing", "huge", "torn"],
)  # fmt: skip
def test_extract_of_a_file_that_gives_no_page(run, tmp_path, content, words):
    """Exit 3; beside a good page the good one is done and the exit code is 4."""
    if content is not None:
        (tmp_path / "bad").write_bytes(content)
    (tmp_path / "good.html").write_bytes(page())
    _refused(run("extract", "bad"), 3, words)
    result = run("extract", "bad", "good.html")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["title"] == "Көпір ашылды"
    assert words in result.stderr


@pytest.mark.slow
def test_a_gzip_bomb_is_refused_early(run, tmp_path):
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"\x00" * 20_000_000, 9) * 10)
    _refused(run("extract", "bomb.gz"), 3, "larger than 16 MB")


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe" * 500, b"<html>", "Ж".encode("cp1251") * 100],
    ids=["empty", "binary", "bare", "cp1251"],
)
def test_extract_of_what_is_no_article_says_so(run, tmp_path, content):
    """Still one line with all keys, and exit 0: the page was read."""
    (tmp_path / "x.html").write_bytes(content)
    [value] = _objects(run("extract", "x.html"))
    assert list(value) == EXTRACT_KEYS
    assert value["page_type"] != "article"


BATCH = [
    (b'{"id": 1, "url": "https://kk.bereke.example/kopir-1", "html": "pages/a.html"}', 1, None),
    (b'{"id": "two", "url": "https://kk.bereke.example/kopir-1", "html": "pages/a.html.gz"}', "two", None),
    (b"   ", None, None),
    (b'{"id": 3, "html": "pages/cp.html", "url": "", "encoding": "windows-1251"}', 3, None),
    (b"{", None, "line 5: is no JSON"),
    (b"\xff\xfe", None, "line 6: is no JSON"),
    (b"[1]", None, "line 7: is no JSON object"),
    (b'{"id": 8}', 8, "line 8: names no html file"),
    (b'{"id": [9], "html": "pages/none.html"}', [9], "No such file"),
    (b'{"id": 10, "html": "pages"}', 10, "cannot be read"),
    (b'{"id": 11, "html": "pages/a.html", "url": 5}', 11, "url is no text"),
    (b'{"id": 12, "html": "pages/a.html", "encoding": []}', 12, "encoding is no text"),
    (b'{"id": 13, "html": "a\\u0000b"}', 13, "cannot be read"),
    (b'{"id": 14, "html": "../batch/pages/a.html", "encoding": "no-such-charset"}', 14, None),
    (b"[" * 100_000, None, "line 15: is no JSON"),
    (b'{"id": "' + b"x" * 1_000_001 + b'"}', None, "line 16: is longer"),
    (b'{"id": null, "html": "pages/a.html"}', None, None),
    (b'{"id": 18, "html": "pages/a.html", "url": "http://[::1"}', 18, "line 18: url is no address"),
]  # fmt: skip


@pytest.fixture
def batch_file(tmp_path):
    folder = tmp_path / "batch"
    (folder / "pages").mkdir(parents=True)
    (folder / "pages" / "a.html").write_bytes(page())
    (folder / "pages" / "a.html.gz").write_bytes(gzip.compress(page()))
    (folder / "pages" / "cp.html").write_bytes(
        "<h1>Мост</h1><p>Мост открыли в понедельник утром.</p>".encode("cp1251")
    )
    path = folder / "pages.jsonl"
    path.write_bytes(b"\n".join(line for line, _, _ in BATCH))
    return path


@pytest.mark.parametrize("workers", ["1", "2"])
def test_batch_gives_a_line_for_a_line_in_order(run, batch_file, workers):
    """Good lines, bad lines and missing files, each in its place; exit 4 and a count at the end."""
    result = run("extract", "--batch", str(batch_file), "--workers", workers)
    values = [json.loads(line) for line in result.stdout_bytes.decode().splitlines()]
    expected = [(name, error) for line, name, error in BATCH if line.strip()]
    assert [v["id"] for v in values] == [name for name, _ in expected]
    for value, (_, error) in zip(values, expected, strict=True):
        if error:
            assert list(value) == ["id", "error"]
            assert error in value["error"]
        else:
            assert list(value) == ["id", *EXTRACT_KEYS]
    assert values[2]["title"] == "Мост"
    assert result.exit_code == 4
    assert result.stderr == "17 pages, 12 of them could not be read\n"


def test_batch_all_good_and_from_standard_input(run, batch_file, monkeypatch):
    monkeypatch.chdir(batch_file.parent)
    result = CliRunner().invoke(cli, ["extract", "--batch", "-", "--workers", "1"], input=BATCH[0][0])
    assert (result.exit_code, result.stderr) == (0, "1 page\n")


def test_batch_keeps_only_a_window_in_work(batch_file):
    """A reader that takes one result has not pulled the whole input in."""
    taken = 0

    def lines():
        nonlocal taken
        for _ in range(5000):
            taken += 1
            yield BATCH[0][0]

    stream = batch.extract_all(lines(), batch_file.parent, START, 2)
    next(stream)
    assert taken < 1000  # what one process reads while the other reads the first line
    stream.close()


def _lethal(job):
    if b"lethal" in job[1]:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.001)
    return True, json.dumps({"id": json.loads(job[1])["id"]}).encode()


def test_a_page_that_kills_its_process_costs_only_itself(monkeypatch, tmp_path):
    """Killed by the system (out of memory), a worker loses its page; all others come out, in order."""
    monkeypatch.setattr(batch, "_work", _lethal)
    lines = [json.dumps({"id": i, "html": "lethal" if i in (7, 20) else "x"}).encode() for i in range(40)]
    found = [(good, json.loads(line)) for good, line in batch.extract_all(lines, tmp_path, START, 2)]
    assert [value["id"] for _, value in found] == list(range(40))
    assert [value["id"] for good, value in found if not good] == [7, 20]
    assert found[7][1]["error"] == "the process that read this page died"


# --- pages from the web ------------------------------------------------------------------------


class _Site(BaseHTTPRequestHandler):
    """A site of awkward answers, by path."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self):
        self.seen.append((self.path, self.headers["User-Agent"]))
        self.close_connection = True
        getattr(self, "page_" + self.path.strip("/").split("?")[0].replace("-", "_"), self.page_none)()

    def answer(self, body: bytes, status: int = 200, **headers: str):
        self.send_response(status)
        for name, value in {"Content_Type": "text/html", "Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def page_good(self):
        self.answer(page())

    def page_zipped(self):
        self.answer(gzip.compress(page()), Content_Encoding="gzip")

    def page_torn_zip(self):
        self.answer(gzip.compress(page())[:-20], Content_Encoding="gzip")

    def page_bomb(self):
        self.answer(gzip.compress(b"\x00" * 60_000_000), Content_Encoding="gzip")

    def page_brotli(self):
        self.answer(b"x", Content_Encoding="br")

    def page_charset(self):
        body = "<h1>Мост</h1><p>Мост открыли в понедельник.</p>".encode("cp1251")
        self.answer(body, Content_Type="text/html; charset=windows-1251")

    def page_moved(self):
        self.answer(b"", 301, Location="/good")

    def page_loop(self):
        self.answer(b"", 302, Location="/loop")

    def page_to_file(self):
        self.answer(b"", 302, Location="file:///etc/hostname")

    def page_cut(self):
        self.answer(b"<h1>x</h1>", Content_Length="5000")

    def page_endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(40):
                self.wfile.write(b"x" * 1_000_000)
        except OSError:
            pass

    def page_nonsense(self):
        self.wfile.write(b"this is no HTTP at all\r\n\r\n")

    def page_gone(self):
        self.answer(b"gone", 410)

    def page_none(self):
        self.answer(b"nothing here", 404)

    def log_message(self, *_args):
        pass


@contextmanager
def _serving(context=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def site():
    with _serving() as address_:
        yield address_


@pytest.mark.parametrize(
    ("path", "title"),
    [("good", "Көпір ашылды"), ("zipped", "Көпір ашылды"), ("moved", "Көпір ашылды"), ("charset", "Мост")],
)
def test_extract_an_address(run, site, path, title, monkeypatch):
    """Plain, compressed, redirected and in another charset; we say who asks."""
    monkeypatch.setenv("NEWSCRAWL_CONTACT", "desk@bereke.example")
    [value] = _objects(run("extract", f"{site}/{path}"))
    assert value["title"] == title
    agent = _Site.seen[-1][1]
    assert agent.startswith("newscrawl/")
    assert agent.endswith("(+desk@bereke.example)")


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("none", 3, "answered 404"),
        ("gone", 3, "answered 410"),
        ("loop", 3, "answered 302"),
        ("cut", 3, "before its end"),
        ("torn-zip", 3, "incomplete"),
        ("bomb", 3, "larger than 16 MB"),
        ("endless", 3, "larger than 16 MB"),
        ("brotli", 3, "encoding nobody asked for: br"),
        ("nonsense", 3, "cannot be reached"),
        ("to-file", 3, "not allowed"),
    ],
)  # fmt: skip
def test_an_address_that_gives_no_page(run, site, path, code, words):
    _refused(run("extract", f"{site}/{path}"), code, words)


def test_a_host_that_does_not_listen(run):
    _refused(run("extract", "http://127.0.0.1:1/"), 3, "Connection refused")


def test_an_untrusted_certificate_is_refused(run, tmp_path):
    """Certificates are verified: a response over a forged connection proves nothing."""
    _certificate(tmp_path)
    context = __import__("ssl").SSLContext(__import__("ssl").PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with _serving(context) as address_:
        _refused(run("extract", f"{address_}/good"), 3, "no trusted connection")


def _certificate(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - DAY).not_valid_after(now + DAY).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@pytest.mark.parametrize(
    "private", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "169.254.169.254", "::ffff:127.0.0.1"]
)
def test_a_public_site_may_not_lead_to_a_private_address(private):
    """By the address of the open connection; an address that a person typed is allowed."""
    guard = PrivateGuard()
    guard.check("93.184.215.14")
    with pytest.raises(AddressError, match=r"not followed|never asked"):
        guard.check(private)
    with pytest.raises(AddressError):
        guard.check_name("http://localhost:8000/")
    typed = PrivateGuard()
    if is_of_the_machine(private):
        with pytest.raises(AddressError, match="never asked"):
            typed.check(private)
        return
    typed.check(private)
    typed.check("127.0.0.1")
    typed.check_name("http://localhost:8000/")


# --- output ------------------------------------------------------------------------------------


@given(st.text())
def test_safe_text_has_no_control_characters_and_stays_one_line(text_):
    assert all(c.isprintable() for c in tables.safe(text_))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters()),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_a_json_line_is_one_line_of_utf8_that_means_the_same(value):
    line = json_line({"v": value})
    assert len(line.decode("utf-8").splitlines()) == 1
    assert json.loads(line) == {"v": value}


def test_half_surrogate_pairs_and_line_separators_in_json():
    line = json_line({"v": "\ud83d \u2028 \x85 \x9b ә"})
    assert line == '{"v": "\\ud83d \\u2028 \\u0085 \\u009b ә"}\n'.encode()
    assert json.loads(line) == {"v": "\ud83d \u2028 \x85 \x9b ә"}


@given(st.text(), st.integers(1, 40))
def test_fit_never_exceeds_the_width(text_, width):
    safe = tables.safe(text_)
    assert tables.columns(tables.fit(safe, width)) <= width


@given(st.text(), st.integers(1, 40))
def test_wrap_loses_no_word(text_, width):
    safe = tables.safe(text_)
    lines = tables.wrap(safe, width)
    assert " ".join(lines) == safe
    assert all(tables.columns(line) <= width or " " not in line for line in lines)


def test_widths_of_letters():
    """Kazakh takes one column a letter, combining marks none, East Asian letters two."""
    assert tables.columns("ұлттық") == 6
    assert tables.columns("и\u0306") == 1
    assert tables.columns("日本") == 4


def test_a_table_lines_up():
    lines = list(tables.table(("ID", "TITLE", "N"), [(1, "日本", 5), (22, "қала", 10)]))
    assert lines == ["ID  TITLE   N", " 1  日本    5", "22  қала   10"]
    assert list(tables.table(("ID", "TITLE"), [])) == ["ID  TITLE"]
    long = list(tables.table(("A", "B"), [("x", "y" * 50)], width=30))
    assert long == ["A  B", "x", "    " + "y" * 50]


def test_a_table_on_a_terminal_wraps_at_spaces():
    """No word is broken, no line is longer than the terminal, and what looks like markup or emoji stays as it is."""
    row = (
        "a-host.example",
        "2026-03-02 12:00 UTC",
        "closed by sitemap",
        "[red]no[/red] :smile: answer (timeout)",
        7,
    )
    lines = list(tables.table(("HOST", "FROM", "STATE", "REASON", "N"), [row], width=70))
    assert all(tables.columns(line) <= 70 for line in lines)
    assert "\x1b" not in "".join(lines)
    assert sorted(" ".join(lines[1:]).split()) == sorted(" ".join(map(str, row)).split())
    assert lines[1].startswith("a-host.example  ")


def test_json_does_without_rich(archive, tmp_path):
    """Rich is imported only for output to people."""
    code = (
        "import sys\n"
        "from newscrawl.cli import cli\n"
        "try: cli.main(['list', '--json'])\n"
        "except SystemExit: print('rich' in sys.modules, file=sys.stderr)"
    )
    assert _python("-c", code, cwd=tmp_path).stderr.split() == [b"False"]


@pytest.mark.parametrize(
    ("text_", "end", "expected"),
    [
        ("2026-01-31", False, datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31", True, datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-01-31T12:00+05:00", True, datetime(2026, 1, 31, 7, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", False, datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31 12:00", False, datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("9999-12-31", True, None),
        ("0001-01-01T00:00+05:00", False, None),
        ("31.01.2026", False, datetime(2026, 1, 31, tzinfo=UTC)),
        ("", False, None),
    ],
)  # fmt: skip
def test_dates_on_the_command_line(text_, end, expected):
    """Days are UTC days and included; instants mean what they say; the rest is a usage error, never a crash."""
    if expected is None:
        with pytest.raises(click.BadParameter):
            Moment(end=end).convert(text_, None, None)
    else:
        assert Moment(end=end).convert(text_, None, None) == expected


def test_shapes_agree_with_their_keys():
    """What one page says has the keys of the contract in their order."""
    assert list(records.extracted(article())) == EXTRACT_KEYS
    assert list(records.KEYS["articles"]) == ARTICLE_KEYS


def test_our_errors_know_their_exit_codes():
    assert issubclass(FetchError, NewscrawlError)
    assert int(FetchError("x").exit_code) == 3


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@FULL
@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--json"],
        ["export", "articles"],
        ["export", "versions", "--out", "/dev/full"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_output_that_cannot_be_written(archive, words):
    """A full disk behind the output is one line and exit code 7, not an unexpected error."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "newscrawl", *words], stdout=full, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "NEWSCRAWL_DATABASE_URL": archive, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert done.returncode == Exit.ARCHIVE_UNUSABLE, done.stderr
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr
    assert "unexpected" not in done.stderr


LONG = "https://a-newspaper.example/news/a-headline-that-is-longer-than-any-terminal-is-wide-123456"


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_a_table_never_breaks_or_cuts_a_word(width):
    """At any width each word stands whole, and only a word that is wider than the terminal is wider than it."""
    rows = [
        ("boztorgai", "too early", 109, "2026-04-11 05:00 UTC, exit code 0", LONG),
        ("orda", "wrong", 7, "never", "x"),
    ]
    lines = list(tables.table(("SOURCE", "STATE", "N", "LAST", "ADDRESS"), rows, width=width))
    words = [word for row in rows for word in " ".join(map(str, row)).split()]
    headings = ["SOURCE", "STATE", "N", "LAST", "ADDRESS"]
    assert sorted(" ".join(lines).split()) == sorted([*headings, *words])
    assert all(tables.columns(line) <= width or LONG in line for line in lines)


def test_sentences_wrap_on_a_terminal(monkeypatch, capsys):
    """Broken at spaces at its width; one line elsewhere."""
    text = "all right: " + ", ".join(f"{n} captures" for n in range(12))
    tables.say(text)
    monkeypatch.setattr(tables, "terminal_width", lambda: 60)
    tables.say(text)
    first, *others = capsys.readouterr().out.splitlines()
    assert first == text
    assert " ".join(line.strip() for line in others) == text
    assert max(map(len, others)) <= 60
