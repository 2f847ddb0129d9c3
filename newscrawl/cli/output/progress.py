"""A progress line on standard error for long commands, shown only on a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from newscrawl.cli.output.tables import fit

if TYPE_CHECKING:
    from rich.progress import Progress as Line

_INTERVAL = 0.2  # seconds between two updates of the line
_BAR = 20  # columns of the bar


class Progress:
    """Counts and shows the count: `with Progress("pages") as progress: progress.step()`.

    `total` is the final count, None if it is unknown; if it is known, a bar is shown. The line is cleared at the end.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total = what, total
        self._count, self._shown = 0, 0.0
        self._active = sys.stderr.isatty()
        self._line: Line | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def step(self, note: str = "") -> None:
        """Adds one; `note` says what is being done and must be safe to print."""
        self.at(self._count + 1, note)

    def add(self, note: str, count: int) -> None:
        """Adds `count`."""
        self.at(self._count + count, note)

    def at(self, count: int, note: str = "") -> None:
        """Sets the count."""
        self._count = count
        if not self._active or time.monotonic() - self._shown < _INTERVAL:
            return
        of = f" of {self._total:,}" if self._total else ""
        text = f"{count:,}{of} {self._what} {note}".rstrip()
        if self._line is None:
            self._line = _line(self._total)
        room = self._line.console.width - (_BAR + 2 if self._total else 1)
        self._line.update(self._line.task_ids[0], completed=count, description=fit(text, room))
        self._line.start()
        self._line.refresh()
        self._shown = time.monotonic()

    def wipe(self) -> None:
        """Clears the line, so that other output starts at its beginning."""
        if self._line is not None:
            self._line.stop()
            self._line = None
            sys.stderr.write("\r")
            sys.stderr.flush()


def _line(total: int | None) -> Line:
    from rich.console import Console
    from rich.progress import BarColumn, Progress as Line, TextColumn

    # Notes name files and addresses, so they are plain text. Refreshed by hand, because rich would use a thread
    # and commands start processes meanwhile.
    bar = [BarColumn(_BAR)] if total else []
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    line = Line(
        *bar,
        TextColumn("{task.description}", markup=False),
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    line.add_task("", total=total)
    return line
