"""`newscrawl history, diff, changes, removed` and their export: what they print, for people and for programs."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from contextlib import closing
from datetime import datetime

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from newscrawl import config
from newscrawl.cli import cli
from newscrawl.cli.output import tables
from newscrawl.cli.output.differences import difference, lines
from newscrawl.judge.diff.differences import compare
from newscrawl.model import Content, State, fields
from newscrawl.serialization import records
from newscrawl.serialization.columns import columns_of, plain
from newscrawl.serialization.parquet import ParquetWriter
from tests.support.factory import TITLES, address, press
from tests.support.fresh import filled
from tests.support.sample_history import CLOSED, fill

CHANGE_KEYS = ["article", "url", "at", "from", "to", "kinds", "title"]
REMOVAL_KEYS = ["article", "url", "state", "kind", "first_absent", "last_seen", "confirmed_at", "evidence"]
# Harmful control sequences a page could contain; our own colours are two exact sequences and their end.
HARM = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in a working directory with the archive; gives click's result, with stdout and stderr apart."""
    monkeypatch.chdir(tmp_path)
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)

    def call(*args: str):
        return CliRunner().invoke(cli, list(args))

    return call


def _arguments(value):
    """The command line of a case as its name."""
    words = value if isinstance(value, list) and all(isinstance(word, str) for word in value) else []
    return ascii(" ".join(words))


def _objects(result):
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").splitlines()]


def _text(result):
    assert result.exit_code == 0, (result.stderr, result.exception)
    assert not HARM.search(result.stdout)
    return result.stdout


def _refused(result, words):
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert words in result.stderr


# --- changes -----------------------------------------------------------------------------------


def test_changes_json_is_the_shape_of_the_contract(run):
    """The promised keys first and in their order, further ones after; newest first."""
    edits = _objects(run("changes", "--json"))
    assert {tuple(edit)[:7] for edit in edits} == {tuple(CHANGE_KEYS)}
    assert [(e["article"], e["from"], e["to"]) for e in edits] == [
        (5, 1, 2), (4, 1, 2), (1, 3, 4), (1, 2, 3), (1, 1, 2)
    ]  # fmt: skip
    assert edits[2] == {
        "article": 1,
        "url": address("en", 1),
        "at": "2026-03-04T06:00:00.000000+00:00",
        "from": 3,
        "to": 4,
        "kinds": ["headline", "body", "numbers"],
        "title": f"{TITLES['en']} (1)",
        "source": "bereke",
        "edition": "en",
        "seen_before": "2026-03-03T06:00:00.000000+00:00",
        "returns_to": 1,
    }


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--kind", "numbers"], [(1, 4), (1, 3)]),
        (["--kind", "numbers", "--kind", "headline", "--article", "1"], [(1, 4), (1, 3), (1, 2)]),
        (["--article", "https://s.example/b"], [(1, 4), (1, 3), (1, 2)]),
        (["--limit", "1"], [(5, 2)]),
        (["--limit", "0", "--since", "2026-03-05"], [(5, 2), (4, 2)]),
        (["--until", "2026-03-02"], [(1, 2)]),
        (["--source", "bereke", "--edition", "en", "--since", "2026-03-06"], [(5, 2)]),
        (["--source", "other"], []),
    ],
    ids=_arguments,
)
def test_changes_selects(run, args, expected):
    assert [(e["article"], e["to"]) for e in _objects(run("changes", "--json", *args))] == expected


def test_redesigns_are_shown_where_asked_for(run, tmp_path):
    """They are of a source and of no article, and stand among the edits at their time."""
    with closing(sqlite3.connect(tmp_path / "archive" / "newscrawl.db")) as database, database:
        counts = json.dumps({"unchanged": 10, "new_layout": 8})
        database.execute("UPDATE runs SET counts = ? WHERE id = 2", [counts])
    assert all("event" not in found for found in _objects(run("changes", "--json")))
    found = _objects(run("changes", "--redesigns", "--json"))
    [redesign] = [one for one in found if one["article"] is None]
    assert (redesign["event"], redesign["kinds"], redesign["source"]) == ("redesign", ["redesign"], "bereke")
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert "8 of 10 known articles came in another layout" in _text(run("changes", "--redesigns"))
    for other in (["--article", "1"], ["--source", "other"], ["--until", "2026-03-01"]):
        assert all("event" not in one for one in _objects(run("changes", "--redesigns", "--json", *other)))


def test_changes_for_people(run):
    """When, where, which versions, the headline, the address, and a line a kind: figures first."""
    text = _text(run("changes", "--article", "1"))
    back, numbers, headline = re.split(r"\n(?=2026)", text.strip())
    head, _, url, again, *kinds = back.splitlines()
    assert head == "2026-03-04 06:00 UTC  bereke/en  article 1, 3 to 4"
    assert (url.strip(), again) == (address("en", 1), "    says again what version 1 said")
    named = [line.split(":")[0].strip() for line in kinds if re.match(r"    [a-z, ]+: ", line)]
    assert named == ["numbers", "headline"]
    assert "    numbers: It is [-84-]{+86+} metres long, the town …" in numbers.splitlines()
    assert headline.splitlines()[1] == f"    {CLOSED}"
    assert "[-Aqsai opens a second footbridge over the Terek" in headline


@pytest.mark.parametrize(
    ("args", "note"),
    [
        (["changes", "--source", "other"], "No edit matches."),
        (["removed", "--edition", "kk"], "No absence matches."),
        (["history", "1", "--until", "2020-01-01"], "Nothing happened between these dates."),
    ],
    ids=_arguments,
)
def test_an_empty_answer_says_so_beside_the_data(run, args, note):
    result = run(*args)
    assert (result.exit_code, result.stderr.strip()) == (0, note)
    assert run(*args, "--json").stdout == ""


def test_an_empty_archive_has_no_edits_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with press(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}") as bereke:
        bereke.publish("en", 1)
    assert CliRunner().invoke(cli, ["changes"]).stderr == "No edits yet.\n"
    assert CliRunner().invoke(cli, ["removed"]).stderr == "No absences yet.\n"


# --- removed -----------------------------------------------------------------------------------


def test_removed_json_is_the_shape_of_the_contract(run):
    """The promised keys first and in their order; what is suspected and what is removed, with the evidence."""
    gone = _objects(run("removed", "--json"))
    assert {tuple(record)[:8] for record in gone} == {tuple(REMOVAL_KEYS)}
    assert [(r["article"], r["state"], r["kind"]) for r in gone] == [
        (4, "suspected", "not_found"), (2, "removed", "not_found"), (7, "suspected", "not_found")
    ]  # fmt: skip
    removed = gone[1]
    assert (removed["first_absent"], removed["last_seen"], removed["confirmed_at"]) == (
        "2026-03-03T06:00:00.000000+00:00", "2026-03-02T06:00:00.000000+00:00", "2026-03-04T06:00:00.000000+00:00"
    )  # fmt: skip
    first = removed["evidence"][0]
    assert list(first)[:6] == ["at", "signal", "status", "reason", "controls_fine", "capture"]
    assert (first["signal"], first["status"]) == ("not_found", 404)
    assert {"file", "offset", "record_id", "digest"} <= set(first["capture"])
    assert [control["url"] for control in first["controls"]] == [address("ru", 2)]
    assert (removed["version"], removed["returned_at"]) == (1, None)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("suspected", [(4, "suspected"), (7, "suspected")]),
        ("removed", [(2, "removed")]),
        ("returned", [(4, "returned"), (3, "returned")]),
        ("gone", [(4, "suspected"), (2, "removed"), (7, "suspected")]),
        ("all", [(4, "suspected"), (4, "returned"), (2, "removed"), (3, "returned"), (7, "suspected")]),
    ],
)
def test_removed_by_state(run, state, expected):
    """The command and the export select the same absences."""
    assert [
        (r["article"], r["state"]) for r in _objects(run("removed", "--json", "--state", state))
    ] == expected
    assert [
        (r["article"], r["state"]) for r in _objects(run("export", "removed", "--state", state))
    ] == expected


def test_removed_for_people_says_what_was_observed_and_no_more(run):
    """Absence by status and instants, the evidence with its record, and where the last version can be read."""
    text = " ".join(_text(run("removed", "--state", "removed")).split())
    assert (
        "removed: absent (404) at 2026-03-03 06:00 UTC and absent (404) at 2026-03-06 06:00 UTC (4 checks), "
        "last seen at 2026-03-02 06:00 UTC; confirmed at 2026-03-04 06:00 UTC"
    ) in text
    assert (
        "2026-03-03 06:00 UTC nothing there, status 404; 1 other article of the edition answered in the same run"
        in text
    )
    assert "bereke/20260303.warc.gz at byte" in text
    assert "newscrawl show 2 (version 1, bereke/20260302.warc.gz at byte 2000, <urn:uuid:bereke-2>)" in text
    assert "deleted" not in text
    back = " ".join(_text(run("removed", "--state", "returned")).split())
    assert "confirmed at 2026-03-04 06:00 UTC; there again at 2026-03-05 06:00 UTC" in back
    assert "never confirmed; there again at 2026-03-02 14:00 UTC" in back


# --- diff --------------------------------------------------------------------------------------


def test_diff_json_is_the_shape_of_the_contract(run):
    """Every field that differs, by paragraphs and words, and when both versions were first seen."""
    [found] = _objects(run("diff", "1", "2", "3", "--json"))
    keys = [
        "article", "url", "from", "to", "from_at", "to_at", "kinds", "fields", "beside", "beside_unknown",
    ]  # fmt: skip
    assert list(found) == keys
    assert (found["from"], found["to"], found["kinds"]) == (2, 3, ["body", "numbers"])
    assert found["beside"] == []
    assert "cannot be read" in found["beside_unknown"]  # there are no WARC files in this archive
    [body] = found["fields"]
    assert body["field"] == "body"
    assert [block["kind"] for block in body["blocks"]] == ["same", "changed", "removed"]
    assert body["blocks"][1]["spans"] == [
        {"op": "same", "text": "It is "},
        {"op": "removed", "text": "84"},
        {"op": "added", "text": "86"},
        {"op": "same", "text": " metres long, the town office said."},
    ]


@pytest.mark.parametrize(
    ("args", "versions"),
    [
        ([], (3, 4)),
        (["1"], (1, 4)),
        (["first"], (1, 4)),
        (["2", "last"], (2, 4)),
        (["LAST", "first"], (4, 1)),
        (["1", "3"], (1, 3)),
    ],
    ids=_arguments,
)
def test_diff_chooses_versions(run, args, versions):
    [found] = _objects(run("diff", "1", *args, "--json"))
    assert (found["from"], found["to"]) == versions


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["1", "2", "2"], "version 2 is compared with itself"),
        (["1", "last"], "version 4 is compared with itself"),
        (["1", "9"], "article 1: has no version 9. It has 4"),
        (["1", "0", "1"], "article 1: has no version 0"),
        (["1", "1", "99999999999999999999999"], "has no version 99999999999999999999"),
        (["1", "-1"], "-1"),
        (["1", "newest"], "'newest' is no version. Write a number, first or last"),
        (["1", "\x1b[2J"], "is no version"),
        (["2", "1"], "version 1 is compared with itself"),
        (["77"], "the archive holds no article of this number"),
        (["https://nowhere.example/x"], "the archive holds no article of this address"),
    ],
    ids=_arguments,
)
def test_diff_refuses_what_makes_no_sense(run, args, words):
    _refused(run("diff", *args), words)


def test_diff_of_an_article_with_one_version(run):
    """Nothing to compare is no error."""
    line = "Article 2 has one version, so nothing to compare.\n"
    assert _text(run("diff", "2")) == line
    silent = run("diff", "2", "--json")
    assert (silent.exit_code, silent.stdout, silent.stderr) == (0, "", line)


def test_diff_for_people(run):
    """The window of the edit, the kinds, and the words in marks; unchanged paragraphs folded."""
    text = _text(run("diff", "1", "2", "3"))
    assert "between the checks at 2026-03-02 10:00 UTC and 2026-03-03 06:00 UTC" in text
    assert re.search(r"changed +body, numbers", text)
    assert "~ It is [-84-]{+86+} metres long, the town office said." in text
    assert "- [-№ 1.-]" in text
    folded = _text(run("diff", "1", "2", "3", "--context", "0"))
    assert "  … 1 paragraph unchanged …" in folded
    assert "opened on Monday" in text
    assert "opened on Monday" not in folded
    assert "says again what version 1 said" in _text(run("diff", "1"))


@pytest.mark.parametrize(
    ("environ", "args", "coloured"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"TERM": "dumb"}, [], False),
        ({}, ["--plain"], False),
    ],
    ids=["terminal", "NO_COLOR", "dumb", "plain"],
)
def test_colours_on_a_terminal_only_where_welcome(run, monkeypatch, environ, args, coloured):
    """On a terminal what is removed is struck and red, what is added bold and green; else both are marked."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tables, "terminal_width", lambda: 80)
    result = CliRunner().invoke(cli, ["diff", "1", "2", "3", *args], color=True)
    assert result.exit_code == 0
    assert ("\x1b[9;31m84\x1b[0m\x1b[1;32m86\x1b[0m" in result.stdout) is coloured
    assert ("[-84-]{+86+}" in result.stdout) is not coloured


def test_colours_by_environment():
    assert config.colours({"TERM": "xterm"})
    assert config.colours({"NO_COLOR": ""})
    assert not config.colours({"NO_COLOR": "0"})


@given(st.text(max_size=200), st.text(max_size=200), st.integers(20, 90), st.booleans())
def test_a_difference_never_speaks_to_the_terminal_and_keeps_every_word(old, new, width, colour):
    """Whatever a page contains: no control characters except our colours, and all words of both sides."""
    for diff in compare(Content(body=old), Content(body=new)):
        shown = list(difference([diff], width=width, colour=colour, context=99))
        text = "\n".join(shown)
        for ours in ("\x1b[9;31m", "\x1b[1;32m", "\x1b[0m") if colour else ():
            text = text.replace(ours, "")
        assert not HARM.search(text)
        squeezed = "".join(text.split())
        for block in diff.blocks:
            for span in block.spans:
                for word in tables.safe(span.text).split():
                    assert word in squeezed or not word.isalnum()


@given(
    st.lists(st.sampled_from(["көпір", "a", "1 2", "долгий текст", "—"]), max_size=30), st.integers(20, 60)
)
def test_lines_of_a_difference_fit(words, width):
    diffs = compare(Content(body=" ".join(words)), Content(body=" ".join(reversed(words))))
    for block in (block for diff in diffs for block in diff.blocks):
        assert all(tables.columns(line) <= width for line in lines(block.spans, width, colour=False))


# --- history -----------------------------------------------------------------------------------


def test_history_json_is_one_event_a_line(run):
    """Oldest first; checks and outages folded; every edit with its window and a piece of it."""
    events = _objects(run("history", "1", "--json"))
    assert {tuple(event)[:3] for event in events} == {("article", "at", "event")}
    assert [event["event"] for event in events] == [
        "found", "listed", "alias", "first_version", "unchanged", "edited", "edited", "edited"
    ]  # fmt: skip
    observations, edit = events[4], events[6]
    assert (observations["looks"], observations["not_modified"], observations["until"]) == (
        3,
        3,
        "2026-03-02T09:00:00.000000+00:00",
    )
    assert (edit["from"], edit["to"], edit["seen_before"]) == (2, 3, "2026-03-02T10:00:00.000000+00:00")
    assert (edit["words_removed"], edit["words_added"]) == (3, 1)
    assert edit["excerpt"]["field"] == "body"
    assert edit["capture"]["record_id"].startswith("<urn:uuid:")
    assert [e["returns_to"] for e in events[5:]] == [None, None, 1]


def test_history_of_what_was_absent(run):
    """Signals with evidence, the resulting states, outages that are not signals, and the return."""
    removed = _objects(run("history", "2", "--json"))
    assert [(e["event"], e.get("state"), e.get("looks")) for e in removed] == [
        ("first_version", None, None),
        ("failed", None, 2),
        ("absent", "suspected", 1),
        ("absent", None, 1),
        ("absent", "removed", 1),
        ("absent", None, 1),
    ]
    assert removed[1]["reasons"] == ["timeout"]
    assert removed[1]["outcomes"] == {"timeout": 2}
    assert removed[2]["capture"]["offset"] > 0
    back = [e["event"] for e in _objects(run("history", address("en", 2), "--json"))]
    assert back == [
        "found",
        "listed",
        "first_version",
        "absent",
        "absent",
        "absent",
        "edited",
        "returned",
        "absent",
    ]


@pytest.mark.parametrize(
    ("args", "events"),
    [
        (["--limit", "2"], ["edited", "edited"]),
        (["--limit", "0", "--since", "2026-03-03"], ["edited", "edited"]),
        (["--until", "2026-03-02T09:30"], ["found", "listed", "alias", "first_version", "unchanged"]),
        (["--since", "2026-03-02T08:30", "--until", "2026-03-02T09:30"], ["unchanged"]),
    ],
    ids=_arguments,
)
def test_history_selects(run, args, events):
    """A folded stretch counts with all its checks; --limit keeps the latest."""
    assert [e["event"] for e in _objects(run("history", "1", "--json", *args))] == events


def test_history_for_people(run):
    text = " ".join(_text(run("history", "1")).split())
    for words in (
        "found in a listing page: https://en.bereke.example/second-bridge-1 called there: A new bridge",
        "shown in a listing page, position 1, 1 read",
        "also known at https://s.example/b (redirect)",
        "version 1: first read",
        "3 checks, unchanged, until 2026-03-02 09:00 UTC, 3 of them 304",
        "version 3: body, numbers; 3 words removed, 1 added edited since the check at 2026-03-02 10:00 UTC",
        "[-84-]{+86+}",
        "says again what version 1 said",
    ):
        assert words in text
    gone = " ".join(_text(run("history", "2")).split())
    assert "2 checks failed, until 2026-03-02 12:00 UTC: timeout (2 times)" in gone
    assert "suspected: nothing there bereke/20260303.warc.gz at byte" in gone
    assert "removed: nothing there" in gone
    assert gone.count("still absent: nothing there") == 2
    assert "there again" in _text(run("history", "3"))


@pytest.mark.parametrize(
    "args",
    [
        ["history", "5"],
        ["diff", "5"],
        ["changes"],
        ["removed", "--state", "all"],
        ["show", "5", "--version", "1"],
    ],
    ids=" ".join,
)
def test_hostile_text_stays_text(run, args):
    """Titles and bodies with terminal commands are shown without them."""
    _text(run(*args))


# --- export ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", list(records.KEYS))
def test_parquet_holds_what_json_holds(run, tmp_path, what):
    """Typed columns in the order of the keys, publishers' dates as instant, day and offset; nothing lost in small row groups."""
    pytest.importorskip("pyarrow", reason="the extra is not installed")
    from pyarrow import parquet

    values = _objects(run("export", what))
    assert run("export", what, "--format", "parquet", "--out", "data.parquet").exit_code == 0
    table = parquet.read_table(tmp_path / "data.parquet")
    assert [name for name in table.column_names if name in records.KEYS[what]] == list(records.KEYS[what])
    for row, value in zip(table.to_pylist(), values, strict=True):
        for key, expected in value.items():
            if key in ("published", "modified") and expected is not None and row[key] is not None:
                at = datetime.fromisoformat(expected)
                assert (row[key], row[f"{key}_offset"]) == (at, at.utcoffset().total_seconds() / 60)
                assert key == "modified" or row["published_day"] == at.date()
            elif key == "published" and expected is not None:
                assert (row["published_day"].isoformat(), row["published_precision"]) == (expected, "day")
            else:
                assert plain(row[key]) == expected, key
    written: list[bytes] = []
    writer = ParquetWriter(written.append, columns_of(fields.KINDS[what]), most=2)
    for row in table.to_pylist():
        writer.add(row)
    writer.close()
    (tmp_path / "small.parquet").write_bytes(b"".join(written))
    assert parquet.read_table(tmp_path / "small.parquet").equals(table)


def test_parquet_without_the_extra_says_what_to_install(run, tmp_path, monkeypatch):
    """One line that names the extra, and no file."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    _refused(
        run("export", "changes", "--format", "parquet", "--out", "x.parquet"),
        "pip install 'newscrawl[parquet]'",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_parquet_is_not_for_a_terminal(run, monkeypatch):
    monkeypatch.setattr(tables, "terminal_width", lambda: 80)
    _refused(run("export", "changes", "--format", "parquet"), "Name a file: --out FILE")


def test_export_of_articles_by_state(run):
    assert [a["id"] for a in _objects(run("export", "articles", "--state", State.REMOVED.value))] == [2]
