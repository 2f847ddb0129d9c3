"""Kills crawls, re-checks, imports and reprocessing at random moments, and checks that nothing is lost, doubled or torn.

    python benchmarks/kills.py [--kills 200] [--seed 1] [--home DIR]

A part of the made-up outlet's week is archived once undisturbed, as a reference, and then repeatedly with SIGKILLs. Each
step of it (a crawl, a re-check, `crawl --all`, an import, a reprocess) is started and killed two to seven times and then
run to its end. The moments are spread over the whole run, and a quarter of them are at named points of the program:
between the bytes and their transaction, in mid-record, at the end. After every kill `newscrawl verify` must find nothing;
after every step the archive must equal the reference.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from newscrawl.crawl.editions import Edition
from newscrawl.demo import Clock, Outlet, OutletServer
from newscrawl.errors import Exit
from newscrawl.spiders.orda import OrdaSpider
from tests.support.process_pool import Finished, Kill, ProcessPool

EDITIONS = ("en", "kk")  # two of three are enough, and quicker
SITES = "KILLS_SITES"  # environment: edition=address of the outlet, for the sources of `crawl --all`


class _Desk(OrdaSpider):
    """One edition of the outlet as a source of its own."""

    @classmethod
    def parse_arguments(cls, arguments: Mapping[str, Any]) -> Any:
        sites = dict(pair.split("=", 1) for pair in os.environ[SITES].split(","))
        return super().parse_arguments({**arguments, "site": sites[cls.editions[0].name]})


def _desk(edition: str) -> type[_Desk]:
    (base,) = (one for one in OrdaSpider.editions if one.name == edition)
    own = Edition(edition, f"{edition}.desk.example", edition, feeds=base.feeds, numbered=base.numbered)
    return type(
        f"Desk{edition}", (_Desk,), {"name": f"desk_{edition}", "editions": (own,), "__module__": __name__}
    )


English, Kazakh = map(_desk, EDITIONS)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the history: its kind and its time."""

    kind: str
    at: datetime
    words: tuple[str, ...]


# Points of the program where a kill is likely to do harm: (kind of command, "" for all; what kills there).
KILL_POINTS: tuple[tuple[str, Kill], ...] = (
    ("", Kill(point="newscrawl.warc.files:os.write", when="half")),  # in mid-record
    ("", Kill(point="newscrawl.warc.files:Files.sync", when="after")),  # bytes on the disk, nothing committed
    ("", Kill(point="sqlalchemy.engine.default:DefaultDialect.do_commit")),
    ("", Kill(point="sqlalchemy.engine.default:DefaultDialect.do_commit", when="after")),
    ("", Kill(point="newscrawl.store.write.runs:finish")),  # closing
    ("", Kill(point="newscrawl.store.archive:Archive.finish_run", when="after")),
    ("", Kill(point="newscrawl.store.archive:Archive.begin_run", when="after")),
    ("crawl", Kill(point="newscrawl.crawl.archive_session:repair")),
    ("crawl", Kill(point="newscrawl.archiving.recorder:Recorder.close", when="after")),
    ("recheck", Kill(point="newscrawl.crawl.removal_checker:RemovalChecker.control_requests")),
    ("reprocess", Kill(point="newscrawl.store.write.reprocessing:History.replace")),
    ("import", Kill(point="newscrawl.importing.recording:Recording._flush")),
)
_OFTEN = {"do_commit": 12, "sync": 8, "write": 40, "replace": 30, "_flush": 2, "begin_run": 1, "finish": 1}


@dataclass(slots=True)
class Found:
    """The result: all fields but `kills`, `missed` and `unlike` must be empty."""

    kills: Counter[str] = field(default_factory=Counter)  # by kind and phase
    missed: int = 0  # the command was quicker
    unclean: list[str] = field(default_factory=list)  # what verify says after a kill
    torn: list[str] = field(default_factory=list)  # after the run that followed
    differ: list[str] = field(default_factory=list)  # from the reference
    doubled: list[str] = field(default_factory=list)
    orphans: int = 0
    left_files: list[str] = field(default_factory=list)
    failed: list[str] = field(
        default_factory=list
    )  # runs that were not killed and did not end as they should
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or torn."""
        return not (self.unclean or self.torn or self.differ or self.doubled or self.orphans or self.left_files or self.failed)  # fmt: skip


class Bench:
    """An outlet, the commands of its history, and the folders of their archives."""

    def __init__(self, folder: Path, process_pool: ProcessPool, server: OutletServer) -> None:
        self.folder = folder
        self.process_pool = process_pool
        self.server = server
        self.outlet = server.outlet
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        self.sites = ",".join(map(server.url, EDITIONS))
        self.foreign = folder / "foreign"

    def steps(self) -> list[Step]:
        """The history, in order."""
        moments = self.outlet.moments
        editions = ("--edition", ",".join(EDITIONS), "--site", self.sites)
        quick = ("--set", "DOWNLOAD_DELAY=0", "--set", "RECHECK_BUDGET=500", "--set", "CONCURRENT_REQUESTS_PER_DOMAIN=4")  # fmt: skip
        crawl = ("crawl", "orda", *editions, *quick)
        imported = ("import", *map(str, sorted((self.foreign / "warc").rglob("*.warc.gz"))), "--source", "orda", *editions, "--workers", "1")  # fmt: skip
        return [
            Step("crawl", moments[0], (*crawl, "--recheck", "no")),
            Step("recheck", moments[1], (*crawl, "--recheck", "only")),
            Step("crawl", moments[2], crawl),
            Step("recheck", moments[5], (*crawl, "--recheck", "only")),
            Step("all", moments[5], ("crawl", "--all", "--set", "SPIDER_MODULES=benchmarks.kills", *quick)),
            Step("import", moments[7], imported),
            Step("crawl", moments[7], crawl),
            Step("reprocess", moments[7], ("reprocess", "--workers", "1")),
        ]

    def prepare(self) -> None:
        """Makes the files to import: an archive of the same outlet, checked at other times."""
        for moment in (
            self.outlet.moments[1] + timedelta(hours=2),
            self.outlet.moments[5] - timedelta(hours=3),
        ):
            self.server.clock.set(moment)
            ended = self.process_pool.run(
                "crawl", "orda", "--edition", ",".join(EDITIONS), "--site", self.sites, "--set", "DOWNLOAD_DELAY=0",
                "--set", "RECHECK_BUDGET=500", home=self.foreign, NEWSCRAWL_NOW=moment.isoformat(),
            )  # fmt: skip
            assert ended.code == 0, ended.err

    def do(self, step: Step, home: Path, kill: Kill | None = None) -> Finished:
        """One command of the history."""
        self.server.clock.set(step.at)
        sites = ",".join(f"{name}={url}" for name, url in self.server.urls.items())
        return self.process_pool.run(
            *step.words, home=home, kill=kill, NEWSCRAWL_NOW=step.at.isoformat(), TMPDIR=str(self._temporary), **{SITES: sites}
        )  # fmt: skip

    def verify(self, home: Path) -> Finished:
        """`newscrawl verify` over an archive."""
        return self.process_pool.run("verify", home=home)

    def left_files(self) -> list[str]:
        """Temporary files left after a command that succeeded."""
        return sorted(path.name for path in self._temporary.iterdir())


def held(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The content of an archive, independent of row ids and of the exact times of checks."""
    database = sqlite3.connect(home / "newscrawl.db")
    try:
        return {name: sorted(database.execute(query), key=repr) for name, query in _HELD.items()}
    finally:
        database.close()


_HELD = {
    "articles": "select s.name, edition, url_key, state, version, title, published from articles a join sources s on s.id = a.source_id",
    "versions": """select s.name, a.url_key, v.number, v.content_hash, v.title, v.subtitle, v.body, v.published, v.kinds, v.returns_to,
        v.extractor, (select group_concat(p.name || w.role, ';') from version_authors w join people p on p.id = w.person_id
        where w.version_id = v.id order by w.position)
        from versions v join articles a on a.id = v.article_id join sources s on s.id = a.source_id""",
    "changes": """select s.name, a.url_key, c.kind, c.from_version, c.to_version, c.kinds
        from changes c join articles a on a.id = c.article_id join sources s on s.id = a.source_id""",
    "addresses": """select s.name, a.url_key, u.url_key, u.kind, u.confirmed
        from article_urls u join articles a on a.id = u.article_id join sources s on s.id = a.source_id""",
    "leads": """select s.name, l.url_key, a.url_key, case when a.id is null then l.outcome end from leads l
        join sources s on s.id = l.source_id left join articles a on a.id = l.article_id""",
}  # fmt: skip

_DOUBLED = {
    "an article twice": "select url_key from articles group by source_id, url_key having count(*) > 1",
    "one capture in two observations": """select url from observations where capture_id is not null
        group by capture_id having count(*) > 1""",
    "a version like the one before": """select a.url_key || ' ' || v.number from versions v join versions w
        on w.article_id = v.article_id and w.number = v.number - 1 and w.content_hash = v.content_hash
        join articles a on a.id = v.article_id""",
    "one record referred to twice": "select file || offset from captures group by file, offset having count(*) > 1",
    "a change logged twice": """select article_id || kind from changes where kind in ('created', 'edited')
        group by article_id, kind, to_version having count(*) > 1""",
}  # fmt: skip


def doubled(home: Path) -> Iterator[str]:
    """Duplicates in an archive."""
    database = sqlite3.connect(home / "newscrawl.db")
    try:
        for what, query in _DOUBLED.items():
            yield from (f"{what}: {found}" for (found,) in database.execute(query))
    finally:
        database.close()


def differences(is_now: Mapping[str, list[Any]], should: Mapping[str, list[Any]]) -> Iterator[str]:
    """The differences between two archives."""
    for name, expected in should.items():
        missing, extra = Counter(expected) - Counter(is_now[name]), Counter(is_now[name]) - Counter(expected)
        for label, rows in (("missing", missing), ("too many", extra)):
            yield from (f"{name}, {label}: {str(row)[:300]}" for row in list(rows)[:3])


def age_versions(home: Path) -> None:
    """Gives reprocess something to do: marks all versions as an earlier extractor's and adds a line to them."""
    from newscrawl.model import Content
    from newscrawl.store import rows
    from newscrawl.store.engine import open_engine, writing
    from newscrawl.store.proof import pending
    from newscrawl.store.proof.kinds import Kind
    from newscrawl.store.tables import articles, versions
    from newscrawl.text import content_hash

    engine = open_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with writing(engine) as connection:
        found = list(connection.execute(versions.select()).mappings())
        authors = rows.load_authors(connection, [row["id"] for row in found])
        for row in found:
            older = {**row, "body": f"{row['body']}\n\nA line that an earlier extractor took for text."}
            content: Content = rows.content_of(older, authors[row["id"]])  # type: ignore[arg-type]
            connection.execute(
                versions.update().where(versions.c.id == row["id"]).values(
                    body=older["body"], content_hash=content_hash(content), extractor="0/earlier"
                )
            )  # fmt: skip
        # As reprocessing by that extractor would have left it in the log of everything recorded.
        pending.note(connection, Kind.VERSION, [row["id"] for row in found])
        assert connection.execute(articles.select()).first() is not None
    engine.dispose()


def phase(home: Path, step: Step, ended: Finished, usual: float) -> str:
    """Where in its life a run was killed, as far as its archive shows."""
    fraction = min(ended.seconds / usual, 1.0)
    when = next(name for most, name in ((0.15, "start"), (0.5, "first half"), (0.85, "second half"), (9, "end")) if fraction < most)  # fmt: skip
    path = home / "newscrawl.db"
    if not path.exists():
        return f"{step.kind}, {when}, no database yet"
    database = sqlite3.connect(path)
    try:
        (open_runs,) = database.execute("select count(*) from runs where finished is null").fetchone()
    except sqlite3.OperationalError:
        return f"{step.kind}, {when}, no schema yet"
    finally:
        database.close()
    return f"{step.kind}, {when}, {'in a run' if open_runs or step.kind == 'reprocess' else 'outside a run'}"


def draw(chance: random.Random, step: Step, usual: float) -> Kill:
    """When or where to kill a run that usually takes so long."""
    alone = chance.random() < 0.3
    if chance.random() < 0.25:
        fitting = [kill for kind, kill in KILL_POINTS if kind in ("", step.kind) and not (step.kind == "reprocess" and ("warc" in kill.point or "run" in kill.point))]  # fmt: skip
        place = chance.choice(fitting)
        most = _OFTEN.get(place.point.rpartition(".")[2], 1)
        return Kill(point=place.point, when=place.when, nth=chance.randint(1, most), alone=alone)
    # A run that was killed before has less to do.
    return Kill(after=chance.uniform(0, usual * 0.75), alone=alone)


def reference(bench: Bench) -> tuple[list[dict[str, list[Any]]], list[float], list[int]]:
    """What the archive holds after each step, how long each takes and its exit code, when nothing is killed."""
    home = bench.folder / "reference"
    states, times, codes = [], [], []
    for step in bench.steps():
        if step.kind == "reprocess":
            age_versions(home)
        ended = bench.do(step, home)
        if ended.code not in (Exit.OK, Exit.PARTLY_FAILED):
            raise RuntimeError(f"{step.kind} ends with {ended.code} although nothing kills it: {ended.err}")
        states.append(held(home))
        times.append(ended.seconds)
        codes.append(ended.code)
    bad = [*doubled(home), *([] if bench.verify(home).code == 0 else ["verify"])]
    if bad:
        raise RuntimeError(f"the reference itself is not whole: {bad}")
    return states, times, codes


def kill_all(folder: Path, kills: int, seed: int, say: Any = lambda _line: None) -> Found:
    """Kills until the number of kills is reached; the result."""
    chance = random.Random(seed)
    outlet = Outlet(seed=seed)
    found = Found()
    began = time.monotonic()
    with ProcessPool() as process_pool, OutletServer(outlet, Clock(outlet.moments[0])) as server:
        bench = Bench(folder, process_pool, server)
        bench.prepare()
        states, times, codes = reference(bench)
        say(f"reference: {[round(t, 1) for t in times]} s, exit codes {codes}")
        number = 0
        while found.kills.total() < kills:
            number += 1
            home = folder / f"round-{number}"
            for step, state, usual, code in zip(bench.steps(), states, times, codes, strict=True):
                if step.kind == "reprocess":
                    age_versions(home)
                for _ in range(min(chance.randint(2, 7), kills - found.kills.total())):
                    _kill_once(bench, step, home, draw(chance, step, usual), usual, found)
                _finish(bench, step, home, state, code, found)
                if not found.good:
                    say(f"after {step.kind} of round {number}: {found}")
                    kept = folder / f"kept-{number}-{step.kind}"
                    shutil.copytree(home, kept, dirs_exist_ok=True)
                    break  # what follows would only repeat it
            shutil.rmtree(home)
            say(
                f"round {number}: {found.kills.total()} kills, {'all right' if found.good else 'NOT all right'}"
            )
            if not found.good:
                break
    found.seconds = round(time.monotonic() - began, 1)
    return found


def _kill_once(bench: Bench, step: Step, home: Path, kill: Kill, usual: float, found: Found) -> None:
    ended = bench.do(step, home, kill)
    found.orphans += len(ended.left)
    if ended.code != -9:
        found.missed += 1
        return
    found.kills[f"{phase(home, step, ended, usual)}"] += 1
    if (home / "newscrawl.db").exists():
        checked = bench.verify(home)
        # Killed while the schema was created: there is nothing to verify, and verify reports that.
        if checked.code not in (0, Exit.ARCHIVE_UNUSABLE) or (
            checked.code and "no archive" not in checked.err
        ):
            found.unclean.append(f"{step.kind} {kill}: {checked.out}{checked.err}"[:1000])


def _finish(bench: Bench, step: Step, home: Path, state: Any, code: int, found: Found) -> None:
    """Runs a step to its end, and compares the archive with the reference."""
    ended = bench.do(step, home)
    if ended.code != code:
        found.failed.append(f"{step.kind}: {ended.code} {ended.err}"[:1000])
        return
    checked = bench.verify(home)
    if checked.code:
        found.unclean.append(f"{step.kind}, finished: {checked.out}{checked.err}"[:1000])
    if "in the middle of a record" in checked.out:
        found.torn.append(f"{step.kind}: {checked.out}"[:1000])
    found.differ += [f"{step.kind}: {one}" for one in differences(held(home), state)]
    found.doubled += [f"{step.kind}: {one}" for one in doubled(home)]
    found.left_files += bench.left_files()


def report(found: Found) -> str:
    """The result as text."""
    lines = [f"{count:5}  {where}" for where, count in sorted(found.kills.items())]
    bad = {name: getattr(found, name) for name in ("unclean", "torn", "differ", "doubled", "orphans", "left_files", "failed")}  # fmt: skip
    return "\n".join([f"{found.kills.total()} kills in {found.seconds:.0f} s, {found.missed} came too late", *lines, json.dumps(bad, indent=1)])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="Keep the archives here (default: a temporary folder).")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kills-") as temporary:
        folder = chosen.home or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = kill_all(
            folder, chosen.kills, chosen.seed, lambda line: print(line, file=sys.stderr, flush=True)
        )
    print(report(found))
    sys.exit(0 if found.good else 1)


if __name__ == "__main__":
    main()
