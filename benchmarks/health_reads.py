"""Times the queries of `newscrawl health` on a large archive.

    python benchmarks/health_reads.py [ARTICLES] [DATABASE_URL]

Fills an archive of twenty sources with made-up rows over three years (by SQL, not by crawling) and reads it three times.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from newscrawl.judge.health.report import judge
from newscrawl.store import tables
from newscrawl.store.archive import open_archive
from newscrawl.store.engine import writing
from newscrawl.store.health.runs import open_health
from newscrawl.store.types import key_hash

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCES, YEARS, RECENT = 20, 3, 60
BODY = "Кеше қалада жаңа көпір ашылды, деп хабарлады әкімдік. " * 30


def fill(url: str, articles: int) -> None:
    """An archive of this many articles, with the runs and listing reads of the last two months."""
    chance = random.Random(1)
    engine = open_archive(url)
    names = [{"id": n, "name": f"outlet{n}", "added": NOW - YEARS * 365 * DAY} for n in range(1, SOURCES + 1)]
    with writing(engine) as connection:
        connection.execute(insert(tables.sources), names)
        connection.execute(
            insert(tables.people), [{"id": 1, "name": "Дана Серикова", "kind": "person", "name_hash": "1"}]
        )
        for rows in _parts(_runs()):
            connection.execute(insert(tables.runs), rows)
        connection.execute(insert(tables.listings), list(_listings()))
        for rows in _parts(_listing_reads()):
            connection.execute(insert(tables.listing_reads), rows)
    step = YEARS * 365 * DAY / articles
    for start in range(0, articles, 5000):
        numbers = range(start, min(start + 5000, articles))
        with writing(engine) as connection:
            found = [_article(number, NOW - YEARS * 365 * DAY + number * step) for number in numbers]
            connection.execute(insert(tables.articles), found)
            connection.execute(insert(tables.versions), [_version(row) for row in found])
            credited = [
                {"version_id": row["id"], "position": 0, "person_id": 1, "role": "author"}
                for row in found
                if chance.random() < 0.8
            ]
            connection.execute(insert(tables.version_authors), credited)
            connection.execute(
                insert(tables.changes),
                [
                    {"source_id": row["source_id"], "article_id": row["id"], "run_id": 1, "at": row["first_seen"],
                     "kind": "created", "to_version": 1, "kinds": []}
                    for row in found
                ],
            )  # fmt: skip
    with writing(engine) as connection:
        for rows in _parts(_observations(articles)):
            connection.execute(insert(tables.observations), rows)
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    engine.dispose()


def _article(number: int, at: datetime) -> dict[str, Any]:
    url = f"https://outlet.example/{number}"
    return {
        "id": number + 1, "source_id": number % SOURCES + 1, "edition": "ru" if number % 3 else "kk", "url": url, "url_key": url,
        "url_hash": key_hash(url), "state": "removed" if number % 500 == 0 else "live", "state_since": at, "first_seen": at,
        "last_seen": at, "last_checked": at, "last_changed": at, "next_check": NOW + (number % 180 - 1) * DAY, "checks": 1,
        "version": 1, "title": f"№ {number}", "published": at,
    }  # fmt: skip


def _version(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "article_id": row["id"], "id": row["id"], "number": 1, "at": row["first_seen"], "content_hash": "x", "kinds": [], "title": row["title"],
        "body": BODY, "published": row["published"], "published_precision": "minute", "language": row["edition"], "tags": [],
        "images": [{"url": "https://outlet.example/1.jpg"}], "alternates": [], "page_type": "article", "origins": {}, "extractor": "x",
    }  # fmt: skip


def _runs() -> Iterator[dict[str, Any]]:
    number = 0
    for half in range(RECENT * 48):
        for source in range(1, SOURCES + 1):
            number += 1
            at = NOW - RECENT * DAY + half * DAY / 48
            yield {
                "id": number, "source_id": source, "started": at, "finished": at + timedelta(minutes=3), "heartbeat": at, "host": "a", "pid": 1,
                "process": "", "version": "0", "arguments": {"editions": ["ru", "kk"], "recheck": "yes"}, "exit_code": 0,
                "reason": "finished", "requests": 40, "counts": {"new": 1, "unchanged": 20, "not_modified": 12, "failed": 1}, "problems": [],
            }  # fmt: skip


def _listings() -> Iterator[dict[str, Any]]:
    for number in range(SOURCES * 4):
        url = f"https://outlet.example/list/{number}"
        yield {
            "id": number + 1, "source_id": number // 4 + 1, "edition": "ru" if number % 2 else "kk",
            "channel": "listing" if number % 4 < 2 else "feed", "url": url, "url_hash": key_hash(url),
            "first_read": NOW - YEARS * 365 * DAY, "last_read": NOW, "last_changed": NOW, "outcome": "ok", "misses": 0,
        }  # fmt: skip


def _listing_reads() -> Iterator[dict[str, Any]]:
    number = 0
    for half in range(RECENT * 48):
        for listing in range(1, SOURCES * 4 + 1):
            number += 1
            yield {
                "id": number, "listing_id": listing, "run_id": half * SOURCES + (listing - 1) // 4 + 1,
                "at": NOW - RECENT * DAY + half * DAY / 48, "outcome": "ok", "status": 200, "leads": 30, "known": 29,
                "joined": True, "shown_id": number if half % 3 == 0 else None,
            }  # fmt: skip


def _observations(articles: int) -> Iterator[dict[str, Any]]:
    last = RECENT * 48 * SOURCES
    for run in range(last - 14 * 48 * SOURCES, last):
        for place in range(20):
            yield {
                "source_id": run % SOURCES + 1, "run_id": run + 1, "article_id": (run * 20 + place) % articles + 1, "at": NOW,
                "url": "https://outlet.example/", "outcome": "ok", "verdict": "unchanged", "reason": "same content",
            }  # fmt: skip


def _parts(rows: Iterator[dict[str, Any]], size: int = 20_000) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("articles", type=int, nargs="?", default=500_000)
    parser.add_argument("url", nargs="?", metavar="DATABASE_URL")
    options = parser.parse_args()
    articles = options.articles
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder) / 'newscrawl.db'}"
        began = time.perf_counter()
        fill(url, articles)
        print(f"filled with {articles:,} articles in {time.perf_counter() - began:.0f} s", flush=True)
        for _ in range(3):
            began = time.perf_counter()
            with open_health(url) as reader:
                facts, size = reader.facts(NOW), reader.size()
            read = time.perf_counter()
            judged = judge(facts, NOW)
            samples = sum(len(edition.samples) for source in facts for edition in source.editions)
            print(
                f"database {(size or 0) / 1e6:,.0f} MB: read in {read - began:.2f} s, {samples:,} samples; "
                f"judged in {time.perf_counter() - read:.2f} s, {len(judged.findings)} findings"
            )


if __name__ == "__main__":
    main()
