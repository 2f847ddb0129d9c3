"""The events of an article's history in words for people: lines of `newscrawl history` and of the web pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from newscrawl.judge.diff.excerpt import word_counts
from newscrawl.judge.history.timeline import Event, EventKind
from newscrawl.model import Channel, VerdictKind
from newscrawl.wording import counted, instant, kinds, raw_response, visibility

_CHANNELS = {
    Channel.LISTING: "a listing page",
    Channel.FEED: "a feed",
    Channel.SITEMAP: "a sitemap",
    Channel.BLOCK: "a block of another article",
}


def lines(event: Event, title: str | None) -> Iterator[str]:
    """One event, the most important line first; `title` is the headline that need not be said again."""
    if event.found is not None:
        yield f"found in {_CHANNELS.get(event.found.channel, event.found.channel.value)}: {event.found.url}"
        if event.found.headline not in (None, title):
            yield f"called there: {event.found.headline}"
    elif event.sightings:
        yield from _listed(event, title)
    elif event.alias is not None:
        sure = "" if event.alias.confirmed else ", not confirmed"
        yield f"also known at {event.alias.url} ({event.alias.kind.value}{sure})"
    elif event.visibility is not None:
        yield f"{visibility(event.visibility.kind)}: {event.visibility.reason}"
    elif event.kind is EventKind.PUBLISHED:
        yield "version 1: first read"
    elif event.kind is EventKind.EDITED:
        yield from _edit(event)
    elif event.kind is EventKind.UNCHANGED:
        yield _unchanged(event)
    elif event.kind is EventKind.FAILED:
        yield from _failed(event)
    elif event.kind is EventKind.ABSENT:
        yield from _absent(event)
    else:
        yield f"there again ({event.observations[0].status or event.observations[0].outcome.value})"


def _listed(event: Event, title: str | None) -> Iterator[str]:
    first, positions = event.sightings[0], [sighting.position + 1 for sighting in event.sightings]
    reads = sum(sighting.reads for sighting in event.sightings)
    until = f", until {instant(event.until)}" if reads > 1 else ""
    where = f"position {min(positions)}" + (
        f" to {max(positions)}" if max(positions) != min(positions) else ""
    )
    channel = _CHANNELS.get(first.channel, first.channel.value)
    yield f"shown in {channel}, {where}, {counted(reads, 'read')}{until}: {first.listing}"
    if first.headline not in (None, title):
        yield f"called there: {first.headline}"


def _edit(event: Event) -> Iterator[str]:
    assert event.version is not None
    removed, added = word_counts(event.diffs)
    back = f", says again what version {event.version.returns_to} said" if event.version.returns_to else ""
    count = f"{counted(removed, 'word')} removed, {added:,} added"
    yield f"version {event.version.number}: {kinds(event.version)}; {count}{back}"
    if event.seen_before is not None:
        yield f"edited since the check at {instant(event.seen_before)}"


def _unchanged(event: Event) -> str:
    not_modified = sum(observation.verdict is VerdictKind.NOT_MODIFIED for observation in event.observations)
    pruned = [
        observation.capture.pruned
        for observation in event.observations
        if observation.capture and observation.capture.pruned
    ]
    gone = (
        f"; {counted(len(pruned), 'raw response')} pruned by policy, last on {instant(max(pruned))}"
        if pruned
        else ""
    )
    if len(event.observations) == 1:
        return "checked: unchanged" + (" (304)" if not_modified else "") + gone
    of_them = f", {not_modified:,} of them 304" if not_modified else ""
    return f"{len(event.observations):,} checks, unchanged, until {instant(event.until)}{of_them}{gone}"


def _failed(event: Event) -> Iterator[str]:
    until = f", until {instant(event.until)}" if event.until else ""
    yield f"{counted(len(event.observations), 'check')} failed{until}:"
    reasons = Counter(observation.reason for observation in event.observations)
    for reason, number in reasons.most_common(3):
        yield f"{reason}{f' ({number} times)' if number > 1 else ''}"


def _absent(event: Event) -> Iterator[str]:
    observation = event.observations[-1]
    if event.state_change is not None:
        yield f"{event.state_change.value}: {observation.reason}"
    elif len(event.observations) > 1:
        yield f"still absent at {len(event.observations):,} checks, until {instant(event.until)}: {observation.reason}"
    else:
        yield f"still absent: {observation.reason}"
    if observation.capture is not None:
        yield raw_response(observation.capture)
