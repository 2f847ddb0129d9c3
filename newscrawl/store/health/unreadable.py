"""Unreadable articles for source health: how many there are, and since when each of the lasting ones is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from newscrawl.model.health import Unreadable, UnreadableFact
from newscrawl.model.ledger import State
from newscrawl.store import rows
from newscrawl.store.read.selects import COUNTED
from newscrawl.store.tables import articles, observations

# What began later is no news yet (judge.health.unreadable); of each source so many at most are looked at.
LASTING, AT_MOST = timedelta(days=1), 500

Edition = tuple[int, str]  # source id, name of the edition


def unreadable(connection: Connection, now: datetime, sources: Collection[int]) -> dict[Edition, Unreadable]:
    """The unreadable articles of each edition that has any, but for removed ones."""
    mine = (
        articles.c.source_id.in_(list(sources)),
        articles.c.unreadable_since.is_not(None),
        articles.c.state != State.REMOVED.value,
        COUNTED,
    )
    # Not the bare column: SQLite would use an index that begins with it and read every article.
    edition = func.coalesce(articles.c.edition, "")
    numbers = (
        select(articles.c.source_id, edition, func.count())
        .where(*mine)
        .group_by(articles.c.source_id, edition)
    )
    found: dict[Edition, Unreadable] = {}
    for source, name, number in connection.execute(numbers):
        last_seen = _last_seen(connection, source, name)
        later = [articles.c.unreadable_since > last_seen] if last_seen is not None else []
        since = connection.execute(
            select(func.min(articles.c.unreadable_since)).where(
                *mine, articles.c.source_id == source, edition == name, *later
            )
        ).scalar()
        lasting = (
            select(articles.c.id)
            .where(
                *mine,
                articles.c.source_id == source,
                edition == name,
                articles.c.unreadable_since <= now - LASTING,
            )
            .order_by(articles.c.unreadable_since, articles.c.id)
            .limit(AT_MOST)
        )
        ids = list(connection.execute(lasting).scalars())
        found[source, name] = Unreadable(number, tuple(_facts(connection, ids)), since, last_seen)
    return found


def _last_seen(connection: Connection, source: int, edition: str) -> datetime | None:
    """When an article of the edition was last found alive."""
    query = select(func.max(articles.c.last_seen)).where(
        articles.c.source_id == source,
        articles.c.edition == edition,
        articles.c.state == State.LIVE.value,
    )
    seen: datetime | None = connection.execute(query).scalar()
    return seen


def _facts(connection: Connection, ids: list[int]) -> list[UnreadableFact]:
    facts: dict[int, UnreadableFact] = {}
    for part in rows.chunks(ids):
        query = (
            select(
                observations.c.article_id,
                observations.c.run_id,
                observations.c.at,
                observations.c.reason,
                observations.c.signal,
                articles.c.unreadable_since,
            )
            .join(articles, articles.c.id == observations.c.article_id)
            .where(
                observations.c.article_id.in_(part),
                observations.c.version.is_(None),
                observations.c.at >= articles.c.unreadable_since,
            )
            .order_by(observations.c.article_id, observations.c.at)
        )
        runs: dict[int, set[int]] = {}
        for row in connection.execute(query):
            before = facts.get(row.article_id)
            absent = runs.setdefault(row.article_id, set())
            if row.signal is not None:
                absent.add(row.run_id)
            facts[row.article_id] = UnreadableFact(
                article=row.article_id,
                since=row.unreadable_since,
                checks=before.checks + 1 if before is not None else 1,
                last=row.at,
                reason=row.reason,
                absent=len(absent),
            )
    return [facts[article] for article in ids if article in facts]
