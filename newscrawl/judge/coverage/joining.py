"""Whether a read of a list joins the one before, and what stands at the ends of the time between two that do not. Pure.

A list that shows the newest first shows everything published since any of its entries. So a read
joins the one before when it shows again what was newest then. Entries at the wrong place prove
nothing: pinned above newer ones, or "most read" far below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from newscrawl.model import Entry, ShownBefore

# How many of the newest entries of a read the next one is asked for.
NEWEST = 10
# A piece met for the first time and dated this much before the read before is an old one that is linked again.
# Less may be a wrong zone.
SLACK = timedelta(days=1)
# How the key of an entry begins that is an article of the archive.
ARTICLE = "article "
_LATE = datetime.max.replace(tzinfo=UTC)
# How many of the newest may have been taken away between two reads.
TAKEN_AWAY = 3
# How many of the oldest new entries another channel must show to reach up to a read.
OLDEST = 5


def ends(before: ShownBefore, after: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """The keys at the two ends of a doubtful time: the newest before it, and the oldest met after it; articles where there are any."""
    first = [entry.key for entry in newest(before)]
    met = [entry for entry in after if entry.met is None or entry.met > before.at]
    new = sorted(
        [entry for entry in met if _is_new(entry, before.at)] or met,
        key=lambda entry: min(moment for moment in (entry.met, entry.published, _LATE) if moment is not None),
    )
    return _pieces(first)[:NEWEST], _pieces([entry.key for entry in new])[:OLDEST]


def _pieces(keys: Sequence[str]) -> list[str]:
    unique = list(dict.fromkeys(keys))
    return [key for key in unique if key.startswith(ARTICLE)] or unique


def newest(before: ShownBefore) -> list[Entry]:
    """The entries of a read, newest first; those of one moment in the order of the list."""
    return sorted(before.entries, key=lambda entry: _age(entry, before.at), reverse=True)


def joins(before: ShownBefore, shown: Sequence[Entry]) -> bool:
    """Whether a list that now shows these entries, in their order, shows everything since it was read before.

    It does if nothing in it was met since; if it shows more than half of what was newest then,
    wherever it stands (a front page made by hand that has moved little); or if below the new
    entries it goes on with what was newest then. There an entry may be missing, because it was
    taken away, few at most, and more must be shown than are missing: otherwise it is one that people still read.
    """
    now = list(dict.fromkeys(entry.key for entry in shown))
    new = {entry.key for entry in shown if _is_new(entry, before.at)}
    if not new:
        return bool(now)
    ranked = list(dict.fromkeys(entry.key for entry in newest(before)))
    if 2 * len(set(ranked[:NEWEST]) & set(now)) > len(ranked[:NEWEST]):
        return True
    return _continues(ranked, _below(now, new, set(ranked)))


def _is_new(entry: Entry, since: datetime) -> bool:
    if entry.met is not None and entry.met <= since:
        return False
    return entry.published is None or entry.published > since - SLACK


def _age(entry: Entry, at: datetime) -> datetime:
    return min(moment for moment in (entry.met, entry.published, at) if moment is not None)


def _below(now: Sequence[str], new: set[str], old: set[str]) -> set[str]:
    """The old entries below the new ones: cut where most new ones stand above and most old ones below."""
    best, cut = -1, 0
    above, below = 0, sum(key in old for key in now)
    for place in range(len(now) + 1):
        if above + below >= best:  # of equal cuts the lowest, which believes the fewest
            best, cut = above + below, place
        if place < len(now):
            above += now[place] in new
            below -= now[place] in old
    return {key for key in now[cut:] if key in old}


def _continues(ranked: Sequence[str], shown: set[str]) -> bool:
    found = missing = 0
    for key in ranked:
        if key in shown:
            found += 1
            if found > missing:
                return True
        elif (missing := missing + 1) > TAKEN_AWAY:
            break
    return False
