"""Kills the backfill of a made-up outlet repeatedly, and checks that everything is archived and nothing fetched twice.

    python benchmarks/backfill.py [--articles 5000] [--kills 5] [--seed 1]

The outlet has a paged list of its newer half and monthly sitemaps of all articles; some of both are older than `since`. A
crawl is started with `since`, killed with SIGKILL after a seeded number of requests, and started again, until one finishes.
The requests to the server are compared with the archive. An address may be requested twice only if it was in flight:
requested and not yet archived when the crawl was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self

from sqlalchemy import create_engine, text

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
PAGE = 20  # pieces on one page of the list
APART = timedelta(hours=2)  # between two pieces
OLDER = 0.1  # pieces older than asked for, beside the others


class OutletSpider(NewsSpider):
    """The made-up outlet: a list by page number, an index of monthly sitemaps."""

    name = "landing"
    outlet = "The Landing Post"
    editions = (
        Edition(
            "en",
            "landing.example",
            "en",
            listings=(Listing("/news/", more="/news/page/{n}/"),),
            sitemaps=("/sitemap.xml",),
        ),
    )
    listed_path = claimed_path = r"^/news/item-\d+$"
    identity_path = r"-(\d+)$"


class Outlet:
    """Pieces 1 to `wanted`, and OLDER older ones with numbers below 1; higher numbers are newer."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.first = 1 - int(wanted * OLDER)
        self.months: dict[str, list[int]] = {}
        for n in range(self.first, wanted + 1):
            self.months.setdefault(f"{self.when(n):%Y-%m}", []).append(n)

    def when(self, n: int) -> datetime:
        """When piece n was published."""
        return NOW - (self.wanted - n + 1) * APART

    @property
    def since(self) -> datetime:
        """The `since` of the crawl: piece 1 and later."""
        return self.when(1)

    def page(self, path: str, site: str) -> tuple[str, str] | None:
        """Body and content type of an address; None: not found."""
        if path.startswith("/news/item-"):
            return self._article(int(path.rpartition("-")[2]) - 10**6), "text/html; charset=utf-8"
        if path == "/news/" or path.startswith("/news/page/"):
            number = 1 if path == "/news/" else int(path.strip("/").rpartition("/")[2])
            return self._list(number), "text/html; charset=utf-8"
        if path == "/sitemap.xml":
            entries = (
                f"<sitemap><loc>{site}/sitemap-{month}.xml</loc><lastmod>{self.when(pieces[-1]):%Y-%m-%d}</lastmod></sitemap>"
                for month, pieces in self.months.items()
            )
            return f"<sitemapindex>{''.join(entries)}</sitemapindex>", "application/xml"
        if path.startswith("/sitemap-"):
            pieces = self.months.get(path[9:16], [])
            entries = (
                f"<url><loc>{site}{address(n)}</loc><lastmod>{self.when(n).isoformat()}</lastmod></url>"
                for n in pieces
            )
            return f"<urlset>{''.join(entries)}</urlset>", "application/xml"
        return None

    def _list(self, number: int) -> str:
        last = self.wanted - (number - 1) * PAGE
        pieces = range(last, max(last - PAGE, self.wanted // 2, self.first - 1), -1)
        cards = "".join(
            f'<li><a href="{address(n)}">Ferry {n} runs again</a> <time datetime="{self.when(n).isoformat()}">x</time></li>'
            for n in pieces
        )
        return f"<html><body><ul>{cards}</ul></body></html>"

    def _article(self, n: int) -> str:
        words = random.Random(n)
        body = "".join(
            f"<p>The {words.choice(_NOUNS)} of landing {n} counted {words.randint(2, 999)} {words.choice(_NOUNS)} signs and "
            f"{words.randint(2, 999)} {words.choice(_NOUNS)} ropes before the {words.choice(_NOUNS)} closed for the night.</p>"
            for _ in range(4)
        )
        data = json.dumps(
            {
                "@type": "NewsArticle",
                "headline": f"Ferry {n} runs again",
                "datePublished": self.when(n).isoformat(),
            }
        )
        return (
            f'<!doctype html><html lang="en"><head><title>Ferry {n} runs again</title><script type="application/ld+json">{data}'
            f"</script></head><body><main><h1>Ferry {n} runs again</h1>{body}</main></body></html>"
        )


_NOUNS = "ferry market captain river harvest teacher bridge orchard library lantern mill pasture".split()  # noqa: SIM905


def address(n: int) -> str:
    """The path of a piece."""
    return f"/news/item-{10**6 + n}"


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores closed connections, because crawls are killed."""


class Server:
    """Serves an outlet on loopback and records the requested paths in order."""

    def __init__(self, outlet: Outlet) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                if self.path != "/robots.txt":
                    asked.append(self.path)
                found = outlet.page(self.path, f"http://{self.headers['Host']}")
                body, kind = found if found is not None else ("Not found", "text/plain")
                data = body.encode()
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Logs nothing."""

        self._server = _Http(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The site's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


@dataclass
class Result:
    """The result of a backfill: all fields except the counts of work must be 0."""

    wanted: int
    archived: int = 0
    missing: int = 0
    unwanted: int = 0  # older than asked for, and archived
    twice: int = 0  # articles asked for more than once
    twice_without_reason: int = 0  # of those, not in flight when the crawl was killed
    in_flight: int = 0
    older_fetched: int = 0  # articles fetched that were older than asked for
    pages: int = 0  # requests for the list
    pages_needed: int = 0
    sitemaps: int = 0
    requests: int = 0
    kills: list[int] = field(default_factory=list)
    seconds: float = 0.0
    ended: int = 0  # exit code of the last run


class Running(Protocol):
    """A crawl in a process of its own, as `subprocess.Popen` gives it."""

    def poll(self) -> int | None:
        """None while it runs."""

    def kill(self) -> None:
        """Ends it with SIGKILL."""

    def wait(self) -> int:
        """Its exit code, once it has ended."""


Starter = Callable[[list[str], dict[str, str]], Running]  # arguments of `scrapy` and variables to a process


def in_a_process(words: list[str], variables: dict[str, str]) -> Running:
    """A new interpreter."""
    command = [sys.executable, "-m", "scrapy", *words]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables})


def start(home: Path, site: str, since: datetime, starter: Starter) -> Running:
    """A crawl in a process of its own."""
    settings = {
        "SPIDER_MODULES": "benchmarks.backfill",
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
        "LOG_LEVEL": "ERROR",
    }
    parts = [
        "crawl",
        "landing",
        "-a",
        f"site={site}",
        "-a",
        f"since={since.isoformat()}",
    ]
    parts += [
        *("-a", "recheck=no"),
        *(one for name, value in settings.items() for one in ("-s", f"{name}={value}")),
    ]
    variables = {
        "NEWSCRAWL_HOME": str(home),
        "NEWSCRAWL_NOW": NOW.isoformat(),
        "PYTHONPATH": str(ROOT),
    }
    return starter(parts, variables)


def archived(home: Path) -> set[str]:
    """The paths of the articles in an archive."""
    path = home / "newscrawl.db"
    if not path.exists():
        return set()
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return {
                "/" + key.split("/", 3)[3]
                for (key,) in connection.execute(text("select url_key from articles"))
            }
    except Exception:  # noqa: BLE001 - killed before there were tables
        return set()
    finally:
        engine.dispose()


def backfill(home: Path, wanted: int, kills: int, seed: int, starter: Starter = in_a_process) -> Result:
    """One backfill, killed `kills` times at seeded moments."""
    outlet = Outlet(wanted)
    everything = {address(n) for n in range(1, wanted + 1)}
    chance = random.Random(seed)
    moments = sorted(chance.randint(2, max(3, int(wanted * 1.02))) for _ in range(kills))
    result = Result(wanted, kills=moments, pages_needed=-(-(wanted - wanted // 2) // PAGE))
    excused: set[str] = set()
    began = time.monotonic()
    with Server(outlet) as server:
        for moment in [*moments, None]:
            process = start(home, server.url, outlet.since, starter)
            try:
                while process.poll() is None and (moment is None or len(server.asked) < moment):
                    time.sleep(0.005)
            finally:
                if moment is not None:
                    process.kill()
                result.ended = process.wait()
            if moment is not None:
                excused |= {path for path in server.asked if "/item-" in path} - archived(home)
        asked = Counter(server.asked)
    result.seconds = round(time.monotonic() - began, 1)
    there = archived(home)
    repeated = {path for path, count in asked.items() if count > 1 and "/item-" in path}
    result.archived, result.requests = len(there), sum(asked.values())
    result.missing, result.unwanted = len(everything - there), len(there - everything)
    result.twice, result.in_flight = len(repeated), len(excused)
    result.twice_without_reason = len(repeated - excused)
    result.older_fetched = len({path for path in asked if "/item-" in path} - everything)
    result.pages = sum(count for path, count in asked.items() if path == "/news/" or "/page/" in path)
    result.sitemaps = sum(count for path, count in asked.items() if "sitemap" in path)
    return result


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = backfill(Path(folder), chosen.articles, chosen.kills, chosen.seed)
    print(json.dumps(asdict(result), indent=1))
    good = not (result.missing or result.unwanted or result.twice_without_reason or result.ended)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
