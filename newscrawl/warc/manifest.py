"""The manifest of a source's closed WARC files with their sizes and hashes, as `sha256sum -c` reads it."""

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
"""Named as in BagIt (RFC 8493, 2.1.3), with its lines: a hash, two spaces, a path."""

OWN_NAME = re.compile(r"-(?P<day>[0-9]{8})-(?P<number>[0-9]{5})(?:-pruned(?P<round>[0-9]+))?\.warc\.gz")
"""How the names of files end that this program writes."""

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_SIZE = re.compile(r"# ([0-9]{1,15}) bytes")
_HEAD = "# Closed WARC files: nothing is added to them any more. Check them with: sha256sum -c {name}"
# Files are closed in groups: their locks need file handles, and each group writes the manifest once.
_GROUP = 50
# Seconds since the last write after which a file of another program is no longer being copied here.
_SETTLED = 86_400


@dataclass(frozen=True, slots=True)
class Entry:
    """A closed file: `path` relative to the manifest's folder, its bytes and their SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


def render(entries: Iterable[Entry], *, head: str = _HEAD.format(name=NAME)) -> bytes:
    """A manifest sorted by path. Sizes and the first line `head` are comments, which `sha256sum` skips."""
    lines = [head]
    for one in sorted(entries, key=lambda one: one.path):
        lines += [f"# {one.size} bytes", f"{one.sha256}  {one.path}"]
    return ("\n".join(lines) + "\n").encode()


def parse(data: bytes) -> dict[str, Entry]:
    """The entries of a manifest by path. Raises ValueError with the number of a wrong line."""
    found: dict[str, Entry] = {}
    size: int | None = None
    for number, line in enumerate(data.decode().splitlines(), 1):
        if match := _SIZE.fullmatch(line):
            size = int(match[1])
        elif match := _LINE.fullmatch(line):
            if size is None or match[2] in found:
                raise ValueError(f"line {number}: {'no size before it' if size is None else 'named twice'}")
            found[match[2]] = Entry(match[2], size, match[1])
            size = None
        elif line and not line.startswith("#"):
            raise ValueError(f"line {number}: not a hash and a path")
    return found


def load(folder: Path) -> dict[str, Entry]:
    """The closed files of a source's folder by path; none without a manifest. Raises WarcError."""
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
    """Add and remove entries in one step. Raises ArchiveError."""
    with _locked(folder):
        entries = load(folder)
        before = dict(entries)
        for path in remove:
            entries.pop(path, None)
        entries |= {one.path: one for one in add}
        if entries != before:
            write(folder / NAME, render(entries.values()))


def seal(root: Path, source: str, today: date, *, at_most: int | None = None) -> int:
    """Close the source's files that get no more records: add their hashes to the manifest. Returns how many.

    These are files of days before `today`, files with a higher number on the same day, and files of other
    programs not written to for a day. Files that a writer holds, that end in a torn record, or that come after
    `at_most` bytes have been read are left for the next time. A file in the manifest is never written to again:
    writers use the next number. Raises ArchiveError.
    """
    folder = root / source
    if not folder.is_dir():
        return 0
    closed, left = 0, at_most
    try:
        with _locked(folder):
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
    """How a closed WARC file below `root` differs from its manifest, or None; `quick` compares sizes only."""
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
        return None  # an unreadable manifest is reported by `closed_files`
    return Problem(ProblemKind.MANIFEST_DIFFERS, file, message)


def closed_files(root: Path, sources: Iterable[str]) -> tuple[list[str], list[Problem]]:
    """The closed files of some sources by their names below `root`, and unreadable manifests as problems."""
    found: list[str] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            found += [f"{source}/{path}" for path in load(root / source)]
        except WarcError as error:
            problems.append(Problem(ProblemKind.MANIFEST_DIFFERS, f"{source}/{NAME}", error.message))
    return found, problems


def warc_files(folder: Path) -> Iterator[Path]:
    """Every WARC file below a folder, in order of name."""
    for path in sorted(folder.rglob("*.warc*")):
        if path.name.endswith((".warc", ".warc.gz")) and path.is_file():
            yield path


def finished(folder: Path, today: date) -> Iterator[str]:
    """The files below a source's folder that get no more records, by their names and times, closed or not."""
    found = {path.relative_to(folder).as_posix(): OWN_NAME.search(path.name) for path in warc_files(folder)}
    newest: dict[str, str] = {}
    for name in filter(None, found.values()):
        newest[name["day"]] = max(newest.get(name["day"], ""), name["number"])
    for path, ours in found.items():
        if not path.isprintable() or "\\" in path:
            continue  # sha256sum escapes such names; this program does not make them
        if ours is None:
            over = time.time() - (folder / path).stat().st_mtime > _SETTLED
        else:
            earlier = ours["day"] < f"{today:%Y%m%d}" or ours["number"] < newest[ours["day"]]
            over = earlier or bool(ours["round"])
        if over:
            yield path


def _close(folder: Path, name: str, locks: ExitStack) -> Entry | None:
    """The entry of a file that is not being written; it stays locked until `locks` end."""
    path = folder / name
    ours = OWN_NAME.search(name) is not None
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
def _locked(folder: Path) -> Iterator[None]:
    """Holds the lock of the folder's manifest."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise WarcError(f"cannot be opened: {error.strerror}", subject=str(folder)) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
