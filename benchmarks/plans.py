"""Times every query of a crawl and of readers on an archive of some years on both databases, and finds full table scans.

    python benchmarks/plans.py [--articles 200000] [--postgres URL-OF-AN-EMPTY-DATABASE] [--folder DIR]

Fills a SQLite archive by SQL (three checks per article, ten captures for nine checks, a year's listing reads),
copies it to PostgreSQL with the program's own copy if an address is given, and runs the queries. Times are medians of five
in milliseconds; compare them with the printed look-up by primary key, because absolute times depend on the machine.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from newscrawl.model import Channel, Fetch, FetchOutcome, Lead, Observation
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.copy import copying
from newscrawl.store.engine import open_engine, reading, writing
from newscrawl.store.read.reader import Reader, open_reader
from newscrawl.store.types import key_hash
from newscrawl.store.write import frontier

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
BIG = ("articles", "article_urls", "versions", "version_authors", "observations", "captures", "leads",
       "listing_reads", "sightings", "changes")  # fmt: skip
FRONT = "https://bench.example/"


def url_of(number: int) -> str:
    """The address of an article."""
    return f"https://bench.example/news/{number}"


# {n} articles over five years; :h(x) is the program's own hash of an address.
FILL = """
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {n}) SELECT i FROM c;
INSERT INTO sources (id, name, added) VALUES (1, 'bench', :start), (2, 'other', :start);
INSERT INTO runs (id, source_id, started, finished, heartbeat, host, pid, process, version, arguments, exit_code, reason, requests, counts, problems)
  SELECT i, 1 + i % 2, day(i * 0.1), day(i * 0.1), day(i * 0.1), 'h', 1, 'p', '1', '{{}}', 0, 'finished', 9, '{{"new": 3}}', '[]' FROM n WHERE i <= 17000;
INSERT INTO listings (id, source_id, edition, channel, url, url_hash, first_read, last_read, outcome, misses)
  SELECT i, 1, 'en', 'listing', 'https://bench.example/' || CASE i WHEN 1 THEN '' ELSE i END, h('https://bench.example/' || CASE i WHEN 1 THEN '' ELSE i END), :start, :now, 'ok', 0 FROM n WHERE i <= 6;
INSERT INTO captures (id, source_id, url, url_hash, at, status, content_type, kind, file, "offset", length, record_id, digest)
  SELECT i * 3 + k, 1, 'https://bench.example/news/' || i, h('https://bench.example/news/' || i), day(i * :pace), 200, 'text/html', 'response', 'bench/' || (i / 500) || '.warc.gz', i % 500 * 90000 + k * 30000, 29000, '<urn:' || (i * 3 + k) || '>', 'sha1:x' FROM n, (SELECT 0 k UNION SELECT 1 UNION SELECT 2);
INSERT INTO articles (id, source_id, edition, url, url_key, url_hash, state, state_since, first_seen, last_seen, last_checked, last_changed, next_check, checks, version, title, published, capture_id)
  SELECT i, 1 + (i % 10 = 0), CASE i % 3 WHEN 0 THEN 'en' WHEN 1 THEN 'ru' ELSE 'kk' END, 'https://bench.example/news/' || i, 'https://bench.example/news/' || i, h('https://bench.example/news/' || i),
    CASE WHEN i % 200 = 0 THEN 'removed' ELSE 'live' END, day(i * :pace), day(i * :pace), day(i * :pace + 3), day(i * :pace + 3), day(i * :pace), day(1825 - i % 400 * 0.01 + i % 97), 3, 1, 'Headline ' || i, day(i * :pace), i * 3 FROM n;
INSERT INTO article_urls (source_id, article_id, url_key, url_hash, url, kind, confirmed, first_seen)
  SELECT source_id, id, url_key, url_hash, url, 'primary', 1, first_seen FROM articles;
INSERT INTO versions (id, article_id, number, at, content_hash, kinds, title, body, published, tags, images, alternates, page_type, origins, extractor, section, capture_id)
  SELECT i, i, 1, day(i * :pace), '1' || i, '[]', 'Headline ' || i, :body || i, day(i * :pace), '[]', '[]', '{{}}', 'article', '{{}}', 'e/1', 'S' || i % 8, i * 3 FROM n;
INSERT INTO people (id, name, kind, name_hash) SELECT i, 'P ' || i, 'person', h('P ' || i) FROM n WHERE i <= 500;
INSERT INTO version_authors (version_id, position, person_id, role) SELECT i, 0, 1 + i % 500, 'author' FROM n;
INSERT INTO leads (id, source_id, edition, url, url_key, url_hash, channel, listing, position, claimed, published, first_seen, attempts, outcome, article_id)
  SELECT i, source_id, edition, url, url_key, url_hash, 'listing', 'https://bench.example/', i % 20, 1, published, first_seen, CASE WHEN i % 700 THEN 1 ELSE 0 END, CASE WHEN i % 700 THEN 'new' END, CASE WHEN i % 700 THEN i END FROM n JOIN articles ON id = i;
INSERT INTO observations (source_id, run_id, article_id, lead_id, at, url, outcome, status, verdict, reason, signal, controls_fine, version, milliseconds, capture_id)
  SELECT source_id, 1 + i % 17000, i, i, day(i * :pace + k), url, 'ok', 200, CASE k WHEN 0 THEN 'new' ELSE 'unchanged' END, 'r', CASE WHEN i % 200 = 0 AND k = 2 THEN 'not_found' END, 1, 1, 90, i * 3 + k FROM n JOIN articles ON id = i, (SELECT 0 k UNION SELECT 1 UNION SELECT 2);
INSERT INTO listing_reads (id, listing_id, run_id, at, outcome, status, leads, known, joined)
  SELECT i, 1 + i % 6, 1 + i % 17000, day(i * 0.01), 'ok', 200, 20, 19, 1 FROM n WHERE i <= 180000;
UPDATE listing_reads SET shown_id = id - (id / 6) % 4 * 6 WHERE id > 24;
INSERT INTO sightings (read_id, article_id, lead_id, position, headline)
  SELECT i, max(1, i % {n} - k), NULL, k, 'Headline' FROM n, (SELECT 0 k UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) WHERE i <= 180000 AND (i / 6) % 4 = 0;
INSERT INTO changes (source_id, article_id, run_id, at, kind, to_version, kinds) SELECT source_id, id, 1, first_seen, 'created', 1, '[]' FROM articles;
INSERT INTO changes (source_id, article_id, run_id, at, kind, from_version, to_version, kinds) SELECT source_id, id, 1, last_seen, CASE WHEN id % 200 = 0 THEN 'removed' ELSE 'edited' END, 1, 1, '["body"]' FROM articles WHERE id % 20 = 0;
"""


def fill(path: Path, articles: int) -> None:
    """A SQLite archive of this size."""
    open_archive(f"sqlite:///{path}").dispose()
    connection = sqlite3.connect(path)
    start = NOW - timedelta(days=1825)
    connection.create_function("h", 1, key_hash, deterministic=True)
    connection.create_function("day", 1, lambda n: f"{start + timedelta(days=n):%Y-%m-%d %H:%M:%S.%f}")
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
    values = {"start": f"{start:%Y-%m-%d %H:%M:%S.%f}", "now": f"{NOW:%Y-%m-%d %H:%M:%S.%f}",
              "pace": 1825 / articles, "body": "Words of an article that nobody reads. " * 15}  # fmt: skip
    for statement in FILL.format(n=articles).split(";\n"):
        if statement.strip():
            connection.execute(statement, values if ":" in statement else {})
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def crawl_questions(archive: Archive, articles: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """The queries of a crawl, per page or per run."""
    page = [url_of(articles - n * 7) for n in range(20)]
    found = [(url, Lead(url, Channel.LISTING, FRONT, n)) for n, url in enumerate(page)]
    known = archive.by_keys([page[3]], NOW)[page[3]]
    checks = [
        Observation("bench", "en", url, Fetch(url, NOW, FetchOutcome.OK, url), controls_fine=n == 0)
        for n, url in enumerate(page)
    ]

    def in_writing(work: Callable[[Any], object]) -> Callable[[], object]:
        def call() -> None:
            with archive.write() as batch:
                work(batch)

        return call

    yield "page: standings of 20", lambda: archive.statuses(page)
    yield "page: articles by 20 keys", lambda: archive.by_keys(page, NOW)
    yield "page: entries of a list", lambda: archive.entries(found)
    yield "page: shown before", lambda: archive.shown_before("en", Channel.LISTING, FRONT)
    yield "page: earlier capture", lambda: archive.earlier_capture(page[0])
    yield "page: last places shown", in_writing(lambda batch: frontier._shown_before(batch._connection, 1))  # noqa: SLF001
    yield "page: leads added", in_writing(lambda batch: batch.add_leads("en", found, NOW))
    yield "batch: situations", in_writing(lambda batch: batch.situations(checks, late=True))
    yield "controls: peers", lambda: archive.peers(known, [], NOW, 2)
    yield "controls: controls", lambda: archive.controls("en", NOW, 4)
    yield "round: waiting", lambda: archive.waiting(["en", "ru", "kk"], NOW, since=None, until=None, limit=50)
    yield "run: due", lambda: archive.due(["en", "ru", "kk"], NOW, 50, horizon=timedelta(days=180))
    yield "run: left", lambda: archive.left(["en", "ru", "kk"], NOW, since=None, until=None)
    yield "run: listing states", archive.listing_states
    yield "run: ends of WARC files", archive.warc_ends


def reader_questions(reader: Reader, articles: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """The queries of readers."""
    week = {"since": NOW - timedelta(days=7)}
    yield "list, newest 50", lambda: list(reader.articles(limit=50))
    yield "list, newest 50 of a source", lambda: list(reader.articles(source="bench", limit=50))
    yield (
        "list, newest 50 of an edition",
        lambda: list(reader.articles(source="other", edition="en", limit=50)),
    )
    yield "show", lambda: reader.article(articles // 2)
    yield "history", lambda: reader.life(articles // 2)
    yield "find by address", lambda: reader.find([url_of(articles // 3)])
    yield "changes, newest 50", lambda: list(reader.changes(limit=50))
    yield "changes of a week", lambda: list(reader.changes(**week))
    yield "removed, newest 50", lambda: list(islice(reader.removals(limit=50), 50))
    yield "coverage: facts", lambda: list(reader.listing_facts(source="bench"))
    yield "sources", reader.sources
    yield "count of all", reader.count
    yield "export, a week of observations", lambda: list(reader.observations(**week))


@contextmanager
def scans_of(engine: Engine) -> Iterator[set[str]]:
    """The big tables that a query scans completely."""
    found: set[str] = set()

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith("SELECT") or "set_config" in statement:
            return
        raw = connection.connection.dbapi_connection.cursor()
        how = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        raw.execute(how + statement, values)
        for row in raw.fetchall():
            step = str(row[-1]).strip(" ->")
            whole = step.startswith(("SCAN ", "Seq Scan", "Parallel Seq Scan"))
            name = next((table for table in BIG if table in step.split()), None)
            if whole and name and "VIRTUAL" not in step:
                found.add(f"{name}{' (index)' if 'USING' in step else ''}")
        raw.close()

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def ask(url: str, articles: int) -> None:
    """Prints a table for one database."""
    engine = open_engine(url)
    with reading(engine) as connection:
        key = text("SELECT title FROM articles WHERE id = :id")
        base = _median(lambda: connection.execute(key, {"id": articles // 2}).scalar())
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM runs WHERE id > 17000"))
    archive = Archive(open_engine(url), "bench", NOW)
    archive.begin_run(NOW, {})
    print(f"\n{engine.dialect.name}: look-up by key {base:.2f} ms")
    with open_reader(url) as reader:
        for opened, questions in ((archive, crawl_questions), (reader, reader_questions)):
            for name, question in questions(opened, articles):  # type: ignore[operator]
                with scans_of(opened._engine) as scans:  # type: ignore[attr-defined]  # noqa: SLF001
                    question()
                spent = _median(question)
                print(
                    f"  {name:32}{spent:10.2f} ms {spent / base:9.0f}x  {', '.join(sorted(scans))}",
                    flush=True,
                )
    archive.close()
    engine.dispose()


def _median(question: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        question()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--postgres", help="address of an empty database")
    parser.add_argument("--folder", help="keep the SQLite file here, and use one that is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
        path = Path(given.folder or temporary) / f"plans-{given.articles}.db"
        if not path.exists():
            began = time.monotonic()
            fill(path, given.articles)
            print(f"filled in {time.monotonic() - began:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
        url = f"sqlite:///{path}"
        ask(url, given.articles)
        if given.postgres:
            here, there = open_engine(url), open_engine(given.postgres)
            before, began = _memory(), time.monotonic()
            copied = copying.copy(here, there)
            total, spent = sum(table.rows for table in copied), time.monotonic() - began
            print(
                f"\ncopied {total:,} rows in {spent:.0f} s ({total / spent:,.0f} rows/s); peak memory {before} -> {_memory()} MB"
            )
            there.dispose()
            here.dispose()
            ask(given.postgres, given.articles)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
        1024 if sys.platform != "darwin" else 1 << 20
    )


if __name__ == "__main__":
    main()
