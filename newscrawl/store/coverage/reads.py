"""Read operations about listings: sightings of articles, facts about gaps, coverage of editions, counts by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, tzinfo

from sqlalchemy import Connection, select

from newscrawl.model import CoverageRecord, DayRecord, EditionDays, SightingHistory
from newscrawl.store.coverage import counters, gaps, sightings
from newscrawl.store.read.selects import of_source
from newscrawl.store.tables import listings, sources


class CoverageReads:
    """Read operations about coverage, mixed into the archive's reader."""

    _snapshot: Callable[[], AbstractContextManager[Connection]]

    def sightings_of(self, article_id: int) -> list[SightingHistory]:
        """Positions and headlines at which listings showed one article, oldest first; equal reads in a row are one."""
        with self._snapshot() as connection:
            return sightings.sightings_of(connection, article_id)

    def listing_facts(
        self, *, source: str | None = None, edition: str | None = None, since: datetime | None = None
    ) -> Iterator[gaps.ListingFacts]:
        """The facts for `judge.coverage.gaps`, one edition at a time; each is valid until the next.

        With `since` those of the reads from then on. Raises UnknownSource.
        """
        with self._snapshot() as connection:
            for source_id, name, one in _editions(connection, source, edition):
                yield gaps.ListingFacts(connection, source_id, name, one, since)

    def calendar(self, since: datetime) -> list[EditionDays]:
        """The articles of every edition by their day of publication, in UTC, from `since` on, and its open addresses."""
        with self._snapshot() as connection:
            return [
                counters.edition_days(connection, source_id, name, one, since)
                for source_id, name, one in _editions(connection, None, None)
            ]

    def coverage(self, *, source: str | None = None, edition: str | None = None) -> list[CoverageRecord]:
        """Channels of each edition, and counts of the addresses they announced. Raises UnknownSource."""
        with self._snapshot() as connection:
            return [
                counters.edition_coverage(connection, source_id, name, one)
                for source_id, name, one in _editions(connection, source, edition)
            ]

    def days(
        self,
        zones: Mapping[str, tzinfo],
        *,
        source: str | None = None,
        edition: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[DayRecord]:
        """Announced and archived articles by day of publication, latest first, undated ones last.

        Days are those of the zone that `zones` names for the source, else UTC. Raises UnknownSource.
        """
        with self._snapshot() as connection:
            for source_id, name, one in _editions(connection, source, edition):
                yield from counters.days(connection, source_id, name, one, zones.get(name), since, until)


def _editions(connection: Connection, source: str | None, edition: str | None) -> list[tuple[int, str, str]]:
    """(source id, source, edition) of every edition whose listings were read."""
    query = (
        select(sources.c.id, sources.c.name, listings.c.edition)
        .join(sources, sources.c.id == listings.c.source_id)
        .where(*of_source(connection, sources.c.id, source))
        .distinct()
        .order_by(sources.c.name, listings.c.edition)
    )
    if edition is not None:
        query = query.where(listings.c.edition == edition)
    return [(row.id, row.name, row.edition) for row in connection.execute(query)]
