"""How instants, bylines and absences are put into words for people. Prints nothing, and claims no more than was observed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newscrawl.model import (
    Absence,
    ArticleRecord,
    Author,
    Capture,
    ObservationRecord,
    Precision,
    RemovalRecord,
    State,
    VersionRecord,
)

_SIGNALS = {
    "redirected_home": "redirects to the front page",
    "redirected_elsewhere": "redirects elsewhere",
    "soft_404": "shows a not-found page",
    "emptied": "text gone",
}


def byline(authors: Sequence[Author]) -> str:
    """Authors with the roles that say more than that they wrote it: "A. Name; B. Name (photographer)"."""
    return "; ".join(a.name if a.role == "author" else f"{a.name} ({a.role})" for a in authors)


def stated(value: datetime | None, precision: Precision | None = None) -> str:
    """A publisher's instant for people, in the publisher's own offset."""
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if precision is Precision.DAY else value.isoformat(" ", "minutes")


def instant(value: datetime | None) -> str:
    """One of our own instants for people."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if value is not None else "unknown"


def standing(record: ArticleRecord, looks: Sequence[ObservationRecord]) -> str:
    """What was observed of an article's presence, in words that claim no more than that."""
    if record.state is State.LIVE:
        return f"live, last checked at {instant(record.last_checked)}"
    since = record.last_seen or record.state_since
    signs = [look for look in looks if look.signal and look.controls_fine is not False and look.at > since]
    if not signs:
        last = f"last seen at {instant(record.last_seen)}"
        return f"{record.state.value} since {instant(record.state_since)}, {last}"
    confirmed = record.state_since if record.state is State.REMOVED else None
    return f"{record.state.value}: {_course(signs, record.last_seen)}; {_confirmation(confirmed)}"


def course(record: RemovalRecord) -> str:
    """One absence from its first look to its confirmation or end."""
    looks = [evidence.look for evidence in record.evidence]
    if not looks:
        words = f"absent since {instant(record.first_absent)}, last seen at {instant(record.last_seen)}"
    else:
        words = _course(looks, record.last_seen)
    if record.state is Absence.RETURNED:
        sure = f"confirmed at {instant(record.confirmed_at)}" if record.confirmed_at else "never confirmed"
        return f"{words}; {sure}; there again at {instant(record.returned_at)}"
    return f"{words}; {_confirmation(record.confirmed_at)}"


def kinds(version: VersionRecord) -> str:
    """What an edit changed, or that it was no edit."""
    return ", ".join(version.kinds) or ("first read" if version.number == 1 else "changed")


def place(capture: Capture) -> str:
    """Where a raw response lies, or since when it does not any more."""
    if capture.pruned is not None:
        return f"raw response pruned on {instant(capture.pruned)} by policy, {capture.ref.record_id}"
    return f"{capture.ref.file} at byte {capture.ref.offset:,}, {capture.ref.record_id}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 look", "37 looks"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _course(looks: Sequence[ObservationRecord], last_seen: datetime | None) -> str:
    seen = f"{_absence(looks[0])} at {instant(looks[0].at)}"
    if len(looks) > 1:
        seen += f" and {_absence(looks[-1])} at {instant(looks[-1].at)} ({len(looks)} looks)"
    return f"{seen}, last seen at {instant(last_seen)}"


def _confirmation(at: datetime | None) -> str:
    return f"confirmed at {instant(at)}" if at is not None else "not yet confirmed"


def _absence(look: ObservationRecord) -> str:
    return f"absent ({_SIGNALS.get(look.signal or '') or look.status or look.signal})"


def bytes_(size: int) -> str:
    """So many bytes in words: "3.1 MB"."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"
