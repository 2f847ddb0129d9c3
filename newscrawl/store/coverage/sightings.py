"""The positions and headlines at which listings showed an article, over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, RowMapping, func, select

from newscrawl.model import Channel, SightingHistory
from newscrawl.store.tables import listing_reads, listings, sightings, sources


def sightings_of(connection: Connection, article_id: int) -> list[SightingHistory]:
    """All sightings of an article, oldest first; consecutive reads with the same position and headline are one.

    A read that shows the listing without the article ends a sighting. A failed read does not.
    """
    query = (
        select(listing_reads.c.listing_id, sightings.c.read_id, sightings.c.position, sightings.c.headline)
        .join(listing_reads, listing_reads.c.id == sightings.c.read_id)
        .where(sightings.c.article_id == article_id)
        .order_by(sightings.c.position.desc())
    )
    seen: dict[
        int, dict[int, tuple[int, str | None]]
    ] = {}  # listing -> read that stored it -> (position, headline)
    for listing_id, read_id, position, headline in connection.execute(query):
        # Two addresses of one article on one page: the upper one counts, and it comes last.
        seen.setdefault(listing_id, {})[read_id] = position, headline
    found = [
        sighting for listing, shown in seen.items() for sighting in _in_listing(connection, listing, shown)
    ]
    return sorted(found, key=lambda sighting: (sighting.first, sighting.listing))


def _in_listing(
    connection: Connection, listing_id: int, shown: dict[int, tuple[int, str | None]]
) -> Iterator[SightingHistory]:
    about = (
        select(listings, sources.c.name.label("source"))
        .join(sources, sources.c.id == listings.c.source_id)
        .where(listings.c.id == listing_id)
    )
    listing = connection.execute(about).mappings().one()
    last = select(func.max(listing_reads.c.id)).where(listing_reads.c.shown_id == max(shown))
    reads = (
        select(listing_reads.c.at, listing_reads.c.shown_id)
        .where(
            listing_reads.c.listing_id == listing_id,
            listing_reads.c.shown_id.is_not(None),
            listing_reads.c.id >= min(shown),
            listing_reads.c.id <= last.scalar_subquery(),
        )
        .order_by(listing_reads.c.id)
    )
    for shown_as, group in groupby(connection.execute(reads), key=lambda read: shown.get(read.shown_id)):
        if shown_as is not None:
            yield _sighting(listing, shown_as, [read.at for read in group])


def _sighting(
    listing: RowMapping, shown_as: tuple[int, str | None], reads: Sequence[datetime]
) -> SightingHistory:
    return SightingHistory(
        source=listing["source"],
        edition=listing["edition"],
        channel=Channel(listing["channel"]),
        listing=listing["url"],
        position=shown_as[0],
        headline=shown_as[1],
        first=reads[0],
        last=reads[-1],
        reads=len(reads),
    )
