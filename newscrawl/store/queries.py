"""Reads for people: articles, versions, observations, sightings and sources as frozen values. Writes nothing, decides nothing.

Streams read one page at a time from one snapshot of the archive, so a million articles need no
more memory than a hundred, and a crawl that goes on meanwhile neither hides nor doubles a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Engine, func, select

from newscrawl.errors import NotFound, SchemaError, UsageError
from newscrawl.model import (
    ArticleRecord,
    ObservationRecord,
    RunRecord,
    SightingRecord,
    SourceRecord,
    State,
    VersionRecord,
)
from newscrawl.store import records, runs as run_lease, schema
from newscrawl.store.article_records import load_articles
from newscrawl.store.coverage_reads import CoverageReads
from newscrawl.store.engine import open_engine, reading, sqlite_path, translated
from newscrawl.store.selects import (
    MOMENT,
    chosen,
    observations_query,
    of_articles,
    pages,
    sightings_query,
    versions_query,
)
from newscrawl.store.tables import (
    article_urls,
    articles,
    leads,
    listing_reads,
    listings,
    observations,
    runs,
    sightings,
    sources,
    versions,
)
from newscrawl.store.types import key_hash

_LARGEST_ID = 2**63 - 1


def archive_exists(url: str) -> bool:
    """Whether there is an archive at this address, of whatever schema. Makes no file."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return False
    engine = open_engine(url)
    try:
        return schema.current(engine) is not None
    finally:
        engine.dispose()


def open_reader(url: str) -> Reader:
    """A reader of the archive at `url`. Creates nothing; an old SQLite archive is brought up to date first.

    Raises SchemaError where there is no archive or it has a schema this program cannot read,
    StoreError where the database cannot be reached.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():  # connecting would make the file
        raise SchemaError(
            "there is no archive here yet", subject=str(path), hint="Crawl first: newscrawl crawl orda"
        )
    engine = open_engine(url)
    try:
        schema.ensure(engine, create=False)
    except BaseException:
        engine.dispose()
        raise
    return Reader(engine)


def active_runs(engine: Engine) -> list[tuple[str, RunRecord]]:
    """The crawls going on right now, each with the name of its source."""
    query = (
        select(runs, sources.c.name.label("source"))
        .join(sources, sources.c.id == runs.c.source_id)
        .where(runs.c.finished.is_(None))
        .order_by(runs.c.id)
    )
    with reading(engine) as connection:
        found = connection.execute(query).mappings().all()
    return [(row["source"], records.run(row)) for row in found if run_lease.is_alive(row)]


class Reader(CoverageReads):
    """An archive open for reading. Use it as a context manager, or call close()."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database connections."""
        self._engine.dispose()

    # --- articles ---

    def articles(
        self,
        *,
        source: str | None = None,
        edition: str | None = None,
        state: State | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[ArticleRecord]:
        """Articles as they are now, newest first, read page by page.

        `since` (inclusive) and `until` (exclusive) are aware and select by the instant of
        publication, or by the first look where that is unknown. Raises UnknownSource.
        """
        with self._snapshot() as connection:
            conditions = of_articles(connection, source, edition, state, since, until)
            query = select(articles.c.id).where(*conditions)
            query = query.order_by(MOMENT.desc(), articles.c.id.desc()).limit(limit)
            # Sorted once and streamed: an article whose date is corrected meanwhile would slip through pages asked for one by one.
            for part in pages(connection, query):
                yield from load_articles(connection, [row["id"] for row in part])

    def count(
        self,
        *,
        source: str | None = None,
        edition: str | None = None,
        state: State | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> int:
        """How many articles `articles` would give with the same arguments and no limit."""
        with reading(self._engine) as connection:
            conditions = of_articles(connection, source, edition, state, since, until)
            return int(
                connection.execute(select(func.count()).select_from(articles).where(*conditions)).scalar_one()
            )

    def find(self, references: int | Sequence[str]) -> int:
        """The id of the article meant: its id, or any of its keys and addresses, tried in the order given.

        Raises NotFound, or UsageError where several articles answer to the same address.
        """
        with reading(self._engine) as connection:
            if isinstance(references, int):
                query = select(articles.c.id).where(articles.c.id == min(references, _LARGEST_ID))
                found = connection.execute(query).scalar()
                if found is None or found != references:
                    raise NotFound("the archive holds no article of this number", subject=str(references))
                return int(found)
            for lookup in (_by_key, _by_address):
                for reference in references:
                    if ids := lookup(connection, reference):
                        return _only(ids, reference)
        subject = references[0] if references else None
        raise NotFound("the archive holds no article of this address", subject=subject)

    def article(self, article_id: int, version: int | None = None) -> ArticleRecord:
        """One article, as it is now or as version `version` said it. Raises NotFound."""
        with self._snapshot() as connection:
            if not 0 < article_id <= _LARGEST_ID or not (
                found := load_articles(connection, [article_id], version)
            ):
                raise NotFound("the archive holds no article of this number", subject=str(article_id))
            return found[0]

    # --- versions, observations, sightings ---

    def versions_of(self, article_id: int) -> list[VersionRecord]:
        """Everything one article ever said, oldest first."""
        query = versions_query().where(versions.c.article_id == article_id).order_by(versions.c.number)
        with self._snapshot() as connection:
            return [
                record for part in pages(connection, query) for record in records.versions(connection, part)
            ]

    def versions(
        self,
        *,
        source: str | None = None,
        edition: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[VersionRecord]:
        """All versions of all articles, latest recorded first; `since` and `until` select by when they were first observed."""
        with self._snapshot() as connection:
            where = (versions.c.at, articles.c.source_id, articles.c.edition)
            conditions = chosen(connection, *where, source=source, edition=edition, since=since, until=until)
            query = versions_query().where(*conditions).order_by(versions.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from records.versions(connection, part)

    def observations_of(self, article_id: int) -> list[ObservationRecord]:
        """Every look at one article, oldest first."""
        query = observations_query().where(observations.c.article_id == article_id)
        query = query.order_by(observations.c.at, observations.c.id)
        with self._snapshot() as connection:
            return [r for part in pages(connection, query) for r in records.observations(connection, part)]

    def observations(
        self,
        *,
        source: str | None = None,
        edition: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[ObservationRecord]:
        """All looks, latest recorded first; `since` and `until` select by when they were made."""
        with self._snapshot() as connection:
            named = func.coalesce(articles.c.edition, leads.c.edition)
            where = (observations.c.at, observations.c.source_id, named)
            conditions = chosen(connection, *where, source=source, edition=edition, since=since, until=until)
            query = observations_query().where(*conditions).order_by(observations.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from records.observations(connection, part)

    def sightings(
        self,
        *,
        source: str | None = None,
        edition: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[SightingRecord]:
        """All places in listings, latest recorded first; `since` and `until` select by when the listing was read."""
        with self._snapshot() as connection:
            where = (listing_reads.c.at, listings.c.source_id, listings.c.edition)
            conditions = chosen(connection, *where, source=source, edition=edition, since=since, until=until)
            query = sightings_query().where(*conditions).order_by(sightings.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from (records.sighting(row) for row in part)

    # --- sources ---

    def sources(self) -> list[SourceRecord]:
        """Every source of the archive by edition, in the order of their names."""
        per_edition = (
            select(
                articles.c.source_id,
                articles.c.edition,
                func.count().label("articles"),
                func.max(articles.c.published).label("newest"),
            )
            .group_by(articles.c.source_id, articles.c.edition)
            .subquery()
        )
        latest = select(func.max(runs.c.id)).group_by(runs.c.source_id)
        query = (
            select(
                sources.c.id,
                sources.c.name,
                per_edition.c.edition,
                per_edition.c.articles,
                per_edition.c.newest,
            )
            .outerjoin(per_edition, per_edition.c.source_id == sources.c.id)
            .order_by(sources.c.name, per_edition.c.edition)
        )
        with self._snapshot() as connection:
            last = {
                row["source_id"]: records.run(row)
                for row in connection.execute(select(runs).where(runs.c.id.in_(latest))).mappings()
            }
            return [
                SourceRecord(
                    source=row["name"],
                    edition=row["edition"],
                    articles=row["articles"] or 0,
                    newest=row["newest"],
                    last_run=last.get(row["id"]),
                )
                for row in connection.execute(query).mappings()
            ]

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A connection that sees one moment of the archive; on SQLite every read transaction does."""
        postgres = self._engine.dialect.name == "postgresql"
        options: dict[str, Any] = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if postgres else {}
        )
        with translated(self._engine), self._engine.connect().execution_options(**options) as connection:
            yield connection


# --- finding one article -----------------------------------------------------------------------


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
