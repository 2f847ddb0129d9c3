"""What reading queries are made of: conditions by source, edition and date, and paging."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    case,
    func,
    or_,
    select,
)

from newscrawl.errors import UnknownSource, UsageError
from newscrawl.model import AliasKind, State
from newscrawl.store.tables import (
    articles,
    listings,
    sources,
)

PAGE = 200  # articles in memory at a time: with long bodies still only a few megabytes

# What newest first means for articles: the instant of publication, or where it is unknown the first observation.
MOMENT = func.coalesce(articles.c.published, articles.c.first_seen)

# A piece that has two entries is counted once, as the one that stands for both.
COUNTED = articles.c.tied_to_id.is_(None)


# Keys of an article that nobody can ask for.
NO_ADDRESSES = (AliasKind.IDENTITY.value, AliasKind.FORM.value)


class Conditions(TypedDict, total=False):
    """What all reading commands select by. `since` (inclusive) and `until` (exclusive) are aware.

    `among` are the ids of articles, at most some ten thousand; None: all.
    """

    source: str | None
    edition: str | None
    since: datetime | None
    until: datetime | None
    among: Collection[int] | None


def of_articles(
    connection: Connection, state: State | None, where: Conditions, *, unreadable: bool = False
) -> list[ColumnElement[bool]]:
    """Conditions that choose articles. Raises UnknownSource, or UsageError for an edition the source has not."""
    conditions = chosen(connection, where, MOMENT, articles.c.source_id, articles.c.edition)
    conditions.append(COUNTED)
    if state is not None:
        conditions.append(articles.c.state == state.value)
    if unreadable:
        conditions.append(articles.c.unreadable_since.is_not(None))
    return conditions


def chosen(
    connection: Connection,
    where: Conditions,
    moment: ColumnElement[Any],
    source_id: ColumnElement[Any],
    edition_name: ColumnElement[Any],
) -> list[ColumnElement[bool]]:
    """The conditions on the columns that hold what is chosen by.

    Raises UnknownSource, or UsageError where the source, or without one the archive, has other editions and none of this name.
    """
    source, edition = where.get("source"), where.get("edition")
    conditions = in_range(moment, where.get("since"), where.get("until"))
    if (among := where.get("among")) is not None:
        conditions.append(articles.c.id.in_(among))
    if source is not None:
        number = _source_id(connection, source)
        conditions.append(source_id == number)
        if edition is not None and not _has_edition(connection, number, edition):
            known = editions_of(connection, number)
            raise UsageError(
                f"has no edition {edition!r}",
                subject=source,
                hint=f"It has: {', '.join(known)}" if known else "Nothing of it was crawled yet",
            )
    elif edition is not None and edition not in (known := editions_of(connection)) and known:
        raise UsageError(
            f"has no edition {edition!r}", subject="the archive", hint=f"It has: {', '.join(known)}"
        )
    if edition is not None:
        conditions.append(edition_name == edition)
    return conditions


def of_source(
    connection: Connection, column: ColumnElement[Any], name: str | None
) -> list[ColumnElement[bool]]:
    """The condition for one source by its name. Raises UnknownSource."""
    return [] if name is None else [column == _source_id(connection, name)]


def editions_of(connection: Connection, source_id: int | None = None) -> list[str]:
    """The editions of a source that were read or archived, or of all sources, by name."""
    listed = select(listings.c.edition)
    if source_id is not None:
        listed = listed.where(listings.c.source_id == source_id)
    found = {edition for _, edition in connection.execute(archived_editions(source_id))}
    return sorted(found.union(connection.execute(listed.distinct()).scalars()))


def archived_editions(source_id: int | None = None) -> Select[Any]:
    """The query for the name of a source and an edition of which it has articles, for all sources or one, by name.

    It goes from one edition to the next, which the index answers at once: a list of all goes through every article.
    """
    first = select(func.min(articles.c.edition)).where(articles.c.source_id == sources.c.id)
    own = () if source_id is None else (sources.c.id == source_id,)
    steps = (
        select(sources.c.id, sources.c.name, first.scalar_subquery().label("edition"))
        .where(*own)
        .cte("steps", recursive=True)
    )
    further = select(func.min(articles.c.edition)).where(
        articles.c.source_id == steps.c.id, articles.c.edition > steps.c.edition
    )
    steps = steps.union_all(
        select(steps.c.id, steps.c.name, further.scalar_subquery()).where(steps.c.edition.is_not(None))
    )
    query = select(steps.c.name, steps.c.edition).where(steps.c.edition.is_not(None))
    return query.order_by(steps.c.name, steps.c.edition)


def in_range(
    column: ColumnElement[Any], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    """Conditions for `since` (inclusive) and `until` (exclusive)."""
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(column >= since)
    if until is not None:
        conditions.append(column < until)
    return conditions


def _has_edition(connection: Connection, source_id: int, edition: str) -> bool:
    # The short table first: articles have no index by edition.
    for table in (listings, articles):
        query = select(table.c.id).where(table.c.source_id == source_id, table.c.edition == edition).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return False


def _source_id(connection: Connection, name: str) -> int:
    found = connection.execute(select(sources.c.id).where(sources.c.name == name)).scalar()
    if found is None:
        known = connection.execute(select(sources.c.name).order_by(sources.c.name)).scalars().all()
        raise UnknownSource(
            "the archive holds nothing of this source",
            subject=name,
            hint=f"It holds: {', '.join(known)}" if known else "Crawl first: newscrawl crawl orda",
        )
    return int(found)


def older(
    moment: ColumnElement[Any], number: ColumnElement[int], before: tuple[datetime, int] | None
) -> list[ColumnElement[bool]]:
    """The condition for what stands behind this instant and number where the newest is first; `before` None: everything."""
    if before is None:
        return []
    at, last = before
    # The first condition is what an index is entered by: SQLite does not compare pairs along one over an expression.
    return [moment <= at, or_(moment < at, number < last)]


def pages(connection: Connection, query: Select[Any]) -> Iterator[Sequence[RowMapping]]:
    """The rows of a query, PAGE at a time."""
    # The cursor is closed also where the reader of the stream stops half-way.
    with connection.execute(query, execution_options={"yield_per": PAGE}) as result:
        yield from result.mappings().partitions(PAGE)


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group a condition holds for."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def beginning(
    connection: Connection, moment: ColumnElement[Any], letters: int, pattern: str
) -> ColumnElement[str]:
    """The first letters of an instant in UTC, such as its day or hour; `pattern` says the same to PostgreSQL."""
    if connection.dialect.name == "sqlite":  # stored as text, in UTC
        return func.substr(moment, 1, letters)
    return func.to_char(func.timezone("UTC", moment), pattern)
