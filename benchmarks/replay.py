"""Crawls the made-up outlet through its whole week and compares the archive with what really happened.

    python benchmarks/replay.py [--seeds 1 2 3] [--schedule moments 6h] [--faults] [--json]

Everything is real but the outlet: HTTP on loopback, a fresh SQLite archive for each replay, the program's clock set to each
moment. A schedule is `moments` (the nine of the outlet's own week) or a number of hours between runs. With --faults two
runs of three are followed by one in which every address of every edition has another response (a challenge,
the front page, 404, ...), and in mid-week the outlet is redesigned.

The archive is compared with two truths. "observed" assumes the checks that were really made of an article: their results
must be right. "runs" assumes that every run checked everything: what is missed there was not checked in time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from sqlalchemy import create_engine, text

from newscrawl.config import Config
from newscrawl.crawl.runner import crawl, source_named
from newscrawl.demo import Clock, EventKind, Outlet, OutletServer, Piece
from newscrawl.demo.truth import expected
from newscrawl.model import Content, State
from newscrawl.spiders.orda import OrdaSpider
from newscrawl.store.read.reader import open_reader
from newscrawl.urls import canonical

HOSTS = {edition.name: edition.host for edition in OrdaSpider.editions}
ALL = ",".join(Outlet.editions)
# The faults of runs with faults: (fault of the outlet's server, its value given the server's address).
FAULTS: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("challenge", lambda _: True),
    ("redirect", lambda site: f"{site}/"),
    ("status", lambda _: 404),
    ("outage", lambda _: "closed"),
    ("empty", lambda _: True),
    ("status", lambda _: 403),
    ("outage", lambda _: "503"),
)
_WITHOUT_VERDICT = ("failed", "deferred", "probe")


@dataclass
class Score:
    """Counts of one replay: right, invented and missed findings by subject."""

    seed: int
    schedule: str
    right: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    requests: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def count(self, what: str, found: set[Any], true: set[Any]) -> None:
        """Counts a set of findings against the truth."""
        self.right[what] += len(found & true)
        self.invented[what] += len(found - true)
        self.missed[what] += len(true - found)
        self.wrong += [f"{what}, invented: {one}" for one in sorted(map(str, found - true))]
        self.wrong += [f"{what}, missed: {one}" for one in sorted(map(str, true - found))]

    def table(self) -> Iterator[tuple[str, int, int, int, float, float]]:
        """(what, right, invented, missed, precision, recall); of nothing both are 1."""
        for what in sorted(self.right.keys() | self.invented.keys() | self.missed.keys()):
            right, invented, missed = self.right[what], self.invented[what], self.missed[what]
            yield (
                what, right, invented, missed,
                right / (right + invented) if right + invented else 1.0,
                right / (right + missed) if right + missed else 1.0,
            )  # fmt: skip


def main() -> int:
    """Runs the replays and prints their scores; exits 1 where anything was invented."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--schedule", nargs="+", default=["moments", "6h"], help="moments, or hours as in 6h")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--json", action="store_true", help="one object a replay")
    parser.add_argument("--wrong", action="store_true", help="name what was wrong")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # faults are served on purpose
    total = Score(0, "all")
    for seed, schedule in itertools.product(options.seeds, options.schedule):
        score = replay(seed, schedule, faults=options.faults)
        for mine, theirs in (
            (total.right, score.right),
            (total.invented, score.invented),
            (total.missed, score.missed),
        ):
            mine.update(theirs)
        total.runs, total.requests = total.runs + score.runs, total.requests + score.requests
        show(score, as_json=options.json, wrong=options.wrong)
    if not options.json:
        show(total, as_json=False, wrong=False)
    return int(any(total.invented.values()))


def replay(seed: int, schedule: str, *, faults: bool) -> Score:
    """One outlet crawled through its week into an archive of its own."""
    outlet, score = Outlet(seed), Score(seed, schedule + (", faults" if faults else ""))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        home, faulty = Path(folder), set()
        moments = list(_moments(outlet, schedule))
        with OutletServer(outlet, Clock(moments[0])) as server:
            for number, moment in enumerate(moments):
                server.clock.set(moment)
                is_faulty = faults and number % 3 == 2
                if is_faulty:
                    faulty.add(moment)
                if faults and number == len(moments) // 2:
                    outlet.skin = f"n{outlet.skin}"
                fault, value = FAULTS[number // 3 % len(FAULTS)]
                for edition, switches in server.faults.items():
                    switches.clear()
                    if is_faulty:
                        switches[fault] = value(server.url(edition))
                score.requests += _crawl(server, home, moment)
                score.runs += 1
        observations = [moment for moment in moments if moment not in faulty]
        _compare(outlet, home, observations, score)
    score.seconds = round(time.monotonic() - began, 1)
    return score


def _moments(outlet: Outlet, schedule: str) -> Iterator[datetime]:
    if schedule == "moments":
        yield from outlet.moments
        return
    step, at = timedelta(hours=float(schedule.removesuffix("h"))), outlet.moments[0]
    while at <= outlet.moments[-1] + timedelta(hours=30):  # so that the last removal can be confirmed
        yield at
        at += step


def _crawl(server: OutletServer, home: Path, moment: datetime) -> int:
    """A run at this moment; the number of requests."""
    ticks = itertools.count()
    config = Config(
        home=home,
        database_url=f"sqlite:///{home / 'newscrawl.db'}",
        contact="replay@example.org",
        clock=lambda: moment + timedelta(microseconds=next(ticks)),
    )
    settings = Settings()
    settings.setmodule("newscrawl.settings", priority="project")
    chosen = {
        "TWISTED_REACTOR_ENABLED": False, "NEWSCRAWL_CONFIG": config, "DOWNLOAD_DELAY": 0, "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False, "DOWNLOAD_TIMEOUT": 5, "RETRY_TIMES": 0, "RECHECK_BUDGET": 100,
        "DOWNLOAD_HANDLERS": {"https": None},
    }  # fmt: skip
    settings.setdict(chosen, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    sites = ",".join(server.url(edition) for edition in Outlet.editions)
    crawler = process.create_crawler(source_named(settings, "orda"))
    (ending,) = crawl(process, [(crawler, {"edition": ALL, "site": sites})])
    return ending.summary.requests if ending.summary is not None else 0


def _compare(outlet: Outlet, home: Path, runs: Sequence[datetime], score: Score) -> None:
    database = f"sqlite:///{home / 'newscrawl.db'}"
    with open_reader(database) as reader:
        records = {record.url_key: record for record in reader.articles()}
        versions = {record.id: list(reader.versions_of(record.id)) for record in records.values()}
    observed, log = _observations_and_changes(database)
    keys, true_keys = set(records), set()
    for edition in outlet.editions:
        up = [moment for moment in runs if not outlet.down(edition, moment)]
        for piece in outlet.pieces(edition):
            if piece.published > runs[-1] or not any(_there(piece, moment) for moment in up):
                continue
            key = canonical(f"https://{HOSTS[edition]}{piece.path}")
            true_keys.add(key)
            if key in records:
                record = records[key]
                _compare_piece(
                    piece, record, versions[record.id], observed[record.id], log[record.id], up, score
                )
    score.count("articles", keys, true_keys)
    _compare_kinds(outlet, records, versions, score)


def _compare_piece(
    piece: Piece, record: Any, versions: Sequence[Any], observations: Sequence[datetime], log: Sequence[tuple[str, datetime]],
    runs: Sequence[datetime], score: Score,
) -> None:  # fmt: skip
    found = {(piece.path, _second(v.at), _text_of(Content.of(v.article))) for v in versions[1:]}
    for name, chosen in (("observed", observations), ("runs", runs)):
        truth = expected(piece, chosen[-1], chosen)
        true = {(piece.path, at, _text_of(content)) for at, content in truth.changes[1:]}
        if name == "observed":
            score.count("edits (observed)", found, true)
        else:
            # The same edit may be found by a later run than the first that could have found it.
            score.count("edits (runs)", {(p, c) for p, _, c in found}, {(p, c) for p, _, c in true})
        score.count(
            f"removed ({name})",
            {piece.path} if record.state is State.REMOVED else set(),
            {piece.path} if truth.state is State.REMOVED else set(),
        )
    false = [
        (piece.path, kind, at)
        for kind, at in log
        if kind in ("suspected", "removed") and not piece.absence_at(_second(at))
    ]
    score.count("false removals and suspicions", set(false), set())
    score.count(
        "returns",
        {(piece.path, _second(at)) for kind, at in log if kind == "returned"},
        set(_returns(piece, observations)),
    )


def _returns(piece: Piece, observations: Sequence[datetime]) -> Iterator[tuple[str, datetime]]:
    """The checks that found the piece after one that did not."""
    away = False
    for observation in observations:
        if piece.absence_at(observation) is not None:
            away = True
        elif away:
            away = False
            yield piece.path, observation


def _compare_kinds(outlet: Outlet, records: Any, versions: Any, score: Score) -> None:
    """An edit that is alone between two versions must have the kinds that the script gives it."""
    edits = [event for event in outlet.events() if event.kind is EventKind.EDITED]
    for event in edits:
        record = records.get(canonical(f"https://{HOSTS[event.edition]}{event.path}"))
        if record is None:
            continue
        for before, after in itertools.pairwise(versions[record.id]):
            between = [
                e
                for e in edits
                if e.path == event.path and e.edition == event.edition and before.at < e.at <= after.at
            ]
            if between == [event]:
                coarse = [
                    kind
                    for kind in event.kinds
                    if kind.value in ("headline", "subtitle", "body", "byline", "date")
                ]
                for name, kinds in (("kinds, fields", coarse), ("kinds, all", event.kinds)):
                    wanted = {(event.path, after.number, kind.value) for kind in kinds}
                    named = {(event.path, after.number, kind.value) for kind in after.kinds}
                    score.count(name, named & wanted, wanted)


def _observations_and_changes(
    database: str,
) -> tuple[dict[int, list[datetime]], dict[int, list[tuple[str, datetime]]]]:
    """By article: the instants of observations with a verdict, and the change log."""
    engine = create_engine(database)
    observations: dict[int, list[datetime]] = {}
    log: dict[int, list[tuple[str, datetime]]] = {}
    with engine.connect() as connection:
        seen = connection.execute(
            text("select article_id, at, verdict from observations where article_id is not null order by id")
        )
        for article_id, at, verdict in seen:
            if verdict not in _WITHOUT_VERDICT:
                observations.setdefault(article_id, []).append(_second(_instant(at)))
        for article_id, at, kind in connection.execute(
            text("select article_id, at, kind from changes order by id")
        ):
            log.setdefault(article_id, []).append((kind, _instant(at)))
    engine.dispose()
    return {key: list(dict.fromkeys(value)) for key, value in observations.items()}, log


def _instant(stored: str) -> datetime:
    return datetime.fromisoformat(f"{stored}+00:00")


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _there(piece: Piece, at: datetime) -> bool:
    return piece.version_at(at) is not None and piece.absence_at(at) is None


def _text_of(content: Content) -> str:
    return repr(content)


def show(score: Score, *, as_json: bool, wrong: bool) -> None:
    """One object or one table."""
    if as_json:
        rows = {what: {"right": r, "invented": i, "missed": m, "precision": round(p, 4), "recall": round(c, 4)}
                for what, r, i, m, p, c in score.table()}  # fmt: skip
        shape = asdict(score)
        print(
            json.dumps(
                {name: shape[name] for name in ("seed", "schedule", "runs", "requests", "seconds", "wrong")}
                | {"scores": rows},
                ensure_ascii=False,
            )
        )
        return
    head = f"seed {score.seed}, {score.schedule}" if score.seed else "all together"
    print(f"\n{head}: {score.runs} runs, {score.requests} requests, {score.seconds} s")
    print(f"  {'':32} {'right':>6} {'invented':>9} {'missed':>7} {'precision':>10} {'recall':>7}")
    for what, right, invented, missed, precision, recall in score.table():
        print(f"  {what:32} {right:6} {invented:9} {missed:7} {precision:10.3f} {recall:7.3f}")
    for line in score.wrong if wrong else ():
        print(f"    {line[:300]}")


if __name__ == "__main__":
    sys.exit(main())
