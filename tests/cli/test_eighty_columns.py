"""What every command prints on a terminal of 80 columns, with long Kazakh titles: no line is wider, but for one word that is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import COMMANDS, cli
from newscrawl.cli.output import tables
from newscrawl.cli.reading.changes import _blocks
from newscrawl.model import ChangeKind
from newscrawl.model.reads import EditRecord
from tests.support.factory import START, press
from tests.support.fresh import filled
from tests.support.sample_history import DAY, HOUR

TITLE = (
    "Қызылорда облысындағы шалғайда орналасқан Ақшағыл ауылында ұзақ күткен жаңа көпір салтанатты түрде "
    "пайдалануға берілді, тұрғындар енді өзеннің арғы бетіндегі мектепке айналма жолсыз бара алады"
)
BODY = f"{TITLE}.\n\n" + " ".join(f"Құрылысшылар {n} күн бойы жұмыс істеді." for n in range(20))
# What prints for people. Each is run in a folder with an archive; `--help` of all commands beside them.
LINES = [
    ["list"], ["list", "--state", "removed"], ["show", "1"], ["show", "1", "--version", "1"], ["history", "1"], ["history", "2"],
    ["diff", "1"], ["changes"], ["removed"], ["removed", "--state", "all"], ["coverage"], ["sources"], ["health"], ["config"],
    ["config", "orda"], ["verify"], ["verify", "--deep"], ["prune", "--unchanged-older-than", "1d"], ["db", "current"],
    ["backup", "copy"], ["reprocess", "--dry-run"], ["export", "articles", "--out", "a.csv", "--format", "csv"], ["notify", "--check"],
]  # fmt: skip


def fill(url: str) -> None:
    """An article edited, one removed, and a source with a long name for its edition's host."""
    with press(url) as bereke:
        bereke.publish("kk", 1, at=START, title=TITLE, body=BODY)
        bereke.publish("kk", 2, at=START, title=TITLE[::-1], body=BODY)
        bereke.edit(
            "kk", 1, at=START + 4 * HOUR, title=f"{TITLE} (жаңартылды)", body=BODY.replace("18 күн", "19 күн")
        )
        for days in (1, 2, 3):
            bereke.next_run(START + days * DAY)
            bereke.vanish("kk", 2, at=START + days * DAY)
        bereke.finish(START + 4 * DAY)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the archive, and output that takes itself for a terminal of 80 columns."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tables, "terminal_width", lambda: 80)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def wide(text: str) -> list[str]:
    """The lines of more than 80 columns that are not so because of one long word."""
    longest = (max((tables.columns(word) for word in line.split()), default=0) for line in text.splitlines())
    return [
        line
        for line, word in zip(text.splitlines(), longest, strict=True)
        if tables.columns(line) > 80 and word < 60
    ]


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_no_line_is_wider(words: list[str], terminal: Path) -> None:
    """And none of them holds what only a programmer reads."""
    done = CliRunner().invoke(cli, words)
    assert wide(done.stdout) == []
    for sign in ("<newscrawl", " object at 0x", "datetime.", "Timedelta", "None,", "[]", "{}", "()", "set("):
        assert sign not in done.stdout, (sign, done.stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_not_wider(name: str, terminal: Path) -> None:
    """Examples may be: they are to be copied whole."""
    text = CliRunner().invoke(cli, [name, "--help"], terminal_width=80).stdout.partition("Examples:")[0]
    assert wide(text) == []


def test_a_long_last_cell_stands_below() -> None:
    """Where others leave it little room: a cell of one line stays beside them, and nothing is put into narrow columns."""
    rows = [
        ("DOWNLOAD_DELAY", "newscrawl", "1.0"),
        ("SPIDERS", "newscrawl.toml: [scrapy.orda]", "a.b.C, " * 20),
    ]
    lines = list(tables.table(("SETTING", "FROM", "VALUE"), rows, width=60))
    assert lines[1] == "DOWNLOAD_DELAY  newscrawl                      1.0"
    assert lines[2] == "SPIDERS         newscrawl.toml: [scrapy.orda]"
    assert all(line.startswith("    a.b.C,") and len(line) <= 60 for line in lines[3:])
    assert not [line for line in tables.table(("A", "B", "C"), rows) if line != line.rstrip()]


def test_an_edit_with_much_to_say_is_wrapped() -> None:
    """The version that it goes back to, and kinds of which no text is at hand, have lines of their own."""
    edit = EditRecord(
        1, "boztorgai", "en", "https://paper.example/1", START, 2, 3,
        (ChangeKind.HEADLINE, ChangeKind.BODY), "A boiler house", returns_to=1,
    )  # fmt: skip
    lines = list(_blocks([edit], 80, colour=False))
    assert lines[1:] == [
        "    A boiler house",
        "    https://paper.example/1",
        "    says again what version 1 said",
        "    headline, body",
    ]
    assert not wide("\n".join(lines))
