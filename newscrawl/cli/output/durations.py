"""The type of options that take a length of time: --every 30m, --max-time 1h30m."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from newscrawl.schedule.durations import parse


class Duration(click.ParamType[timedelta]):
    """A length of time of at least a second, as timedelta."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
