"""Scores our extraction, trafilatura and other installed extractors on real pages with known fields.

    python benchmarks/extraction.py [--pages DIR] [--floors FILE] [--workers N] [--only NAME,…] [--json] [--check | --raise-floors]

DIR holds `truth.jsonl` (one object a page: id, url, html, encoding, and the known fields), the pages it
names, plain or gzipped, and the scorer `score.py` (or it lies in the folder `pages` beside DIR). It also
says how often each of our readers gave the body, how right it was, and on how many of its pages
trafilatura's own body is nearer to the truth. All tools read each page one after the other in the
same process, and the first one changes from page to page. No text of a page is printed.

Exit codes: 0; 1 with --check: a field below its floor (benchmarks/floors.json), a page that failed or
took more than 10 s of CPU; 2 usage. Without pages and without --pages it prints so and exits 0.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import floors
from peers import PEERS

ROOT = Path(__file__).parents[1]
OURS = "newscrawl"
LIMIT = 10.0  # s of CPU one page may take
NOTABLE = 0.005  # difference of body F1 by which one reading of a page is nearer to the truth than another
STOPPED_AFTER = 30.0  # s of CPU after which a tool is stopped on a page
# After the youngest page of the set, so that no date is refused as future.
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHOWN = (*floors.HELD, "title.exact", "authors.p", "authors.r", "date.none", "body.sh_f1", "tags.p", "tags.r")
# The field that a tool must return at all for its score to be meaningful.
GIVEN_BY = {"title": "title", "authors": "authors", "date": "published", "body": "body", "lang": "language", "section": "section",
            "tags": "tags"}  # fmt: skip

Row = dict[str, Any]


class TookTooLongError(BaseException):
    """Not an Exception, so that no tool catches it."""


@dataclass(frozen=True)
class Reading:
    """The fields one tool returned for one page, the CPU seconds it took, and its error if it failed."""

    fields: dict[str, Any]
    seconds: float
    error: str | None = None


def main() -> int:
    """Runs the benchmark; the exit code."""
    options = _options()
    folder = options.pages or ROOT.parent / "shared" / "pages"
    missing = [path.name for path in (folder / "truth.jsonl", _scorer(folder)) if not path.exists()]
    if missing:
        print(f"{'error' if options.pages else 'skipped'}: no {' and no '.join(missing)} in {folder}")
        return 2 if options.pages else 0
    wanted = options.only.split(",") if options.only else [OURS, *PEERS]
    if unknown := [name for name in wanted if name != OURS and name not in PEERS]:
        print(f"error: no tool is called {', '.join(unknown)}; there are {', '.join([OURS, *PEERS])}")
        return 2
    tools = [name for name in wanted if name == OURS or PEERS[name].installed]
    rows = [json.loads(line) for line in (folder / "truth.jsonl").open(encoding="utf-8") if line.strip()]
    readings = _read_all(folder, rows, tools, options.workers)
    result = {
        "pages": len(rows),
        "tools": {name: _result(folder, rows, name, readings[name]) for name in tools},
        "not_installed": [name for name in wanted if name not in tools],
    }
    held = floors.read(options.floors)
    result["readers"] = _readers(result["tools"], readings.get(OURS, []), rows)
    shown = {**result, "tools": {name: _without_pages(tool) for name, tool in result["tools"].items()}}
    print(json.dumps(shown, indent=1) if options.json else "\n".join(_table(result, held)))
    if options.raise_floors:
        floors.write(held.raised(result["tools"][OURS]["scores"], len(rows)), options.floors)
        return 0
    return _check(result, held) if options.check else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--pages", type=Path, help="folder of pages; default: ../shared/pages beside the checkout"
    )
    parser.add_argument(
        "--floors",
        type=Path,
        default=floors.FILE,
        help="the floors of these pages; default: benchmarks/floors.json",
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--only", help="comma list of tools")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    gate = parser.add_mutually_exclusive_group()
    gate.add_argument("--check", action="store_true", help="exit code 1 if a field is below its floor")
    gate.add_argument("--raise-floors", action="store_true", help="raise the floors to what was reached")
    options = parser.parse_args()
    if (options.check or options.raise_floors) and options.only and OURS not in options.only.split(","):
        parser.error(f"the floors are those of {OURS}: --only leaves it out")
    if options.workers < 1:
        parser.error("--workers must be at least 1")
    return options


# --- reading ------------------------------------------------------------------------------------


def _read_all(folder: Path, rows: list[Row], tools: list[str], workers: int) -> dict[str, list[Reading]]:
    work = partial(_read_page, folder, tools)
    with ProcessPoolExecutor(workers, initializer=_warm_up, initargs=(tools,)) as pool:
        pages = list(pool.map(work, range(len(rows)), rows, chunksize=4))
    return {name: [page[name] for page in pages] for name in tools}


def _warm_up(tools: list[str]) -> None:
    """Lets each tool read one page first, because what it loads then is not the cost of a page."""
    text = "".join(
        f"<p>The made-up river rose {n} centimetres in the night, the harbour master said.</p>"
        for n in range(9)
    )
    page = f"<html lang=en><head><title>River</title></head><body><h1>River rises</h1>{text}</body></html>"
    for name in tools:
        _timed(
            _reader(name, page.encode(), page, {"url": "https://www.example.org/river", "encoding": "utf-8"})
        )


def _read_page(folder: Path, tools: list[str], number: int, row: Row) -> dict[str, Reading]:
    path = folder / row["html"]
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = content.decode(row.get("encoding") or "utf-8", "replace")
    turn = number % len(tools)
    found = {name: _timed(_reader(name, content, text, row)) for name in tools[turn:] + tools[:turn]}
    return {name: found[name] for name in tools}


def _reader(name: str, content: bytes, text: str, row: Row) -> Callable[[], dict[str, Any]]:
    if name != OURS:
        return partial(PEERS[name].read, text, row["url"])
    from newscrawl.extract import extract
    from newscrawl.serialization.records import extracted

    # Bytes in, with the charset as if from the HTTP header; no rules of any source.
    return lambda: extracted(extract(content, row["url"], fetched_at=NOW, encoding=row.get("encoding")))


def _timed(read: Callable[[], dict[str, Any]]) -> Reading:
    start = time.process_time()
    try:
        with _limit(STOPPED_AFTER):
            fields = read()
        return Reading(fields, time.process_time() - start)
    except TookTooLongError:
        return Reading({}, time.process_time() - start, "stopped")
    except Exception as error:  # noqa: BLE001 - a tool that raises gave nothing: that is its result
        return Reading({}, time.process_time() - start, type(error).__name__)


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# --- scoring and showing ------------------------------------------------------------------------


def _result(folder: Path, rows: list[Row], name: str, readings: list[Reading]) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for row, reading in zip(rows, readings, strict=True):
            file.write(json.dumps({**reading.fields, "id": row["id"], "url": row["url"]}, default=str) + "\n")
        file.flush()
        each = Path(f"{file.name}.pages")
        command = [
            sys.executable,
            _scorer(folder),
            folder / "truth.jsonl",
            file.name,
            "--json",
            "--pages",
            each,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = each.read_text("utf-8").splitlines() if each.exists() else []
        each.unlink(missing_ok=True)
    if done.returncode:
        raise SystemExit(f"the scorer failed on {name}: {done.stderr.strip()[-500:]}")
    scored = json.loads(done.stdout)
    given = {key for reading in readings for key, value in reading.fields.items() if value}
    times = sorted(1000 * reading.seconds for reading in readings)
    slowest = max(range(len(readings)), key=lambda i: readings[i].seconds)
    return {
        "version": PEERS[name].version if name in PEERS else _own_version(),
        "scores": {k: v for k, v in scored["scores"].items() if GIVEN_BY.get(k.split(".")[0]) in given},
        "n": scored["n"],
        "bodies": {page["id"]: page for page in map(json.loads, lines) if page.get("body.f1") is not None},
        "cpu_ms": {
            "median": statistics.median(times),
            "mean": statistics.fmean(times),
            "p95": times[min(len(times) - 1, int(0.95 * len(times)))],
            "max": times[-1],
            "slowest": rows[slowest]["id"],
        },
        "failed": {rows[i]["id"]: r.error for i, r in enumerate(readings) if r.error},
    }


def _scorer(folder: Path) -> Path:
    own = folder / "score.py"
    return own if own.exists() else folder.parent / "pages" / "score.py"


def _without_pages(tool: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tool.items() if key != "bodies"}


def _readers(tools: dict[str, Any], readings: list[Reading], rows: list[Row]) -> list[dict[str, Any]]:
    """For each reader that gave a body: pages, mean F1, share exact, pages on which trafilatura's own body is nearer or farther."""
    own = tools.get(OURS, {}).get("bodies", {})
    peer = tools.get("trafilatura", {}).get("bodies", {})
    pages: dict[str, list[str]] = {}
    for reading, row in zip(readings, rows, strict=False):
        if row["id"] in own:
            pages.setdefault((reading.fields.get("origins") or {}).get("body") or "none", []).append(
                row["id"]
            )
    found = []
    for reader, ids in sorted(pages.items(), key=lambda pair: -len(pair[1])):
        apart = [own[i]["body.f1"] - peer[i]["body.f1"] for i in ids if i in peer]
        found.append({
            "reader": reader, "pages": len(ids), "f1": statistics.fmean(own[i]["body.f1"] for i in ids),
            "exact": statistics.fmean(own[i]["body.exact"] for i in ids),
            "nearer": sum(d > NOTABLE for d in apart), "farther": sum(d < -NOTABLE for d in apart),
        })  # fmt: skip
    return found


def _own_version() -> str:
    from newscrawl.extract import extractor_version

    return extractor_version()


def _table(result: dict[str, Any], held: floors.Floors) -> Iterator[str]:
    tools = result["tools"]
    bounds = held.bounds
    width = max(11, *(len(name) for name in tools)) + 2
    n = next(iter(tools.values()))["n"]
    yield f"{result['pages']} pages; " + ", ".join(
        f"{name} {tool['version']}" for name, tool in tools.items()
    )
    if result["not_installed"]:
        yield f"not installed: {', '.join(result['not_installed'])}"
    yield ""
    yield f"{'field':<15}{'n':>5}" + "".join(f"{name:>{width}}" for name in tools) + f"{'bound':>9}"
    for field in SHOWN:
        if field not in n:
            continue
        figures = "".join(f"{_figure(tool, field):>{width}}" for tool in tools.values())
        less = " (less is better)" if field in floors.LESS_IS_BETTER or field.endswith(".none") else ""
        bound = f"{bounds[field]:.3f}" if field in bounds else ""
        yield f"{field:<15}{n[field]:>5}{figures}{bound:>9}{less}".rstrip()
    yield ""
    if result["readers"]:
        yield f"{'body by':<15}{'pages':>7}{'F1':>8}{'exact':>8}{'nearer than trafilatura':>26}{'farther':>9}"
        for row in result["readers"]:
            yield (
                f"{row['reader']:<15}{row['pages']:>7}{row['f1']:>8.4f}{row['exact']:>8.4f}{row['nearer']:>26}{row['farther']:>9}"
            )
        yield ""
    base = tools.get("trafilatura")
    for key in ("median", "mean", "p95", "max"):
        yield f"{'CPU ms ' + key:<20}" + "".join(
            f"{tool['cpu_ms'][key]:>{width}.1f}" for tool in tools.values()
        )
    if base:
        for key in ("median", "mean"):
            ratios = (tool["cpu_ms"][key] / base["cpu_ms"][key] for tool in tools.values())
            yield f"{'x trafilatura ' + key:<20}" + "".join(f"{ratio:>{width}.2f}" for ratio in ratios)
    yield f"{'failed pages':<20}" + "".join(f"{len(tool['failed']):>{width}}" for tool in tools.values())
    for name, tool in tools.items():
        if kinds := Counter(tool["failed"].values()):
            yield f"failed, {name}: " + ", ".join(f"{kind} on {count}" for kind, count in kinds.items())
    for name, tool in tools.items():
        yield f"slowest page, {name}: {tool['cpu_ms']['slowest']}, {tool['cpu_ms']['max']:.0f} ms"


def _figure(tool: dict[str, Any], field: str) -> str:
    value = tool["scores"].get(field)
    return "-" if value is None else f"{value:.4f}"


def _check(result: dict[str, Any], held: floors.Floors) -> int:
    ours = result["tools"][OURS]
    problems = held.broken(ours["scores"])
    problems += [f"page {page} failed: {error}" for page, error in ours["failed"].items()]
    if ours["cpu_ms"]["max"] > 1000 * LIMIT:
        problems.append(
            f"page {ours['cpu_ms']['slowest']} took {ours['cpu_ms']['max'] / 1000:.1f} s, the limit is {LIMIT:.0f} s"
        )
    if not held.bounds:
        problems.append("there are no floors to check against; --raise-floors writes them")
    if problems and held.pages != result["pages"]:
        problems.append(f"the floors were set on {held.pages} pages, these are {result['pages']}")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    if not problems:
        print(f"floors held: {len(held.bounds)} fields, {result['pages']} pages", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
