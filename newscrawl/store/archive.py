"""The archive as one run of a source uses it: reads for decisions, and writes, each in one transaction.

Reads for people are in `read/reader.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine as Engine  # noqa: PLC0414 - for callers that open an engine and pass it on

from newscrawl.errors import StoreError
from newscrawl.model import (
    AddressStatus,
    Capture,
    CaughtHost,
    Channel,
    Entry,
    Known,
    Lead,
    LeadState,
    ListingState,
    Observation,
    RunSummary,
    ShownBefore,
    Situation,
)
from newscrawl.store import retry, schema
from newscrawl.store.coverage import lists
from newscrawl.store.engine import BUSY_TIMEOUT, open_engine, prepare_home, reading, writing
from newscrawl.store.read import channels, controls, hosts, known, situation
from newscrawl.store.retry import SECONDS, Retry
from newscrawl.store.write import imports, ledger, runs
from newscrawl.store.write.transaction import Writing as Writing  # noqa: PLC0414 - for callers of `transact`

T = TypeVar("T")


def open_archive(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> Engine:
    """The engine of an archive for writing: creates the folder and brings the schema up to date.

    `busy_timeout` is how many seconds a statement waits for a locked SQLite file. Raises StoreError or SchemaError,
    each with a hint.
    """
    engine = open_engine(url, busy_timeout=busy_timeout)
    try:
        prepare_home(url)
        schema.ensure(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def has_source(engine: Engine, name: str) -> bool:
    """Whether the archive has this source."""
    with reading(engine) as connection:
        return runs.has_source(connection, name)


def last_runs(engine: Engine) -> dict[str, datetime]:
    """When the last run of each source began; sources without a run are left out."""
    with reading(engine) as connection:
        return runs.last_begun(connection)


def is_captured(engine: Engine, source: str, url: str, at: datetime, digest: str | None) -> bool:
    """Whether a response is stored: these bytes from this address at this instant; no digest: a "not modified" one."""
    with reading(engine) as connection:
        return imports.is_captured(connection, source, url, at, digest)


def capture_with(engine: Engine, source: str, digest: str) -> Capture | None:
    """A response of a source with these bytes, from any address."""
    with reading(engine) as connection:
        return imports.capture_with(connection, source, digest)


class Archive:
    """The archive of one source, for one run."""

    def __init__(self, engine: Engine, source: str, now: datetime, *, retry_seconds: float = SECONDS) -> None:
        self._engine = engine
        self.source = source
        with writing(engine) as connection:
            self._source_id = runs.source_id(connection, source, now)
        self.run_id: int | None = None
        # Only a run that has begun waits for an unavailable server; one that cannot begin fails at once.
        self._retry = Retry(retry_seconds)
        self._batches = 0

    def close(self) -> None:
        """Close the database connections."""
        self._engine.dispose()

    # --- the run ---

    def begin_run(self, now: datetime, arguments: Mapping[str, Any]) -> int:
        """Start a run and take the source's lease. Raises AlreadyRunning."""
        with writing(self._engine) as connection:
            holder = runs.holder(connection, self._source_id, now)
            if holder is None:
                self.run_id = begun = runs.begin(connection, self._source_id, now, arguments)
                return begun
        # After the commit, which keeps what was found out about dead runs and clocks.
        raise runs.refusal(holder, self.source)

    def follow_hosts(self, hosts: Mapping[str, str], now: datetime) -> None:
        """Make what is known under hosts that stand for others now (old: new) known under these as well."""
        self._write_once(lambda connection, _: ledger.follow_hosts(connection, self._source_id, hosts, now))

    def beat(self) -> None:
        """Renew the lease. Raises LeaseLost if another program closed the run."""
        if self.run_id is not None:
            self._write_once(lambda _connection, _run: None)

    def finish_run(self, summary: RunSummary) -> None:
        """Close the run and release the lease. Raises LeaseLost if the run was closed already."""
        self._write_once(lambda connection, _: runs.finish(connection, summary))

    # --- reads for decisions ---

    def statuses(self, keys: Sequence[str]) -> dict[str, AddressStatus]:
        """What is known of each address; unknown ones are left out."""
        return self._read(lambda connection: known.statuses(connection, self._source_id, keys))

    def due(
        self, editions: Sequence[str], now: datetime, limit: int, *, horizon: timedelta | None = None
    ) -> list[Known]:
        """Articles due for a re-check, most overdue first."""
        return self._read(
            lambda connection: known.due(connection, self._source_id, editions, now, limit, horizon=horizon)
        )

    def controls(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """Live articles of the edition for use as controls, the most recently seen first."""
        return self._read(
            lambda connection: controls.controls(connection, self._source_id, edition, now, limit)
        )

    def seen_alive(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """Live articles of the edition that could be read at their last check, spread from the last seen to the longest not seen."""
        return self._read(
            lambda connection: controls.seen_alive(connection, self._source_id, edition, now, limit)
        )

    def peers(self, absent: Known, without: Collection[str], now: datetime, limit: int) -> list[Known]:
        """Live articles of about the same age and section as an absent one, nearest first."""
        return self._read(
            lambda connection: controls.peers(connection, self._source_id, absent, without, now, limit)
        )

    def waiting(
        self,
        editions: Sequence[str],
        now: datetime,
        *,
        since: datetime | None,
        until: datetime | None,
        limit: int,
    ) -> list[LeadState]:
        """Leads of the frontier to fetch now, newest first."""
        return self._read(
            lambda connection: known.waiting(
                connection, self._source_id, editions, now, since=since, until=until, limit=limit
            )
        )

    def left(
        self, editions: Sequence[str], now: datetime, *, since: datetime | None, until: datetime | None
    ) -> int:
        """The number of leads waiting in the frontier."""
        return self._read(
            lambda connection: known.left(
                connection, self._source_id, editions, now, since=since, until=until
            )
        )

    def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, Known]:
        """Known articles by any of their keys."""
        return self._read(lambda connection: known.by_keys(connection, self._source_id, keys, now))

    def listing_states(self) -> dict[str, ListingState]:
        """Every listing channel read so far."""
        return self._read(lambda connection: channels.listing_states(connection, self._source_id))

    def newest_articles(self, now: datetime) -> dict[str, datetime]:
        """When the newest article of each edition was published."""
        return self._read(lambda connection: channels.newest_articles(connection, self._source_id, now))

    def caught_hosts(self) -> list[CaughtHost]:
        """The hosts whose validators were ever caught lying."""
        return self._read(lambda connection: hosts.caught(connection, self._source_id))

    def shown_before(self, edition: str, channel: Channel, url: str) -> ShownBefore | None:
        """What a list showed at its last read with a known result; None if there is none yet."""
        return self._read(
            lambda connection: lists.shown_before(connection, self._source_id, edition, channel, url)
        )

    def shown_leads(self, url: str, since: datetime) -> list[LeadState]:
        """The leads first named after `since` that the list at an address showed when it last changed, and that are no articles."""
        return self._read(lambda connection: lists.shown_leads(connection, self._source_id, url, since))

    def entries(self, found: Sequence[tuple[str, Lead]]) -> list[Entry]:
        """What is known of the entries of a list just read, in its order."""
        return self._read(lambda connection: lists.entries(connection, self._source_id, found))

    def earlier_capture(self, url: str) -> Capture | None:
        """The newest full response stored for this address."""
        return self._read(lambda connection: known.earlier_capture(connection, self._source_id, url))

    def situations(self, observations: Sequence[Observation], *, late: bool = False) -> list[Situation]:
        """What is known that bears on each observation; with `late` also the versions around it."""
        return self._read(
            lambda connection: situation.situations(connection, self._source_id, observations, late=late)
        )

    def last_pages(self, article_id: int, limit: int, version: int | None = None) -> list[Capture]:
        """The captures of the last checks that brought the article's page, or word that it has not changed, the last first.

        With `version` only those that found this one.
        """
        return self._read(lambda connection: known.last_pages(connection, article_id, limit, version))

    def last_seen(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """The articles of an edition that were seen alive last."""
        return self.controls(edition, now, limit)

    def headlines(self, edition: str, limit: int) -> dict[int, str]:
        """The headlines of the newest articles of an edition, by the articles' ids."""
        return self._read(lambda connection: known.headlines(connection, self._source_id, edition, limit))

    def known_since(self, key: str) -> datetime | None:
        """Since when an address is known to be an article's; None if it is not, or only by a page's claim."""
        return self._read(lambda connection: imports.known_since(connection, self._source_id, key))

    def page_at(self, article_id: int, at: datetime, within: timedelta) -> Capture | None:
        """The capture of an article's page nearest to an instant; None where there is none so close to it."""
        return self._read(lambda connection: imports.page_at(connection, article_id, at, within))

    def warc_ends(self) -> dict[str, int]:
        """The end of the last record that the database refers to, by WARC file."""
        return self._read(lambda connection: known.warc_ends(connection, self.source))

    def _read(self, query: Callable[[Connection], T]) -> T:
        """The result of a read; a run that has begun retries while the server is unavailable."""

        def attempt() -> T:
            with reading(self._engine) as connection:
                return query(connection)

        return attempt() if self.run_id is None else self._retry.call(attempt)

    # --- writes ---

    def transact(self, work: Callable[[Writing], T]) -> T:
        """Run `work` in one transaction for a batch of observations and listing reads, and return its result.

        If the server becomes unavailable, `work` is repeated once it is back, unless it was committed and only the
        answer was lost. Raises Unavailable if the server stays away, LeaseLost if another program closed the run.
        """
        return self._write_once(lambda connection, run: work(Writing(connection, self._source_id, run)))

    def _write_once(self, work: Callable[[Connection, int], T]) -> T:
        run = self._run()
        self._batches += 1
        number = self._batches
        results: list[T] = []

        def attempt() -> T:
            with writing(self._engine) as connection:
                # Claim first: a run closed by this very batch, whose answer was lost, has not lost its lease.
                if retry.claim_batch(connection, run, number):
                    runs.hold(connection, run)
                    results.append(work(connection, run))
                elif not results:
                    raise StoreError(
                        "this run is not in the database any more",
                        subject=self.source,
                        hint="Was the database replaced? The next run goes on from what it holds",
                    )
            return results[-1]

        return self._retry.call(attempt)

    def _run(self) -> int:
        if self.run_id is None:
            raise RuntimeError("writes belong to a run: call begin_run first")
        return self.run_id

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """Like `transact`, as a context manager without retries."""
        run = self._run()
        with writing(self._engine) as connection:
            runs.hold(connection, run)
            yield Writing(connection, self._source_id, run)
