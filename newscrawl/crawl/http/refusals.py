"""Exceptions for requests that are not sent, each kind with its reason."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from newscrawl.model import FetchOutcome


class Refused(IgnoreRequest):
    """A request that is not sent; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OffSite(Refused):
    """The address is on a host that is not the outlet's."""


class Throttled(Refused):
    """The host asked to be left alone for longer than a run waits."""


class Unreachable(Refused):
    """Left to the next run: the edition stopped answering."""


class AskedBefore(Unreachable):
    """The address was asked in this run before its turn, as a control."""


class Stopped(Unreachable):
    """The run ended before the request was sent."""


class Unkept(Unreachable):
    """The response came and could not be written to the WARC: no fault of the outlet, and requested again by the next run."""


class RulesUnknown(Unreachable):
    """The robots.txt of the host cannot be read; `outcome` is that of the request for it."""

    def __init__(self, reason: str, outcome: FetchOutcome) -> None:
        super().__init__(reason)
        self.outcome = outcome
