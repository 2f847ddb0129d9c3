"""Sources by edition, with the number of their articles and their last run, and the runs that are active."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, RowMapping, func, select

from newscrawl.model import RunRecord, SourceRecord
from newscrawl.store.engine import reading
from newscrawl.store.read.selects import COUNTED
from newscrawl.store.tables import articles, runs, sources
from newscrawl.store.write import runs as run_lease


def load_sources(connection: Connection) -> list[SourceRecord]:
    """Every source of the archive by edition, in the order of their names."""
    per_edition = (
        select(
            articles.c.source_id,
            articles.c.edition,
            func.count().label("articles"),
            func.max(articles.c.published).label("newest"),
        )
        .where(COUNTED)
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
        row["source_id"]: _run_record(row)
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


def editions_by_source(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The editions of which each source has articles, by name.

    Each step asks for the next edition of a source, which the index answers at once: no article is counted.
    """
    found: dict[str, tuple[str, ...]] = {}
    for source_id, name in connection.execute(
        select(sources.c.id, sources.c.name).order_by(sources.c.name)
    ).all():
        mine: list[str] = []
        following = select(func.min(articles.c.edition)).where(articles.c.source_id == source_id)
        while True:
            beyond = following.where(articles.c.edition > mine[-1]) if mine else following
            if (edition := connection.execute(beyond).scalar()) is None:
                break
            mine.append(edition)
        found[name] = tuple(mine)
    return found


def active_runs(engine: Engine) -> list[tuple[str, RunRecord]]:
    """The runs that are active, each with the name of its source."""
    query = (
        select(runs, sources.c.name.label("source"))
        .join(sources, sources.c.id == runs.c.source_id)
        .where(runs.c.finished.is_(None))
        .order_by(runs.c.id)
    )
    with reading(engine) as connection:
        found, at = connection.execute(query).mappings().all(), run_lease.clock(connection)
    return [(row["source"], _run_record(row)) for row in found if run_lease.is_alive(row, at)]


def _run_record(row: RowMapping) -> RunRecord:
    """A run from its row."""
    return RunRecord(
        id=row["id"],
        started=row["started"],
        finished=row["finished"],
        exit_code=row["exit_code"],
        reason=row["reason"],
        arguments=row["arguments"],
    )
