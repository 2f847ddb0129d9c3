"""How many articles there are, and how many of them were edited or are gone, by author, section, day, source or kind of edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, String, cast, func, select

from newscrawl.model import CountRecord, State
from newscrawl.store.read.changes import edits_query
from newscrawl.store.read.selects import MOMENT, Conditions, beginning, chosen, count_if, of_articles, pages
from newscrawl.store.tables import articles, changes, people, sources, version_authors, versions

GROUPS = ("author", "section", "day", "source", "kind")


def counts(connection: Connection, by: str, where: Conditions) -> list[CountRecord]:
    """One record a group, the most articles first; days the latest first. Of a kind `edited` is how many edits were of it."""
    if by == "kind":
        return _kinds(connection, where)
    joined: Any = articles.join(
        versions, (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version)
    )
    groups: Mapping[str, Any] = {
        "section": versions.c.section,
        "source": sources.c.name + "/" + articles.c.edition,
        "day": cast(beginning(connection, MOMENT, 10, "YYYY-MM-DD"), String),
        "author": people.c.name,
    }
    if by == "author":
        # One article counts once for a person, whatever roles it names them in.
        once = select(version_authors.c.version_id, version_authors.c.person_id).distinct().subquery()
        joined = joined.outerjoin(once, once.c.version_id == versions.c.id)
        joined = joined.outerjoin(people, people.c.id == once.c.person_id)
    elif by == "source":
        joined = joined.join(sources, sources.c.id == articles.c.source_id)
    group = groups[by]
    number = func.count()
    query = (
        select(
            group.label("name"),
            number.label("number"),
            count_if(articles.c.version > 1).label("edited"),
            count_if(articles.c.state == State.REMOVED.value).label("removed"),
            func.coalesce(func.sum(func.length(versions.c.body)), 0).label("characters"),
        )
        .select_from(joined)
        .where(*of_articles(connection, None, where))
        .group_by(group)
    )
    query = query.order_by(group.desc()) if by == "day" else query.order_by(number.desc(), group)
    return [CountRecord(*row) for row in connection.execute(query)]


def _kinds(connection: Connection, where: Conditions) -> list[CountRecord]:
    """An edit is of several kinds: it counts for each of them."""
    found: dict[str, tuple[set[int], int]] = {}
    conditions = chosen(connection, where, changes.c.at, changes.c.source_id, articles.c.edition)
    for part in pages(connection, edits_query().where(*conditions)):
        for row in part:
            for kind in row["kinds"] or ("unknown",):
                ids, edits = found.get(kind, (set[int](), 0))
                ids.add(row["article_id"])
                found[kind] = (ids, edits + 1)
    return sorted(
        (CountRecord(kind, len(ids), edits) for kind, (ids, edits) in found.items()),
        key=lambda one: (-(one.edited or 0), one.name or ""),
    )
