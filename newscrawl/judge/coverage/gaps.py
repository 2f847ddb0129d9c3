"""Where articles may have been missed: unjoined intervals, what closes them, and outages."""

from __future__ import annotations

from collections import Counter
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
        """Reads of lists, feeds and sitemaps, oldest first."""

    def shown(self, interval: Unjoined, run: int) -> Sequence[Entry]:
        """What the list of the interval showed in a run, its older pages included."""

    def named(self, keys: Sequence[str]) -> Sequence[Named]:
        """The first and last moment at which sitemaps named these articles."""

    def sights(self, interval: Unjoined, keys: Sequence[str]) -> Sequence[Sight]:
        """Lists that showed any of these articles after the interval began."""


def gaps(
    editions: Iterable[Facts],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    closed: bool = False,
) -> list[Gap]:
    """Times in which articles may have been missed, latest first.

    With `closed` also gaps in which nothing was missed after all, and past outages. `since` and `until`
    select gaps that overlap the time between them.
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

    def close(interval: Unjoined) -> Closing | None:
        before = ShownBefore(interval.began, tuple(facts.shown(interval, interval.runs[0])))
        first, new = ends(before, facts.shown(interval, interval.runs[1]))
        both = Ends(tuple(facts.named(first)), tuple(facts.named(new)))
        return closing(interval, both, facts.sights(interval, [*first, *new]), reads)

    return windows(reads, close)


def unjoined(reads: Sequence[RootRead]) -> list[Unjoined]:
    """The intervals before reads that do not join the previous one; `reads` are oldest first."""
    found: list[Unjoined] = []
    last: dict[str, RootRead] = {}
    waiting: dict[str, RootRead] = {}  # reads of which it is not known yet whether they join
    unmodified: Counter[str] = Counter()  # since the last read that showed something
    for read in reads:
        # A sitemap has no order, so its reads cannot be joined; a "not modified" shows nothing that could join.
        if not read.good or read.channel is Channel.SITEMAP:
            continue
        if _not_modified(read):
            unmodified[read.root] += 1
            continue
        before = last.get(read.root)
        if before is not None and read.joined is None:
            waiting[read.root] = read
            continue
        waiting.pop(read.root, None)
        if before is not None and read.joined is False:
            found.append(_between(before, read, unmodified[read.root]))
        last[read.root] = read
        unmodified[read.root] = 0
    found += [_between(last[root], read, unmodified[root], pending=True) for root, read in waiting.items()]
    return sorted(found, key=lambda interval: (interval.ended, interval.root))


def closing(
    interval: Unjoined, ends: Ends, sights: Iterable[Sight], reads: Sequence[RootRead]
) -> Closing | None:
    """The first proof that nothing was missed in an interval; None if there is none.

    Another list is a proof if it shows the oldest new articles of the later read, and either joins all the
    way back to before the interval or shows the newest articles of the earlier read. A sitemap is a proof
    if it names both ends at one moment.
    """
    if not ends.after:
        return None
    found = [
        Closing(sight.channel, sight.at)
        for sight in sights
        if (sight.run, sight.root) != (interval.runs[1], interval.root)
        and _most(ends.after, sight.keys)
        and (_joined_since(reads, sight) <= interval.runs[0] or _most(ends.before, sight.keys))
    ]
    found += _by_sitemap(ends)
    return min(found, key=lambda one: one.at, default=None)


def windows(reads: Sequence[RootRead], close: Callable[[Unjoined], Closing | None]) -> list[Gap]:
    """Gaps and outages of one edition, oldest first; `reads` are in order of time.

    Overlapping intervals of several lists are one gap. An outage lasts from the last answer to the next. It
    is an open gap while it lasts and part of a gap if the next read does not join. Otherwise it is closed:
    only articles that were published and deleted within it can have been missed.
    """
    intervals = [(interval, close(interval)) for interval in unjoined(reads)]
    order = {run: number for number, run in enumerate(dict.fromkeys(read.run for read in reads))}
    gaps: list[Gap] = []
    for is_open in (True, False):
        chosen = [(interval, by) for interval, by in intervals if (by is None) is is_open]
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


def _between(before: RootRead, read: RootRead, unmodified: int, *, pending: bool = False) -> Unjoined:
    runs = before.run, read.run
    return Unjoined(read.channel, read.root, runs, before.at, read.at, pending, unmodified)


def _joined_since(reads: Sequence[RootRead], sight: Sight) -> int:
    """The first run from which on every read of the list joined, up to the run of `sight`."""
    mine = [
        r for r in reads if r.root == sight.root and r.good and r.run <= sight.run and not _not_modified(r)
    ]
    since = sight.run
    if len(mine) > 1 and mine[-1].joined is None:
        return since
    for read in reversed(mine):
        since = read.run
        if read.joined is False:
            break
    return since


def _not_modified(read: RootRead) -> bool:
    return read.outcome == FetchOutcome.NOT_MODIFIED


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
    intervals: Sequence[tuple[Unjoined, Closing | None]], order: dict[int, int]
) -> Iterator[list[tuple[Unjoined, Closing | None]]]:
    """Intervals grouped by whether they overlap."""
    group: list[tuple[Unjoined, Closing | None]] = []
    end = -1
    for interval, by in sorted(intervals, key=lambda pair: (order[pair[0].runs[0]], pair[0].root)):
        if group and order[interval.runs[0]] >= end:
            yield group
            group = []
            end = -1
        group.append((interval, by))
        end = max(end, order[interval.runs[1]])
    if group:
        yield group


def _gap(group: Sequence[tuple[Unjoined, Closing | None]]) -> Gap:
    lists = ", ".join(dict.fromkeys(f"{interval.channel.value} {interval.root}" for interval, _ in group))
    reason = f"unjoined: {lists} showed none of what was newest before"
    if any(interval.pending for interval, _ in group):
        reason += "; its older pages could not be read yet"
    if unmodified := sum(interval.unmodified for interval, _ in group):
        reason += f'; {unmodified} reads between were answered "not modified" (304), which proves nothing'
    closings = [by for _, by in group if by is not None]
    by = max(closings, key=lambda one: one.at, default=None)
    return Gap(
        began=min(interval.began for interval, _ in group),
        ended=max(interval.ended for interval, _ in group),
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
