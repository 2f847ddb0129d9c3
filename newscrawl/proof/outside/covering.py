"""What others have said of the log, for an evidence file: which cosignatures and tokens cover an article's entries first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from newscrawl.proof import entries, merkle
from newscrawl.proof.outside import cosigned, timestamps
from newscrawl.proof.tiles import Tiles
from newscrawl.store.proof.book import Signed


class _Sized(Protocol):
    @property
    def size(self) -> int: ...


_S = TypeVar("_S", bound=_Sized)


def firsts(checkpoints: Iterable[_S], indexes: Iterable[int]) -> list[_S]:
    """Of checkpoints in order of size, for each of some entries the first that has it."""
    found, waiting = [], sorted(indexes)
    for one in checkpoints:
        if waiting and waiting[0] < one.size:
            waiting = [index for index in waiting if index >= one.size]
            found.append(one)
    return found


def covered(
    folder: Path, indexes: Sequence[int], last: Signed
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """A line for each cosigned or stamped checkpoint that first covers an entry, and the files that the lines name.

    A line has `note` and, of a token, `token` and `authority` (names of members), else `witnesses` (their keys); `path` is
    the proof that the log only grew since. `who`, `how`, `size` and `at` say it for the cover page. Raises ArchiveError.
    """
    read, lines = Tiles(folder, last.size), []
    files: dict[str, bytes] = {}
    keys = cosigned.witnesses(folder)
    all_cosigned = [cosigned.load(path, keys) for path in cosigned.kept(folder)]
    for key in keys:
        mine = [one for one in all_cosigned if one.size <= last.size and key in {by.witness for by in one.by}]
        for one in firsts(mine, indexes):
            name = f"proof/{cosigned.FOLDER}/{one.size}"
            files[name] = one.note.whole().encode()
            at = next(by.at for by in one.by if by.witness == key)
            line = _line(name, one.size, key.name, "cosigned", entries.instant(at), read, last)
            lines.append(line | {"witnesses": [key.vkey]})
    tokens = [one for one in timestamps.tokens(folder) if one.size <= last.size]
    for authority in sorted({one.authority for one in tokens}):
        for token in firsts([one for one in tokens if one.authority == authority], indexes):
            note = token.path.with_name(f"{token.size}{timestamps.NOTE}")
            name = f"proof/{timestamps.FOLDER}/{note.name}"
            files[name] = note.read_bytes()
            stamp = f"proof/{timestamps.FOLDER}/{token.path.name}"
            files[stamp] = token.path.read_bytes()
            line = _line(name, token.size, authority, "stamped", entries.instant(token.at), read, last)
            lines.append(line | {"token": stamp, "authority": authority})
    return lines, files


def _line(name: str, size: int, who: str, how: str, at: str, read: Tiles, last: Signed) -> dict[str, Any]:
    path = merkle.consistency(size, last.size, read.node)
    return {
        "note": name, "path": [step.hex() for step in path], "who": who, "how": how, "size": size, "at": at,
    }  # fmt: skip
