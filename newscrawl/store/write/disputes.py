"""Articles of which a list, feed or sitemap says something else than the archive: their next check is unconditional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from newscrawl.model import Lead
from newscrawl.store import rows
from newscrawl.store.tables import article_urls, articles, listing_reads, sightings
from newscrawl.store.types import key_hash
from newscrawl.text import words

# Dates of change that lie so long before the last read of their sitemap were seen then.
_SEEN = timedelta(days=30)


def by_headlines(
    connection: Connection,
    root: int,
    this: int,
    shown: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
    at: datetime,
) -> None:
    """Disputes articles that a list shows with another headline than their title and than its own earlier one.

    Many lists write their own headlines: only a change of them says that the article changed. `root` is the first
    page of the list, `this` the read that shows it now, `before` what the same page showed last.
    """
    earlier = {entry["article_id"]: entry["headline"] for entry in before}
    changed = {
        entry["article_id"]: entry["headline"]
        for entry in shown
        if entry["article_id"] is not None
        and entry["headline"]
        and entry["headline"] != earlier.get(entry["article_id"])
    }
    for part in rows.chunks(list(changed)):
        query = select(articles.c.id, articles.c.title).where(articles.c.id.in_(part))
        titles = {row.id: row.title for row in connection.execute(query)}
        seen = _last_headlines(connection, root, this, part)
        dispute(
            connection,
            [
                article
                for article, title in titles.items()
                if words(changed[article]) not in (words(title), words(seen.get(article)), [])
            ],
            at,
        )


def by_dates(
    connection: Connection,
    source_id: int,
    found: Sequence[tuple[str, Lead]],
    read_before: datetime | None,
    at: datetime,
) -> None:
    """Disputes articles that are said to have changed after they were last read in full; the future is not believed."""
    dated = {
        key_hash(key): lead.modified
        for key, lead in found
        if lead.modified is not None
        and lead.modified <= at
        and (read_before is None or lead.modified > read_before - _SEEN)
    }
    for part in rows.chunks(list(dated)):
        query = (
            select(articles.c.id, articles.c.last_full, article_urls.c.url_hash)
            .join(articles, articles.c.id == article_urls.c.article_id)
            .where(
                article_urls.c.source_id == source_id,
                article_urls.c.url_hash.in_(part),
                article_urls.c.confirmed.is_(True),
                articles.c.disputed.is_(None),
                articles.c.last_full < max(dated[one] for one in part),
            )
        )
        changed = [
            article
            for article, last_full, url_hash in connection.execute(query)
            if last_full < dated[url_hash]
        ]
        dispute(connection, changed, at)


def _last_headlines(
    connection: Connection, root: int, this: int, ids: Sequence[int]
) -> dict[int, str | None]:
    """The headline of each article when the list, any page of it, last showed it before this read."""
    last = (
        select(func.max(sightings.c.id).label("id"))
        .join(listing_reads, listing_reads.c.id == sightings.c.read_id)
        .where(
            sightings.c.article_id.in_(ids),
            sightings.c.read_id != this,
            func.coalesce(listing_reads.c.root_id, listing_reads.c.listing_id) == root,
        )
        .group_by(sightings.c.article_id)
        .subquery()
    )
    query = select(sightings.c.article_id, sightings.c.headline).join(last, last.c.id == sightings.c.id)
    return {row.article_id: row.headline for row in connection.execute(query)}


def dispute(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    """Makes the next check of these articles a full one."""
    for part in rows.chunks(list(ids)):
        connection.execute(
            update(articles).where(articles.c.id.in_(part), articles.c.disputed.is_(None)).values(disputed=at)
        )
