"""`newscrawl history`: prints the history of one article as a timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.options import check_range, find, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.reading.articles import tied_to
from newscrawl.model import Channel, State, VerdictKind
from newscrawl.wording import counted, instant, kinds, raw_response, status, visibility

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.judge.history.timeline import Event
    from newscrawl.model import LifeRecord

_TEXT_WIDTH = 100
_WHEN = 22  # columns of an instant and the gap after it
_CHANNELS = {
    Channel.LISTING: "a listing page",
    Channel.FEED: "a feed",
    Channel.SITEMAP: "a sitemap",
    Channel.BLOCK: "a block of another article",
}


@click.command(
    "history",
    epilog=tables.examples(
        "newscrawl history 17",
        "newscrawl history https://orda.kz/some-article-123456/ --json",
        "newscrawl history 17 --since 2026-01-01",
    ),
)
@click.argument("reference", metavar="ID-or-URL")
@options("since", "until", "limit", "json")
def history(
    reference: str, *, since: datetime | None, until: datetime | None, limit: int | None, as_json: bool
) -> None:
    """Show the history of one article, oldest first: found, edited, absent, there again.

    Consecutive checks that found nothing new are one line, and so are failures. --limit keeps the latest events.
    """
    from newscrawl.judge.history.timeline import timeline
    from newscrawl.serialization import history as serialized

    check_range(since, until)
    with open_archive() as reader:
        life = reader.life(find(reader, reference))
    events = [
        event
        for event in timeline(life)
        if (since is None or (event.until or event.at) >= since) and (until is None or event.at < until)
    ][-(limit or 0) :]
    if as_json:
        tables.write_json(serialized.event(life.article.id, event) for event in events)
        return
    width = tables.terminal_width()
    colour = width is not None and config.colours()
    tables.print_lines(_page(life, events, min(width or _TEXT_WIDTH, _TEXT_WIDTH), colour=colour))
    if not events:
        tables.note("Nothing happened between these dates.")


def _page(life: LifeRecord, events: list[Event], width: int, *, colour: bool) -> Iterator[str]:
    record = life.article
    observations = [observation for observation in life.observations if record.state is not State.LIVE]
    yield from tables.wrap(tables.safe(record.article.title) or "(no title)", width)
    yield from tables.fact("article", tables.safe(f"{record.id} ({record.source}/{record.edition})"), width)
    yield from tables.fact("address", tables.safe(record.url), width)
    for name, tied in tied_to(record):
        yield from tables.fact(name, tied, width)
    yield from tables.fact("state", tables.safe(status(record, observations)), width)
    yield ""
    for event in events:
        lines = [
            line
            for text in _words(event, record.article.title)
            for line in tables.wrap(tables.safe(text), max(width - _WHEN, 20))
        ]
        for number, line in enumerate(lines):
            yield f"{instant(event.at) if number == 0 else '':<{_WHEN}}{line}"
        for line in _excerpt(event, max(width - _WHEN, 20), colour=colour):
            yield f"{'':<{_WHEN}}{line}"


def _words(event: Event, title: str | None) -> Iterator[str]:
    from newscrawl.judge.history.timeline import EventKind

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
    from newscrawl.judge.diff.excerpt import word_counts

    assert event.version is not None
    removed, added = word_counts(event.diffs)
    back = f", says again what version {event.version.returns_to} said" if event.version.returns_to else ""
    count = f"{counted(removed, 'word')} removed, {added:,} added"
    yield f"version {event.version.number}: {kinds(event.version)}; {count}{back}"
    if event.seen_before is not None:
        yield f"edited since the check at {instant(event.seen_before)}"


def _excerpt(event: Event, width: int, *, colour: bool) -> Iterator[str]:
    from newscrawl.cli.output.differences import lines
    from newscrawl.judge.diff.differences import Op, Span
    from newscrawl.judge.diff.excerpt import most_telling

    if telling := most_telling(event.diffs):
        yield from lines((Span(Op.SAME, f"{telling.field}: "), *telling.spans), width, colour=colour)


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
