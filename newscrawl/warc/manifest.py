"""The manifest of a source's closed WARC files, for `sha256sum -c` and for verify: which files are closed, their sizes and hashes."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.model import Problem, ProblemKind
from newscrawl.warc.durable import sha256_of, write
from newscrawl.warc.scan import whole_at_end

NAME = "manifest-sha256.txt"
"""Called as in BagIt (RFC 8493, 2.1.3), whose lines these are: a hash, two spaces, a path."""

OURS = re.compile(r"-(?P<day>[0-9]{8})-(?P<number>[0-9]{5})(?:-pruned(?P<round>[0-9]+))?\.warc\.gz")
"""How the names of our own files end."""

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_SIZE = re.compile(r"# ([0-9]{1,15}) bytes")
_HEAD = "# Closed WARC files: nothing is added to them any more. Check them with: sha256sum -c {name}"
# Files are closed in groups: their locks take file handles, and each group writes the manifest once.
_GROUP = 50
# A file of somebody else's that nobody has touched for so long is not being copied here any more, in seconds.
_SETTLED = 86_400


@dataclass(frozen=True, slots=True)
class Entry:
    """A closed file: `path` relative to the manifest's folder, its bytes and their SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


def render(entries: Iterable[Entry], *, head: str = _HEAD.format(name=NAME)) -> bytes:
    """A manifest by path. Sizes stand in comments, which `sha256sum` passes over; so does `head`, the first line."""
    lines = [head]
    for one in sorted(entries, key=lambda one: one.path):
        lines += [f"# {one.size} bytes", f"{one.sha256}  {one.path}"]
    return ("\n".join(lines) + "\n").encode()


def parse(data: bytes) -> dict[str, Entry]:
    """The entries of a manifest by path. Raises ValueError, saying which line is none of ours."""
    found: dict[str, Entry] = {}
    size: int | None = None
    for number, line in enumerate(data.decode().splitlines(), 1):
        if said := _SIZE.fullmatch(line):
            size = int(said[1])
        elif said := _LINE.fullmatch(line):
            if size is None or said[2] in found:
                raise ValueError(f"line {number}: {'no size before it' if size is None else 'named twice'}")
            found[said[2]] = Entry(said[2], size, said[1])
            size = None
        elif line and not line.startswith("#"):
            raise ValueError(f"line {number}: not a hash and a path")
    return found


def load(folder: Path) -> dict[str, Entry]:
    """The closed files of a source's folder by path; none where there is no manifest yet. Raises WarcError."""
    path = folder / NAME
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error
    except ValueError as error:
        raise WarcError(
            f"is no manifest any more ({error})",
            subject=str(path),
            hint="Put it back from a copy; removed, it is made anew from the files as they are now",
        ) from error


def change(folder: Path, *, add: Iterable[Entry] = (), remove: Iterable[str] = ()) -> None:
    """Adds and takes out entries, all at once. Raises ArchiveError."""
    with _turn(folder):
        entries = load(folder)
        before = dict(entries)
        for path in remove:
            entries.pop(path, None)
        entries |= {one.path: one for one in add}
        if entries != before:
            write(folder / NAME, render(entries.values()))


def seal(root: Path, source: str, today: date, *, at_most: int | None = None) -> int:
    """Closes the source's files that get no more records, and writes their hashes down; how many.

    These are the files of days before `today`, those of a day after which a higher number was begun, and files of
    somebody else's that nobody has touched for a day. Left for the next time are files that a writer holds, that
    end in a torn record, and what comes after `at_most` bytes have been read. A file in the manifest is never written
    to again: writers take the next number. Raises ArchiveError.
    """
    folder = root / source
    if not folder.is_dir():
        return 0
    closed, left = 0, at_most
    try:
        with _turn(folder):
            entries = load(folder)
            waiting = [path for path in finished(folder, today) if path not in entries]
            for start in range(0, len(waiting), _GROUP):
                with ExitStack() as locks:
                    new: list[Entry] = []
                    for path in waiting[start : start + _GROUP]:
                        if left is not None and left <= 0:
                            break
                        if entry := _close(folder, path, locks):
                            new.append(entry)
                            left = None if left is None else left - entry.size
                    if new:
                        entries |= {one.path: one for one in new}
                        write(folder / NAME, render(entries.values()))
                        closed += len(new)
    except OSError as error:
        raise WarcError(
            f"cannot be closed: {error.strerror}", subject=str(error.filename or folder)
        ) from error
    return closed


def differs(root: Path, file: str, *, quick: bool = False) -> Problem | None:
    """What is wrong with a WARC file below `root` if it was closed, if anything; `quick` compares sizes alone."""
    source, _, path = file.partition("/")
    try:
        entry = load(root / source).get(path)
        if entry is None:
            return None
        size = (root / file).stat().st_size
        if size != entry.size:
            message = f"{size:,} bytes long, {entry.size:,} when it was closed"
        elif not quick and (found := sha256_of(root / file)) != entry.sha256:
            message = f"its SHA-256 is {found}, {entry.sha256} when it was closed"
        else:
            return None
    except FileNotFoundError:
        return Problem(ProblemKind.FILE_MISSING, file, "the file is missing; its manifest names it")
    except OSError as error:
        return Problem(ProblemKind.FILE_UNREADABLE, file, f"cannot be read: {error.strerror or error}")
    except WarcError:
        return None  # the manifest is a problem of its own
    return Problem(ProblemKind.MANIFEST_DIFFERS, file, message)


def closed_files(root: Path, sources: Iterable[str]) -> tuple[list[str], list[Problem]]:
    """The closed files of some sources by their names below `root`; and manifests that are none."""
    found: list[str] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            found += [f"{source}/{path}" for path in load(root / source)]
        except WarcError as error:
            problems.append(Problem(ProblemKind.MANIFEST_DIFFERS, f"{source}/{NAME}", error.message))
    return found, problems


def warc_files(folder: Path) -> Iterator[Path]:
    """Every WARC file below a folder, by name."""
    for path in sorted(folder.rglob("*.warc*")):
        if path.name.endswith((".warc", ".warc.gz")) and path.is_file():
            yield path


def finished(folder: Path, today: date) -> Iterator[str]:
    """Paths below a source's folder of the files that get no more records, closed or not yet, as far as names and times tell."""
    found = {path.relative_to(folder).as_posix(): OURS.search(path.name) for path in warc_files(folder)}
    newest: dict[str, str] = {}
    for name in filter(None, found.values()):
        newest[name["day"]] = max(newest.get(name["day"], ""), name["number"])
    for path, ours in found.items():
        if not path.isprintable() or "\\" in path:
            continue  # sha256sum writes such names otherwise; ours never are
        if ours is None:
            over = time.time() - (folder / path).stat().st_mtime > _SETTLED
        else:
            earlier = ours["day"] < f"{today:%Y%m%d}" or ours["number"] < newest[ours["day"]]
            over = earlier or bool(ours["round"])
        if over:
            yield path


def _close(folder: Path, name: str, locks: ExitStack) -> Entry | None:
    """The entry of a file that nobody writes; it stays locked until `locks` end."""
    path = folder / name
    ours = OURS.search(name) is not None
    file = locks.enter_context(path.open("r+b" if ours else "rb"))
    if ours:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
    size = os.fstat(file.fileno()).st_size
    if not size or (ours and not whole_at_end(file, size)):
        return None
    return Entry(name, size, sha256_of(path))


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Nobody else changes the manifest of this folder meanwhile."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise WarcError(f"cannot be opened: {error.strerror}", subject=str(folder)) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
