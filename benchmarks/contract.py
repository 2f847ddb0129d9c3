"""Proves that two checkouts of newscrawl have the same output for the same input, byte by byte.

    python benchmarks/contract.py BEFORE AFTER [--pages FOLDER] [--sample N] [--ids N] [--only PART] [--keep DIR]

BEFORE and AFTER are checkouts with their own `.venv`. This script imports nothing of newscrawl: it calls the
commands of both sides, and reads archives with sqlite3. Parts (all, or the one that --only names):

demo     Both sides crawl the made-up outlet at its nine moments. One program serves it to both (BEFORE's package
         newscrawl.demo), on the same ports. Compared are what the crawls print, all tables with every row, the
         schema, the WARC records (kind, address, payload digest, names of headers), every reading command with
         --json, every export as jsonl and csv, the server's answers, the names and labels of all metrics. Then
         AFTER takes over a copy of BEFORE's archive, re-checks it a day later and verifies it; BEFORE does the same.
pages    Both sides crawl the saved pages of FOLDER behind listing pages, and extract them as files and as a batch.
         FOLDER holds *.html or *.html.gz, and beside or above them `truth.jsonl` (id, url, html, encoding) if there
         is one. Compared is the same as of the demo, and what `extract` prints.
surface  Names of commands and options (not the help texts), Scrapy's list of spiders, output and exit codes of usage
         errors.

Of every command the exit code and standard output are compared, byte by byte, after what RULES, COLUMNS and CELLS
of contract_sides.py name was taken out: times and sizes of the machine, random numbers, folders. Messages on
standard error are not compared.

Prints each difference (the command, the first line and key that differ, both values), at the end one line a part.
Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contract_sides import Report, Side, tables
from benchmarks.contract_sites import free_ports, outlet, saved, serving

PAGES_NOW = datetime.fromisoformat("2026-11-01T00:00:00+00:00")  # after the youngest saved page
KINDS = ("articles", "versions", "observations", "sightings", "changes", "removed", "coverage")
# One request at a time, and none before the last response is archived: two crawls do the same in the same order.
LOCKSTEP = (
    "-s", "CONCURRENT_REQUESTS=1", "-s", "SCRAPER_SLOT_MAX_ACTIVE_SIZE=1",
    "-s", "DOWNLOAD_DELAY=0", "-s", "RECHECK_BUDGET=50",
)  # fmt: skip
RECORDS = """
import sys
from pathlib import Path
from warcio.archiveiterator import ArchiveIterator
for path in sorted(Path(sys.argv[1]).rglob("*.warc.gz")):
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            headers = record.rec_headers
            print(path.name, record.rec_type, headers.get_header("WARC-Target-URI"),
                  headers.get_header("WARC-Payload-Digest"), *sorted(name for name, _ in headers.headers))
"""
SPIDER = """
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider


class PagesSpider(NewsSpider):
    name = "pages"
    outlet = "Saved pages"
    editions = (Edition("all", "pages.example"),)
    listed_path = r"^/p/[^/]+$"
"""
USAGE_ERRORS = (
    "", "nonsense", "--nonsense", "list", "list --json", "list --state nowhere", "list --since never",
    "list --since 2026-02-02 --until 2026-01-01", "list --limit -1", "show", "show 1", "show nowhere.example/a",
    "history 1", "diff 1", "diff", "changes --kind nothing", "changes --article x", "removed --state x", "coverage",
    "coverage --limit x", "health", "health nosuch", "sources", "sources extra", "export", "export nothing",
    "export articles", "export articles --format xml", "export changes --state live",
    "export articles --out nowhere/file", "extract", "extract missing.html", "extract missing.html --explain",
    "extract --batch missing.jsonl", "extract --batch x --url http://a.example/", "extract a b --url http://a.example/",
    "extract a --workers 2", "extract a --json --format markdown", "crawl", "crawl nosuch", "crawl orda --all",
    "crawl orda --edition xx", "crawl orda --since never", "crawl orda --limit many", "crawl orda --recheck maybe",
    "crawl orda --max-time x", "crawl orda -s BAD", "crawl orda --quiet --json", "crawl orda --site nowhere",
    "import", "import missing.warc.gz", "import --html missing", "import --site http://a.example x.warc.gz",
    "reprocess --since x", "reprocess --workers 0", "verify", "verify --workers 0", "serve --port 99999",
    "serve --host nowhere.invalid", "schedule", "schedule --print cron --every x", "backup", "backup out", "restore",
    "restore nowhere", "prune", "prune extra", "notify nosuch", "notify --check", "db", "db nothing",
    "db copy --to nowhere", "db downgrade", "demo --seed x", "add", "add not-an-address",
)  # fmt: skip
SCRAPY_ERRORS = (
    "list",
    "crawl nosuch",
    "crawl orda -a edition=xx",
    "crawl orda -a since=never",
    "crawl orda -a x=1",
)


def archive(report: Report, part: str, home: str) -> None:
    """Tables and WARC records of both sides' archives."""
    before, after = (tables(side, home) for side in report.sides)
    for name in {**before, **after}:
        report.compare(part, f"{home}: {name}", before.get(name, "(missing)"), after.get(name, "(missing)"))
    records = ("-c", RECORDS, f"{home}/warc")
    pair = [side.run(*records, home=home, now=PAGES_NOW, program="python") for side in report.sides]
    report.compare(part, f"{home}: WARC records", *pair)


def reading(report: Report, part: str, home: str, now: datetime, number: int) -> None:
    """Every reading command, every export, the server and the metrics, on both sides' archives."""
    listed = [json.loads(line) for line in _lines(report.sides[0].run("list", "--json", home=home, now=now))]
    lists = ("changes", "removed")
    outputs = [_lines(report.sides[0].run(name, "--json", home=home, now=now)) for name in lists]
    chosen = {json.loads(line)["article"] for lines in outputs for line in lines}
    chosen |= {article["id"] for article in listed[:: max(1, len(listed) // max(1, number))]}
    edited = [str(article["id"]) for article in listed if article["versions"] > 1]
    words = [
        "list", "list --limit 3", "list --state removed", "list --state suspected", "list --since 2026-04-08",
        "list --until 2026-04-08", "list --edition ru", "list --edition all", "changes", "changes --kind headline",
        "changes --since 2026-04-09 --limit 5", "removed", "removed --state all", "removed --state returned",
        "coverage", "coverage --all", "coverage --days", "health", "sources", "verify", "verify --quick", "db current",
        "reprocess --all --dry-run", "show 999999", "show nowhere.example", "history 999999", "diff 1 1 99",
        *(f"{name} {i}" for i in sorted(chosen) for name in ("show", "history")),
        *(f"{name} {i}" for i in edited for name in ("diff", "changes --article", "show --version 1")),
    ]  # fmt: skip
    if listed:
        words.append(f"show {listed[0]['url']}")
    report.commands(part, [(*line.split(), "--json") for line in words], home=home, now=now)
    exports = [f"export {kind} --format {form}" for kind in KINDS for form in ("jsonl", "csv")]
    exports += [f"export removed --state all --format {form}" for form in ("jsonl", "csv")]
    report.commands(part, [line.split() for line in exports], home=home, now=now)
    report.commands(part, [("health", "--prometheus", f"{home}.prom")], home=home, now=now)
    report.compare(
        part, "metrics", *(metrics((side.work / f"{home}.prom").read_text()) for side in report.sides)
    )
    before, after = (served(side, home, now) for side in report.sides)
    for name in before:
        report.compare(part, f"serve: {name}", before[name], after[name])


def served(side: Side, home: str, now: datetime) -> dict[str, str]:
    """Request -> answer of `newscrawl serve`: status and type; the body where it is data."""
    (port,) = free_ports(1)
    process = side.start("serve", "--port", str(port), home=home, now=now)
    found = {}
    try:
        for _ in range(600):
            with closing(socket.socket()) as probe:
                if process.poll() is not None or probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        for request in ("GET /", "GET /health", "HEAD /health", "POST /health", "GET /health?format=json",
                        "GET /health?format=nonsense", "GET /metrics", "HEAD /metrics", "GET /nowhere"):  # fmt: skip
            method, target = request.split()
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                connection.request(method, target)
                answer = connection.getresponse()
                body = answer.read().decode()
            data = (
                metrics(body) if "metrics" in target else side.tamed(body) if "format=json" in target else ""
            )
            found[request] = f"{answer.status} {answer.getheader('Content-Type')}\n{data}"
    finally:
        process.terminate()
        process.wait(60)
    return found


def metrics(text: str) -> str:
    """Names, types and label sets of metrics in Prometheus' text format, without the values."""
    lines = (line for line in text.splitlines() if line and not line.startswith("# HELP"))
    return "\n".join(sorted(line if line.startswith("#") else line.rpartition(" ")[0] for line in lines))


def demo(report: Report, number: int) -> None:
    """The made-up outlet's week, then BEFORE's archive in AFTER's hands."""
    python, ports = report.sides[0].checkout / ".venv" / "bin" / "python", free_ports(3)
    printed = []
    for side in report.sides:  # one after the other: the ports are the same
        with outlet(python, ports) as (sites, moments, set_clock):
            lines = []
            for moment in moments:
                set_clock(moment)
                lines.append(side.run(*_crawl(sites), home="demo", now=moment))
            printed.append(lines)
    for moment, *pair in zip(moments, *printed, strict=True):
        report.compare("demo", f"crawl at {moment.isoformat()}", *pair)
    archive(report, "demo", "demo")
    for side in report.sides:
        shutil.copytree(report.sides[0].work / "demo", side.work / "taken over")
    reading(report, "demo", "demo", moments[-1] + timedelta(hours=6), number)
    later = moments[-1] + timedelta(days=1)
    report.commands("demo", [("list", "--json")], home="taken over", now=later)
    crawls = []
    for side in report.sides:
        with outlet(python, ports) as (sites, _, set_clock):
            set_clock(later)
            crawls.append(side.run(*_crawl(sites), "--recheck", "only", home="taken over", now=later))
    report.compare("demo", "taken over: crawl --recheck only", *crawls)
    ended = [side.run("verify", home="taken over", now=later) for side in report.sides]
    report.compare(
        "demo", "taken over: verify ends well", "exit code 0\n" + ended[0].partition("\n")[2], ended[1]
    )
    archive(report, "demo", "taken over")


def _crawl(sites: dict[str, str]) -> list[str]:
    return [
        "crawl",
        "orda",
        "--json",
        "--edition",
        ",".join(sites),
        "--site",
        ",".join(sites.values()),
        *LOCKSTEP,
    ]


def pages(report: Report, folder: Path, sample: int | None, number: int) -> None:
    """A crawl of saved pages, and what `extract` reads from them."""
    rows = saved(folder)[: sample or None]
    lines = [json.dumps({**row, "html": str(row["html"])}) for row in rows]
    for side in report.sides:
        (side.work / "spiders").mkdir()
        (side.work / "spiders" / "pages.py").write_text(SPIDER)
        (side.work / "batch.jsonl").write_text(
            "\n".join([*lines, "{}", '{"id": 1, "html": "missing.html"}', "no JSON"])
        )
    options: dict[str, Any] = {"home": "pages", "now": PAGES_NOW}
    with serving({row["id"]: row for row in rows}) as site:
        report.commands("pages", [("crawl", "pages", "--json", "--site", site, *LOCKSTEP)], **options)
    archive(report, "pages", "pages")
    reading(report, "pages", "pages", PAGES_NOW + timedelta(hours=6), number)
    files = [str(row["html"]) for row in rows]
    report.commands(
        "pages", [("extract", *more, *files) for more in (["--json"], ["--json", "--markdown"])], **options
    )
    one_by_one = [
        ("extract", str(r["html"]), "--url", r["url"], "--json", "--explain")
        for r in rows[:: len(rows) // 5 or 1]
    ]
    report.commands(
        "pages", [("extract", "--batch", "batch.jsonl", "--workers", "1"), *one_by_one], **options
    )


def surface(report: Report) -> None:
    """Commands, options, usage errors, in a folder without an archive."""
    # As keys of JSON, so that those missing and those added are named.
    before, after = (
        {name: json.dumps(dict.fromkeys(options, True)) for name, options in names(side).items()}
        for side in report.sides
    )
    for name in sorted({*before, *after}):
        report.compare(
            "surface", f"options of {name}", before.get(name, "(missing)"), after.get(name, "(missing)")
        )
    options: dict[str, Any] = {"home": "nothing", "now": PAGES_NOW}
    report.commands("surface", [line.split() for line in USAGE_ERRORS], **options)
    report.commands("surface", [line.split() for line in SCRAPY_ERRORS], program="scrapy", **options)


def names(side: Side, *command: str) -> dict[str, list[str]]:
    """Command -> names of its options, of `command` and all below it."""
    text = side.run(*command, "--help", home="nothing", now=PAGES_NOW)
    shown = [line.strip(" │") for line in text.splitlines()]
    options = {
        o
        for line in shown
        if line.startswith("-")
        for o in re.findall(r"(?<!\S)--?[a-z][\w-]*", line.split("  ")[0])
    }
    found = {" ".join(("newscrawl", *command)): sorted(options)}
    commands = re.search(r"Commands\W*\n(.*?)(?:\n *\n|\n╰|\Z)", text, re.DOTALL)
    for name in re.findall(r"^[ │]+([a-z][\w-]*)(?: |$)", commands[1] if commands else "", re.MULTILINE):
        found |= names(side, *command, name)
    return found


def _lines(printed: str) -> list[str]:
    return printed.splitlines()[1:]  # the first says the exit code


def main() -> int:
    """Compares; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument(
        "--pages", type=Path, metavar="FOLDER", help="saved pages; without them no part pages"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="only the first N saved pages")
    parser.add_argument(
        "--ids", type=int, default=30, metavar="N", help="articles shown one by one (default: 30)"
    )
    parser.add_argument("--only", choices=["demo", "pages", "surface"])
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work in this new folder and keep it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newscrawl-contract-") as temporary:
        work = (options.keep or Path(temporary)).absolute()
        sides = [Side(getattr(options, name).resolve(), work / name) for name in ("before", "after")]
        for side in sides:
            side.work.mkdir(parents=True)
        report = Report((sides[0], sides[1]))
        parts: dict[str, Callable[[], None]] = {
            "surface": lambda: surface(report),
            "pages": lambda: pages(report, options.pages.absolute(), options.sample, options.ids),
            "demo": lambda: demo(report, options.ids),
        }
        chosen = [p for p in parts if options.only in (None, p) and (p != "pages" or options.pages)]
        for part in chosen:
            began = time.monotonic()
            parts[part]()
            print(f"{part} took {time.monotonic() - began:.0f} s", flush=True)
    for part in chosen:
        same, different = report.same.get(part, 0), report.different.get(part, 0)
        print(
            f"{part}: different: {different} of {same + different}"
            if different
            else f"{part}: same: {same} outputs"
        )
    return 1 if report.different else 0


if __name__ == "__main__":
    sys.exit(main())
