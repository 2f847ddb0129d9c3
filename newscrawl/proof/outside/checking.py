"""Checks what others have said of the log, as it is kept beside it: cosignatures, tokens, against the checkpoints of the database.

A witness that has seen more entries than there are, or other ones, tells of a log that was rolled back or forked,
also where nobody asks it: its word lies here, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from newscrawl.errors import NewscrawlError
from newscrawl.model import Problem, ProblemKind
from newscrawl.proof import merkle
from newscrawl.proof.notes import Checkpoint, Note, PublicKey
from newscrawl.proof.outside import cosigned, timestamps
from newscrawl.proof.tiles import DamagedLog, Tiles
from newscrawl.proof.verifier import Wrong
from newscrawl.store.proof.book import Signed


def problems(
    folder: Path, checkpoints: Sequence[Signed], keys: Sequence[PublicKey], counted: list[int]
) -> Iterator[Problem]:
    """What does not hold; `counted` gets the number of cosignatures and of tokens that were checked."""
    known = {one.size: one for one in checkpoints}
    last = checkpoints[-1].size if checkpoints else 0
    counted[:] = [0, 0]
    try:
        witnesses = cosigned.witnesses(folder)
    except NewscrawlError as error:
        yield _damaged(str(error), cosigned.WITNESSES)
        return
    for path in cosigned.kept(folder):
        name = f"{cosigned.FOLDER}/{path.name}"
        try:
            one = cosigned.load(path, witnesses)
        except NewscrawlError as error:
            yield _damaged(str(error), name)
            continue
        counted[0] += len(one.by)
        yield from _against(
            one.note, str(one.size) == path.name, known, last, keys, folder, name, "a witness has seen"
        )
        if not one.by:
            yield _damaged("no cosignature in it is that of a known witness", name)
    for path, size, authority in timestamps.files(folder):
        name = f"{timestamps.FOLDER}/{path.name}"
        beside = path.with_name(f"{size}{timestamps.NOTE}")
        try:
            data, note = path.read_bytes(), beside.read_bytes()
            timestamps.check(data, note, timestamps.root_of(path.with_suffix(timestamps.ROOT)))
            parsed = Note.parse(note)
            same = Checkpoint.parse(parsed.text).size == size
        except (OSError, ValueError, Wrong, NewscrawlError) as error:
            yield _damaged(f"the token of {authority} does not hold: {error}", name)
            continue
        counted[1] += 1
        yield from _against(parsed, same, known, last, keys, folder, name, "an authority has stamped")


def _against(
    note: Note,
    same: bool,
    known: dict[int, Signed],
    last: int,
    keys: Sequence[PublicKey],
    folder: Path,
    name: str,
    who: str,
) -> Iterator[Problem]:
    """A checkpoint that others have signed against those of the database."""
    said = Checkpoint.parse(note.text)
    if not same:
        yield _damaged(f"its checkpoint is of {said.size:,} entries", name)
    elif note.signed_by(keys) is None:
        yield _damaged("no key of the log has signed its checkpoint", name)
    elif said.size > last:
        yield Problem(
            ProblemKind.LOG_ROLLED_BACK,
            name,
            f"{who} {said.size:,} entries, the database knows {last:,}: it was put back to an earlier state",
        )
    elif not _is_ours(said, note, known, last, folder):
        yield _damaged(
            f"{who} another checkpoint of {said.size:,} entries than the log has: it was forked", name
        )


def _is_ours(said: Checkpoint, note: Note, known: dict[int, Signed], last: int, folder: Path) -> bool:
    """Whether a checkpoint is one of this log; of entries that were lost with a database only the files know."""
    if (one := known.get(said.size)) is not None:
        return Note.parse(one.note).text == note.text
    try:
        return merkle.root(said.size, Tiles(folder, last).node) == said.root
    except DamagedLog:
        return True  # told of the files themselves


def _damaged(message: str, subject: str) -> Problem:
    return Problem(ProblemKind.LOG_DAMAGED, subject, message)
