"""The speed of `newscrawl verify` and `newscrawl reprocess`, compared with warcio reading the same files.

    python benchmarks/verify.py [CAPTURES]

Makes an archive of made-up pieces in a temporary folder, written by the same writer and store as a crawl.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from newscrawl.demo import Clock, Outlet, OutletServer
from newscrawl.extract import extract, extractor_version
from newscrawl.model import Content, Decision, Fetch, FetchOutcome, Observation, Verdict, VerdictKind
from newscrawl.store.archive import Archive, open_archive
from newscrawl.text import content_hash
from newscrawl.urls import canonical
from newscrawl.warc import WarcWriter


def pages(outlet: Outlet) -> list[bytes]:
    """Article pages of the made-up outlet, as its server sends them."""
    from urllib.request import urlopen

    now = outlet.moments[-1]
    with OutletServer(outlet, Clock(now)) as server:
        found = []
        for expected in outlet.truth("en", now, outlet.moments):
            try:
                with urlopen(server.url("en") + expected.path, timeout=10) as answer:
                    found.append(answer.read())
            except OSError:
                continue  # removed by then
        return found


def make(home: Path, captures: int) -> None:
    """An archive of this many captures, one article each; each kind of page is extracted only once."""
    outlet = Outlet(seed=3)
    bodies = pages(outlet)
    now = outlet.moments[-1]
    archive = Archive(open_archive(f"sqlite:///{home / 'newscrawl.db'}"), "orda", now)
    archive.begin_run(now, {})
    read = {}
    with WarcWriter(home / "warc", "orda", software="benchmark", contact=None, max_bytes=8 << 20) as warc:
        for start in range(0, captures, 100):
            observations = []
            for number in range(start, min(start + 100, captures)):
                body = bodies[number % len(bodies)].replace(b"</h1>", b" %d</h1>" % number, 1)
                url, at = f"https://en.orda.kz/piece-{number}/", now + timedelta(seconds=number)
                headers = [("Content-Type", "text/html; charset=utf-8")]
                capture = warc.write_response(
                    url=url, at=at, status=200, reason="OK", headers=headers, body=body
                )
                kind = number % len(bodies)
                if kind not in read:
                    read[kind] = extract(body, url, content_type="text/html; charset=utf-8", fetched_at=at)
                article = replace(read[kind], title=f"{read[kind].title} {number}")
                fetch = Fetch(url, at, FetchOutcome.OK, url, status=200, captures=(capture,))
                fingerprint = content_hash(Content.of(article))
                observations.append(
                    Observation("orda", "en", canonical(url), fetch, article, fingerprint, "0/benchmark")
                )
            warc.sync()
            with archive.write() as writing:
                for observation in observations:
                    writing.apply(Decision(observation, Verdict(VerdictKind.NEW, "first seen")))
    archive.close()


def plain(home: Path) -> int:
    """Reads every payload with warcio; how many records."""
    records = 0
    for path in sorted((home / "warc").rglob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                record.content_stream().read()
                records += 1
    return records


def command(home: Path, *words: str) -> tuple[float, float, float, str]:
    """Wall and CPU seconds, the largest process's memory in MB, and the last line of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    program = (
        "import resource, sys; from newscrawl.cli import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "finally: print(max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, "NEWSCRAWL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(done.stderr.split()[-1]) / 1024, done.stdout.strip().splitlines()[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("captures", type=int, nargs="?", default=2000)
    captures = parser.parse_args().captures
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make(home, captures)
        start = time.process_time()
        records = plain(home)
        cost = time.process_time() - start
        print(f"warcio alone: {records:,} records in {cost:.1f} s CPU, {records / cost:,.0f} a second")
        for words in (("verify", "--workers", "1"), ("verify",), ("verify", "--quick"), ("reprocess",)):
            wall, cpu, memory, line = command(home, *words)
            print(
                f"{' '.join(words)}: {wall:.1f} s, {cpu:.1f} s CPU, {captures / wall:,.0f} captures a second, {captures / cpu:,.0f} a CPU second, {memory:.0f} MB"
            )
            print(f"  {line}")
        print(json.dumps({"captures": captures, "extractor": extractor_version()}))


if __name__ == "__main__":
    main()
