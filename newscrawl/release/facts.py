"""What a data card says of a release, counted while its tables are written: numbers, times, gaps, limits."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from newscrawl.model import (
    Absence,
    ArticleRecord,
    EditRecord,
    Gap,
    ObservationRecord,
    Precision,
    RemovalRecord,
    VersionRecord,
)

SHOWN = 50
"""Of open gaps and of articles that cannot be read so many are named in the card; the tables have all."""


@dataclass(slots=True)
class Facts:
    """Counters by edition, and what is named one by one. Of bounded size, however large the archive is."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    dates: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    extractors: Counter[str] = field(default_factory=Counter)
    incomplete: int = 0
    first: datetime | None = None
    last: datetime | None = None
    failed: int = 0
    open_gaps: list[Gap] = field(default_factory=list)
    gaps: Counter[str] = field(default_factory=Counter)
    unreadable: list[RemovalRecord] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def take(self, record: object) -> None:
        """Counts a record of any table."""
        match record:
            case ArticleRecord():
                self.counts[record.source, record.edition]["articles"] += 1
                self.languages[record.article.language or "unknown"] += 1
                precision = record.article.published_precision
                if record.article.published is None:
                    self.dates["unknown"] += 1
                else:
                    self.dates["day alone" if precision is Precision.DAY else "time of day"] += 1
                self.incomplete += record.article.incomplete is not None
            case VersionRecord():
                self.counts[record.source, record.edition]["versions"] += 1
                self.extractors[record.extractor] += 1
            case EditRecord():
                self.counts[record.source, record.edition]["edits"] += 1
            case ObservationRecord():
                self.counts[record.source, record.edition or ""]["checks"] += 1
                self.first = record.at if self.first is None else min(self.first, record.at)
                self.last = record.at if self.last is None else max(self.last, record.at)
                self.failed += record.verdict.value == "failed"
            case RemovalRecord():
                self.counts[record.source, record.edition][record.state.value] += 1
                if record.state is Absence.UNREADABLE and len(self.unreadable) < SHOWN:
                    self.unreadable.append(record)
            case Gap():
                self.gaps["open" if record.open else "closed"] += 1
                if record.open and len(self.open_gaps) < SHOWN:
                    self.open_gaps.append(record)
