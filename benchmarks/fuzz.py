"""Reads many thousand bad documents, made from real pages by a seed each, in worker processes as in a crawl.

    python benchmarks/fuzz.py --pages DIR N [--start SEED] [--workers W] [--direct]

The bad documents: 85 % pages (98 % of them shortened to a few thousand bytes, so that a hundred thousand take minutes
and not hours; 2 % whole), 7 % feeds, 6 % sitemaps, 2 % robots.txt; each with one to five mutations, 0.3 % of the pages and
1.5 % of the rest blown up to as much as six million bytes on top. The same seed gives the same document; to continue a stopped
run, give the number it printed as --start. --direct reads them in this process.

Prints the page types, the slowest, the most memory, what was aborted and why, and every exception. Exit code 1 if there
was an exception or a process that died. Without the folder it exits 0, because real pages are in no repository.
"""

from __future__ import annotations

import argparse
import gzip
import heapq
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.mutations import Reading, made, tried
from newscrawl.crawl.parse.jobs import LOADED
from newscrawl.worker import Aborted, Limits, results

SECONDS = 10.0  # of CPU, because other programs may be running
_SAY_EVERY = 2000


@cache
def pages_in(folder: str) -> tuple[bytes, ...]:
    """All pages of a folder, unpacked."""
    return tuple(gzip.decompress(p.read_bytes()) for p in sorted(Path(folder).rglob("*.html.gz")))


def one(job: tuple[str, int]) -> Reading:
    """The document of a seed, made and read; runs in a worker."""
    folder, seed = job
    return tried(seed, pages_in(folder))


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", type=int, metavar="N")
    parser.add_argument("--pages", type=Path, required=True, metavar="DIR")
    parser.add_argument("--start", type=int, default=0, metavar="SEED")
    parser.add_argument("--workers", type=int, default=2, metavar="W")
    parser.add_argument("--direct", action="store_true", help="in this process, unguarded")
    parser.add_argument(
        "--save", type=int, metavar="SEED", help="write the document of this seed to standard output, and end"
    )
    options = parser.parse_args()
    if not options.pages.is_dir():
        print(f"{options.pages} is not there: nothing to do")
        return 0
    folder = str(options.pages.resolve())
    if options.save is not None:
        sys.stdout.buffer.write(made(options.save, pages_in(folder))[1])
        return 0
    jobs = ((folder, seed) for seed in range(options.start, options.start + options.number))
    import benchmarks.fuzz as here  # by its name: the processes import it

    done: Iterator[tuple[tuple[str, int], Any]]
    if options.direct:
        done = ((job, one(job)) for job in jobs)
    else:
        load = ("benchmarks.fuzz", *LOADED)
        done = results(
            here.one, jobs, workers=options.workers, limits=Limits(SECONDS, clock_factor=100), load=load
        )
    return report(done)


def report(done: Iterator[tuple[tuple[str, int], Any]]) -> int:
    """Counts and prints."""
    outcomes: Counter[str] = Counter()
    broken: dict[str, list[int]] = {}
    ended: list[tuple[int, str]] = []
    slowest: list[tuple[float, int, int, tuple[str, ...]]] = []
    started, total, size = time.monotonic(), 0, 0
    for (_, seed), reading in done:
        total += 1
        if isinstance(reading, Aborted):
            outcomes["ended"] += 1
            ended.append((seed, reading.reason))
            print(f"ended: seed {seed}: {reading.reason}", flush=True)
        else:
            outcomes[f"{reading.kind}: {reading.outcome}"] += 1
            size += reading.size
            heapq.heappush(slowest, (reading.seconds, seed, reading.size, reading.mutations))
            if len(slowest) > 15:
                heapq.heappop(slowest)
            if reading.broken:
                if reading.broken not in broken:
                    print(f"broken: seed {seed}: {reading.broken}", flush=True)
                broken.setdefault(reading.broken, []).append(seed)
        if total % _SAY_EVERY == 0:
            print(
                f"{total:,} done in {time.monotonic() - started:,.0f} s, up to about seed {seed}; {len(ended)} ended, {len(broken)} kinds of exceptions",
                flush=True,
            )
    children = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(dict(sorted(outcomes.items())), indent=1))
    for seconds, seed, length, mutations in sorted(slowest, reverse=True):
        print(f"{seconds:7.2f} s  seed {seed}, {length:,} bytes: {', '.join(mutations)}")
    for text, seeds in broken.items():
        print(f"broken {len(seeds)} times, seeds {seeds[:5]}: {text}")
    for seed, reason in ended:
        print(f"ended: seed {seed}: {reason}")
    died = sum("died" in reason for _, reason in ended)
    print(
        f"{total:,} documents, {size / 1e6:,.0f} MB, {time.monotonic() - started:,.0f} s; {len(ended)} ended, {died} of them died; "
        f"{sum(map(len, broken.values()))} exceptions; this process had at most {children / 1024:,.0f} MiB"
    )
    return 1 if broken or died else 0


if __name__ == "__main__":
    sys.exit(main())
