"""Runs, and the state of the listing channels they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from newscrawl.model.discovery import BackfillCursor, Channel, EntryCount

# Stands beside the verdicts among the counts of a run: known articles whose page has another layout than before.
LAYOUTS = "new_layout"
# Stands there, too, in the archive: what became of the links beside the articles that the run read, by edition.
BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Redesign:
    """A run in which most of the known articles came in another layout: `layouts` of the `checked` ones (judge/health/redesign.py)."""

    at: datetime
    layouts: int
    checked: int

    @property
    def evidence(self) -> str:
        """What shows it, in words."""
        return f"{self.layouts} of {self.checked} known articles came in another layout"


@dataclass(frozen=True, slots=True)
class ListingState:
    """What the archive knows of one listing channel address, for conditional requests and the reading schedule."""

    url: str
    edition: str
    channel: Channel
    last_read: datetime | None = None
    last_changed: datetime | None = None
    last_full: datetime | None = None  # the last read that brought the document
    outcome: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    misses: int = 0  # reads in a row that answered 404 or 410
    backfill: BackfillCursor | None = None  # how far back its older pages were read


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One crawl of one source, as it ended. `counts` maps verdict kinds to numbers of leads.

    `entries` says by channel what became of every entry that its documents named: outcome to number, `named` to
    their sum; `left` gives examples of those that are not followed, by channel and outcome. `blocks` says by edition
    what became of the links beside its articles.
    """

    source: str
    run_id: int | None
    started: datetime
    finished: datetime
    exit_code: int
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    listings_ok: int = 0
    listings_failed: int = 0
    problems: tuple[str, ...] = ()
    entries: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    blocks: Mapping[str, tuple[EntryCount, ...]] = field(default_factory=dict)
