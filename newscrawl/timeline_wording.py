"""The events of an article's history in words for people: lines of `newscrawl history` and of the web pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from newscrawl.judge.diff.excerpt import word_counts
from newscrawl.judge.history.timeline import Event, EventKind
from newscrawl.messages import PLAIN, Words
from newscrawl.model import Channel, VerdictKind
from newscrawl.wording import kinds, raw_response, visibility

_CHANNELS = {
    Channel.LISTING: "a listing page",
    Channel.FEED: "a feed",
    Channel.SITEMAP: "a sitemap",
    Channel.BLOCK: "a block of another article",
}


def lines(event: Event, title: str | None, say: Words = PLAIN) -> Iterator[str]:
    """One event, the most important line first; `title` is the headline that need not be said again."""
    if event.found is not None:
        yield say("found in {where}: {url}", where=_channel(event.found.channel, say), url=event.found.url)
        if event.found.headline not in (None, title):
            yield say("called there: {headline}", headline=event.found.headline)
    elif event.sightings:
        yield from _listed(event, title, say)
    elif event.alias is not None:
        sure = "" if event.alias.confirmed else f", {say('not confirmed')}"
        kind = say.known(event.alias.kind.value)
        yield f"{say('also known at {url}', url=event.alias.url)} ({kind}{sure})"
    elif event.visibility is not None:
        yield f"{visibility(event.visibility.kind, say)}: {event.visibility.reason}"
    elif event.kind is EventKind.PUBLISHED:
        yield say("version 1: first read")
    elif event.kind is EventKind.EDITED:
        yield from _edit(event, say)
    elif event.kind is EventKind.UNCHANGED:
        yield _unchanged(event, say)
    elif event.kind is EventKind.FAILED:
        yield from _failed(event, say)
    elif event.kind is EventKind.ABSENT:
        yield from _absent(event, say)
    else:
        sign = event.observations[0].status or event.observations[0].outcome.value
        yield say("there again ({sign})", sign=sign)


def _channel(channel: Channel, say: Words) -> str:
    return say(_CHANNELS[channel]) if channel in _CHANNELS else channel.value


def _listed(event: Event, title: str | None, say: Words) -> Iterator[str]:
    first, positions = event.sightings[0], [sighting.position + 1 for sighting in event.sightings]
    number = sum(sighting.reads for sighting in event.sightings)
    reads = say.counted(number, "read")
    if number > 1:
        reads = say("{words}, until {at}", words=reads, at=say.instant(event.until))
    low, high = min(positions), max(positions)
    where = say("position {n}", n=low if low == high else say("{low} to {high}", low=low, high=high))
    yield say(
        "shown in {channel}, {position}, {reads}: {url}",
        channel=_channel(first.channel, say),
        position=where,
        reads=reads,
        url=first.listing,
    )
    if first.headline not in (None, title):
        yield say("called there: {headline}", headline=first.headline)


def _edit(event: Event, say: Words) -> Iterator[str]:
    assert event.version is not None
    removed, added = word_counts(event.diffs)
    count = say.named("words removed, added", removed, added=say.number(added))
    back = event.version.returns_to
    said = f", {say('says again what version {n} said', n=back)}" if back else ""
    yield f"{say('version {n}', n=event.version.number)}: {kinds(event.version, say)}; {count}{said}"
    if event.seen_before is not None:
        yield say("edited since the check at {at}", at=say.instant(event.seen_before))


def _unchanged(event: Event, say: Words) -> str:
    not_modified = sum(observation.verdict is VerdictKind.NOT_MODIFIED for observation in event.observations)
    pruned = [
        observation.capture.pruned
        for observation in event.observations
        if observation.capture and observation.capture.pruned
    ]
    gone = ""
    if pruned:
        number = say.counted(len(pruned), "raw response")
        gone = "; " + say(
            "{number} pruned by policy, last on {at}", number=number, at=say.instant(max(pruned))
        )
    if len(event.observations) == 1:
        return say("checked: unchanged") + (" (304)" if not_modified else "") + gone
    checks = say.named("checks, unchanged", len(event.observations))
    of_them = f", {say('{n} of them 304', n=say.number(not_modified))}" if not_modified else ""
    return f"{say('{words}, until {at}', words=checks, at=say.instant(event.until))}{of_them}{gone}"


def _failed(event: Event, say: Words) -> Iterator[str]:
    words = say.named("checks failed", len(event.observations))
    if event.until:
        words = say("{words}, until {at}", words=words, at=say.instant(event.until))
    yield f"{words}:"
    reasons = Counter(observation.reason for observation in event.observations)
    for reason, number in reasons.most_common(3):
        said = say.reason(reason)
        yield f"{said} ({say('{n} times', n=number)})" if number > 1 else said


def _absent(event: Event, say: Words) -> Iterator[str]:
    observation, number = event.observations[-1], len(event.observations)
    if event.state_change is not None:
        yield f"{say(event.state_change.value)}: {say.reason(observation.reason)}"
    elif number > 1:
        checks = say.counted(number, "check")
        words = say("still absent at {checks}, until {at}", checks=checks, at=say.instant(event.until))
        yield f"{words}: {say.reason(observation.reason)}"
    else:
        yield f"{say('still absent')}: {say.reason(observation.reason)}"
    if observation.capture is not None:
        yield raw_response(observation.capture, say)
