"""Compares two checkpoints of one log: whether the later one only grew out of the earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.errors import NotFound, UsageError
from newscrawl.proof import log as logs, merkle
from newscrawl.proof.log import Place
from newscrawl.proof.notes import Checkpoint, Note, PublicKey
from newscrawl.proof.tiles import DamagedLog, Tiles
from newscrawl.store.proof.book import Book


@dataclass(frozen=True, slots=True)
class Comparison:
    """`verdict` is grown, same, rolled_back, forked, edited, unsigned or foreign; sizes are of the older and the newer checkpoint."""

    ok: bool
    verdict: str
    old: int
    new: int
    message: str


def compare(
    book: Book,
    place: Place,
    old: bytes,
    new: bytes | None,
    *,
    names: tuple[str, str] = ("OLD", "NEW"),
    vkey: str | None = None,
) -> Comparison:
    """Compares a checkpoint with another, or with the newest of the log.

    `names` is what messages call the two, such as their files. Raises UsageError for what is no checkpoint.
    """
    names = names if new is not None else (names[0], "the newest of the log")
    last = book.last()
    if new is None and last is None:
        raise NotFound("there is no log here", hint="Name two checkpoints, or set NEWSCRAWL_HOME")
    notes = [
        _note(old, names[0]),
        _note(new, names[1]) if new is not None else Note.parse(last.note if last else ""),
    ]
    before, after = (_checkpoint(*one) for one in zip(notes, names, strict=True))
    if before.origin != after.origin:
        return _said("foreign", before, after, f"another log: {before.origin}, not {after.origin}")
    keys = keys_of(book, place, vkey)
    for one, name in zip(notes, names, strict=True):
        if one.signed_by(keys) is None:
            return _said("unsigned", before, after, f"no known key has signed this checkpoint: {name}")
    if new is not None and before.size > after.size:
        before, after = after, before
    if before.size > after.size:
        lost = f"the log had {before.size:,} entries once, and has {after.size:,} now"
        return _said("rolled_back", before, after, f"rolled back: {lost}")
    if before.size == after.size:
        if before.root == after.root:
            return _said("same", before, after, f"the same: {before.size:,} entries", ok=True)
        return _said("forked", before, after, f"forked: two roots were signed for {before.size:,} entries")
    try:
        read = Tiles(place.folder, max(after.size, last.size if last else 0))
        grown = not before.size or merkle.is_consistent(
            before.size,
            after.size,
            before.root,
            after.root,
            merkle.consistency(before.size, after.size, read.node),
        )
    except DamagedLog as error:
        return _said("edited", before, after, f"the tiles do not hold what was signed: {error}")
    if not grown:
        other = f"the first {before.size:,} entries are not those that were signed then"
        return _said("edited", before, after, f"edited or forked: {other}")
    more = after.size - before.size
    return _said("grown", before, after, f"all right: {more:,} entries were added, none was changed", ok=True)


def keys_of(book: Book, place: Place, vkey: str | None = None) -> list[PublicKey]:
    """The keys whose checkpoints count: the one that was given, else those of the archive and of its log. Raises UsageError."""
    if vkey is not None:
        try:
            return [PublicKey.parse(vkey)]
        except ValueError as error:
            raise UsageError(str(error), subject="--key") from error
    last = book.last()
    own = logs.public_key(place)
    named = logs.keys(logs.lines(book, Tiles(place.folder, last.size))) if last else []
    return [*([own] if own else []), *map(PublicKey.parse, named)]


def _note(data: bytes, name: str) -> Note:
    try:
        return Note.parse(data)
    except ValueError as error:
        raise UsageError(f"is no checkpoint: {error}", subject=name) from error


def _checkpoint(note: Note, name: str) -> Checkpoint:
    try:
        return Checkpoint.parse(note.text)
    except ValueError as error:
        raise UsageError(f"is no checkpoint: {error}", subject=name) from error


def _said(
    verdict: str, before: Checkpoint, after: Checkpoint, message: str, *, ok: bool = False
) -> Comparison:
    return Comparison(ok, verdict, before.size, after.size, message)
