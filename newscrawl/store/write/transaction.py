"""The writes of one transaction, for one source and run. Applies verdicts; never makes one. Opens and commits nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from newscrawl.model import (
    AddressStatus,
    Alias,
    Applied,
    Article,
    Known,
    Lead,
    ListingRead,
    Observation,
    Verdict,
)
from newscrawl.store.read import controls, known
from newscrawl.store.write import frontier, history_insert, imports, ledger, reprocessing
from newscrawl.store.write.history_insert import Around, Kinds


class Writing:
    """An open write transaction. Knows nothing after it ends."""

    past = False  # whether looks are those of an import, made at some time by some clock

    def __init__(self, connection: Connection, source_id: int, run_id: int) -> None:
        self._connection = connection
        self._source_id = source_id
        self._run_id = run_id

    def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, Known]:
        """Known articles by any of their keys, as of this transaction."""
        return known.by_keys(self._connection, self._source_id, keys, now)

    def same_instant(self, absent: Known, now: datetime) -> list[Known]:
        """Live articles that might hold the text of an absent one, as of this transaction."""
        return controls.same_instant(self._connection, self._source_id, absent, now)

    def statuses(self, keys: Sequence[str]) -> dict[str, AddressStatus]:
        """Where each address stands, as of this transaction."""
        return known.statuses(self._connection, self._source_id, keys)

    def add_leads(self, edition: str, leads: Sequence[tuple[str, Lead]], now: datetime) -> int:
        """Puts leads nobody has met into the frontier; the number of new ones."""
        return frontier.add_leads(self._connection, self._source_id, edition, leads, now)

    def record_listing(self, read: ListingRead) -> None:
        """Stores one read of a listing channel, its sightings and its validators."""
        frontier.record_listing(self._connection, self._source_id, self._run_id, read)

    def apply(self, observation: Observation, verdict: Verdict, article: Known | None) -> Applied:
        """Stores a look and what was decided of it; `article` is the known article it is about, None for a new one."""
        return ledger.apply(self._connection, self._source_id, self._run_id, observation, verdict, article)

    def refresh(self, article: Known, extracted: Article, extractor: str, content_hash: str) -> None:
        """Replaces the current version's fields by what a newer extractor reads from the same capture. No version is made."""
        reprocessing.replace(
            self._connection, article.id, article.version, extracted, extractor, content_hash
        )

    def add_aliases(self, article_id: int, aliases: Sequence[Alias], now: datetime) -> None:
        """Adds addresses of an article; an address of another article stays where it is."""
        ledger.add_aliases(self._connection, self._source_id, article_id, aliases, now)

    # --- looks older than what the archive knows ---

    def around(self, article: Known, at: datetime) -> Around:
        """What a known article said before and after an instant."""
        return history_insert.around(self._connection, article.id, at)

    def observe(
        self, observation: Observation, verdict: Verdict, article: Known, version: int | None
    ) -> Applied:
        """Stores an earlier look that saw version `version`, or nothing of the article (None)."""
        history_insert.observe(
            self._connection, self._source_id, self._run_id, observation, verdict, article, version
        )
        return Applied(verdict, article.id, version, article.url_key)

    def sooner(self, observation: Observation, verdict: Verdict, article: Known, number: int) -> Applied:
        """Stores an earlier look that saw version `number` before the archive did."""
        history_insert.sooner(self._connection, article.id, number, observation.fetch.at)
        return self.observe(observation, verdict, article, number)

    def between(
        self, observation: Observation, verdict: Verdict, article: Known, place: Around, kinds: Kinds
    ) -> Applied:
        """Stores an earlier look whose text is a version of its own; later versions get higher numbers."""
        number = history_insert.between(
            self._connection, self._source_id, self._run_id, observation, verdict, article, place, kinds
        )
        return self.observe(observation, verdict, article, number)

    def claim(self, article_id: int, alias: Alias, at: datetime) -> bool:
        """Adds another address of an article that nobody has read there; False if the address is known already."""
        return imports.claim(self._connection, self._source_id, article_id, alias, at)
