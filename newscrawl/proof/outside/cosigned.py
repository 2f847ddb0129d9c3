"""The cosignatures that witnesses have given to this archive's checkpoints: taken in, checked, kept beside the log as files.

`cosigned/SIZE` is that checkpoint with the archive's own signature and those of its witnesses, a note that every tool of
the form reads; `witnesses` has the keys of those who count, a line each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from newscrawl.errors import ArchiveError, FetchError, NotFound, UsageError
from newscrawl.proof import log as logs
from newscrawl.proof.compare import compare, keys_of
from newscrawl.proof.log import Place
from newscrawl.proof.notes import Checkpoint, Note
from newscrawl.proof.outside import findings
from newscrawl.proof.outside.cosignatures import Cosignature, WitnessKey, cosignatures
from newscrawl.proof.outside.fetching import Fetcher
from newscrawl.proof.outside.published import LARGEST, reader, seen_of
from newscrawl.proof.tiles import CHECKPOINT
from newscrawl.store.proof.book import Book
from newscrawl.warc import durable

FOLDER = "cosigned"
WITNESSES = "witnesses"
_AHEAD = timedelta(hours=1)  # by which clocks of two machines may differ


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint of this archive with the cosignatures of known witnesses."""

    size: int
    note: Note
    by: tuple[Cosignature, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking cosignatures in: `added` are new ones, `known` those that were here, `size` is the checkpoint's.

    `verdict` is taken, known, unknown_witness, future, or one of proof/compare.py where the checkpoint is none of this log.
    """

    ok: bool
    verdict: str
    message: str
    size: int
    added: tuple[Cosignature, ...] = ()
    known: tuple[Cosignature, ...] = ()


def witnesses(folder: Path) -> list[WitnessKey]:
    """The keys of the witnesses that count for this archive. Raises ArchiveError."""
    path = folder / WITNESSES
    try:
        lines = path.read_text("utf-8").splitlines()
        return [WitnessKey.parse(line) for line in lines if line.strip()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise ArchiveError(f"has no keys of witnesses ({error})", subject=str(path)) from error


def remember(folder: Path, vkey: str) -> WitnessKey:
    """From now on cosignatures of this key count. Raises UsageError, ArchiveError."""
    try:
        key = WitnessKey.parse(vkey)
    except ValueError as error:
        raise UsageError(
            str(error), subject="--key", hint="The witness sees its key with: newscrawl witness"
        ) from error
    known = witnesses(folder)
    if key not in known:
        durable.write(
            folder / WITNESSES, "".join(f"{one.vkey}\n" for one in sorted([*known, key], key=str)).encode()
        )
    return key


def fetched(target: str, origin: str, user_agent: str) -> bytes:
    """A co-signed checkpoint: a file, or what a witness has published of this log. Raises FetchError."""
    read = reader(target, Fetcher(user_agent))
    for name in (f"{seen_of(origin)}/{CHECKPOINT}", ""):
        try:
            return read(name, LARGEST)
        except FileNotFoundError:
            continue
    raise FetchError(
        "has no checkpoint of this log", subject=target, hint="Has that archive run newscrawl witness?"
    )


def take_in(book: Book, place: Place, data: bytes, now: datetime) -> Taken:
    """Checks a co-signed checkpoint and keeps what known witnesses have signed. Raises UsageError, ArchiveError."""
    found = compare(book, place, data, None)
    last = book.last()
    if found.verdict in findings.CONTRADICTIONS and last is not None:
        kept_in = findings.keep(place.folder, found.verdict, data, last.note.encode())
        return Taken(False, found.verdict, f"{found.message}; both are kept in {kept_in}", found.old)
    if not found.ok:
        return Taken(False, found.verdict, found.message, found.old)
    note = Note.parse(data)
    said = Checkpoint.parse(note.text)
    signed = book.checkpoint(said.size)  # None of entries that were lost with an earlier database
    if signed is not None and Note.parse(signed.note).text != note.text:
        other = f"forked: this archive has signed another checkpoint of {said.size:,} entries"
        return Taken(False, "forked", other, said.size)
    given = cosignatures(note, witnesses(place.folder))
    valid = [one for one in given if one.at <= now + _AHEAD]
    if given and not valid:
        late = f"{given[0].witness.name} has dated it {given[0].at:%Y-%m-%d %H:%M} UTC, which is yet to come"
        return Taken(False, "future", late, said.size)
    if not valid:
        return Taken(False, "unknown_witness", "no known witness has co-signed it", said.size)
    with logs.locked(place.folder):
        path = place.folder / FOLDER / str(said.size)
        earlier = load(path, witnesses(place.folder)) if path.exists() else None
        before = {one.witness: one for one in earlier.by} if earlier else {}
        # The earliest counts: it says by when the checkpoint was there.
        added = tuple(one for one in valid if one.witness not in before or one.at < before[one.witness].at)
        if added:
            merged = before | {one.witness: one for one in added}
            mine = next(one for one in map(note.only, keys_of(book, place)) if one.signatures)
            lines = tuple((one.witness.name, one.data) for one in merged.values())
            durable.write(path, Note(note.text, (*mine.signatures, *lines)).whole().encode())
    known = tuple(one for one in valid if one not in added)
    names = ", ".join(one.witness.name for one in (added or known))
    what = "co-signed by" if added else "known already: co-signed by"
    return Taken(
        True, "taken" if added else "known", f"{said.size:,} entries, {what} {names}", said.size, added, known
    )


def load(path: Path, keys: list[WitnessKey]) -> Cosigned:
    """A co-signed checkpoint of this archive. Raises ArchiveError."""
    try:
        note = Note.parse(path.read_bytes())
        said = Checkpoint.parse(note.text)
    except (OSError, ValueError) as error:
        raise ArchiveError(f"is no co-signed checkpoint ({error})", subject=str(path)) from error
    return Cosigned(said.size, note, tuple(cosignatures(note, keys)))


def kept(folder: Path) -> list[Path]:
    """The co-signed checkpoints, the smallest log first."""
    there = folder / FOLDER
    if not there.is_dir():
        return []
    return sorted((one for one in there.iterdir() if one.name.isdecimal()), key=lambda one: int(one.name))


def newest(folder: Path) -> list[Cosigned]:
    """The newest checkpoint that each witness has co-signed. Raises ArchiveError."""
    keys, found = set(witnesses(folder)), []
    for path in reversed(kept(folder)):
        if not keys:
            break
        one = load(path, sorted(keys, key=str))
        if one.by:
            found.append(one)
            keys -= {each.witness for each in one.by}
    return found


def origin_of(book: Book) -> str:
    """What this archive's log is called. Raises NotFound."""
    last = book.last()
    if last is None:
        raise NotFound("there is no log yet", hint="The next run starts it, or: newscrawl proof init")
    return Checkpoint.parse(Note.parse(last.note).text).origin
