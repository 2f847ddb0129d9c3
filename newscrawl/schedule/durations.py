"""Parses and writes durations: 45m, 90s, 2h, 1h30m, or plain seconds."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_FORM = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s?)?", re.IGNORECASE | re.ASCII)
_MAX = 366 * 86400


def parse(text: str) -> timedelta:
    """The duration that `text` names, from a second to a year. Raises ValueError with a message for the user."""
    found = _FORM.fullmatch("".join(text.split()))
    parts = found.groups(default="0") if found is not None else ()
    seconds = sum(int(part) * size for part, size in zip(parts, _SECONDS.values(), strict=False))
    if not 0 < seconds <= _MAX:
        raise ValueError(f"{text[:40]!r} is no length of time. Write 45m, 90s, 2h or seconds")
    return timedelta(seconds=seconds)


def short(length: timedelta) -> str:
    """A duration as `parse` reads it: `1h30m`."""
    left, parts = int(length.total_seconds()), []
    for unit, size in _SECONDS.items():
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
