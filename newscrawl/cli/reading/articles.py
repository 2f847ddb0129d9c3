"""`newscrawl list` and `newscrawl show`: prints articles of the archive as text or JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from newscrawl import config
from newscrawl.cli.options import Choice, check_range, find, nothing, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.reading.matching import match_options, matched
from newscrawl.errors import ArchiveError, PageError, UsageError, WarcError
from newscrawl.judge.siblings import Sibling
from newscrawl.model import (
    ArticleRecord,
    ExtractRules,
    ObservationRecord,
    State,
    VersionRecord,
    Visibility,
    fields,
)
from newscrawl.serialization import one_article, records
from newscrawl.wording import facts, instant, kinds, stated, status, visibility

_SCREEN = 30  # articles on a terminal unless told otherwise
_ROOM = 110  # columns from which on a list also names authors
_NAME = 16  # columns of a name in a list
_TEXT_WIDTH = 100  # longer lines are hard to read, however wide the terminal is


@click.command(
    "list",
    epilog=tables.examples(
        "newscrawl list --source orda --edition ru --since 2026-01-01",
        "newscrawl list --state removed",
        "newscrawl list --unreadable",
        "newscrawl list --match 'акимат тендер' --author Ахметова",
        "newscrawl list --json --limit 100 | jq -r .url",
    ),
)
@click.option("--unreadable", is_flag=True, help="Only articles whose last checks brought no readable page.")
@match_options
@options("source", "edition", "state", "since", "until", "limit", "json")
def list_articles(
    *,
    match: str | None,
    author: str | None,
    as_json: bool,
    limit: int | None,
    state: str | None,
    **conditions: Any,
) -> None:
    """List the articles of the archive, newest first.

    Dates select by publication, or by the first check where the date is unknown. On a terminal 30 are
    shown unless --limit is given; into a file or pipe, and with --json, all.
    """
    check_range(conditions["since"], conditions["until"])
    conditions["state"] = State(state) if state else None
    if (found_words := matched(match, author)) is not None:
        conditions["among"] = list(found_words.versions)
    width = tables.terminal_width()
    screen = limit is None and width is not None and not as_json
    wanted = _SCREEN if screen else (limit or None)
    with open_archive() as reader:
        found = reader.articles(**conditions, limit=wanted)
        if as_json:
            tables.write_json(map(records.archived, found))
            return
        headings: tuple[str, ...] = ("ID", "SOURCE", "PUBLISHED", "STATE", "AUTHORS", "TITLE")
        rows: Iterator[tuple[object, ...]] = map(_row, found)
        if width is not None and width < _ROOM:  # the headline says more
            headings = (*headings[:4], headings[5])
            rows = ((*row[:4], row[5]) for row in rows)
        number = tables.print_lines(tables.table(headings, rows, width=width, one_line=True)) - 1
        if not number:
            tables.note(nothing("article", {**conditions, "match": found_words is not None}))
        elif screen and number == _SCREEN and (more := reader.count(**conditions) - number):
            tables.note(f"{more:,} more: newscrawl list --limit 0")


@click.command(
    "show",
    epilog=tables.examples(
        "newscrawl show 17",
        "newscrawl show https://orda.kz/some-article-123456/?utm_source=telegram",
        "newscrawl show 17 --version 1 --json",
        "newscrawl show 17 --format html > article.html",
        "newscrawl show 17 --raw --version 1 > page.html",
    ),
)
@click.argument("reference", metavar="ID-or-URL")
@click.option("--version", type=int, metavar="N", help="Show version N; by default the current one.")
@click.option(
    "--format",
    "form",
    type=Choice(list(one_article.FORMATS)),
    help="Print the article alone, as a document: text, Markdown or a page to print.",
)
@click.option(
    "--raw", is_flag=True, help="Write the bytes that the server sent for this version, and nothing else."
)
@options("json")
def show(reference: str, *, version: int | None, form: str | None, raw: bool, as_json: bool) -> None:
    """Show one article: what it says, where it was found, its state and its versions.

    The article is given by its number or by any of its addresses, in any form.
    """
    if raw + as_json + (form is not None) > 1:
        raise UsageError("--raw, --format and --json exclude each other")
    with open_archive() as reader:
        record = reader.article(find(reader, reference), version)
        if raw:
            tables.write_bytes(_raw(record, reader.versions_of(record.id)))
            return
        if form is not None:
            tables.write_bytes(one_article.FORMATS[form](record).encode("utf-8", "replace"))
            return
        links = reader.siblings(record)
        if as_json:
            tables.write_json([records.shown(record, links)])
            return
        with_evidence = record.state is not State.LIVE or record.unreadable_since is not None
        observations = reader.observations_of(record.id) if with_evidence else []
        width = min(tables.terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
        versions = reader.versions_of(record.id)
        undated = _why_undated(record, versions) if record.article.published is None else None
        tables.print_lines(_page(record, versions, observations, links, width, undated))


def _why_undated(record: ArticleRecord, versions: Sequence[VersionRecord]) -> str | None:
    """Why its page gives no date of publication, read once more; None where it cannot be read, or gives one by now."""
    from newscrawl.cli.crawling.sources import rules_by_edition
    from newscrawl.extract import examine
    from newscrawl.warc import read_body

    capture = next((one.capture for one in versions if one.number == record.version), None)
    if capture is None or capture.pruned is not None:
        return None
    rules = rules_by_edition().get((record.source, record.edition)) or ExtractRules()
    try:
        body = read_body(config.load().warc, capture).body
        page = examine(
            body, capture.url, content_type=capture.content_type, fetched_at=capture.at, rules=rules
        )
    except (ArchiveError, PageError):
        return None
    choice = page.choices.get("published")
    return choice.why if choice is not None and choice.taken is None else None


def _raw(record: ArticleRecord, versions: Sequence[VersionRecord]) -> bytes:
    """What the server sent for the version shown, without its content encoding. Raises WarcError."""
    from newscrawl.warc import read_body

    capture = next(one.capture for one in versions if one.number == record.version)
    if capture is None or capture.pruned is not None:
        why = "was kept" if capture is None else "is left: it was deleted by policy"
        raise WarcError(f"no raw response of version {record.version} {why}", subject=f"article {record.id}")
    return read_body(config.load().warc, capture).body


def _row(record: ArticleRecord) -> tuple[object, ...]:
    article = record.article
    return (
        record.id,
        f"{record.source}/{record.edition}",
        stated(article.published, article.published_precision) or "unknown",
        f"{record.state.value}, unreadable" if record.unreadable_since else record.state.value,
        _authors(record),
        article.title or record.url,
    )


def _authors(record: ArticleRecord) -> str:
    """The first author, and how many more there are."""
    names = [author.name for author in record.article.authors]
    first = tables.fit(tables.safe(names[0]), _NAME) if names else ""
    return f"{first} +{len(names) - 1}" if len(names) > 1 else first


def _page(
    record: ArticleRecord,
    versions: Sequence[VersionRecord],
    observations: Sequence[ObservationRecord],
    links: Sequence[tuple[Sibling, ArticleRecord]],
    width: int,
    undated: str | None,
) -> Iterator[str]:
    article = record.article
    yield from tables.wrap(tables.safe(article.title) or "(no title)", width)
    yield from tables.wrap(tables.safe(article.subtitle), width)
    yield ""
    lines = [
        ("article", f"{record.id} ({record.source}/{record.edition})"),
        *facts(fields.HEADING + fields.DATES, article),
        *([("undated", undated)] if undated else ()),
        ("state", status(record, observations)),
        *_visibility(record),
        ("first seen", instant(record.first_seen)),
        ("address", record.url),
        *(("also at", alias) for alias in record.aliases),
        *tied_to(record),
        *(("same story", _same_story(*link)) for link in links),
        *facts(fields.DETAILS + fields.TRUNCATION, article),
        *(("version", _version(v, record.version)) for v in versions),
    ]
    yield from tables.facts(lines, width)
    yield from tables.prose(article.body, width)


def _visibility(record: ArticleRecord) -> Iterator[tuple[str, str]]:
    """What hides the article although it is there."""
    if record.noindex:
        yield "noindex", visibility(Visibility.NOINDEX)
    if record.unlisted is not None:
        yield (
            "unlisted",
            f"gone from all lists since {instant(record.unlisted)}: newscrawl history {record.id}",
        )


def tied_to(record: ArticleRecord) -> Iterator[tuple[str, str]]:
    """The article that stands for this one in lists, if there is one."""
    if record.tied_to is not None:
        yield "counted as", f"article {record.tied_to}: the same piece, or what its address leads to now"


def _same_story(link: Sibling, other: ArticleRecord) -> str:
    how = "the page says so" if link.stated else f"proposed, {link.score:.2f}: {', '.join(link.reasons)}"
    return f"{other.id} ({other.edition}) {other.article.title or other.url} ({how})"


def _version(version: VersionRecord, shown: int) -> str:
    back = f", says again what version {version.returns_to} said" if version.returns_to else ""
    mark = " (shown here)" if version.number == shown else ""
    return f"{version.number} at {instant(version.at)}: {kinds(version)}{back}{mark}"
