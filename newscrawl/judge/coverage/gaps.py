"""Where articles may have been missed: doubtful times, what closes them, outages. Pure: decides from facts that the archive hands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from newscrawl.judge.coverage.joining import ends
from newscrawl.model import (
    Channel,
    Closing,
    Ends,
    Entry,
    FetchOutcome,
    Gap,
    Named,
    RootRead,
    ShownBefore,
    Sight,
    Unjoined,
)


class Facts(Protocol):
    """What an archive knows of the listings of one edition."""

    source: str
    edition: str

    def reads(self) -> Sequence[RootRead]:
        """Reads of lists, feeds and sitemaps, in their order."""

    def shown(self, doubt: Unjoined, run: int) -> Sequence[Entry]:
        """What the list in doubt showed in a run, its older pages included."""

    def named(self, keys: Sequence[str]) -> Sequence[Named]:
        """Since when and until when sitemaps named pieces."""

    def sights(self, doubt: Unjoined, keys: Sequence[str]) -> Sequence[Sight]:
        """Lists that showed any of the pieces after the doubtful time began."""


def gaps(
    editions: Iterable[Facts],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    closed: bool = False,
) -> list[Gap]:
    """Times in which articles may have been missed, latest first; with `closed` also those that proved harmless, and past outages.

    `since` and `until` choose those that touch the time between them.
    """
    found = [
        replace(gap, source=facts.source, edition=facts.edition)
        for facts in editions
        for gap in _of_edition(facts)
        if (gap.open or closed)
        and (since is None or gap.ended > since)
        and (until is None or gap.began < until)
    ]
    return sorted(found, key=lambda gap: (gap.ended, gap.began), reverse=True)


def _of_edition(facts: Facts) -> list[Gap]:
    reads = facts.reads()

    def close(doubt: Unjoined) -> Closing | None:
        before = ShownBefore(doubt.began, tuple(facts.shown(doubt, doubt.runs[0])))
        first, new = ends(before, facts.shown(doubt, doubt.runs[1]))
        both = Ends(tuple(facts.named(first)), tuple(facts.named(new)))
        return closing(doubt, both, facts.sights(doubt, [*first, *new]), reads)

    return windows(reads, close)


def unjoined(reads: Sequence[RootRead]) -> list[Unjoined]:
    """The doubtful times of an edition, from its reads in their order: one for each read that does not join."""
    found: list[Unjoined] = []
    last: dict[str, RootRead] = {}
    waiting: dict[str, RootRead] = {}  # read, and not known yet whether it joins
    for read in reads:
        if not read.good or read.channel is Channel.SITEMAP:  # a sitemap has no order to tell from
            continue
        before = last.get(read.root)
        if before is not None and read.joined is None:
            waiting[read.root] = read
            continue
        waiting.pop(read.root, None)
        if before is not None and read.joined is False:
            found.append(_between(before, read))
        last[read.root] = read
    found += [_between(last[root], read, pending=True) for root, read in waiting.items()]
    return sorted(found, key=lambda doubt: (doubt.ended, doubt.root))


def closing(
    doubt: Unjoined, ends: Ends, sights: Iterable[Sight], reads: Sequence[RootRead]
) -> Closing | None:
    """What proves that nothing was missed in a doubtful time; None if nothing does.

    Another list does that shows the oldest new pieces of the read after, and either joins all the
    way back to before the doubtful time or shows the newest pieces of the read before. A sitemap does
    that names both ends at one moment.
    """
    if not ends.after:
        return None
    found = [
        Closing(sight.channel, sight.at)
        for sight in sights
        if (sight.run, sight.root) != (doubt.runs[1], doubt.root)
        and _most(ends.after, sight.keys)
        and (_joined_since(reads, sight) <= doubt.runs[0] or _most(ends.before, sight.keys))
    ]
    found += _by_sitemap(ends)
    return min(found, key=lambda one: one.at, default=None)


def windows(reads: Sequence[RootRead], close: Callable[[Unjoined], Closing | None]) -> list[Gap]:
    """Gaps and outages of one edition, oldest first, from its reads in their order of time.

    Overlapping doubts of several lists are one gap. An outage is the time from the last answer to
    the next; it is an open gap while it lasts, part of one if the next read does not join, and
    otherwise closed: then nothing was missed but what came and went within it.
    """
    doubts = [(doubt, close(doubt)) for doubt in unjoined(reads)]
    order = {run: place for place, run in enumerate(dict.fromkeys(read.run for read in reads))}
    gaps: list[Gap] = []
    for is_open in (True, False):
        chosen = [(doubt, by) for doubt, by in doubts if (by is None) is is_open]
        gaps += [_gap(group) for group in _overlapping(chosen, order)]
    for outage in _outages(reads):
        covering = next(
            (g for g in gaps if g.open and g.began <= outage.began and outage.ended <= g.ended), None
        )
        if covering is None:
            gaps.append(outage)
        else:
            gaps[gaps.index(covering)] = replace(covering, reason=f"{outage.reason}; {covering.reason}")
    return sorted(gaps, key=lambda gap: (gap.began, gap.ended))


def _between(before: RootRead, read: RootRead, *, pending: bool = False) -> Unjoined:
    runs = before.run, read.run
    return Unjoined(read.channel, read.root, runs, before.at, read.at, pending=pending)


def _joined_since(reads: Sequence[RootRead], sight: Sight) -> int:
    """The run since which the list was read without a doubt, up to the run of the sight."""
    mine = [r for r in reads if r.root == sight.root and r.good and r.run <= sight.run]
    since = sight.run
    if len(mine) > 1 and mine[-1].joined is None:
        return since
    for read in reversed(mine):
        since = read.run
        if read.joined is False:
            break
    return since


def _most(ends: Sequence[Named], keys: frozenset[str]) -> bool:
    return bool(ends) and 2 * sum(end.key in keys for end in ends) > len(ends)


def _by_sitemap(ends: Ends) -> Iterator[Closing]:
    everyone = (*ends.before, *ends.after)
    for moment in sorted({end.sitemap_first for end in everyone if end.sitemap_first is not None}):
        named = frozenset(end.key for end in everyone if _named(end, moment))
        if _most(ends.before, named) and _most(ends.after, named):
            yield Closing(Channel.SITEMAP, moment)
            return


def _named(end: Named, moment: datetime) -> bool:
    if end.sitemap_first is None or end.sitemap_last is None:
        return False
    return end.sitemap_first <= moment <= end.sitemap_last


def _overlapping(
    doubts: Sequence[tuple[Unjoined, Closing | None]], order: dict[int, int]
) -> Iterator[list[tuple[Unjoined, Closing | None]]]:
    """Doubts that share a time between two runs, together."""
    group: list[tuple[Unjoined, Closing | None]] = []
    end = -1
    for doubt, by in sorted(doubts, key=lambda pair: (order[pair[0].runs[0]], pair[0].root)):
        if group and order[doubt.runs[0]] >= end:
            yield group
            group = []
            end = -1
        group.append((doubt, by))
        end = max(end, order[doubt.runs[1]])
    if group:
        yield group


def _gap(group: Sequence[tuple[Unjoined, Closing | None]]) -> Gap:
    lists = ", ".join(dict.fromkeys(f"{doubt.channel.value} {doubt.root}" for doubt, _ in group))
    reason = f"unjoined: {lists} showed none of what was newest before"
    if any(doubt.pending for doubt, _ in group):
        reason += "; its older pages could not be read yet"
    closings = [by for _, by in group if by is not None]
    by = max(closings, key=lambda one: one.at, default=None)
    return Gap(
        began=min(doubt.began for doubt, _ in group),
        ended=max(doubt.ended for doubt, _ in group),
        reason=reason,
        open=by is None,
        closed_by=by.channel if by is not None else None,
        closed_at=by.at if by is not None else None,
    )


def _outages(reads: Sequence[RootRead]) -> Iterator[Gap]:
    offered = {read.root for read in reads if read.good}
    runs: dict[int, list[RootRead]] = {}
    for read in reads:
        if read.root in offered or read.outcome not in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE):
            runs.setdefault(read.run, []).append(read)
    alive: datetime | None = None
    dead: list[list[RootRead]] = []
    for group in runs.values():
        good = [read.at for read in group if read.good]
        if not good:
            dead.append(group)
            continue
        if dead:
            yield _outage(alive or dead[0][0].at, min(good), dead, lasts=False)
        alive, dead = max(good), []
    if dead:
        yield _outage(alive or dead[0][0].at, dead[-1][-1].at, dead, lasts=True)


def _outage(began: datetime, ended: datetime, dead: Sequence[Sequence[RootRead]], *, lasts: bool) -> Gap:
    what = ", ".join(sorted({read.outcome for group in dead for read in group}))
    runs = "1 run" if len(dead) == 1 else f"{len(dead)} runs"
    return Gap(began, ended, f"outage: no answer in {runs} ({what})", open=lasts, kind="outage")
