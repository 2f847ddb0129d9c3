"""What earlier runs know of each listing channel: validators, cadence, how far back it was read. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from newscrawl.model import BackfillCursor, Channel, ListingState
from newscrawl.store.tables import articles, listings


def listing_states(connection: Connection, source_id: int) -> dict[str, ListingState]:
    """All listing channel addresses read so far, by address."""
    query = select(listings).where(listings.c.source_id == source_id)
    return {
        row["url"]: ListingState(
            url=row["url"],
            edition=row["edition"],
            channel=Channel(row["channel"]),
            last_read=row["last_read"],
            last_changed=row["last_changed"],
            last_full=row["last_full"],
            outcome=row["outcome"],
            etag=row["etag"],
            last_modified=row["last_modified"],
            digest=row["digest"],
            misses=row["misses"],
            backfill=_cursor(row["url"], row["walk"]),
        )
        for row in connection.execute(query).mappings()
    }


def newest_articles(connection: Connection, source_id: int, now: datetime) -> dict[str, datetime]:
    """When the newest article of each edition was published, as far as pages say; dates in the future are not believed."""
    editions = select(listings.c.edition).where(listings.c.source_id == source_id).distinct()
    found: dict[str, datetime] = {}
    for edition in connection.execute(editions).scalars():
        newest = select(func.max(articles.c.published)).where(
            articles.c.source_id == source_id, articles.c.edition == edition, articles.c.published <= now
        )
        if (at := connection.execute(newest).scalar()) is not None:
            found[edition] = at
    return found


def _cursor(root: str, stored: Mapping[str, Any] | None) -> BackfillCursor | None:
    if stored is None:
        return None
    reached = datetime.fromisoformat(stored["reached"]) if stored["reached"] else None
    short_of = datetime.fromisoformat(stored["short_of"]) if stored.get("short_of") else None
    return BackfillCursor(root, stored["depth"], stored["next"], reached, short_of)
