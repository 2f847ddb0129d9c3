"""`newscrawl search`, --match and --author: what is printed, and where there is nothing to search in."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.model import ChangeKind
from newscrawl.store.search.sqlite import index_path
from tests.support.factory import START, press

HOUR = timedelta(hours=1)


@pytest.fixture
def run(sqlite_url, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", sqlite_url)

    def call(*arguments):
        return CliRunner().invoke(cli, arguments)

    return call


@pytest.fixture
def archive(sqlite_url):
    with press(sqlite_url) as paper:
        paper.publish(
            "en",
            1,
            at=START,
            title="Bridge \x1b[31mopens",
            body="It cost 84 million.\n\nThe mayor was there.",
        )
        paper.publish("en", 2, at=START, title="Weather", body="Rain.")
        paper.edit(
            "en",
            1,
            at=START + HOUR,
            kinds=(ChangeKind.NUMBERS,),
            title="Bridge opens",
            body="It cost 96 million.",
        )
        paper.edit("en", 2, at=START + HOUR, title="Weather today", body="Rain.")
    return sqlite_url


def test_printed(run, archive):
    result = run("search", "mayor")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert result.stdout.splitlines() == [
        "1  bereke/en  2026-03-02 12:00+05:00",
        "    Bridge \ufffd[31mopens",
        "    version 1 of 2; no longer there since 2026-03-02 07:00 UTC",
        "    It cost 84 million. The *mayor* was there.",
    ]


def test_json(run, archive):
    (line,) = run("search", "million", "--json").stdout.splitlines()
    hit = json.loads(line)
    assert (hit["article"], hit["version"], hit["gone_since"]) == (1, 2, None)
    ((start, end),) = hit["marks"]
    assert hit["snippet"][start:end] == "million"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "zzz"), "No article matches."),
        (("search", "rain", "--offset", "5"), "No more."),
        (("list", "--match", "zzz"), "No article matches."),
        (("changes", "--match", "zzz"), "No edit matches."),
        (("removed", "--author", "Nobody"), "No absence matches."),
        (("search", "--update"), "0 versions put in; the index holds 4."),
        (("search", "--rebuild"), "4 versions put in; the index holds 4."),
    ],
)
def test_said(run, archive, arguments, said):
    run("search", "--update")
    result = run(*arguments)
    assert (result.exit_code, result.output.strip().splitlines()[-1]) == (0, said)


def test_lists_narrowed_to_words(run, archive):
    assert [
        json.loads(line)["id"] for line in run("list", "--match", "rain", "--json").stdout.splitlines()
    ] == [2]
    told = [
        json.loads(line)["article"] for line in run("changes", "--match", "84", "--json").stdout.splitlines()
    ]
    assert told == [1]
    assert len(run("list", "--author", 'Dana "Serikova"', "--json").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("search",), 2, "needs words"),
        (("search", "state:lost"), 2, "no value of it"),
        (("search", "after:whenever"), 2, "no day"),
        (("search", "--offset", "-1", "x"), 2, "--offset"),
        (("search", "x", "--since", "2026-02-01", "--until", "2026-01-01"), 2, "--since lies after --until"),
    ],
)
def test_wrong_input(run, archive, arguments, code, said):
    result = run(*arguments)
    assert (result.exit_code, said in result.stderr) == (code, True)


def test_no_archive(run):
    result = run("search", "x")
    assert result.exit_code == 7
    assert "there is no archive here yet" in result.stderr


def test_a_damaged_index(run, archive):
    """It says how to go on, and what it says helps."""
    run("search", "--update")
    from newscrawl.store.engine import sqlite_path

    index = index_path(sqlite_path(archive))
    index.write_bytes(b"no database" * 100)
    result = run("search", "rain")
    assert result.exit_code == 7
    assert "can be deleted and made anew" in result.stderr
    index.unlink()
    assert "Weather" in run("search", "rain").stdout
