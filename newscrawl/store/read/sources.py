"""Sources as readers see them, by edition: how much there is, the newest of it, and the last run. Chooses none."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from newscrawl.model import SourceRecord
from newscrawl.store.read import records
from newscrawl.store.tables import articles, runs, sources


def load_sources(connection: Connection) -> list[SourceRecord]:
    """Every source of the archive by edition, in the order of their names."""
    per_edition = (
        select(
            articles.c.source_id,
            articles.c.edition,
            func.count().label("articles"),
            func.max(articles.c.published).label("newest"),
        )
        .group_by(articles.c.source_id, articles.c.edition)
        .subquery()
    )
    latest = select(func.max(runs.c.id)).group_by(runs.c.source_id)
    query = (
        select(
            sources.c.id,
            sources.c.name,
            per_edition.c.edition,
            per_edition.c.articles,
            per_edition.c.newest,
        )
        .outerjoin(per_edition, per_edition.c.source_id == sources.c.id)
        .order_by(sources.c.name, per_edition.c.edition)
    )
    last = {
        row["source_id"]: records.run(row)
        for row in connection.execute(select(runs).where(runs.c.id.in_(latest))).mappings()
    }
    return [
        SourceRecord(
            source=row["name"],
            edition=row["edition"],
            articles=row["articles"] or 0,
            newest=row["newest"],
            last_run=last.get(row["id"]),
        )
        for row in connection.execute(query).mappings()
    ]
