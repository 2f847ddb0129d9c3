"""Commands in processes of their own that start at once: forked from one that has loaded the program, and killed when and where one says.

`python -m tests.support.process_pool` is that one. It takes a line of JSON for each command and gives two back: its process, and how it ended.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]

# What the commands load sooner or later, and packages of which they load most. Not the settings, which read the
# environment, and not the reactor.
_LOADED = (
    "newscrawl.cli.crawling.crawl", "newscrawl.cli.crawling.import_warc", "newscrawl.cli.crawling.reprocess", "newscrawl.cli.operating.verify",
    "newscrawl.store.archive", "newscrawl.store.audit.inspector", "newscrawl.store.write.reprocessing", "newscrawl.archiving.reprocess", "newscrawl.extract.text.body",
    "newscrawl.importing.run", "newscrawl.warc.compare", "aiohttp.web", "alembic.command", "alembic.config",
    "filelock", "queuelib", "requests", "scrapy.core.engine", "scrapy.extensions.feedexport", "scrapy.pqueues",
    "scrapy.spiderloader", "scrapy.squeues", "sqlalchemy.dialects.sqlite", "trafilatura", "warcio.recordloader",
)  # fmt: skip
_PACKAGES = (
    "newscrawl.crawl", "newscrawl.extract", "newscrawl.spiders", "scrapy.core.downloader.handlers",
    "scrapy.downloadermiddlewares", "scrapy.extensions", "scrapy.spidermiddlewares",
)  # fmt: skip
_NOT = ("http", "http2", "statsmailer")  # deprecated, or of an extra


@dataclass(frozen=True, slots=True)
class Kill:
    """A SIGKILL: `after` so many seconds from outside, or from inside at the `nth` call of `point` ("module:name.name").

    At a point it strikes `when` the call is about to be made ("before"), is done ("after"), or, for a function that
    takes bytes as its last argument, when half of them are written ("half"). With `alone` the processes a command
    started are left to find out by themselves.
    """

    after: float | None = None
    point: str = ""
    nth: int = 1
    when: str = "before"
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Aborted:
    """How a command ended: its exit code (-9: killed), what it said, and processes it left behind, half a minute later."""

    code: int
    out: str
    err: str
    seconds: float
    left: tuple[int, ...] = ()


@dataclass(slots=True)
class ProcessPool:
    """`with Nursery() as nursery: nursery.run("crawl", "orda", home=…)`. One command at a time."""

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
        home: Path,
        kill: Kill | None = None,
        limits: Mapping[str, int] | None = None,
        replace: Mapping[str, str] | None = None,
        **variables: str,
    ) -> int:
        """Starts `newscrawl WORDS…` and gives its process id; `wait` must follow.

        `limits` are resource limits by name (RLIMIT_FSIZE …); `replace` puts functions of one module in the place of
        those of another, both as "module:name".
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NEWSCRAWL_")}
        environment |= {"NEWSCRAWL_HOME": str(home), **variables}
        asked = {
            "words": words, "environment": environment, "kill": asdict(kill) if kill else None,
            "limits": dict(limits or {}), "replace": dict(replace or {}),
        }  # fmt: skip
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        return int(self._line()["pid"])

    def wait(self) -> Aborted:
        """How the command started last ended; waits for it."""
        said = self._line()
        return Aborted(**{**said, "left": tuple(said["left"])})

    def run(self, *words: str, home: Path, **more: Any) -> Aborted:
        """Starts a command and waits for its end."""
        self.start(*words, home=home, **more)
        return self.wait()

    def _line(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            raise RuntimeError("the nursery is gone")
        found: dict[str, Any] = json.loads(line)
        return found


# --- the process that is forked from ----------------------------------------------------------------


def serve() -> None:
    """Forks a process for each line of standard input."""
    for name in (*_LOADED, *_modules()):
        importlib.import_module(name)
    assert "newscrawl.settings" not in sys.modules
    assert "twisted.internet.reactor" not in sys.modules
    for line in sys.stdin:
        asked = json.loads(line)
        with _files() as (out, err):
            began = time.monotonic()
            pid = os.fork()
            if pid == 0:
                _be(asked, out, err)
            _say({"pid": pid})
            code = _end_of(pid, asked["kill"])
            seconds = round(time.monotonic() - began, 3)
            ended = Aborted(code, _text(out), _text(err), seconds, _left(pid))
        _say(asdict(ended))


def _modules() -> Iterator[str]:
    for package in map(importlib.import_module, _PACKAGES):
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_") and module.name not in _NOT:
                yield f"{package.__name__}.{module.name}"


def _be(asked: dict[str, Any], out: int, err: int) -> None:
    """The new process: becomes the command, never returns."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.environ.clear()
    os.environ.update(asked["environment"])
    for name, most in asked["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    for target, other in asked["replace"].items():
        setattr(*_place(target), getattr(*_place(other)))
    if asked["kill"] and asked["kill"]["point"]:
        _arm(Kill(**asked["kill"]))
    sys.argv = ["newscrawl", *asked["words"]]
    code = 1
    try:
        runpy.run_module("newscrawl", run_name="__main__")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - shown to whoever asked for the command
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            import atexit
            import threading

            # As the interpreter ends: first the pools of threads are told, then their threads are waited for.
            threading._shutdown()  # type: ignore[attr-defined]

            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _arm(kill: Kill) -> None:
    owner, name = _place(kill.point)
    whole = getattr(owner, name)
    calls = 0

    def die() -> None:
        (os.kill if kill.alone else os.killpg)(os.getpid(), signal.SIGKILL)

    def deadly(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        # What is no record does not count where a record is to be torn.
        calls += kill.when != "half" or bytes(arguments[-1][:2]) == b"\x1f\x8b"
        if calls < kill.nth:
            return whole(*arguments, **named)
        if kill.when == "half":
            whole(*arguments[:-1], arguments[-1][: len(arguments[-1]) // 2])
        elif kill.when == "after":
            whole(*arguments, **named)
        return die()

    setattr(owner, name, deadly)


def _place(point: str) -> tuple[Any, str]:
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


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
