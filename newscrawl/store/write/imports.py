"""What only an import asks of the archive (is this answer stored already), and addresses known only from redirects."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from newscrawl.model import Alias, Capture, FetchOutcome
from newscrawl.store import rows
from newscrawl.store.tables import article_urls, captures, observations, sources
from newscrawl.store.types import key_hash


def is_captured(connection: Connection, source: str, url: str, at: datetime, digest: str | None) -> bool:
    """Whether these bytes are stored from this address at this instant; without a digest: a "not modified" answer."""
    query = (
        select(captures.c.id)
        .join(sources, sources.c.id == captures.c.source_id)
        .where(
            captures.c.url_hash == key_hash(url),
            captures.c.at == at,
            captures.c.kind == "not_modified" if digest is None else captures.c.digest == digest,
            sources.c.name == source,
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def capture_with(connection: Connection, source: str, digest: str) -> Capture | None:
    """A stored response with these bytes. There is no index for it: asked only where an import holds a reference and not its target."""
    query = (
        select(captures)
        .join(sources, sources.c.id == captures.c.source_id)
        .where(captures.c.digest == digest, captures.c.kind == "response", sources.c.name == source)
        .where(captures.c.pruning_id.is_(None))
    )
    row = connection.execute(query.limit(1)).mappings().first()
    return rows.capture_of(row) if row is not None else None


def known_since(connection: Connection, source_id: int, key: str) -> datetime | None:
    """Since when an address is known to be an article's; None if it is not, or a page merely names it."""
    query = select(article_urls.c.first_seen).where(
        article_urls.c.source_id == source_id,
        article_urls.c.url_hash == key_hash(key),
        article_urls.c.confirmed,
    )
    return connection.execute(query).scalar()


def page_at(connection: Connection, article_id: int, at: datetime, within: timedelta) -> Capture | None:
    """The capture of an article's page nearest to an instant; None where there is none so close to it."""
    query = (
        select(captures)
        .join(observations, observations.c.capture_id == captures.c.id)
        .where(
            observations.c.article_id == article_id,
            observations.c.version.is_not(None),
            observations.c.outcome == FetchOutcome.OK.value,
            captures.c.at.between(at - within, at + within),
            captures.c.pruning_id.is_(None),
        )
    )
    found = [rows.capture_of(row) for row in connection.execute(query).mappings()]
    return min(found, key=lambda one: abs(one.at - at), default=None)


def claim(connection: Connection, source_id: int, article_id: int, alias: Alias, at: datetime) -> bool:
    """Adds another address of an article that was not read there; False if the address is known already."""
    where = (article_urls.c.source_id == source_id, article_urls.c.url_hash == key_hash(alias.key))
    if connection.execute(select(article_urls.c.id).where(*where)).first() is not None:
        return False
    connection.execute(
        insert(article_urls), {"source_id": source_id, "article_id": article_id, "url_key": alias.key, "url_hash": key_hash(alias.key), "url": alias.url, "kind": alias.kind.value, "confirmed": False, "first_seen": at}
    )  # fmt: skip
    return True
