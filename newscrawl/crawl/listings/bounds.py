"""How many new leads a run may take from the channels of an edition, so that no sitemap fills the archive with invented addresses."""

from __future__ import annotations

from collections.abc import Callable, Container

from newscrawl.model import Channel, Lead

LEADS = 20_000
"""New leads a run and edition, with those that wait already: some twenty runs take as many."""

Leads = tuple[tuple[str, Lead], ...]  # with their url_keys


class LeadBound:
    """The room for new leads in a run, by edition. `waiting` says how many wait in an edition's frontier.

    Leads of sitemaps have no more room than the frontier leaves: what is cut is read again by a later run, when
    those before are settled. Lists and feeds, which bring the news, have the whole bound to themselves.
    """

    def __init__(self, waiting: Callable[[str], int], most: int = LEADS) -> None:
        self._waiting = waiting
        self._most = most
        self._room: dict[tuple[str, bool], int] = {}

    def room(self, edition: str, channel: Channel) -> int:
        """How many new leads of a channel the run has room for."""
        where = edition, channel is Channel.SITEMAP
        if where not in self._room:
            waiting = self._waiting(edition) if where[1] else 0
            self._room[where] = max(0, self._most - waiting)
        return self._room[where]

    def take(self, edition: str, channel: Channel, leads: Leads, met: Container[str]) -> Leads:
        """The leads that there is room for, in their order; those `met` by the archive need none."""
        room = self.room(edition, channel)
        taken = []
        for pair in leads:
            if pair[0] not in met:
                if not room:
                    continue
                room -= 1
            taken.append(pair)
        self._room[edition, channel is Channel.SITEMAP] = room
        return tuple(taken)
