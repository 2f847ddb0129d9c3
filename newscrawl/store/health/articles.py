"""Figures of articles for source health: counts by hour, samples of their fields, absences, due re-checks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Text, case, cast, exists, func, or_, select

from newscrawl.model.extraction import Precision
from newscrawl.model.health import Due, Sample
from newscrawl.model.ledger import State
from newscrawl.store.read.selects import COUNTED, MOMENT, beginning, count_if
from newscrawl.store.tables import articles, changes, people, runs, version_authors, versions

DAY = timedelta(days=1)
ARTICLES = 85 * DAY  # four weeks that are tested, eight to compare with
YEAR_BEFORE = (452 * DAY, 360 * DAY)  # the same season and the eight weeks before it
SAMPLED, LATEST, SPREAD = 70 * DAY, 100, 200  # all of the latest, some of the others
ABSENCES = 59 * DAY

_CREDITED = ("author", "original author")

Edition = tuple[int, str]  # source id, name of the edition


class ArticleReads:
    """Figures of the articles of some sources at `now`; imported articles do not count as crawled."""

    def __init__(self, connection: Connection, now: datetime, sources: Collection[int]) -> None:
        self._connection = connection
        self._now = now
        self._sources = list(sources)
        self._imports = self._imported()

    def totals(self) -> dict[Edition, int]:
        """The number of articles of each edition."""
        query = (
            select(articles.c.source_id, articles.c.edition, func.count())
            .where(articles.c.source_id.in_(self._sources), COUNTED)
            .group_by(articles.c.source_id, articles.c.edition)
        )
        return {(source, edition): number for source, edition, number in self._connection.execute(query)}

    def hours(self) -> dict[Edition, dict[datetime, int]]:
        """Articles by the hour (UTC) of their publication, or of the first check if that is unknown."""
        found: dict[Edition, dict[datetime, int]] = {}
        hour = beginning(self._connection, MOMENT, 13, "YYYY-MM-DD HH24")
        for within in (self._within(ARTICLES), self._within(*YEAR_BEFORE)):
            query = (
                select(articles.c.source_id, articles.c.edition, hour, func.count())
                .where(*within)
                .group_by(articles.c.source_id, articles.c.edition, hour)
            )
            for source, edition, text, number in self._connection.execute(query):
                at = datetime.fromisoformat(f"{text}:00+00:00")
                found.setdefault((source, edition), {})[at] = number
        return found

    def samples(self) -> dict[Edition, list[Sample]]:
        """The latest articles of each edition and some of the ten weeks before, oldest first."""
        mine = (articles.c.source_id, articles.c.edition)
        rank = func.row_number().over(partition_by=mine, order_by=(MOMENT.desc(), articles.c.id.desc()))
        total = func.count().over(partition_by=mine)
        ranked = (
            select(
                articles.c.id,
                *mine,
                MOMENT.label("at"),
                articles.c.version,
                rank.label("rank"),
                total.label("total"),
            )
            .where(*self._within(SAMPLED))
            .subquery()
        )
        step = case((ranked.c.total < 2 * SPREAD, 1), else_=ranked.c.total // SPREAD)
        query = (
            select(
                ranked.c.source_id, ranked.c.edition, ranked.c.at, ranked.c.version,
                versions.c.title.is_not(None).label("title"), versions.c.published, versions.c.published_precision,
                (cast(versions.c.images, Text) != "[]").label("images"), versions.c.language,
                func.length(versions.c.body).label("length"), versions.c.incomplete.is_not(None).label("part"),
                _credited().label("authors"), _credited(people.c.kind == "person").label("people"),
            )
            .join(versions, (versions.c.article_id == ranked.c.id) & (versions.c.number == 1))
            .where(or_(ranked.c.rank <= LATEST, ranked.c.rank % step == 0))
            .order_by(ranked.c.at, ranked.c.id)
        )  # fmt: skip
        found: dict[Edition, list[Sample]] = {}
        for row in self._connection.execute(query):
            found.setdefault((row.source_id, row.edition), []).append(
                Sample(
                    at=row.at,
                    title=bool(row.title),
                    authors=bool(row.authors),
                    people=bool(row.people),
                    published=row.published is not None,
                    minute=row.published is not None and row.published_precision != Precision.DAY.value,
                    images=bool(row.images),
                    part=bool(row.part),
                    language=row.language,
                    length=row.length,
                    versions=row.version,
                )
            )
        return found

    def absences(self) -> dict[Edition, list[datetime]]:
        """Since when articles are absent that are absent now."""
        query = select(articles.c.source_id, articles.c.edition, articles.c.state_since).where(
            articles.c.state.in_((State.SUSPECTED.value, State.REMOVED.value)),
            articles.c.state_since >= self._now - ABSENCES,
            COUNTED,
        )
        found: dict[Edition, list[datetime]] = {}
        for source, edition, at in self._connection.execute(query):
            found.setdefault((source, edition), []).append(at)
        return found

    def due(self) -> dict[Edition, Due]:
        """Re-checks that are due, how many of them a day late, and the oldest, by edition."""
        # Not the bare column: SQLite would use the index that groups by it and read every article.
        edition = func.coalesce(articles.c.edition, "")
        late = count_if(articles.c.next_check <= self._now - DAY)
        query = (
            select(articles.c.source_id, edition, func.count(), late, func.min(articles.c.next_check))
            .where(articles.c.source_id.in_(self._sources), articles.c.next_check <= self._now)
            .group_by(articles.c.source_id, edition)
        )
        return {
            (source, name): Due(number, days_late, oldest)
            for source, name, number, days_late, oldest in self._connection.execute(query)
        }

    def _imported(self) -> list[int]:
        """Imports within the time over which articles are counted."""
        query = select(runs.c.id).where(
            runs.c.source_id.in_(self._sources),
            runs.c.started >= self._now - ARTICLES,
            ~is_crawl(),
        )
        return list(self._connection.execute(query).scalars())

    def _within(self, first: timedelta, last: timedelta = -DAY / 24) -> list[ColumnElement[bool]]:
        """SQL: articles published between `first` and `last` before now, and not imported."""
        conditions = [
            self._now - first <= MOMENT,
            self._now - last > MOMENT,
            # A sum, so that the index of the moment is used: with that of the sources SQLite would read every article.
            (articles.c.source_id + 0).in_(self._sources),
        ]
        if self._imports:
            created = exists().where(
                changes.c.article_id == articles.c.id,
                changes.c.kind == "created",
                changes.c.run_id.in_(self._imports),
            )
            conditions.append(~created)
        return conditions


def is_crawl() -> ColumnElement[bool]:
    """SQL: whether a run was a crawl, by its arguments; imports and pruning are runs as well."""
    arguments = cast(runs.c.arguments, Text)
    return ~or_(arguments.contains('"import":'), arguments.contains('"prune":'))


def _credited(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """SQL: whether a version names an author."""
    return (
        exists()
        .where(
            version_authors.c.version_id == versions.c.id,
            version_authors.c.role.in_(_CREDITED),
            people.c.id == version_authors.c.person_id,
            *conditions,
        )
        .correlate(versions)
    )
