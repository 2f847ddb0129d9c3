"""How instants, numbers and absences are put into words for people. Claims no more than was observed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newscrawl.model import Absence, ObservationRecord, RemovalRecord

_SIGNALS = {
    "redirected_home": "redirects to the front page",
    "redirected_elsewhere": "redirects elsewhere",
    "soft_404": "shows a not-found page",
    "emptied": "text gone",
}


def instant(value: datetime | None) -> str:
    """One of our own instants for people."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if value is not None else "unknown"


def course(record: RemovalRecord) -> str:
    """One absence from its first look to its confirmation or end."""
    observations = [evidence.observation for evidence in record.evidence]
    if not observations:
        words = f"absent since {instant(record.first_absent)}, last seen at {instant(record.last_seen)}"
    else:
        words = looks_absent(observations, record.last_seen)
    if record.state is Absence.RETURNED:
        sure = f"confirmed at {instant(record.confirmed_at)}" if record.confirmed_at else "never confirmed"
        return f"{words}; {sure}; there again at {instant(record.returned_at)}"
    return f"{words}; {confirmation(record.confirmed_at)}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 look", "37 looks"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def looks_absent(observations: Sequence[ObservationRecord], last_seen: datetime | None) -> str:
    """What the first and the last of some looks met, and when the article was seen last."""
    seen = f"{_absence(observations[0])} at {instant(observations[0].at)}"
    if len(observations) > 1:
        seen += (
            f" and {_absence(observations[-1])} at {instant(observations[-1].at)} ({len(observations)} looks)"
        )
    return f"{seen}, last seen at {instant(last_seen)}"


def confirmation(at: datetime | None) -> str:
    """Whether an absence is confirmed, and since when."""
    return f"confirmed at {instant(at)}" if at is not None else "not yet confirmed"


def _absence(observation: ObservationRecord) -> str:
    return f"absent ({_SIGNALS.get(observation.signal or '') or observation.status or observation.signal})"
