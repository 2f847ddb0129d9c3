"""Measures a crawl beside the spider that anybody would write first, on one made-up site, in one run.

    python benchmarks/speed.py [--pages 300] [--rounds 3] [--readers 2] [--json]

The site stands behind a small static server in a process of its own on loopback; its pages have the size and the make-up
of real ones (about 150 kB: navigation, styles, script data, cards, comments, an article of 12 to 30 paragraphs). The naive
spider is Scrapy with trafilatura in the callback and one SQLAlchemy commit an item. Both read the same sitemap, with the
same concurrency and no delay, in turn, --rounds times. Printed are pages a second, processor milliseconds a page (all
processes) and the ratios newscrawl / naive: least, median, most. Only the ratios mean something on another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

ROOT = Path(__file__).resolve().parents[1]
SYLLABLES = [
    "ka",
    "ri",
    "to",
    "men",
    "sa",
    "lu",
    "de",
    "bor",
    "an",
    "ti",
    "vel",
    "os",
    "ma",
    "ner",
    "ga",
    "il",
]
AT_ONCE = 8

SOURCE = """
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider


class MadeUp(NewsSpider):
    name = "made_up"
    outlet = "The Made-up Post"
    editions = (Edition("en", "made-up.example", "en", sitemaps=("/sitemap.xml",)),)
    listed_path = claimed_path = r"^/news/\\d+/[a-z-]+$"
"""

NAIVE = """
import sys
from scrapy.crawler import CrawlerProcess
from scrapy.spiders import SitemapSpider
from sqlalchemy import Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from trafilatura import bare_extraction

site, database, at_once = sys.argv[1:]


class Base(DeclarativeBase):
    pass


class Piece(Base):
    __tablename__ = "pieces"
    url: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    date: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)


class Store:
    def open_spider(self):
        self.engine = create_engine("sqlite:///" + database)
        Base.metadata.create_all(self.engine)

    def process_item(self, item):
        with Session(self.engine) as session:
            session.merge(Piece(**item))
            session.commit()
        return item


class Naive(SitemapSpider):
    name = "naive"
    sitemap_urls = [site + "/sitemap.xml"]

    def parse(self, response):
        found = bare_extraction(response.text, url=response.url, with_metadata=True, include_comments=False)
        if found is not None:
            found = found.as_dict()
            yield {"url": response.url, "title": found["title"], "author": found["author"], "date": found["date"], "body": found["text"]}


process = CrawlerProcess({
    "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": int(at_once), "ITEM_PIPELINES": {Store: 1},
})
process.crawl(Naive)
process.start()
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one crawl took: seconds by the clock, processor seconds of all its processes, articles kept."""

    wall: float
    cpu: float
    kept: int


def words(dice: Random, number: int) -> str:
    """So many made-up words."""
    return " ".join("".join(dice.choices(SYLLABLES, k=dice.choice((1, 2, 2, 3)))) for _ in range(number))


def sentence(dice: Random) -> str:
    """A sentence of eight to twenty words."""
    return f"{words(dice, dice.randint(8, 20)).capitalize()}."


def frame(dice: Random) -> tuple[str, str]:
    """What every page of the site has before and after its article."""
    styles = "".join(f".{words(dice, 1)}-{n}{{margin:{n}px;padding:{n % 7}px}}" for n in range(700))
    links = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="/section/{n}">{words(dice, 2)}</a></li>'
        for n in range(220)
    )
    state = json.dumps({f"k{n}": words(dice, 6) for n in range(700)})
    head = f"<style>{styles}</style><script>window.__STATE__={state}</script>"
    before = f'<header><nav class="main-menu"><ul>{links}</ul></nav></header>'
    cards = "".join(
        f'<div class="card"><a href="/news/{n}/older-piece"><img src="/i/{n}.jpg" alt="{words(dice, 3)}"><h3>{words(dice, 7)}</h3></a>'
        f'<time datetime="2026-04-{n % 28 + 1:02d}">April {n % 28 + 1}</time></div>'
        for n in range(60)
    )
    after = f'<aside class="most-read"><h2>Most read</h2>{cards}</aside><footer><ul>{links}</ul><p>{sentence(dice)}</p></footer>'
    return head + "</head><body>" + before, after


def page(number: int, around: tuple[str, str]) -> bytes:
    """An article; another number gives other words."""
    dice = Random(number)
    title, author = words(dice, 7).capitalize(), words(dice, 2).title()
    day = f"2026-05-{number % 11 + 1:02d}T10:{number % 60:02d}:00+05:00"
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": day,
        "author": {"@type": "Person", "name": author},
    }
    paragraphs = "".join(
        f"<p>{' '.join(sentence(dice) for _ in range(dice.randint(2, 5)))}</p>"
        + ('<div class="ad-slot"><script>show()</script></div>' if n % 5 == 4 else "")
        for n in range(dice.randint(12, 30))
    )
    comments = "".join(
        f'<li class="comment"><b>{words(dice, 1)}</b><p>{sentence(dice)}</p></li>' for _ in range(12)
    )
    related = "".join(f'<li><a href="/news/{n}/older-piece">{words(dice, 6)}</a></li>' for n in range(8))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | The Made-up Post</title>'
        f'<meta property="og:title" content="{title}"><meta property="article:published_time" content="{day}">'
        f'<script type="application/ld+json">{json.dumps(data)}</script>{around[0]}<main><article><h1>{title}</h1>'
        f'<div class="byline"><a rel="author" href="/a/{number}">{author}</a> <time datetime="{day}">May</time></div>'
        f'<div class="article-body">{paragraphs}</div><ul class="tags"><li><a rel="tag" href="/tag/x">{words(dice, 1)}</a></li></ul>'
        f'</article><section class="related"><h2>Read also</h2><ul>{related}</ul></section>'
        f'<section id="comments"><ol>{comments}</ol></section></main>{around[1]}</body></html>'
    ).encode()


def _answers(pages: int) -> dict[str, tuple[str, bytes]]:
    around = frame(Random(0))
    paths = [f"/news/{number}/a-piece-of-news" for number in range(pages)]
    answers = {path: ("text/html; charset=utf-8", page(number, around)) for number, path in enumerate(paths)}
    answers["/robots.txt"] = ("text/plain", b"User-agent: *\nAllow: /\n")
    return answers


def _serve(pipe: Connection, pages: int) -> None:
    answers = _answers(pages)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            kind, body = answers.get(head.split(b" ", 2)[1].decode(), ("text/html", b""))
            status = "200 OK" if body else "404 Not Found"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()

    async def quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(quiet, "127.0.0.1", 0)
        site = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        locations = "".join(
            f"<url><loc>{site}{path}</loc><lastmod>2026-05-11</lastmod></url>"
            for path in answers
            if path.startswith("/news/")
        )
        answers["/sitemap.xml"] = (
            "text/xml",
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'.encode(),
        )
        pipe.send((site, sum(len(body) for _, body in answers.values()) / pages))
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def served(pages: int) -> Iterator[tuple[str, float]]:
    """The site in a process of its own: its address and the mean size of its pages in bytes."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, pages), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def timed(command: list[str], folder: Path, variables: dict[str, str]) -> tuple[float, float]:
    """Seconds by the clock and of the processors that a command and its children took. Raises CalledProcessError."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    others = children()
    subprocess.run(command, cwd=folder, env={**os.environ, **variables}, check=True, timeout=1800)
    wall = time.monotonic() - began
    for orphan in children() - others:  # their processor time counts once they are waited for
        os.waitpid(orphan, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def adopt_orphans() -> None:
    """Makes this process the parent of what its children leave behind. Raises OSError where that cannot be (Linux only)."""
    set_child_subreaper = 36  # prctl(2)
    if ctypes.CDLL(None, use_errno=True).prctl(set_child_subreaper, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot adopt orphans")


def children() -> set[int]:
    """The processes whose parent is this one."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()}


def count(database: Path, table: str) -> int:
    """The rows of a table."""
    import sqlite3

    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def newscrawl(site: str, folder: Path, readers: int) -> Figure:
    """One crawl by newscrawl into an empty archive."""
    (folder / "spiders").mkdir()
    (folder / "spiders" / "made_up.py").write_text(SOURCE, "utf-8")
    settings = {
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
        "READERS": readers,
    }
    command = [sys.executable, "-m", "newscrawl", "crawl", "made_up", "--site", site, "--since", "2026-01-01"]
    command += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    wall, cpu = timed(
        command,
        folder,
        {"NEWSCRAWL_NOW": "2026-05-12T09:00:00+00:00", "PYTHONPATH": str(ROOT)},
    )
    return Figure(wall, cpu, count(folder / "archive" / "newscrawl.db", "articles"))


def naive(site: str, folder: Path) -> Figure:
    """One crawl by the naive spider."""
    (folder / "naive.py").write_text(textwrap.dedent(NAIVE), "utf-8")
    wall, cpu = timed([sys.executable, "naive.py", site, "naive.db", str(AT_ONCE)], folder, {})
    return Figure(wall, cpu, count(folder / "naive.db", "pieces"))


def main() -> int:
    """Runs the benchmark; 1 if one of the two did not keep every article."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    adopt_orphans()
    figures: dict[str, list[Figure]] = {"naive": [], "newscrawl": []}
    with served(options.pages) as (site, size):
        for _ in range(options.rounds):
            for name, taken in figures.items():
                with tempfile.TemporaryDirectory() as folder:
                    taken.append(
                        naive(site, Path(folder))
                        if name == "naive"
                        else newscrawl(site, Path(folder), options.readers)
                    )
    pages = options.pages
    ratios = {
        "pages a second": [
            a.wall / b.wall for a, b in zip(figures["naive"], figures["newscrawl"], strict=True)
        ],
        "CPU a page": [b.cpu / a.cpu for a, b in zip(figures["naive"], figures["newscrawl"], strict=True)],
    }
    spread = {name: (min(found), statistics.median(found), max(found)) for name, found in ratios.items()}
    if options.json:
        rows = {name: [asdict(figure) for figure in taken] for name, taken in figures.items()}
        print(json.dumps({"pages": pages, "bytes a page": size, "figures": rows, "ratios": spread}))
    else:
        versions = ", ".join(f"{name} {version(name)}" for name in ("scrapy", "trafilatura", "lxml"))
        print(f"{pages} pages of {size / 1000:.0f} kB, {options.readers} readers; {versions}")
        for name, taken in figures.items():
            wall = statistics.median(figure.wall for figure in taken)
            cpu = statistics.median(figure.cpu for figure in taken)
            print(f"{name:10}  {pages / wall:6.1f} pages/s  {cpu / pages * 1000:6.1f} CPU ms a page")
        for name, (least, median, most) in spread.items():
            print(f"newscrawl / naive, {name}: {least:.2f}  {median:.2f}  {most:.2f}")
    return 0 if all(figure.kept == pages for taken in figures.values() for figure in taken) else 1


if __name__ == "__main__":
    sys.exit(main())
