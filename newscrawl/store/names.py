"""Authors and tags of articles: counted in the latest ones, and the articles of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, and_, select

from newscrawl.store.read.selects import COUNTED, MOMENT, Conditions, chosen
from newscrawl.store.tables import articles, people, version_authors, versions
from newscrawl.store.types import key_hash

_CURRENT = and_(versions.c.article_id == articles.c.id, versions.c.number == articles.c.version)
_PART = 500  # ids a query names at once


def count_authors(connection: Connection, where: Conditions, latest: int) -> tuple[int, Counter[str]]:
    """Articles by author in the `latest` of those that match, and how many these are. Raises UnknownSource."""
    ids = _latest(connection, where, latest)
    found: Counter[str] = Counter()
    for part in _parts(ids):
        query = (
            select(people.c.name)
            .select_from(articles)
            .join(versions, _CURRENT)
            .join(version_authors, version_authors.c.version_id == versions.c.id)
            .join(people, people.c.id == version_authors.c.person_id)
            .where(articles.c.id.in_(part))
        )
        found.update(connection.execute(query).scalars())
    return len(ids), found


def count_tags(connection: Connection, where: Conditions, latest: int) -> tuple[int, Counter[str]]:
    """Articles by tag in the `latest` of those that match, and how many these are. Raises UnknownSource."""
    ids = _latest(connection, where, latest)
    found: Counter[str] = Counter()
    for tags in _tags(connection, ids).values():
        found.update(set(tags))
    return len(ids), found


def articles_by(
    connection: Connection, name: str, before: int | None, limit: int, where: Conditions
) -> list[int]:
    """The ids of articles whose newest version names this author, the latest recorded first; `before` is an id."""
    person = people.c.name_hash == key_hash(name)
    conditions = chosen(connection, where, MOMENT, articles.c.source_id, articles.c.edition)
    query = (
        select(articles.c.id)
        .select_from(people)
        .join(version_authors, version_authors.c.person_id == people.c.id)
        .join(versions, versions.c.id == version_authors.c.version_id)
        .join(articles, _CURRENT)
        .where(person, people.c.name == name, COUNTED, *conditions)
    )
    if before is not None:
        query = query.where(articles.c.id < before)
    return list(connection.execute(query.distinct().order_by(articles.c.id.desc()).limit(limit)).scalars())


def articles_tagged(
    connection: Connection, tag: str, where: Conditions, latest: int
) -> tuple[int, list[int]]:
    """The ids of those of the `latest` articles that have this tag, newest first, and how many were looked at."""
    ids = _latest(connection, where, latest)
    tags = _tags(connection, ids)
    return len(ids), [one for one in ids if tag in tags.get(one, ())]


def _latest(connection: Connection, where: Conditions, latest: int) -> list[int]:
    conditions = chosen(connection, where, MOMENT, articles.c.source_id, articles.c.edition)
    query = select(articles.c.id).where(COUNTED, *conditions)
    return list(
        connection.execute(query.order_by(MOMENT.desc(), articles.c.id.desc()).limit(latest)).scalars()
    )


def _tags(connection: Connection, ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for part in _parts(ids):
        query = select(articles.c.id, versions.c.tags).join(versions, _CURRENT).where(articles.c.id.in_(part))
        found.update((row.id, tuple(row.tags)) for row in connection.execute(query))
    return found


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _PART):
        yield ids[start : start + _PART]
