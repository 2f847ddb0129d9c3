"""The whole recorded life of one article: where it was found, its addresses, versions and looks. Folds and judges nothing."""

from __future__ import annotations

from sqlalchemy import Connection, Join, func, select

from newscrawl.model import (
    Absence,
    AliasKind,
    AliasRecord,
    ArticleRecord,
    Channel,
    FoundRecord,
    LifeRecord,
    ObservationRecord,
    StateChangeRecord,
    VersionRecord,
)
from newscrawl.store.coverage import sightings
from newscrawl.store.read import records
from newscrawl.store.read.selects import observations_query, pages, versions_query
from newscrawl.store.tables import article_urls, changes, leads, observations, versions


def load_life(connection: Connection, article: ArticleRecord) -> LifeRecord:
    """Everything recorded of this article, each part oldest first."""
    return LifeRecord(
        article=article,
        found=tuple(_found(connection, article.id)),
        aliases=tuple(_aliases(connection, article)),
        versions=tuple(load_versions(connection, article.id)),
        observations=tuple(_tries(connection, article.id) + load_looks(connection, article.id)),
        state_changes=tuple(_turns(connection, article.id)),
        sightings=tuple(sightings.sightings_of(connection, article.id)),
    )


def load_versions(connection: Connection, article_id: int) -> list[VersionRecord]:
    """Everything one article ever said, oldest first."""
    query = versions_query().where(versions.c.article_id == article_id).order_by(versions.c.number)
    return [record for part in pages(connection, query) for record in records.versions(connection, part)]


def load_looks(connection: Connection, article_id: int) -> list[ObservationRecord]:
    """Every look at one article, oldest first."""
    query = observations_query().where(observations.c.article_id == article_id)
    query = query.order_by(observations.c.at, observations.c.id)
    return [record for part in pages(connection, query) for record in records.observations(connection, part)]


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
    """Looks at the article's addresses before it could be read as an article."""
    ids = connection.execute(select(leads.c.id).select_from(_leads_of(article_id))).scalars().all()
    query = observations_query().where(observations.c.lead_id.in_(ids), observations.c.article_id.is_(None))
    found = connection.execute(query.order_by(observations.c.at, observations.c.id)).mappings().all()
    return records.observations(connection, found)


def _turns(connection: Connection, article_id: int) -> list[StateChangeRecord]:
    query = (
        select(changes.c.at, changes.c.kind)
        .where(changes.c.article_id == article_id, changes.c.kind.in_(list(Absence)))
        .order_by(changes.c.id)
    )
    return [StateChangeRecord(at, Absence(kind)) for at, kind in connection.execute(query)]


def _aliases(connection: Connection, article: ArticleRecord) -> list[AliasRecord]:
    url = func.coalesce(article_urls.c.url, article_urls.c.url_key).label("address")
    query = (
        select(article_urls, url)
        .where(
            article_urls.c.article_id == article.id,
            article_urls.c.kind.not_in((AliasKind.PRIMARY.value, AliasKind.IDENTITY.value)),
        )
        .order_by(article_urls.c.first_seen, article_urls.c.id)
    )
    return [
        AliasRecord(row["first_seen"], row["address"], AliasKind(row["kind"]), row["confirmed"])
        for row in connection.execute(query).mappings()
    ]
