"""The log as files, in the layout of C2SP (c2sp.org/tlog-tiles): any web server or bucket that has a copy serves proofs.

`tile/L/N` holds up to 256 hashes of level 8·L of the tree, `tile/entries/N` the bytes of up to 256 entries, each behind
its length (two bytes, the big end first). A file that is not full yet ends in `.p/W`, for the W hashes or entries it
has. Full files never change. What stands behind the last checkpoint is not part of the log yet: a step that was killed
leaves it there, and the next one writes over it.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from newscrawl.errors import ArchiveError
from newscrawl.proof import merkle
from newscrawl.warc.durable import UNFINISHED, refused, sync_folder

FOLDER = "proof"
"""Where in the archive's folder the log is, beside `warc`."""

CHECKPOINT = "checkpoint"
WIDTH = 256
LONGEST = 0xFFFF
_HEIGHT = 8
_HASH = 32
_ENTRIES = "entries"
_KEPT = 4096  # tiles in memory: 32 MB


class DamagedLog(ArchiveError):
    """The files of the log do not hold what they must."""


def path(kind: int | str, number: int, width: int = WIDTH) -> str:
    """The path of a tile below the log's folder: of hashes of a level, or of entries."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    whole = "/".join(("tile", str(kind), *reversed(groups)))
    return whole if width == WIDTH else f"{whole}.p/{width}"


def packed(entries: Sequence[bytes]) -> bytes:
    """Entries as they stand in a file. Raises ValueError for one of more than 65,535 bytes."""
    if any(len(one) > LONGEST for one in entries):
        raise ValueError("an entry is too long for a file of entries")
    return b"".join(struct.pack(">H", len(one)) + one for one in entries)


def unpacked(data: bytes) -> list[bytes]:
    """The entries of a file. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + length > len(data):
            raise ValueError("it ends within an entry")
        found.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return found


class Tiles:
    """The files of a log of `size` entries, for reading. Raises DamagedLog where one is missing or not as long as it must be."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self._hashes = lru_cache(_KEPT)(self._load_hashes)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        tile_level, within = divmod(level, _HEIGHT)
        first = index << within
        hashes = self.hashes(tile_level, first // WIDTH)
        start = first % WIDTH
        return merkle.complete(hashes[start : start + (1 << within)])

    def hashes(self, level: int, number: int) -> tuple[bytes, ...]:
        """The hashes of a tile, as many as the log has."""
        return self._hashes(level, number)

    def entries(self, number: int) -> list[bytes]:
        """The bytes of the entries of a file, as many as the log has."""
        width = self.width(0, number)
        data = self._read(_ENTRIES, number, width)
        try:
            found = unpacked(data)
        except ValueError as error:
            raise self._damaged(path(_ENTRIES, number, width), str(error)) from error
        if len(found) != width:
            raise self._damaged(path(_ENTRIES, number, width), f"holds {len(found)} entries, not {width}")
        return found

    def entry(self, index: int) -> bytes:
        """The bytes of one entry."""
        return self.entries(index // WIDTH)[index % WIDTH]

    def raw(self, kind: int | str, number: int, width: int) -> bytes:
        """The bytes of a tile's file with so many hashes or entries."""
        return self._read(kind, number, width)

    def width(self, level: int, number: int) -> int:
        """How many hashes a tile has in a log of this size."""
        return max(0, min(WIDTH, (self.size >> (_HEIGHT * level)) - number * WIDTH))

    def levels(self) -> Iterator[tuple[int, int]]:
        """The levels of tiles, each with the number of hashes in it."""
        level = 0
        while number := self.size >> (_HEIGHT * level):
            yield level, number
            level += 1

    def root(self) -> bytes:
        """The root of the log."""
        return merkle.root(self.size, self.node)

    def _load_hashes(self, level: int, number: int) -> tuple[bytes, ...]:
        width = self.width(level, number)
        data = self._read(level, number, width)
        if len(data) != width * _HASH:
            raise self._damaged(path(level, number, width), f"holds {len(data)} bytes, not {width * _HASH}")
        return tuple(data[at : at + _HASH] for at in range(0, len(data), _HASH))

    def _read(self, kind: int | str, number: int, width: int) -> bytes:
        with suppress(FileNotFoundError):
            return self._bytes(path(kind, number, width))
        # A file that got fuller serves every smaller log.
        for name in (path(kind, number), *self._wider(kind, number, width)):
            with suppress(FileNotFoundError):
                return _cut(kind, self._bytes(name), width)
        raise self._damaged(path(kind, number, width), "is missing")

    def _wider(self, kind: int | str, number: int, width: int) -> list[str]:
        folder = path(kind, number) + ".p"
        with suppress(OSError):
            names = [int(one.name) for one in (self.folder / folder).iterdir() if one.name.isdecimal()]
            return [f"{folder}/{one}" for one in sorted(names) if one > width]
        return []

    def _bytes(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._damaged(name, f"cannot be read: {error.strerror}") from error

    def _damaged(self, name: str, what: str) -> DamagedLog:
        return DamagedLog(what, subject=str(self.folder / name), hint="Put it back from a backup")


def _cut(kind: int | str, data: bytes, width: int) -> bytes:
    """The part of a fuller file that a smaller log has."""
    if kind != _ENTRIES:
        return data[: width * _HASH]
    at = 0
    for _ in range(width):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    return data[:at]


class Appender:
    """Adds entries behind a log of `size` entries. Nothing counts before a checkpoint says so."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self._old = Tiles(folder, size)
        self._new: dict[int, list[bytes]] = {}
        self._start: dict[int, int] = {}
        self._entries: list[bytes] = []
        for level, number in self._old.levels():
            self._begin(level, number)
        if rest := size % WIDTH:
            self._entries = self._old.entries(size // WIDTH)[:rest]
        self._first_entry = size - len(self._entries)

    def _begin(self, level: int, number: int) -> None:
        """Takes over the hashes of a level's last tile, if it is not full."""
        rest = number % WIDTH
        self._new[level] = list(self._old.hashes(level, number // WIDTH)[:rest]) if rest else []
        self._start[level] = number - rest

    def old_root(self) -> bytes:
        """The root before anything was added."""
        return self._old.root()

    def add(self, entry: bytes) -> int:
        """Adds an entry; its index."""
        index = self.size
        self._entries.append(entry)
        self._hash(0, merkle.leaf_hash(entry))
        self.size += 1
        return index

    def _hash(self, level: int, one: bytes) -> None:
        if level not in self._new:
            self._new[level], self._start[level] = [], 0
        hashes = self._new[level]
        hashes.append(one)
        if len(hashes) % WIDTH == 0:
            self._hash(level + 1, merkle.complete(hashes[-WIDTH:]))

    def root(self) -> bytes:
        """The root with everything that was added."""

        def node(level: int, index: int) -> bytes:
            tile_level, within = divmod(level, _HEIGHT)
            first = index << within
            start = self._start.get(tile_level, 0)
            if first < start:
                return self._old.node(level, index)
            return merkle.complete(self._new[tile_level][first - start : first - start + (1 << within)])

        return merkle.root(self.size, node)

    def write(self) -> None:
        """Writes what was added, so that it is on the disk afterwards. Raises ArchiveError."""
        folders: set[Path] = set()
        for start in range(0, len(self._entries), WIDTH):
            part = self._entries[start : start + WIDTH]
            number = (self._first_entry + start) // WIDTH
            self._write(path(_ENTRIES, number, len(part)), packed(part), folders)
        for level, hashes in self._new.items():
            for start in range(0, len(hashes), WIDTH):
                tile = hashes[start : start + WIDTH]
                number = (self._start[level] + start) // WIDTH
                self._write(path(level, number, len(tile)), b"".join(tile), folders)
        for folder in sorted(folders):
            sync_folder(folder)

    def _write(self, name: str, data: bytes, folders: set[Path]) -> None:
        target = self.folder / name
        unfinished = target.with_name(target.name + UNFINISHED)
        try:
            missing = [one for one in target.parents if not one.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
            if target.parent.suffix == ".p":  # what a killed step left would seem to be all of it
                target.parent.with_suffix("").unlink(missing_ok=True)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise refused(error, target) from error
        folders |= {target.parent, *(one.parent for one in missing)}

    def tidy(self) -> None:
        """Removes the files of tiles that were not full and are now."""
        for start in range(0, len(self._entries) - WIDTH + 1, WIDTH):
            self._drop(_ENTRIES, (self._first_entry + start) // WIDTH)
        for level, hashes in self._new.items():
            for start in range(0, len(hashes) - WIDTH + 1, WIDTH):
                self._drop(level, (self._start[level] + start) // WIDTH)

    def _drop(self, kind: int | str, number: int) -> None:
        folder = self.folder / f"{path(kind, number)}.p"
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
