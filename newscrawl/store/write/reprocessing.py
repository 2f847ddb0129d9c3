"""Reads the versions that an older extractor has read, and replaces their fields in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from newscrawl.model import Announced, Author, Capture, ChangeKind, Content, Refresh
from newscrawl.store import rows
from newscrawl.store.engine import reading, writing
from newscrawl.store.opened import Opened, open_existing
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.read.selects import of_source
from newscrawl.store.search.pending import pend
from newscrawl.store.tables import articles, changes, sources, version_authors, versions

_PAGE = 200  # articles looked up at a time


@dataclass(frozen=True, slots=True)
class Reading:
    """A version to reprocess: which extractor read it, from which capture, and what a channel had said of its article."""

    id: int
    article: int
    number: int
    source: str
    edition: str
    extractor: str
    capture: Capture | None
    announced: Announced | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A version within its article's transaction: what it says and how it differs from the one before, as stored."""

    id: int
    number: int
    extractor: str
    content_hash: str
    content: Content
    kinds: tuple[ChangeKind, ...]
    returns_to: int | None


def open_for_reprocessing(url: str) -> ReprocessArchive:
    """The archive at `url`, which must exist, ready for writing. Raises SchemaError or StoreError."""
    return ReprocessArchive(open_existing(url))


class ReprocessArchive(Opened):
    """An archive whose versions are reprocessed. Use it as a context manager."""

    def count(self, *, source: str | None, since: datetime | None, unless: str | None) -> int:
        """How many versions `waiting` gives."""
        with reading(self._engine) as connection:
            query = select(func.count()).select_from(versions.join(articles))
            query = query.where(*_chosen(connection, source, since, unless))
            return int(connection.execute(query).scalar_one())

    def waiting(
        self, *, source: str | None, since: datetime | None, unless: str | None
    ) -> Iterator[list[Reading]]:
        """The versions to reprocess, article by article, a page of articles in memory.

        `unless` leaves out versions read by this extractor already; `since` leaves out articles without
        a version observed from this instant on. Raises UnknownSource.
        """
        last = 0
        while True:
            with reading(self._engine) as connection:
                query = (
                    select(versions.c.article_id)
                    .select_from(versions.join(articles))
                    .where(versions.c.article_id > last, *_chosen(connection, source, since, unless))
                    .distinct()
                    .order_by(versions.c.article_id)
                    .limit(_PAGE)
                )
                ids = [article for (article,) in connection.execute(query)]
                found = _readings(connection, ids, unless)
            for article in ids:
                yield found[article]
            if len(ids) < _PAGE:
                return
            last = ids[-1]

    def meet(self, authors: Sequence[Author]) -> None:
        """Makes these people known, before any article is locked: two writers that meet the same new person could wait for each other."""
        if authors:
            with writing(self._engine) as connection:
                rows.meet(connection, authors)

    @contextmanager
    def histories(self, ids: Sequence[int], *, keep: bool = True) -> Iterator[dict[int, History]]:
        """One transaction over the versions of some articles, locked against a crawl that checks them meanwhile; undone unless `keep`.

        Of several articles those are left out that another writer holds at the moment: who waits for a
        lock must hold none. Ask for them one by one afterwards.
        """
        with writing(self._engine) as connection:
            query = select(articles.c.id).where(articles.c.id.in_(ids)).order_by(articles.c.id)
            # Key share: a crawl's new rows that refer to an article need not wait for it.
            locked = query.with_for_update(key_share=True, skip_locked=len(ids) > 1)
            yield {article: History(connection, article) for (article,) in connection.execute(locked)}
            if not keep:
                connection.rollback()


class History:
    """The versions of an article in an open transaction."""

    def __init__(self, connection: Connection, article: int) -> None:
        self._connection = connection
        self._article = article

    def versions(self) -> list[Stored]:
        """All versions, by number."""
        query = select(versions).where(versions.c.article_id == self._article).order_by(versions.c.number)
        found = self._connection.execute(query).mappings().all()
        authors = rows.load_authors(self._connection, [row["id"] for row in found])
        return [
            Stored(
                id=row["id"],
                number=row["number"],
                extractor=row["extractor"],
                content_hash=row["content_hash"],
                content=rows.content_of(row, authors[row["id"]]),
                kinds=tuple(ChangeKind(kind) for kind in row["kinds"]),
                returns_to=row["returns_to"],
            )
            for row in found
        ]

    def replace(self, number: int, fields: Refresh) -> None:
        """Gives a version the fields of another reading of its capture."""
        replace(self._connection, self._article, number, fields)

    def relate(self, number: int, kinds: Sequence[ChangeKind], returns_to: int | None) -> None:
        """Stores how a version differs from the one before, in the version and in the log of changes."""
        values = [kind.value for kind in kinds]
        self._connection.execute(
            update(versions)
            .where(versions.c.article_id == self._article, versions.c.number == number)
            .values(kinds=values, returns_to=returns_to)
        )
        self._connection.execute(
            update(changes)
            .where(
                changes.c.article_id == self._article,
                changes.c.to_version == number,
                changes.c.kind == "edited",
            )
            .values(kinds=values)
        )
        mine = (versions.c.article_id == self._article, versions.c.number == number)
        pending.note_where(self._connection, Kind.VERSION, *mine)
        pending.note_where(
            self._connection,
            Kind.CHANGE,
            changes.c.article_id == self._article,
            changes.c.to_version == number,
            changes.c.kind == "edited",
        )


def replace(
    connection: Connection, article: int, number: int, fields: Refresh, capture_id: int | None = None
) -> None:
    """Replaces the fields of a version by another reading of the same text. No version is made.

    `capture_id` is the capture it was read from, None for the one that the version has.
    The article's row comes first: whoever changes versions holds it, so that two never wait for each other.
    """
    connection.execute(
        update(articles)
        .where(articles.c.id == article, articles.c.version == number)
        .values(title=fields.article.title, published=fields.article.published)
    )
    query = select(versions.c.id).where(versions.c.article_id == article, versions.c.number == number)
    version_id = int(connection.execute(query).scalar_one())
    connection.execute(
        update(versions)
        .where(versions.c.id == version_id)
        .values(
            content_hash=fields.content_hash,
            extractor=fields.extractor,
            **rows.version_values(fields.article),
            **({"capture_id": capture_id} if capture_id is not None else {}),
        )
    )
    connection.execute(delete(version_authors).where(version_authors.c.version_id == version_id))
    rows.insert_authors(connection, version_id, fields.article.authors)
    pend(connection, [version_id])
    pending.note(connection, Kind.VERSION, [version_id])


def _readings(connection: Connection, ids: Sequence[int], unless: str | None) -> dict[int, list[Reading]]:
    found: dict[int, list[Reading]] = {article: [] for article in ids}
    for part in rows.chunks(ids):
        query = (
            select(
                versions.c.id,
                versions.c.article_id,
                versions.c.number,
                versions.c.extractor,
                versions.c.capture_id,
                articles.c.edition,
                articles.c.announced,
                sources.c.name,
            )
            .select_from(versions.join(articles).join(sources, sources.c.id == articles.c.source_id))
            .where(versions.c.article_id.in_(part), *_older(unless))
            .order_by(versions.c.article_id, versions.c.number)
        )
        chosen = connection.execute(query).all()
        captures = rows.load_captures(connection, [row.capture_id for row in chosen])
        for row in chosen:
            found[row.article_id].append(
                Reading(
                    row.id,
                    row.article_id,
                    row.number,
                    row.name,
                    row.edition,
                    row.extractor,
                    captures.get(row.capture_id),
                    rows.announced_of(row.announced),
                )
            )
    return found


def _chosen(
    connection: Connection, source: str | None, since: datetime | None, unless: str | None
) -> list[ColumnElement[bool]]:
    conditions = [*of_source(connection, articles.c.source_id, source), *_older(unless)]
    if since is not None:
        recent = select(versions.c.article_id).where(versions.c.at >= since)
        conditions.append(articles.c.id.in_(recent))
    return conditions


def _older(unless: str | None) -> list[ColumnElement[bool]]:
    return [versions.c.extractor != unless] if unless is not None else []
