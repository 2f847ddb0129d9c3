"""How instants, numbers, articles and absences are put into words for people. Says no more than was observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

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
    Visibility,
)
from newscrawl.model.fields import Field, Type

_SIGNALS = {
    "redirected_home": "redirects to the front page",
    "redirected_elsewhere": "redirects elsewhere",
    "soft_404": "shows a not-found page",
    "emptied": "text gone",
}


# --- instants and numbers ----------------------------------------------------------------------


def instant(value: datetime | None) -> str:
    """One of our own instants for people."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if value is not None else "unknown"


def stated(value: datetime | None, precision: Precision | None = None) -> str:
    """A publisher's instant for people, in the publisher's own offset."""
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if precision is Precision.DAY else value.isoformat(" ", "minutes")


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 article", "37 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def bytes_(size: int) -> str:
    """A size in bytes with a fitting unit: "3.1 MB"."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"


# --- articles ----------------------------------------------------------------------------------


def facts(of_record: Iterable[Field], record: object) -> Iterator[tuple[str, str]]:
    """The fields that have a label, with their values for people; a field of several lines gives its label with each."""
    for field in of_record:
        if field.label:
            yield from ((field.label, text) for text in _shown(field, record) or [field.unknown] if text)


def byline(authors: Sequence[Author]) -> str:
    """Authors with the roles that say more than that they wrote it: "A. Name; B. Name (photographer)"."""
    return "; ".join(a.name if a.role == "author" else f"{a.name} ({a.role})" for a in authors)


def kinds(version: VersionRecord) -> str:
    """What an edit changed, or that this is the first version."""
    return ", ".join(version.kinds) or ("first read" if version.number == 1 else "changed")


def visibility(kind: Visibility) -> str:
    """What became of an article's visibility, in words."""
    return {
        Visibility.NOINDEX: "search engines are asked to leave it out",
        Visibility.INDEXED: "search engines may list it again",
        Visibility.UNLISTED: "gone from all lists, but still there",
        Visibility.RELISTED: "listed again",
    }[kind]


def raw_response(capture: Capture) -> str:
    """Where a raw response lies, or when it was pruned."""
    if capture.pruned is not None:
        return f"raw response pruned on {instant(capture.pruned)} by policy, {capture.ref.record_id}"
    return f"{capture.ref.file} at byte {capture.ref.offset:,}, {capture.ref.record_id}"


def status(record: ArticleRecord, observations: Sequence[ObservationRecord]) -> str:
    """What was observed of an article's presence."""
    if record.state is State.LIVE:
        last = f"live, last checked at {instant(record.last_checked)}"
        return (
            f"{last}; {unreadable(record.unreadable_since, observations)}"
            if record.unreadable_since
            else last
        )
    since = record.last_seen or record.state_since
    signs = [observation for observation in observations if observation.signal and observation.at > since]
    if not signs:
        last = f"last seen at {instant(record.last_seen)}"
        return f"{record.state.value} since {instant(record.state_since)}, {last}"
    confirmed = record.state_since if record.state is State.REMOVED else None
    return f"{record.state.value}: {_absences(signs, record.last_seen)}; {_confirmation(confirmed)}"


def unreadable(since: datetime | None, observations: Sequence[ObservationRecord]) -> str:
    """Since when an article cannot be read, and why the last check failed."""
    words = f"unreadable since {instant(since)}"
    failed = [one for one in observations if one.version is None and since is not None and one.at >= since]
    return f"{words} ({counted(len(failed), 'check')}, the last: {failed[-1].reason})" if failed else words


# --- absences ----------------------------------------------------------------------------------


def course(record: RemovalRecord) -> str:
    """One absence from the first observation of it to its confirmation or end."""
    observations = [evidence.observation for evidence in record.evidence]
    if record.state is Absence.UNREADABLE:
        return f"{unreadable(record.first_absent, observations)}, last seen at {instant(record.last_seen)}"
    if not observations:
        words = f"absent since {instant(record.first_absent)}, last seen at {instant(record.last_seen)}"
    else:
        words = _absences(observations, record.last_seen)
    if record.state is Absence.RETURNED:
        sure = f"confirmed at {instant(record.confirmed_at)}" if record.confirmed_at else "never confirmed"
        return f"{words}; {sure}; there again at {instant(record.returned_at)}"
    return f"{words}; {_confirmation(record.confirmed_at)}"


def _absences(observations: Sequence[ObservationRecord], last_seen: datetime | None) -> str:
    """What the first and the last of some observations met, and when the article was seen last."""
    words = f"{_absence(observations[0])} at {instant(observations[0].at)}"
    if len(observations) > 1:
        last = observations[-1]
        words += f" and {_absence(last)} at {instant(last.at)} ({len(observations)} checks)"
    if without_control := [one for one in observations if one.controls_fine is False]:
        words += _no_control(without_control, len(observations))
    return f"{words}, last seen at {instant(last_seen)}"


def _no_control(without_control: Sequence[ObservationRecord], of: int) -> str:
    """That after some of the checks of an absence no control answered: an outage each time, or something that hides it."""
    runs, days = (
        len({one.run_id for one in without_control}),
        (without_control[-1].at - without_control[0].at).days,
    )
    over = f" over {counted(days, 'day')}" if days else ""
    which = (
        ""
        if len(without_control) == of
        else f", in {len(without_control)} of them no control answered after it"
    )
    return which or f", in {counted(runs, 'run')}{over}, no control answered after it in any"


def _absence(observation: ObservationRecord) -> str:
    return f"absent ({_SIGNALS.get(observation.signal or '') or observation.status or observation.signal})"


def _confirmation(at: datetime | None) -> str:
    return f"confirmed at {instant(at)}" if at is not None else "not yet confirmed"


def _shown(field: Field, record: object) -> list[str]:
    """The lines of a field's value; none where it is unknown."""
    value = attrgetter(field.attribute)(record)
    if field.type is Type.OBJECTS and field.of is not Author:
        return [_joined(getattr(one, part.attribute) for part in field.parts) for one in value]
    return [text] if (text := _line(field, value, record)) else []


def _line(field: Field, value: Any, record: object) -> str:
    match field.type:
        case Type.OBJECTS:
            return byline(value)
        case Type.STATED:
            return stated(value, attrgetter(field.precision)(record) if field.precision else None)
        case Type.INSTANT:
            return instant(value) if value is not None else ""
        case Type.TEXTS:
            return ", ".join(value)
        case Type.TRUTH:
            return {True: "yes", False: "no", None: ""}[value]
    return str(value) if value is not None else ""


def _joined(parts: Iterable[str | None]) -> str:
    return " — ".join(filter(None, parts))
