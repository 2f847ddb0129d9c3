"""Articles that bear on another one's absence: controls, those near it by age and section, those with the same text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, select

from newscrawl.model import Known, Observation, State
from newscrawl.store.read.known import in_order
from newscrawl.store.read.selects import COUNTED
from newscrawl.store.tables import articles, versions
from newscrawl.store.types import key_hash

# Articles compared to find one with the same text; more share an instant of publication only where it is not a real one.
_SAME_INSTANT = 20
# Other articles that must have been seen alive: as many as controls must answer (judge.controls).
_OTHERS = 2
# Articles among which those are chosen that show whether an edition answers.
_SPREAD_OVER = 1000


def _alive(source_id: int, edition: str) -> Iterator[ColumnElement[bool]]:
    """Articles of an edition that should be alive, each piece once."""
    yield articles.c.source_id == source_id
    yield articles.c.edition == edition
    yield articles.c.state == State.LIVE.value
    yield COUNTED


def controls(connection: Connection, source_id: int, edition: str, now: datetime, limit: int) -> list[Known]:
    """Articles of an edition that should be alive: the ones seen alive most recently."""
    query = (
        select(articles.c.id)
        .where(*_alive(source_id, edition))
        .order_by(articles.c.last_seen.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return in_order(connection, [i for (i,) in connection.execute(query)], now)


def seen_alive(
    connection: Connection, source_id: int, edition: str, now: datetime, limit: int
) -> list[Known]:
    """Live articles of an edition that could be read at their last check, from the last seen to the longest not seen.

    They are spread over the last thousand, so that one bad part of a site is not all of them.
    """
    query = (
        select(articles.c.id)
        .where(*_alive(source_id, edition), articles.c.unreadable_since.is_(None))
        .order_by(articles.c.last_seen.desc(), articles.c.id.desc())
        .limit(_SPREAD_OVER)
    )
    found = [article_id for (article_id,) in connection.execute(query)]
    steps = range(limit) if len(found) > limit > 1 else ()
    spread = [found[step * (len(found) - 1) // (limit - 1)] for step in steps] or found[:limit]
    return in_order(connection, spread, now)


def others_seen(
    connection: Connection, source_id: int, observation: Observation, now: datetime, within: timedelta
) -> bool:
    """Whether as many other articles of the edition as controls are needed were seen alive shortly before."""
    query = (
        select(articles.c.id)
        .where(
            *_alive(source_id, observation.edition),
            articles.c.last_seen >= now - within,
            articles.c.last_seen <= now,
            articles.c.url_hash != key_hash(observation.url_key),
        )
        .limit(_OTHERS)
    )
    return len(connection.execute(query).all()) == _OTHERS


def peers(
    connection: Connection, source_id: int, absent: Known, without: Collection[str], now: datetime, limit: int
) -> list[Known]:
    """Live articles of the same section (of any, where it has none) published next to an absent one, nearest first.

    `without` are keys of articles that do not count. Undated articles have no peers.
    """
    if absent.published is None:
        return []
    section = connection.execute(
        select(versions.c.section).where(
            versions.c.article_id == absent.id, versions.c.number == absent.version
        )
    ).scalar()
    current = and_(versions.c.article_id == articles.c.id, versions.c.number == articles.c.version)
    query = select(articles.c.id, articles.c.published, articles.c.url_key).where(
        articles.c.source_id == source_id,
        articles.c.edition == absent.edition,
        articles.c.state == State.LIVE.value,
        articles.c.tied_to_id.is_(None),
        articles.c.id != absent.id,
    )
    if section is not None:
        query = query.join(versions, current).where(versions.c.section == section)
    most = limit + len(without)
    before = query.where(articles.c.published <= absent.published).order_by(articles.c.published.desc())
    after = query.where(articles.c.published > absent.published).order_by(articles.c.published)
    found = [row for one in (before, after) for row in connection.execute(one.limit(most))]
    near = sorted(
        (abs((row.published - absent.published).total_seconds()), row.id)
        for row in found
        if row.url_key not in without
    )
    return in_order(connection, [article_id for _, article_id in near[:limit]], now)


def same_instant(connection: Connection, source_id: int, absent: Known, now: datetime) -> list[Known]:
    """Live articles that might hold the text of an absent one: published at the same instant; undated ones under the same headline."""
    same = (
        articles.c.published == absent.published
        if absent.published is not None
        else and_(articles.c.published.is_(None), articles.c.title == absent.content.title)
    )
    query = (
        select(articles.c.id)
        .where(
            articles.c.source_id == source_id,
            articles.c.edition == absent.edition,
            articles.c.state == State.LIVE.value,
            articles.c.tied_to_id.is_(None),
            articles.c.id != absent.id,
            same,
        )
        .order_by(articles.c.id.desc())
        .limit(_SAME_INSTANT)
    )
    return in_order(connection, [i for (i,) in connection.execute(query)], now)
