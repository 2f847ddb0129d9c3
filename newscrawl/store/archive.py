"""The archive of one source's crawl: what is known of addresses, and all writes, each in one transaction.

Applies verdicts; never makes one. Reads for people are in queries.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine as Engine  # noqa: PLC0414 - named by who opens one and hands it on

from newscrawl.errors import StoreError
from newscrawl.model import (
    AddressStatus,
    Capture,
    Channel,
    Entry,
    Known,
    Lead,
    LeadState,
    ListingState,
    RunSummary,
    ShownBefore,
)
from newscrawl.store import retry, schema
from newscrawl.store.coverage import lists
from newscrawl.store.engine import BUSY_TIMEOUT, open_engine, prepare_home, reading, writing
from newscrawl.store.read import channels, controls as witnesses, known
from newscrawl.store.retry import PATIENCE, Patience
from newscrawl.store.write import imports, runs
from newscrawl.store.write.transaction import Writing as Writing  # noqa: PLC0414 - the other half of an archive

T = TypeVar("T")


def open_archive(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> Engine:
    """The engine of an archive made ready for writing: folder there, schema right.

    `busy_timeout` is how many seconds a statement waits for a locked SQLite file. Raises StoreError or SchemaError, each saying what to do.
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
    """Whether anything of a source was ever archived."""
    with reading(engine) as connection:
        return runs.has_source(connection, name)


def last_runs(engine: Engine) -> dict[str, datetime]:
    """When the last run of each source began; sources without a run are left out."""
    with reading(engine) as connection:
        return runs.last_begun(connection)


def is_captured(engine: Engine, source: str, url: str, at: datetime, digest: str | None) -> bool:
    """Whether an answer is stored: these bytes from this address at this instant; without a digest a "not modified" one."""
    with reading(engine) as connection:
        return imports.is_captured(connection, source, url, at, digest)


def capture_with(engine: Engine, source: str, digest: str) -> Capture | None:
    """A response of a source with these bytes, from whatever address."""
    with reading(engine) as connection:
        return imports.capture_with(connection, source, digest)


class Archive:
    """One source's view of an archive, for the time of one run."""

    def __init__(self, engine: Engine, source: str, now: datetime, *, patient: float = PATIENCE) -> None:
        self._engine = engine
        self.source = source
        with writing(engine) as connection:
            self._source_id = runs.source_id(connection, source, now)
        self.run_id: int | None = None
        # Only a run that has begun waits for a server that is away; one that cannot begin says so at once.
        self._patience = Patience(patient)
        self._batches = 0

    def close(self) -> None:
        """Closes the database connections."""
        self._engine.dispose()

    # --- the run ---

    def begin_run(self, now: datetime, arguments: Mapping[str, Any]) -> int:
        """Takes the lease. Raises AlreadyRunning."""
        with writing(self._engine) as connection:
            holder = runs.holder(connection, self._source_id, now)
            if holder is None:
                self.run_id = begun = runs.begin(connection, self._source_id, now, arguments)
                return begun
        # After the commit: what was learned of dead runs and clocks is kept.
        raise runs.refusal(holder, self.source)

    def beat(self) -> None:
        """Says that the run is alive. Raises LeaseLost if it was taken for dead."""
        if self.run_id is not None:
            self._once(lambda _connection, _run: None)

    def finish_run(self, summary: RunSummary) -> None:
        """Closes the run and releases the lease. Raises LeaseLost if the run was closed already."""
        self._once(lambda connection, _: runs.finish(connection, summary))

    # --- reads for decisions ---

    def statuses(self, keys: Sequence[str]) -> dict[str, AddressStatus]:
        """Where each address stands; unknown ones are left out."""
        return self._ask(lambda connection: known.statuses(connection, self._source_id, keys))

    def due(
        self, editions: Sequence[str], now: datetime, limit: int, *, horizon: timedelta | None = None
    ) -> list[Known]:
        """Articles due for a re-check, most overdue first."""
        return self._ask(
            lambda connection: known.due(connection, self._source_id, editions, now, limit, horizon=horizon)
        )

    def controls(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """Articles of the edition that should be alive, the most recently seen first."""
        return self._ask(
            lambda connection: witnesses.controls(connection, self._source_id, edition, now, limit)
        )

    def peers(self, absent: Known, without: Collection[str], now: datetime, limit: int) -> list[Known]:
        """Live articles of about the age and section of an absent one, nearest first."""
        return self._ask(
            lambda connection: witnesses.peers(connection, self._source_id, absent, without, now, limit)
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
        return self._ask(
            lambda connection: known.waiting(
                connection, self._source_id, editions, now, since=since, until=until, limit=limit
            )
        )

    def left(
        self, editions: Sequence[str], now: datetime, *, since: datetime | None, until: datetime | None
    ) -> int:
        """How many leads of the frontier wait for a fetch."""
        return self._ask(
            lambda connection: known.left(
                connection, self._source_id, editions, now, since=since, until=until
            )
        )

    def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, Known]:
        """Known articles by any of their keys."""
        return self._ask(lambda connection: known.by_keys(connection, self._source_id, keys, now))

    def listing_states(self) -> dict[str, ListingState]:
        """Every listing channel read so far."""
        return self._ask(lambda connection: channels.listing_states(connection, self._source_id))

    def shown_before(self, edition: str, channel: Channel, url: str) -> ShownBefore | None:
        """What a list showed at its last read that counts; None if there is none yet."""
        return self._ask(
            lambda connection: lists.shown_before(connection, self._source_id, edition, channel, url)
        )

    def entries(self, found: Sequence[tuple[str, Lead]]) -> list[Entry]:
        """How the entries of a list just read stand, in its order."""
        return self._ask(lambda connection: lists.entries(connection, self._source_id, found))

    def earlier_capture(self, url: str) -> Capture | None:
        """The newest full response stored for this address."""
        return self._ask(lambda connection: known.earlier_capture(connection, self._source_id, url))

    def known_since(self, key: str) -> datetime | None:
        """Since when an address is known to be an article's; None if it is not, or only by a page's claim."""
        return self._ask(lambda connection: imports.known_since(connection, self._source_id, key))

    def warc_ends(self) -> dict[str, int]:
        """Where the last referenced record of each WARC file ends."""
        return self._ask(lambda connection: known.warc_ends(connection, self.source))

    def _ask(self, question: Callable[[Connection], T]) -> T:
        """What a question to the database gives; a run that has begun waits while the server is away."""

        def attempt() -> T:
            with reading(self._engine) as connection:
                return question(connection)

        return attempt() if self.run_id is None else self._patience.insist(attempt)

    # --- writes ---

    def transact(self, work: Callable[[Writing], T]) -> T:
        """One transaction for a batch of looks and listing reads: all of it or nothing, and what `work` gives.

        If the server goes away, `work` is done again once it is back; not where it turns out to have
        been committed and only the answer was lost. Raises Unavailable if the server stays away, LeaseLost
        if the run was taken for dead.
        """
        return self._once(lambda connection, run: work(Writing(connection, self._source_id, run)))

    def _once(self, work: Callable[[Connection, int], T]) -> T:
        run = self._run()
        self._batches += 1
        number = self._batches
        given: list[T] = []

        def attempt() -> T:
            with writing(self._engine) as connection:
                # First: a run that was closed by this very batch, and whose answer was lost, has not lost its lease.
                if retry.claim(connection, run, number):
                    runs.hold(connection, run)
                    given.append(work(connection, run))
                elif not given:
                    raise StoreError(
                        "this run is not in the database any more",
                        subject=self.source,
                        hint="Was the database replaced? The next run goes on from what it holds",
                    )
            return given[-1]

        return self._patience.insist(attempt)

    def _run(self) -> int:
        if self.run_id is None:
            raise RuntimeError("writes belong to a run: call begin_run first")
        return self.run_id

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """Like transact, as a context: for whom the work cannot be done again."""
        run = self._run()
        with writing(self._engine) as connection:
            runs.hold(connection, run)
            yield Writing(connection, self._source_id, run)
