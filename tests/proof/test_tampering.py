"""Whoever changes database, WARC files, log, key or clock: what the log tells of it, and what only a checkpoint kept elsewhere does.

Each row of the table is one way of changing the record, mostly with everything that says the same (docs/proof.md). The
ways that need no log are in tests/maintenance/test_tampering.py.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.proof import merkle
from newscrawl.proof.check import LogCheck
from newscrawl.proof.compare import compare
from newscrawl.proof.log import Place, bring_in, keep
from newscrawl.proof.notes import Checkpoint, PrivateKey
from newscrawl.proof.tiles import Tiles, packed, path, unpacked
from newscrawl.store.proof.book import Book, open_book
from newscrawl.warc import manifest
from newscrawl.warc.durable import sha256_of
from tests.support.damaged import archived, sql
from tests.support.fake_site import NOW

LATER = NOW + timedelta(days=30)
Do = Callable[[Path], None]

DIFFERS, ABSENT, DAMAGED, BACK = "entry_differs", "not_in_log", "log_damaged", "log_rolled_back"
HEALS = ""  # nothing is lost by it, and the next run mends it
BY_OTHERS = "a checkpoint kept elsewhere"  # verify cannot tell; `newscrawl proof check` can
DEEP = "verify --deep"  # lawful as far as the log goes; the raw responses tell
NEVER = "out of reach"


def changed(*statements: str) -> Do:
    """Statements in the database."""
    return lambda home: sql(home, *statements)


def noted(kind: int, row: str, *statements: str) -> Do:
    """Statements, and a note as the program leaves it, so that the next run would enter the row as it is now."""
    return changed(*statements, f"insert into proof_pending (kind, row_id) select {kind}, {row}")


def entered(kind: int, row: str, *statements: str) -> Do:
    """The same, and the next run has entered it."""

    def do(home: Path) -> None:
        noted(kind, row, *statements)(home)
        with book(home) as log:
            keep(log, place(home), lambda: LATER)

    return do


def book(home: Path) -> Book:
    return open_book(f"sqlite:///{home / 'newscrawl.db'}")


def place(home: Path) -> Place:
    return Place.of(home, "newscrawl/test")


def size_of(home: Path) -> int:
    with book(home) as log:
        last = log.last()
    assert last is not None
    return last.size


def tile(home: Path, kind: int | str) -> Path:
    return home / "proof" / path(kind, 0, size_of(home))


def forged(home: Path, index: int = 22) -> list[bytes]:
    """The entries of the log with one changed, written back."""
    file = tile(home, "entries")
    entries = unpacked(file.read_bytes())
    entries[index] = entries[index].replace(b'"source":"orda"', b'"source":"orga"')
    file.write_bytes(packed(entries))
    return entries


def entry_forged(home: Path) -> None:
    forged(home)


def entry_and_tile(home: Path) -> None:
    tile(home, 0).write_bytes(b"".join(map(merkle.leaf_hash, forged(home))))


def all_but_the_key(home: Path) -> None:
    """Entry, tile, root in the database and in the file: what is missing is the signature."""
    entry_and_tile(home)
    resigned(home, PrivateKey.new())


def all_with_the_key(home: Path) -> None:
    """Whoever has the key as well: the log agrees with itself."""
    sql(home, "update observations set reason = 'as the editor wished' where id = 5")
    file = tile(home, "entries")
    entries = unpacked(file.read_bytes())
    (index,) = (n for n, one in enumerate(entries) if b'"entry":"observation","id":5,' in one)
    entries[index] = entries[index].replace(b'"reason":"first seen"', b'"reason":"as the editor wished"')
    file.write_bytes(packed(entries))
    tile(home, 0).write_bytes(b"".join(map(merkle.leaf_hash, entries)))
    resigned(home, PrivateKey.parse((home / "state" / "proof.key").read_text("utf-8")))


def resigned(home: Path, key: PrivateKey) -> None:
    """All checkpoints over the log as it is now, by this key."""
    hashes = tile(home, 0).read_bytes()
    with book(home) as log:
        checkpoints = log.checkpoints()
    for one in checkpoints:
        growing = merkle.Growing()
        for at in range(0, one.size * 32, 32):
            growing.add(hashes[at : at + 32])
        note = PrivateKey(key.name, key.seed).sign(
            Checkpoint(key.name, one.size, growing.root(), one.at).text()
        )
        sql(
            home,
            f"update proof_checkpoints set root = '{growing.root().hex()}', note = '{note}' where size = {one.size}",
        )
        (home / "proof" / "checkpoint").write_text(note, "utf-8")
        for kind in (0, "entries"):  # older files of the same tile
            if one.size != checkpoints[-1].size:
                (home / "proof" / path(kind, 0, one.size)).unlink()


def cut(kind: int | str, by: int) -> Do:
    """A file of the log is shorter, or longer by zeros."""

    def do(home: Path) -> None:
        file = tile(home, kind)
        data = file.read_bytes()
        file.write_bytes(data[:by] if by < 0 else data + bytes(by))

    return do


def without(kind: int | str) -> Do:
    return lambda home: shutil.rmtree(tile(home, kind).parent)


def checkpoint(change: Callable[[str], str]) -> Do:
    """The file `checkpoint` says something else."""

    def do(home: Path) -> None:
        file = home / "proof" / "checkpoint"
        file.write_text(change(file.read_text("utf-8")), "utf-8")

    return do


def earlier_checkpoint(home: Path) -> None:
    with book(home) as log:
        (home / "proof" / "checkpoint").write_text(log.checkpoints()[1].note, "utf-8")


def fewer(tables: str, condition: str = "1") -> Do:
    return changed(*(f"delete from {table} where {condition}" for table in tables.split()))


def rolled_back(home: Path) -> None:
    """Database and log as they were three runs ago, with nothing of later left."""
    with book(home) as log:
        old = log.checkpoints()[1]
    sql(
        home,
        f"delete from proof_entries where idx >= {old.size}",
        f"delete from proof_checkpoints where size > {old.size}",
        "update articles set capture_id = null",
        "delete from proof_files",
        "delete from changes where run_id > 2",
        "delete from sightings where read_id in (select id from listing_reads where run_id > 2)",
        "delete from listing_reads where run_id > 2",
        "delete from observations where run_id > 2",
        "delete from captures where id not in (select capture_id from versions) and at > (select finished from runs where id = 2)",
        "delete from runs where id > 2",
    )
    (home / "proof" / "checkpoint").write_text(old.note, "utf-8")


def another_key(home: Path) -> None:
    (home / "state" / "proof.key").write_text(PrivateKey.new("newscrawl/x").text(), "utf-8")


def made_anew(home: Path) -> None:
    """The whole log is thrown away and made again of a changed database."""
    shutil.rmtree(home / "proof")
    (home / "state" / "proof.key").unlink()
    fewer("proof_entries proof_checkpoints proof_files proof_pending")(home)
    sql(home, "update observations set reason = 'as the editor wished' where id = 5")
    with book(home) as log:
        bring_in(log, place(home), lambda: LATER)


def clock_put_back(home: Path) -> None:
    """A check that is entered while the clock stands a month earlier."""
    noted(3, "1", "update observations set version = 2 where id = 1")(home)
    with book(home) as log:
        keep(log, place(home), lambda: NOW - timedelta(days=30))


def closed(home: Path) -> tuple[Path, str]:
    folder = home / "warc" / "orda"
    (name,) = manifest.load(folder)
    return folder, name


def closed_file_changed(home: Path) -> None:
    """A byte of a closed file, and its line in the manifest with it."""
    folder, name = closed(home)
    with (folder / name).open("r+b") as file:
        file.seek(4)  # the time in the first member's gzip header
        file.write(b"\x01")
    manifest.change(
        folder, add=[manifest.Entry(name, (folder / name).stat().st_size, sha256_of(folder / name))]
    )


def closed_file_forgotten(home: Path) -> None:
    folder, name = closed(home)
    manifest.change(folder, remove=[name])


def closed_file_longer(home: Path) -> None:
    folder, name = closed(home)
    with (folder / name).open("ab") as file:
        file.write((folder / name).read_bytes()[:0] + b"")
    manifest.change(
        folder,
        add=[manifest.Entry(name, (folder / name).stat().st_size + 1, hashlib.sha256(b"").hexdigest())],
    )


def version_invented(home: Path) -> None:
    """All columns of a version, under another number."""
    with closing(sqlite3.connect(home / "newscrawl.db", isolation_level=None)) as connection:
        names = [
            row[1]
            for row in connection.execute("pragma table_info(versions)")
            if row[1] not in ("id", "number")
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f"insert into versions (id, number, {columns}) select 900, 2, {columns} from versions where id = 3"
        )


_PRUNING = (
    "insert into prunings (id, source_id, run_id, at, policy, file, sha256, replaced_by, records, bytes) select 1, 1, 5,"
    " '2026-05-13 23:00:00.000000', '{}', file, 'x', 'y', 1, 1 from captures where id = 3"
)
_INVENTED = (
    "insert into observations (id, source_id, run_id, article_id, at, url, outcome, verdict, reason)"
    " select 900, 1, 5, 3, '2026-05-13 23:00:00.000000', url, 'ok', 'unchanged', 'same content' from articles where id = 3"
)
_CHANGE = (
    "insert into changes (id, source_id, article_id, run_id, at, kind, kinds, reason)"
    " values (900, 1, 3, 5, '2026-05-13 23:00:00.000000', 'removed', '[]', 'absent (404)')"
)
_CAPTURE = (
    "insert into captures (id, source_id, url, url_hash, at, status, kind, file, offset, length, record_id, digest)"
    " select 900, source_id, url, url_hash, at, 404, kind, file, offset, length, 'x', digest from captures where id = 3"
)
_LIVE = (
    "update articles set state = 'live', state_since = first_seen, unreadable_since = null where id = 1",
    "delete from changes where article_id = 1 and kind != 'created'",
)
_SEEN = "update observations set verdict = 'unchanged', outcome = 'ok', status = 200, signal = null, controls_fine = null, version = 1, reason = 'same content' where article_id = 1 and verdict = 'absent'"

TABLE: dict[str, tuple[str, Do]] = {
    # --- the database, with everything that says the same ---
    "a removal made live, its checks too": (DIFFERS, changed(*_LIVE, _SEEN)),
    "a removal made live, its checks deleted": (DIFFERS, changed(*_LIVE, "delete from observations where article_id = 1 and verdict = 'absent'")),
    "a removal made live, its responses too": (DIFFERS, changed(*_LIVE, _SEEN, "update captures set status = 200 where status = 404")),
    "a removal a day later": (DIFFERS, changed("update changes set at = '2026-05-14 23:00:00.000000' where kind = 'removed'", "update articles set state_since = '2026-05-14 23:00:00.000000' where id = 1")),
    "a removal's reason": (DIFFERS, changed("update changes set reason = 'moved' where kind = 'removed'")),
    "first seen a year earlier, everywhere": (DIFFERS, changed(*(f"update {t} set at = '2025-05-12 09:00:00.000000' where {c}" for t, c in (("observations", "id = 3"), ("versions", "id = 3"), ("changes", "id = 3"), ("captures", "id = 5"))), "update articles set first_seen = '2025-05-12 09:00:00.000000' where id = 3")),
    "first seen, in the article alone": (DIFFERS, changed("update articles set first_seen = '2025-05-12 09:00:00.000000' where id = 3")),
    "words, with a hash": (DIFFERS, changed("update versions set body = 'Calm.', content_hash = '01aa' where id = 3")),
    "words, the hash left": (DIFFERS, changed("update versions set body = 'Calm.' where id = 3")),
    "a headline": (DIFFERS, changed("update versions set title = 'Calm' where id = 3")),
    "an author": (DIFFERS, changed("update people set name = 'A. Forger'")),
    "an author's role": (DIFFERS, changed("update version_authors set role = 'editor' where version_id = 3")),
    "the date of publication": (DIFFERS, changed("update versions set published = '2026-01-01 00:00:00.000000' where id = 3")),
    "its offset": (DIFFERS, changed("update versions set published_offset = 60 where id = 3")),
    "pictures": (DIFFERS, changed("update versions set images = '[]', tags = '[\"x\"]' where id = 3")),
    "which response a version was read from": (DIFFERS, changed("update versions set capture_id = 6 where id = 3")),
    "when an edit was made": (DIFFERS, changed("update versions set at = '2026-05-12 20:00:00.000000' where number = 2", "update changes set at = '2026-05-12 20:00:00.000000' where kind = 'edited'")),
    "kinds of an edit": (DIFFERS, changed("update versions set kinds = '[\"typo\"]' where number = 2", "update changes set kinds = '[\"typo\"]' where kind = 'edited'")),
    "an edit called a return": (DIFFERS, changed("update versions set returns_to = 1 where number = 2")),
    "the newest version, all of it": (DIFFERS, changed("delete from changes where kind = 'edited'", "delete from observations where version = 2", "update articles set version = 1 where id = 2", "delete from version_authors where version_id = 9", "delete from versions where id = 9")),
    "an article, all of it": (DIFFERS, changed(*(f"delete from {t} where article_id = 8" for t in ("changes", "observations", "article_urls", "sightings")), "delete from version_authors where version_id = 8", "delete from versions where article_id = 8", "update leads set article_id = null where article_id = 8", "delete from articles where id = 8")),
    "the address of an article": (DIFFERS, changed("update articles set url_key = 'https://en.orda.kz/other' where id = 3")),
    "its edition": (DIFFERS, changed("update articles set edition = 'ru' where id = 3")),
    "the name of a source": (DIFFERS, changed("update sources set name = 'steppe'")),
    "a check, deleted": (DIFFERS, changed("delete from observations where id = 20")),
    "a check given to another article": (DIFFERS, changed("update observations set article_id = 4 where id = 20")),
    "the answer of a check": (DIFFERS, changed("update observations set status = 503, outcome = 'error' where id = 20")),
    "its verdict": (DIFFERS, changed("update observations set verdict = 'failed', signal = null where id = 20")),
    "whether controls answered": (DIFFERS, changed("update observations set controls_fine = 0 where id = 20")),
    "its reason": (DIFFERS, changed("update observations set reason = 'as the editor wished' where id = 20")),
    "how long it took": (DIFFERS, changed("update observations set milliseconds = 1 where id = 20")),
    "where it was led": (DIFFERS, changed("update observations set final_url = 'https://x.example/' where id = 20")),
    "its run": (DIFFERS, changed("update observations set run_id = 1 where id = 20")),
    "the version that it saw": (DIFFERS, changed("update observations set version = 9 where id = 3")),
    "the responses of two checks": (DIFFERS, changed("update observations set capture_id = 14 where id = 20")),
    "an address of a response": (DIFFERS, changed("update captures set url = 'https://x.example/' where id = 3")),
    "its instant": (DIFFERS, changed("update captures set at = '2025-01-01 00:00:00.000000' where id = 3")),
    "its digest": (DIFFERS, changed("update captures set digest = 'sha1:AAAA' where id = 3")),
    "what it repeats": (DIFFERS, changed("update captures set refers_to_id = 3 where id = 14")),
    "how a run ended": (DIFFERS, changed("update runs set exit_code = 4, reason = 'stopped' where id = 2")),
    "what a run counted": (DIFFERS, changed("update runs set counts = '{}' where id = 2")),
    "what went wrong in a run": (DIFFERS, changed("update runs set problems = '[\"x\"]' where id = 2")),
    "which machine it was": (DIFFERS, changed("update runs set host = 'elsewhere' where id = 2")),
    "a check invented": (ABSENT, changed(_INVENTED)),
    "a removal invented": (ABSENT, changed(_CHANGE)),
    "a check invented below all others": (ABSENT, changed(_INVENTED.replace("select 900", "select -1"))),
    "a response invented": (ABSENT, changed(_CAPTURE)),
    "a version invented": (ABSENT, version_invented),
    "a response called pruned": (ABSENT, changed(_PRUNING, "update captures set pruning_id = 1 where id = 3")),
    # --- with a note, as if the program had done it ---
    "a verdict, noted": (DIFFERS, noted(3, "20", "update observations set verdict = 'failed' where id = 20")),
    "a verdict, noted and entered": (DIFFERS, entered(3, "20", "update observations set verdict = 'failed' where id = 20")),
    "a response, noted and entered": (DIFFERS, entered(2, "3", "update captures set digest = 'sha1:AAAA' where id = 3")),
    "a run, noted and entered": (DIFFERS, entered(6, "2", "update runs set reason = 'stopped' where id = 2")),
    "a removal a day later, noted and entered": (DIFFERS, entered(5, "11", "update changes set at = '2026-05-14 23:00:00.000000' where id = 11")),
    "a removal called an edit, noted and entered": (DIFFERS, entered(5, "11", "update changes set kind = 'edited' where id = 11")),
    "an address of an article, noted and entered": (DIFFERS, entered(1, "3", "update articles set url_key = 'https://x.example' where id = 3")),
    "a check deleted, noted": (DIFFERS, noted(3, "20", "delete from observations where id = 20")),
    "a pruning that gave up more than it said": (DIFFERS, lambda home: (entered(7, "1", _PRUNING)(home), changed("update captures set pruning_id = 1 where id = 3")(home))[0]),
    "words, noted and entered": (DEEP, entered(4, "3", "update versions set body = 'Calm.', content_hash = '01aa' where id = 3")),
    "a check invented, noted and entered": (NEVER, entered(3, "900", _INVENTED)),
    # --- the log in the database ---
    "which row an entry is about": (DIFFERS, changed("update proof_entries set row_id = 99 where idx = 20")),
    "an entry forgotten": (DIFFERS, fewer("proof_entries", "idx = 20")),
    "entries behind the end": (BACK, changed("insert into proof_entries (idx, kind, row_id) values (5000, 3, 1)")),
    "the log forgotten": (BACK, fewer("proof_entries proof_checkpoints proof_files")),
    "the newest checkpoint forgotten": (BACK, fewer("proof_checkpoints", "size = (select max(size) from proof_checkpoints)")),
    "an earlier checkpoint's root": (DAMAGED, changed("update proof_checkpoints set root = lower(hex(zeroblob(32))) where size = (select min(size) from proof_checkpoints)")),
    "the time of a checkpoint": (DAMAGED, changed("update proof_checkpoints set at = '2026-05-12 10:00:00.000000' where size = (select min(size) from proof_checkpoints)")),
    "the time in a checkpoint": (DAMAGED, changed("update proof_checkpoints set note = replace(note, '09:00', '08:00'), at = '2026-05-12 08:00:00.000000' where size = (select min(size) from proof_checkpoints)")),
    "a checkpoint without signature": (DAMAGED, changed("update proof_checkpoints set note = substr(note, 1, 60)")),
    # --- the log's files ---
    "an entry": (DAMAGED, entry_forged),
    "an entry and its hash": (DAMAGED, entry_and_tile),
    "an entry, its hash and the roots": (DAMAGED, all_but_the_key),
    "a tile cut short": (DAMAGED, cut(0, -1)),
    "a tile longer": (DAMAGED, cut(0, 32)),
    "entries cut short": (DAMAGED, cut("entries", -1)),
    "an entry more": (DAMAGED, cut("entries", 2)),
    "a tile deleted": (DAMAGED, without(0)),
    "entries deleted": (DAMAGED, without("entries")),
    "all files deleted": (DAMAGED, lambda home: shutil.rmtree(home / "proof")),
    "a root in the file": (DAMAGED, checkpoint(lambda text: text.replace("\n", "\n", 1).replace(text.split("\n")[2], "A" * 43 + "="))),
    "its signature": (DAMAGED, checkpoint(lambda text: text[:-8] + "AAAA" + text[-4:])),
    "a file that is no checkpoint": (DAMAGED, checkpoint(lambda _: "hello\n")),
    "an earlier file": (HEALS, earlier_checkpoint),
    "no file": (HEALS, lambda home: (home / "proof" / "checkpoint").unlink()),
    # --- WARC files ---
    "a closed file, with its manifest": (DIFFERS, closed_file_changed),
    "a closed file left out of the manifest": (DIFFERS, closed_file_forgotten),
    "a closed file's size and hash in the manifest": (DIFFERS, closed_file_longer),
    # --- key and clock ---
    "another key": (DAMAGED, another_key),
    "no key": (HEALS, lambda home: (home / "state" / "proof.key").unlink()),
    "the clock put back": (NEVER, clock_put_back),
    "everything, with the key": (BY_OTHERS, all_with_the_key),
    "the log made anew": (BY_OTHERS, made_anew),
    "database and log of three runs ago": (BY_OTHERS, rolled_back),
}  # fmt: skip


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive that nobody has changed."""
    return archived()


@pytest.fixture
def home(kept, tmp_path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "archive"))


def found(home: Path) -> list[str]:
    with book(home) as log:
        return [problem.kind.value for problem in LogCheck(log, place(home)).problems()]


def test_nothing_is_said_of_an_honest_archive(home):
    """Every row is in the log as it is, every checkpoint signed."""
    assert found(home) == []
    assert Tiles(home / "proof", size_of(home)).root()


@pytest.mark.parametrize("name", TABLE)
def test_tampering(name, home, kept):
    """Found by what the table says, and by nothing where it says so."""
    finds, do = TABLE[name]
    do(home)
    kinds = found(home)
    if finds in (HEALS, DEEP, NEVER, BY_OTHERS):
        assert kinds == []
    else:
        assert kinds
        assert kinds[0] == finds, kinds
    if finds == HEALS:
        noted(3, "1", "update observations set version = 2 where id = 1")(home)
        with book(home) as log:
            keep(log, place(home), lambda: LATER)
        assert found(home) == []
    if finds == BY_OTHERS:
        old = (kept / "proof" / "checkpoint").read_bytes()
        with book(home) as log:
            assert not compare(log, place(home), old, None).ok


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("everything, with the key", "forked"),
        ("the log made anew", "foreign"),
        ("database and log of three runs ago", "rolled_back"),
    ],
)
def test_what_a_checkpoint_from_elsewhere_tells(name, verdict, home, kept):
    """What was done, by its name."""
    TABLE[name][1](home)
    with book(home) as log:
        assert (
            compare(log, place(home), (kept / "proof" / "checkpoint").read_bytes(), None).verdict == verdict
        )


def test_an_honest_log_only_grows(home, kept):
    """Every earlier checkpoint is the beginning of the newest; two of them are compared with each other as well."""
    with book(home) as log:
        notes = [one.note.encode() for one in log.checkpoints()]
        assert [compare(log, place(home), one, None).verdict for one in notes] == ["grown"] * 4 + ["same"]
        assert compare(log, place(home), notes[3], notes[1]).verdict == "grown"
        assert (
            compare(log, place(home), notes[0], None, vkey=PrivateKey.new().public.vkey).verdict == "unsigned"
        )


def test_the_first_entry_that_differs_is_named_first(home):
    """Several rows were changed: the problems come in the order of the log, with what differs."""
    sql(
        home,
        "update observations set reason = 'x' where id in (5, 20)",
        "update captures set status = 500 where id = 3",
    )
    with book(home) as log:
        first, second, third = LogCheck(log, place(home)).problems()
    assert (first.subject, first.message) == (
        "entry 3 (capture 3)",
        "the database says otherwise: status is 500, it was 200",
    )
    assert [one.subject.partition(" (")[2] for one in (second, third)] == [
        "observation 5)",
        "observation 20)",
    ]
