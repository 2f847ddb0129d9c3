"""What the log of changes holds between two of its numbers: edits with both texts, and absences that began, were confirmed or ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, RowMapping, select

from newscrawl.model import Absence, EditRecord, RemovalRecord
from newscrawl.store.engine import reading
from newscrawl.store.read.edits import edits_query, load_edits
from newscrawl.store.read.selects import pages
from newscrawl.store.tables import articles, changes, sources


@dataclass(frozen=True, slots=True)
class Turned:
    """An article that became suspected, removed or returned at an instant; `bare` says so without its evidence."""

    turn: Absence
    at: datetime
    bare: RemovalRecord


def edits_between(engine: Engine, after: int, upto: int, since: datetime) -> Iterator[EditRecord]:
    """Edits logged after the number `after` up to `upto` that were observed from `since` on, in the order of the log, with both texts."""
    query = edits_query().where(changes.c.id > after, changes.c.id <= upto, changes.c.at >= since)
    with reading(engine) as connection:
        for part in pages(connection, query.order_by(changes.c.id)):
            yield from load_edits(connection, part, texts=True)


def turns_between(engine: Engine, after: int, upto: int, since: datetime) -> list[Turned]:
    """Absences that began, were confirmed or ended, logged and observed likewise."""
    query = (
        select(
            changes.c.article_id,
            changes.c.kind,
            changes.c.at,
            articles.c.edition,
            articles.c.url,
            articles.c.title,
            articles.c.version,
            sources.c.name.label("source"),
        )
        .join(articles, articles.c.id == changes.c.article_id)
        .join(sources, sources.c.id == changes.c.source_id)
        .where(
            changes.c.id > after,
            changes.c.id <= upto,
            changes.c.at >= since,
            changes.c.kind.in_([absence.value for absence in Absence]),
        )
        .order_by(changes.c.id)
    )
    with reading(engine) as connection:
        return [_turned(row) for row in connection.execute(query).mappings()]


def _turned(row: RowMapping) -> Turned:
    turn, at = Absence(row["kind"]), row["at"]
    return Turned(
        turn,
        at,
        RemovalRecord(
            **{name: row[name] for name in ("article_id", "source", "edition", "url", "title", "version")},
            state=turn,
            signal=None,
            first_absent=at,
            last_seen=None,
            confirmed_at=at if turn is Absence.REMOVED else None,
            returned_at=at if turn is Absence.RETURNED else None,
            evidence=(),
        ),
    )
