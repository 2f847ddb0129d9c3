"""Read access to an archive for checks: its captures file by file, and the consistency of its database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from sqlalchemy import and_, func, or_, select

from newscrawl.errors import StoreError
from newscrawl.model import Capture, Problem, ProblemKind, State
from newscrawl.store import rows
from newscrawl.store.audit import consistency, words
from newscrawl.store.engine import reading
from newscrawl.store.opened import Opened, open_existing
from newscrawl.store.read.selects import of_source
from newscrawl.store.readonly import open_for_reading
from newscrawl.store.tables import articles, captures, observations, runs, sources, versions

_PAGE = 400


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is to check: captures up to row `last`, and how many of them each WARC file has."""

    last: int
    files: dict[str, int]
    articles: int
    versions: int


@dataclass(frozen=True, slots=True)
class Absent:
    """An article that is not live, with the instants of the signals since it was last seen, oldest first.

    `uncontrolled` counts further signals without controls: imported ones. `unconfirmed` are those after which no
    control answered.
    """

    article: int
    state: State
    signals: tuple[datetime, ...]
    uncontrolled: int = 0
    unconfirmed: tuple[datetime, ...] = ()


def open_inspector(url: str) -> Inspector:
    """The archive at `url`, opened as readers open it. Raises SchemaError or StoreError."""
    return Inspector(open_existing(url))


class Inspector(Opened):
    """Use it as a context manager, or call close()."""

    @classmethod
    def connect(cls, url: str) -> Self:
        """The archive at `url`, without checking its schema again. Nothing is read yet."""
        return cls(open_for_reading(url))

    def extent(self, source: str | None = None) -> Extent:
        """What there is to check at this moment. Raises UnknownSource.

        Rows are only ever added to `captures`, each after its bytes are on the disk, so all up to `last` can be
        checked during a crawl. Pruned captures are left out.
        """
        with self._snapshot() as connection:
            chosen = of_source(connection, captures.c.source_id, source)
            files = (
                select(captures.c.file, func.count())
                .where(captures.c.pruning_id.is_(None), *chosen)
                .group_by(captures.c.file)
            )
            of = of_source(connection, articles.c.source_id, source)
            pieces = select(func.count(), func.coalesce(func.max(articles.c.id), 0)).where(*of)
            texts = select(func.count()).select_from(versions.join(articles)).where(*of)
            return Extent(
                last=connection.execute(select(func.max(captures.c.id))).scalar() or 0,
                files={row[0]: row[1] for row in connection.execute(files)},
                articles=connection.execute(pieces).one()[0],
                versions=connection.execute(texts).scalar_one(),
            )

    def hosts(self) -> dict[str, set[str]]:
        """By source, the names of the machines that crawled it or imported into it."""
        found: dict[str, set[str]] = {}
        with reading(self._engine) as connection:
            named = select(sources.c.name, runs.c.host).join_from(runs, sources).distinct()
            for source, host in connection.execute(named):
                found.setdefault(source, set()).add(host)
        return found

    def captures_of(self, file: str, last: int) -> Iterator[tuple[int, Capture]]:
        """The captures that a WARC file should contain, with their row ids, in the order of their offsets."""
        at, number = -(1 << 62), 0
        while True:
            with reading(self._engine) as connection:
                query = (
                    select(captures.c.id, captures.c.offset)
                    .where(captures.c.file == file, captures.c.id <= last, captures.c.pruning_id.is_(None))
                    .where(or_(captures.c.offset > at, and_(captures.c.offset == at, captures.c.id > number)))
                    .order_by(captures.c.offset, captures.c.id)
                    .limit(_PAGE)
                )
                page = connection.execute(query).all()
                stored = rows.load_captures(connection, [row.id for row in page])
            for row in page:
                yield row.id, stored[row.id]
            if len(page) < _PAGE:
                return
            number, at = page[-1]

    def problems(self, source: str | None = None, *, quick: bool = False) -> Iterator[Problem]:
        """Problems within the database, in one snapshot; `quick` leaves out checks that read every text."""
        try:
            with self._snapshot() as connection:
                yield from consistency.problems(connection, source, quick=quick)
        except StoreError as error:
            yield Problem(ProblemKind.DATABASE_DAMAGED, "database", error.message)

    def words_count(self, source: str | None, after: int) -> int:
        """How many versions the articles behind row `after` have."""
        with self._snapshot() as connection:
            return words.count(connection, source, after)

    def words_after(self, source: str | None, after: int) -> list[words.StoredWords]:
        """The versions of the next articles behind row `after`, with their captures; empty at the end."""
        with self._snapshot() as connection:
            return words.page_after(connection, source, after)

    def absent(self, source: str | None = None) -> Iterator[Absent]:
        """Every article that is not live, with the evidence for it."""
        with self._snapshot() as connection:
            query = (
                select(articles.c.id, articles.c.state, observations.c.at, observations.c.controls_fine)
                .outerjoin(
                    observations,
                    and_(
                        observations.c.article_id == articles.c.id,
                        observations.c.signal.is_not(None),
                        or_(
                            observations.c.at > articles.c.last_seen,
                            # Last seen while the clock ran ahead.
                            articles.c.last_seen > datetime.now(UTC) + timedelta(days=1),
                        ),
                    ),
                )
                .where(
                    articles.c.state != State.LIVE.value,
                    *of_source(connection, articles.c.source_id, source),
                )
                .order_by(articles.c.id, observations.c.at)
            )
            now: tuple[int, State] | None = None
            signals: list[datetime] = []
            unconfirmed: list[datetime] = []
            uncontrolled = 0
            for article, state, at, controlled in connection.execute(query):
                if now is not None and now[0] != article:
                    yield Absent(*now, tuple(signals), uncontrolled, tuple(unconfirmed))
                    signals, unconfirmed, uncontrolled = [], [], 0
                now = article, State(state)
                if controlled:
                    signals.append(at)
                elif controlled is not None:
                    unconfirmed.append(at)
                elif at is not None:
                    uncontrolled += 1
            if now is not None:
                yield Absent(*now, tuple(signals), uncontrolled, tuple(unconfirmed))
