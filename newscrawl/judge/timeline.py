"""An article's life as a list of events: looks that found nothing new folded, edits with their difference. Pure; prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from newscrawl.judge.diff.differences import FieldDiff, compare
from newscrawl.model import (
    Absence,
    AliasKind,
    AliasRecord,
    Content,
    FoundRecord,
    LifeRecord,
    ObservationRecord,
    SightingHistory,
    VerdictKind,
    VersionRecord,
)


class EventKind(StrEnum):
    """What happened to an article, or what was seen of it."""

    FOUND = "found"  # a listing, feed, sitemap or another page named an address of it
    LISTED = "listed"  # a listing showed it, under one headline
    ALIAS = "alias"  # another address of it was learned
    PUBLISHED = "first_version"
    EDITED = "edited"
    UNCHANGED = "unchanged"  # looks that found what was known
    FAILED = "failed"  # looks that said nothing about it: an outage, a refusal, a page that could not be read
    ABSENT = "absent"  # removal signals
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `until` is the last of several looks, `looks` all of them, in the order in which they were judged.

    For an edit `before` and `version` are the two versions and `diffs` what differs; `seen_before` is the last
    look that still found the earlier one. `places` are where one listing showed it under one headline. For absences `turn` says what the first of these looks made of the article.
    """

    at: datetime
    kind: EventKind
    until: datetime | None = None
    observations: tuple[ObservationRecord, ...] = ()
    found: FoundRecord | None = None
    places: tuple[SightingHistory, ...] = ()
    alias: AliasRecord | None = None
    version: VersionRecord | None = None
    before: VersionRecord | None = None
    seen_before: datetime | None = None
    diffs: tuple[FieldDiff, ...] = ()
    turn: Absence | None = None


_ORDER = {kind: number for number, kind in enumerate(EventKind)}


def timeline(life: LifeRecord) -> list[Event]:
    """The events of an article's life, oldest first."""
    observations = sorted(
        life.observations, key=lambda observation: observation.id
    )  # as judged: a clock may have been set back
    events = [
        *(Event(found.at, EventKind.FOUND, found=found) for found in life.found),
        *(
            Event(alias.at, EventKind.ALIAS, alias=alias)
            for alias in life.aliases
            if alias.url != life.article.url and not _found_there(alias, life.found)
        ),
        *_listed(life.places),
        *_said(life.versions, observations),
        *_looked(observations, {turn.at: turn.state for turn in life.turns}),
    ]
    return sorted(events, key=lambda event: (event.at, _ORDER[event.kind]))


def _found_there(alias: AliasRecord, found: Sequence[FoundRecord]) -> bool:
    return alias.kind is AliasKind.LEAD and any(lead.url == alias.url for lead in found)


def _listed(places: Sequence[SightingHistory]) -> Iterator[Event]:
    """One event for each headline a listing gave it; with every newer article the place moves down, and that is no event."""
    by_listing: dict[str, list[SightingHistory]] = {}
    for place in places:
        by_listing.setdefault(place.listing, []).append(place)
    for shown in by_listing.values():
        for _, group in groupby(shown, key=lambda place: place.headline):
            stretch = tuple(group)
            yield Event(
                stretch[0].first,
                EventKind.LISTED,
                until=max(place.last for place in stretch),
                places=stretch,
            )


def _said(versions: Sequence[VersionRecord], observations: Sequence[ObservationRecord]) -> Iterator[Event]:
    before: VersionRecord | None = None
    for version in versions:
        own = tuple(
            observation
            for observation in observations
            if observation.at == version.at and observation.version == version.number
        )[:1]
        if before is None:
            yield Event(version.at, EventKind.PUBLISHED, observations=own, version=version)
        else:
            earlier = [
                observation.at
                for observation in observations
                if observation.version is not None and observation.at < version.at
            ]
            yield Event(
                version.at,
                EventKind.EDITED,
                observations=own,
                version=version,
                before=before,
                seen_before=max(earlier, default=None),
                diffs=compare(Content.of(before.article), Content.of(version.article)),
            )
        before = version


def _looked(observations: Sequence[ObservationRecord], turns: Mapping[datetime, Absence]) -> Iterator[Event]:
    """Looks of one kind in a row folded into one event; a look that turned the article's state stands alone."""
    stretch: list[ObservationRecord] = []
    for observation in observations:
        kind, turn = _kind(observation), turns.get(observation.at)
        if kind is EventKind.UNCHANGED or kind is EventKind.FAILED:
            turn = None  # of another look at the same instant
        if stretch and (kind is not _kind(stretch[0]) or turn is not None):
            yield _folded(stretch)
            stretch = []
        if kind is None:  # its version says it, and here that it ended an absence, if it did
            if turn is Absence.RETURNED:
                yield Event(observation.at, EventKind.RETURNED, observations=(observation,), turn=turn)
        elif turn is not None:
            yield Event(observation.at, kind, observations=(observation,), turn=turn)
        else:
            stretch.append(observation)
    if stretch:
        yield _folded(stretch)


def _folded(observations: Sequence[ObservationRecord]) -> Event:
    kind = _kind(observations[0])
    assert kind is not None
    instants = [observation.at for observation in observations]
    return Event(
        min(instants),
        kind,
        until=max(instants) if len(instants) > 1 else None,
        observations=tuple(observations),
    )


def _kind(observation: ObservationRecord) -> EventKind | None:
    if observation.verdict.found_again:
        return EventKind.UNCHANGED
    if observation.verdict.made_version:
        return None
    if observation.verdict is VerdictKind.RETURNED:
        return EventKind.RETURNED
    return EventKind.ABSENT if observation.verdict is VerdictKind.ABSENT else EventKind.FAILED
