"""What the raw responses of an archive take on the disk, in all and day by day. Opens no file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

_NAME = re.compile(r".*-(\d{8})-\d{5}\.warc\.gz")


def extent(root: Path) -> tuple[int, dict[date, int]]:
    """Bytes of all WARC files under `root`, and bytes of the files of each day (as their names say). An absent folder holds nothing."""
    total, days = 0, dict[date, int]()
    for name, size in _files(str(root)):
        total += size
        if (named := _NAME.fullmatch(name)) and (day := _day(named[1])) is not None:
            days[day] = days.get(day, 0) + size
    return total, days


def _files(folder: str) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # not there, or not ours to read: then nothing of it counts
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.name.endswith(".warc.gz"):
                yield entry.name, entry.stat().st_size
        except OSError:  # moved away in this moment
            continue


def _day(digits: str) -> date | None:
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None
