"""Whether the lists, feeds and sitemaps of an edition still work, each by its own rhythm. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from newscrawl.judge.health.chance import likeness, share_at_most
from newscrawl.model.discovery import Channel
from newscrawl.model.health import ChannelFacts

# A channel that fails is tried at every run: two failures half a day apart are no restart of a server.
FAILING, READS = timedelta(hours=12), 2
# An empty list is a redesign, not an outage: the server answers properly. Two reads an hour apart rule out a page that
# was being rebuilt.
EMPTY = timedelta(hours=1)
# Three reads of a week that do not join, and one of ten that moved: not one slow night, but a list that is read too seldom.
UNJOINED, UNJOINED_SHARE, WEEK = 3, 0.1, 7
# A channel that was asked as lately as this before the edition's last read is still asked.
ASKED = timedelta(days=2)
# Days with articles on which the channel can be compared with itself, and the chance that is left to it.
DAYS_BEFORE, UNLIKELY, ALIKE = 10, 1e-6, 0.05


class Trouble(Enum):
    """What can be wrong with channels."""

    UNREACHABLE = auto()
    DEAD = auto()
    EMPTY = auto()
    STALE = auto()
    OVERLAP = auto()


@dataclass(frozen=True, slots=True)
class ChannelTrouble:
    """What is wrong with a channel (`url`, "" for all of an edition), since when, and the figures: what was measured of how many.

    `outcome` names what the last read came to.
    """

    trouble: Trouble
    channel: Channel | None
    url: str
    since: datetime
    measured: int
    of: int
    outcome: str


def channels(found: Sequence[ChannelFacts], articles: Mapping[date, int]) -> list[ChannelTrouble]:
    """What is wrong with the channels of an edition; `articles` is how many appeared on each day (UTC)."""
    asked = _asked(found)
    if not asked:
        return []
    bad = [channel for channel in asked if _fails(channel)]
    if len(bad) == len(asked) and all(not channel.empty for channel in bad):
        since = min(channel.bad_since for channel in bad if channel.bad_since is not None)
        outcomes = ", ".join(sorted({channel.outcome for channel in bad}))
        return [ChannelTrouble(Trouble.UNREACHABLE, None, "", since, len(bad), len(asked), outcomes)]
    troubles = []
    for channel in asked:
        if channel in bad:
            assert channel.bad_since is not None
            kind = Trouble.EMPTY if channel.empty else Trouble.DEAD
            troubles.append(_trouble(kind, channel, channel.bad_since, channel.bad_reads, channel.bad_reads))
        elif channel.bad_since is None:
            troubles += [
                found for found in (_stale(channel, articles), _overlap(channel)) if found is not None
            ]
    return troubles


def _asked(found: Sequence[ChannelFacts]) -> list[ChannelFacts]:
    """Those that worked once and are still asked: others are not offered, or were given up."""
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
        return False  # a news sitemap names the last two days: after a quiet weekend nothing
    return channel.last_read - channel.bad_since >= (EMPTY if channel.empty else FAILING)


def _stale(channel: ChannelFacts, articles: Mapping[date, int]) -> ChannelTrouble | None:
    """Whether the channel stands still on days on which the edition has new articles, where it used to move.

    By its own rhythm: the front page moves on every such day, the page of a section once a week.
    """
    if channel.channel is Channel.SITEMAP:  # what a sitemap shows is not kept read by read
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
    return _trouble(Trouble.STALE, channel, since, missed, still)


def _overlap(channel: ChannelFacts) -> ChannelTrouble | None:
    recent = [day for day in channel.days if day.day > channel.last_read.date() - timedelta(days=WEEK)]
    unjoined = sum(day.unjoined for day in recent)
    told = unjoined + sum(day.joined for day in recent)
    if unjoined < UNJOINED or unjoined < UNJOINED_SHARE * told:
        return None
    first = next(day.day for day in recent if day.unjoined)
    since = datetime.combine(first, datetime.min.time(), channel.last_read.tzinfo)
    return _trouble(Trouble.OVERLAP, channel, since, unjoined, told)


def _trouble(kind: Trouble, channel: ChannelFacts, since: datetime, measured: int, of: int) -> ChannelTrouble:
    return ChannelTrouble(kind, channel.channel, channel.url, since, measured, of, channel.outcome)
