"""Counts of what became of every address that listings named, by edition and by day, and the state of channels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Text, and_, case, cast, exists, func, or_, select

from newscrawl.model import (
    CaughtHost,
    Channel,
    ChannelEntries,
    ChannelRecord,
    CoverageRecord,
    DayRecord,
    EditionDays,
    EntryOutcome,
    FetchOutcome,
    LeftEntries,
    Settled,
    UnreadChannels,
    VerdictKind,
)
from newscrawl.model.runs import BLOCKS
from newscrawl.store.coverage.lists import GOOD
from newscrawl.store.read import hosts
from newscrawl.store.read.changes import load_redesigns
from newscrawl.store.read.selects import COUNTED, beginning, in_range
from newscrawl.store.tables import articles, leads, listing_reads, listings, runs

# At most this many reasons are listed: a reason may name a figure of its page.
_REASONS = 20
_RARE = "other reasons"
EXAMPLES = 3
_COUNTED = re.compile(r"\d+ of \d+ (?:entries|lines) without a usable address")  # each has its outcome
_RUNS_WITH_BLOCKS = 100  # that are searched for one of the edition: others may have read other editions alone
_WAITING_OUTCOMES = (VerdictKind.FAILED.value, VerdictKind.DEFERRED.value, VerdictKind.OUTSIDE_DATES.value)

_ARCHIVED = leads.c.article_id.is_not(None)
_WAITING = and_(~_ARCHIVED, or_(leads.c.outcome.is_(None), leads.c.outcome.in_(_WAITING_OUTCOMES)))


def edition_coverage(connection: Connection, source_id: int, source: str, edition: str) -> CoverageRecord:
    """Channels of one edition, and counts of the addresses they announced."""
    named = (leads.c.source_id == source_id, leads.c.edition == edition)
    never_tried = and_(_WAITING, leads.c.attempts == 0, leads.c.sitemap_id.is_not(None))
    query = select(func.count(), _sum(_ARCHIVED), _sum(_WAITING), _sum(never_tried)).select_from(leads)
    announced, archived, waiting, never_fetched = connection.execute(query.where(*named)).one()
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
        caught=_caught(connection, source_id, edition, channels),
        redesigns=tuple(
            found for _, found in reversed([*load_redesigns(connection, [runs.c.source_id == source_id])])
        ),
        tried=tuple(_settled(connection, *named, _WAITING, leads.c.outcome.is_not(None))),
        settled=tuple(_settled(connection, *named, ~_ARCHIVED, ~_WAITING)),
        entries=(*_entries(connection, source_id, edition), *_blocks(connection, source_id, edition)),
        older=tuple(_entries(connection, source_id, edition, older=True)),
        unread=tuple(_unread(connection, source_id, edition)),
    )


def _caught(
    connection: Connection, source_id: int, edition: str, channels: Sequence[ChannelRecord]
) -> tuple[CaughtHost, ...]:
    """The hosts caught in the edition, and those caught in another one that its channels are read from."""
    mine = {urlsplit(channel.url).netloc for channel in channels}
    found = hosts.caught(connection, source_id)
    return tuple(one for one in found if one.edition == edition or one.host in mine)


def _settled(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Settled]:
    """Addresses by verdict and reason; rare reasons of a verdict together."""
    reason = func.coalesce(leads.c.reason, "")
    alike: dict[str, Any] = {"partition_by": (leads.c.outcome, reason)}
    ranked = (
        select(
            leads.c.outcome,
            reason.label("reason"),
            leads.c.url,
            func.row_number().over(**alike, order_by=leads.c.id).label("position"),
            func.count().over(**alike).label("number"),
        )
        .where(*where)
        .subquery()
    )
    query = select(ranked).where(ranked.c.position <= EXAMPLES)
    query = query.order_by(ranked.c.number.desc(), ranked.c.outcome, ranked.c.reason, ranked.c.position)
    found: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for row in connection.execute(query):
        key = (row.outcome, row.reason)
        if key in found or len(found) < _REASONS:
            found.setdefault(key, (row.number, []))[1].append(row.url)
            continue
        number, examples = found.setdefault((row.outcome, _RARE), (0, []))
        found[row.outcome, _RARE] = (number + (row.number if row.position == 1 else 0), examples)
        if len(examples) < EXAMPLES:
            examples.append(row.url)
    for (outcome, why), (number, examples) in found.items():
        yield Settled(outcome, why, number, tuple(examples))


def _entries(
    connection: Connection, source_id: int, edition: str, *, older: bool = False
) -> Iterator[ChannelEntries]:
    """What became of the entries of each kind of channel; older pages of lists show much of it again, and stand apart."""
    first = exists().where(listing_reads.c.listing_id == listings.c.id, listing_reads.c.root_id.is_(None))
    query = select(listings.c.channel, listings.c.entries).where(
        listings.c.source_id == source_id, listings.c.edition == edition, ~first if older else first
    )
    named: Counter[Channel] = Counter()
    taken: Counter[Channel] = Counter()
    left: dict[tuple[Channel, EntryOutcome], LeftEntries] = {}
    for channel, stored in connection.execute(query.order_by(listings.c.id)):
        if not stored:
            continue
        kind = Channel(channel)
        named[kind] += stored["named"]
        for one in left_entries(stored):
            if one.outcome.is_taken:
                taken[kind] += one.number
                continue
            before = left.get((kind, one.outcome))
            left[kind, one.outcome] = one if before is None else _together(before, one)
    for kind in Channel:
        if kind in named:
            mine = [one for (of, _), one in left.items() if of is kind]
            yield ChannelEntries(kind, named[kind], taken[kind], _most_first(mine))


def _blocks(connection: Connection, source_id: int, edition: str) -> Iterator[ChannelEntries]:
    """What became of the links beside the articles of an edition, in the last of its runs that read any."""
    with_blocks = cast(runs.c.counts, Text).contains(f'"{BLOCKS}"')
    query = (
        select(runs.c.started, runs.c.counts)
        .where(runs.c.source_id == source_id, with_blocks)
        .order_by(runs.c.started.desc(), runs.c.id.desc())
        .limit(_RUNS_WITH_BLOCKS)
    )
    for started, counts in connection.execute(query):
        if (stored := counts[BLOCKS].get(edition)) is not None:
            found = [
                LeftEntries(EntryOutcome(one["outcome"]), one["number"], started, tuple(one["examples"]))
                for one in stored
            ]
            taken = sum(one.number for one in found if one.outcome.is_taken)
            left = tuple(one for one in found if not one.outcome.is_taken)
            yield ChannelEntries(
                Channel.BLOCK, taken + sum(one.number for one in left), taken, _most_first(left)
            )
            return


def _most_first(left: Iterable[LeftEntries]) -> tuple[LeftEntries, ...]:
    return tuple(sorted(left, key=lambda one: (-one.number, one.outcome)))


def left_entries(stored: Any) -> Iterator[LeftEntries]:
    """The counts that a listing's row holds, also of outcomes that are taken."""
    for count in (stored or {}).get("counts", ()):
        yield LeftEntries(
            EntryOutcome(count["outcome"]),
            count["number"],
            datetime.fromisoformat(count["since"]),
            tuple(count["examples"]),
        )


def _together(one: LeftEntries, other: LeftEntries) -> LeftEntries:
    examples = tuple(dict.fromkeys((*one.examples, *other.examples)))[:EXAMPLES]
    since = min(at for at in (one.since, other.since) if at is not None)
    return LeftEntries(one.outcome, one.number + other.number, since, examples)


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


def edition_days(
    connection: Connection, source_id: int, source: str, edition: str, since: datetime
) -> EditionDays:
    """Articles by day of publication from `since` on, by the index of the newest; open addresses by theirs."""
    day = beginning(connection, articles.c.published, 10, "YYYY-MM-DD").label("day")
    counted = (
        select(day, func.count().label("number"))
        .where(
            articles.c.source_id == source_id,
            articles.c.edition == edition,
            articles.c.published >= since,
            COUNTED,
        )
        .group_by(day)
    )
    opened = select(_sum(_WAITING), func.count()).where(
        leads.c.source_id == source_id, leads.c.edition == edition, ~_ARCHIVED
    )
    waiting, without = connection.execute(opened.select_from(leads)).one()
    return EditionDays(
        source=source,
        edition=edition,
        days={date.fromisoformat(row.day): row.number for row in connection.execute(counted)},
        waiting=waiting or 0,
        settled=without - (waiting or 0),
    )


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


def _unread(connection: Connection, source_id: int, edition: str) -> Iterator[UnreadChannels]:
    """Channels whose last read gave nothing, or less than the document has; also sitemaps that an index names.

    "Not modified" says that the document is still the one of the last full read, with what was wrong with it. Lists that
    ended before the date asked for are named last.
    """
    same = listings.c.outcome == FetchOutcome.NOT_MODIFIED.value
    query = (
        select(listings.c.channel, listings.c.url, listings.c.outcome, listing_reads.c.problem)
        .join(listing_reads, listing_reads.c.listing_id == listings.c.id)
        .where(
            listings.c.source_id == source_id,
            listings.c.edition == edition,
            listing_reads.c.at
            == case(
                (same, func.coalesce(listings.c.last_full, listings.c.last_read)), else_=listings.c.last_read
            ),
            listing_reads.c.root_id.is_(None),
            # Those that were never there: the number after the last of a series, or a feed that is not offered.
            listings.c.outcome.not_in((FetchOutcome.NOT_FOUND.value, FetchOutcome.GONE.value))
            | listings.c.last_changed.is_not(None)
            | listing_reads.c.problem.is_not(None),
            listings.c.outcome.not_in(GOOD) | listing_reads.c.problem.is_not(None),
        )
        .order_by(listings.c.id)
    )
    found: dict[tuple[str, str, str], list[str]] = {}
    for channel, url, outcome, problem in connection.execute(query):
        if outcome in GOOD and _COUNTED.fullmatch(problem):
            continue
        found.setdefault((channel, outcome, problem or ""), []).append(url)
    for (channel, outcome, reason), urls in sorted(found.items(), key=lambda one: -len(one[1])):
        yield UnreadChannels(Channel(channel), outcome, reason, len(urls), tuple(urls[:EXAMPLES]))
    yield from _ended_early(connection, source_id, edition)


def _ended_early(connection: Connection, source_id: int, edition: str) -> Iterator[UnreadChannels]:
    """Lists that were read back with `since`, and had no more pages before that date was reached."""
    query = select(listings.c.channel, listings.c.url, listings.c.outcome, listings.c.walk).where(
        listings.c.source_id == source_id, listings.c.edition == edition, listings.c.walk.is_not(None)
    )
    for channel, url, outcome, walk in connection.execute(query.order_by(listings.c.id)):
        if walk and walk.get("short_of"):
            yield UnreadChannels(Channel(channel), outcome, short_of(walk), 1, (url,))


def short_of(walk: Mapping[str, Any]) -> str:
    """What is said of a list that ended too early: after how many pages, at which date, before which."""
    pages = "page" if walk["depth"] == 1 else "pages"
    at = f", at {walk['reached'][:10]}" if walk["reached"] else ""
    return f"the list ends after {walk['depth']} {pages}{at}: {walk['short_of'][:10]} was asked for"


def good_read() -> ColumnElement[bool]:
    """SQL, with `listings` joined: a read that showed entries, or that the server answered with "not modified".

    A sitemap without a problem showed some: an index has other sitemaps as entries, and no leads.
    """
    same = listing_reads.c.outcome == FetchOutcome.NOT_MODIFIED.value
    sitemap = and_(listings.c.channel == Channel.SITEMAP.value, listing_reads.c.problem.is_(None))
    return and_(listing_reads.c.outcome.in_(GOOD), or_(same, listing_reads.c.leads > 0, sitemap))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
