"""Edits as readers see them: from the change log, with the look before and, where asked for, both texts. Chooses none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Text, and_, cast, func, or_, select

from newscrawl.model import ChangeKind, Content, EditRecord
from newscrawl.store import rows
from newscrawl.store.tables import articles, changes, observations, sources, versions


def edits_query() -> Select[Any]:
    """Edits with article, source, the later version's headline and the look before."""
    # Looks that saw a version are those that found the article there and readable.
    before = (
        select(func.max(observations.c.at))
        .where(
            observations.c.article_id == changes.c.article_id,
            observations.c.at < changes.c.at,
            observations.c.version.is_not(None),
        )
        .scalar_subquery()
    )
    return (
        select(
            changes,
            articles.c.edition,
            articles.c.url,
            sources.c.name.label("source"),
            versions.c.title,
            versions.c.returns_to,
            before.label("seen_before"),
        )
        .join(articles, articles.c.id == changes.c.article_id)
        .join(sources, sources.c.id == changes.c.source_id)
        .outerjoin(
            versions,
            and_(versions.c.article_id == changes.c.article_id, versions.c.number == changes.c.to_version),
        )
        .where(changes.c.kind == "edited")
    )


def of_kinds(kinds: Iterable[ChangeKind]) -> ColumnElement[bool]:
    """The condition for edits of any of these kinds."""
    # The list is JSON text on both databases, and no kind is part of another's name within quotes.
    return or_(*(cast(changes.c.kinds, Text).contains(f'"{kind.value}"', autoescape=True) for kind in kinds))


def load_edits(connection: Connection, found: Sequence[RowMapping], *, texts: bool) -> list[EditRecord]:
    """Edits from their rows; with `texts` what both versions say, loaded for all of them at once."""
    said = _contents(connection, found) if texts else {}
    return [
        EditRecord(
            article_id=row["article_id"],
            source=row["source"],
            edition=row["edition"],
            url=row["url"],
            at=row["at"],
            from_version=row["from_version"],
            to_version=row["to_version"],
            kinds=tuple(ChangeKind(kind) for kind in row["kinds"]),
            title=row["title"],
            returns_to=row["returns_to"],
            seen_before=row["seen_before"],
            before=said.get((row["article_id"], row["from_version"])),
            after=said.get((row["article_id"], row["to_version"])),
        )
        for row in found
    ]


def _contents(connection: Connection, found: Sequence[RowMapping]) -> Mapping[tuple[int, int], Content]:
    wanted = {(row["article_id"], row[side]) for row in found for side in ("from_version", "to_version")}
    said: dict[tuple[int, int], Content] = {}
    for part in rows.chunks(sorted({article_id for article_id, _ in wanted})):
        numbers = {number for article_id, number in wanted if article_id in set(part)}
        query = select(versions).where(versions.c.article_id.in_(part), versions.c.number.in_(numbers))
        texts = [
            row
            for row in connection.execute(query).mappings()
            if (row["article_id"], row["number"]) in wanted
        ]
        authors = rows.load_authors(connection, [row["id"] for row in texts])
        said |= {
            (row["article_id"], row["number"]): rows.content_of(row, authors[row["id"]]) for row in texts
        }
    return said
