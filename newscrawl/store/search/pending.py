"""Versions whose words the index does not have as they are now, noted in the transaction that writes them.

The log of changes alone would not do: fields are also replaced in place, by a newer reading of the same text, without
an entry there. On PostgreSQL numbers may become visible out of order; a row that is deleted once it is done misses none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from newscrawl.store.rows import chunks
from newscrawl.store.tables import search_pending, versions


def pend(connection: Connection, version_ids: Iterable[int]) -> None:
    """Notes that these versions are to be put into the index."""
    if rows := [{"version_id": one} for one in version_ids]:
        connection.execute(insert(search_pending), rows)


def pend_article(connection: Connection, article_id: int) -> None:
    """Notes that all versions of an article are to be put into the index: it is selected otherwise now."""
    query = select(versions.c.id).where(versions.c.article_id == article_id)
    connection.execute(insert(search_pending).from_select(["version_id"], query))


def pending(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """The oldest notes, each with its number and its version."""
    query = select(search_pending.c.id, search_pending.c.version_id).order_by(search_pending.c.id)
    return [(row[0], row[1]) for row in connection.execute(query.limit(limit))]


def count_pending(connection: Connection, most: int) -> int:
    """How many versions wait, counted up to `most`."""
    some = select(search_pending.c.version_id).distinct().limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def done_all(connection: Connection) -> None:
    """Deletes all notes; those that others are writing meanwhile stay."""
    connection.execute(delete(search_pending))


def done(connection: Connection, numbers: Sequence[int]) -> None:
    """Deletes notes by their numbers."""
    for part in chunks(numbers):
        connection.execute(delete(search_pending).where(search_pending.c.id.in_(part)))
