"""The archive of one source's crawl: what is known of addresses, and all writes, each in one transaction.

Applies verdicts; never makes one. Reads for people are in queries.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine as Engine  # noqa: PLC0414 - named by who opens one and hands it on

from newscrawl.model import (
    Alias,
    Applied,
    Article,
    Capture,
    Channel,
    Entry,
    Known,
    Lead,
    LeadState,
    ListingRead,
    ListingState,
    Look,
    RunSummary,
    ShownBefore,
    Standing,
    Verdict,
)
from newscrawl.store import (
    backfill,
    channels,
    coverage,
    frontier,
    imports,
    known,
    ledger,
    rereads,
    runs,
    schema,
    witnesses,
)
from newscrawl.store.backfill import Around, Kinds
from newscrawl.store.engine import BUSY_TIMEOUT, open_engine, prepare_home, reading, writing


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

    def __init__(self, engine: Engine, source: str, now: datetime) -> None:
        self._engine = engine
        self.source = source
        with writing(engine) as connection:
            self._source_id = runs.source_id(connection, source, now)
        self.run_id: int | None = None

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
            with writing(self._engine) as connection:
                runs.hold(connection, self.run_id)

    def finish_run(self, summary: RunSummary) -> None:
        """Closes the run and releases the lease. Raises LeaseLost if the run was closed already."""
        with writing(self._engine) as connection:
            runs.finish(connection, summary)

    # --- reads for decisions ---

    def standings(self, keys: Sequence[str]) -> dict[str, Standing]:
        """Where each address stands; unknown ones are left out."""
        with reading(self._engine) as connection:
            return known.standings(connection, self._source_id, keys)

    def due(
        self, editions: Sequence[str], now: datetime, limit: int, *, horizon: timedelta | None = None
    ) -> list[Known]:
        """Articles due for a re-check, most overdue first."""
        with reading(self._engine) as connection:
            return known.due(connection, self._source_id, editions, now, limit, horizon=horizon)

    def controls(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """Articles of the edition that should be alive, the most recently seen first."""
        with reading(self._engine) as connection:
            return witnesses.controls(connection, self._source_id, edition, now, limit)

    def peers(self, absent: Known, without: Collection[str], now: datetime, limit: int) -> list[Known]:
        """Live articles of about the age and section of an absent one, nearest first."""
        with reading(self._engine) as connection:
            return witnesses.peers(connection, self._source_id, absent, without, now, limit)

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
        with reading(self._engine) as connection:
            return known.waiting(
                connection, self._source_id, editions, now, since=since, until=until, limit=limit
            )

    def left(
        self, editions: Sequence[str], now: datetime, *, since: datetime | None, until: datetime | None
    ) -> int:
        """How many leads of the frontier wait for a fetch."""
        with reading(self._engine) as connection:
            return known.left(connection, self._source_id, editions, now, since=since, until=until)

    def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, Known]:
        """Known articles by any of their keys."""
        with reading(self._engine) as connection:
            return known.by_keys(connection, self._source_id, keys, now)

    def listing_states(self) -> dict[str, ListingState]:
        """Every listing channel read so far."""
        with reading(self._engine) as connection:
            return channels.listing_states(connection, self._source_id)

    def shown_before(self, edition: str, channel: Channel, url: str) -> ShownBefore | None:
        """What a list showed at its last read that counts; None if there is none yet."""
        with reading(self._engine) as connection:
            return coverage.shown_before(connection, self._source_id, edition, channel, url)

    def entries(self, found: Sequence[tuple[str, Lead]]) -> list[Entry]:
        """How the entries of a list just read stand, in its order."""
        with reading(self._engine) as connection:
            return coverage.entries(connection, self._source_id, found)

    def earlier_capture(self, url: str) -> Capture | None:
        """The newest full response stored for this address."""
        with reading(self._engine) as connection:
            return known.earlier_capture(connection, self._source_id, url)

    def known_since(self, key: str) -> datetime | None:
        """Since when an address is known to be an article's; None if it is not, or only by a page's claim."""
        with reading(self._engine) as connection:
            return imports.known_since(connection, self._source_id, key)

    def warc_ends(self) -> dict[str, int]:
        """Where the last referenced record of each WARC file ends."""
        with reading(self._engine) as connection:
            return known.warc_ends(connection, self.source)

    # --- writes ---

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """One transaction for a batch of looks and listing reads: all of it or nothing. Raises LeaseLost."""
        if self.run_id is None:
            raise RuntimeError("writes belong to a run: call begin_run first")
        with writing(self._engine) as connection:
            runs.hold(connection, self.run_id)
            yield Writing(connection, self._source_id, self.run_id)


class Writing:
    """An open write transaction. Knows nothing after it ends."""

    def __init__(self, connection: Connection, source_id: int, run_id: int) -> None:
        self._connection = connection
        self._source_id = source_id
        self._run_id = run_id

    def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, Known]:
        """Known articles by any of their keys, as of this transaction."""
        return known.by_keys(self._connection, self._source_id, keys, now)

    def same_instant(self, absent: Known, now: datetime) -> list[Known]:
        """Live articles that might hold the text of an absent one, as of this transaction."""
        return witnesses.same_instant(self._connection, self._source_id, absent, now)

    def standings(self, keys: Sequence[str]) -> dict[str, Standing]:
        """Where each address stands, as of this transaction."""
        return known.standings(self._connection, self._source_id, keys)

    def add_leads(self, edition: str, leads: Sequence[tuple[str, Lead]], now: datetime) -> int:
        """Puts leads nobody has met into the frontier; the number of new ones."""
        return frontier.add_leads(self._connection, self._source_id, edition, leads, now)

    def record_listing(self, read: ListingRead) -> None:
        """Stores one read of a listing channel, its sightings and its validators."""
        frontier.record_listing(self._connection, self._source_id, self._run_id, read)

    def apply(self, look: Look, verdict: Verdict, article: Known | None) -> Applied:
        """Stores a look and what was decided of it; `article` is the known article it is about, None for a new one."""
        return ledger.apply(self._connection, self._source_id, self._run_id, look, verdict, article)

    def refresh(self, article: Known, extracted: Article, extractor: str, content_hash: str) -> None:
        """Replaces the current version's fields by what a newer extractor reads from the same capture. No version is made."""
        rereads.replace(self._connection, article.id, article.version, extracted, extractor, content_hash)

    def add_aliases(self, article_id: int, aliases: Sequence[Alias], now: datetime) -> None:
        """Adds addresses of an article; an address of another article stays where it is."""
        ledger.add_aliases(self._connection, self._source_id, article_id, aliases, now)

    # --- looks older than what the archive knows ---

    def around(self, article: Known, at: datetime) -> Around:
        """What a known article said before and after an instant."""
        return backfill.around(self._connection, article.id, at)

    def observe(self, look: Look, verdict: Verdict, article: Known, version: int | None) -> Applied:
        """Stores an earlier look that saw version `version`, or nothing of the article (None)."""
        backfill.observe(self._connection, self._source_id, self._run_id, look, verdict, article, version)
        return Applied(verdict, article.id, version, article.url_key)

    def sooner(self, look: Look, verdict: Verdict, article: Known, number: int) -> Applied:
        """Stores an earlier look that saw version `number` before the archive did."""
        backfill.sooner(self._connection, article.id, number, look.fetch.at)
        return self.observe(look, verdict, article, number)

    def between(self, look: Look, verdict: Verdict, article: Known, place: Around, kinds: Kinds) -> Applied:
        """Stores an earlier look whose text is a version of its own; later versions get higher numbers."""
        number = backfill.between(
            self._connection, self._source_id, self._run_id, look, verdict, article, place, kinds
        )
        return self.observe(look, verdict, article, number)

    def claim(self, article_id: int, alias: Alias, at: datetime) -> bool:
        """Adds another address of an article that nobody has read there; False if the address is known already."""
        return imports.claim(self._connection, self._source_id, article_id, alias, at)
