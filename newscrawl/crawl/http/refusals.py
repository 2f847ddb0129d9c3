"""Requests that are not sent, each kind with its reason, in Scrapy's terms."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from newscrawl.model import FetchOutcome


class Refused(IgnoreRequest):
    """A request this program does not send; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OffSite(Refused):
    """The address is on a host that is not the outlet's."""


class Throttled(Refused):
    """The host asked to be left alone for longer than a run waits."""


class Unreachable(Refused):
    """Not asked in this run and left to the next one: the edition stopped answering."""


class Stopped(Unreachable):
    """The run ended before the request was sent."""


class Unkept(Unreachable):
    """The answer came and could not be kept: no fault of the outlet, and asked for again in the next run."""


class RulesUnknown(Unreachable):
    """The robots.txt of the host cannot be read; `outcome` is what came of asking for it."""

    def __init__(self, reason: str, outcome: FetchOutcome) -> None:
        super().__init__(reason)
        self.outcome = outcome
