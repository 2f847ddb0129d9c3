"""What versions say, with the captures that must bear it out, article by article."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from newscrawl.model import Announced, Article, Capture, FetchOutcome, VerdictKind
from newscrawl.store import rows
from newscrawl.store.read.selects import of_source
from newscrawl.store.tables import articles, observations, sources, versions

_PAGE = 100  # articles in memory
_MADE = (VerdictKind.NEW.value, VerdictKind.CHANGED.value)
SAME = "same content"  # the reason of a check that read the stored text


@dataclass(frozen=True, slots=True)
class StoredWords:
    """What a version says, and the captures that show it, the one it was read from first.

    `own` says that this one is among them. `same` are those of the checks that are said to have read this very
    content: the one that found it first, and the last one that found it unchanged. `announced` is what a channel said of
    the article, by which its pages are read.
    """

    article: int
    number: int
    source: str
    edition: str
    extractor: str
    content_hash: str
    said: Article
    captures: tuple[Capture, ...]
    own: bool = True
    same: tuple[Capture, ...] = ()
    announced: Announced | None = None


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
        select(versions, articles.c.edition, articles.c.url, articles.c.announced, sources.c.name)
        .select_from(versions.join(articles).join(sources, sources.c.id == articles.c.source_id))
        .where(versions.c.article_id.in_(chosen))
        .order_by(versions.c.article_id, versions.c.number)
    )
    found = connection.execute(query).mappings().all()
    authors = rows.load_authors(connection, [row["id"] for row in found])
    last = _last_captures(connection, chosen)
    made = _last_captures(connection, chosen, observations.c.verdict.in_(_MADE))
    same = _last_captures(connection, chosen, observations.c.reason == SAME)
    keys = [(row["article_id"], row["number"]) for row in found]
    wanted = {*(row["capture_id"] for row in found), *last.values(), *made.values(), *same.values()}
    kept = {
        number: capture
        for number, capture in rows.load_captures(connection, wanted).items()
        if capture.pruned is None
    }
    return [
        StoredWords(
            *key,
            source=row["name"],
            edition=row["edition"],
            extractor=row["extractor"],
            content_hash=row["content_hash"],
            said=rows.article_of(row, authors[row["id"]], row["url"]),
            captures=tuple(
                dict.fromkeys(kept[one] for one in (row["capture_id"], last.get(key)) if one in kept)
            ),
            own=row["capture_id"] in kept,
            same=tuple(kept[one] for one in (made.get(key), same.get(key)) if one in kept),
            announced=rows.announced_of(row["announced"]),
        )
        for key, row in zip(keys, found, strict=True)
    ]


def _last_captures(
    connection: Connection, chosen: list[int], *which: ColumnElement[bool]
) -> dict[tuple[int, int], int]:
    """By article and version: the capture of the last of these checks that brought the page with this version."""
    query = (
        select(observations.c.article_id, observations.c.version, func.max(observations.c.capture_id))
        .where(
            observations.c.article_id.in_(chosen),
            observations.c.version.is_not(None),
            observations.c.outcome == FetchOutcome.OK.value,
            *which,
        )
        .group_by(observations.c.article_id, observations.c.version)
    )
    return {(article, version): capture for article, version, capture in connection.execute(query) if capture}
