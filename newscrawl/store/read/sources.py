"""Sources by edition, with the number of their articles and their last run, and the runs that are active."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, Engine, RowMapping, func, select

from newscrawl.model import RunRecord, SourceRecord
from newscrawl.store.engine import reading
from newscrawl.store.read.selects import COUNTED, archived_editions
from newscrawl.store.tables import articles, runs, sources
from newscrawl.store.write import runs as run_lease


def load_sources(connection: Connection) -> list[SourceRecord]:
    """Every source of the archive by edition, in the order of their names.

    The index has the number of all articles and the newest. Which of them stand for another is asked without it and taken
    off: to look that up for each entry of the index takes twice as long as both.
    """
    per_edition = (
        select(articles.c.source_id, articles.c.edition, func.count().label("articles"))
        .group_by(articles.c.source_id, articles.c.edition)
        .subquery()
    )
    newest = (
        select(articles.c.published)
        .where(
            articles.c.source_id == per_edition.c.source_id,
            articles.c.edition == per_edition.c.edition,
            articles.c.published.is_not(None),
            COUNTED,
        )
        .order_by(articles.c.published.desc())
        .limit(1)
        .scalar_subquery()
    )
    latest = select(func.max(runs.c.id)).group_by(runs.c.source_id)
    query = (
        select(
            sources.c.id,
            sources.c.name,
            per_edition.c.edition,
            per_edition.c.articles,
            newest.label("newest"),
        )
        .outerjoin(per_edition, per_edition.c.source_id == sources.c.id)
        .order_by(sources.c.name, per_edition.c.edition)
    )
    tied = Counter(
        (row.source_id, row.edition)
        for row in connection.execute(select(articles.c.source_id, articles.c.edition).where(~COUNTED))
    )
    last = {
        row["source_id"]: _run_record(row)
        for row in connection.execute(select(runs).where(runs.c.id.in_(latest))).mappings()
    }
    return [
        SourceRecord(
            source=row["name"],
            edition=row["edition"],
            articles=(row["articles"] or 0) - tied[row["id"], row["edition"]],
            newest=row["newest"],
            last_run=last.get(row["id"]),
        )
        for row in connection.execute(query).mappings()
    ]


def editions_by_source(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The editions of which each source has articles, by name."""
    found: dict[str, list[str]] = {}
    for name, edition in connection.execute(archived_editions()):
        found.setdefault(name, []).append(edition)
    return {name: tuple(mine) for name, mine in found.items()}


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
