"""A closed WARC file written anew without some of its records; the others keep their bytes. Touches no manifest and no database."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.warc.durable import named, sha256_of
from newscrawl.warc.manifest import OURS, Entry
from newscrawl.warc.record import Record
from newscrawl.warc.scan import Damage, records


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new file, and the new offset of every record in it by the old one."""

    entry: Entry
    places: dict[int, int]
    records: int
    bytes: int


def successor(path: str) -> str:
    """The name of a file after (another) pruning: its own with "-pruned1", "-pruned2" … behind the number."""
    found = OURS.search(path)
    if found is None:
        raise WarcError("is no file of ours", subject=path)
    stem = path[: found.start()] + f"-{found['day']}-{found['number']}"
    return f"{stem}-pruned{int(found['round'] or 0) + 1}.warc.gz"


def rewrite(
    folder: Path,
    entry: Entry,
    name: str,
    *,
    drop: Callable[[Record], bool],
    policy: str,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
) -> Rewritten:
    """Writes a closed file's successor, called `name`, without the records that `drop` names, and a note of that as its last record.

    The old file stays. It is read to its end before the new one has its name: raises WarcError, leaving nothing, if it has not the bytes it
    was closed with, is not gzipped record by record, or is held by a writer. Raises ArchiveError where the disk says no.
    """
    from newscrawl.warc import build

    path = folder / entry.path
    places: dict[int, int] = {}
    read, written = hashlib.sha256(), hashlib.sha256()
    size = count = left_out = 0
    try:
        with path.open("r+b") as old, named(folder / name) as new:
            try:
                fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WarcError("is being written", subject=entry.path) from None
            last = -1
            for record in records(path, limit=1 << 16):
                if isinstance(record, Damage) or record.offset == last:
                    raise WarcError(
                        f"byte {record.offset} is not the beginning of one whole record", subject=entry.path
                    )
                last = record.offset
                old.seek(record.offset)
                packed = old.read(record.length)
                read.update(packed)
                if drop(record):
                    count, left_out = count + 1, left_out + record.length
                else:
                    places[record.offset] = size
                    size += new.write(packed)
                    written.update(packed)
                told(record.length)
            if read.hexdigest() != entry.sha256:
                raise WarcError(f"has not the SHA-256 {entry.sha256} it was closed with", subject=entry.path)
            said = [
                ("pruned-from", path.name), ("pruned-from-sha256", entry.sha256), ("records-left-out", count),
                ("bytes-left-out", left_out), ("policy", policy),
            ]  # fmt: skip
            note = build.metadata(now, "".join(f"{key}: {value}\r\n" for key, value in said).encode())
            size += new.write(note)
            written.update(note)
    except FileNotFoundError as error:
        raise WarcError("the file is missing", subject=entry.path) from error
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=entry.path) from error
    made = Entry(name, size, written.hexdigest())
    if sha256_of(folder / name) != made.sha256:
        raise WarcError("what was written does not read back", subject=name)
    return Rewritten(made, places, count, left_out)
