"""More of what a machine, a hand or a disk can do to the program: settings, damaged archives, streams, limits, names.

Each ends with one plain line and a code of the contract; a bug's line never appears.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl import config, settings
from newscrawl.cli import cli
from newscrawl.errors import Exit
from tests.support.crawling import without_reactor
from tests.support.fake_site import ROOT
from tests.support.fresh import filled
from tests.support.sample_history import fill

NOWHERE = "http://127.0.0.1:9"
CRAWL = ["crawl", "orda", "--site", NOWHERE, "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_DELAY=0"]

# name -> newscrawl.toml, which is refused before a command does anything
TOML: dict[str, str | bytes] = {
    "other bytes than UTF-8": b'contact = "\xe9"',
    "a NUL": b'contact = "a\x00"',
    "one key twice": "backlog = 1\nbacklog = 2",
    "no whole number": "backlog = 1.5",
    "below nothing": "backlog = -1",
    "a moment before all time": "now = 0001-01-01",
    "a time without a day": "now = 12:00:00",
    "a table for a text": "[home]\nx = 1",
    "brackets without end": "x = " + "[" * 5000,
    "settings that are a list": "scrapy = [1]",
    "a setting that is text": '[scrapy]\nDOWNLOAD_DELAY = "fast"',
    "a delay below nothing": "[scrapy]\nDOWNLOAD_DELAY = -1",
    "a delay without end": "[scrapy]\nDOWNLOAD_DELAY = inf",
    "a delay that is no number": "[scrapy]\nDOWNLOAD_DELAY = nan",
    "nothing at once": "[scrapy]\nCONCURRENT_REQUESTS = 0",
    "a setting in small letters": "[scrapy]\ndownload_delay = 1",
    "a setting that there is not": "[scrapy.orda]\nDOWNLOAD_DELAYY = 1",
    "a level that there is not": '[scrapy]\nLOG_LEVEL = "LOUD"',
    "a switch that is text": '[scrapy]\nROBOTSTXT_OBEY = "perhaps"',
    "a log file that is a folder": 'log_file = "."',
    "a log file below a file": 'log_file = "newscrawl.toml/x"',
}  # fmt: skip

# name -> the words of a command: settings that name what there is not, and words that are none
WORDS: dict[str, list[str]] = {
    "a scheduler that there is not": [*CRAWL, "-s", "SCHEDULER=no.such.Thing"],
    "a resolver that is no path": [*CRAWL, "-s", "TWISTED_DNS_RESOLVER=x"],
    "an extension that there is not": [*CRAWL, "-s", 'EXTENSIONS={"no.such.Thing": 1}'],
    "a pipeline that is no path": [*CRAWL, "-s", 'ITEM_PIPELINES={"nomodule": 1}'],
    "a table that is none": [*CRAWL, "-s", "FEEDS={"],
    "a folder for jobs that cannot be": [*CRAWL, "-s", "JOBDIR=/dev/null/x"],
    "a number below nothing": [*CRAWL, "-s", "RETRY_TIMES=-5"],
    "a size below nothing": [*CRAWL, "-s", "DOWNLOAD_MAXSIZE=-1"],
    "a source that is not UTF-8": ["list", "--source", "\udcff"],
    "a reference that is not UTF-8": ["show", "\udcff\udcfe"],
    "a site that is not UTF-8": ["add", "http://\udcff.example"],
    "an address in brackets": ["add", "http://[fe80::1%25eth0]/"],
    "a label far too long": ["add", "http://" + "a" * 70 + ".example"],
    "a name far too long": ["add", "http://" + "a." * 130 + "example"],
    "a port that is nothing": ["add", "http://127.0.0.1:0"],
    "a user name": ["extract", "http://u:p@127.0.0.1:9"],
    "two slashes": ["extract", "//127.0.0.1:9"],
    "no page": ["extract", "data:text/html,x"],
    "a host that is a file": ["extract", "127.0.0.1:9"],
    "a circled digit": ["show", "①"],
    "a number with an exponent": ["show", "1e5"],
    "a version without end": ["show", "1", "--version", "9" * 40],
    "an offset that there is not": ["list", "--since", "2026-01-01T00:00+99:00"],
    "an hour that there is not": ["list", "--since", "2026-01-01T25:00"],
    "a time below nothing": ["crawl", "orda", "--max-time", "-1m"],
    "a limit below nothing": ["crawl", "orda", "--limit", "-1"],
    "no processes": ["verify", "--workers", "0"],
    "a host that is no address": ["serve", "--host", "[::1"],
    "an age of nothing": ["prune", "--unchanged-older-than", "0d"],
    "a limit without end": ["list", "--limit", "9" * 20],
    "a Kazakh host that is not there": ["add", "https://қала.invalid"],
    "a schema below nothing": ["db", "downgrade", "-1", "--yes"],
    "a copy from nowhere": ["db", "copy", "--from", "sqlite:///none.db", "--to", "sqlite:///y.db"],
    "a copy into nowhere": ["db", "copy", "--to", "sqlite:////dev/null/x.db"],
    "a backup into a device": ["backup", "/dev/full"],
    "a backup into the archive": ["backup", "archive"],
    "a restore of the archive itself": ["restore", "archive"],
    "a database for a WARC file": ["import", "archive/newscrawl.db"],
    "a list of nothing": ["add", "--from", "/dev/null"],
    "a list that is a database": ["add", "--from", "archive/newscrawl.db"],
    "a demo in a device": ["demo", "--home", "/dev/full"],
    "a month that there is not": ["changes", "--since", "2026-13-01"],
    "an empty word": [""],
    "an address without end": ["show", "https://orda.kz/" + "a" * 100_000],
    "a source without end": ["crawl", "a" * 100_000],
    "a number without end": ["show", "9" * 20],
    "a version of twenty digits": ["show", "1", "--version", "9" * 20],
    "more processes than none": ["reprocess", "--workers", "-3"],
    "a port of twenty digits": ["serve", "--port", "9" * 20],
    "a time of twenty digits": ["crawl", "orda", "--max-time", "9" * 20 + "d"],
    "an address of colons": ["extract", "http://[::::]:x/"],
    "an address without a host": ["add", "http:///x"],
    "a host written backwards": ["add", "https://\u202eexample"],
    "a port below nothing": ["crawl", "orda", "--site", "http://127.0.0.1:-1"],
    "a host that is no IDNA": ["show", "https://xn--a/"],
    "every nothing": ["schedule", "--print", "cron", "--every", "0"],
    "a command of a command that there is not": ["db", "frobnicate"],
    "a zone that there is not": ["list", "--since", "7d", "--zone", "Mars/Olympus"],
    "minutes or months": ["list", "--since", "30m"],
    "a value for a switch": ["list", "--json=yes"],
}  # fmt: skip


def _sql(statement: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        with closing(sqlite3.connect(home / "newscrawl.db")) as database, database:
            database.execute(statement)

    return change


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def write(home: Path) -> None:
        path = home / "newscrawl.db"
        path.write_bytes(change(path.read_bytes()))

    return write


def _foreign(home: Path) -> None:
    (home / "newscrawl.db").unlink()
    _sql("create table notes (text)")(home)


def _noise(data: bytes) -> bytes:
    return data[:8192] + bytes(range(256)) * 64 + data[8192 + 256 * 64 :]


def _warc(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        shutil.rmtree(home / "warc", ignore_errors=True)
        make(home / "warc")

    return change


# name -> what became of the archive, and a command that meets it
DAMAGES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "a list that is none": (_sql("update versions set tags = '{'"), ["show", "1"]),
    "a list that is none, exported": (_sql("update versions set tags = '{'"), ["export", "versions"]),
    "an instant that is none": (_sql("update articles set first_seen = 'yesterday'"), ["list"]),
    "an instant that is none, verified": (_sql("update articles set first_seen = 'yesterday'"), ["verify"]),
    "an instant that is none, removed": (_sql("update articles set state_since = 'x'"), ["removed"]),
    "a table that is gone": (_sql("drop table versions"), ["show", "1"]),
    "a newer schema": (_sql("update alembic_version set version_num = '9999'"), ["list"]),
    "another program's database": (_foreign, ["list"]),
    "a torn file": (_bytes(lambda data: data[:5000]), ["list"]),
    "a torn file, backed up": (_bytes(lambda data: data[:5000]), ["backup", "copy"]),
    "noise in the middle": (_bytes(_noise), ["verify"]),
    "another beginning": (_bytes(lambda data: b"XXXX" + data[4:]), ["list"]),
    "another beginning, backed up": (_bytes(lambda data: b"XXXX" + data[4:]), ["backup", "copy"]),
    "nothing in the database": (_bytes(lambda _: b""), ["list"]),
    "no raw responses": (_warc(lambda _: None), ["verify"]),
    "no raw responses, read again": (_warc(lambda _: None), ["reprocess", "--all"]),
    "a file for raw responses": (_warc(Path.touch), ["verify"]),
    "raw responses that lead to themselves": (_warc(lambda warc: warc.symlink_to("warc")), ["verify"]),
    "raw responses that lead to themselves, backed up": (
        _warc(lambda warc: warc.symlink_to("warc")),
        ["backup", "copy"],
    ),
    "noise in the middle, exported": (_bytes(_noise), ["export", "articles"]),
}

# name -> a line of a shell, and the codes it may end with; $newscrawl is the program
SHELL: dict[str, tuple[str, set[int]]] = {
    "help into a full disk": ("$newscrawl --help > /dev/full", {7}),
    "both streams full": ("$newscrawl list > /dev/full 2> /dev/full", {7}),
    "errors into a full disk": ("$newscrawl show 99999 2> /dev/full", {2}),
    "all streams closed": ("$newscrawl show 99999 <&- >&- 2>&-", {2}),
    "a batch from a closed stream": ("$newscrawl extract --batch - <&-", {0}),
    "a reader that leaves": ("$newscrawl list | head -c 1 > /dev/null; exit ${PIPESTATUS[0]}", {0}),
    "a file that may not grow": ("ulimit -f 1; $newscrawl backup copy", {7}),
    "hardly any files": ("ulimit -n 15; $newscrawl list", {0, 7}),
    "no working directory": ("mkdir x; cd x; rmdir ../x; $newscrawl list", {2, 7}),
    "a home that leads to itself": ("ln -s loop loop; NEWSCRAWL_HOME=loop $newscrawl list", {7}),
    "a home of other bytes": ("NEWSCRAWL_HOME=$'\\xff' $newscrawl list", {2}),
    "Kazakh letters without a locale": ("LC_ALL=C NEWSCRAWL_HOME='мұрағат ғ' $newscrawl health", {7}),
    "a terminal of one column": ("COLUMNS=1 $newscrawl list", {0}),
    "columns that are no number": ("COLUMNS=x TERM=dumb $newscrawl diff 1", {0}),
    "a locale that there is not": ("LANG=xx_YY LC_ALL=xx_YY $newscrawl show 1", {0}),
    "no environment": ("env -i $newscrawl list", {0}),
    "a zone that there is not": ("TZ=Mars/Olympus $newscrawl list", {0}),
    "no folder for temporary files": ("TMPDIR=/no/such $newscrawl list", {0}),
    "no home of the user": ("HOME=/no/such $newscrawl list", {0}),
    "rights for nobody": ("umask 777; $newscrawl export articles --out x.jsonl", {0}),
    "the end of time": ("NEWSCRAWL_NOW=9998-12-31T23:59:59Z $newscrawl health", {0, 2, 6}),
    "the beginning of time": ("NEWSCRAWL_NOW=0002-01-01 $newscrawl coverage", {0, 2}),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an archive."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    without_reactor(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["-m"])
    home = {"NEWSCRAWL_HOME": str(tmp_path / "archive")}
    monkeypatch.setattr(settings, "NEWSCRAWL_CONFIG", config.load(home))  # read once in a process
    return tmp_path


def _plain(said: str, code: int, codes: set[int]) -> None:
    assert code in codes, (code, said[-500:])
    assert "unexpected error" not in said
    assert "Traceback" not in said
    assert "Error:" not in said.replace("NotFoundError:", ""), (
        said
    )  # the name of a Python error says nothing to people


@pytest.mark.parametrize("name", TOML)
def test_wrong_settings(name: str, folder: Path) -> None:
    """The place of the value is in the message, and the code is 2, whichever command reads it."""
    written = TOML[name]
    (folder / "newscrawl.toml").write_bytes(written if isinstance(written, bytes) else written.encode())
    of_scrapy = isinstance(written, str) and "[scrapy" in written
    done = CliRunner().invoke(cli, ["config"] if of_scrapy else ["health"])
    _plain(done.stderr, done.exit_code, {Exit.USAGE})
    assert "newscrawl.toml" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", WORDS)
def test_wrong_words(name: str, folder: Path) -> None:
    """Whatever stands on the command line."""
    done = CliRunner().invoke(cli, WORDS[name])
    codes = set(Exit) - {Exit.OK, Exit.UNEXPECTED}
    said = done.stderr.replace("ModuleNotFoundError:", "").replace("ValueError:", "")
    said = said.replace("NotADirectoryError:", "").replace("JSONDecodeError:", "")
    _plain(said, done.exit_code, codes)
    assert done.stderr.strip()
    assert len(done.stderr) < 3000


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_archives(name: str, folder: Path) -> None:
    """Code 7, and a line that says what to do."""
    damage, words = DAMAGES[name]
    damage(folder / "archive")
    done = CliRunner().invoke(cli, words)
    _plain(done.stderr, done.exit_code, {Exit.ARCHIVE_UNUSABLE})
    assert done.stderr.strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", SHELL)
def test_surroundings(name: str, folder: Path) -> None:
    """A process of its own, as a shell or cron starts it."""
    line, codes = SHELL[name]
    program = f"{sys.executable} -m newscrawl"
    variables = {key: value for key, value in os.environ.items() if not key.startswith("NEWSCRAWL_")}
    done = subprocess.run(
        ["bash", "-c", line.replace("$newscrawl", program)], cwd=folder, capture_output=True, timeout=60,
        env={**variables, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    _plain((done.stdout + done.stderr).decode(errors="replace"), done.returncode, codes)


def test_there_are_many() -> None:
    """The tables together."""
    assert len(TOML) + len(WORDS) + len(DAMAGES) + len(SHELL) >= 90
