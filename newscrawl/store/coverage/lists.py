"""What lists showed at earlier reads, what is known of their entries, and which addresses sitemaps name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, RowMapping, func, literal, or_, select, update

from newscrawl.model import Channel, Entry, FetchOutcome, Lead, LeadState, Precision, ShownBefore, VerdictKind
from newscrawl.store import rows
from newscrawl.store.read import known
from newscrawl.store.tables import article_urls, articles, leads, listing_reads, listings, sightings, versions
from newscrawl.store.types import Instant, key_hash

# Older entries of a sitemap are not updated at each read: they cannot be at an end of an unjoined interval.
_UPDATED_FOR = timedelta(days=30)
_NOT_ARTICLES = (VerdictKind.NOT_ARTICLE.value, VerdictKind.DEAD.value)


def root_of(url: str) -> str:
    """The name of a list without its host: path and query. A mirror shows the same lists."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def shown_before(
    connection: Connection, source_id: int, edition: str, channel: Channel, url: str
) -> ShownBefore | None:
    """What the list at `url` showed at its last read with a known result: joined, not joined, or the first of all.

    A read whose run ended before its older pages were read is skipped, and so is a "not modified": it showed nothing.
    """
    same = select(listings.c.id, listings.c.url).where(
        listings.c.source_id == source_id, listings.c.edition == edition, listings.c.channel == channel.value
    )
    ids = [row.id for row in connection.execute(same) if root_of(row.url) == root_of(url)]
    good = (
        listing_reads.c.listing_id.in_(ids),
        listing_reads.c.shown_id.is_not(None),
        listing_reads.c.root_id.is_(None),
        listing_reads.c.outcome != FetchOutcome.NOT_MODIFIED.value,
    )
    first = select(func.min(listing_reads.c.id)).where(*good).scalar_subquery()
    query = select(listing_reads.c.at, listing_reads.c.shown_id).where(*good)
    query = query.where(or_(listing_reads.c.joined.is_not(None), listing_reads.c.id == first))
    read = connection.execute(query.order_by(listing_reads.c.id.desc()).limit(1)).first()
    if read is None:
        return None
    return ShownBefore(read.at, tuple(stored_entries(connection, [read.shown_id]).get(read.shown_id, ())))


def stored_entries(connection: Connection, reads: Sequence[int]) -> dict[int, list[Entry]]:
    """The entries stored for reads, in the order of the list, without addresses that are not articles."""
    found: dict[int, list[Entry]] = {}
    for part in rows.chunks(list(reads)):
        query = (
            select(sightings.c.read_id, *_KNOWN)
            .outerjoin(leads, leads.c.id == sightings.c.lead_id)
            .outerjoin(articles, articles.c.id == sightings.c.article_id)
            .outerjoin(versions, _CURRENT)
            .where(sightings.c.read_id.in_(part))
            .order_by(sightings.c.read_id, sightings.c.position, sightings.c.id)
        )
        for row in connection.execute(query).mappings():
            if row["article_id"] is not None or row["outcome"] not in _NOT_ARTICLES:
                found.setdefault(row["read_id"], []).append(_entry(row))
    return found


def shown_leads(connection: Connection, source_id: int, url: str, since: datetime) -> list[LeadState]:
    """The leads first named after `since` that the list at an address showed when it last changed, and that are no articles."""
    last = (
        select(func.max(listing_reads.c.shown_id))
        .join(listings, listings.c.id == listing_reads.c.listing_id)
        .where(listings.c.source_id == source_id, listings.c.url_hash == key_hash(url))
    ).scalar_subquery()
    query = (
        select(leads)
        .join(sightings, sightings.c.lead_id == leads.c.id)
        .where(sightings.c.read_id == last, leads.c.article_id.is_(None), leads.c.first_seen > since)
    )
    return [known.lead_of(row) for row in connection.execute(query).mappings()]


def entries(connection: Connection, source_id: int, found: Sequence[tuple[str, Lead]]) -> list[Entry]:
    """What is known of the entries of a list just read, in its order, without addresses that are not articles."""
    by_hash = {key_hash(key): key for key, _ in found}
    stored: dict[str, RowMapping] = {}
    for part in rows.chunks(list(by_hash)):
        as_leads = (
            select(leads.c.url_hash, *_KNOWN)
            .select_from(leads)
            .outerjoin(articles, articles.c.id == leads.c.article_id)
            .outerjoin(versions, _CURRENT)
            .where(leads.c.source_id == source_id, leads.c.url_hash.in_(part))
        )
        as_articles = (
            select(article_urls.c.url_hash, *_KNOWN)
            .select_from(article_urls)
            .join(articles, articles.c.id == article_urls.c.article_id)
            .outerjoin(versions, _CURRENT)
            .outerjoin(
                leads, (leads.c.source_id == source_id) & (leads.c.url_hash == article_urls.c.url_hash)
            )
            .where(article_urls.c.source_id == source_id, article_urls.c.url_hash.in_(part))
        )
        for query in (as_leads, as_articles):
            stored |= {by_hash[row["url_hash"]]: row for row in connection.execute(query).mappings()}
    result = []
    for key, lead in found:
        row = stored.get(key)
        if row is None:
            result.append(Entry(f"new {key}", None, lead.published))
        elif row["article_id"] is not None or row["outcome"] not in _NOT_ARTICLES:
            result.append(_entry(row))
    return result


def note_named(
    connection: Connection,
    source_id: int,
    sitemap: int,
    keys: Sequence[str],
    at: datetime,
    read_before: datetime | None,
) -> None:
    """Record that a sitemap with new content names these addresses; older ones only the first time."""
    recent = func.coalesce(leads.c.published, leads.c.modified, leads.c.first_seen)
    wanted: list[ColumnElement[bool]] = [leads.c.sitemap_first.is_(None)]
    if read_before is not None:
        wanted.append(recent >= read_before - _UPDATED_FOR)
    for part in rows.chunks([key_hash(key) for key in dict.fromkeys(keys)]):
        connection.execute(
            update(leads)
            .where(leads.c.source_id == source_id, leads.c.url_hash.in_(part), or_(*wanted))
            .values(
                sitemap_id=sitemap,
                sitemap_first=func.coalesce(leads.c.sitemap_first, literal(at, Instant)),
                sitemap_last=at,
            )
        )


def settle_root(connection: Connection, run_id: int, root: int, joined: bool) -> None:
    """Record at the first page of a list whether it joins, once its older pages were read."""
    connection.execute(
        update(listing_reads)
        .where(
            listing_reads.c.run_id == run_id,
            listing_reads.c.listing_id == root,
            listing_reads.c.root_id.is_(None),
            listing_reads.c.joined.is_(None),
        )
        .values(joined=joined)
    )


GOOD = tuple(outcome.value for outcome in FetchOutcome if outcome.is_good)

_CURRENT = (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version)
_KNOWN = (
    articles.c.id.label("article_id"),
    leads.c.id.label("lead_id"),
    leads.c.outcome,
    func.coalesce(leads.c.first_seen, articles.c.first_seen).label("met"),
    func.coalesce(articles.c.published, leads.c.published).label("published"),
    versions.c.published_precision,
)


def _entry(row: RowMapping) -> Entry:
    article, lead = row["article_id"], row["lead_id"]
    return Entry(
        key=f"article {article}" if article is not None else f"lead {lead}",
        met=row["met"],
        published=_latest(row),
    )


def _latest(row: RowMapping) -> datetime | None:
    """The latest instant at which an article can have been published: the end of the day if only a day is known."""
    published: datetime | None = row["published"]
    if published is not None and row["published_precision"] == Precision.DAY.value:
        return published + timedelta(days=1)
    return published
