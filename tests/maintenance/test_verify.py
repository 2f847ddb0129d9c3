"""`newscrawl verify`: a whole archive passes, and every way to damage one is named, with exit code 7."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.cli import cli
from newscrawl.cli.operating import verify as verifying
from newscrawl.errors import Exit
from newscrawl.maintenance.verify import REMEDIES, unproven
from newscrawl.model import Capture, CaptureRef, Problem, ProblemKind, State
from newscrawl.store import rows
from newscrawl.store.audit.inspector import Absent, Inspector
from newscrawl.store.engine import open_engine, writing
from newscrawl.store.tables import versions
from newscrawl.text import content_hash
from newscrawl.warc import records
from newscrawl.warc.compare import Compared, compare, digest_like
from newscrawl.warc.manifest import NAME
from tests.support.damaged import EDITED, archived, found, overwrite, placed, sql, verify, warc, without_log
from tests.support.factory import START, press
from tests.support.fake_site import ROOT

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive that was crawled for real: an edit, a confirmed removal, repeated responses."""
    return archived()


@pytest.fixture
def home(kept, tmp_path, monkeypatch) -> Path:
    """A copy of it, to be damaged: the archive of the working directory."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(kept, tmp_path / "archive"))


# --- the damages -----------------------------------------------------------------------------------


def bit_flipped(home: Path) -> None:
    path, offset, length = placed(home, EDITED)
    data = path.read_bytes()
    overwrite(path, offset + length // 2, bytes([data[offset + length // 2] ^ 4]))


def payload_replaced(home: Path) -> None:
    """A forger's work: the record is whole, its checksum right, its header's digest untouched, its length the same."""
    path, offset, length = placed(home, EDITED)
    data = path.read_bytes()
    text = gzip.decompress(data[offset : offset + length])
    forged = gzip.compress(text.replace(b"Nr502 runs again", b"Nr502 has sunken"), 9)
    assert text.count(b"Nr502 runs again")
    path.write_bytes(data[:offset] + forged + data[offset + length :])
    moved = len(forged) - length
    name = path.relative_to(home / "warc").as_posix()
    sql(
        home,
        f"update captures set offset = offset + {moved} where file = '{name}' and offset > {offset}",
        f"update captures set length = {len(forged)} where file = '{name}' and offset = {offset}",
    )


def header_digest_forged_too(home: Path) -> None:
    """The same with the record's own digests corrected: only the database still has the right one."""
    path, offset, length = placed(home, EDITED)
    data = path.read_bytes()
    (record,) = [r for r in records(path) if r.offset == offset]
    made = digest_like("sha1:" + "A" * 32, record.http().body.replace(b"runs", b"rots"))
    block = digest_like("sha1:" + "A" * 32, record.block.replace(b"runs", b"rots"))
    text = gzip.decompress(data[offset : offset + length]).replace(b"runs", b"rots")
    text = text.replace(record.get("WARC-Payload-Digest").encode(), made.encode())
    text = text.replace(record.get("WARC-Block-Digest").encode(), block.encode())
    forged = gzip.compress(text, 9)
    path.write_bytes(data[:offset] + forged + data[offset + length :])
    moved = len(forged) - length
    name = path.relative_to(home / "warc").as_posix()
    sql(
        home,
        f"update captures set offset = offset + {moved} where file = '{name}' and offset > {offset}",
        f"update captures set length = {len(forged)} where file = '{name}' and offset = {offset}",
    )


def closed_file_and_rows_forged(home: Path) -> None:
    """Record, header and row agree on a forged value: only the manifest still has the right hash."""
    path, offset, _ = placed(home, EDITED)
    header_digest_forged_too(home)
    (record,) = [r for r in records(path) if r.offset == offset]
    made = record.get("WARC-Payload-Digest")
    old = "(select digest from captures where record_id = '" + record.id + "')"
    sql(home, f"update captures set digest = '{made}' where digest = {old}")


def manifest_damaged(home: Path) -> None:
    (home / "warc" / "orda" / NAME).write_text("no hash, no path\n")


def file_missing(home: Path) -> None:
    warc(home).unlink()


def file_is_a_folder(home: Path) -> None:
    path = warc(home)
    path.unlink()
    path.mkdir()


def file_truncated(home: Path) -> None:
    path, offset, length = placed(home, "")
    path.write_bytes(path.read_bytes()[: offset + length // 2])


def file_of_something_else(home: Path) -> None:
    warc(home).write_bytes(b"GIF89a" * 9000)


def file_leads_outside(home: Path) -> None:
    sql(home, "update captures set file = '../../elsewhere.warc.gz' where id = 5")


def unclaimed_bytes_damaged(home: Path) -> None:
    """The warcinfo at the beginning: nothing refers to it, but whole records follow."""
    overwrite(warc(home), 30, b"\0\0\0\0")


def zeroes_in_the_middle(home: Path) -> None:
    path, offset, length = placed(home, EDITED)
    overwrite(path, offset, b"\0" * length)


def offset_off_by_one(home: Path) -> None:
    sql(home, "update captures set offset = offset + 1 where id = 4")


def offset_of_another(home: Path) -> None:
    sql(home, "update captures set offset = (select offset from captures where id = 5) where id = 4")


def length_off_by_one(home: Path) -> None:
    sql(home, "update captures set length = length - 1 where id = 4")


def row_beyond_the_end(home: Path) -> None:
    sql(home, "update captures set offset = 99000000 where id = 4")


def address_changed(home: Path) -> None:
    sql(home, "update captures set url = 'https://elsewhere.example/' where id = 4")


def instant_changed(home: Path) -> None:
    sql(home, "update captures set at = '2020-01-01 00:00:00.000000' where id = 4")


def status_changed(home: Path) -> None:
    sql(home, "update captures set status = 200 where status = 404")


def digest_changed(home: Path) -> None:
    sql(
        home,
        "update captures set digest = 'sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' where id = (select max(refers_to_id) from captures)",
    )


def digest_of_no_kind(home: Path) -> None:
    sql(home, "update captures set digest = 'trust me' where id = (select max(refers_to_id) from captures)")


def kind_changed(home: Path) -> None:
    sql(home, "update captures set kind = 'not_modified' where id = (select max(refers_to_id) from captures)")


def original_forgotten(home: Path) -> None:
    sql(home, "update captures set refers_to_id = null where kind = 'revisit'")


def original_another(home: Path) -> None:
    sql(
        home,
        "update captures set refers_to_id = 2 where id = (select max(id) from captures where kind = 'revisit')",
    )


def capture_row_deleted(home: Path) -> None:
    sql(
        home, "pragma foreign_keys = off", "delete from captures where id = (select capture_id from versions)"
    )


def run_row_deleted(home: Path) -> None:
    sql(home, "pragma foreign_keys = off", "delete from runs where id = 2")


def version_hole(home: Path) -> None:
    sql(
        home,
        "update versions set number = 3 where number = 2",
        "update articles set version = 3 where version = 2",
    )


def version_uncaptured(home: Path) -> None:
    sql(home, "update versions set capture_id = null where id = 1")


def newest_not_current(home: Path) -> None:
    sql(home, "update articles set version = 1")


def title_changed(home: Path) -> None:
    sql(home, "update articles set title = 'Nothing happened' where id = 3")


def body_changed(home: Path) -> None:
    sql(home, "update versions set body = replace(body, 'Nr504', 'Nr999')")


def author_added(home: Path) -> None:
    sql(
        home,
        "insert into people (id, name, kind, name_hash) values (99, 'A. Forger', 'person', 'x')",
        "insert into version_authors (version_id, position, person_id, role) values (1, 1, 99, 'author')",
    )


def removed_without_a_check(home: Path) -> None:
    sql(home, "update articles set state = 'removed' where state = 'live' and id = 5")


def suspected_without_a_check(home: Path) -> None:
    sql(home, "update articles set state = 'suspected' where state = 'live' and id = 5")


def evidence_in_a_day_too_few(home: Path) -> None:
    sql(home, "update observations set at = '2026-05-12 15:00:00.000000' where signal is not null")


def evidence_without_controls(home: Path) -> None:
    sql(home, "update observations set controls_fine = 0 where signal is not null")


def removed_by_imported_checks(home: Path) -> None:
    sql(home, "update observations set controls_fine = null where signal is not null")


def address_row_deleted(home: Path) -> None:
    sql(home, "delete from article_urls where article_id = 2")


def lead_unjoined(home: Path) -> None:
    sql(home, "update leads set article_id = null where article_id = 2")


def lead_waits_again(home: Path) -> None:
    sql(home, "update leads set article_id = null, outcome = null where article_id = 2")


def listing_out_of_step(home: Path) -> None:
    sql(home, "update listings set outcome = 'timeout'")


def change_forgotten(home: Path) -> None:
    sql(home, "delete from changes where kind = 'edited'")


def removal_hidden(home: Path) -> None:
    sql(home, "update articles set state = 'live' where state = 'removed'")


def removal_and_log_hidden(home: Path) -> None:
    removal_hidden(home)
    sql(home, "delete from changes where kind in ('suspected', 'removed')")


def absence_rewritten(home: Path) -> None:
    """Row by row all agree that it was there: only the captures know better."""
    removal_and_log_hidden(home)
    sql(
        home,
        "update observations set outcome = 'ok', status = 200, verdict = 'unchanged', signal = null, version = 1 where signal is not null",
    )


def presence_rewritten(home: Path) -> None:
    sql(
        home,
        "update observations set outcome = 'not_found', status = 404, verdict = 'failed', version = null"
        " where id = (select max(id) from observations where article_id = 4 and status = 200)",
    )


def first_seen_moved(home: Path) -> None:
    sql(home, "update articles set first_seen = '2020-01-01 00:00:00.000000' where id = 3")


def last_seen_moved(home: Path) -> None:
    sql(home, "update articles set last_seen = last_checked where state = 'removed'")


def checks_forgotten(home: Path) -> None:
    sql(home, "update articles set checks = 1 where id = 3")


def observation_deleted(home: Path) -> None:
    sql(home, "delete from observations where id = (select max(id) from observations where article_id = 4)")


def edit_dated_back(home: Path) -> None:
    sql(home, "update versions set at = '2020-01-01 00:00:00.000000' where number = 2")


def edit_called_a_typo(home: Path) -> None:
    sql(home, """update versions set kinds = '["typo"]' where number = 2""")


def check_stored_twice(home: Path) -> None:
    columns = "source_id, run_id, article_id, at, url, outcome, status, verdict, reason, version, capture_id"
    sql(
        home,
        f"insert into observations ({columns}) select {columns} from observations where article_id = 4 limit 1",
        "update articles set checks = checks + 1 where id = 4",
    )


DAMAGES: dict[Callable[[Path], None], set[str]] = {
    bit_flipped: {"record_damaged"},
    payload_replaced: {"digest_wrong"},
    header_digest_forged_too: {"digest_wrong"},
    closed_file_and_rows_forged: {"manifest_differs"},
    manifest_damaged: {"manifest_differs"},
    file_missing: {"file_missing"},
    file_is_a_folder: {"file_unreadable"},
    file_truncated: {"record_damaged", "file_short"},
    file_of_something_else: {"record_damaged"},
    file_leads_outside: {"file_unreadable"},
    unclaimed_bytes_damaged: {"file_damaged"},
    zeroes_in_the_middle: {"record_damaged"},
    offset_off_by_one: {"record_missing"},
    offset_of_another: {"record_differs"},
    length_off_by_one: {"record_differs"},
    row_beyond_the_end: {"file_short"},
    address_changed: {"record_differs", "observation_differs"},
    instant_changed: {"record_differs", "observation_differs"},
    status_changed: {"record_differs", "observation_differs", "listing_differs"},
    digest_changed: {"digest_wrong", "revisit_broken"},
    digest_of_no_kind: {"digest_wrong", "revisit_broken"},
    kind_changed: {"record_differs", "revisit_broken"},
    original_forgotten: {"revisit_broken"},
    original_another: {"revisit_broken", "record_differs"},
    capture_row_deleted: {"reference_broken", "version_uncaptured"},
    run_row_deleted: {"reference_broken"},
    version_hole: {"version_missing", "change_missing", "observation_differs", "article_differs"},
    version_uncaptured: {"version_uncaptured"},
    newest_not_current: {"article_differs"},
    title_changed: {"article_differs"},
    body_changed: {"content_differs"},
    author_added: {"content_differs"},
    removed_without_a_check: {"removal_unproven", "state_differs"},
    suspected_without_a_check: {"removal_unproven", "state_differs"},
    evidence_in_a_day_too_few: {
        "removal_unproven",
        "state_differs",
        "observation_differs",
        "article_differs",
    },
    evidence_without_controls: {"removal_unproven"},
    removed_by_imported_checks: {"removal_unproven"},
    address_row_deleted: {"address_missing"},
    lead_unjoined: {"lead_differs"},
    lead_waits_again: {"lead_differs"},
    listing_out_of_step: {"listing_differs"},
    change_forgotten: {"change_missing"},
    removal_hidden: {"state_differs"},
    removal_and_log_hidden: {"state_differs"},
    absence_rewritten: {"observation_differs", "article_differs", "run_differs"},
    presence_rewritten: {"observation_differs", "article_differs", "run_differs"},
    first_seen_moved: {"article_differs"},
    last_seen_moved: {"article_differs", "removal_unproven"},
    checks_forgotten: {"article_differs"},
    observation_deleted: {"article_differs", "check_missing", "run_differs"},
    edit_dated_back: {"article_differs"},
    edit_called_a_typo: {"article_differs"},
    check_stored_twice: {"observation_differs", "run_differs"},
}
# Damage that --quick finds too, and damage only found in bodies and texts.
SEEN = (
    file_missing, file_is_a_folder, file_truncated, file_of_something_else, zeroes_in_the_middle, offset_off_by_one,
    offset_of_another, length_off_by_one, row_beyond_the_end, address_changed, instant_changed, status_changed,
    kind_changed, version_hole, removed_without_a_check,
)  # fmt: skip
UNSEEN = (payload_replaced, header_digest_forged_too, unclaimed_bytes_damaged, body_changed)


def _rewrite(home: Path, change: Callable[[str], str]) -> None:
    """A forger's work: the words of a version changed, and its hash made anew."""
    engine = open_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with writing(engine) as connection:
        (row,) = connection.execute(select(versions).where(versions.c.id == 4)).mappings().all()
        changed = dict(row) | {"body": change(row["body"])}
        assert changed["body"] != row["body"]
        made = content_hash(rows.content_of(changed, rows.load_authors(connection, [4])[4]))
        values = {"body": changed["body"], "content_hash": made}
        connection.execute(update(versions).where(versions.c.id == 4).values(values))
    engine.dispose()


def _replaced(home: Path) -> None:
    _rewrite(home, lambda body: body.replace("Nr504", "Nr999", 1))


def _deleted(home: Path) -> None:
    _rewrite(home, lambda body: body.partition("\n\n")[2])


def _one_word_deleted(home: Path) -> None:
    _rewrite(home, lambda body: " ".join(body.split(" ")[:7] + body.split(" ")[8:]))


def _texts_swapped(home: Path) -> None:
    sql(
        home,
        "create temp table kept as select id, body, title, content_hash from versions where id in (4, 5)",
        *(
            f"update versions set (body, title, content_hash) = (select body, title, content_hash from kept where id = {b}) where id = {a}"
            for a, b in ((4, 5), (5, 4))
        ),
        "update articles set title = (select title from versions where article_id = articles.id and number = articles.version)",
    )


def _of_an_older_extractor(home: Path) -> None:
    sql(home, "update versions set extractor = '1/other'")


def _left_out_by_an_older_extractor(home: Path) -> None:
    _deleted(home)
    _of_an_older_extractor(home)


def _replaced_in_an_older_one(home: Path) -> None:
    _replaced(home)
    _of_an_older_extractor(home)


DEEP = {
    "untouched": (lambda _: None, set()),
    "a word replaced": (_replaced, {"words_differ"}),
    "words deleted": (_deleted, {"words_differ"}),
    "one word deleted": (_one_word_deleted, {"words_differ"}),
    "two versions' texts swapped": (_texts_swapped, {"words_differ"}),
    "read by an older extractor": (_of_an_older_extractor, set()),
    "left out by an older extractor": (_left_out_by_an_older_extractor, set()),
    "a word replaced, older extractor": (_replaced_in_an_older_one, {"words_differ"}),
}


@pytest.mark.parametrize("name", DEEP)
def test_words_that_the_page_does_not_say(name, home, monkeypatch):
    """With --deep stored words must stand in the raw page; what an older extractor left out is no damage."""
    monkeypatch.setattr(verifying, "results", lambda work, jobs, **_: ((job, work(job)) for job in jobs))
    damage, kinds = DEEP[name]
    damage(home)
    assert {problem["kind"] for problem in found("--deep", "--workers", "1")} == kinds


def test_a_stopped_deep_check_goes_on(home, monkeypatch):
    """What was compared is not read again, what was found is said again, and at the end nothing is left of the note."""
    _replaced(home)
    read: list[int] = []

    def killed(work, jobs, **_):
        for job in jobs:
            if len(read) == 6:
                raise KeyboardInterrupt
            read.append(job.version.article)
            yield job, work(job)

    monkeypatch.setattr(verifying, "results", killed)
    assert verify("--deep").exit_code != 0
    monkeypatch.setattr(
        verifying, "results", lambda work, jobs, **_: ((job, work(job)) for job in _seen(jobs, read))
    )
    problems = found("--deep")
    assert {problem["kind"] for problem in problems} == {"words_differ"}
    assert len(read) == len(set(read)) + 1 == 9  # eight articles, one of them with two versions
    assert not (home / "state" / "verify-deep.json").exists()


def _seen(jobs, read):
    for job in jobs:
        read.append(job.version.article)
        yield job


def test_a_whole_archive_passes(home):
    """Crawled, edited, removed: one line says what was checked, and every digest was."""
    result = verify()
    assert (result.exit_code, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    with closing(sqlite3.connect(home / "newscrawl.db")) as connection:
        (captures,) = connection.execute("select count(*) from captures").fetchone()
    assert line.startswith(f"all right: {captures} captures in ")
    assert f"{captures} digests computed, 9 versions of 8 articles" in line
    assert "robots.txt" in line


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_named(damage, home):
    """Each damage ends with 7 and is named for what it is; nothing else is."""
    damage(home)
    problems = found("--workers", "1")
    assert {problem["kind"] for problem in problems} == DAMAGES[damage]
    assert all(problem["message"] and problem["remedy"] for problem in problems)


@pytest.mark.parametrize("damage", SEEN, ids=lambda damage: damage.__name__)
def test_damage_found_by_quick(damage, home):
    """Heads, offsets and the database are checked without reading everything."""
    damage(home)
    assert found("--quick")


@pytest.mark.parametrize("damage", UNSEEN, ids=lambda damage: damage.__name__)
def test_quick_reads_no_bytes_behind_the_heads(damage, home):
    """The summary says that digests were not computed; texts are not checked, and of closed files only the size."""
    damage(home)
    (home / "warc" / "orda" / NAME).unlink()
    assert found("--quick") == []
    assert "digests not computed" in verify("--quick").stdout


def test_one_line_a_problem_with_what_to_do(home):
    """For people: where, what, what to do; standard error says how many of each kind, in words."""
    bit_flipped(home)
    removed_without_a_check(home)
    result = verify()
    logged, without, damaged = result.stdout.splitlines()
    assert logged.startswith("article 5: its state is removed; by the log of changes it is live")
    assert without.startswith("article 5: its state is removed, on 0 signals")
    assert "incorrect data check): put it back from a copy" in damaged
    for words in ("changed state (1)", "removal without proof (1)", "damaged record (1)"):
        assert words in result.stderr


def test_many_problems_are_counted(home):
    """Fifty lines, then a number; programs get all of them."""
    sql(home, "update articles set title = 'x'", "update captures set status = 99")
    everything = found(log=True)
    assert len(everything) > 50
    lines = verify().stdout.splitlines()
    assert len(lines) == 51
    assert lines[-1] == f"… and {len(everything) - 50} more"


def test_hostile_addresses_do_not_reach_the_terminal(home):
    """What is printed of an address has no control characters."""
    sql(
        home,
        "update captures set url = 'https://x.example/' || char(27) || ']0;owned' || char(7) where id = 4",
    )
    assert "\x1b" not in verify().stdout
    assert "\x1b" not in verify("--json").stdout


def test_only_one_source(home):
    """Another source's files are not checked; an unknown name is a usage error."""
    other = home / "warc" / "steppe" / "2026" / "steppe-20260512-00001.warc.gz"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"x" * 9)
    bit_flipped(home)
    assert [problem["kind"] for problem in found("--source", "orda")] == ["record_damaged"]
    assert verify("--source", "nobody").exit_code == Exit.USAGE


def test_torn_tail_is_said_and_no_failure(home):
    """What a killed run leaves behind the last record that anything refers to is no damage."""
    with warc(home, -1).open("ab") as file:
        file.write(warc(home).read_bytes()[:200])
    result = verify()
    assert result.exit_code == 0
    assert "ends in the middle of a record nothing refers to" in result.stdout
    assert verify("--quick").exit_code == 0


def test_whole_records_without_rows_are_counted(home):
    """A killed run may have written responses that never came into the database."""
    path, offset, length = placed(home, EDITED)
    record = path.read_bytes()[offset : offset + length]
    with warc(home, -1).open("ab") as file:
        file.write(record * 3)
    (home / "warc" / "orda" / "2026" / "orda-20300101-00001.warc.gz").write_bytes(record)
    before = int(verify("--source", "orda").stdout.split(" responses without")[0].rpartition(" ")[2])
    assert before >= 4
    assert verify().exit_code == 0


def test_no_archive(tmp_path, monkeypatch):
    """Without an archive: 7, and what to do."""
    monkeypatch.chdir(tmp_path)
    result = verify()
    assert result.exit_code == Exit.ARCHIVE_UNUSABLE
    assert "Crawl first" in result.stderr


def test_damaged_database(home):
    """A torn page of the database file is reported in one line without a traceback."""
    size = (home / "newscrawl.db").stat().st_size
    overwrite(home / "newscrawl.db", size - 40_000, b"\xff" * 30_000)
    result = verify()
    assert result.exit_code == Exit.ARCHIVE_UNUSABLE
    assert "Traceback" not in result.output
    assert "database" in result.output


# --- both databases --------------------------------------------------------------------------------


def problems_of(url: str) -> list[Problem]:
    with Inspector.connect(url) as inspector:
        return list(inspector.problems())


def test_the_ledger_on_both_databases(archive_url):
    """What a crawl writes is consistent on SQLite and PostgreSQL; what somebody changes is seen on both."""
    with press(archive_url) as bereke:
        for number in (1, 2, 3):
            bereke.publish("kk", number)
        bereke.edit("kk", 1, at=START + HOUR, title="Көпір жабылды")
        bereke.vanish("kk", 2, at=START + HOUR)
        bereke.vanish("kk", 3, at=START + HOUR, state=State.REMOVED)
        bereke.read_listing("kk", [("https://kk.bereke.example/x", "Көпір")], at=START + HOUR)
    assert [one for one in problems_of(archive_url) if "never be checked again" not in one.message] == []
    with Inspector.connect(archive_url) as inspector:
        absent = list(inspector.absent())
        extent = inspector.extent("bereke")
        (file,) = extent.files
        offsets = [capture.ref.offset for _, capture in inspector.captures_of(file, extent.last)]
    # As an import leaves them, without controls: that may make an article suspected, but never removed.
    assert absent == [Absent(2, State.SUSPECTED, (), 1), Absent(3, State.REMOVED, (), 1)]
    assert [(one.kind, one.article) for one in unproven(absent)] == [(ProblemKind.REMOVAL_UNPROVEN, 3)]
    assert (extent.articles, extent.versions) == (3, 4)
    assert offsets == sorted(offsets)
    assert len(offsets) == extent.files[file]
    engine = open_engine(archive_url)
    with writing(engine) as connection:
        connection.execute(text("update versions set body = 'Бәрі тыныш' where number = 2"))
        connection.execute(text("update articles set version = 1 where id = 1"))
    engine.dispose()
    assert {problem.kind for problem in problems_of(archive_url)} == {
        ProblemKind.CONTENT_DIFFERS,
        ProblemKind.ARTICLE_DIFFERS,
    }


# --- files of other programs -----------------------------------------------------------------------


def foreign(packed: bool, number: int) -> tuple[bytes, CaptureRef]:
    """A record as another program writes it, and where it lies."""
    out = BytesIO()
    body = f"<p>Page {number}</p>".encode()
    writer = WARCWriter(out, gzip=packed, warc_version="1.0")
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    record = writer.create_warc_record(
        f"https://other.example/{number}",
        "response",
        payload=BytesIO(body),
        length=len(body),
        http_headers=head,
        warc_headers_dict={"WARC-Date": "2026-05-12T09:00:00Z"},
    )
    writer.write_record(record)
    ref = CaptureRef("", 0, 0, record.rec_headers.get_header("WARC-Record-ID"), digest_like("sha1:x", body))
    return out.getvalue(), ref


def compared_with(
    tmp_path: Path, name: str, data: bytes, refs: list[CaptureRef], *, quick: bool = False
) -> Compared:
    (tmp_path / name).write_bytes(data)
    at = datetime(2026, 5, 12, 9, tzinfo=UTC)
    expected = [
        (number, Capture(ref, f"https://other.example/{number}", at, 200)) for number, ref in enumerate(refs)
    ]
    return compare(tmp_path, name, expected, quick=quick)


@pytest.mark.parametrize("quick", [False, True], ids=["whole", "quick"])
@pytest.mark.parametrize("form", ["a member a record", "plain", "one member"])
def test_foreign_files(form, quick, tmp_path):
    """Gzip by record, uncompressed, and gzip of all at once: found where they lie, digests computed."""
    made = [foreign(form == "a member a record", n) for n in range(5)]
    data = b"".join(one for one, _ in made)
    name = "f.warc.gz"
    if form == "one member":
        data = gzip.compress(data)
        refs = [CaptureRef(name, 0, len(data), ref.record_id, ref.digest) for _, ref in made]
    else:
        name = "f.warc" if form == "plain" else name
        starts = [sum(len(one) for one, _ in made[:n]) for n in range(5)]
        refs = [
            CaptureRef(name, start, len(one), ref.record_id, ref.digest)
            for start, (one, ref) in zip(starts, made, strict=True)
        ]
    compared = compared_with(tmp_path, name, data, refs, quick=quick)
    assert compared.problems == []
    assert (compared.captures, compared.digests, compared.unclaimed) == (5, 0 if quick else 5, 0)


@pytest.mark.parametrize("spelling", ["sha1:", "sha-1:", "SHA256:", "md5:"])
def test_digests_in_other_spellings(spelling):
    """Programs write digests in base 32 or hexadecimal, by several algorithms: computed as they wrote it."""
    short = digest_like(spelling + "A" * 5, b"page")
    size = {"md5:": 32, "SHA256:": 64}.get(spelling, 40)
    long = digest_like(spelling + "a" * size, b"page")
    assert short.startswith(spelling)
    assert len(long) == len(spelling) + size
    assert digest_like("crc:1234", b"page") is None


def test_every_kind_has_a_remedy_and_is_documented():
    """Each kind of problem has a remedy in the command and a line in docs/operations.md."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert set(REMEDIES) == set(ProblemKind)
    assert [kind.value for kind in ProblemKind if f"`{kind.value}`" not in page] == []


# --- several machines, one database ---


def test_files_of_another_machine(home):
    """A source that another machine crawls has its files there: that is said, and is no damage."""
    without_log(home)
    sql(home, "update runs set host = 'north'")
    shutil.rmtree(home / "warc")
    result = verify()
    assert result.exit_code == Exit.OK, result.stderr
    assert "orda is crawled on north: its 2 files are not here and not checked" in result.stderr


def test_deep_check_of_files_of_another_machine(home):
    """Their versions are left to the machine that has them, and none counts as one that cannot be read."""
    without_log(home)
    sql(home, "update runs set host = 'north'")
    shutil.rmtree(home / "warc")
    result = verify("--deep")
    assert result.exit_code == Exit.OK, result.stderr
    assert "are left to the machines that have their raw responses" in result.stdout
    assert "no raw response" not in result.stdout


def test_reprocess_leaves_files_of_another_machine(home):
    """What only the other machine can read again is left to it, which is said, and is no failure."""
    sql(home, "update runs set host = 'north'")
    shutil.rmtree(home / "warc")
    result = CliRunner().invoke(cli, ["reprocess", "--all"])
    assert result.exit_code == Exit.OK, result.stderr
    assert "left to that machine, where its raw responses are" in result.stderr


def test_one_s_own_files_that_are_gone(home):
    """On the machine that crawls it, also beside others, a folder that is gone is damage."""
    sql(home, "update runs set host = 'north' where id = 1")
    shutil.rmtree(home / "warc")
    assert {problem["kind"] for problem in found()} >= {"file_missing"}


def test_files_of_another_machine_that_are_here(home):
    """Folders that were put together are checked, whoever crawled them."""
    sql(home, "update runs set host = 'north'")
    warc(home).unlink()
    assert {problem["kind"] for problem in found()} >= {"file_missing"}
