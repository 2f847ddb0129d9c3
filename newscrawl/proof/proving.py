"""Proofs of entries out of the tiles, under the newest checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newscrawl.errors import NotFound
from newscrawl.proof import merkle
from newscrawl.proof.log import Place
from newscrawl.proof.tiles import Tiles
from newscrawl.store.proof.book import Book


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, its place, and the neighbours on its way to the root of the checkpoint (a signed note)."""

    index: int
    entry: bytes
    size: int
    path: tuple[bytes, ...]
    checkpoint: str


def prove(book: Book, place: Place, indexes: Sequence[int]) -> list[Proven]:
    """The proofs of some entries, in order. Raises NotFound for one that the log does not have, DamagedLog."""
    last = book.last()
    if last is None:
        raise NotFound("there is no log yet", hint="The next run starts it, or: newscrawl proof init")
    read = Tiles(place.folder, last.size)
    found = []
    for index in sorted(set(indexes)):
        if not 0 <= index < last.size:
            raise NotFound(f"the log has {last.size:,} entries", subject=f"entry {index}")
        path = tuple(merkle.inclusion(index, last.size, read.node))
        found.append(Proven(index, read.entry(index), last.size, path, last.note))
    return found
