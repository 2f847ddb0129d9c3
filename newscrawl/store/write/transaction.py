"""The writes of one transaction, for one source and run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from newscrawl.model import (
    Alias,
    Applied,
    Capture,
    Decision,
    Known,
    Lead,
    ListChange,
    ListingRead,
    Observation,
    Situation,
)
from newscrawl.store.read import controls, known, situation
from newscrawl.store.write import frontier, history_insert, imports, ledger, reprocessing, visibility


class Writing:
    """An open write transaction: what is known as of it, and everything a run writes."""

    def __init__(self, connection: Connection, source_id: int, run_id: int) -> None:
        self._connection = connection
        self._source_id = source_id
        self._run_id = run_id

    def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, Known]:
        """Known articles by any of their keys."""
        return known.by_keys(self._connection, self._source_id, keys, now)

    def situations(self, observations: Sequence[Observation], *, late: bool = False) -> list[Situation]:
        """What is known that bears on each observation; with `late` also the versions around it."""
        return situation.situations(self._connection, self._source_id, observations, late=late)

    def add_leads(self, edition: str, leads: Sequence[tuple[str, Lead]], now: datetime) -> int:
        """Puts leads into the frontier that it does not hold yet; the number of new ones."""
        return frontier.add_leads(self._connection, self._source_id, edition, leads, now)

    def record_listing(self, read: ListingRead) -> ListChange | None:
        """Stores one read of a listing channel, its sightings and its validators; what it shows beside the read before."""
        return frontier.record_listing(self._connection, self._source_id, self._run_id, read)

    def note_exits(self, change: ListChange, gone: Sequence[int], further: Sequence[int]) -> None:
        """Notes the articles that left a list that goes back further, and those that it leaves out once more."""
        visibility.note_exits(self._connection, change, gone, further)

    def apply(self, decision: Decision) -> Applied:
        """Stores an observation and everything that was decided of it."""
        if decision.refresh is not None and decision.article is not None:
            reprocessing.replace(
                self._connection, decision.article.id, decision.article.version, decision.refresh
            )
        store = ledger.apply if decision.insert is None else history_insert.apply
        return store(self._connection, self._source_id, self._run_id, decision)

    def last_pages(self, article_id: int, limit: int, version: int | None = None) -> list[Capture]:
        """The captures of the last checks that brought the article's page, or word that it has not changed, the last first.

        With `version` only those that found this one.
        """
        return known.last_pages(self._connection, article_id, limit, version)

    def last_seen(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """The articles of an edition that were seen alive last."""
        return controls.controls(self._connection, self._source_id, edition, now, limit)

    def headlines(self, edition: str, limit: int) -> dict[int, str]:
        """The headlines of the newest articles of an edition, by the articles' ids."""
        return known.headlines(self._connection, self._source_id, edition, limit)

    def claim(self, article_id: int, alias: Alias, at: datetime) -> bool:
        """Adds another address of an article that was not read there; False if the address is known already."""
        return imports.claim(self._connection, self._source_id, article_id, alias, at)
