"""The files given to an import: recognises each kind, and unpacks those that cannot be read from the middle."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import BinaryIO

from newscrawl.importing import arc
from newscrawl.importing.outcomes import FileError
from newscrawl.inputs import open_input
from newscrawl.warc.scan import packed_whole

_PIECE = 1 << 20
_MAGIC = b"\x1f\x8b\x08"
_ZIP = b"PK\x03\x04"
_INSIDE = (".warc", ".warc.gz", ".arc", ".arc.gz", ".wacz")  # what a WACZ is searched for
# A WARC of text shrinks to a tenth, one of nothing but the same page to a hundredth; gzip of zeros to a thousandth.
_RATIO = 200
_SMALL = 1 << 28  # bytes that are unpacked whatever their ratio
_ROOM = 1 << 28  # bytes of the disk that are left free


@dataclass(frozen=True, slots=True)
class Part:
    """A WARC file whose records can be reached by offset: `path` is where its bytes are, `name` what messages call it.

    `damage` says what could not be read of the file it was made from.
    """

    path: Path
    name: str
    size: int
    damage: str | None = None


def parts(path: Path, temporary: Path, *, numbers: Iterator[int] | None = None) -> Iterator[Part | FileError]:
    """The WARC files in a given file: itself, itself unpacked or (ARC) rewritten into `temporary`, or those inside a WACZ.

    One inside a WACZ that cannot be read gives its error in its place. Raises FileError for a file of another kind, one that cannot be read, or one that unpacks to far too much.
    """
    numbers = count(1) if numbers is None else numbers
    try:
        if path.is_dir():
            raise FileError(
                "is a folder", subject=str(path), hint="Name its files, or say --html for saved pages"
            )
        size = path.stat().st_size
        with open_input(path, seekable=True) as file:
            beginning = file.read(8)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", subject=str(path)
        ) from error
    if not beginning:
        raise FileError("is empty", subject=str(path))
    if beginning.startswith(_ZIP):
        yield from _inner(path, temporary, numbers)
    elif _is_arc(path):
        yield _rewritten(path, temporary, numbers)
    elif beginning.startswith(_MAGIC) and packed_whole(path):
        unpacked = temporary / f"{next(numbers)}.warc"
        with path.open("rb") as source:
            yield Part(unpacked, path.name, _unpack(source, unpacked, path))
    elif beginning.startswith((_MAGIC, b"WARC/")):
        yield Part(path, path.name, size)
    else:
        raise FileError("is no WARC file", subject=str(path))


def _is_arc(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            beginning = file.read(_PIECE >> 8)
        if beginning.startswith(_MAGIC):
            beginning = zlib.decompressobj(31).decompress(beginning, len(arc.MAGIC))
    except (OSError, zlib.error):
        return False
    return beginning.startswith(arc.MAGIC)


def _rewritten(path: Path, temporary: Path, numbers: Iterator[int]) -> Part:
    """An ARC file as a WARC file."""
    plain, made = path, temporary / f"{next(numbers)}.warc"
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                file.seek(0)
                plain = temporary / f"{next(numbers)}.arc"
                _unpack(file, plain, path)
        with plain.open("rb") as source, made.open("wb") as target:
            damage = arc.to_warc(source, target, lambda done: _check_room(target, done, path))
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror or error}", subject=str(path)) from error
    if plain != path:
        plain.unlink()
    return Part(made, path.name, made.stat().st_size, damage)


def _inner(path: Path, temporary: Path, numbers: Iterator[int]) -> Iterator[Part | FileError]:
    """The WARC files of a WACZ. Names inside are shown, never used as paths; an archive within it is left, and said."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [one for one in archive.infolist() if one.filename.lower().endswith(_INSIDE)]
            for one in inside:
                name = f"{path.name}/{one.filename[-200:]}"
                copy = temporary / f"{next(numbers)}.copy"
                try:
                    with archive.open(one) as source, copy.open("wb") as target:
                        _pour(source, target, path)
                    if _begins(copy, _ZIP):
                        yield FileError(
                            "an archive within an archive is left: name it by itself", subject=name
                        )
                        continue
                    found = parts(copy, temporary, numbers=numbers)
                    yield from (replace(part, name=name) for part in found if isinstance(part, Part))
                except FileError as error:
                    yield FileError(error.message, subject=name)
                except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as error:
                    yield FileError(f"cannot be unpacked: {error}", subject=name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
        raise FileError(f"a broken archive: {error}", subject=str(path)) from error
    if not inside:
        raise FileError("holds no WARC file", subject=str(path))


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _pour(source: object, target: BinaryIO, path: Path) -> None:
    written = 0
    while piece := source.read(_PIECE):  # type: ignore[attr-defined]
        written += len(piece)
        _check_room(target, written, path)
        target.write(piece)


def _unpack(source: BinaryIO, target: Path, path: Path) -> int:
    """Unpacks all gzip members; a damaged or torn one ends it, and what came before is kept. Returns the bytes written."""
    read = written = 0
    unpacker = zlib.decompressobj(31)
    try:
        with target.open("wb") as out:
            while piece := source.read(_PIECE >> 4):
                read += len(piece)
                while piece:
                    unpacked = unpacker.decompress(piece, _PIECE)
                    written += len(unpacked)
                    if written > max(_SMALL, read * _RATIO):
                        raise FileError("unpacks to far too much: a gzip bomb", subject=str(path))
                    _check_room(out, written, path)
                    out.write(unpacked)
                    piece = unpacker.unconsumed_tail
                    if unpacker.eof:
                        piece = unpacker.unused_data.lstrip(b"\0")
                        unpacker = zlib.decompressobj(31)
    except zlib.error:
        pass  # the records before it are whole; the survey finds and counts the torn one
    except OSError as error:
        raise FileError(f"cannot be unpacked: {error.strerror}", subject=str(path)) from error
    return written


def _check_room(target: BinaryIO, written: int, path: Path) -> None:
    if written % (_PIECE << 6) < _PIECE and shutil.disk_usage(Path(target.name).parent).free < _ROOM:
        raise FileError(
            "unpacks to more than there is room for", subject=str(path), hint="Make room on the disk"
        )
