"""One article out: `show --format` and `--raw`, `removed ID`, `stats`, with texts that try to be more than texts."""

from __future__ import annotations

import html
import json
import re

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from newscrawl.cli import cli
from newscrawl.model import Author
from tests.support import sample_history
from tests.support.aged_archive import archive as aged
from tests.support.factory import START, press

HOSTILE = [
    "<script>alert(1)</script>", "# not a heading", "- no list", "1. no list", "1) no list", "**no** _mark_ `up`", "![x](y)",
    "[x](javascript:y)", "=cmd|' /C calc'!A0", "&lt;b&gt; &amp;", "--- | ---", "> quoted", "~~gone~~", "a\\*b", "\u202egnp.exe",
    "\x1b[31mred\x00", "+ plus", "=====",
]  # fmt: skip


@pytest.fixture
def run(sqlite_url, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", sqlite_url)

    def call(*arguments):
        return CliRunner().invoke(cli, arguments)

    return call


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text, run, sqlite_url):
    """In each form title, author and body are read back as they stand, without what nobody can see."""
    with press(sqlite_url) as paper:
        paper.publish("en", 1, at=START, title=text, body=f"{text}\n\nEnd.", authors=(Author(text),))
    shown = "[31mred" if "red" in text else text.replace("\u202e", "")
    page = run("show", "1", "--format", "html").stdout.replace("\ufffd", "")
    assert [html.unescape(one) for one in re.findall(r"<p>(.*?)</p>", page)][-2:] == [shown, "End."]
    assert html.unescape(re.search("<h1>(.*?)</h1>", page)[1]) == shown
    assert "<script" not in page
    tokens = (
        MarkdownIt("commonmark", {"html": True})
        .enable("strikethrough")
        .parse(run("show", "1", "--format", "markdown").stdout.replace("\ufffd", ""))
    )
    texts = ["".join(child.content for child in one.children) for one in tokens if one.type == "inline"]
    kinds = {
        child.type
        for one in tokens
        if one.type == "inline" and one.content != texts[1]
        for child in one.children
    }
    assert texts[0] == shown
    assert shown in texts[2:]
    assert kinds <= {"text", "text_special", "em_open", "em_close", "softbreak"}
    plain = run("show", "1", "--format", "txt").stdout.replace("\ufffd", "")
    assert plain.splitlines()[0] == shown
    for output in (page, plain):
        assert not set(output) & set("\x1b\x00\u202e")


def test_raw_response(run, tmp_path, monkeypatch):
    """The bytes of the version asked for, byte by byte; one form at a time."""
    monkeypatch.delenv("NEWSCRAWL_DATABASE_URL")
    monkeypatch.setenv("NEWSCRAWL_HOME", str(aged(tmp_path / "archive")))
    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    edited = next(one for one in listed if one["versions"] == 2)
    old, new = (run("show", str(edited["id"]), "--raw", "--version", n).stdout_bytes for n in ("1", "2"))
    assert b"cancelled for good" in new
    assert b"cancelled for good" not in old
    assert run("show", str(edited["id"]), "--raw").stdout_bytes == new
    assert run("show", str(edited["id"]), "--raw", "--json").exit_code == 2


def test_raw_response_that_is_not_there(run, sqlite_url):
    with press(sqlite_url) as paper:
        paper.publish("en", 1, at=START, capture=False)
    done = run("show", "1", "--raw")
    assert (done.exit_code, "no raw response of version 1 was kept" in done.stderr) == (7, True)


def test_removed_of_one(run, sqlite_url):
    """All absences of one article, also those that ended; the short form is a line each."""
    sample_history.fill(sqlite_url)
    every = run("removed", "--short", "--state", "all").stdout.splitlines()[1:]
    for line in every:
        number = line.split()[0]
        one = [each.split() for each in run("removed", number, "--short").stdout.splitlines()[1:]]
        assert one == [other.split() for other in every if other.split()[0] == number]
        objects = [json.loads(each) for each in run("removed", number, "--json").stdout.splitlines()]
        assert [each["article"] for each in objects] == [int(number)] * len(one)
    assert "No absence matches" in run("removed", "1" if every[0].split()[0] != "1" else "5").stderr


@pytest.mark.parametrize("by", ["author", "section", "day", "source", "kind"])
def test_stats_add_up(by, run, archive_url, monkeypatch):
    """What is counted by one thing is what the lists have, on both databases."""
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", archive_url)
    sample_history.fill(archive_url)
    counted = [json.loads(line) for line in run("stats", "--by", by, "--json").stdout.splitlines()]
    articles = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    changes = [json.loads(line) for line in run("changes", "--beside-text", "--json").stdout.splitlines()]
    if by == "kind":
        expected = {
            kind: sum(kind in one["kinds"] for one in changes) for one in changes for kind in one["kinds"]
        }
        assert {one["name"]: one["edited"] for one in counted} == expected
        return
    if by == "day":
        assert sum(one["articles"] for one in counted) == len(articles)
        return
    names = {
        "author": lambda one: {author["name"] for author in one["authors"]} or {None},
        "section": lambda one: {one["section"]},
        "source": lambda one: {f"{one['source']}/{one['edition']}"},
    }[by]
    for one in counted:
        mine = [article for article in articles if one["name"] in names(article)]
        assert one["articles"] == len(mine)
        assert one["characters"] == sum(len(article["body"]) for article in mine)
        assert one["removed"] == sum(article["state"] == "removed" for article in mine)
    assert sum(one["articles"] for one in counted) == sum(len(names(one)) for one in articles)
