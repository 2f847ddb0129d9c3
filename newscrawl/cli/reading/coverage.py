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

_REFUSALS = {
    VerdictKind.NOT_ARTICLE: "no articles",
    VerdictKind.DEAD: "dead addresses",
    VerdictKind.DUPLICATE: "other addresses of known articles",
}

_CHANNELS = {
    Channel.LISTING: "listings",
    Channel.BLOCK: "blocks beside articles",
    Channel.FEED: "feeds",
    Channel.SITEMAP: "sitemaps",
}
_LEFT = {
    EntryOutcome.TWICE: "named twice in one document",
    EntryOutcome.NO_ADDRESS: "without a usable address",
    EntryOutcome.OTHER_HOST: "on hosts that are not the outlet's",
    EntryOutcome.OTHER_EDITION: "of another edition",
    EntryOutcome.FRONT_PAGE: "front pages",
    EntryOutcome.FILE: "files",
    EntryOutcome.SERVICE: "pages of tags, authors or categories",
    EntryOutcome.NO_PATTERN: "that no pattern of the source takes",
    EntryOutcome.MENU: "links of menus",
    EntryOutcome.SITEMAP_BY_DATE: "sitemaps of another time",
    EntryOutcome.SITEMAP_REFUSED: "sitemaps on private hosts",
    EntryOutcome.BOUND: "behind a bound",
}


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
        f"{record.announced} addresses named by listings: {record.archived} archived, {record.waiting} waiting "
        f"({record.never_fetched} sitemap entries never fetched), {left} settled otherwise"
    )
    refusals = [
        f"{one.number} {_REFUSALS.get(VerdictKind(one.outcome), one.outcome)}: {one.reason}{_such_as(one.examples)}"
        for one in record.settled
    ]
    waiting = [
        f"{one.number} of those that wait were tried: {one.outcome.replace('_', ' ')}: {one.reason}{_such_as(one.examples)}"
        for one in record.tried
    ]
    for text in (
        counts,
        *waiting,
        *refusals,
        *(line for channel in record.entries for line in _left(channel)),
        *(line for channel in record.older for line in _left(channel, of="older pages of ")),
        *(
            f"{one.number} {_CHANNELS[one.channel]} not read, or not all of it: "
            f"{': '.join(filter(None, (one.outcome.replace('_', ' '), one.reason)))}{_such_as(one.examples)}"
            for one in record.unread
        ),
    ):
        lines = tables.wrap(tables.safe(text), width - 4) if width else [tables.safe(text)]
        yield from (f"{'  ' if number == 0 else '    '}{line}" for number, line in enumerate(lines))
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


def _left(record: ChannelEntries, of: str = "") -> Iterator[str]:
    """What a kind of channel named at its last reads and is not followed; `of` says which of its documents."""
    if not record.left:
        return
    when = "in the last run" if record.channel is Channel.BLOCK else "at the last reads"
    yield f"{record.named} entries of {of}{_CHANNELS[record.channel]} {when}: {record.taken} taken"
    for one in record.left:
        yield f"{one.number} {_LEFT[one.outcome]}{_such_as(one.examples)}"


def _such_as(examples: Sequence[str]) -> str:
    return f", such as {' '.join(examples)}" if examples else ""


def _channel_row(record: ChannelRecord) -> tuple[object, ...]:
    good = instant(record.last_good) if record.last_good else "never"
    full = instant(record.last_full) if record.last_full else "never"
    return record.channel.value, good, full, record.outcome, record.reads, record.failed, record.url


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
