"""Reads versions for the index of search, and what is shown of those found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from newscrawl.model import Article, Author, State
from newscrawl.store import rows
from newscrawl.store.tables import articles, sources, versions


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A version with what it is selected by. `moment` is the instant of the article's publication, or of its first observation."""

    version_id: int
    article_id: int
    number: int
    at: datetime
    article: Article
    kinds: tuple[str, ...]
    source: str
    edition: str
    url: str
    state: State
    moment: datetime
    unreadable_since: datetime | None


def after(connection: Connection, version_id: int, limit: int) -> list[IndexedText]:
    """The versions with the next ids."""
    query = select(versions.c.id).where(versions.c.id > version_id).order_by(versions.c.id).limit(limit)
    return load(connection, connection.execute(query).scalars().all())


def load(connection: Connection, version_ids: Sequence[int]) -> list[IndexedText]:
    """These versions, by id; those that are no more are left out."""
    found: dict[int, RowMapping] = {}
    ids = sorted(set(version_ids))
    about: dict[int, RowMapping] = {}
    for part in rows.chunks(ids):
        query = select(versions).where(versions.c.id.in_(part))
        found |= {row["id"]: row for row in connection.execute(query).mappings()}
    for part in rows.chunks(sorted({row["article_id"] for row in found.values()})):
        whose = select(articles, sources.c.name.label("source")).join(
            sources, sources.c.id == articles.c.source_id
        )
        for row in connection.execute(whose.where(articles.c.id.in_(part))).mappings():
            about[row["id"]] = row
    authors = rows.load_authors(connection, list(found))
    return [_text(found[one], about[found[one]["article_id"]], authors[one]) for one in ids if one in found]


def versions_of(
    connection: Connection, article_ids: Sequence[int]
) -> dict[int, list[tuple[int, int, datetime]]]:
    """Of each article its versions by number: the id, the number, and when it was first observed."""
    found: dict[int, list[tuple[int, int, datetime]]] = {}
    query = select(versions.c.article_id, versions.c.id, versions.c.number, versions.c.at)
    query = query.where(versions.c.article_id.in_(article_ids)).order_by(
        versions.c.article_id, versions.c.number
    )
    for row in connection.execute(query):
        found.setdefault(row[0], []).append((row[1], row[2], row[3]))
    return found


def count(connection: Connection, above: int, most: int) -> int:
    """How many versions there are with a higher id, counted up to `most`."""
    some = select(versions.c.id).where(versions.c.id > above).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _text(row: RowMapping, about: RowMapping, authors: Sequence[Author]) -> IndexedText:
    return IndexedText(
        version_id=row["id"],
        article_id=row["article_id"],
        number=row["number"],
        at=row["at"],
        article=rows.article_of(row, authors, about["url"]),
        kinds=tuple(row["kinds"]),
        source=about["source"],
        edition=about["edition"],
        url=about["url"],
        state=State(about["state"]),
        moment=about["published"] or about["first_seen"],
        unreadable_since=about["unreadable_since"],
    )
