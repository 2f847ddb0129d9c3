"""docs/reading.md names exactly the keys that the reading commands give, and shows what they print today."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.judge.diff.differences import compare
from newscrawl.judge.history.timeline import EventKind, timeline
from newscrawl.judge.kinds import classify
from newscrawl.model import Absence, ChangeKind, Content, Signal, Visibility
from newscrawl.serialization import history, records
from newscrawl.store.read.reader import open_reader
from tests.support.fresh import filled
from tests.support.sample_history import fill

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reading.md").read_text("utf-8") + (DOCS / "exports.md").read_text("utf-8")


_LOGGED = """
    INSERT INTO changes (source_id, article_id, run_id, at, kind, from_version, to_version, kinds, reason)
    SELECT source_id, article_id, run_id, at, ?, 1, 1, '[]', 'as a page said' FROM changes WHERE id = 1
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    path = tmp_path_factory.mktemp("docs") / "newscrawl.db"
    url = filled(f"sqlite:///{path}", fill)
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(_LOGGED, [(kind.value,) for kind in Visibility])
    with open_reader(url) as opened:
        yield opened


def _table(heading: str) -> list[list[str]]:
    """The rows of the table whose heading begins like this, as cells."""
    text = PAGE[PAGE.index(f"| {heading}") :]
    rows = text.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def _keys(heading: str) -> list[str]:
    return [key for row in _table(heading) for key in re.findall(r"`(\w+)`", row[0])]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("key of a change", "changes"), ("key of a removal", "removed"), ("key of an article", "articles")],
)
def test_keys_of_records_are_documented_in_their_order(heading, kind):
    assert tuple(_keys(heading)) == records.KEYS[kind]


@pytest.mark.parametrize("kind", ["versions", "observations", "sightings"])
def test_keys_of_exports_are_documented_in_their_order(kind):
    [row] = [row for row in _table("kind | keys") if row[0] == f"`{kind}`"]
    assert tuple(re.findall(r"`(\w+)`", row[1])) == records.KEYS[kind]


def test_keys_of_evidence_and_differences_are_documented(reader):
    removal = next(reader.removals(states=(Absence.REMOVED,)))
    assert _keys("key of evidence") == list(records.removal(removal)["evidence"][0])
    old, new = reader.versions_of(1)[:2]
    before, after = Content.of(old.article), Content.of(new.article)
    shape = history.difference(old, new, classify.kinds(before, after), compare(before, after))
    assert _keys("key of a difference") == list(shape)


def test_events_and_their_keys_are_documented(reader):
    """Every event of the table happens in the test archive, with the keys it promises."""
    written = {}
    for article in list(reader.articles()):
        for event in timeline(reader.life(article.id)):
            written.setdefault(event.kind.value, list(history.event(article.id, event))[3:])
    documented = {}
    for event, _, keys in _table("event | meaning"):
        # What stands in brackets explains the key before it.
        documented[event.strip("`")] = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", keys))
    assert list(documented) == [kind.value for kind in EventKind]
    assert documented == written


def test_names_are_documented():
    """Kinds of edits and signals of removal, each in its table."""
    assert [kind.value for kind in ChangeKind if f"`{kind.value}`" not in PAGE] == []
    assert [signal.value for signal in Signal if f"`{signal.value}`" not in PAGE] == []


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("cli/reading/changes.py", ["says again what version"]),
        ("cli/reading/diff.py", ["first seen at", "between the checks at"]),
        ("wording.py", ["shows a not-found page", "last seen at", "confirmed at"]),
        ("cli/reading/removed.py", ["of the edition answered in the same run", "read it"]),
        ("timeline_wording.py", ["first read", "checks, unchanged", "of them 304", "edited since the check at", "found in"]),
    ],
)  # fmt: skip
def test_transcripts_are_in_the_words_of_today(module, words):
    """What a transcript says is still in the program."""
    source = (Path(__file__).parents[2] / "newscrawl" / module).read_text("utf-8")
    transcripts = " ".join(" ".join(re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)).split())
    for phrase in words:
        assert phrase in source
        assert phrase in transcripts
