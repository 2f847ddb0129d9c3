"""The reader of an archive: articles, versions, observations, sightings, edits, absences and sources as frozen values.

Streams read one page at a time from one snapshot of the archive, so a million articles need no
more memory than a hundred, and a crawl that goes on meanwhile neither hides nor doubles a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Unpack

from sqlalchemy import func, select

from newscrawl.judge.siblings import APART, Sibling, siblings, story_of
from newscrawl.model import (
    Absence,
    ArticleRecord,
    CaptureRecord,
    CaptureRef,
    ChangeKind,
    CountRecord,
    EditRecord,
    EventRecord,
    LifeRecord,
    ObservationRecord,
    RemovalRecord,
    SightingRecord,
    SourceRecord,
    State,
    VersionRecord,
)
from newscrawl.store import names, schema
from newscrawl.store.coverage.reads import CoverageReads
from newscrawl.store.engine import reading, sqlite_path
from newscrawl.store.opened import Opened, open_existing
from newscrawl.store.read.articles import find_article, load_article, load_articles, load_neighbours
from newscrawl.store.read.captures import stream_captures, stream_places
from newscrawl.store.read.changes import edits_query, load_edits, load_events, of_kinds, of_the_text
from newscrawl.store.read.counts import counts
from newscrawl.store.read.life import (
    load_life,
    load_observations,
    load_versions,
    observation_records,
    observations_query,
    sighting_record,
    sightings_query,
    version_records,
    versions_query,
)
from newscrawl.store.read.removals import stream_removals
from newscrawl.store.read.selects import (
    MOMENT,
    Conditions,
    chosen,
    editions_of,
    in_range,
    of_articles,
    of_source,
    older,
    pages,
)
from newscrawl.store.read.sources import active_runs as active_runs, editions_by_source, load_sources  # noqa: PLC0414 - reads start here
from newscrawl.store.readonly import open_for_reading
from newscrawl.store.tables import (
    articles,
    changes,
    leads,
    listing_reads,
    listings,
    observations,
    runs,
    sightings,
    versions,
)


def archive_exists(url: str) -> bool:
    """Whether there is an archive at this address, of whatever schema. Makes no file."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return False
    engine = open_for_reading(url)
    try:
        return schema.current(engine) is not None
    finally:
        engine.dispose()


def open_reader(url: str, *, upgrade: bool = True) -> Reader:
    """A reader of the archive at `url`. An old SQLite archive is brought up to date first, or refused without `upgrade`.

    Raises SchemaError where there is no archive or it has a schema this program cannot read,
    StoreError where the database cannot be reached.
    """
    return Reader(open_existing(url, upgrade=upgrade))


class Reader(Opened, CoverageReads):
    """An archive open for reading. Use it as a context manager, or call close()."""

    # --- articles ---

    def articles(
        self,
        *,
        state: State | None = None,
        unreadable: bool = False,
        before: tuple[datetime, int] | None = None,
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[ArticleRecord]:
        """Articles as they are now, newest first, read page by page; with `unreadable` those that cannot be read alone.

        `before` is the instant and the number of the last one that is known: those behind it are given. `since` (inclusive) and `until` (exclusive) are aware and select by the instant of
        publication, or by the first observation where that is unknown. Raises UnknownSource.
        """
        with self._snapshot() as connection:
            conditions = of_articles(connection, state, where, unreadable=unreadable)
            query = select(articles.c.id).where(*conditions, *older(MOMENT, articles.c.id, before))
            query = query.order_by(MOMENT.desc(), articles.c.id.desc()).limit(limit)
            # Sorted once and streamed: an article whose date is corrected meanwhile would slip through pages asked for one by one.
            for part in pages(connection, query):
                yield from load_articles(connection, [row["id"] for row in part])

    def count(
        self,
        *,
        state: State | None = None,
        unreadable: bool = False,
        **where: Unpack[Conditions],
    ) -> int:
        """How many articles `articles` would give with the same arguments and no limit."""
        with reading(self._engine) as connection:
            conditions = of_articles(connection, state, where, unreadable=unreadable)
            return int(
                connection.execute(select(func.count()).select_from(articles).where(*conditions)).scalar_one()
            )

    def counts(self, by: str, **where: Unpack[Conditions]) -> list[CountRecord]:
        """How many articles there are of each group of `counts.GROUPS`; edits by kind are selected by their own date."""
        with self._snapshot() as connection:
            return counts(connection, by, where)

    def find(self, references: int | Sequence[str]) -> int:
        """The id of the article meant: its id, or any of its keys and addresses, tried in the order given.

        Raises NotFound, or UsageError where several articles answer to the same address.
        """
        with reading(self._engine) as connection:
            return find_article(connection, references)

    def article(self, article_id: int, version: int | None = None) -> ArticleRecord:
        """One article, as it is now or in version `version`. Raises NotFound."""
        with self._snapshot() as connection:
            return load_article(connection, article_id, version)

    def neighbours(
        self, article: ArticleRecord, apart: timedelta, keys: Sequence[str] = ()
    ) -> list[ArticleRecord]:
        """Articles of the outlet's other editions published within `apart` of this one, and those known under `keys`."""
        with self._snapshot() as connection:
            return load_neighbours(connection, article, apart, keys)

    def siblings(self, article: ArticleRecord) -> list[tuple[Sibling, ArticleRecord]]:
        """The same story in the outlet's other editions, stated by a page or proposed, each with its article."""
        story = story_of(article)
        near = {other.id: other for other in self.neighbours(article, APART, sorted(story.alternates))}
        return [
            (link, near[link.id]) for link in siblings(story, [story_of(other) for other in near.values()])
        ]

    def authors(self, latest: int, **where: Unpack[Conditions]) -> tuple[int, Counter[str]]:
        """Articles by author in the `latest` that match, and how many these are. Raises UnknownSource."""
        with self._snapshot() as connection:
            return names.count_authors(connection, where, latest)

    def tags(self, latest: int, **where: Unpack[Conditions]) -> tuple[int, Counter[str]]:
        """Articles by tag in the `latest` that match, and how many these are. Raises UnknownSource."""
        with self._snapshot() as connection:
            return names.count_tags(connection, where, latest)

    def by_author(
        self, name: str, *, limit: int, before: int | None = None, **where: Unpack[Conditions]
    ) -> list[ArticleRecord]:
        """Articles that name this author, the latest recorded first; those with a smaller id than `before`. Raises UnknownSource."""
        with self._snapshot() as connection:
            ids = names.articles_by(connection, name, before, limit, where)
            return load_articles(connection, ids)

    def tagged(
        self, tag: str, latest: int, *, limit: int, offset: int = 0, **where: Unpack[Conditions]
    ) -> tuple[int, int, list[ArticleRecord]]:
        """Of the `latest` articles that match: how many these are, how many have this tag, and `limit` of them. Raises UnknownSource."""
        with self._snapshot() as connection:
            looked, ids = names.articles_tagged(connection, tag, where, latest)
            return looked, len(ids), load_articles(connection, ids[offset : offset + limit])

    # --- versions, observations, sightings ---

    def versions_of(self, article_id: int) -> list[VersionRecord]:
        """Every version of one article, oldest first."""
        with self._snapshot() as connection:
            return load_versions(connection, article_id)

    def life(self, article_id: int) -> LifeRecord:
        """Everything recorded of one article, as of one moment. Raises NotFound."""
        with self._snapshot() as connection:
            return load_life(connection, load_article(connection, article_id))

    def versions(
        self,
        *,
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[VersionRecord]:
        """All versions of all articles, latest recorded first; `since` and `until` select by when they were first observed."""
        with self._snapshot() as connection:
            conditions = chosen(connection, where, versions.c.at, articles.c.source_id, articles.c.edition)
            query = versions_query().where(*conditions).order_by(versions.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from version_records(connection, part)

    def count_versions(self, **where: Unpack[Conditions]) -> int:
        """How many versions `versions` would give with the same arguments and no limit."""
        with reading(self._engine) as connection:
            conditions = chosen(connection, where, versions.c.at, articles.c.source_id, articles.c.edition)
            counted = select(func.count()).select_from(versions.join(articles)).where(*conditions)
            return int(connection.execute(counted).scalar_one())

    def observations_of(self, article_id: int) -> list[ObservationRecord]:
        """Every observation of one article, oldest first."""
        with self._snapshot() as connection:
            return load_observations(connection, article_id)

    def observations(
        self,
        *,
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[ObservationRecord]:
        """All observations, latest recorded first; `since` and `until` select by when they were made."""
        with self._snapshot() as connection:
            named = func.coalesce(articles.c.edition, leads.c.edition)
            conditions = chosen(connection, where, observations.c.at, observations.c.source_id, named)
            query = observations_query().where(*conditions).order_by(observations.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from observation_records(connection, part)

    def sightings(
        self,
        *,
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[SightingRecord]:
        """All positions in listings, latest recorded first; `since` and `until` select by when the listing was read."""
        with self._snapshot() as connection:
            conditions = chosen(
                connection, where, listing_reads.c.at, listings.c.source_id, listings.c.edition
            )
            query = sightings_query().where(*conditions).order_by(sightings.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from (sighting_record(row) for row in part)

    def captures(self, **where: Unpack[Conditions]) -> Iterator[CaptureRecord]:
        """Raw responses as they lie in the WARC files, without 304; `since` and `until` select by when they came.

        With a record that repeats the bytes of an earlier one comes that one, whenever it came.
        """
        with self._snapshot() as connection:
            yield from stream_captures(connection, where)

    def places(self, **where: Unpack[Conditions]) -> Iterator[tuple[str, CaptureRef]]:
        """Every response that is kept, 304 included, with its source, as they lie in the files; `source` alone selects."""
        with self._snapshot() as connection:
            yield from stream_places(connection, where)

    # --- edits and absences ---

    def changes(
        self,
        *,
        kinds: Iterable[ChangeKind] = (),
        article_id: int | None = None,
        texts: bool = False,
        beside: bool = True,
        before: tuple[datetime, int] | None = None,
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[EditRecord]:
        """Edits, newest first, of any of these kinds (none: of all, those beside the text only with `beside`).

        `since` and `until` select by the observation that found them. `before` is the instant and the number of the
        last one that is known: those behind it are given.
        """
        with self._snapshot() as connection:
            conditions = chosen(connection, where, changes.c.at, changes.c.source_id, articles.c.edition)
            if wanted := tuple(kinds):
                conditions.append(of_kinds(wanted))
            elif not beside:
                conditions.append(of_the_text())
            if article_id is not None:
                conditions.append(changes.c.article_id == article_id)
            query = edits_query().where(*conditions, *older(changes.c.at, changes.c.id, before))
            query = query.order_by(changes.c.at.desc(), changes.c.id.desc()).limit(limit)
            for part in pages(connection, query):
                yield from load_edits(connection, part, texts=texts)

    def events(
        self,
        *,
        visibility: bool = True,
        redesigns: bool = True,
        article_id: int | None = None,
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[EventRecord]:
        """What became of articles' visibility, and redesigns of sources, newest first; with `article_id` the former alone."""
        with self._snapshot() as connection:
            conditions = chosen(connection, where, changes.c.at, changes.c.source_id, articles.c.edition)
            of_runs = None
            if article_id is not None:
                conditions.append(changes.c.article_id == article_id)
            elif redesigns:
                # A redesign is a source's: its runs have no edition.
                of_runs = [
                    *of_source(connection, runs.c.source_id, where.get("source")),
                    *in_range(runs.c.started, where.get("since"), where.get("until")),
                ]
            yield from load_events(connection, conditions, of_runs, visibility=visibility, limit=limit)

    def removals(
        self,
        *,
        states: Sequence[Absence] = (Absence.REMOVED, Absence.SUSPECTED),
        limit: int | None = None,
        **where: Unpack[Conditions],
    ) -> Iterator[RemovalRecord]:
        """Absences in these states, the latest change of state first; `since` and `until` select by it.

        That is the first signal while suspected, the confirmation of a removal, or the return.
        """
        with self._snapshot() as connection:
            yield from stream_removals(connection, states, where, limit)

    # --- sources ---

    def sources(self) -> list[SourceRecord]:
        """Every source of the archive by edition, in the order of their names."""
        with self._snapshot() as connection:
            return load_sources(connection)

    def editions_by_source(self) -> dict[str, tuple[str, ...]]:
        """The editions of which each source has articles, both in the order of their names."""
        with reading(self._engine) as connection:
            return editions_by_source(connection)

    def editions(self) -> list[str]:
        """The names of all editions that were read or archived."""
        with reading(self._engine) as connection:
            return editions_of(connection)
