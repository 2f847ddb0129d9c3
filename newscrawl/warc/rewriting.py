"""Rewrites a closed WARC file without some of its records; the other records keep their bytes."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.warc.durable import named, sha256_of
from newscrawl.warc.manifest import OWN_NAME, Entry
from newscrawl.warc.record import Record
from newscrawl.warc.scan import Damage, records


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new file, the new offset of each kept record by its old one, and how much was left out."""

    entry: Entry
    offsets: dict[int, int]
    records: int
    bytes: int


def successor(path: str) -> str:
    """The name of a file after (another) pruning: its own with "-pruned1", "-pruned2" … after the number."""
    found = OWN_NAME.search(path)
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
    progress: Callable[[int], None] = lambda _: None,
) -> Rewritten:
    """Write the successor `name` of a closed file without the records for which `drop` is true.

    Its last record is a note of what was left out. The old file stays. `progress` is called with the size of each
    record read. Raises WarcError, leaving no new file, if the old one does not have the bytes it was closed with,
    is not gzipped record by record, or is held by a writer; ArchiveError if the new file cannot be written.
    """
    from newscrawl.warc import build

    path = folder / entry.path
    offsets: dict[int, int] = {}
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
                    offsets[record.offset] = size
                    size += new.write(packed)
                    written.update(packed)
                progress(record.length)
            if read.hexdigest() != entry.sha256:
                raise WarcError(f"has not the SHA-256 {entry.sha256} it was closed with", subject=entry.path)
            summary = [
                ("pruned-from", path.name), ("pruned-from-sha256", entry.sha256), ("records-left-out", count),
                ("bytes-left-out", left_out), ("policy", policy),
            ]  # fmt: skip
            note = build.metadata(now, "".join(f"{key}: {value}\r\n" for key, value in summary).encode())
            size += new.write(note)
            written.update(note)
    except FileNotFoundError as error:
        raise WarcError("the file is missing", subject=entry.path) from error
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=entry.path) from error
    made = Entry(name, size, written.hexdigest())
    if sha256_of(folder / name) != made.sha256:
        raise WarcError("what was written does not read back", subject=name)
    return Rewritten(made, offsets, count, left_out)
