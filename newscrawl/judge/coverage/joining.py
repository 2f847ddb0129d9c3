"""Whether a read of a list joins the previous one, and which articles are at the ends of the time between.

A list with the newest first shows everything published since any of its entries. So a read joins the
previous one if it still shows what was newest then. Entries out of order prove nothing: pinned ones at the
top, or "most read" ones far below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from newscrawl.model import Entry, ShownBefore

# How many of the newest entries of a read are searched for in the next one.
NEWEST = 10
# An article seen for the first time but dated this long before the previous read is an old one that is linked
# again. A smaller difference may be a wrong time zone.
SLACK = timedelta(days=1)
# Prefix of the key of an entry that is an article of the archive.
ARTICLE = "article "
_LATE = datetime.max.replace(tzinfo=UTC)
# How many of the newest entries may have been taken down between two reads.
TAKEN_AWAY = 3
# How many of the oldest new entries another channel must show to reach up to a read.
OLDEST = 5


def ends(before: ShownBefore, after: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """Keys at both ends of an unjoined interval: the newest entries before it, the oldest new ones after it.

    Only archived articles where there are any.
    """
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
    """The entries of a read, newest first; entries of the same moment keep the order of the list."""
    return sorted(before.entries, key=lambda entry: _age(entry, before.at), reverse=True)


def joins(before: ShownBefore, shown: Sequence[Entry]) -> bool:
    """Whether a list that now shows `shown` (in this order) covers everything since its previous read.

    It does if none of its entries is new; if it shows more than half of what was newest then, in any
    position (a hand-made front page that changed little); or if what was newest then follows below the new
    entries. There a few entries may be missing because they were taken down, but more must be present than
    missing: a single old entry may be there only because it is still read a lot.
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
    """The old entries below the new ones, cut where most new ones are above and most old ones below."""
    best, cut = -1, 0
    above, below = 0, sum(key in old for key in now)
    for position in range(len(now) + 1):
        if above + below >= best:  # of equal cuts the lowest, which accepts the fewest old entries
            best, cut = above + below, position
        if position < len(now):
            above += now[position] in new
            below -= now[position] in old
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
