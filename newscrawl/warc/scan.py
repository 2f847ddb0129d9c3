"""Iterates over WARC files record by record, continuing after damage."""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from newscrawl.errors import WarcError
from newscrawl.warc.record import Record, parse, parse_head

_CHUNK = 1 << 18
_PIECE = 1 << 16
_MAGIC = b"\x1f\x8b\x08"
_PLAIN = re.compile(rb"WARC/[0-9]\.[0-9]+\r?\n")
BLOCK_LIMIT = 64 << 20
"""How many bytes of one record are kept in memory; longer ones have `problem` set."""

MEMBER_LIMIT = 1 << 30
"""A gzip member that inflates to more bytes is a decompression bomb and counts as damage."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are not a whole record: a torn tail, or damage in the middle (`tail` is False)."""

    offset: int
    length: int
    problem: str
    tail: bool


def records(path: Path, *, start: int = 0, limit: int = BLOCK_LIMIT) -> Iterator[Record | Damage]:
    """Every record of a WARC file, gzip member by member or uncompressed, from byte `start` on.

    Bytes that are not a whole record are yielded as one Damage, and reading continues at the next whole record if
    there is one. Raises WarcError if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            plain = file.read(5) == b"WARC/"
            while start < size:
                try:
                    found, end = _at(file, start, limit)
                except ValueError as error:
                    end = _next_whole(file, start + 1, size, b"WARC/" if plain else _MAGIC)
                    yield Damage(start, end - start, str(error), tail=end == size)
                else:
                    yield from found
                start = end
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error


def whole_at_end(file: BinaryIO, end: int) -> bool:
    """Whether a whole compressed record ends exactly at byte `end`; reads the last megabytes only.

    Searches backwards for a gzip member with a whole record that ends at `end`. For a record of more than 32 MiB
    compressed the answer is False, which is the safe error.
    """
    if end == 0:
        return True
    for reach in (1 << 18, 1 << 22, 1 << 25):
        start = max(0, end - reach)
        file.seek(start)
        tail = file.read(end - start)
        at = tail.rfind(_MAGIC)
        while at >= 0:
            if _ends_at(file, start + at, end):
                return True
            at = tail.rfind(_MAGIC, 0, at)
        if start == 0:
            return False
    return False


def member(file: BinaryIO, offset: int, limit: int) -> tuple[list[Record], int]:
    """The records in the gzip member that begins at `offset` (several only in files of other programs), and where it ends.

    Raises ValueError if the member is torn, its checksum is wrong or it holds anything else.
    """
    inflated = _Member(file, offset)
    stream = io.BufferedReader(inflated, _PIECE)
    found: list[Record] = []
    while record := parse(stream, limit=limit):
        found.append(record)
        if len(found) > 1 and inflated.size > limit:
            raise ValueError(f"several records in one gzip member of more than {limit} bytes")
    if not found:
        raise ValueError("an empty gzip member")
    end = inflated.end
    return [replace(one, offset=offset, length=end - offset) for one in found], end


def beginning(file: BinaryIO, offset: int, limit: int = 1 << 16) -> Record:
    """The record at `offset` with at most `limit` bytes of its block, without reading to its end.

    So its `length` is 0, and its end and checksum are not checked. Raises ValueError if no record begins there.
    """
    file.seek(offset)
    packed = file.read(len(_MAGIC)) == _MAGIC
    file.seek(offset)
    stream = io.BufferedReader(_Member(file, offset), 1 << 12) if packed else file
    head = parse_head(stream)
    if head is None:
        raise ValueError("no record begins there")
    return Record(head.version, head.headers, stream.read(min(head.length, limit)), offset=offset)


def together(file: BinaryIO, offset: int, limit: int) -> list[Record]:
    """All records that begin at `offset`: several if a gzip member contains several.

    Raises ValueError as `member` does.
    """
    return _at(file, offset, limit)[0]


def begins(file: BinaryIO, offset: int) -> bool:
    """Whether the file ends at `offset` or something that looks like a record begins there."""
    file.seek(offset)
    found = file.read(5)
    return not found or found.startswith(_MAGIC) or found == b"WARC/"


class _Member(io.RawIOBase):
    """One gzip member of a file, inflated as it is read. Raises ValueError if it is torn or damaged.

    warcio's reader is not used: it treats torn and damaged members as ended, with a note on standard error only,
    and does not tell where a member ends.
    """

    def __init__(self, file: BinaryIO, offset: int) -> None:
        super().__init__()
        self._file = file
        self._at = offset
        self._waiting = b""
        self._unpacker = zlib.decompressobj(31)
        self._step = 1 << 12  # the first step is small: a wrong beginning is cheap to detect
        self.size = 0  # bytes inflated so far

    @property
    def end(self) -> int:
        """The offset right behind the member, once all of it has been read."""
        return self._at - len(self._unpacker.unused_data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._unpacker.eof:
            if not self._waiting:
                self._file.seek(self._at)
                self._waiting = self._file.read(self._step)
                self._step = _CHUNK
                self._at += len(self._waiting)
                if not self._waiting:
                    raise ValueError("the record is cut short")
            try:
                out = self._unpacker.decompress(self._waiting, len(buffer))
            except zlib.error as error:
                raise ValueError(f"damaged gzip data ({error})") from error
            self._waiting = self._unpacker.unconsumed_tail
            if out:
                if self.size == 0 and not b"WARC/".startswith(out[:5]):
                    raise ValueError("a gzip member that is no WARC record")
                self.size += len(out)
                if self.size > MEMBER_LIMIT:
                    raise ValueError(f"a gzip member of more than {MEMBER_LIMIT} bytes")
                buffer[: len(out)] = out
                return len(out)
        return 0


def packed_whole(path: Path) -> bool:
    """Whether a file was gzipped as a whole, or with several records in a member, instead of record by record.

    Checks whether another record follows the first in its member. Raises WarcError if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            stream = io.BufferedReader(_Member(file, 0), _PIECE)
            return parse(stream, limit=0) is not None and stream.read(16).lstrip().startswith(b"WARC/")
    except ValueError:
        return False
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error


def _ends_at(file: BinaryIO, start: int, end: int) -> bool:
    """Whether the bytes from `start` to `end` are exactly one gzip member with a WARC record."""
    inflated = _Member(file, start)
    piece = bytearray(_PIECE)
    try:
        while inflated.readinto(piece):
            pass
    except ValueError:
        return False
    return inflated.size >= len(b"WARC/") and inflated.end == end


def _at(file: BinaryIO, offset: int, limit: int) -> tuple[list[Record], int]:
    """The records that begin at `offset` and where they end."""
    file.seek(offset)
    beginning = file.read(16)
    if beginning.startswith(_MAGIC):
        return member(file, offset, limit)
    if not _PLAIN.match(beginning):
        raise ValueError("not the beginning of a record" if beginning.strip(b"\0") else "zero bytes")
    file.seek(offset)
    record = parse(file, limit=limit)
    end = file.tell()
    while file.read(1) in (b"\r", b"\n"):
        end += 1
    return ([replace(record, offset=offset, length=end - offset)] if record else []), end


def _next_whole(file: BinaryIO, start: int, size: int, magic: bytes) -> int:
    """The offset of the next whole record at or after `start`; `size` if there is none."""
    while start < size:
        file.seek(start)
        piece = file.read(_CHUNK)
        at = piece.find(magic)
        while at >= 0:
            try:
                _at(file, start + at, 1 << 16)
            except ValueError:
                at = piece.find(magic, at + 1)
            else:
                return start + at
        if start + len(piece) >= size:
            break
        start += max(1, len(piece) - len(magic) + 1)
    return size
