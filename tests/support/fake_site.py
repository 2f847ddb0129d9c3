"""A site on loopback whose every response a test writes itself, and short queries of what an archive holds."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, NamedTuple, Self

from sqlalchemy import create_engine, text

from tests.support.fresh import seed
from tests.support.process_pool import Finished, ProcessPool

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """One answer. `missing` bytes are announced and never sent, `endless` never ends, `hang_up` answers nothing."""

    body: bytes | str = b""
    status: int = 200
    content_type: str | None = HTML
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    endless: bool = False
    delay: float = 0.0
    hang_up: bool = False

    @property
    def data(self) -> bytes:
        """The body in bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body


class Seen(NamedTuple):
    """One request as it came in, with the monotonic time of its arrival."""

    path: str
    headers: dict[str, str]
    at: float


Page = Answer | bytes | str | Callable[[Seen], "Answer | bytes | str"]


class Stand:
    """`with Stand({"/": front("/a-b-101")}) as site`: serves what `site.pages` says; everything else is 404."""

    def __init__(self, pages: dict[str, Page] | None = None) -> None:
        self.pages: dict[str, Page] = dict(pages or {})
        self.seen: list[Seen] = []
        self.default: Page | None = None  # what every other address answers; None: 404
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._thread.join()
        for connection in list(self._server.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address without a final slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [seen.path for seen in self.seen if seen.path != "/robots.txt"]

    def forget(self) -> None:
        """Forgets what was asked for."""
        self.seen.clear()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, stand: Stand) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand = stand
        self.closing = threading.Event()
        self.connections: set[Any] = set()

    def serve(self) -> None:
        """Answers requests until `close`, which wakes it: a check by the clock would keep every test waiting."""
        while not self.closing.is_set():
            self.handle_request()

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self.server_address[:2], timeout=5).close()

    def verify_request(self, *_: Any) -> bool:
        return not self.closing.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_: Any, **__: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        """Fields are part of the address, as in "/more#page=2"."""
        fields = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.path = f"{self.path}#{fields}"
        self.do_GET()

    def do_GET(self) -> None:
        seen = Seen(self.path, dict(self.headers), time.monotonic())
        self.server.stand.seen.append(seen)
        page = self.server.stand.pages.get(self.path, self.server.stand.default)
        if page is None or (self.path == "/robots.txt" and self.path not in self.server.stand.pages):
            page = Answer("<h1>Page not found</h1>", 404)
        if callable(page):
            page = page(seen)
        answer = page if isinstance(page, Answer) else Answer(page)
        if answer.delay:
            self.server.closing.wait(answer.delay)
        if answer.hang_up:
            self.close_connection = True
            return
        self.send_response(answer.status)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.endless or answer.missing:
            self.send_header("Connection", "close")
            self.close_connection = True
        if not answer.endless and answer.status != 304:
            self.send_header("Content-Length", str(len(answer.data) + answer.missing))
        self.end_headers()
        if answer.status != 304:
            self.wfile.write(answer.data)
        while answer.endless and not self.server.closing.is_set():
            self.wfile.write(b"<p>and so on and so on</p>\n" * 4000)


# --- pages ---------------------------------------------------------------------------------------

_NOUNS = [
    "ferry",
    "rope",
    "landing",
    "market",
    "captain",
    "river",
    "harvest",
    "teacher",
    "bridge",
    "orchard",
    "library",
    "lantern",
    "mill",
    "committee",
    "pasture",
    "workshop",
    "carpet",
    "stove",
    "engineer",
    "valley",
    "station",
    "archive",
    "garden",
    "kettle",
    "sparrow",
    "ladder",
    "canal",
    "nurse",
]
_VERBS = [
    "repaired",
    "counted",
    "painted",
    "carried",
    "measured",
    "opened",
    "found",
    "promised",
    "moved",
    "bought",
    "tested",
    "drew",
    "kept",
    "praised",
]


def _sentence(words: Random, name: str) -> str:
    """Words in an order that no other article has: pieces that share whole phrases count as one."""
    noun, verb = (lambda: words.choice(_NOUNS)), (lambda: words.choice(_VERBS))
    return (
        f"The {noun()} of {name} {verb()} {words.randint(2, 99)} {noun()} and {noun()} signs, {verb()} a {noun()}, "
        f"then {verb()} every {noun()} {noun()} before the {noun()} {verb()} its {noun()}."
    )


def story(
    name: str,
    *,
    title: str | None = None,
    canonical: str | None = None,
    head: str = "",
    block: Sequence[str] = (),
    noise: str = "",
    published: str | None = "2026-05-11T10:00:00+05:00",
    extra: str = "",
) -> str:
    """An article page about a made-up place; another `name` makes another article with other words in every sentence."""
    random = Random(name)
    words = [f"<p>{_sentence(random, name)}</p>" for _ in range(6)]
    heading = title or f"Ferry to {name} runs again after a pause"
    data = ""
    if published:
        linked_data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": heading,
            "datePublished": published,
        }
        data = f'<script type="application/ld+json">{json.dumps(linked_data)}</script>'
    if canonical:
        head += f'<link rel="canonical" href="{escape(canonical)}">'
    latest = "".join(f'<li><a href="{path}">A headline about {path}</a></li>' for path in block)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(heading)}</title>{data}{head}</head>'
        f"<body><div>{noise}</div><main><h1>{escape(heading)}</h1>{''.join(words)}{extra}</main>"
        f"{f'<h3>Latest news</h3><ul>{latest}</ul>' if latest else ''}</body></html>"
    )


def front(*addresses: str, more: str | None = None) -> str:
    """A front page that lists these addresses; `more` is the address of the next page."""
    items = "".join(
        f'<li><a href="{escape(a)}">Headline {n} of the day</a></li>' for n, a in enumerate(addresses)
    )
    further = f'<a rel="next" href="{more}">next</a>' if more else ""
    return f"<!doctype html><html><head><title>News</title></head><body><h2>News</h2><ul>{items}</ul>{further}</body></html>"


def feed(*addresses: str) -> Answer:
    """An RSS feed of these addresses."""
    items = "".join(f"<item><title>Item</title><link>{escape(a)}</link></item>" for a in addresses)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
    return Answer(body, content_type="application/rss+xml")


def sitemap(*addresses: str) -> Answer:
    """A sitemap of these addresses."""
    entries = "".join(f"<url><loc>{escape(a)}</loc></url>" for a in addresses)
    body = (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    )
    return Answer(body, content_type="application/xml")


# --- crawls in a process of their own ---------------------------------------------------------------


def command(*arguments: str, settings: Mapping[str, object] | None = None, **spider: str) -> list[str]:
    """`scrapy crawl orda` with spider arguments and settings, without delays."""
    parts = [sys.executable, "-m", "scrapy", "crawl", *(arguments or ("orda",))]
    for name, value in spider.items():
        parts += ["-a", f"{name}={value}"]
    for name, value in {"DOWNLOAD_DELAY": 0, **(settings or {})}.items():
        parts += ["-s", f"{name}={value}"]
    return parts


def surroundings(home: Path | str, **variables: str) -> dict[str, str]:
    """The environment of a crawl: its archive, and the time of the tests."""
    return {**os.environ, "NEWSCRAWL_HOME": str(home), "NEWSCRAWL_NOW": NOW.isoformat(), **variables}


def start_crawl(
    process_pool: ProcessPool,
    home: Path,
    *,
    settings: Mapping[str, object] | None = None,
    output: Path | None = None,
    environment: Mapping[str, str] | None = None,
    replace: Mapping[str, str] | None = None,
    **spider: str,
) -> int:
    """Starts `scrapy crawl orda` in a process of the pool and returns its process id; the archive is there already, empty."""
    words = command(settings=settings, **spider)[3:]
    words += ["-o", str(output)] if output is not None else []
    variables = {"NEWSCRAWL_NOW": NOW.isoformat(), **(environment or {})}
    if "NEWSCRAWL_DATABASE_URL" not in variables:
        seed(f"sqlite:///{home / 'newscrawl.db'}")
    return process_pool.start(*words, program="scrapy", home=home, replace=replace, **variables)


def scrapy_crawl(process_pool: ProcessPool, home: Path, **options: Any) -> Finished:
    """A `scrapy crawl orda` in a process of the pool, run to its end; options as for `start_crawl`."""
    start_crawl(process_pool, home, **options)
    return process_pool.wait()


def wait_for(site: Stand, requests: int, process: int) -> None:
    """Returns when the site has seen so many requests, or when the process is gone."""
    with contextlib.suppress(ProcessLookupError):
        while len(site.seen) < requests:
            os.kill(process, 0)
            time.sleep(0.005)


# --- the archive ---------------------------------------------------------------------------------


def rows(where: Path | str, query: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of an archive (a home folder or a database address) by a query of the test's own."""
    url = where if isinstance(where, str) else f"sqlite:///{where / 'newscrawl.db'}"
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]
    finally:
        engine.dispose()


def one(where: Path | str, query: str, **values: Any) -> Any:
    """The single value of a query."""
    (row,) = rows(where, query, **values)
    (value,) = row.values()
    return value


def observations(where: Path | str) -> dict[str, dict[str, Any]]:
    """The last observation of each path asked for."""
    found = rows(where, "select * from observations order by id")
    return {row["url"].split("/", 3)[3]: row for row in found}


def keys(where: Path | str) -> list[str]:
    """The paths of all articles, sorted."""
    return sorted(row["url_key"].split("/", 3)[3] for row in rows(where, "select url_key from articles"))


@contextlib.contextmanager
def stand(pages: dict[str, Page]) -> Iterator[Stand]:
    """A Stand whose `pages` are made with its address known: `{base}` in addresses of text pages is filled in."""
    with Stand() as site:
        site.pages.update(
            {
                path: page.replace("{base}", site.url) if isinstance(page, str) else page
                for path, page in pages.items()
            }
        )
        yield site
