"""How articles and their bylines are put into words for people, and what newscrawl.wording offers. Prints nothing, and claims no more than was observed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newscrawl.model import (
    ArticleRecord,
    Author,
    Capture,
    ObservationRecord,
    Precision,
    State,
    VersionRecord,
)
from newscrawl.wording import (
    confirmation,
    counted as counted,  # noqa: PLC0414 - the commands have one place for words
    course as course,  # noqa: PLC0414
    instant as instant,  # noqa: PLC0414
    looks_absent,
)


def byline(authors: Sequence[Author]) -> str:
    """Authors with the roles that say more than that they wrote it: "A. Name; B. Name (photographer)"."""
    return "; ".join(a.name if a.role == "author" else f"{a.name} ({a.role})" for a in authors)


def stated(value: datetime | None, precision: Precision | None = None) -> str:
    """A publisher's instant for people, in the publisher's own offset."""
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if precision is Precision.DAY else value.isoformat(" ", "minutes")


def status(record: ArticleRecord, observations: Sequence[ObservationRecord]) -> str:
    """What was observed of an article's presence, in words that claim no more than that."""
    if record.state is State.LIVE:
        return f"live, last checked at {instant(record.last_checked)}"
    since = record.last_seen or record.state_since
    signs = [
        observation
        for observation in observations
        if observation.signal and observation.controls_fine is not False and observation.at > since
    ]
    if not signs:
        last = f"last seen at {instant(record.last_seen)}"
        return f"{record.state.value} since {instant(record.state_since)}, {last}"
    confirmed = record.state_since if record.state is State.REMOVED else None
    return f"{record.state.value}: {looks_absent(signs, record.last_seen)}; {confirmation(confirmed)}"


def kinds(version: VersionRecord) -> str:
    """What an edit changed, or that it was no edit."""
    return ", ".join(version.kinds) or ("first read" if version.number == 1 else "changed")


def place(capture: Capture) -> str:
    """Where a raw response lies, or since when it does not any more."""
    if capture.pruned is not None:
        return f"raw response pruned on {instant(capture.pruned)} by policy, {capture.ref.record_id}"
    return f"{capture.ref.file} at byte {capture.ref.offset:,}, {capture.ref.record_id}"


def bytes_(size: int) -> str:
    """So many bytes in words: "3.1 MB"."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"
