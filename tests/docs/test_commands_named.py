"""Every command that a document names: what is not run by a test is in a table with the reason, and all of it parses."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from newscrawl.cli import COMMANDS, cli
from tests.docs.test_docs import FENCE, PAGES, commands

# Lines of blocks of commands that no test runs as they stand, by how they begin, and why.
NOT_RUN = {
    "python3 -m venv .venv": ".ci/run runs the README's own line in a clean copy",
    ".venv/bin/python -m pytest": "the tests themselves",
    ".venv/bin/ruff": ".ci/run runs it",
    "cd ": "the folder of the next line",
    "export NEWSCRAWL_CONTACT": "a setting of the reader's shell",
    "newscrawl add https://paper.example --name paper": "the form with --yes does more and is run",
    "newscrawl demo": "tests/demo and the transcripts run it",
    "python benchmarks/": "its script and options are checked by test_docs.py; it measures for minutes",
    "python -m venv audit": "asks a service on the network",
    "audit/bin/pip-audit": "asks a service on the network",
    "pip install": "the packages are there already",
    "NEWSCRAWL_DATABASE_URL=": "tests/docs/test_postgresql.py runs it on a real server",
    "newscrawl db copy": "tests/docs/test_postgresql.py runs it on a real server",
    "pg_": "tests/docs/test_postgresql.py runs it on a real server",
    "rsync": "copies files from another machine",
}


def _lines(*kinds: str) -> list[tuple[str, str]]:
    return [
        (page.name, line.partition(" #")[0].strip())
        for page in PAGES
        for kind, body in FENCE.findall(page.read_text("utf-8"))
        if kind in kinds
        for line in body.splitlines()
        if line.partition("#")[0].strip()
    ]


def _named() -> list[tuple[str, str]]:
    """Commands of ours in running text, in tables and in blocks of any kind."""
    found = []
    for page in PAGES:
        if page.name == "CHANGELOG.md":
            continue  # tells of older ones as well
        text = page.read_text("utf-8")
        prose = re.sub(r"\s+", " ", FENCE.sub("", text))
        found += [(page.name, code) for code in re.findall(r"`(newscrawl [a-z][^`]*)`", prose)]
    found += [(page, line) for page, line in _lines("sh", "bash", "text") if line.startswith("newscrawl ")]
    return list(dict.fromkeys(found))


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    context = click.Context(cli)
    found: click.Command = cli
    while words and isinstance(found, click.Group) and not words[0].startswith("-"):
        inner = found.get_command(context, words[0])
        if inner is None:
            break
        found, words = inner, words[1:]
    return found, words


def test_what_is_not_run_has_a_reason() -> None:
    """A new line of a block of commands is run by test_docs.py, or its kind is in the table; no reason is left over."""
    run = set(commands())
    left = [
        (page, line)
        for page, line in _lines("sh", "bash")
        if line not in run or line.startswith("newscrawl demo")
    ]
    assert [one for one in left if not one[1].startswith(tuple(NOT_RUN))] == []
    assert [begins for begins in NOT_RUN if not any(line.startswith(begins) for _, line in left)] == []


@pytest.mark.parametrize(
    ("page", "line"), _named(), ids=lambda one: one if one.endswith(".md") else one[10:60]
)
def test_every_command_that_is_named_is_there(page: str, line: str) -> None:
    """The command, and every option of it, wherever it stands."""
    words = shlex.split(line.replace("…", "X").partition(" | ")[0], comments=True)[1:]
    assert words, (page, line)
    assert words[0] in COMMANDS or words[0] == "COMMAND", (page, line)
    if words[0] == "COMMAND":
        return
    command, rest = _command(words)
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    known |= {"--help", "-h", "--debug"}
    unknown = [
        word
        for word in rest
        if re.fullmatch(r"--?[a-z][\w-]*(?:=.*)?", word) and word.partition("=")[0] not in known
    ]
    assert unknown == [], (page, line)


def test_there_are_many() -> None:
    """The patterns find what they should."""
    assert len(_named()) >= 100
    assert Path("CHANGELOG.md").name not in {page for page, _ in _named()}
