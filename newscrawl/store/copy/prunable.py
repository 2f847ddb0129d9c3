"""Which captures a pruning policy may delete: none that prove a version, a removal, a gap or the first and last check."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Select,
    Table,
    func,
    or_,
    select,
    union_all,
)

from newscrawl.model import Channel, FetchOutcome, State, VerdictKind
from newscrawl.store.engine import reading
from newscrawl.store.tables import (
    articles,
    captures,
    changes,
    listing_reads,
    listings,
    observations,
    versions,
)
from newscrawl.store.types import Instant

# Other channels may still close a gap some days later: their pages of that time are evidence, too.
AFTER_A_GAP = timedelta(days=7)

_ABSENCE = ("suspected", "removed", "returned")
_CAPTURE_COLUMNS = (
    captures.c.id,
    captures.c.file,
    captures.c.offset,
    captures.c.length,
    captures.c.at,
    captures.c.kind,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Ages from which responses are pruned; None: never.

    `unchanged`: full responses of checks that found an article unchanged. `listings`: pages of lists, feeds and
    sitemaps. `unreferenced`: responses that no row refers to, such as robots.txt.
    """

    unchanged: timedelta | None = None
    listings: timedelta | None = None
    unreferenced: timedelta | None = None

    def words(self) -> dict[str, str]:
        """The ages that are set, as in the configuration."""
        return {name: f"{age.days}d" for name, age in asdict(self).items() if age is not None}


@dataclass(frozen=True, slots=True)
class PrunableCapture:
    """A capture that may be pruned. `kind` is response or revisit, `policy_part` a field of Policy."""

    id: int
    file: str
    offset: int
    length: int
    at: datetime
    kind: str
    policy_part: str


def candidates(engine: Engine, source_id: int, policy: Policy, now: datetime) -> list[PrunableCapture]:
    """Every capture of a source that the policy prunes. Evidence is kept:

    the first and last response that showed a version, and everything a version, an article's row or more than one
    observation refers to; everything of an article that was ever suspected or removed; all responses of a run that
    found an absence, because they show that the rest of the site was up; the first and last page of every list, and
    pages read around a gap.
    """
    found: list[PrunableCapture] = []
    with reading(engine) as connection:
        if policy.unchanged is not None:
            found += _unchanged(connection, source_id, now - policy.unchanged)
        if policy.listings is not None:
            found += _listings(connection, source_id, now - policy.listings)
    return found


def _unchanged(connection: Connection, source_id: int, before: datetime) -> Iterator[PrunableCapture]:
    """Responses that are neither first nor last to show a version, of articles that were never absent."""
    of_version: dict[str, Any] = {
        "partition_by": (observations.c.article_id, observations.c.version),
        "order_by": (observations.c.at, observations.c.id),
    }
    checks = (
        select(
            observations.c.capture_id,
            observations.c.at,
            observations.c.verdict,
            observations.c.article_id,
            observations.c.run_id,
            func.lag(observations.c.id).over(**of_version).label("earlier"),
            func.lead(observations.c.id).over(**of_version).label("later"),
        )
        .join(captures, captures.c.id == observations.c.capture_id)
        .where(observations.c.source_id == source_id, observations.c.version.is_not(None), *_full())
        .subquery()
    )
    ever_absent = union_all(
        select(articles.c.id).where(articles.c.source_id == source_id, articles.c.state != State.LIVE.value),
        select(changes.c.article_id).where(changes.c.source_id == source_id, changes.c.kind.in_(_ABSENCE)),
        select(observations.c.article_id).where(*_signals(source_id)),
    )
    query = (
        select(*_CAPTURE_COLUMNS)
        .join(checks, checks.c.capture_id == captures.c.id)
        .where(
            checks.c.verdict == VerdictKind.UNCHANGED.value,
            checks.c.at < before,
            checks.c.earlier.is_not(None),
            checks.c.later.is_not(None),
            checks.c.article_id.not_in(ever_absent),
            checks.c.run_id.not_in(_proving(source_id)),
            captures.c.id.not_in(_used(versions, articles, listing_reads, often=observations)),
        )
    )
    for row in connection.execute(query):
        yield PrunableCapture(*row, policy_part="unchanged")


def _listings(connection: Connection, source_id: int, before: datetime) -> Iterator[PrunableCapture]:
    """Pages that are neither the first nor the last of their list, and were not read around a gap."""
    of_list: dict[str, Any] = {
        "partition_by": listing_reads.c.listing_id,
        "order_by": (listing_reads.c.at, listing_reads.c.id),
    }
    reads = (
        select(
            listing_reads.c.capture_id,
            listing_reads.c.at.label("read"),
            listing_reads.c.outcome,
            listing_reads.c.problem,
            listing_reads.c.joined,
            listing_reads.c.run_id,
            listing_reads.c.root_id,
            listings.c.edition,
            listings.c.channel,
            func.lag(listing_reads.c.at, type_=Instant()).over(**of_list).label("earlier"),
            func.lead(listing_reads.c.id).over(**of_list).label("later"),
        )
        .join(listings, listings.c.id == listing_reads.c.listing_id)
        .where(listings.c.source_id == source_id)
        .subquery()
    )
    gaps: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    query = select(reads.c.edition, reads.c.earlier, reads.c.read).where(reads.c.joined.is_(False))
    for edition, earlier, read in connection.execute(query):
        gaps[edition].append((earlier or read, read + AFTER_A_GAP))
    spans = {edition: _merged(found) for edition, found in gaps.items()}
    pages = (
        select(*_CAPTURE_COLUMNS, reads.c.edition, reads.c.read)
        .join(reads, reads.c.capture_id == captures.c.id)
        .where(
            *_full(),
            reads.c.read < before,
            reads.c.outcome == FetchOutcome.OK.value,
            reads.c.problem.is_(None),
            # `joined` is empty if the older pages of a list were not read to the end; sitemaps have none.
            or_(reads.c.joined, reads.c.root_id.is_not(None), reads.c.channel == Channel.SITEMAP.value),
            reads.c.earlier.is_not(None),
            reads.c.later.is_not(None),
            reads.c.run_id.not_in(_proving(source_id)),
            captures.c.id.not_in(_used(versions, articles, observations, often=listing_reads)),
        )
    )
    for row in connection.execute(pages):
        if not _within(row.read, spans.get(row.edition, [])):
            yield PrunableCapture(row.id, row.file, row.offset, row.length, row.at, row.kind, "listings")


def _full() -> tuple[ColumnElement[bool], ...]:
    """SQL: full responses, revisits included, that were not pruned yet."""
    return (
        captures.c.status == 200,
        captures.c.kind.in_(("response", "revisit")),
        captures.c.pruning_id.is_(None),
    )


def _used(*tables: Table, often: Table) -> CompoundSelect[Any]:
    """SQL: captures that rows of these tables refer to, or more than one row of `often`."""
    once = [select(table.c.capture_id).where(table.c.capture_id.is_not(None)) for table in tables]
    again = select(often.c.capture_id).where(often.c.capture_id.is_not(None)).group_by(often.c.capture_id)
    return union_all(*once, again.having(func.count() > 1))


def _signals(source_id: int) -> tuple[ColumnElement[bool], ...]:
    """SQL: observations that found an article absent."""
    seen = observations.c
    return (seen.source_id == source_id, seen.signal.is_not(None), seen.article_id.is_not(None))


def _proving(source_id: int) -> Select[Any]:
    """SQL: runs that found an absence, until it was confirmed; later checks of the article prove nothing new."""
    confirmed = (
        select(func.max(changes.c.at))
        .where(changes.c.article_id == observations.c.article_id, changes.c.kind == "removed")
        .correlate(observations)
        .scalar_subquery()
    )
    return select(observations.c.run_id).where(
        *_signals(source_id), or_(confirmed.is_(None), observations.c.at <= confirmed)
    )


def _merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The spans merged where they overlap, in order."""
    merged: list[tuple[datetime, datetime]] = []
    for span in sorted(spans):
        if merged and span[0] <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    return merged


def _within(at: datetime, spans: list[tuple[datetime, datetime]]) -> bool:
    number = bisect_right(spans, at, key=lambda span: span[0])
    return number > 0 and at <= spans[number - 1][1]
