"""`newscrawl extract`: extracts articles from pages, as text or JSON lines. `--batch` is in batch.py, `--explain` in explain.py."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.options import Moment
from newscrawl.cli.output import tables
from newscrawl.errors import Exit, NewscrawlError, UsageError
from newscrawl.serialization import records
from newscrawl.wording import byline, stated

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.crawl.visit.session import Session
    from newscrawl.crawl.visit.visit import Answer
    from newscrawl.extract.explain import Examination
    from newscrawl.model import Article, ExtractRules

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_WIDTH = 100
_SECONDS = 90.0  # the time limit of one response


@click.command(
    "extract",
    epilog=tables.examples(
        "newscrawl extract page.html --url https://orda.kz/some-article-123456/",
        "newscrawl extract https://orda.kz/some-article-123456/",
        "newscrawl extract page.html --explain",
        "newscrawl extract page.html --format markdown > article.md",
        "newscrawl extract --batch pages.jsonl --workers 4 > articles.jsonl",
    ),
)
@click.argument("pages", nargs=-1, metavar="FILE-or-URL…")
@click.option("--url", metavar="URL", help="The original address of the page in FILE.")
@click.option(
    "--fetched-at",
    type=Moment(),
    metavar="INSTANT",
    help="When the page in FILE was fetched: for dates such as “yesterday” or “20 June”. Default: now, said where a date rests on it.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a page. The default when output goes to a file or pipe.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show every candidate of every field, which one won and why, and what was cut from the text.",
)
@click.option(
    "--markdown", is_flag=True, help="With --json: the body as Markdown too, under the key markdown."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown"]),
    help="Print the article as a Markdown document: headline, links, headings, lists, quotes, pictures.",
)
@click.option(
    "--batch",
    metavar="FILE",
    help="Read pages named by lines of JSON: id, url, html (a path relative to FILE, plain or .gz), encoding, fetched_at.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes for --batch; default: one per processor.",
)
@click.pass_context
def extract(
    ctx: click.Context,
    pages: tuple[str, ...],
    *,
    url: str | None,
    fetched_at: datetime | None,
    as_json: bool,
    explain: bool,
    markdown: bool,
    form: str | None,
    batch: str | None,
    workers: int | None,
) -> None:
    """Read the article from a page: a saved file, a web address, or standard input (-).

    On a terminal the article is shown as text. With --json, and whenever the output goes to a file
    or pipe, it is one JSON object a line. Addresses are fetched with certificates verified, within
    16 MB and 90 seconds.

    With --batch each line of FILE gives one line of output, {"id", ...}, in the same order. A page
    that cannot be read gives {"id", "error"} in its place and exit code 4 at the end.

    With --explain the output shows how the article was found: for each field its candidates in the
    order of preference. Add --json to get this as one object a page.
    """
    if form and (as_json or explain or markdown):
        raise click.UsageError(
            "--format markdown is a document of its own: no --json, --explain or --markdown"
        )
    if markdown and explain:
        raise click.UsageError("--explain shows no body: leave --markdown out")
    if batch is not None:
        if pages or url:
            raise click.UsageError("--batch takes no pages and no --url: its lines have both")
        if explain or markdown or form:
            raise click.UsageError("--batch gives plain articles: no --explain, --markdown or --format")
        from newscrawl.cli.crawling import batch as many

        now = config.load().clock()
        ctx.exit(many.run(batch, workers, fetched_at or now, assumed=fetched_at is None))
    if not pages:
        raise click.UsageError("Name a FILE, an address, or --batch FILE")
    if workers is not None:
        raise click.UsageError("--workers belongs to --batch")
    if url is not None and (len(pages) > 1 or _SCHEME.match(pages[0])):
        raise click.UsageError("--url belongs to one FILE")
    if fetched_at is not None and any(map(_SCHEME.match, pages)):
        raise click.UsageError("--fetched-at belongs to a FILE: an address is fetched now")
    show = partial(_show, as_json=as_json, explain=explain, markdown=markdown, form=form)
    code = _run(_all(pages, url, fetched_at, config.load(), show), fetch=any(map(_SCHEME.match, pages)))
    if code:
        ctx.exit(code)


def _all(
    pages: tuple[str, ...],
    url: str | None,
    fetched_at: datetime | None,
    settings: config.Config,
    show: Callable[..., None],
) -> Generator[str, Answer, int]:
    """Extracts and shows each page and returns the exit code. Yields the addresses to fetch and is sent the responses."""
    failures: list[NewscrawlError] = []
    for number, page in enumerate(pages):
        try:
            examined = (
                _examine_answer((yield page), settings)
                if _SCHEME.match(page)
                else _examine_file(page, url, fetched_at, settings)
            )
        except NewscrawlError as error:
            if len(pages) == 1:
                raise
            failures.append(error)
            tables.note(f"newscrawl: {error}")
            continue
        show(examined, first=number == 0)
    if not failures:
        return Exit.OK
    return Exit.PARTLY_FAILED if len(failures) < len(pages) else failures[0].exit_code


def _run(work: Generator[str, Answer, int], *, fetch: bool) -> int:
    """Runs the work to its end; loads Scrapy only if there is an address to fetch."""
    if not fetch:
        try:
            next(work)
        except StopIteration as end:
            return int(end.value)
        raise AssertionError("an address to fetch, and nothing that fetches")

    async def fetched(session: Session) -> int:
        try:
            address = next(work)
            while True:
                address = work.send(await session.get(address))
        except StopIteration as end:
            return int(end.value)

    from newscrawl.crawl.visit import session as sessions

    return sessions.run(fetched, config.load(), robots=False, seconds=_SECONDS)


@dataclass(frozen=True, slots=True)
class _Examined:
    """An extracted page, with its bytes."""

    examination: Examination
    content: bytes
    content_type: str | None = None
    assumed: datetime | None = None  # the instant of the fetch, where it was assumed and the date rests on it

    @property
    def article(self) -> Article:
        return self.examination.article


def _show(
    page: _Examined, *, as_json: bool, explain: bool, markdown: bool, form: str | None, first: bool
) -> None:
    width = min(tables.terminal_width() or _WIDTH, _WIDTH)
    if form:
        from newscrawl.extract.markdown import document

        lines = (tables.safe(line) for line in document(page.examination).rstrip("\n").split("\n"))
        tables.print_lines([*([] if first else ["", "", "---", "", ""]), *lines])
    elif explain:
        from newscrawl.cli.crawling import explain as why

        if as_json:
            tables.write_json([why.as_json(page.examination, page.content, page.content_type)])
        else:
            tables.print_lines(_rule(width, first=first))
            tables.print_lines(why.as_lines(page.examination, page.content, page.content_type, width))
    elif as_json or tables.terminal_width() is None:
        value = records.extracted(page.article)
        if page.assumed is not None:
            value["fetched_at_assumed"] = page.assumed.isoformat(timespec="seconds")
        if markdown:
            from newscrawl.extract.markdown import body_of

            value["markdown"] = body_of(page.examination)
        tables.write_json([value])
    else:
        tables.print_lines(_rule(width, first=first))
        tables.print_lines(_readable(page.article, width))


def _rule(width: int, *, first: bool) -> list[str]:
    return [] if first else ["", "-" * width]


def _examine_answer(answer: Answer, settings: config.Config) -> _Examined:
    from newscrawl.extract import examine

    if answer.error is not None:
        raise answer.error
    examination = examine(
        answer.body,
        answer.url,
        content_type=answer.content_type,
        fetched_at=settings.clock(),
        rules=_rules(answer.url),
    )
    return _Examined(examination, answer.body, answer.content_type)


def _examine_file(
    page: str, url: str | None, fetched_at: datetime | None, settings: config.Config
) -> _Examined:
    from newscrawl.extract import examine

    now = fetched_at or settings.clock()
    body, address = _saved(page, url)
    examination = examine(body, address, fetched_at=now, rules=_rules(address))
    assumed = now if fetched_at is None and examination.date_leans else None
    if assumed is not None:
        tables.note(
            f"{page}: the date of publication is counted from the time of the fetch, taken to be now;"
            " --fetched-at says when the page was saved"
        )
    return _Examined(examination, body, assumed=assumed)


def _rules(address: str) -> ExtractRules:
    """The extraction rules of the source with this host, so that a page is read as a crawl would read it."""
    from newscrawl.model import ExtractRules
    from newscrawl.urls import host_of

    host = host_of(address)
    if not host:
        return ExtractRules()
    from newscrawl.cli.crawling.sources import rules_by_host

    return rules_by_host().get(host, ExtractRules())


def _saved(page: str, url: str | None) -> tuple[bytes, str]:
    from newscrawl import urls
    from newscrawl.cli.crawling.pages import MAX_BYTES, file_address, read_page

    address = urls.absolute(url) if url is not None else None
    if page != "-":
        return read_page(Path(page)), address or file_address(Path(page))
    body = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise UsageError("larger than 16 MB", subject="standard input")
    return body, address or ""


def _readable(article: Article, width: int) -> Iterator[str]:
    yield from tables.wrap(tables.safe(article.title) or "(no title)", width)
    yield from tables.wrap(tables.safe(article.subtitle), width)
    yield ""
    facts = (
        ("address", article.url),
        (
            "page type",
            f"{article.page_type.value}: {article.reason}" if article.reason else article.page_type.value,
        ),
        ("authors", byline(article.authors) or "unknown"),
        ("published", stated(article.published, article.published_precision) or "unknown"),
        ("modified", stated(article.modified)),
        ("language", article.language),
        ("section", article.section),
        ("tags", ", ".join(article.tags)),
        *(("image", image.url) for image in article.images),
        ("found in", ", ".join(f"{field}: {origin}" for field, origin in article.origins.items())),
    )
    for label, value in facts:
        if value:
            yield from tables.fact(label, tables.safe(value), width)
    yield from tables.prose(article.body, width)
