"""What the comparison of two checkouts takes for the same, and how it says what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.contract import metrics
from benchmarks.contract_sides import Report, Side, difference, tamed_cells

SIDE = Side(Path("/checkout"), Path("/folder"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"at": "2026-04-07T05:00:03.463360+00:00"}', '{"at": "2026-04-07T05:14:59.000001+00:00"}'),
        ("2026-04-07 05:00:03.463360", "2026-04-07 05:01:00.100000"),
        (
            "<urn:uuid:a061c1e2-7e63-4800-a8be-0ab373a0e129>",
            "<urn:uuid:690a0f1a-ff51-4a4f-939a-90a08fe8fd95>",
        ),
        (
            '{"offset": 1, "length": 20, "kind": "response"}',
            '{"offset": 300, "length": 4, "kind": "response"}',
        ),
        ('1,"{""offset"": 1}"', '1,"{""offset"": 22}"'),
        ('{"milliseconds": 5, "status": 200}', '{"milliseconds": null, "status": 200}'),
        ('{"recheck_lateness_seconds": 57895.426}', '{"recheck_lateness_seconds": 57890.1}'),
        ("/folder/demo/newscrawl.db", "{work}/demo/newscrawl.db"),
    ],
)
def test_what_the_machine_decides_is_taken_out(one, other):
    assert difference(SIDE.tamed(one), SIDE.tamed(other)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"at": "2026-04-07T05:00:03.463360+00:00"}', '{"at": "2026-04-07T05:15:00.463360+00:00"}'),
        ('{"at": "2026-04-07T05:00:03.463360+00:00"}', '{"at": "2026-04-07T05:00:03+00:00"}'),
        ('{"published": "2026-04-07T08:55:28+05:00"}', '{"published": "2026-04-07T08:55:29+05:00"}'),
        ('{"published": "2026-04-07T08:55:28+05:00"}', '{"published": "2026-04-07T03:55:28+00:00"}'),
        ('{"digest": "sha1:A", "length": 1}', '{"digest": "sha1:B", "length": 1}'),
        ('{"offset": 1}', '{"offset": null}'),
        ('{"milliseconds": 5}', '{"millis": 5}'),
        ('{"recheck_lateness_seconds": 57895.426}', '{"recheck_lateness_seconds": 61000.1}'),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
        ('{"a": 1}', '{"a":1}'),
        ('{"a": 1}\n', '{"a": 1}\r\n'),
        ('{"a": 1}\n', '{"a": 1}'),
    ],
)
def test_nothing_else_is_taken_out(one, other):
    assert difference(SIDE.tamed(one), SIDE.tamed(other)) is not None


def test_the_first_key_that_differs_is_named():
    before = '{"id": 1}\n{"id": 2, "authors": [{"name": "A"}, {"name": "B"}]}'
    found = difference(before, before.replace('"B"', '"C"'))
    assert found is not None
    assert "line 2, key authors.1.name" in found
    assert "before: 'B'" in found
    assert "after:  'C'" in found


def test_missing_and_added_keys_and_lines_are_named():
    found = difference('{"id": 1, "state": "live"}', '{"id": 1, "status": "live"}') or ""
    assert "names of keys" in found
    assert "before: ['state']" in found
    assert "after:  ['status']" in found
    found = difference("one\ntwo", "one\ntwo\nthree") or ""
    assert "2 lines before, 3 after; only after: three" in found


def test_milliseconds_of_a_csv_export_are_taken_out_and_its_bytes_are_not():
    table = 'exit code 0\nid,reason,milliseconds\r\n1,"a, b",{}\r\n'
    assert tamed_cells(table.format(5)) == tamed_cells(table.format(77))
    assert tamed_cells(table.format(5)) != tamed_cells(table.format(5).replace("a, b", "a, c"))
    assert tamed_cells(table.format(5)) != tamed_cells(table.format(5).replace("\r\n", "\n"))
    assert tamed_cells("exit code 2\n") == "exit code 2\n"


def test_metrics_keep_names_types_and_labels():
    text = '# HELP a One.\n# TYPE a gauge\na{source="orda"} 3\na{source="kt"} 4\n'
    assert metrics(text) == metrics(text.replace(" 3", " 8").replace("One", "Two"))
    assert metrics(text) != metrics(text.replace("gauge", "counter"))
    assert metrics(text) != metrics(text.replace("source", "outlet"))


def test_outputs_are_counted_by_part_and_differences_printed(capsys):
    report = Report((SIDE, SIDE))
    report.compare("demo", "list", "a", "a")
    report.compare("demo", "show 1", "a", "b")
    assert (report.same, report.different) == ({"demo": 1}, {"demo": 1})
    assert "DIFFERENT demo: show 1" in capsys.readouterr().out
