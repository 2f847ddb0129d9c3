"""Figures for source health: the crawls of each source, and what their observations found.

Archives grow for years, so queries here read the last weeks only (for articles also the same season of the
year before). Articles and channels are read in `articles.py` and `channels.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from newscrawl.model.fetching import FetchOutcome
from newscrawl.model.health import Due, EditionFacts, Observations, RunFact, SourceFacts, Unreadable
from newscrawl.model.ledger import VerdictKind
from newscrawl.model.reads import RunRecord
from newscrawl.model.runs import BLOCKS
from newscrawl.store.health.articles import ArticleReads, is_crawl
from newscrawl.store.health.channels import ChannelReads
from newscrawl.store.health.unreadable import unreadable
from newscrawl.store.opened import Opened, open_existing
from newscrawl.store.read import hosts
from newscrawl.store.read.selects import count_if, of_source
from newscrawl.store.tables import articles, leads, observations, runs, sources
from newscrawl.store.write import runs as run_lease

DAY = timedelta(days=1)
RUNS, RUNS_AT_MOST = 28 * DAY, 5000

_BLOCKED = tuple(outcome.value for outcome in FetchOutcome if outcome.is_refusal)


def open_health(url: str) -> HealthReader:
    """The archive at `url`, which must exist. Raises SchemaError or StoreError."""
    return HealthReader(open_existing(url))


class HealthReader(Opened):
    """Reads the figures for health, each from one snapshot of the archive. Use it as a context manager."""

    def facts(self, now: datetime, names: Sequence[str] = ()) -> list[SourceFacts]:
        """The figures of these sources, or of all, at `now`. Raises UnknownSource."""
        with self._snapshot() as connection:
            chosen = [condition for name in names for condition in of_source(connection, sources.c.id, name)]
            query = (
                select(sources.c.id, sources.c.name).where(or_(*chosen))
                if chosen
                else select(sources.c.id, sources.c.name)
            )
            found = {row.id: row.name for row in connection.execute(query.order_by(sources.c.name))}
            return list(_facts(connection, now, found))

    def size(self) -> int | None:
        """The size of the database in bytes; None if unknown."""
        with self._snapshot() as connection:
            if connection.dialect.name == "sqlite":
                pages, page = (
                    connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                    for name in ("page_count", "page_size")
                )
                return int(pages) * int(page)
            return int(
                connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
            )


def _facts(connection: Connection, now: datetime, names: Mapping[int, str]) -> Iterator[SourceFacts]:
    found = ArticleReads(connection, now, names)
    totals, hours, samples = found.totals(), found.hours(), found.samples()
    absences, due = found.absences(), found.due()
    unread = unreadable(connection, now, names)
    for source, name in names.items():
        crawls = _crawls(connection, source, now)
        listed = ChannelReads(connection, now, source)
        channels, first, good = listed.channels(), listed.first_reads(), listed.last_good()
        checks = _observations(connection, source, crawls)
        caught = hosts.caught(connection, source)
        editions = sorted({edition for number, edition in totals if number == source} | set(first))
        yield SourceFacts(
            source=name,
            runs=tuple(crawls),
            editions=tuple(
                EditionFacts(
                    edition=edition,
                    first_read=first.get(edition),
                    hours=hours.get((source, edition), {}),
                    samples=tuple(samples.get((source, edition), ())),
                    channels=tuple(channels.get(edition, ())),
                    last_good=good.get(edition),
                    observations=checks.get(edition, Observations()),
                    absences=tuple(absences.get((source, edition), ())),
                    articles=totals.get((source, edition), 0),
                    due=due.get((source, edition), Due()),
                    caught=tuple(host for host in caught if host.edition == edition),
                    unreadable=unread.get((source, edition), Unreadable()),
                )
                for edition in editions
            ),
        )


def _crawls(connection: Connection, source: int, now: datetime) -> list[RunFact]:
    """The crawls of the four weeks before the last one, oldest first."""
    # Only the needed columns: there are thousands of rows.
    columns = (runs.c.id, runs.c.started, runs.c.finished, runs.c.exit_code, runs.c.reason, runs.c.counts)
    query = (
        select(*columns)
        .where(runs.c.source_id == source, is_crawl())
        .order_by(runs.c.started.desc(), runs.c.id.desc())
        .limit(RUNS_AT_MOST)
    )
    found: list[RunFact] = []
    last: datetime | None = None
    for number, started, finished, exit_code, reason, counts in connection.execute(query):
        if last is None and started <= now:  # skips runs begun while the clock ran ahead
            last = started
        if last is not None and started < last - RUNS:
            break
        alive = finished is None and _is_alive(connection, number)
        verdicts = {kind: count for kind, count in counts.items() if kind != BLOCKS}
        found.append(RunFact(RunRecord(number, started, finished, exit_code, reason), verdicts, alive))
    return found[::-1]


def _is_alive(connection: Connection, number: int) -> bool:
    row = connection.execute(select(runs).where(runs.c.id == number)).mappings().one()
    return run_lease.is_alive(row, run_lease.clock(connection))


def _observations(connection: Connection, source: int, found: Sequence[RunFact]) -> dict[str, Observations]:
    """Counts of the observations of the last day of crawling, by edition."""
    ids = [run.record.id for run in found if run.record.started > found[-1].record.started - DAY]
    edition = func.coalesce(articles.c.edition, leads.c.edition)
    reason = observations.c.reason
    unconfirmed = and_(
        observations.c.verdict == VerdictKind.FAILED.value,
        or_(
            reason.contains("no other article of the edition"),
            reason.startswith("another page was served"),
        ),
    )
    blocked = or_(observations.c.outcome.in_(_BLOCKED), reason.startswith("challenge"))
    query = (
        select(edition, func.count(), count_if(blocked), count_if(unconfirmed))
        .select_from(observations)
        .outerjoin(articles, articles.c.id == observations.c.article_id)
        .outerjoin(leads, leads.c.id == observations.c.lead_id)
        .where(
            observations.c.source_id == source,
            observations.c.run_id.in_(ids),
            observations.c.verdict != VerdictKind.PROBE.value,
        )
        .group_by(edition)
    )
    return {name: Observations(*counts) for name, *counts in connection.execute(query) if name is not None}
