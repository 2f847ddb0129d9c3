"""`newscrawl extract`: extracts articles from pages, as text or JSON lines. `--batch` is in batch.py, `--explain` in explain.py."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config
from newscrawl.cli.crawling.examining import Examined, Page, Wanted, examined
from newscrawl.cli.options import Choice, Moment
from newscrawl.cli.output import tables
from newscrawl.errors import Exit, NewscrawlError, UsageError
from newscrawl.serialization import records
from newscrawl.wording import byline, stated

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.crawl.visit.session import Session
    from newscrawl.crawl.visit.visit import Answer
    from newscrawl.model import Article, ExtractRules

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(
    r"(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[0-9a-fA-F:]+\])(?::\d+)?(?:/|$)"
)  # what may be an address without one
_WIDTH = 100
_SECONDS = 30.0  # the time limit of one response, as in a crawl
_DEADLINE = 45.0  # and of an address with its redirects, without the wait that a Retry-After asks for


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
    type=Choice(["markdown"]),
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
    16 MB and 45 seconds.

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
    width = min(tables.terminal_width() or _WIDTH, _WIDTH)
    wanted = Wanted(explain, as_json, document=bool(form), markdown=markdown, width=width)
    code = _run(_all(pages, url, fetched_at, config.load(), wanted), fetch=any(map(_SCHEME.match, pages)))
    if code:
        ctx.exit(code)


def _all(
    pages: tuple[str, ...],
    url: str | None,
    fetched_at: datetime | None,
    settings: config.Config,
    wanted: Wanted,
) -> Generator[str, Answer, int]:
    """Extracts and shows each page and returns the exit code. Yields the addresses to fetch and is sent the responses."""
    failures: list[NewscrawlError] = []
    for number, name in enumerate(pages):
        try:
            saved = _SCHEME.match(name) is None
            page = _page_in(name, url, fetched_at, settings) if saved else _page_of((yield name), settings)
            found = examined(page, wanted)
            assumed = page.fetched_at if saved and fetched_at is None and found.leans else None
        except NewscrawlError as error:
            if len(pages) == 1:
                raise
            failures.append(error)
            tables.note(f"newscrawl: {error}")
            continue
        if assumed is not None:
            tables.note(
                f"{name}: the date of publication is counted from the time of the fetch, taken to be now;"
                " --fetched-at says when the page was saved"
            )
        _show(found, wanted, assumed, first=number == 0)
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

    return sessions.run(fetched, config.load(), robots=False, seconds=_SECONDS, deadline=_DEADLINE)


def _show(page: Examined, wanted: Wanted, assumed: datetime | None, *, first: bool) -> None:
    if wanted.document:
        lines = (tables.safe(line) for line in page.text.rstrip("\n").split("\n"))
        tables.print_lines([*([] if first else ["", "", "---", "", ""]), *lines])
    elif page.value is not None:
        tables.write_json([_with_assumed(page.value, assumed)])
    elif wanted.explain:
        tables.print_lines(_rule(wanted.width, first=first))
        tables.print_lines(page.lines)
    elif wanted.as_json or tables.terminal_width() is None:
        value = _with_assumed(records.extracted(page.article), assumed)
        if wanted.markdown:
            value["markdown"] = page.text
        tables.write_json([value])
    else:
        tables.print_lines(_rule(wanted.width, first=first))
        tables.print_lines(_readable(page.article, wanted.width))


def _with_assumed(value: dict[str, Any], assumed: datetime | None) -> dict[str, Any]:
    """An object with the instant that its date of publication was counted from, where nobody stated it."""
    return (
        value if assumed is None else {**value, "fetched_at_assumed": assumed.isoformat(timespec="seconds")}
    )


def _rule(width: int, *, first: bool) -> list[str]:
    return [] if first else ["", "-" * width]


def _page_of(answer: Answer, settings: config.Config) -> Page:
    if answer.error is not None:
        raise answer.error
    return Page(answer.body, answer.url, answer.content_type, settings.clock(), _rules(answer.url))


def _page_in(name: str, url: str | None, fetched_at: datetime | None, settings: config.Config) -> Page:
    now = fetched_at or settings.clock()
    body, address = _saved(name, url)
    return Page(body, address, None, now, _rules(address))


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
    from newscrawl.cli.crawling.saved_pages import MAX_BYTES, PageFileError, file_address, read_page

    address = urls.absolute(url) if url is not None else None
    if page != "-":
        try:
            return read_page(Path(page)), address or file_address(Path(page))
        except PageFileError as error:
            if _HOST.match(page) and not Path(page).exists():
                error.hint = f"If it is an address, write it in full: http://{page} or https://{page}"
            raise
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
