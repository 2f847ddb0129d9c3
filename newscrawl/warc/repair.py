"""Cuts torn tails off a source's WARC files after a crash; bytes the database refers to are never cut."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.warc.scan import Damage, records, whole_at_end

NEWEST = 8
"""How many files are checked: the 8 last written and the 8 last by name. See `repair`."""

LONGEST_TAIL = 64 << 20
"""A torn tail is part of one response: more bytes than this are something else and are not cut."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The result for one file: `cut` bytes were cut off, leaving `size`.

    With `problem` set nothing was changed and a person should check the file.
    """

    file: str
    size: int
    cut: int = 0
    problem: str | None = None


def repair(root: Path, source: str, *, keep: Mapping[str, int]) -> list[Repair]:
    """Cut torn tails of the source's files back to the last whole record, and return what was done.

    `keep` maps file names relative to `root` to the end (offset + length) of the last record the database refers
    to. Bytes before that are never changed; if a file is shorter, missing or has no whole record ending there, it
    is reported and left as it is. Whole records after it are kept, and so is damage that whole records follow
    (reported). Files held by another process are skipped. A file without repair or problem gives no Repair.
    Raises WarcError if files cannot be listed, opened or cut.

    The work is bounded, however old the archive. A writer appends to one file at a time, so a killed run leaves
    at most one torn file, the one last written, and the next start repairs it. So only the 8 files last written
    and the 8 last by name are opened (timestamps may be lost in copying), and only their ends are read, unless
    torn. Of all others in `keep` only the size is checked.
    """
    found: list[Repair] = []
    try:
        sizes = {
            path.relative_to(root).as_posix(): (stat.st_mtime_ns, stat.st_size)
            for path in (root / source).glob("[0-9][0-9][0-9][0-9]/*.warc.gz")
            for stat in (path.stat(),)
        }
        by_name = sorted(sizes, key=lambda name: name.rpartition("/")[2])
        by_time = sorted(by_name, key=lambda name: sizes[name][0])
        for name in sorted({*by_name[-NEWEST:], *by_time[-NEWEST:]}):
            repaired = _repair_file(root / name, name, keep.get(name, 0))
            if repaired:
                found.append(repaired)
    except OSError as error:
        raise WarcError(
            f"cannot be repaired: {error.strerror}", subject=str(error.filename or root / source)
        ) from error
    reported = {one.file for one in found}
    for name, end in keep.items():
        if name in reported or not name.startswith(f"{source}/"):
            continue
        if name not in sizes:
            found.append(Repair(name, 0, problem="the file is missing"))
        elif sizes[name][1] < end:
            found.append(Repair(name, sizes[name][1], problem=_too_short(sizes[name][1], end)))
    return sorted(found, key=lambda one: one.file)


def _repair_file(path: Path, name: str, keep: int) -> Repair | None:
    with path.open("r+b", buffering=0) as raw:
        try:
            fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None  # it is being written
        size = os.fstat(raw.fileno()).st_size
        if size < keep:
            return Repair(name, size, problem=_too_short(size, keep))
        with open(raw.fileno(), "rb", closefd=False) as file:
            if whole_at_end(file, size):
                return None
            if keep and not whole_at_end(file, keep):
                problem = f"no whole record ends at byte {keep}, where the last one in the database should"
                return Repair(name, size, problem=problem)
        damage = [one for one in records(path, start=keep, limit=1 << 16) if isinstance(one, Damage)]
        if not damage:
            return None  # whole after all: the last record is larger than `whole_at_end` reads
        if any(not one.tail for one in damage):
            first = damage[0]
            problem = f"damaged at byte {first.offset} ({first.problem}), with whole records after it"
            return Repair(name, size, problem=problem)
        end = damage[-1].offset
        if size - end > LONGEST_TAIL:
            problem = f"{size - end} bytes from byte {end} on are no records: more than a torn tail"
            return Repair(name, size, problem=problem)
        os.ftruncate(raw.fileno(), end)
        os.fsync(raw.fileno())
        return Repair(name, end, cut=size - end)


def _too_short(size: int, keep: int) -> str:
    return f"{size} bytes long, but the database refers to bytes up to {keep}"
