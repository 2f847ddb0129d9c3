"""Closed WARC files: which they are, that nobody writes to them again, and that a stranger can check them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from newscrawl.errors import ArchiveError, WarcError
from newscrawl.warc import WarcWriter, manifest, seal
from newscrawl.warc.durable import UNFINISHED, copy, sha256_of, write

DAY = date(2026, 3, 2)
NEXT = DAY + timedelta(days=1)
FIRST = "2026/bereke-20260302-00001.warc.gz"


def put(root: Path, day: date = DAY, body: bytes = b"The ferry runs again.", **more: object) -> str:
    """One response of a day; the file it went to, below the source's folder."""
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    with WarcWriter(root, "bereke", software="test", contact=None, **more) as writer:
        made = writer.write_response(
            url="https://bereke.example/1", at=at, status=200, reason="OK", headers=[], body=body
        )
    return made.ref.file.removeprefix("bereke/")


def closed(root: Path) -> list[str]:
    return sorted(manifest.load(root / "bereke"))


def test_a_day_is_closed_on_the_next(tmp_path):
    """A file is not in the manifest while its day lasts; then it is, once, and `sha256sum -c` agrees without a word."""
    put(tmp_path)
    assert (seal(tmp_path, "bereke", DAY), closed(tmp_path)) == (0, [])
    put(tmp_path, NEXT)
    assert seal(tmp_path, "bereke", NEXT) == 1
    assert seal(tmp_path, "bereke", NEXT) == 0
    (entry,) = manifest.load(tmp_path / "bereke").values()
    path = tmp_path / "bereke" / FIRST
    assert entry == manifest.Entry(FIRST, path.stat().st_size, sha256_of(path))
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", manifest.NAME],
        cwd=tmp_path / "bereke",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{FIRST}: OK\n", "")


def test_a_full_file_is_closed_on_the_same_day(tmp_path):
    """Rotation by size: what a higher number follows gets no more records."""
    noise = os.urandom(600_000)
    assert [put(tmp_path, body=noise[n:], max_bytes=1 << 20) for n in range(2)] == [
        FIRST,
        "2026/bereke-20260302-00002.warc.gz",
    ]
    assert (seal(tmp_path, "bereke", DAY), closed(tmp_path)) == (1, [FIRST])


def test_nobody_writes_to_a_closed_file(tmp_path):
    """An import of old captures, or a clock set back, begins the next number; also where the manifest cannot be read."""
    put(tmp_path)
    seal(tmp_path, "bereke", NEXT)
    before = (tmp_path / "bereke" / FIRST).read_bytes()
    assert put(tmp_path) == "2026/bereke-20260302-00002.warc.gz"
    (tmp_path / "bereke" / manifest.NAME).write_text("nonsense\n")
    assert put(tmp_path) == "2026/bereke-20260302-00003.warc.gz"
    assert (tmp_path / "bereke" / FIRST).read_bytes() == before


def test_the_number_of_a_pruned_file_is_not_used_again(tmp_path):
    """Its name stands in older backups for other bytes."""
    put(tmp_path)
    (tmp_path / "bereke" / FIRST).rename(tmp_path / "bereke" / FIRST.replace("-00001.", "-00001-pruned1."))
    assert put(tmp_path) == "2026/bereke-20260302-00002.warc.gz"


def test_what_stays_open(tmp_path):
    """A file a writer holds, an empty one, a torn one, and one of somebody else's that was touched a moment ago."""
    name = put(tmp_path)
    held = tmp_path / "bereke" / name
    torn, empty, foreign = (
        held.with_name(f"bereke-20260301-{n}.warc.gz") for n in ("00001", "00002", "00003-theirs")
    )
    torn.write_bytes(held.read_bytes()[:-3])
    empty.touch()
    foreign.write_bytes(b"somebody else's")
    with held.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert seal(tmp_path, "bereke", NEXT) == 0
    os.utime(foreign, (time.time() - 90_000,) * 2)
    assert (seal(tmp_path, "bereke", NEXT), closed(tmp_path)) == (2, [f"2026/{foreign.name}", name])


def test_a_bounded_start(tmp_path):
    """An old archive without a manifest is closed in portions."""
    for back in range(4):
        put(tmp_path, DAY - timedelta(days=back), os.urandom(4000))
    assert [seal(tmp_path, "bereke", NEXT, at_most=6000) for _ in range(3)] == [2, 2, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "line 1: not a hash and a path"),
        (f"{'0' * 64}  a.warc.gz", "line 1: no size before it"),
        (f"# 1 bytes\n{'0' * 64}  a\n# 2 bytes\n{'1' * 64}  a", "line 4: named twice"),
        ("\xff", "decode"),
    ],
    ids=["no manifest", "no size", "twice", "no text"],
)
def test_a_manifest_that_is_none(tmp_path, text, said):
    """It is refused with its line, and never written over."""
    put(tmp_path)
    path = tmp_path / "bereke" / manifest.NAME
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(WarcError, match=said):
        seal(tmp_path, "bereke", NEXT)
    assert path.read_bytes() == text.encode("latin-1")


def test_a_failed_write_leaves_what_was_there(tmp_path):
    """A copy that breaks off, has other bytes or finds no room is not there; what had its name stays."""
    source, target = tmp_path / "source", tmp_path / "target"
    write(source, b"new")
    write(target, b"old")
    for wrong in ({"length": 4}, {"length": 3, "sha256": "0" * 64}):
        with pytest.raises(WarcError):
            copy(source, target, **wrong)
    with pytest.raises(WarcError, match="the file is missing"):
        copy(tmp_path / "nothing", target, length=1)
    with pytest.raises(ArchiveError, match="cannot be written"):
        write(source / "below a file", b"x")
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob(f"*{UNFINISHED}"))
    assert copy(source, target, length=3) == sha256_of(source)
    assert target.read_bytes() == b"new"
