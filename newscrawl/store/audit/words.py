"""The stored words of versions with the captures that must bear them out, article by article."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from newscrawl.model import Capture, Content, FetchOutcome
from newscrawl.store import rows
from newscrawl.store.read.selects import of_source
from newscrawl.store.tables import articles, observations, sources, versions

_PAGE = 100  # articles in memory


@dataclass(frozen=True, slots=True)
class StoredWords:
    """What a version says: `content` has its title, subtitle and body. `captures`: the one it was read from first."""

    article: int
    number: int
    source: str
    edition: str
    extractor: str
    content: Content
    captures: tuple[Capture, ...]


def count(connection: Connection, source: str | None, after: int) -> int:
    """How many versions the articles behind row `after` have."""
    of = of_source(connection, articles.c.source_id, source)
    query = select(func.count()).select_from(versions.join(articles)).where(articles.c.id > after, *of)
    return int(connection.execute(query).scalar_one())


def page_after(connection: Connection, source: str | None, after: int) -> list[StoredWords]:
    """The versions of the next articles behind row `after`, in order; empty at the end."""
    of = of_source(connection, articles.c.source_id, source)
    ids = select(articles.c.id).where(articles.c.id > after, *of).order_by(articles.c.id).limit(_PAGE)
    chosen = [row[0] for row in connection.execute(ids)]
    if not chosen:
        return []
    query = (
        select(
            versions.c.article_id,
            versions.c.number,
            versions.c.title,
            versions.c.subtitle,
            versions.c.body,
            versions.c.extractor,
            versions.c.capture_id,
            articles.c.edition,
            sources.c.name,
        )
        .select_from(versions.join(articles).join(sources, sources.c.id == articles.c.source_id))
        .where(versions.c.article_id.in_(chosen))
        .order_by(versions.c.article_id, versions.c.number)
    )
    found = connection.execute(query).all()
    last = _last_captures(connection, chosen)
    wanted = [(row.capture_id, last.get((row.article_id, row.number))) for row in found]
    captures = rows.load_captures(connection, [one for pair in wanted for one in pair])
    return [
        StoredWords(
            row.article_id,
            row.number,
            row.name,
            row.edition,
            row.extractor,
            Content(title=row.title, subtitle=row.subtitle, body=row.body or ""),
            tuple(
                dict.fromkeys(
                    captures[one] for one in pair if one in captures and captures[one].pruned is None
                )
            ),
        )
        for row, pair in zip(found, wanted, strict=True)
    ]


def _last_captures(connection: Connection, chosen: list[int]) -> dict[tuple[int, int], int]:
    """By article and version: the capture of the last check that brought the page with this version."""
    query = (
        select(observations.c.article_id, observations.c.version, func.max(observations.c.capture_id))
        .where(
            observations.c.article_id.in_(chosen),
            observations.c.version.is_not(None),
            observations.c.outcome == FetchOutcome.OK.value,
        )
        .group_by(observations.c.article_id, observations.c.version)
    )
    return {(article, version): capture for article, version, capture in connection.execute(query) if capture}
