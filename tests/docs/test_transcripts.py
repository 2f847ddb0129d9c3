"""Transcripts in README and docs are what a reader gets: each command is run in the archive of the demo."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit
from tests.support import transcripts


@pytest.mark.parametrize(
    "page",
    [p for p in transcripts.pages() if "<!-- transcript: " in p.read_text("utf-8")],
    ids=lambda p: p.name,
)
def test_transcripts(page: Path, demo_folder: Path) -> None:
    """Word by word, but for byte offsets and record numbers. Renew them with `python -m tests.support.transcripts`."""

    def printed(command: str) -> str:
        if command == transcripts.DEMO:
            return (demo_folder / "printed.txt").read_text("utf-8")
        with contextlib.chdir(demo_folder / "demo-archive"):
            done = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert done.exit_code == Exit.OK, done.stderr
        return done.stdout

    text = page.read_text("utf-8")
    assert transcripts.words(text) == transcripts.words(transcripts.renewed(text, printed))


def test_there_are_some() -> None:
    """README, the page of the demo and that of the reading commands have transcripts."""
    assert len(transcripts.commands()) >= 6
    assert transcripts.DEMO in transcripts.commands()


def test_lines_are_chosen() -> None:
    """Ranges of lines, with a mark where some are left out."""
    text = "<!-- transcript: newscrawl x | 1 3-4 -->\n```text\nold\n```\n"
    lines = "a at byte 1,234\nb\nc <urn:uuid:0-1>\nd\ne\n"
    assert transcripts.renewed(text, lambda _: lines) == text.replace(
        "old", "a at byte …\n[…]\nc <urn:uuid:…>\nd\n[…]"
    )
