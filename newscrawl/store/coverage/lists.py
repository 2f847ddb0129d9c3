"""What a crawl needs to know of lists: what one showed before, how its entries stand, which addresses a sitemap names. Judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, RowMapping, func, literal, or_, select, update

from newscrawl.model import Channel, Entry, FetchOutcome, Lead, Precision, ShownBefore, VerdictKind
from newscrawl.store import rows
from newscrawl.store.tables import article_urls, articles, leads, listing_reads, listings, sightings, versions
from newscrawl.store.types import Instant, key_hash

# Older entries of a sitemap are not noted again at each read: they are at no end of a doubtful time.
_NOTED = timedelta(days=30)
_NO_PIECE = (VerdictKind.NOT_ARTICLE.value, VerdictKind.DEAD.value)


def root_of(url: str) -> str:
    """The name of a list whatever host it is read from: path and query. A mirror shows the same lists."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def shown_before(
    connection: Connection, source_id: int, edition: str, channel: Channel, url: str
) -> ShownBefore | None:
    """What the list at `url` showed at its last read that counts: one that joined or did not, or else the first of all.

    A read whose run ended before its older pages were read counts for nothing.
    """
    same = select(listings.c.id, listings.c.url).where(
        listings.c.source_id == source_id, listings.c.edition == edition, listings.c.channel == channel.value
    )
    ids = [row.id for row in connection.execute(same) if root_of(row.url) == root_of(url)]
    good = (
        listing_reads.c.listing_id.in_(ids),
        listing_reads.c.shown_id.is_not(None),
        listing_reads.c.root_id.is_(None),
    )
    first = select(func.min(listing_reads.c.id)).where(*good).scalar_subquery()
    query = select(listing_reads.c.at, listing_reads.c.shown_id).where(*good)
    query = query.where(or_(listing_reads.c.joined.is_not(None), listing_reads.c.id == first))
    read = connection.execute(query.order_by(listing_reads.c.id.desc()).limit(1)).first()
    if read is None:
        return None
    return ShownBefore(read.at, tuple(stored_entries(connection, [read.shown_id]).get(read.shown_id, ())))


def stored_entries(connection: Connection, reads: Sequence[int]) -> dict[int, list[Entry]]:
    """The entries that reads stored, in their order; addresses found to be no articles are left out."""
    found: dict[int, list[Entry]] = {}
    for part in rows.chunks(list(reads)):
        query = (
            select(sightings.c.read_id, *_STANDING)
            .outerjoin(leads, leads.c.id == sightings.c.lead_id)
            .outerjoin(articles, articles.c.id == sightings.c.article_id)
            .outerjoin(versions, _CURRENT)
            .where(sightings.c.read_id.in_(part))
            .order_by(sightings.c.read_id, sightings.c.position, sightings.c.id)
        )
        for row in connection.execute(query).mappings():
            if row["article_id"] is not None or row["outcome"] not in _NO_PIECE:
                found.setdefault(row["read_id"], []).append(_entry(row))
    return found


def entries(connection: Connection, source_id: int, found: Sequence[tuple[str, Lead]]) -> list[Entry]:
    """How the entries of a list just read stand, in its order; addresses found to be no articles are left out."""
    by_hash = {key_hash(key): key for key, _ in found}
    stored: dict[str, RowMapping] = {}
    for part in rows.chunks(list(by_hash)):
        as_leads = (
            select(leads.c.url_hash, *_STANDING)
            .select_from(leads)
            .outerjoin(articles, articles.c.id == leads.c.article_id)
            .outerjoin(versions, _CURRENT)
            .where(leads.c.source_id == source_id, leads.c.url_hash.in_(part))
        )
        as_articles = (
            select(article_urls.c.url_hash, *_STANDING)
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
        elif row["article_id"] is not None or row["outcome"] not in _NO_PIECE:
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
    """Notes that a sitemap names these addresses at a read of new content; old ones only the first time."""
    recent = func.coalesce(leads.c.published, leads.c.modified, leads.c.first_seen)
    wanted: list[ColumnElement[bool]] = [leads.c.sitemap_first.is_(None)]
    if read_before is not None:
        wanted.append(recent >= read_before - _NOTED)
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
    """Writes at the first page of a list what its older pages came to."""
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
_STANDING = (
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
    """The latest instant at which a piece can have been published: the end of the day where only that is known."""
    published: datetime | None = row["published"]
    if published is not None and row["published_precision"] == Precision.DAY.value:
        return published + timedelta(days=1)
    return published
