"""Measures the memory of a long `scrapy crawl` of many small made-up articles on loopback, from outside.

    python benchmarks/memory.py [--articles 20000] [--every 500] [--json]

After every --every article requests it samples the memory of the run and of its parsing process, and the number of open
files. Prints the samples and the slope after the first tenth, in KiB per thousand articles. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
A_SITEMAP = 1000  # articles in one sitemap
WORDS = [
    "ferry",
    "river",
    "village",
    "market",
    "bridge",
    "school",
    "winter",
    "bread",
    "council",
    "road",
    "letter",
    "garden",
    "station",
    "harvest",
    "lantern",
]


@dataclass(frozen=True)
class Sample:
    """After so many articles: MiB of the run and of the process that reads, and files open in the run."""

    articles: int
    seconds: float
    run: float
    reader: float
    files: int

    @property
    def line(self) -> str:
        """For people."""
        return (
            f"{self.articles:7,} articles  {self.seconds:8.1f} s  run {self.run:7.1f} MiB  "
            f"reader {self.reader:7.1f} MiB  {self.files} files open"
        )


def page(number: int) -> str:
    """A small article; another number gives other words."""
    dice = Random(number)
    paragraphs = [
        "".join(f"<p>{' '.join(dice.choices(WORDS, k=25)).capitalize()} {number}.</p>") for _ in range(6)
    ]
    title = f"{' '.join(dice.choices(WORDS, k=5)).capitalize()} number {number}"
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": f"2026-05-{number % 11 + 1:02d}T10:00:00+05:00",
    }
    near = "".join(
        f'<li><a href="/{slug(number + n)}">A headline about {number + n}</a></li>'
        for n in range(1, 6)
        if number > 5
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><script type="application/ld+json">{json.dumps(data)}</script></head>'
        f"<body><main><h1>{title}</h1>{''.join(paragraphs)}</main><h3>Latest news</h3><ul>{near}</ul></body></html>"
    )


def slug(number: int) -> str:
    """The path of an article."""
    return f"a-ferry-on-the-river-{100_000 + number}"


class Outlet:
    """Serves the articles and their sitemaps; samples the run while it answers."""

    def __init__(self, articles: int, every: int, *, aloud: bool) -> None:
        self.articles, self.every, self.aloud = articles, every, aloud
        self.asked = 0
        self.samples: list[Sample] = []
        self.pid: int | None = None
        self.started = time.monotonic()
        self._lock = threading.Lock()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        if path == "/":
            return (
                200,
                "text/html",
                f'<html><body><a href="/{slug(0)}">A headline of some words</a></body></html>'.encode(),
            )
        if (
            path.startswith("/sitemap/sitemap_news")
            and (n := int(path[21:].removesuffix(".xml"))) * A_SITEMAP <= self.articles
        ):
            locations = "".join(
                f"<url><loc>{self.url}/{slug(k)}</loc><lastmod>2026-05-11</lastmod></url>"
                for k in range((n - 1) * A_SITEMAP, n * A_SITEMAP)
            )
            return (
                200,
                "text/xml",
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'.encode(),
            )
        number = path.rpartition("-")[2]
        if number.isdigit() and int(number) - 100_000 < self.articles:
            self._count()
            return 200, "text/html; charset=utf-8", page(int(number) - 100_000).encode()
        return 404, "text/html", b"<h1>Not found</h1>"

    def _count(self) -> None:
        with self._lock:
            self.asked += 1
            if self.asked % self.every == 0 and self.pid is not None:
                readers = descendants(self.pid)
                files = len(list(Path(f"/proc/{self.pid}/fd").iterdir()))
                reader = max((resident(pid) for pid in readers), default=0.0)
                self.samples.append(
                    Sample(
                        self.asked,
                        round(time.monotonic() - self.started, 1),
                        resident(self.pid),
                        reader,
                        files,
                    )
                )
                if self.aloud:
                    print(self.samples[-1].line, flush=True)

    url = ""


def resident(pid: int) -> float:
    """MiB a process has."""
    try:
        return round(
            int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20, 1
        )
    except OSError:
        return 0.0


def descendants(pid: int) -> list[int]:
    """The processes two and more levels below one: those that read."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return [one for one in found[1:] if parents[one] != pid]  # what a forkserver of the run forked


def serve(outlet: Outlet) -> ThreadingHTTPServer:
    """The outlet on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

        def do_GET(self) -> None:
            status, kind, body = outlet.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    outlet.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def slope(samples: list[Sample], of: str) -> float:
    """KiB more for a thousand articles, by least squares, after the first tenth."""
    rest = [s for s in samples if s.articles > samples[-1].articles / 10]
    xs, ys = [s.articles / 1000 for s in rest], [getattr(s, of) * 1024 for s in rest]
    if len(rest) < 3:
        return float("nan")
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return round(
        sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs), 1
    )


def main() -> int:
    """Runs the benchmark; the exit code is the crawl's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=20_000, help="rounded down to whole thousands")
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    outlet = Outlet(options.articles // A_SITEMAP * A_SITEMAP, options.every, aloud=not options.json)
    server = serve(outlet)
    with tempfile.TemporaryDirectory() as home:
        command = [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "orda",
            "-a",
            "edition=en",
            "-a",
            f"site={outlet.url}",
            "-a",
            "since=2026-01-01",
        ]
        command += ["-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=4"]
        surroundings = {
            **os.environ,
            "NEWSCRAWL_HOME": home,
            "NEWSCRAWL_NOW": "2026-05-12T09:00:00+00:00",
            "PYTHONPATH": str(ROOT),
        }
        run = subprocess.Popen(command, cwd=ROOT, env=surroundings)
        outlet.pid = run.pid
        code = run.wait()
    server.shutdown()
    result = {
        "articles": outlet.asked,
        "exit_code": code,
        "seconds": round(time.monotonic() - outlet.started, 1),
        "run_slope": slope(outlet.samples, "run"),
        "reader_slope": slope(outlet.samples, "reader"),
    }
    if options.json:
        print(json.dumps({**result, "samples": [asdict(s) for s in outlet.samples]}))
        return code
    print(f"{result}\n(slopes: KiB for a thousand articles, after the first tenth)")
    return code


if __name__ == "__main__":
    sys.exit(main())
