"""Finding one article by its number, key or any of its addresses. Tells its id and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from newscrawl.errors import NotFound, UsageError
from newscrawl.store.tables import article_urls, articles
from newscrawl.store.types import key_hash

LARGEST_ID = 2**63 - 1  # what both databases can be asked for


def article_id(connection: Connection, references: int | Sequence[str]) -> int:
    """The id of the article meant: its id, or any of its keys and addresses, tried in the order given.

    Raises NotFound, or UsageError where several articles answer to the same address.
    """
    if isinstance(references, int):
        query = select(articles.c.id).where(articles.c.id == min(references, LARGEST_ID))
        found = connection.execute(query).scalar()
        if found is None or found != references:
            raise not_found(references)
        return int(found)
    for lookup in (_by_key, _by_address):
        for reference in references:
            if ids := lookup(connection, reference):
                return _only(ids, reference)
    subject = references[0] if references else None
    raise NotFound("the archive holds no article of this address", subject=subject)


def not_found(number: int) -> NotFound:
    """The error of an article that is not there."""
    return NotFound("the archive holds no article of this number", subject=str(number))


def _by_key(connection: Connection, key: str) -> list[int]:
    query = select(article_urls.c.article_id, article_urls.c.confirmed).where(
        article_urls.c.url_hash == key_hash(key)
    )
    found = connection.execute(query).all()
    # An address that was really read there outranks one that a page merely names.
    confirmed = sorted({article_id for article_id, sure in found if sure})
    return confirmed or sorted({article_id for article_id, _ in found})


def _by_address(connection: Connection, address: str) -> list[int]:
    found = connection.execute(select(articles.c.id).where(articles.c.url == address)).scalars().all()
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
