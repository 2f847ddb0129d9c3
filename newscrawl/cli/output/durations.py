"""Lengths of time on the command line: 45m, 90s, 2h, 1h30m, or plain seconds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_FORM = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s?)?", re.IGNORECASE | re.ASCII)


class Duration(click.ParamType[timedelta]):
    """A length of time of at least a second, as timedelta."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        text = "".join(str(value).split())
        found = _FORM.fullmatch(text)
        parts = found.groups(default="0") if found is not None else ()
        seconds = sum(int(part) * size for part, size in zip(parts, _SECONDS.values(), strict=False))
        if not 0 < seconds <= 366 * 86400:
            self.fail(f"{str(value)[:40]!r} is no length of time. Write 45m, 90s, 2h or seconds", param, ctx)
        return timedelta(seconds=seconds)


def short(length: timedelta) -> str:
    """A length of time as the command line takes it: `1h30m`."""
    left, parts = int(length.total_seconds()), []
    for unit, size in _SECONDS.items():
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
