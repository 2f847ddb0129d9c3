"""A function over many jobs in processes of their own: a job that hangs or takes its process down is ended, said, and the rest goes on."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from newscrawl.scratch import shelter_workers

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Ended:
    """A job without result, and why."""

    reason: str


class _Worker(Generic[_Job, _Result]):
    """One process and the job it has in hand."""

    def __init__(self, work: Callable[[_Job], _Result], seconds: float) -> None:
        context = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        self.job: _Job | None = None
        self._seconds = seconds
        self._process = context.Process(target=_serve, args=(theirs, work, seconds), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, job: _Job) -> None:
        self.job = job
        try:
            self.pipe.send(job)
        except OSError:  # it is gone: taking its answer will say so
            return

    def take(self) -> tuple[_Job, _Result | Ended]:
        """The job in hand and its result; waits for it."""
        assert self.job is not None
        return self.job, self._result()

    def _result(self) -> _Result | Ended:
        try:
            result: _Result = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode
            if code == -signal.SIGALRM:
                return Ended(f"took longer than {self._seconds:g} seconds")
            return Ended(f"its process died (exit code {code})")
        return result

    @property
    def alive(self) -> bool:
        return self._process.exitcode is None

    def end(self) -> None:
        self.pipe.close()
        self._process.kill()
        self._process.join()


def results(
    work: Callable[[_Job], _Result],
    jobs: Iterable[_Job],
    *,
    workers: int,
    seconds: float,
    load: Sequence[str] = (),
) -> Iterator[tuple[_Job, _Result | Ended]]:
    """Each job with what `work` made of it, or why it was ended; in the order in which they are done.

    `work` is a function of a module that the processes can import; it gets at most `seconds` a job.
    `load` names modules that are loaded once for all processes. Jobs are taken one by one as processes come free, so memory stays flat.
    """
    shelter_workers()
    # Not forked from here: a fork inherits locks and database connections. Forked from a server that has neither.
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(load))
    waiting = iter(jobs)
    team: list[_Worker[_Job, _Result]] = []
    try:
        while True:
            for job in islice(waiting, workers - len(team)):
                team.append(_Worker(work, seconds))
                team[-1].give(job)
            if not team:
                return
            busy = {one.pipe: one for one in team}
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                done, result = worker.take()
                following = next(waiting, None) if worker.alive else None
                if following is not None:
                    worker.give(
                        following
                    )  # before the result is used, so that it has something to do meanwhile
                else:
                    team.remove(worker)
                    worker.end()
                yield done, result
    finally:
        for worker in team:
            worker.end()


def _serve(pipe: Connection[Any, Any], work: Callable[[Any], Any], seconds: float) -> None:
    # Ctrl-C is answered by the parent alone. The alarm ends this process, also within a C library and where the
    # parent is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):  # the parent is done or gone
            return
        signal.setitimer(signal.ITIMER_REAL, seconds)
        result = work(job)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            pipe.send(result)
        except OSError:
            return
