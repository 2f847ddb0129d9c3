"""Runs `newscrawl` and `scrapy` commands in processes of their own, forked from one that has loaded the program.

A fork starts in milliseconds where a fresh interpreter takes one to three seconds of CPU, and it can be killed at a
chosen moment or at a chosen call. `python -m tests.support.process_pool` is the process forked from: it takes a line
of JSON for each command and writes two, the process id and how the command ended.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing import util
from pathlib import Path
from typing import Any, Self, TextIO

ROOT = Path(__file__).parents[2]
_spawn_anew = util.spawnv_passfds

# What the commands load sooner or later, and packages of which they load most. Not the settings, which read the
# environment, not the reactor, and not the sources, which may come from the working directory.
_LOADED = (
    "newscrawl.cli.crawling.crawl", "newscrawl.cli.crawling.import_warc", "newscrawl.cli.crawling.reprocess", "newscrawl.cli.operating.verify",
    "newscrawl.store.archive", "newscrawl.store.audit.inspector", "newscrawl.store.write.reprocessing", "newscrawl.archiving.reprocess", "newscrawl.extract.text.body",
    "newscrawl.importing.run", "newscrawl.warc.compare", "aiohttp.web", "alembic.command", "alembic.config",
    "filelock", "queuelib", "requests", "scrapy.core.engine", "scrapy.extensions.feedexport", "scrapy.pqueues",
    "scrapy.spiderloader", "scrapy.squeues", "sqlalchemy.dialects.sqlite", "trafilatura", "warcio.recordloader",
)  # fmt: skip
_PACKAGES = (
    "newscrawl.crawl", "newscrawl.extract", "scrapy.core.downloader.handlers", "scrapy.downloadermiddlewares",
    "scrapy.extensions", "scrapy.spidermiddlewares",
)  # fmt: skip
_NOT = ("http", "http2", "statsmailer")  # deprecated, or of an extra


@dataclass(frozen=True, slots=True)
class Kill:
    """A SIGKILL: `after` so many seconds from outside, or from inside at the `nth` call of `point` ("module:name.name").

    `when` is "before" the call, "after" it, or, for a function that takes bytes as its last argument, when "half" of
    them are written. With `alone` only the command itself is killed, not the processes it started.
    """

    after: float | None = None
    point: str = ""
    nth: int = 1
    when: str = "before"
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended: exit code (-9: killed), output, and processes still alive half a minute later."""

    code: int
    out: str
    err: str
    seconds: float
    left: tuple[int, ...] = ()


@dataclass(slots=True)
class ProcessPool:
    """`with ProcessPool() as pool: pool.run("crawl", "orda", home=…)`. One command at a time."""

    _server: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.process_pool"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def start(
        self,
        *words: str,
        home: Path | None = None,
        folder: Path = ROOT,
        program: str = "newscrawl",
        kill: Kill | None = None,
        limits: Mapping[str, int] | None = None,
        replace: Mapping[str, str] | None = None,
        forks: bool = False,
        **variables: str,
    ) -> int:
        """Starts `newscrawl WORDS…` in a folder and returns its process id; `wait` must follow.

        `home` is the archive (the folder's own without it). `program` is the module that `python -m` would run:
        "newscrawl" or "scrapy". `limits` are resource limits by name (RLIMIT_FSIZE …); `replace` puts functions of
        one module in the place of those of another, both as "module:name". With `forks` the commands of ours that the
        command itself runs are forked, too.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NEWSCRAWL_")}
        environment |= {"NEWSCRAWL_HOME": str(home)} if home is not None else {}
        request = {
            "program": program, "words": words, "folder": str(folder), "environment": environment | variables,
            "kill": asdict(kill) if kill else None, "limits": dict(limits or {}), "replace": dict(replace or {}), "forks": forks,
        }  # fmt: skip
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return int(self._line()["pid"])

    def wait(self) -> Finished:
        """How the command started last ended; waits for it."""
        ending = self._line()
        return Finished(**{**ending, "left": tuple(ending["left"])})

    def run(self, *words: str, **options: Any) -> Finished:
        """Starts a command (options as for `start`) and waits for its end."""
        self.start(*words, **options)
        return self.wait()

    def _line(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            raise RuntimeError("the process pool has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


# --- the process that is forked from ----------------------------------------------------------------


def serve() -> None:
    """Forks a process for each line of standard input."""
    for name in (*_LOADED, *_modules()):
        importlib.import_module(name)
    for name in ("newscrawl.settings", "newscrawl.spiders", "twisted.internet.reactor"):
        assert name not in sys.modules, name
    gc.collect()
    gc.freeze()  # the forks' garbage collectors leave alone, and do not copy, what is loaded
    _answer(sys.stdin, sys.stdout)


def _answer(requests: Iterable[str], answers: TextIO) -> None:
    for line in requests:
        request = json.loads(line)
        with _files() as (out, err):
            began = time.monotonic()
            pid = os.fork()
            if pid == 0:
                _become(request, out, err)
            _send({"pid": pid}, answers)
            code = _end_of(pid, request["kill"])
            seconds = round(time.monotonic() - began, 3)
            ended = Finished(code, _text(out), _text(err), seconds, _left(pid))
        _send(asdict(ended), answers)


def _modules() -> Iterator[str]:
    for package in map(importlib.import_module, _PACKAGES):
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_") and module.name not in _NOT:
                yield f"{package.__name__}.{module.name}"


def _become(request: dict[str, Any], out: int, err: int) -> None:
    """Runs the command in the forked process, as `python -m` would from its folder; never returns."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir(request["folder"])
    sys.path.insert(0, request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for name, most in request["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    for target, other in request["replace"].items():
        setattr(*_attribute(target), getattr(*_attribute(other)))
    if request["kill"] and request["kill"]["point"]:
        _arm(Kill(**request["kill"]))
    if request["forks"]:
        subprocess.run = _run_by_fork()
    util.spawnv_passfds = _spawn
    sys.argv = [request["program"], *request["words"]]
    code = 1
    try:
        runpy.run_module(request["program"], run_name="__main__")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - shown to whoever asked for the command
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            import atexit

            # As the interpreter ends: first the pools of threads are told, then their threads are waited for.
            threading._shutdown()  # type: ignore[attr-defined]

            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _run_by_fork() -> Callable[..., subprocess.CompletedProcess[str]]:
    """In the place of `subprocess.run` for commands of ours: asks a process forked by now, before there are threads."""
    ours, others = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        with others.makefile("r") as requests, others.makefile("w") as answers:
            _answer(requests, answers)
        os._exit(0)
    others.close()
    requests, answers = ours.makefile("w"), ours.makefile("r")

    def run(
        command: list[str], *, env: Mapping[str, str], cwd: Path, **_: object
    ) -> subprocess.CompletedProcess[str]:
        interpreter, module, program, *words = command
        assert (interpreter, module) == (sys.executable, "-m"), command
        request = {
            "program": program, "words": words, "folder": str(cwd.resolve()), "environment": dict(env),
            "kill": None, "limits": {}, "replace": {}, "forks": False,
        }  # fmt: skip
        _send(request, requests)
        answers.readline()  # its process id
        ended = json.loads(answers.readline())
        return subprocess.CompletedProcess(command, ended["code"], ended["out"], ended["err"])

    return run


def _spawn(path: str, arguments: list[str], passed: Sequence[int]) -> int:
    """Starts a helper of `multiprocessing`: its fork server as a fork, since everything it would load is loaded here.

    The fork is brought to the state of a fresh interpreter: no foreign files open, no signal handlers, no exit handlers.
    """
    program = arguments[-1]
    if not program.startswith("from multiprocessing.forkserver import main"):
        return _spawn_anew(path, arguments, passed)
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for which in signal.valid_signals():
            if callable(signal.getsignal(which)):
                signal.signal(which, signal.default_int_handler if which is signal.SIGINT else signal.SIG_DFL)
        first = 3
        for kept in sorted(passed):
            os.closerange(first, kept)
            first = kept + 1
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))
        threading._threading_atexits.clear()  # type: ignore[attr-defined]
        exec(program, {})
    except SystemExit:
        code = 0
    finally:
        os._exit(code)


def _arm(kill: Kill) -> None:
    """Replaces the function at the point by one that kills the process at its n-th call."""
    owner, name = _attribute(kill.point)
    whole = getattr(owner, name)
    calls = 0

    def die() -> None:
        (os.kill if kill.alone else os.killpg)(os.getpid(), signal.SIGKILL)

    def deadly(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        # Only WARC records (gzip members) count where half of one is to be written.
        calls += kill.when != "half" or bytes(arguments[-1][:2]) == b"\x1f\x8b"
        if calls < kill.nth:
            return whole(*arguments, **named)
        if kill.when == "half":
            whole(*arguments[:-1], arguments[-1][: len(arguments[-1]) // 2])
        elif kill.when == "after":
            whole(*arguments, **named)
        return die()

    setattr(owner, name, deadly)


def _attribute(point: str) -> tuple[Any, str]:
    """The object and the name of its attribute that "module:name.name" stands for."""
    module, _, names = point.partition(":")
    *parents, last = names.split(".")
    owner: Any = importlib.import_module(module)
    for parent in parents:
        owner = getattr(owner, parent)
    return owner, last


def _end_of(pid: int, kill: dict[str, Any] | None) -> int:
    """Waits for a process, killing it in time; its exit code."""
    if kill and kill["after"] is not None:
        until = time.monotonic() + kill["after"]
        while (pause := until - time.monotonic()) > 0:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(min(pause, 0.005))
        with contextlib.suppress(ProcessLookupError):
            (os.kill if kill["alone"] else os.killpg)(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _left(session: int) -> tuple[int, ...]:
    """Processes of a session that are there still after half a minute; ends them. (Linux; elsewhere none are found.)"""
    until = time.monotonic() + 30  # a fork server that is just loading needs its time
    while left := tuple(_members(session)):
        if time.monotonic() > until:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return left
        time.sleep(0.01)
    return ()


def _members(session: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            state, _parent, _group, of = stat.read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                yield int(stat.parent.name)


@contextlib.contextmanager
def _files() -> Iterator[tuple[int, int]]:
    """Two files without a name, for what a command says."""
    out, err = (
        os.memfd_create(name) if hasattr(os, "memfd_create") else _unnamed() for name in ("out", "err")
    )
    try:
        yield out, err
    finally:
        os.close(out)
        os.close(err)


def _unnamed() -> int:
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _text(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb") as file:
        return file.read().decode(errors="replace")


def _send(what: dict[str, Any], to: TextIO) -> None:
    to.write(json.dumps(what) + "\n")
    to.flush()


if __name__ == "__main__":
    serve()
