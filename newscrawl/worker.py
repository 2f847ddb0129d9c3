"""Functions run in processes of their own: a job that hangs, eats memory or takes its process down is ended, said, and the rest goes on.

No sandbox: what is guarded against is a page that breaks its reader, not one that takes it over.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from newscrawl.temporary import shelter_workers

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")

MEMORY = 1024 * 1024 * 1024
"""Bytes a process may have resident: some eight times what the heaviest real page takes."""
PATIENCE = 6
_LOOK = 0.2  # seconds between two looks at the memory of a process at work
_GRACE = 2.0  # seconds after its time in which a process should have ended itself
_AT_WORK = object()
_TIMES_UP = (-signal.SIGPROF, -signal.SIGALRM)
_DEAF = frozenset({signal.SIGINT, signal.SIGTERM})


@dataclass(frozen=True, slots=True)
class Aborted:
    """A job without result, and why. `trace` is the traceback of an exception that nobody meant: a bug."""

    reason: str
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take: `seconds` of a processor, `memory` in bytes resident.

    On a machine that is busy with other things the clock says little of a page: it ends only what takes
    `patience` times as long as its seconds.
    """

    seconds: float
    memory: int = MEMORY
    patience: float = PATIENCE

    @property
    def clock(self) -> float:
        """Seconds by the clock."""
        return self.seconds * self.patience


class _Process:
    """One process, with at most one job in hand."""

    def __init__(self, limits: Limits, load: Sequence[str]) -> None:
        shelter_workers()
        # Not forked from here: a fork inherits locks and database connections. Forked from a server that has neither.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(load))
        self.pipe, theirs = context.Pipe()
        self._limits = limits
        self._peak = 0
        self._due = 0.0
        self._process = context.Process(target=_serve, args=(theirs, limits), daemon=True)
        with _deaf(), _nameless():
            self._process.start()
        theirs.close()
        _RUNNING.add(self)

    def give(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._due = time.monotonic() + self._limits.clock + _GRACE
        with contextlib.suppress(OSError):  # it is gone: taking its answer will say so
            self.pipe.send((work, arguments))

    def take(self) -> Any:
        """The result of the job in hand, or an Ended; waits for it."""
        while not self.pipe.poll(_LOOK):
            if (ended := self.over()) is not None:
                return ended
        return self.answer()

    def over(self) -> Aborted | None:
        """Ends a process at work that has taken too much, and says so."""
        if time.monotonic() > self._due:
            self.end()
            return self._late()
        if _resident(self._process.pid) > self._limits.memory:
            self.end()
            return Aborted(f"took more than {self._limits.memory / 2**20:,.0f} MiB of memory")
        return None

    def answer(self) -> Any:
        """The result that lies in the pipe."""
        try:
            result, self._peak = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode
            self.end()
            return self._late() if code in _TIMES_UP else Aborted(f"its process died (exit code {code})")
        if self._peak > self._limits.memory / 2:
            self.end()  # the next page begins with a small one
        return result

    def _late(self) -> Aborted:
        return Aborted(f"took longer than {self._limits.seconds:g} seconds")

    @property
    def alive(self) -> bool:
        return self in _RUNNING and self._process.exitcode is None

    def end(self) -> None:
        _RUNNING.discard(self)
        self.pipe.close()
        self._process.kill()
        self._process.join()


class Worker:
    """One process for jobs one after the other, started at the first of them and replaced where it was ended. Any thread may call it."""

    def __init__(self, limits: Limits, load: Sequence[str] = ()) -> None:
        self._limits = limits
        self._load = load
        self._process: _Process | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """What `work`, a function of a module that the process can import, makes of the arguments; waits for it."""
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = _Process(self._limits, self._load)
            self._process.give(work, arguments)
            result: _Result | Aborted = self._process.take()
            return result

    @property
    def started(self) -> bool:
        """Whether there was anything to do yet."""
        return self._process is not None


class _Busy(Generic[_Job]):
    """A process of a team and its job."""

    def __init__(self, process: _Process, job: _Job) -> None:
        self.process = process
        self.job = job


def results(
    work: Callable[[_Job], _Result],
    jobs: Iterable[_Job],
    *,
    workers: int,
    limits: Limits,
    load: Sequence[str] = (),
) -> Iterator[tuple[_Job, _Result | Aborted]]:
    """Each job with what `work` made of it, or why it was ended; in the order in which they are done.

    `work` is a function of a module that the processes can import. `load` names modules that are loaded once
    for all processes. Jobs are taken one by one as processes come free, so memory stays flat.
    """
    shelter_workers()  # also where there turns out to be nothing to do: it clears up after killed programs
    waiting = iter(jobs)
    team: list[_Busy[_Job]] = []

    def begin(job: _Job, process: _Process) -> None:
        process.give(work, (job,))
        team.append(_Busy(process, job))

    try:
        while True:
            for job in islice(waiting, workers - len(team)):
                begin(job, _Process(limits, load))
            if not team:
                return
            ready = set(wait([one.process.pipe for one in team], _LOOK))
            for one in list(team):
                process = one.process
                # Asked again: while an earlier result was used, however long, this one may have come.
                done = process.pipe in ready or process.pipe.poll()
                result: Any = process.answer() if done else process.over() or _AT_WORK
                if result is _AT_WORK:
                    continue
                team.remove(one)
                following = next(waiting, None) if process.alive else None
                if following is not None:
                    begin(following, process)  # before the result is used, so that it has something to do
                elif process.alive:
                    process.end()
                yield one.job, result
    finally:
        for one in team:
            one.process.end()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_RUNNING: WeakSet[_Process] = WeakSet()


@atexit.register
def _end_all() -> None:
    """They are deaf to the signal by which multiprocessing would end them."""
    for process in list(_RUNNING):
        process.end()


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """A process started meanwhile never gets Ctrl-C or a terminal's and systemd's SIGTERM: these are answered by the program itself."""
    resource_tracker.ensure_running()  # it would hear them again afterwards
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _DEAF)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _nameless() -> Iterator[None]:
    """Processes import the program's main module, which here is a script that loads Scrapy or pytest: they find none."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _resident(pid: int | None) -> int:
    """Bytes of memory a process has; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        pass
    except (OSError, ValueError, IndexError):
        return 0
    try:  # macOS
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S603, S607
        return int(said.stdout or 0) * 1024
    except (OSError, ValueError):
        return 0


def _peak() -> int:
    """The most memory this process ever had, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _serve(pipe: Connection[Any, Any], limits: Limits) -> None:
    # The timers end this process, also within a C library and where the parent is gone.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # What libraries say of a hostile page is not for the terminal.
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")
    while True:
        try:
            work, arguments = pipe.recv()
        except (EOFError, OSError):  # the parent is done or gone
            return
        except Exception as error:  # noqa: BLE001 - a function or a value of a module that cannot be imported here
            work, arguments = _raise, (error,)
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)
        signal.setitimer(signal.ITIMER_REAL, limits.clock)
        try:
            result = work(*arguments)
        except MemoryError:
            result = Aborted("took more memory than there is")
        except Exception as error:  # noqa: BLE001 - told to the parent, which counts it
            result = Aborted(f"{type(error).__name__}: {error}", traceback.format_exc())
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            pipe.send((result, _peak()))
        except OSError:
            return
        except Exception as error:  # noqa: BLE001 - whatever pickle makes of it
            reason = f"its result cannot be handed back: {type(error).__name__}: {error}"
            pipe.send((Aborted(reason, traceback.format_exc()), _peak()))
        del work, arguments, result


def _raise(error: Exception) -> None:
    raise error
