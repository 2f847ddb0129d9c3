"""Pipes, devices and folders where a file is wanted: nothing waits for ever, and the message says what it is."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.crawl.loader import load
from newscrawl.crawl.runner import source_named
from newscrawl.errors import Exit, UsageError
from tests.support.crawling import without_reactor
from tests.support.fresh import filled
from tests.support.sample_history import fill

PAGE = (
    "<html><body><h1>Көпір ашылды</h1><article>"
    + "<p>Жаңа көпір бүгін ашылды деп хабарлады қала әкімдігі.</p>" * 9
)

# what is asked for with a pipe at whose other end nobody is, the exit code and the words of the message
ASKED = {
    "a page": (["extract", "pipe", "--json"], Exit.OK, ""),
    "a batch": (["extract", "--batch", "pipe"], Exit.OK, "0 pages"),
    "a WARC file": (["import", "pipe"], Exit.NOTHING_FETCHED, "pipe: cannot be read: it is a pipe or a device"),
    "a table": (["import", "--html", ".", "--table", "pipe"], Exit.NOTHING_FETCHED, "pipe: has no column file, url, at"),
    "a list of sites": (["add", "--from", "pipe"], Exit.USAGE, "pipe: names no address"),
    "an export": (["export", "articles", "--out", "pipe"], Exit.ARCHIVE_UNUSABLE, "pipe: cannot be written: nobody reads from this pipe"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an archive and a named pipe."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    without_reactor(monkeypatch)
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    return tmp_path


@pytest.mark.parametrize("name", ASKED)
def test_a_pipe_of_nobody(name: str, folder: Path) -> None:
    """It is empty, or refused."""
    words, code, said = ASKED[name]
    done = CliRunner().invoke(cli, words)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr


def test_a_pipe_of_somebody(folder: Path) -> None:
    """What a shell's `<(…)` and `>(…)` are is read and written as a file is."""
    ends = os.pipe()
    os.write(ends[1], PAGE.encode())
    os.close(ends[1])
    done = CliRunner().invoke(cli, ["extract", f"/dev/fd/{ends[0]}", "--url", "https://bereke.example/a"])
    os.close(ends[0])
    assert '"title": "Көпір ашылды"' in done.stdout, done.stderr
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(Path("pipe").read_bytes()))
    reader.start()
    while CliRunner().invoke(cli, ["export", "articles", "--out", "pipe"]).exit_code:
        assert reader.is_alive()  # until it has opened its end
    reader.join()
    assert heard[0].count(b"\n") > 1


@pytest.mark.parametrize(
    ("make", "said"),
    [(os.mkfifo, "it is a pipe or a device, no file"), (os.mkdir, "Is a directory")],
    ids=["pipe", "folder"],
)
def test_newscrawl_toml(make, said: str, folder: Path) -> None:
    """The file of settings is a file."""
    make("newscrawl.toml")
    done = CliRunner().invoke(cli, ["list"])
    assert done.exit_code == Exit.USAGE
    assert f"newscrawl.toml: cannot be read: {said}" in done.stderr


def test_a_log_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe is none."""
    monkeypatch.setenv("NEWSCRAWL_LOG_FILE", "pipe")
    done = CliRunner().invoke(cli, ["health"])
    assert done.exit_code == Exit.USAGE
    assert "NEWSCRAWL_LOG_FILE" in done.stderr
    assert "pipe cannot be written (it is a pipe, no file)" in done.stderr


def test_files_of_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, a folder and a file without a source are named when a source of that name is asked for."""
    spiders = folder / "spiders"
    spiders.mkdir()
    (spiders / "__init__.py").write_text("")
    (spiders / "bare.py").write_text(
        "from newscrawl.crawl.spider import NewsSpider\n\n\nclass Bare(NewsSpider):\n    pass\n"
    )
    os.mkfifo(spiders / "pipe.py")
    monkeypatch.syspath_prepend(str(folder))
    for module in [name for name in sys.modules if name.partition(".")[0] == "spiders"]:
        monkeypatch.delitem(sys.modules, module)
    assert load(["spiders"]) == ({}, {"spiders.pipe": "is no file, but a pipe or a device"})
    from scrapy.settings import Settings

    settings = Settings(
        {"SPIDER_MODULES": ["spiders"], "SPIDER_LOADER_CLASS": "newscrawl.crawl.loader.SourceLoader"}
    )
    with pytest.raises(
        UsageError, match=r'bare: its file spiders/bare.py defines no source. .*name = "bare"'
    ):
        source_named(settings, "bare")
    with pytest.raises(UsageError, match=r"pipe: its file spiders/pipe.py cannot be used: is no file"):
        source_named(settings, "pipe")
