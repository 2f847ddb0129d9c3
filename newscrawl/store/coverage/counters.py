"""Counts of what became of every address that listings named, by edition and by day, and the state of channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from newscrawl.model import (
    CaughtHost,
    Channel,
    ChannelRecord,
    CoverageRecord,
    DayRecord,
    FetchOutcome,
    VerdictKind,
)
from newscrawl.store.coverage.lists import GOOD
from newscrawl.store.read import hosts
from newscrawl.store.read.selects import in_range
from newscrawl.store.tables import leads, listing_reads, listings

# At most this many reasons are listed: a reason may name a figure of its page.
_REASONS = 20
_WAITING_OUTCOMES = (VerdictKind.FAILED.value, VerdictKind.DEFERRED.value, VerdictKind.OUTSIDE_DATES.value)

_ARCHIVED = leads.c.article_id.is_not(None)
_WAITING = and_(~_ARCHIVED, or_(leads.c.outcome.is_(None), leads.c.outcome.in_(_WAITING_OUTCOMES)))


def edition_coverage(connection: Connection, source_id: int, source: str, edition: str) -> CoverageRecord:
    """Channels of one edition, and counts of the addresses they announced."""
    named = (leads.c.source_id == source_id, leads.c.edition == edition)
    never_tried = and_(_WAITING, leads.c.attempts == 0, leads.c.sitemap_id.is_not(None))
    query = select(func.count(), _sum(_ARCHIVED), _sum(_WAITING), _sum(never_tried)).select_from(leads)
    announced, archived, waiting, never_fetched = connection.execute(query.where(*named)).one()
    refused = (
        select(leads.c.outcome, leads.c.reason, func.count())
        .where(*named, ~_ARCHIVED, ~_WAITING)
        .group_by(leads.c.outcome, leads.c.reason)
        .order_by(func.count().desc(), leads.c.outcome, leads.c.reason)
        .limit(_REASONS)
    )
    of_edition = (listings.c.source_id == source_id, listings.c.edition == edition)
    channels = tuple(_channels(connection, source_id, edition))
    since = select(func.min(listing_reads.c.at)).join(listings, listings.c.id == listing_reads.c.listing_id)
    return CoverageRecord(
        source=source,
        edition=edition,
        since=connection.execute(since.where(*of_edition, good_read())).scalar(),
        channels=channels,
        announced=announced,
        archived=archived or 0,
        waiting=waiting or 0,
        never_fetched=never_fetched or 0,
        refused=tuple((what, reason or "", number) for what, reason, number in connection.execute(refused)),
        caught=_caught(connection, source_id, edition, channels),
    )


def _caught(
    connection: Connection, source_id: int, edition: str, channels: Sequence[ChannelRecord]
) -> tuple[CaughtHost, ...]:
    """The hosts caught in the edition, and those caught in another one that its channels are read from."""
    mine = {urlsplit(channel.url).netloc for channel in channels}
    found = hosts.caught(connection, source_id)
    return tuple(one for one in found if one.edition == edition or one.host in mine)


def days(
    connection: Connection,
    source_id: int,
    source: str,
    edition: str,
    zone: tzinfo | None,
    since: datetime | None,
    until: datetime | None,
) -> Iterator[DayRecord]:
    """Addresses by their stated day of publication (or else of change), latest first; undated ones last."""
    moment = func.coalesce(leads.c.published, leads.c.modified)
    query = select(moment.label("at"), _ARCHIVED.label("archived")).where(
        leads.c.source_id == source_id, leads.c.edition == edition, *in_range(moment, since, until)
    )
    announced: Counter[str] = Counter()
    archived: Counter[str] = Counter()
    for at, is_archived in connection.execute(query, execution_options={"yield_per": 5000}):
        day = at.astimezone(zone or UTC).date().isoformat() if at is not None else ""
        announced[day] += 1
        archived[day] += bool(is_archived)
    for day in sorted(announced, reverse=True):
        yield DayRecord(source, edition, day or None, announced[day], archived[day])


def _channels(connection: Connection, source_id: int, edition: str) -> Iterator[ChannelRecord]:
    query = (
        select(
            listings.c.channel,
            listings.c.url,
            listings.c.last_read,
            listings.c.outcome,
            listings.c.last_full,
            func.count().label("reads"),
            _sum(~good_read()).label("failed"),
            func.max(case((good_read(), listing_reads.c.at))).label("last_good"),
        )
        .join(listing_reads, listing_reads.c.listing_id == listings.c.id)
        .where(
            listings.c.source_id == source_id,
            listings.c.edition == edition,
            listing_reads.c.root_id.is_(None),
        )
        .group_by(listings.c.id)
        .order_by(listings.c.channel, listings.c.id)
    )
    for row in connection.execute(query).mappings():
        # Skip addresses that never existed: the number after the last of a series, or a feed that is not offered.
        if row["last_good"] is None and row["outcome"] in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE):
            continue
        yield ChannelRecord(
            channel=Channel(row["channel"]),
            url=row["url"],
            last_read=row["last_read"],
            last_good=row["last_good"],
            outcome=row["outcome"],
            reads=row["reads"],
            failed=row["failed"],
            last_full=row["last_full"],
        )


def good_read() -> ColumnElement[bool]:
    """SQL: a read that showed entries, or that the server answered with "not modified"."""
    same = listing_reads.c.outcome == FetchOutcome.NOT_MODIFIED.value
    return and_(listing_reads.c.outcome.in_(GOOD), or_(same, listing_reads.c.leads > 0))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
