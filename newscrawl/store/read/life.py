"""Versions, observations and sightings from their rows, and the whole recorded life of one article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Join, RowMapping, Select, func, select

from newscrawl.model import (
    Absence,
    AliasKind,
    AliasRecord,
    ArticleRecord,
    ChangeKind,
    Channel,
    FetchOutcome,
    FoundRecord,
    LifeRecord,
    ObservationRecord,
    SightingRecord,
    StateChangeRecord,
    VerdictKind,
    VersionRecord,
    Visibility,
    VisibilityRecord,
)
from newscrawl.store import rows
from newscrawl.store.coverage import sightings
from newscrawl.store.read.selects import NO_ADDRESSES, pages
from newscrawl.store.tables import (
    article_urls,
    articles,
    changes,
    leads,
    listing_reads,
    listings,
    observations,
    sightings as sightings_table,
    sources,
    versions,
)


def load_life(connection: Connection, article: ArticleRecord) -> LifeRecord:
    """Everything recorded of this article, each part oldest first."""
    return LifeRecord(
        article=article,
        found=tuple(_found(connection, article.id)),
        aliases=tuple(_aliases(connection, article)),
        versions=tuple(load_versions(connection, article.id)),
        observations=tuple(_tries(connection, article.id) + load_observations(connection, article.id)),
        state_changes=tuple(_state_changes(connection, article.id)),
        sightings=tuple(sightings.sightings_of(connection, article.id)),
        visibility=tuple(_visibility(connection, article.id)),
    )


def load_versions(connection: Connection, article_id: int) -> list[VersionRecord]:
    """Every version of one article, oldest first."""
    query = versions_query().where(versions.c.article_id == article_id).order_by(versions.c.number)
    return [record for part in pages(connection, query) for record in version_records(connection, part)]


def load_observations(connection: Connection, article_id: int) -> list[ObservationRecord]:
    """Every observation of one article, oldest first."""
    query = observations_query().where(observations.c.article_id == article_id)
    query = query.order_by(observations.c.at, observations.c.id)
    return [record for part in pages(connection, query) for record in observation_records(connection, part)]


def _leads_of(article_id: int) -> Join:
    # By address: leads have no index by article.
    met = (leads.c.source_id == article_urls.c.source_id) & (leads.c.url_hash == article_urls.c.url_hash)
    return article_urls.join(leads, met & (article_urls.c.article_id == article_id))


def _found(connection: Connection, article_id: int) -> list[FoundRecord]:
    query = select(leads).select_from(_leads_of(article_id)).order_by(leads.c.first_seen, leads.c.id)
    return [
        FoundRecord(
            at=row["first_seen"],
            url=row["url"],
            channel=Channel(row["channel"]),
            listing=row["listing"],
            headline=row["headline"],
            position=row["position"],
        )
        for row in connection.execute(query).mappings()
    ]


def _tries(connection: Connection, article_id: int) -> list[ObservationRecord]:
    """Observations of the article's addresses before it could be read as an article."""
    ids = connection.execute(select(leads.c.id).select_from(_leads_of(article_id))).scalars().all()
    query = observations_query().where(observations.c.lead_id.in_(ids), observations.c.article_id.is_(None))
    found = connection.execute(query.order_by(observations.c.at, observations.c.id)).mappings().all()
    return observation_records(connection, found)


def _state_changes(connection: Connection, article_id: int) -> list[StateChangeRecord]:
    query = (
        select(changes.c.at, changes.c.kind)
        .where(changes.c.article_id == article_id, changes.c.kind.in_(list(Absence)))
        .order_by(changes.c.id)
    )
    return [StateChangeRecord(at, Absence(kind)) for at, kind in connection.execute(query)]


def _visibility(connection: Connection, article_id: int) -> list[VisibilityRecord]:
    columns = (changes.c.at, changes.c.kind, changes.c.reason, changes.c.to_version)
    query = (
        select(*columns)
        .where(changes.c.article_id == article_id, changes.c.kind.in_(list(Visibility)))
        .order_by(changes.c.id)
    )
    return [
        VisibilityRecord(at, Visibility(kind), reason or "", version)
        for at, kind, reason, version in connection.execute(query)
    ]


def _aliases(connection: Connection, article: ArticleRecord) -> list[AliasRecord]:
    url = func.coalesce(article_urls.c.url, article_urls.c.url_key).label("address")
    query = (
        select(article_urls, url)
        .where(
            article_urls.c.article_id == article.id,
            article_urls.c.kind.not_in((AliasKind.PRIMARY.value, *NO_ADDRESSES)),
        )
        .order_by(article_urls.c.first_seen, article_urls.c.id)
    )
    return [
        AliasRecord(row["first_seen"], row["address"], AliasKind(row["kind"]), row["confirmed"])
        for row in connection.execute(query).mappings()
    ]


# --- rows to records ---------------------------------------------------------------------------


def versions_query() -> Select[Any]:
    """Versions with their article's edition, address and source."""
    return (
        select(versions, articles.c.edition, articles.c.url, sources.c.name.label("source"))
        .join(articles, articles.c.id == versions.c.article_id)
        .join(sources, sources.c.id == articles.c.source_id)
    )


def observations_query() -> Select[Any]:
    """Observations with edition and source, also of addresses that are not articles."""
    return (
        select(
            observations,
            func.coalesce(articles.c.edition, leads.c.edition).label("edition"),
            sources.c.name.label("source"),
        )
        .join(sources, sources.c.id == observations.c.source_id)
        .outerjoin(articles, articles.c.id == observations.c.article_id)
        .outerjoin(leads, leads.c.id == observations.c.lead_id)
    )


def sightings_query() -> Select[Any]:
    """Positions in listings with listing, source and address."""
    return (
        select(
            sightings_table,
            listing_reads.c.at,
            listings.c.edition,
            listings.c.channel,
            listings.c.url.label("listing"),
            sources.c.name.label("source"),
            func.coalesce(articles.c.url, leads.c.url).label("url"),
        )
        .join(listing_reads, listing_reads.c.id == sightings_table.c.read_id)
        .join(listings, listings.c.id == listing_reads.c.listing_id)
        .join(sources, sources.c.id == listings.c.source_id)
        .outerjoin(articles, articles.c.id == sightings_table.c.article_id)
        .outerjoin(leads, leads.c.id == sightings_table.c.lead_id)
    )


def version_records(connection: Connection, found: Sequence[RowMapping]) -> list[VersionRecord]:
    """Versions from their rows, with authors and captures loaded for all of them at once."""
    authors = rows.load_authors(connection, [row["id"] for row in found])
    captures = rows.load_captures(connection, [row["capture_id"] for row in found])
    return [
        VersionRecord(
            article_id=row["article_id"],
            source=row["source"],
            edition=row["edition"],
            url=row["url"],
            number=row["number"],
            at=row["at"],
            kinds=tuple(ChangeKind(kind) for kind in row["kinds"]),
            returns_to=row["returns_to"],
            content_hash=row["content_hash"],
            extractor=row["extractor"],
            article=rows.article_of(row, authors[row["id"]], row["url"]),
            capture=captures.get(row["capture_id"]),
        )
        for row in found
    ]


def observation_records(connection: Connection, found: Sequence[RowMapping]) -> list[ObservationRecord]:
    """Observations from their rows, with captures loaded for all of them at once."""
    captures = rows.load_captures(connection, [row["capture_id"] for row in found])
    return [
        ObservationRecord(
            id=row["id"],
            run_id=row["run_id"],
            source=row["source"],
            edition=row["edition"],
            article_id=row["article_id"],
            at=row["at"],
            url=row["url"],
            final_url=row["final_url"] or row["url"],
            outcome=FetchOutcome(row["outcome"]),
            status=row["status"],
            verdict=VerdictKind(row["verdict"]),
            reason=row["reason"],
            signal=row["signal"],
            controls_fine=row["controls_fine"],
            version=row["version"],
            milliseconds=row["milliseconds"],
            capture=captures.get(row["capture_id"]),
        )
        for row in found
    ]


def sighting_record(row: RowMapping) -> SightingRecord:
    """A sighting from its row."""
    return SightingRecord(
        id=row["id"],
        source=row["source"],
        edition=row["edition"],
        channel=Channel(row["channel"]),
        listing=row["listing"],
        at=row["at"],
        position=row["position"],
        article_id=row["article_id"],
        url=row["url"],
        headline=row["headline"],
    )
