"""The events of an article's history: unchanged checks folded together, edits with their difference."""

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
    VisibilityRecord,
)


class EventKind(StrEnum):
    """What happened to an article, or how it was observed."""

    FOUND = "found"  # a listing, feed, sitemap or another page named its address
    LISTED = "listed"  # a listing showed it under one headline
    ALIAS = "alias"  # another address of it was learned
    PUBLISHED = "first_version"
    EDITED = "edited"
    UNCHANGED = "unchanged"  # checks that found nothing new
    FAILED = "failed"  # checks without a result: an outage, a refusal, an unreadable page
    ABSENT = "absent"  # removal signals
    RETURNED = "returned"
    NOINDEX = "noindex"  # its page asks search engines to leave it out
    INDEXED = "indexed"  # it does so no more
    UNLISTED = "unlisted"  # gone from all lists, while it is there
    RELISTED = "relisted"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `until` is the instant of the last of several `observations`, which are in the order of their verdicts.

    For an edit, `before` and `version` are the two versions, `diffs` what differs, and `seen_before` the last
    check that still found the earlier one. `sightings` are the positions at which one listing showed it under
    one headline. `visibility` is how it can be found from then on. For an absence, `state_change` is what the first of its observations changed the state to.
    """

    at: datetime
    kind: EventKind
    until: datetime | None = None
    observations: tuple[ObservationRecord, ...] = ()
    found: FoundRecord | None = None
    sightings: tuple[SightingHistory, ...] = ()
    alias: AliasRecord | None = None
    version: VersionRecord | None = None
    before: VersionRecord | None = None
    seen_before: datetime | None = None
    diffs: tuple[FieldDiff, ...] = ()
    state_change: Absence | None = None
    visibility: VisibilityRecord | None = None


_ORDER = {kind: number for number, kind in enumerate(EventKind)}


def timeline(life: LifeRecord) -> list[Event]:
    """The events of an article's history, oldest first."""
    # In the order of their verdicts: a clock may have been set back.
    observations = sorted(life.observations, key=lambda observation: observation.id)
    events = [
        *(Event(found.at, EventKind.FOUND, found=found) for found in life.found),
        *(
            Event(alias.at, EventKind.ALIAS, alias=alias)
            for alias in life.aliases
            if not _is_usual(alias, life.article.url) and not _found_there(alias, life.found)
        ),
        *_listed(life.sightings),
        *(Event(one.at, EventKind(one.kind.value), visibility=one) for one in life.visibility),
        *_edits(life.versions, observations),
        *_checks(observations, {state_change.at: state_change.state for state_change in life.state_changes}),
    ]
    return sorted(events, key=lambda event: (event.at, _ORDER[event.kind]))


def _is_usual(alias: AliasRecord, url: str) -> bool:
    """Whether an address is the one where the article always was; one that it was redirected to is a move."""
    return alias.url == url and alias.kind is not AliasKind.REDIRECT


def _found_there(alias: AliasRecord, found: Sequence[FoundRecord]) -> bool:
    return alias.kind is AliasKind.LEAD and any(lead.url == alias.url for lead in found)


def _listed(sightings: Sequence[SightingHistory]) -> Iterator[Event]:
    """One event for each headline a listing gave it; moving down below newer articles is not an event."""
    by_listing: dict[str, list[SightingHistory]] = {}
    for sighting in sightings:
        by_listing.setdefault(sighting.listing, []).append(sighting)
    for shown in by_listing.values():
        for _, group in groupby(shown, key=lambda sighting: sighting.headline):
            stretch = tuple(group)
            yield Event(
                stretch[0].first,
                EventKind.LISTED,
                until=max(sighting.last for sighting in stretch),
                sightings=stretch,
            )


def _edits(versions: Sequence[VersionRecord], observations: Sequence[ObservationRecord]) -> Iterator[Event]:
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


def _checks(
    observations: Sequence[ObservationRecord], state_changes: Mapping[datetime, Absence]
) -> Iterator[Event]:
    """Consecutive observations of one kind as one event; one that changed the article's state is its own event."""
    stretch: list[ObservationRecord] = []
    for observation in observations:
        kind, state_change = _kind(observation), state_changes.get(observation.at)
        if kind is EventKind.UNCHANGED or kind is EventKind.FAILED:
            state_change = None  # it belongs to another observation at the same instant
        if stretch and (kind is not _kind(stretch[0]) or state_change is not None):
            yield _folded(stretch)
            stretch = []
        if kind is None:  # its version is an event already; only the end of an absence is added
            if state_change is Absence.RETURNED:
                yield Event(
                    observation.at, EventKind.RETURNED, observations=(observation,), state_change=state_change
                )
        elif state_change is not None:
            yield Event(observation.at, kind, observations=(observation,), state_change=state_change)
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
