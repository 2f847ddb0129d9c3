"""Figures of lists, feeds and sitemaps for source health: their reads, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, case, exists, func, select

from newscrawl.model.discovery import Channel
from newscrawl.model.fetching import FetchOutcome
from newscrawl.model.health import ChannelDay, ChannelFacts
from newscrawl.store.coverage.counters import good_read, left_entries
from newscrawl.store.coverage.lists import GOOD
from newscrawl.store.read.selects import beginning, count_if
from newscrawl.store.tables import listing_reads, listings

CHANNELS = timedelta(days=28)


class ChannelReads:
    """Figures of the channels of one source at `now`."""

    def __init__(self, connection: Connection, now: datetime, source: int) -> None:
        self._connection = connection
        self._now = now
        self._source = source

    def first_reads(self) -> dict[str, datetime]:
        """The first read of each edition."""
        query = select(listings.c.edition, func.min(listings.c.first_read).label("first")).where(
            listings.c.source_id == self._source
        )
        return {
            row.edition: row.first for row in self._connection.execute(query.group_by(listings.c.edition))
        }

    def last_good(self) -> dict[str, datetime]:
        """The last time any channel of each edition answered properly, however long ago."""
        query = (
            select(listings.c.edition, func.max(listings.c.last_read).label("last"))
            .where(listings.c.source_id == self._source, listings.c.outcome.in_(GOOD))
            .group_by(listings.c.edition)
        )
        return {row.edition: row.last for row in self._connection.execute(query)}

    def channels(self) -> dict[str, list[ChannelFacts]]:
        """The channels read in the last four weeks, by edition; older pages of a list belong to its first page."""
        roots = exists().where(listing_reads.c.listing_id == listings.c.id, listing_reads.c.root_id.is_(None))
        query = (
            select(listings)
            .where(listings.c.source_id == self._source, listings.c.last_read >= self._now - CHANNELS, roots)
            .order_by(listings.c.edition, listings.c.channel, listings.c.id)
        )
        days, good = self._reads()
        found: dict[str, list[ChannelFacts]] = {}
        for row in self._connection.execute(query).mappings().all():
            last_good = good.get(row["id"]) or row["last_changed"]
            bad_since, bad_reads = None, 0
            if last_good is not None and last_good < row["last_read"]:
                bad_since, bad_reads = self._bad(row["id"], last_good)
            found.setdefault(row["edition"], []).append(
                ChannelFacts(
                    channel=Channel(row["channel"]),
                    url=row["url"],
                    last_read=row["last_read"],
                    last_good=last_good,
                    outcome=row["outcome"],
                    bad_since=bad_since,
                    bad_reads=bad_reads,
                    empty=bad_since is not None and row["outcome"] == FetchOutcome.OK.value,
                    days=tuple(days.get(row["id"], ())),
                    first_read=row["first_read"],
                    entries=tuple(left_entries(row["entries"])),
                )
            )
        return found

    def _reads(self) -> tuple[dict[int, list[ChannelDay]], dict[int, datetime]]:
        """The reads of each channel by day, and its last good read."""
        day = beginning(self._connection, listing_reads.c.at, 10, "YYYY-MM-DD")
        query = (
            select(
                listing_reads.c.listing_id, day.label("day"), func.count().label("reads"),
                count_if(good_read()).label("good"),
                count_if(listing_reads.c.shown_id == listing_reads.c.id).label("moved"),
                count_if(listing_reads.c.joined.is_(True)).label("joined"),
                count_if(listing_reads.c.joined.is_(False)).label("unjoined"),
                func.max(case((good_read(), listing_reads.c.at))).label("last_good"),
            )
            .join(listings, listings.c.id == listing_reads.c.listing_id)
            .where(
                listings.c.source_id == self._source,
                listings.c.last_read >= self._now - CHANNELS,
                listing_reads.c.at >= self._now - CHANNELS,
                listing_reads.c.root_id.is_(None),
            )
            .group_by(listing_reads.c.listing_id, day)
            .order_by(listing_reads.c.listing_id, day)
        )  # fmt: skip
        days: dict[int, list[ChannelDay]] = {}
        good: dict[int, datetime] = {}
        for row in self._connection.execute(query):
            when = date.fromisoformat(row.day)
            one = ChannelDay(when, row.reads, row.good, bool(row.moved), row.joined, row.unjoined)
            days.setdefault(row.listing_id, []).append(one)
            if row.last_good is not None:
                good[row.listing_id] = max(row.last_good, good.get(row.listing_id, row.last_good))
        return days, good

    def _bad(self, listing: int, last_good: datetime) -> tuple[datetime | None, int]:
        """Since when and how often the reads of a channel have failed."""
        query = (
            select(func.min(listing_reads.c.at), func.count())
            .join(listings, listings.c.id == listing_reads.c.listing_id)
            .where(
                listing_reads.c.listing_id == listing,
                listing_reads.c.root_id.is_(None),
                listing_reads.c.at > last_good,
                ~good_read(),
            )
        )
        since, number = self._connection.execute(query).one()
        return since, number
