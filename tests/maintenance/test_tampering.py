"""Whoever changes the database by hand forgets something: which command finds it, and what nothing can find.

Each row of the table is one way of changing what the archive says, mostly with all rows that say the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update

from newscrawl.cli.operating import verify as verifying
from newscrawl.store import rows
from newscrawl.store.engine import open_engine, writing
from newscrawl.store.tables import versions
from newscrawl.text import content_hash
from tests.support.damaged import BY_LOG, archived, found, sql

OUT_OF_REACH = ""
LOG = "entry_differs"  # what the log of everything recorded tells of rows


@dataclass(frozen=True)
class Tampering:
    """Statements, the kind of problem that tells of them, and whether only `--deep` does; `fresh` makes all hashes anew."""

    finds: str
    statements: Sequence[str]
    deep: bool = False
    fresh: bool = False
    logged: bool = True


def plain(finds: str, *statements: str) -> Tampering:
    """Found by `newscrawl verify`."""
    return Tampering(finds, statements)


def deep(*statements: str) -> Tampering:
    """Made with fresh hashes, and found by `newscrawl verify --deep` alone."""
    return Tampering("words_differ", statements, deep=True, fresh=True)


def by_log(*statements: str) -> Tampering:
    """No other row and no response says the same: found by the log alone."""
    return Tampering(OUT_OF_REACH, statements, deep=True)


def never(*statements: str) -> Tampering:
    """Found by nothing: no other row and no response says the same, and the log does not have it (docs/proof.md)."""
    return Tampering(OUT_OF_REACH, statements, deep=True, logged=False)


_LOG = "source_id, article_id, run_id, at, kind, from_version, to_version, kinds, reason"
_HIDE = (
    "update articles set state = 'live' where id = 1",
    "delete from changes where article_id = 1 and kind != 'created'",
)
_WITHOUT_EDIT = (
    "update observations set version = 1, verdict = 'unchanged', reason = 'same content' where article_id = 2 and version = 2",
    "delete from changes where article_id = 2 and kind = 'edited'",
    (
        "update articles set version = 1, title = (select title from versions where article_id = 2 and number = 1),"
        " capture_id = (select capture_id from versions where article_id = 2 and number = 1), last_changed = first_seen where id = 2"
    ),
    "delete from version_authors where version_id = (select id from versions where article_id = 2 and number = 2)",
    "delete from versions where article_id = 2 and number = 2",
)
_COUNTED = 'update runs set counts = replace(counts, \'"changed": 1, "unchanged": 10\', \'"unchanged": 11\')'
_LAST = "(select max(id) from observations where article_id = 4)"
_FORGET = (
    f"delete from observations where id = {_LAST}",
    "update articles set checks = checks - 1 where id = 4",
)

TABLE = {
    # --- an article's row ---
    "where it is fetched": plain("article_differs", "update articles set url = 'http://x.example/other' where id = 3"),
    "where it is fetched, and its address": plain(
        "article_differs",
        "update articles set url = 'http://x.example/other' where id = 3",
        "update article_urls set url = 'http://x.example/other' where article_id = 3 and kind = 'primary'",
    ),
    "another one's address": plain("article_differs", "update articles set url = (select url from articles where id = 4) where id = 3"),
    "an address more": plain(
        "article_differs",
        "insert into article_urls (source_id, article_id, url_key, url_hash, url, kind, confirmed, first_seen)"
        " select source_id, id, 'https://x.example', 'abc', 'https://x.example/', 'redirect', 1, first_seen from articles where id = 3",
    ),
    "what it is found by": plain("address_missing", "update leads set url_hash = 'abc' where article_id = 3"),
    "its state's beginning, gone": plain("state_differs", "update articles set state_since = first_seen where id = 1"),
    "its state's beginning, live": plain("state_differs", "update articles set state_since = '2020-01-01 00:00:00.000000' where id = 3"),
    "state and beginning": plain("state_differs", "update articles set state = 'live', state_since = first_seen where id = 1"),
    "first seen": plain("article_differs", "update articles set first_seen = '2020-01-01 00:00:00.000000' where id = 3"),
    "last seen": plain("article_differs", "update articles set last_seen = last_checked where id = 1"),
    "last checked": plain("article_differs", "update articles set last_checked = '2026-07-01 00:00:00.000000' where id = 3"),
    "last checked, an earlier check": plain("article_differs", "update articles set last_checked = first_seen where id = 3"),
    "last changed": plain("article_differs", "update articles set last_changed = '2020-01-01 00:00:00.000000' where id = 2"),
    "number of checks": plain("article_differs", "update articles set checks = 1 where id = 3"),
    "never checked again": plain("article_differs", "update articles set next_check = null where id = 3"),
    "not checked for years": plain("article_differs", "update articles set next_check = '2099-01-01 00:00:00.000000' where id = 3"),
    "left out of lists": plain("article_differs", "update articles set tied_to_id = 4 where id = 3"),
    "called unreadable": plain("state_differs", "update articles set unreadable_since = first_seen where id = 3"),
    "called gone from lists": plain("state_differs", "update articles set unlisted = first_seen where id = 3"),
    "title in its row": plain("article_differs", "update articles set title = 'Calm' where id = 3"),
    # --- its state and the log of changes ---
    "removal hidden": plain("state_differs", _HIDE[0]),
    "removal and its log hidden": plain("state_differs", *_HIDE),
    "removal hidden behind the time it was seen": plain(
        "state_differs", *_HIDE, "update articles set last_seen = last_checked, state_since = first_seen where id = 1"
    ),
    "removal invented": plain(
        "state_differs",
        "update articles set state = 'removed', state_since = last_checked where id = 3",
        f"insert into changes ({_LOG}) select source_id, id, 5, '2026-05-13 23:30:00.000000', 'removed', 1, 1, '[]', 'absent (404)' from articles where id = 3",
    ),
    "gone and back, invented in the log": plain(
        "state_differs",
        *(
            f"insert into changes ({_LOG}) select source_id, id, 5, '2026-05-13 0{hour}:00:00.000000', '{kind}', 1, 1, '[]', '' from articles where id = 3"
            for hour, kind in ((1, "removed"), (2, "returned"))
        ),
        "update articles set state_since = '2026-05-13 02:00:00.000000' where id = 3",
    ),
    "when it was removed": plain("state_differs", "update changes set at = '2026-05-12 10:00:00.000000' where kind = 'removed'"),
    "an edit that is not in the log": plain("change_missing", "delete from changes where kind = 'edited'"),
    "a headline's edit called a typo": plain(
        "article_differs",
        """update versions set kinds = '["body", "typo"]' where number = 2""",
        """update changes set kinds = '["body", "typo"]' where kind = 'edited'""",
    ),
    # --- what versions say ---
    "words": plain("content_differs", "update versions set body = body || ' x' where id = 3"),
    "an author's name": plain("content_differs", "update people set name = 'A. Forger'"),
    "words, fresh hash": deep("update versions set body = body || ' Nobody was hurt.' where id = 3"),
    "a sentence left out, fresh hash": deep("update versions set body = substr(body, instr(body, '. ') + 2) where id = 3"),
    "headline, fresh hash": deep(
        "update versions set title = 'Ferry stays where it is' where id = 3", "update articles set title = 'Ferry stays where it is' where id = 3"
    ),
    "an author's name, fresh hash": deep("update people set name = 'A. Forger'"),
    "an author more, fresh hash": deep(
        "insert into people (id, name, kind, name_hash) values (99, 'A. Forger', 'person', 'x')",
        "insert into version_authors (version_id, position, person_id, role) values (3, 1, 99, 'author')",
    ),
    "an author less, fresh hash": deep("delete from version_authors where version_id = 3"),
    "an author's role, fresh hash": deep("update version_authors set role = 'translator' where version_id = 3"),
    "date, fresh hash": deep(
        "update versions set published = '2026-05-09 05:00:00.000000' where id = 3",
        "update articles set published = '2026-05-09 05:00:00.000000' where id = 3",
    ),
    "no date, fresh hash": deep(
        "update versions set published = null, published_precision = null where id = 3", "update articles set published = null where id = 3"
    ),
    "only a day, fresh hash": deep("update versions set published_precision = 'day' where id = 3"),
    "date of the last change": deep("update versions set modified = '2026-05-12 05:00:00.000000' where id = 3"),
    "language": deep("update versions set language = 'kk' where id = 3"),
    "section": deep("update versions set section = 'Opinion' where id = 3"),
    "tags": deep("""update versions set tags = '["satire"]' where id = 3"""),
    "pictures": deep("""update versions set images = '[{"url": "https://x.example/a.jpg", "caption": null, "credit": null}]' where id = 3"""),
    "address it gives": deep("update versions set canonical = 'https://x.example/' where id = 3"),
    "paywall": deep("update versions set paywalled = 1 where id = 3"),
    "two versions' responses": plain("article_differs", "update versions set capture_id = (select capture_id from versions where id = 4) where id = 3"),
    # --- versions deleted with all that names them ---
    "the newest version": plain("run_differs", *_WITHOUT_EDIT),
    "the newest version, and its count": Tampering("words_differ", (*_WITHOUT_EDIT, _COUNTED), deep=True),
    "the newest version, and its check": plain(
        "check_missing",
        "delete from observations where article_id = 2 and version = 2",
        *_WITHOUT_EDIT,
        "update articles set checks = 1, last_seen = first_seen, last_checked = first_seen where id = 2",
    ),
    "an edit brought forward": plain("article_differs", "update versions set at = '2020-01-01 00:00:00.000000' where number = 2"),
    # --- checks ---
    "a check": plain("check_missing", *_FORGET),
    "a check, by its run": plain("run_differs", *_FORGET),
    "its address": plain("observation_differs", f"update observations set url = 'http://x.example/' where id = {_LAST}"),
    "its response": plain("observation_differs", f"update observations set capture_id = 3 where id = {_LAST}"),
    "its instant": plain("observation_differs", f"update observations set at = '2026-05-13 04:00:00.000000' where id = {_LAST}"),
    "its answer": plain("observation_differs", f"update observations set status = 404, outcome = 'not_found' where id = {_LAST}"),
    "its verdict": plain("run_differs", f"update observations set verdict = 'not_modified' where id = {_LAST}"),
    "its version": plain("observation_differs", f"update observations set version = 9 where id = {_LAST}"),
    "its run": plain("run_differs", f"update observations set run_id = 1 where id = {_LAST}"),
    "an absence called an outage": plain("run_differs", "update observations set verdict = 'failed', signal = null where signal is not null"),
    # --- lists ---
    "a place in a list": plain("listing_differs", "delete from sightings where article_id = 3"),
    "an address that a list named": plain(
        "listing_differs",
        "update observations set lead_id = null where lead_id = 3",
        "delete from sightings where lead_id = 3",
        "delete from leads where id = 3",
    ),
    "an answer of a list": plain("listing_differs", "update listing_reads set status = 200 where status = 404"),
    "how many entries it had": plain("listing_differs", "update listing_reads set leads = 3 where leads = 8"),
    "when it was read first": plain("listing_differs", "update listings set first_read = '2020-01-01 00:00:00.000000'"),
    "a read of a list": plain("check_missing", "delete from listing_reads where id = (select max(id) - 2 from listing_reads)"),
    # --- what no other row and no response says ---
    "the reason of a check": by_log(f"update observations set reason = 'as the editor wished' where id = {_LAST}"),
    "how long an answer took": by_log(f"update observations set milliseconds = 1 where id = {_LAST}"),
    "a headline in a list": never("update sightings set headline = 'Calm' where article_id = 3"),
    "how a run ended": by_log("update runs set reason = 'finished early' where id = 2"),
    "that a list joined its last read": never("update listing_reads set joined = 0"),
    "finer kinds of an edit": by_log(
        """update versions set kinds = '["headline", "correction"]' where number = 2""",
        """update changes set kinds = '["headline", "correction"]' where kind = 'edited'""",
    ),
    "a confirmed removal called suspected": by_log(
        "update articles set state = 'suspected', state_since = (select at from changes where kind = 'suspected') where id = 1",
        "delete from changes where kind = 'removed'",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive that nobody has changed."""
    return archived()


@pytest.fixture
def home(kept, tmp_path, monkeypatch) -> Path:
    """A copy of it, the archive of the working directory; versions are compared in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(verifying, "results", lambda work, jobs, **_: ((job, work(job)) for job in jobs))
    return Path(shutil.copytree(kept, tmp_path / "archive"))


def test_nothing_is_said_of_an_honest_archive(home):
    """Neither by rows nor by responses."""
    assert found("--deep", "--workers", "1") == []


@pytest.mark.parametrize("name", TABLE)
def test_tampering(name, home):
    """Found by the command that the table says; what only `--deep` finds is in no way visible without it."""
    one = TABLE[name]
    sql(home, *one.statements)
    if one.fresh:
        _rehash(home)
    options = ("--deep",) if one.deep else ()
    problems = found(*options, "--workers", "1", log=True)
    kinds = {problem["kind"] for problem in problems} - BY_LOG
    told = {problem["kind"] for problem in problems} & BY_LOG
    if one.deep:
        assert told == ({LOG} if one.logged else set())
    assert kinds == ({one.finds} if one.finds else set()) if one.deep else one.finds in kinds


def test_a_source_whose_rules_are_not_known(home):
    """It may have been read by rules of its own, which nobody has any more: only words and names must stand in the pages."""
    sql(home, "update sources set name = 'steppe'", "update versions set section = 'Opinion' where id = 3")
    assert found("--deep", "--workers", "1") == []
    sql(home, "update people set name = 'A. Forger'")
    _rehash(home)
    assert {problem["kind"] for problem in found("--deep", "--workers", "1")} == {"words_differ"}


def _rehash(home: Path) -> None:
    """Makes the content hashes of all versions anew."""
    engine = open_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with writing(engine) as connection:
        stored = connection.execute(select(versions)).mappings().all()
        authors = rows.load_authors(connection, [row["id"] for row in stored])
        for row in stored:
            made = content_hash(rows.content_of(row, authors[row["id"]]))
            connection.execute(update(versions).where(versions.c.id == row["id"]).values(content_hash=made))
    engine.dispose()
