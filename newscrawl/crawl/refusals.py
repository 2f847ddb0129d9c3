"""Requests that are not sent, each kind with its reason, in Scrapy's terms."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


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
    """The edition stopped answering in this run; it is asked again in the next one."""


class Unkept(Unreachable):
    """The answer came and could not be kept: no fault of the outlet, and asked for again in the next run."""
