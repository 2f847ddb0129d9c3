"""Whether the lists, feeds and sitemaps of an edition still work, each compared with its own rhythm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from newscrawl.judge.health.chance import likeness, share_at_most
from newscrawl.model.discovery import Channel, EntryOutcome
from newscrawl.model.health import ChannelFacts

# A failing channel is tried in every run: two failures half a day apart are more than a server restart.
FAILING, READS = timedelta(hours=12), 2
# An empty list points to a redesign, not an outage: the server answers properly. Two reads an hour apart rule out
# a page that was just being rebuilt.
EMPTY = timedelta(hours=1)
# Three reads in a week that do not join, and a tenth of all: then the list is read too seldom, it was not just one
# slow night.
UNJOINED, UNJOINED_SHARE, WEEK = 3, 0.1, 7
# A channel counts as still in use if it was read at most this long before the edition's last read.
ASKED = timedelta(days=2)
# Days with articles needed to compare a channel with itself, the probability below which it counts as stale, and
# the least correlation of neighbouring days.
DAYS_BEFORE, UNLIKELY, ALIKE = 10, 1e-6, 0.05
# Entries that are not taken are much from ten on if they are half of all, and new from five on if the channel had none
# of the kind in its first day; new ones are reported for a week. Links on pages mostly lead elsewhere: of them only
# headlines count that no pattern takes.
LEFT_MUCH, LEFT_NEW, LEFT_NEW_FOR = 10, 5, timedelta(days=7)
_LEFT = frozenset(
    {EntryOutcome.OTHER_HOST, EntryOutcome.NO_PATTERN, EntryOutcome.SITEMAP_REFUSED, EntryOutcome.BOUND}
)


class ChannelProblemKind(Enum):
    """What can be wrong with channels."""

    UNREACHABLE = auto()
    DEAD = auto()
    EMPTY = auto()
    STALE = auto()
    OVERLAP = auto()
    LEFT = auto()


@dataclass(frozen=True, slots=True)
class ChannelProblem:
    """What is wrong with a channel, since when, and the figures: `measured` out of `of`.

    `url` is "" for all channels of an edition; `outcome` is that of the last read.
    """

    kind: ChannelProblemKind
    channel: Channel | None
    url: str
    since: datetime
    measured: int
    of: int
    outcome: str


def channels(found: Sequence[ChannelFacts], articles: Mapping[date, int]) -> list[ChannelProblem]:
    """What is wrong with the channels of an edition; `articles` is how many appeared on each day (UTC)."""
    asked = _asked(found)
    if not asked:
        return []
    bad = [channel for channel in asked if _fails(channel)]
    if len(bad) == len(asked) and all(not channel.empty for channel in bad):
        since = min(channel.bad_since for channel in bad if channel.bad_since is not None)
        outcomes = ", ".join(sorted({channel.outcome for channel in bad}))
        return [
            ChannelProblem(ChannelProblemKind.UNREACHABLE, None, "", since, len(bad), len(asked), outcomes)
        ]
    problems = []
    for channel in asked:
        if channel in bad:
            assert channel.bad_since is not None
            kind = ChannelProblemKind.EMPTY if channel.empty else ChannelProblemKind.DEAD
            problems.append(_problem(kind, channel, channel.bad_since, channel.bad_reads, channel.bad_reads))
        elif channel.bad_since is None:
            judged = (_stale(channel, articles), _overlap(channel), _left(channel))
            problems += [found for found in judged if found is not None]
    return problems


def _asked(found: Sequence[ChannelFacts]) -> list[ChannelFacts]:
    """Channels that worked once and are still read; the others are not offered, or were given up."""
    last = max((channel.last_read for channel in found), default=None)
    return [
        channel
        for channel in found
        if channel.last_good is not None and last is not None and last - channel.last_read <= ASKED
    ]


def _fails(channel: ChannelFacts) -> bool:
    if channel.bad_since is None or channel.bad_reads < READS:
        return False
    if channel.empty and channel.channel is Channel.SITEMAP:
        return False  # a news sitemap lists the last two days, so it is empty after a quiet weekend
    return channel.last_read - channel.bad_since >= (EMPTY if channel.empty else FAILING)


def _stale(channel: ChannelFacts, articles: Mapping[date, int]) -> ChannelProblem | None:
    """Whether the channel has stopped changing on days on which the edition has new articles.

    Compared with its own rhythm: a front page changes on every such day, the page of a section once a week.
    """
    if channel.channel is Channel.SITEMAP:  # the entries of a sitemap are not stored for each read
        return None
    days = [day for day in channel.days if day.good and articles.get(day.day, 0)]
    still = 0
    while still < len(days) and not days[-1 - still].moved:
        still += 1
    before = [day.moved for day in days[: len(days) - still]]
    if not still or len(before) < DAYS_BEFORE:
        return None
    share = (sum(before) + 0.5) / (len(before) + 1)
    if share_at_most(0, still, share, max(ALIKE, likeness(before, 5))) >= UNLIKELY:
        return None
    since = datetime.combine(days[-still].day, datetime.min.time(), channel.last_read.tzinfo)
    missed = sum(articles[day.day] for day in days[-still:])
    return _problem(ChannelProblemKind.STALE, channel, since, missed, still)


def _overlap(channel: ChannelFacts) -> ChannelProblem | None:
    recent = [day for day in channel.days if day.day > channel.last_read.date() - timedelta(days=WEEK)]
    unjoined = sum(day.unjoined for day in recent)
    compared = unjoined + sum(day.joined for day in recent)
    if unjoined < UNJOINED or unjoined < UNJOINED_SHARE * compared:
        return None
    first = next(day.day for day in recent if day.unjoined)
    since = datetime.combine(first, datetime.min.time(), channel.last_read.tzinfo)
    return _problem(ChannelProblemKind.OVERLAP, channel, since, unjoined, compared)


def _left(channel: ChannelFacts) -> ChannelProblem | None:
    """Whether the channel names much that is not taken, or something new that is not."""
    counted = {EntryOutcome.NO_PATTERN} if channel.channel is Channel.LISTING else _LEFT
    left = [one for one in channel.entries if one.outcome in counted and one.since is not None]
    number = sum(one.number for one in left)
    of = number + sum(one.number for one in channel.entries if one.outcome.is_taken)
    if number >= LEFT_MUCH and 2 * number >= of:
        since = min(one.since for one in left if one.since is not None)
        return _problem(ChannelProblemKind.LEFT, channel, since, number, of)
    known_from = (channel.first_read or channel.last_read) + timedelta(days=1)
    for one in left if channel.channel is not Channel.LISTING else ():
        assert one.since is not None
        fresh = one.since >= known_from and channel.last_read - one.since <= LEFT_NEW_FOR
        if fresh and one.number >= LEFT_NEW:
            return _problem(ChannelProblemKind.LEFT, channel, one.since, one.number, of)
    return None


def _problem(
    kind: ChannelProblemKind, channel: ChannelFacts, since: datetime, measured: int, of: int
) -> ChannelProblem:
    return ChannelProblem(kind, channel.channel, channel.url, since, measured, of, channel.outcome)
