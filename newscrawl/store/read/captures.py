"""Raw responses of a selection of the archive, in the order in which they lie in the WARC files."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, or_, select

from newscrawl.model import CaptureRecord, CaptureRef
from newscrawl.store.read.selects import Conditions, chosen, of_source, pages
from newscrawl.store.rows import capture_of
from newscrawl.store.tables import (
    articles,
    captures,
    leads,
    listing_reads,
    listings,
    observations,
    sources,
    versions,
)

# "Not modified" (304) is no page: replay would show an empty one.
_SHOWN = ("response", "revisit")


def stream_captures(connection: Connection, where: Conditions) -> Iterator[CaptureRecord]:
    """Responses, and records that repeat the bytes of one with that one; without 304 and what was pruned. Raises UnknownSource."""
    named = func.coalesce(articles.c.edition, leads.c.edition, listings.c.edition)
    conditions = chosen(connection, where, captures.c.at, captures.c.source_id, named)
    found = select(captures.c.id)
    if where.get("edition") is not None or where.get("among") is not None:
        found = (
            found.outerjoin(observations, observations.c.capture_id == captures.c.id)
            .outerjoin(articles, articles.c.id == observations.c.article_id)
            .outerjoin(leads, leads.c.id == observations.c.lead_id)
            .outerjoin(listing_reads, listing_reads.c.capture_id == captures.c.id)
            .outerjoin(listings, listings.c.id == listing_reads.c.listing_id)
        )
    found = found.where(*conditions)
    repeats = captures.alias()
    originals = select(repeats.c.refers_to_id).where(
        repeats.c.kind == "revisit", repeats.c.refers_to_id.is_not(None), repeats.c.id.in_(found)
    )
    titles = (
        select(versions.c.capture_id, func.max(func.coalesce(versions.c.title, "")).label("title"))
        .where(versions.c.capture_id.is_not(None))
        .group_by(versions.c.capture_id)
        .subquery()
    )
    query = (
        select(captures, titles.c.title)
        .outerjoin(titles, titles.c.capture_id == captures.c.id)
        .where(
            or_(captures.c.id.in_(found), captures.c.id.in_(originals)),
            captures.c.kind.in_(_SHOWN),
            captures.c.pruning_id.is_(None),
        )
        .order_by(captures.c.file, captures.c.offset)
    )
    for part in pages(connection, query):
        yield from (CaptureRecord(capture_of(row), row["title"]) for row in part)


def stream_places(connection: Connection, where: Conditions) -> Iterator[tuple[str, CaptureRef]]:
    """Every response that is kept, 304 included, with its source, as they lie in the files. Raises UnknownSource."""
    query = (
        select(captures, sources.c.name)
        .join(sources, sources.c.id == captures.c.source_id)
        .where(
            *of_source(connection, captures.c.source_id, where.get("source")), captures.c.pruning_id.is_(None)
        )
        .order_by(captures.c.file, captures.c.offset)
    )
    for part in pages(connection, query):
        yield from ((row["name"], capture_of(row).ref) for row in part)
