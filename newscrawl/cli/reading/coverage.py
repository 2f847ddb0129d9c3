"""`newscrawl coverage`: prints the gaps in which articles may have been missed, and the outcomes of all addresses that listings named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import click

from newscrawl.cli.options import check_range, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.judge import validators
from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import (
    Channel,
    ChannelEntries,
    ChannelRecord,
    CoverageRecord,
    DayRecord,
    EntryOutcome,
    Gap,
    VerdictKind,
)
from newscrawl.serialization import records
from newscrawl.wording import instant

# Of one, and of several.
_REFUSALS = {
    VerdictKind.NOT_ARTICLE: ("page that is no article", "pages that are no articles"),
    VerdictKind.DEAD: ("dead address", "dead addresses"),
    VerdictKind.DUPLICATE: ("other address of a known article", "other addresses of known articles"),
}

_CHANNELS = {
    Channel.LISTING: "listings",
    Channel.BLOCK: "blocks beside articles",
    Channel.FEED: "feeds",
    Channel.SITEMAP: "sitemaps",
}
_LEFT: Mapping[EntryOutcome, str | tuple[str, str]] = {
    EntryOutcome.TWICE: "named twice in one document",
    EntryOutcome.NO_ADDRESS: "without a usable address",
    EntryOutcome.OTHER_HOST: "on hosts that are not the outlet's",
    EntryOutcome.OTHER_EDITION: "of another edition",
    EntryOutcome.FRONT_PAGE: ("front page", "front pages"),
    EntryOutcome.FILE: ("file", "files"),
    EntryOutcome.SERVICE: ("page of tags, authors or categories", "pages of tags, authors or categories"),
    EntryOutcome.NO_PATTERN: "that no pattern of the source takes",
    EntryOutcome.MENU: ("link of a menu", "links of menus"),
    EntryOutcome.SITEMAP_BY_DATE: ("sitemap of another time", "sitemaps of another time"),
    EntryOutcome.SITEMAP_REFUSED: ("sitemap on a private host", "sitemaps on private hosts"),
    EntryOutcome.BOUND: "behind a bound",
}


_OUTCOMES = {"not_modified": "as before"}


@click.command(
    "coverage",
    epilog=tables.examples(
        "newscrawl coverage",
        "newscrawl coverage --source orda --edition kk --since 2026-04-01 --all",
        "newscrawl coverage --days --since 2026-04-01",
        "newscrawl coverage --json",
    ),
)
@options("source", "edition", "since", "until", "limit")
@click.option(
    "--all",
    "closed",
    is_flag=True,
    help="Also show closed gaps, and outages in which nothing was missed.",
)
@click.option(
    "--days", is_flag=True, help="Show announced and archived articles by day of publication instead."
)
@options("json")
def coverage(
    *,
    source: str | None,
    edition: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    closed: bool,
    days: bool,
    as_json: bool,
) -> None:
    """Show when articles may have been missed, and the outcomes of all addresses that listings named.

    A gap is the time between two reads of a listing that do not join: the later one shows nothing
    of what was newest before. It is open until older pages, a feed or a sitemap show that nothing
    was missed. An outage is the time in which no channel answered; it is an open gap while it lasts.
    If the next read joins, only what was published and removed during the outage can have been missed.
    """
    check_range(since, until)
    with open_archive() as reader:
        if days:
            found = reader.days(_zones(), source=source, edition=edition, since=since, until=until)
            _print_days(_first(found, limit), as_json=as_json)
            return
        facts = reader.listing_facts(source=source, edition=edition)
        windows = gaps(facts, since=since, until=until, closed=closed)[: limit or None]
        editions = reader.coverage(source=source, edition=edition)
        if as_json:
            tables.write_json([*map(records.gap, windows), *map(records.named, editions)])
            return
    tables.print_lines(_report(windows, editions, tables.terminal_width()))


def _report(windows: list[Gap], editions: list[CoverageRecord], width: int | None) -> Iterator[str]:
    if windows:
        headings = ("SOURCE", "ED", "FROM", "TO", "STATE", "REASON")
        yield from tables.table(headings, map(_gap_row, windows), width=width)
    else:
        yield "No time is known in which articles may have been missed."
    for record in editions:
        yield ""
        yield from _edition(record, width)


def _gap_row(gap: Gap) -> tuple[object, ...]:
    if gap.open:
        state = "open"
    elif gap.closed_by is not None:
        state = f"closed by {gap.closed_by.value}"
    else:
        state = "nothing missed"
    return gap.source, gap.edition, instant(gap.began), instant(gap.ended), state, gap.reason


def _edition(record: CoverageRecord, width: int | None) -> Iterator[str]:
    since = f"covered since {instant(record.since)}" if record.since else "never read"
    yield tables.safe(f"{record.source} {record.edition}: {since}")
    left = record.announced - record.archived - record.waiting
    counts = (
        f"{_of(record.announced, ('address', 'addresses'))} named by listings: {record.archived} archived, {record.waiting} waiting "
        f"({_of(record.never_fetched, ('sitemap entry', 'sitemap entries'))} never fetched), {left} settled otherwise"
    )
    refusals = [
        f"{_of(one.number, _REFUSALS.get(VerdictKind(one.outcome), one.outcome))}: {one.reason}{_such_as(one.examples)}"
        for one in record.settled
    ]
    waiting = [
        f"{one.number} of those that wait {_of(one.number, ('was', 'were'), bare=True)} tried: "
        f"{one.outcome.replace('_', ' ')}: {one.reason}{_such_as(one.examples)}"
        for one in record.tried
    ]
    unread = [
        f"{one.number} {_CHANNELS[one.channel]} not read, or not all of it: "
        f"{': '.join(filter(None, (one.outcome.replace('_', ' '), one.reason)))}{_such_as(one.examples)}"
        for one in record.unread
    ]
    for depth, text in (
        (1, counts),
        *((2, text) for text in (*waiting, *refusals)),
        *(line for channel in record.entries for line in _left(channel)),
        *(line for channel in record.older for line in _left(channel, of="older pages of ")),
        *((1, text) for text in unread),
    ):
        lines = tables.wrap(tables.safe(text), width - 2 * depth - 4) if width else [tables.safe(text)]
        yield from (f"{'  ' * depth}{'    ' if number else ''}{line}" for number, line in enumerate(lines))
    read = max((channel.last_read for channel in record.channels), default=None)
    for host in validators.caught(record.caught, read) if read is not None else ():
        yield tables.safe(
            f'  the "not modified" (304) of {host.host} is not believed since {instant(host.first)}: its validators '
            f"called a changed page not modified (times: {host.times}, last {host.url})"
        )
    for one in record.redesigns:
        yield tables.safe(
            f"  redesign: {one.layouts} of {one.checked} known articles came in another layout in the run of {instant(one.at)}"
        )
    headings = ("CHANNEL", "LAST GOOD READ", "IN FULL", "LAST", "READS", "FAILED", "ADDRESS")
    room = width - 2 if width else None
    for line in tables.table(headings, map(_channel_row, record.channels), width=room):
        yield f"  {line}"


def _left(record: ChannelEntries, of: str = "") -> Iterator[tuple[int, str]]:
    """What a kind of channel named at its last reads and is not followed, each line with its depth; `of` says which of its documents."""
    if not record.left:
        return
    when = "in the last run" if record.channel is Channel.BLOCK else "at the last reads"
    entries = _of(record.named, ("entry", "entries"))
    yield 1, f"{entries} of {of}{_CHANNELS[record.channel]} {when}: {record.taken} taken"
    for one in record.left:
        yield 2, f"{_of(one.number, _LEFT[one.outcome])}{_such_as(one.examples)}"


def _of(number: int, what: str | tuple[str, str], *, bare: bool = False) -> str:
    """A number of things, in the form that it asks for; `bare`: that form alone."""
    word = what if isinstance(what, str) else what[number != 1]
    return word if bare else f"{number:,} {word}"


def _such_as(examples: Sequence[str]) -> str:
    return f", such as {' '.join(examples)}" if examples else ""


def _channel_row(record: ChannelRecord) -> tuple[object, ...]:
    good = instant(record.last_good) if record.last_good else "never"
    full = instant(record.last_full) if record.last_full else "never"
    outcome = _OUTCOMES.get(record.outcome) or record.outcome.replace("_", " ")
    return record.channel.value, good, full, outcome, record.reads, record.failed, record.url


def _print_days(found: Iterable[DayRecord], *, as_json: bool) -> None:
    if as_json:
        tables.write_json(map(records.day, found))
        return
    rows = (
        (d.source, d.edition, d.day or "unknown", d.announced, d.archived, d.announced - d.archived)
        for d in found
    )
    headings = ("SOURCE", "ED", "DAY", "ANNOUNCED", "ARCHIVED", "NOT ARCHIVED")
    tables.print_lines(tables.table(headings, rows, width=tables.terminal_width()))


def _first(found: Iterator[DayRecord], limit: int | None) -> Iterator[DayRecord]:
    for number, record in enumerate(found):
        if limit and number >= limit:
            return
        yield record


def _zones() -> Mapping[str, tzinfo]:
    """The time zones that the spiders declare, by source."""
    from zoneinfo import ZoneInfo

    from newscrawl.cli.crawling.sources import classes

    spiders: list[Any] = list(classes())
    return {spider.name: ZoneInfo(spider.zone) for spider in spiders if vars(spider).get("name")}
