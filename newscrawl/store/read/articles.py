"""Articles: found by number or address, loaded with their version, authors and addresses, and their neighbours in other editions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, func, select

from newscrawl.errors import NotFound, StoreError, UsageError
from newscrawl.model import ArticleRecord, Author, State
from newscrawl.store import rows
from newscrawl.store.read.selects import MOMENT, NO_ADDRESSES
from newscrawl.store.tables import article_urls, articles, sources, versions
from newscrawl.store.types import key_hash

_LARGEST_ID = 2**63 - 1  # what both databases can be asked for
# A busy outlet publishes some hundred articles a day in an edition; more than this is another kind of archive.
_MOST_NEIGHBOURS = 2000


def find_article(connection: Connection, references: int | Sequence[str]) -> int:
    """The id of the article meant: its id, or any of its keys and addresses, tried in the order given.

    Raises NotFound, or UsageError where several articles answer to the same address.
    """
    if isinstance(references, int):
        query = select(articles.c.id).where(articles.c.id == min(references, _LARGEST_ID))
        found = connection.execute(query).scalar()
        if found is None or found != references:
            raise _not_found(references)
        return int(found)
    for lookup in (_by_key, _by_address):
        for reference in references:
            if ids := lookup(connection, reference):
                return _only(ids, reference)
    subject = references[0] if references else None
    raise NotFound("the archive holds no article of this address", subject=subject)


def load_article(connection: Connection, article_id: int, version: int | None = None) -> ArticleRecord:
    """One article, as it is now or in version `version`. Raises NotFound."""
    if 0 < article_id <= _LARGEST_ID and (found := load_articles(connection, [article_id], version)):
        return found[0]
    raise _not_found(article_id)


def load_articles(
    connection: Connection, ids: Sequence[int], version: int | None = None
) -> list[ArticleRecord]:
    """Articles in the order of `ids`, with a fixed number of queries whatever their number."""
    query = select(articles, sources.c.name.label("source")).join(
        sources, sources.c.id == articles.c.source_id
    )
    found = {row["id"]: row for row in connection.execute(query.where(articles.c.id.in_(ids))).mappings()}
    current = _version_rows(connection, ids, version)
    authors = rows.load_authors(connection, [row["id"] for row in current.values()])
    how_many = select(versions.c.article_id, func.count()).where(versions.c.article_id.in_(ids))
    counts: dict[int, int] = dict(
        tuple(row) for row in connection.execute(how_many.group_by(versions.c.article_id))
    )
    aliases = _aliases(connection, ids)
    result = []
    for article_id in ids:
        if (row := found.get(article_id)) is None:
            continue
        if (version_row := current.get(article_id)) is None:
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
            _record(
                row,
                version_row,
                authors[version_row["id"]],
                aliases=others,
                versions=counts.get(article_id, 0),
            )
        )
    return result


def load_neighbours(
    connection: Connection, article: ArticleRecord, apart: timedelta, keys: Sequence[str]
) -> list[ArticleRecord]:
    """Articles of other editions published within `apart` of this one, and those known under any of `keys`."""
    source_id = select(articles.c.source_id).where(articles.c.id == article.id).scalar_subquery()
    moment = article.article.published or article.first_seen
    foreign = (articles.c.source_id == source_id, articles.c.edition != article.edition)
    near = select(articles.c.id).where(*foreign, moment - apart <= MOMENT, moment + apart >= MOMENT)
    named = (
        select(articles.c.id)
        .join(article_urls, article_urls.c.article_id == articles.c.id)
        .where(*foreign, article_urls.c.url_hash.in_([key_hash(key) for key in keys]))
    )
    found = [
        *connection.execute(named).scalars(),
        *connection.execute(near.limit(_MOST_NEIGHBOURS)).scalars(),
    ]
    ids = list(dict.fromkeys(found))
    return [record for i in range(0, len(ids), 200) for record in load_articles(connection, ids[i : i + 200])]


def _record(
    row: RowMapping, version: RowMapping, authors: Sequence[Author], *, aliases: Sequence[str], versions: int
) -> ArticleRecord:
    return ArticleRecord(
        id=row["id"],
        source=row["source"],
        edition=row["edition"],
        url=row["url"],
        url_key=row["url_key"],
        aliases=tuple(aliases),
        state=State(row["state"]),
        state_since=row["state_since"],
        first_seen=row["first_seen"],
        last_checked=row["last_checked"],
        last_seen=row["last_seen"],
        article=rows.article_of(version, authors, row["url"]),
        version=version["number"],
        versions=versions,
        tied_to=row["tied_to_id"],
        unreadable_since=row["unreadable_since"],
        noindex=row["noindex"],
        unlisted=row["unlisted"],
    )


def _version_rows(connection: Connection, ids: Sequence[int], version: int | None) -> dict[int, RowMapping]:
    if version is None:
        return rows.load_versions(connection, ids)
    query = select(versions).where(
        versions.c.article_id.in_(ids), versions.c.number == min(version, 2**31 - 1)
    )
    return {row["article_id"]: row for row in connection.execute(query).mappings()}


def _aliases(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Other addresses of articles in the order in which they were learned, without the keys that are a source's own numbers."""
    query = (
        select(article_urls.c.article_id, func.coalesce(article_urls.c.url, article_urls.c.url_key))
        .where(article_urls.c.article_id.in_(ids), article_urls.c.kind.not_in(NO_ADDRESSES))
        .order_by(article_urls.c.id)
    )
    found: dict[int, dict[str, None]] = {}
    for article_id, url in connection.execute(query):
        found.setdefault(article_id, {})[url] = None
    return {article_id: list(urls) for article_id, urls in found.items()}


def _not_found(number: int) -> NotFound:
    return NotFound("the archive holds no article of this number", subject=str(number))


def _by_key(connection: Connection, key: str) -> list[int]:
    query = select(article_urls.c.article_id, article_urls.c.confirmed).where(
        article_urls.c.url_hash == key_hash(key)
    )
    found = connection.execute(query).all()
    # An address that was fetched outranks one that a page merely names.
    confirmed = sorted({article_id for article_id, sure in found if sure})
    return confirmed or sorted({article_id for article_id, _ in found})


def _by_address(connection: Connection, address: str) -> list[int]:
    own = select(articles.c.id).where(articles.c.url == address, articles.c.tied_to_id.is_(None))
    found = connection.execute(own).scalars().all()
    if not found:
        query = select(article_urls.c.article_id).where(article_urls.c.url == address)
        found = connection.execute(query).scalars().all()
    return sorted(set(found))


def _only(ids: Sequence[int], reference: str) -> int:
    if len(ids) > 1:
        raise UsageError(
            "several articles have this address",
            subject=reference,
            hint=f"Give one of their numbers: {', '.join(map(str, ids[:10]))}",
        )
    return ids[0]
