"""Watches the logs of other archives: each only grows out of what was seen of it last, or what both said is kept.

By pulling alone: the log is read where it is published, and the co-signed checkpoint lies in this archive's own
published folder, where the other side finds it. What was seen last and the cosignature are one file, so that a kill
leaves either both or neither. Only a checkpoint that holds everything seen before is ever co-signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from newscrawl.errors import ArchiveError, FetchError, UsageError
from newscrawl.proof import log as logs, merkle
from newscrawl.proof.log import Place
from newscrawl.proof.notes import Checkpoint, Note, PublicKey
from newscrawl.proof.outside import findings
from newscrawl.proof.outside.cosignatures import WitnessKey, cosign
from newscrawl.proof.outside.fetching import Fetcher
from newscrawl.proof.outside.published import LARGEST, WITNESS, PublishedTiles, reader, seen_of
from newscrawl.proof.tiles import CHECKPOINT, DamagedLog
from newscrawl.warc import durable

LOG = "log.json"


@dataclass(frozen=True, slots=True)
class Watched:
    """A log that this archive watches: its name, the keys that were given for it, where it is read, what was seen last."""

    origin: str
    keys: tuple[str, ...]
    target: str
    seen: Checkpoint | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one look at a log.

    `verdict` is first, grown, same, rolled_back, forked, edited, unsigned or foreign, with the meanings of
    proof/compare.py; sizes are of the checkpoint seen before and of this one. `file` has the co-signed checkpoint, or
    is the folder with both checkpoints of a finding.
    """

    ok: bool
    verdict: str
    origin: str
    old: int
    new: int
    message: str
    file: Path | None = None
    witness: str | None = None


def watched(place: Place) -> list[Watched]:
    """The logs that this archive watches, by name. Raises ArchiveError."""
    folder = place.folder / WITNESS
    found = [_watched(one.parent) for one in folder.glob(f"*/{LOG}")] if folder.is_dir() else []
    return sorted((one for one in found if one is not None), key=lambda one: one.origin)


def witness_key(place: Place) -> WitnessKey | None:
    """The public key by which this archive co-signs; None where it has none yet. Raises ArchiveError."""
    found = logs.stored_key(place.witness_key)
    return WitnessKey.of(found) if found else None


def look(
    place: Place,
    target: str,
    vkey: str | None,
    now: Callable[[], datetime],
    user_agent: str,
    *,
    own: str | None = None,
    seconds: float | None = None,
) -> Seen:
    """Looks at a log, and co-signs its checkpoint if it only grew since it was seen last.

    `vkey` is the log's public key, needed the first time and when it has a new one; `own` is the name of this archive's
    log, after which a new witness key is called. Raises UsageError, FetchError where it cannot be read now, ArchiveError.
    """
    known = _known(place, target, vkey)
    if known.origin == own:
        raise UsageError("is this archive's own log: a witness must be somebody else", subject=target)
    folder = place.folder / seen_of(known.origin)
    with logs.locked(folder):
        before = _watched(folder) or known  # another command may have been quicker
        fetcher = Fetcher(user_agent) if seconds is None else Fetcher(user_agent, seconds)
        read = reader(target, fetcher)
        try:
            note = Note.parse(read(CHECKPOINT, LARGEST))
            said = Checkpoint.parse(note.text)
        except FileNotFoundError as error:
            raise FetchError("has no checkpoint of a log", subject=target) from error
        except ValueError as error:
            raise FetchError(f"is no checkpoint ({error})", subject=target) from error
        signer = note.signed_by([PublicKey.parse(one) for one in known.keys])
        if signer is None:
            return _found(
                "unsigned", known, before.seen, said, "no key that was given for it has signed its checkpoint"
            )
        if said.origin != known.origin:
            return _found(
                "foreign", known, before.seen, said, f"another log: {said.origin}, not {known.origin}"
            )
        signed = note.only(signer)
        verdict, message = _compared(before.seen, said, PublishedTiles(read, said.size, target))
        if verdict in findings.CONTRADICTIONS:
            last = folder / CHECKPOINT
            old = last.read_bytes() if before.seen is not None else b""
            kept = findings.keep(folder, verdict, old, signed.whole().encode())
            return _found(verdict, known, before.seen, said, message, kept)
        private = logs.own_key(place.witness_key, own)
        cosigned = cosign(private, note.text, now())
        whole = Note(note.text, (*signed.signatures, (cosigned.witness.name, cosigned.data))).whole()
        _remember(folder, Watched(known.origin, known.keys, target, None))
        durable.write(folder / CHECKPOINT, whole.encode())
    return Seen(
        True, verdict, known.origin, before.seen.size if before.seen else 0, said.size, message,
        folder / CHECKPOINT, cosigned.witness.vkey,
    )  # fmt: skip


def _compared(before: Checkpoint | None, said: Checkpoint, tiles: PublishedTiles) -> tuple[str, str]:
    """Whether a log only grew out of what was seen of it, by its own tiles."""
    if before is not None and said.size < before.size:
        return "rolled_back", f"rolled back: it had {before.size:,} entries once, and has {said.size:,} now"
    if before is not None and said.size == before.size and said.size:
        if said.root == before.root:
            return "same", f"the same: {said.size:,} entries"
        return "forked", f"forked: two roots were signed for {said.size:,} entries"
    try:
        if before is None or not before.size:
            if tiles.root() != said.root:
                return "edited", "its tiles do not have the root that was signed"
            return "first" if before is None else "grown", f"{said.size:,} entries"
        path = merkle.consistency(before.size, said.size, tiles.node)
        if merkle.is_consistent(before.size, said.size, before.root, said.root, path):
            return "grown", f"all right: {said.size - before.size:,} entries were added, none was changed"
        # Its own tiles may prove that the tree signed now begins otherwise; else they prove nothing.
        root = merkle.root(before.size, tiles.node)
        if merkle.is_consistent(before.size, said.size, root, said.root, path):
            return "forked", f"edited or forked: its first {before.size:,} entries are not those seen then"
        return "edited", "its tiles do not have the root that was signed"
    except DamagedLog as error:
        raise FetchError(
            f"cannot be proven to have only grown: {error.message}",
            subject=error.subject,
            hint="It may just be being copied: try again later",
        ) from error


def _known(place: Place, target: str, vkey: str | None) -> Watched:
    """The log that is meant, with the key that was given now first. Raises UsageError."""
    if vkey is not None:
        try:
            key = PublicKey.parse(vkey)
        except ValueError as error:
            raise UsageError(str(error), subject="--key") from error
        before = _watched(place.folder / seen_of(key.name))
        keys = [key.vkey, *(one for one in (before.keys if before else ()) if one != key.vkey)]
        return Watched(key.name, tuple(keys), target, before.seen if before else None)
    for one in watched(place):
        if one.target == target:
            return one
    raise UsageError(
        "its public key is not known yet",
        subject=target,
        hint="Give it once, from a source that you trust: --key KEY",
    )


def _watched(folder: Path) -> Watched | None:
    """What is remembered of a log. Raises ArchiveError."""
    try:
        told = json.loads((folder / LOG).read_text("utf-8"))
        keys = tuple(PublicKey.parse(one).vkey for one in told["keys"])
        seen = _seen(folder)
        return Watched(str(told["origin"]), keys, str(told["target"]), seen)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"what was seen of a log cannot be read ({error})",
            subject=str(folder),
            hint="Put it back from a backup; without it this archive forgets what it has co-signed",
        ) from error


def _seen(folder: Path) -> Checkpoint | None:
    try:
        return Checkpoint.parse(Note.parse((folder / CHECKPOINT).read_bytes()).text)
    except FileNotFoundError:
        return None


def _remember(folder: Path, one: Watched) -> None:
    told: dict[str, Any] = {"origin": one.origin, "keys": list(one.keys), "target": one.target}
    data = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    path = folder / LOG
    if not path.is_file() or path.read_bytes() != data:
        durable.write(path, data)


def _found(
    verdict: str,
    known: Watched,
    before: Checkpoint | None,
    said: Checkpoint,
    message: str,
    kept: Path | None = None,
) -> Seen:
    return Seen(False, verdict, known.origin, before.size if before else 0, said.size, message, kept)
