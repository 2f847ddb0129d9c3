"""Runs a command in a fork that ends just before its n-th step on the disk, as `kill -9` would end it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

DEAD = 137
_STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "sqlite3.connect"}


def die(arguments: Sequence[str], environment: Mapping[str, str], below: Path, step: int) -> int | None:
    """Runs `newscrawl` in a fork that dies before its `step`-th step on a file below a folder; None if it died, else how many steps it took.

    Steps are what Python's audit events tell of: files opened, renamed and removed, folders made, databases opened.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            os.environ.update(environment)
            taken = 0

            def hook(event: str, values: tuple) -> None:
                nonlocal taken
                if event in _STEPS and str(below) in str(values[0]):
                    taken += 1
                    if taken == step:
                        os._exit(DEAD)

            sys.addaudithook(hook)
            from newscrawl.cli import cli

            try:
                cli.main(list(arguments))
            except SystemExit as end:
                code = int(end.code or 0)
            os.write(write, str(taken).encode())
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        steps = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DEAD), f"exit code {code}"
    return None if code == DEAD else int(steps)
