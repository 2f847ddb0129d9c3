"""How far a long command is, on one line of a terminal's standard error. Silent under cron and in pipes."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from newscrawl.cli.output.tables import columns, fit

_INTERVAL = 0.2  # seconds between two writes: seen as steady, and costs nothing


class Progress:
    """A counter that shows itself: `with Progress("pages") as progress: progress.step()`.

    `total` is how many there will be, None if nobody knows. The line is wiped at the end.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total = what, total
        self._count, self._shown, self._width = 0, 0.0, 0
        self._active = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def step(self, note: str = "") -> None:
        """One more is done; `note` says what is being done, in words that are safe to print."""
        self.at(self._count + 1, note)

    def add(self, note: str, count: int) -> None:
        """So many more are done."""
        self.at(self._count + count, note)

    def at(self, count: int, note: str = "") -> None:
        """So many are done."""
        self._count = count
        if self._active and time.monotonic() - self._shown >= _INTERVAL:
            of = f" of {self._total:,}" if self._total else ""
            line = fit(f"{self._count:,}{of} {self._what} {note}".rstrip(), 78)
            sys.stderr.write(f"\r{line}{' ' * (self._width - columns(line))}")
            sys.stderr.flush()
            self._shown, self._width = time.monotonic(), columns(line)

    def wipe(self) -> None:
        """Clears the line, so that other output starts at its beginning."""
        if self._active and self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()
            self._width = 0
