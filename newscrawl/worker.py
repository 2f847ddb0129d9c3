"""Runs functions in separate processes; a job that hangs, takes too much memory or crashes is killed and reported.

Other jobs continue. This protects against pages that break the extractor; it is not a sandbox against attacks.
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
from functools import cache
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
"""Bytes of resident memory allowed for a process: some eight times what the heaviest real page takes."""
PAGE_SECONDS = 20.0
"""Processor seconds for a page that somebody asked for; the slowest real ones take one or two."""
_FOR_PAGES = (
    "newscrawl.cli.crawling.examining",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
)
CLOCK_FACTOR = 6
"""How many times its processor seconds a job may take by the clock, because the machine may be busy."""
_POLL = 0.2  # seconds between two checks of the memory of a working process
_GRACE = 2.0  # seconds after its time limit within which a process should have ended itself
_AT_WORK = object()
_TIMES_UP = (-signal.SIGPROF, -signal.SIGALRM)
_IGNORED_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})


@dataclass(frozen=True, slots=True)
class Aborted:
    """Why a job has no result. `trace` is the traceback of an unexpected exception: a bug."""

    reason: str
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one job: `seconds` of processor time, `memory` in resident bytes.

    By the clock a job may take `clock_factor` times its seconds, because the machine may be busy with other work.
    """

    seconds: float
    memory: int = MEMORY
    clock_factor: float = CLOCK_FACTOR

    @property
    def clock(self) -> float:
        """The limit in seconds by the clock."""
        return self.seconds * self.clock_factor


class _Process:
    """One process with at most one job."""

    def __init__(self, limits: Limits, load: Sequence[str]) -> None:
        shelter_workers()
        # Not forked from this process, whose locks and connections a fork inherits, but from a server that has none.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(load))
        self.pipe, theirs = context.Pipe()
        self._limits = limits
        self._peak = 0
        self._due = 0.0
        self._process = context.Process(target=_serve, args=(theirs, limits), daemon=True)
        with _signals_blocked(), _without_main_module():
            self._process.start()
        theirs.close()
        _RUNNING.add(self)

    def submit(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._due = time.monotonic() + self._limits.clock + _GRACE
        with contextlib.suppress(OSError):  # the process is gone: `answer` reports it
            self.pipe.send((work, arguments))

    def wait_result(self) -> Any:
        """Wait for the result of the job, or an Aborted."""
        while not self.pipe.poll(_POLL):
            if (aborted := self.exceeded()) is not None:
                return aborted
        return self.answer()

    def exceeded(self) -> Aborted | None:
        """Kill the process and return the reason if its job has exceeded its limits, else None."""
        if time.monotonic() > self._due:
            self.kill()
            return self._timed_out()
        if _resident(self._process.pid) > self._limits.memory:
            self.kill()
            return Aborted(f"took more than {self._limits.memory / 2**20:,.0f} MiB of memory")
        return None

    def answer(self) -> Any:
        """The result in the pipe."""
        try:
            result, self._peak = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode
            self.kill()
            return self._timed_out() if code in _TIMES_UP else Aborted(f"its process died (exit code {code})")
        if self._peak > self._limits.memory / 2:
            self.kill()  # the next job gets a new, small process
        return result

    def _timed_out(self) -> Aborted:
        return Aborted(f"took longer than {self._limits.seconds:g} seconds")

    @property
    def alive(self) -> bool:
        return self in _RUNNING and self._process.exitcode is None

    def kill(self) -> None:
        _RUNNING.discard(self)
        self.pipe.close()
        self._process.kill()
        self._process.join()


class Worker:
    """One process for jobs one after the other, started at the first and replaced when killed. Thread-safe."""

    def __init__(self, limits: Limits, load: Sequence[str] = ()) -> None:
        self._limits = limits
        self._load = load
        self._process: _Process | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[..., _Result], *arguments: Any) -> _Result | Aborted:
        """Wait for the result of `work(*arguments)`; `work` is a function of a module the process can import."""
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = _Process(self._limits, self._load)
            self._process.submit(work, arguments)
            result: _Result | Aborted = self._process.wait_result()
            return result

    @property
    def started(self) -> bool:
        """Whether a process was started."""
        return self._process is not None


@cache
def page_worker() -> Worker:
    """The process in which this program reads single pages; unused it costs nothing, and it ends with the program."""
    return Worker(Limits(PAGE_SECONDS), _FOR_PAGES)


class _Busy(Generic[_Job]):
    """A busy process and its job."""

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
    """Each job with its result or why it was aborted, in the order in which they finish.

    `work` is a function of a module that the processes can import. `load` names modules that are loaded once for all
    processes. Jobs are taken one by one as processes become free, so memory stays constant.
    """
    shelter_workers()  # also without jobs: it removes what killed programs left
    waiting = iter(jobs)
    team: list[_Busy[_Job]] = []

    def begin(job: _Job, process: _Process) -> None:
        process.submit(work, (job,))
        team.append(_Busy(process, job))

    try:
        while True:
            for job in islice(waiting, workers - len(team)):
                begin(job, _Process(limits, load))
            if not team:
                return
            ready = set(wait([one.process.pipe for one in team], _POLL))
            for one in list(team):
                process = one.process
                # Polled again: this result may have come while the caller used an earlier one.
                done = process.pipe in ready or process.pipe.poll()
                result: Any = process.answer() if done else process.exceeded() or _AT_WORK
                if result is _AT_WORK:
                    continue
                team.remove(one)
                following = next(waiting, None) if process.alive else None
                if following is not None:
                    begin(following, process)  # before yielding, so that the process is busy meanwhile
                elif process.alive:
                    process.kill()
                yield one.job, result
    finally:
        for one in team:
            one.process.kill()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_RUNNING: WeakSet[_Process] = WeakSet()


@atexit.register
def _end_all() -> None:
    """Kill all processes at exit: they ignore the signal by which multiprocessing would end them."""
    for process in list(_RUNNING):
        process.kill()


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Processes started within it ignore Ctrl-C and SIGTERM, which the program itself handles."""
    resource_tracker.ensure_running()  # its start would unblock them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _IGNORED_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide the main module, a script that loads Scrapy or pytest, which new processes would import."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _resident(pid: int | None) -> int:
    """The resident memory of a process in bytes; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        pass
    except (OSError, ValueError, IndexError):
        return 0
    try:  # macOS
        output = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S603, S607
        return int(output.stdout or 0) * 1024
    except (OSError, ValueError):
        return 0


def _peak() -> int:
    """The most memory this process ever had, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _serve(pipe: Connection[Any, Any], limits: Limits) -> None:
    # Outside the caller's working directory, which may be deleted while this process lives. Python looks for it when an
    # attribute is missing, and 3.13.0 fails there with a SystemError, so that no codec could be loaded.
    os.chdir("/")
    # The timers end this process, also within a C library and without the parent.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # Keep warnings of libraries about broken pages off the terminal.
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")
    while True:
        try:
            work, arguments = pipe.recv()
        except (EOFError, OSError):  # the parent has finished or is gone
            return
        except Exception as error:  # noqa: BLE001 - the function's module cannot be imported here
            work, arguments = _raise, (error,)
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)
        signal.setitimer(signal.ITIMER_REAL, limits.clock)
        try:
            result = work(*arguments)
        except MemoryError:
            result = Aborted("took more memory than there is")
        except Exception as error:  # noqa: BLE001 - reported to the parent
            result = Aborted(f"{type(error).__name__}: {error}", traceback.format_exc())
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            pipe.send((result, _peak()))
        except OSError:
            return
        except Exception as error:  # noqa: BLE001 - pickle raises anything
            reason = f"its result cannot be handed back: {type(error).__name__}: {error}"
            pipe.send((Aborted(reason, traceback.format_exc()), _peak()))
        del work, arguments, result


def _raise(error: Exception) -> None:
    raise error
