"""Walking through WARC files record by record, past damage. Reads only; repairing is elsewhere."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from newscrawl.errors import WarcError
from newscrawl.warc.record import Record, parse

_CHUNK = 1 << 18
_MAGIC = b"\x1f\x8b\x08"
_PLAIN = re.compile(rb"WARC/[0-9]\.[0-9]+\r?\n")
BLOCK_LIMIT = 64 << 20
"""How much of one record's block is kept in memory; longer ones come with their `problem` set."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no whole record: a torn tail, or damage in the middle (`tail` is False)."""

    offset: int
    length: int
    problem: str
    tail: bool


def records(path: Path, *, start: int = 0, limit: int = BLOCK_LIMIT) -> Iterator[Record | Damage]:
    """Every record of a WARC file, gzip member by member or uncompressed, from byte `start` on.

    Never fails on content: bytes that are no whole record come as one Damage, and reading goes
    on at the next whole record if there is one. Raises WarcError if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            plain = file.read(5) == b"WARC/"
            while start < size:
                try:
                    found, end = _at(file, start, size, limit)
                except ValueError as error:
                    end = _next_whole(file, start + 1, size, b"WARC/" if plain else _MAGIC)
                    yield Damage(start, end - start, str(error), tail=end == size)
                else:
                    yield from found
                start = end
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error


def whole_at_end(file: BinaryIO, end: int) -> bool:
    """Whether a whole compressed record ends exactly at byte `end`: a look at the last megabytes only.

    Looks back for the beginning of a gzip member from which whole records lead to `end`. A
    record of more than 32 MiB compressed is not found, which errs on the careful side.
    """
    if end == 0:
        return True
    for reach in (1 << 18, 1 << 22, 1 << 25):
        start = max(0, end - reach)
        file.seek(start)
        tail = file.read(end - start)
        at = tail.rfind(_MAGIC)
        while at >= 0:
            if _leads_to_end(tail, at):
                return True
            at = tail.rfind(_MAGIC, 0, at)
        if start == 0:
            return False
    return False


def _leads_to_end(data: bytes, start: int) -> bool:
    """Whether `data` from `start` on is exactly one gzip member that holds a WARC record."""
    unpacker = zlib.decompressobj(31)
    begun = False
    try:
        for at in range(start, len(data), _CHUNK):
            piece = data[at : at + _CHUNK]
            while piece:
                out = unpacker.decompress(piece, 1 << 20)
                if out and not begun:
                    begun = out.startswith(b"WARC/")
                    if not begun:
                        return False
                if unpacker.eof:
                    return begun and not unpacker.unused_data and at + _CHUNK >= len(data)
                piece = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return False


def _at(file: BinaryIO, offset: int, size: int, limit: int) -> tuple[list[Record], int]:
    """The records that begin at `offset` (one, unless a gzip member holds several) and where they end."""
    file.seek(offset)
    beginning = file.read(16)
    if beginning.startswith(_MAGIC):
        data, total, end = _member(file, offset, limit)
        return [replace(one, offset=offset, length=end - offset) for one in _several(data, total)], end
    if _PLAIN.match(beginning):
        file.seek(offset)
        data = file.read(min(size - offset, 1 << 16))
        record, taken = parse(data, total=size - offset)
        if record.problem:
            file.seek(offset)
            record, taken = parse(file.read(min(taken, max(limit, 1 << 16))), total=size - offset)
        end = offset + taken
        file.seek(end)
        while file.read(1) in (b"\r", b"\n"):
            end += 1
        return [replace(record, offset=offset, length=end - offset)], end
    raise ValueError("not the beginning of a record" if beginning.strip(b"\0") else "zero bytes")


def _several(data: bytes, total: int) -> list[Record]:
    """The records in an inflated gzip member of `total` bytes, of which `data` is all or the beginning."""
    found: list[Record] = []
    position = 0
    while position < len(data):
        record, position = parse(data, position, total=total)
        found.append(record)
        while data[position : position + 1] in (b"\r", b"\n"):
            position += 1
    if not found:
        raise ValueError("an empty gzip member")
    if total - position > 4:  # more than the line ends that close a record
        raise ValueError(f"several records in one gzip member of {total} bytes")
    return found


def _member(file: BinaryIO, offset: int, limit: int) -> tuple[bytes, int, int]:
    """Inflate one gzip member: its first `limit` bytes, its whole length inflated, and where it ends.

    Raises ValueError if it is torn or its checksum is wrong. Never holds more than `limit` bytes
    and a piece, whatever the member inflates to.
    """
    unpacker = zlib.decompressobj(31)
    kept: list[bytes] = []
    held = total = read = 0
    file.seek(offset)
    step = 1 << 12  # a wrong beginning is found out cheaply
    try:
        while not unpacker.eof:
            piece = file.read(step)
            step = _CHUNK
            if not piece:
                raise ValueError("the record is cut short")
            read += len(piece)
            while piece and not unpacker.eof:
                out = unpacker.decompress(piece, 1 << 20)
                piece = unpacker.unconsumed_tail
                if total == 0 and not b"WARC/".startswith(out[:5]):
                    raise ValueError("a gzip member that is no WARC record")
                total += len(out)
                if held < limit:
                    kept.append(out[: limit - held])
                    held += len(kept[-1])
    except zlib.error as error:
        raise ValueError(f"damaged gzip data ({error})") from error
    return b"".join(kept), total, offset + read - len(unpacker.unused_data)


def _next_whole(file: BinaryIO, start: int, size: int, magic: bytes) -> int:
    """Where the next whole record begins at or after `start`; `size` if there is none."""
    while start < size:
        file.seek(start)
        piece = file.read(_CHUNK)
        at = piece.find(magic)
        while at >= 0:
            try:
                _at(file, start + at, size, 1 << 16)
            except ValueError:
                at = piece.find(magic, at + 1)
            else:
                return start + at
        if start + len(piece) >= size:
            break
        start += max(1, len(piece) - len(magic) + 1)
    return size
