"""A value that is costly to make, kept for some seconds and made by one thread at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Cached(Generic[_T]):
    """Calls `make` at most once in `seconds`; an error is not kept. Safe for threads."""

    def __init__(
        self, make: Callable[[], _T], seconds: float, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._seconds = seconds
        self._tick = tick
        self._lock = Lock()
        self._kept: tuple[float, _T] | None = None

    def __call__(self) -> _T:
        with self._lock:
            if self._kept is None or self._tick() - self._kept[0] >= self._seconds:
                self._kept = self._tick(), self._make()
            return self._kept[1]
