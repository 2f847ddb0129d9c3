"""Articles as readers see them, put together from their rows: version, authors, addresses, counts. Chooses none."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, select

from newscrawl.errors import NotFound, StoreError
from newscrawl.model import AliasKind, ArticleRecord
from newscrawl.store import rows
from newscrawl.store.read import records
from newscrawl.store.tables import article_urls, articles, sources, versions


def load_articles(
    connection: Connection, ids: Sequence[int], version: int | None = None
) -> list[ArticleRecord]:
    """Articles in the order of `ids`, with a fixed number of queries whatever their number."""
    query = select(articles, sources.c.name.label("source")).join(
        sources, sources.c.id == articles.c.source_id
    )
    found = {row["id"]: row for row in connection.execute(query.where(articles.c.id.in_(ids))).mappings()}
    said = _version_rows(connection, ids, version)
    authors = rows.load_authors(connection, [row["id"] for row in said.values()])
    how_many = select(versions.c.article_id, func.count()).where(versions.c.article_id.in_(ids))
    counts: dict[int, int] = dict(
        tuple(row) for row in connection.execute(how_many.group_by(versions.c.article_id))
    )
    aliases = _aliases(connection, ids)
    result = []
    for article_id in ids:
        if (row := found.get(article_id)) is None:
            continue
        if (words := said.get(article_id)) is None:
            if version is not None:
                raise NotFound(
                    f"has no version {version}",
                    subject=f"article {article_id}",
                    hint=f"It has {counts.get(article_id, 0)}",
                )
            raise StoreError(
                "its current version is missing: the database is damaged", subject=f"article {article_id}"
            )
        others = [url for url in aliases.get(article_id, ()) if url != row["url"]]
        result.append(
            records.article(
                row, words, authors[words["id"]], aliases=others, versions=counts.get(article_id, 0)
            )
        )
    return result


def _version_rows(connection: Connection, ids: Sequence[int], version: int | None) -> dict[int, RowMapping]:
    if version is None:
        return rows.load_versions(connection, ids)
    query = select(versions).where(
        versions.c.article_id.in_(ids), versions.c.number == min(version, 2**31 - 1)
    )
    return {row["article_id"]: row for row in connection.execute(query).mappings()}


def _aliases(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Other addresses of articles as they were met; a source's own number for a piece is no address."""
    query = (
        select(article_urls.c.article_id, func.coalesce(article_urls.c.url, article_urls.c.url_key))
        .where(article_urls.c.article_id.in_(ids), article_urls.c.kind != AliasKind.IDENTITY.value)
        .order_by(article_urls.c.id)
    )
    found: dict[int, dict[str, None]] = {}
    for article_id, url in connection.execute(query):
        found.setdefault(article_id, {})[url] = None
    return {article_id: list(urls) for article_id, urls in found.items()}
