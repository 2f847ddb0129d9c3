"""`newscrawl history`: the life of one article as a timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli import output
from newscrawl.cli.reading import check_range, find, open_archive, options
from newscrawl.cli.wording import counted, instant, kinds, place, standing
from newscrawl.model import Channel, State, VerdictKind

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.judge.timeline import Event
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
    epilog=output.examples(
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
    """Show the life of one article, oldest first: found, edited, absent, there again.

    Looks that found nothing new are folded into one line, and so are failures. --limit keeps the latest events.
    """
    from newscrawl import life_shapes
    from newscrawl.judge.timeline import timeline

    check_range(since, until)
    with open_archive() as reader:
        life = reader.life(find(reader, reference))
    events = [
        event
        for event in timeline(life)
        if (since is None or (event.until or event.at) >= since) and (until is None or event.at < until)
    ][-(limit or 0) :]
    if as_json:
        output.write_json(life_shapes.event(life.article.id, event) for event in events)
        return
    width = output.terminal_width()
    colour = width is not None and config.colours()
    output.print_lines(_page(life, events, min(width or _TEXT_WIDTH, _TEXT_WIDTH), colour=colour))
    if not events:
        output.note("Nothing happened between these dates.")


def _page(life: LifeRecord, events: list[Event], width: int, *, colour: bool) -> Iterator[str]:
    record = life.article
    looks = [look for look in life.looks if record.state is not State.LIVE]
    yield from output.wrap(output.safe(record.article.title) or "(no title)", width)
    yield from output.fact("article", output.safe(f"{record.id} ({record.source}/{record.edition})"), width)
    yield from output.fact("address", output.safe(record.url), width)
    yield from output.fact("state", output.safe(standing(record, looks)), width)
    yield ""
    for event in events:
        lines = [
            line
            for text in _words(event, record.article.title)
            for line in output.wrap(output.safe(text), max(width - _WHEN, 20))
        ]
        for number, line in enumerate(lines):
            yield f"{instant(event.at) if number == 0 else '':<{_WHEN}}{line}"
        for line in _excerpt(event, max(width - _WHEN, 20), colour=colour):
            yield f"{'':<{_WHEN}}{line}"


def _words(event: Event, title: str | None) -> Iterator[str]:
    from newscrawl.judge.timeline import EventKind

    if event.found is not None:
        yield f"found in {_CHANNELS.get(event.found.channel, event.found.channel.value)}: {event.found.url}"
        if event.found.headline not in (None, title):
            yield f"called there: {event.found.headline}"
    elif event.places:
        yield from _listed(event, title)
    elif event.alias is not None:
        sure = "" if event.alias.confirmed else ", not confirmed"
        yield f"also known at {event.alias.url} ({event.alias.kind.value}{sure})"
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
        yield f"there again ({event.looks[0].status or event.looks[0].outcome.value})"


def _listed(event: Event, title: str | None) -> Iterator[str]:
    first, positions = event.places[0], [place.position + 1 for place in event.places]
    reads = sum(place.reads for place in event.places)
    until = f", until {instant(event.until)}" if reads > 1 else ""
    where = f"place {min(positions)}" + (f" to {max(positions)}" if max(positions) != min(positions) else "")
    channel = _CHANNELS.get(first.channel, first.channel.value)
    yield f"shown in {channel}, {where}, {counted(reads, 'read')}{until}: {first.listing}"
    if first.headline not in (None, title):
        yield f"called there: {first.headline}"


def _edit(event: Event) -> Iterator[str]:
    from newscrawl.judge.excerpt import word_counts

    assert event.version is not None
    removed, added = word_counts(event.diffs)
    back = f", says again what version {event.version.returns_to} said" if event.version.returns_to else ""
    count = f"{counted(removed, 'word')} removed, {added:,} added"
    yield f"version {event.version.number}: {kinds(event.version)}; {count}{back}"
    if event.seen_before is not None:
        yield f"edited since the look at {instant(event.seen_before)}"


def _excerpt(event: Event, width: int, *, colour: bool) -> Iterator[str]:
    from newscrawl.cli.differing import lines
    from newscrawl.judge.diff import Op, Span
    from newscrawl.judge.excerpt import most_telling

    if telling := most_telling(event.diffs):
        yield from lines((Span(Op.SAME, f"{telling.field}: "), *telling.spans), width, colour=colour)


def _unchanged(event: Event) -> str:
    not_modified = sum(look.verdict is VerdictKind.NOT_MODIFIED for look in event.looks)
    pruned = [look.capture.pruned for look in event.looks if look.capture and look.capture.pruned]
    gone = (
        f"; {counted(len(pruned), 'raw response')} pruned by policy, last on {instant(max(pruned))}"
        if pruned
        else ""
    )
    if len(event.looks) == 1:
        return "looked at: unchanged" + (" (304)" if not_modified else "") + gone
    of_them = f", {not_modified:,} of them 304" if not_modified else ""
    return f"{len(event.looks):,} looks, unchanged, until {instant(event.until)}{of_them}{gone}"


def _failed(event: Event) -> Iterator[str]:
    until = f", until {instant(event.until)}" if event.until else ""
    yield f"{counted(len(event.looks), 'look')} that said nothing of it{until}:"
    reasons = Counter(look.reason for look in event.looks)
    for reason, number in reasons.most_common(3):
        yield f"{reason}{f' ({number} times)' if number > 1 else ''}"


def _absent(event: Event) -> Iterator[str]:
    look = event.looks[-1]
    if event.turn is not None:
        yield f"{event.turn.value}: {look.reason}"
    elif len(event.looks) > 1:
        yield f"still absent at {len(event.looks):,} looks, until {instant(event.until)}: {look.reason}"
    else:
        yield f"still absent: {look.reason}"
    if look.capture is not None:
        yield place(look.capture)
