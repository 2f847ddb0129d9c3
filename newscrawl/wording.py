"""How instants, numbers, articles and absences are put into words for people. Says no more than was observed.

`say` is the language and the way dates are written: without it English, as commands print it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from newscrawl.messages import PLAIN, Words
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
    return PLAIN.instant(value)


def stated(value: datetime | None, precision: Precision | None = None) -> str:
    """A publisher's instant for people, in the publisher's own offset."""
    return PLAIN.stated(value, precision)


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


def facts(of_record: Iterable[Field], record: object, say: Words = PLAIN) -> Iterator[tuple[str, str]]:
    """The fields that have a label, with their values for people; a field of several lines gives its label with each."""
    for field in of_record:
        if field.label:
            unknown = say(field.unknown) if field.unknown else ""
            shown = _shown(field, record, say) or [unknown]
            yield from ((say(field.label), text) for text in shown if text)


def byline(authors: Sequence[Author], say: Words = PLAIN) -> str:
    """Authors with the roles that say more than that they wrote it: "A. Name; B. Name (photographer)"."""
    return "; ".join(a.name if a.role == "author" else f"{a.name} ({say.known(a.role)})" for a in authors)


def kinds(version: VersionRecord, say: Words = PLAIN) -> str:
    """What an edit changed, or that this is the first version."""
    return ", ".join(map(say, version.kinds)) or say("first read" if version.number == 1 else "changed")


def visibility(kind: Visibility, say: Words = PLAIN) -> str:
    """What became of an article's visibility, in words."""
    words = {
        Visibility.NOINDEX: "search engines are asked to leave it out",
        Visibility.INDEXED: "search engines may list it again",
        Visibility.UNLISTED: "gone from all lists, but still there",
        Visibility.RELISTED: "listed again",
    }
    return say(words[kind])


def raw_response(capture: Capture, say: Words = PLAIN) -> str:
    """Where a raw response lies, or when it was pruned."""
    ref = capture.ref
    if capture.pruned is not None:
        pruned = say.instant(capture.pruned)
        return say("raw response pruned on {at} by policy, {record}", at=pruned, record=ref.record_id)
    return say(
        "{file} at byte {offset}, {record}",
        file=ref.file,
        offset=ref.offset,  # without groups: it is pasted into tools
        record=ref.record_id,
    )


def status(record: ArticleRecord, observations: Sequence[ObservationRecord], say: Words = PLAIN) -> str:
    """What was observed of an article's presence."""
    if record.state is State.LIVE:
        last = say("live, last checked at {at}", at=say.instant(record.last_checked))
        if record.unreadable_since is None:
            return last
        return f"{last}; {unreadable(record.unreadable_since, observations, say)}"
    since = record.last_seen or record.state_since
    signs = [observation for observation in observations if observation.signal and observation.at > since]
    state = say(record.state.value)
    if not signs:
        return say(
            "{state} since {since}, last seen at {at}",
            state=state,
            since=say.instant(record.state_since),
            at=say.instant(record.last_seen),
        )
    confirmed = record.state_since if record.state is State.REMOVED else None
    return f"{state}: {_absences(signs, record.last_seen, say)}; {_confirmation(confirmed, say)}"


def unreadable(since: datetime | None, observations: Sequence[ObservationRecord], say: Words = PLAIN) -> str:
    """Since when an article cannot be read, and why the last check failed."""
    words = say("unreadable since {at}", at=say.instant(since))
    failed = [one for one in observations if one.version is None and since is not None and one.at >= since]
    if not failed:
        return words
    checks = say.counted(len(failed), "check")
    return say(
        "{words} ({checks}, the last: {reason})",
        words=words,
        checks=checks,
        reason=say.reason(failed[-1].reason),
    )


# --- absences ----------------------------------------------------------------------------------


def course(record: RemovalRecord, say: Words = PLAIN) -> str:
    """One absence from the first observation of it to its confirmation or end."""
    observations = [evidence.observation for evidence in record.evidence]
    last_seen = say.instant(record.last_seen)
    if record.state is Absence.UNREADABLE:
        words = unreadable(record.first_absent, observations, say)
        return say("{words}, last seen at {at}", words=words, at=last_seen)
    if not observations:
        absent = say("absent since {at}", at=say.instant(record.first_absent))
        words = say("{words}, last seen at {at}", words=absent, at=last_seen)
    else:
        words = _absences(observations, record.last_seen, say)
    if record.state is Absence.RETURNED:
        confirmed = record.confirmed_at
        sure = say("never confirmed") if confirmed is None else _confirmation(confirmed, say)
        return f"{words}; {sure}; {say('there again at {at}', at=say.instant(record.returned_at))}"
    return f"{words}; {_confirmation(record.confirmed_at, say)}"


def _absences(observations: Sequence[ObservationRecord], last_seen: datetime | None, say: Words) -> str:
    """What the first and the last of some observations met, and when the article was seen last."""
    words = _absence(observations[0], say)
    if len(observations) > 1:
        checks = say.counted(len(observations), "check")
        last = _absence(observations[-1], say)
        words = say("{first} and {last} ({checks})", first=words, last=last, checks=checks)
    if without_control := [one for one in observations if one.controls_fine is False]:
        words += f", {_no_control(without_control, len(observations), say)}"
    return say("{words}, last seen at {at}", words=words, at=say.instant(last_seen))


def _no_control(without_control: Sequence[ObservationRecord], of: int, say: Words) -> str:
    """That after some of the checks of an absence no control answered: an outage each time, or something that hides it."""
    if len(without_control) != of:
        return say("in {n} of them no control answered after it", n=len(without_control))
    runs = say.counted(len({one.run_id for one in without_control}), "run")
    if not (days := (without_control[-1].at - without_control[0].at).days):
        return say("in {runs}, no control answered after it in any", runs=runs)
    return say(
        "in {runs} over {days}, no control answered after it in any", runs=runs, days=say.counted(days, "day")
    )


def _absence(observation: ObservationRecord, say: Words) -> str:
    known = _SIGNALS.get(observation.signal or "")
    sign = say(known) if known else observation.status or observation.signal
    return say("absent ({sign}) at {at}", sign=sign, at=say.instant(observation.at))


def _confirmation(at: datetime | None, say: Words) -> str:
    return say("confirmed at {at}", at=say.instant(at)) if at is not None else say("not yet confirmed")


def _shown(field: Field, record: object, say: Words) -> list[str]:
    """The lines of a field's value; none where it is unknown."""
    value = attrgetter(field.attribute)(record)
    if field.type is Type.OBJECTS and field.of is not Author:
        return [_joined(getattr(one, part.attribute) for part in field.parts) for one in value]
    return [text] if (text := _line(field, value, record, say)) else []


def _line(field: Field, value: Any, record: object, say: Words) -> str:
    match field.type:
        case Type.OBJECTS:
            return byline(value, say)
        case Type.STATED:
            return say.stated(value, attrgetter(field.precision)(record) if field.precision else None)
        case Type.INSTANT:
            return say.instant(value) if value is not None else ""
        case Type.TEXTS:
            return ", ".join(value)
        case Type.TRUTH:
            return "" if value is None else say("yes" if value else "no")
    return str(value) if value is not None else ""


def _joined(parts: Iterable[str | None]) -> str:
    return " — ".join(filter(None, parts))
