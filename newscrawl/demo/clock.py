"""A clock that stands still until it is set; knows nothing of the outlet."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """The made-up outlet's time: settable, safe to share between threads, never moving by itself."""

    def __init__(self, instant: datetime) -> None:
        """Start at `instant`, which must be aware (ValueError otherwise)."""
        self._lock = threading.Lock()
        self._now = _utc(instant)

    def now(self) -> datetime:
        """The present instant, in UTC."""
        with self._lock:
            return self._now

    def set(self, instant: datetime) -> None:
        """Move to an aware `instant`, forwards or backwards."""
        with self._lock:
            self._now = _utc(instant)

    def advance(self, step: timedelta) -> datetime:
        """Move by `step` and return the new present."""
        with self._lock:
            self._now += step
            return self._now


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"an aware instant is needed, not {instant!r}")
    return instant.astimezone(UTC)
