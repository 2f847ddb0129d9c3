"""The proof log in a backup: full tiles, which never change, once for all snapshots; the rest with each snapshot.

The private key is in no backup: who reads one could sign in the archive's name. A restored archive goes on with a new
key, which its log names; whoever wants the old one copies `state/proof.key` by hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from newscrawl.proof import tiles
from newscrawl.proof.notes import Checkpoint, Note
from newscrawl.proof.outside import cosigned, findings, timestamps
from newscrawl.proof.outside.cosigned import WITNESSES
from newscrawl.proof.outside.published import WITNESS
from newscrawl.proof.tiles import WIDTH, Tiles
from newscrawl.warc import durable
from newscrawl.warc.durable import copy, sha256_of
from newscrawl.warc.manifest import Entry

PROOF = tiles.FOLDER
OUTSIDE = (cosigned.FOLDER, timestamps.FOLDER, WITNESS, findings.FOLDER)


def back_up(note: str, source: Path, target: Path, new: Path, known: Mapping[str, Entry]) -> Iterator[Entry]:
    """Copies the log up to a checkpoint; the entries of shared files, by their paths in the backup folder.

    `known` has the files of earlier snapshots, `new` is the folder of the one that is made. Raises ArchiveError.
    """
    said = Checkpoint.parse(Note.parse(note).text)
    log = Tiles(source, said.size)
    shared = f"{PROOF}/{hashlib.sha256(said.origin.encode()).hexdigest()[:16]}"
    kinds: list[tuple[int | str, int]] = [("entries", said.size), *log.levels()]
    for kind, number in kinds:
        for index in range(number // WIDTH):
            name = tiles.path(kind, index)
            path = f"{shared}/{name}"
            there = target / path
            size = (source / name).stat().st_size
            entry = known.get(path)
            if entry is None or not there.is_file() or there.stat().st_size != size:
                if there.is_file() and there.stat().st_size == size:
                    entry = Entry(path, size, sha256_of(there))  # of a backup that was killed
                else:
                    entry = Entry(path, size, copy(source / name, there, length=size))
            yield entry
        if rest := number % WIDTH:
            name = tiles.path(kind, number // WIDTH, rest)
            durable.write(new / PROOF / name, log.raw(kind, number // WIDTH, rest))
    for one in _outside(source, said.size):
        copy(one, new / PROOF / one.relative_to(source), length=one.stat().st_size)
    if (source / WITNESSES).is_file():
        durable.write(new / PROOF / WITNESSES, (source / WITNESSES).read_bytes())
    durable.write(new / PROOF / tiles.CHECKPOINT, note.encode())


def _outside(source: Path, size: int) -> Iterator[Path]:
    """What others said of the log up to this checkpoint, and what this archive has seen of the logs of others."""
    for folder in OUTSIDE:
        for path in sorted((source / folder).rglob("*")) if (source / folder).is_dir() else ():
            number = re.match(r"\d+", path.name)
            later = (
                folder in (cosigned.FOLDER, timestamps.FOLDER)
                and number is not None
                and int(number[0]) > size
            )
            if path.is_file() and path.suffix != durable.UNFINISHED and path.name != ".lock" and not later:
                yield path


def place_of(name: str) -> str | None:
    """Where in the log's folder a file of a backup belongs, by its path without that of its snapshot; None for other files."""
    first, _, rest = name.partition("/")
    if first != PROOF:
        return None
    mine = rest in (tiles.CHECKPOINT, WITNESSES) or rest.startswith(
        tuple(f"{one}/" for one in ("tile", *OUTSIDE))
    )
    return rest if mine else rest.partition("/")[2]
