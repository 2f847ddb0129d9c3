"""Whether a source is all right: findings and the numbers behind them. Values only: frozen dataclasses and enums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """How urgent a finding is."""

    WARNING = "warning"  # look at it this week
    ERROR = "error"  # the archive is losing something now


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, for people (`line`) and for programs (the rest).

    `source` is "" for what concerns the whole archive (disk, database); `edition` is None for what concerns a whole source.
    `kind` is a stable code (docs/health.md lists all). `subject` tells findings of one kind apart: a field, the
    address of a channel; "" where there can be only one. `since` is when it began, as far as the archive knows, in UTC.
    `measured` and `expected` are in the unit of the kind; `line` is plain text on one line that names source and edition.
    """

    source: str
    edition: str | None
    kind: str
    severity: Severity
    since: datetime | None
    line: str
    measured: float | None = None
    expected: float | None = None
    subject: str = ""

    @property
    def key(self) -> str:
        """The same for the same trouble at every look, whatever its figures: "orda en field_missing authors"."""
        return " ".join(
            part for part in (self.source or "-", self.edition or "-", self.kind, self.subject) if part
        )
