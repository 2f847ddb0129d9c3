"""Adds to the log what was recorded since, and signs a checkpoint: after each run, or when asked.

Order of safety: the files first, flushed; then one transaction that says which rows the new entries are about, deletes the
notes of them and holds the signed checkpoint; then the file `checkpoint`. A kill after the files leaves bytes that nothing
signed refers to, and the next step writes over them; a kill after the transaction leaves an old `checkpoint`, which the
next step replaces by that of the database. Never is there a signed checkpoint whose entries are not on the disk.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from newscrawl.errors import AlreadyRunning, ArchiveError, NewscrawlError, StoreError
from newscrawl.proof import entries, tiles
from newscrawl.proof.notes import Checkpoint, Note, PrivateKey, PublicKey
from newscrawl.proof.tiles import Appender, DamagedLog, Tiles
from newscrawl.store.proof.book import Batch, Book, File, Named, Signed, open_book
from newscrawl.store.proof.kinds import ROWS, Kind
from newscrawl.warc import durable, manifest
from newscrawl.warc.durable import refused

logger = logging.getLogger(__name__)

KEY = "proof.key"
"""The private key's file in the archive's state folder."""
WITNESS_KEY = "witness.key"
"""And that of the key by which this archive co-signs the logs of others."""

BATCH = 4000  # rows read, written and committed together
_WAIT = 20.0  # seconds for another program that is adding to the log
_ABOUT_LOG: Named = (Kind.LOG, 0)


class RolledBack(ArchiveError):
    """The database is older than the log, or of another one."""


class NotHere(ArchiveError):
    """The log's files are not in this folder: another machine keeps it, or they are lost."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log is kept: its folder, its private key, the raw responses."""

    folder: Path
    key: Path
    warc: Path
    software: str

    @property
    def witness_key(self) -> Path:
        """The private key by which it co-signs logs of others: another one, as the form of cosignatures asks for."""
        return self.key.with_name(WITNESS_KEY)

    @classmethod
    def of(cls, home: Path, software: str) -> Place:
        """The log of the archive in a folder."""
        return cls(home / tiles.FOLDER, home / "state" / KEY, home / "warc", software)


@dataclass(slots=True)
class Added:
    """What was added, and the checkpoint behind it; None where there is no log yet."""

    entries: int = 0
    checkpoint: Signed | None = None
    whole: bool = True


def keep_quietly(url: str, place: Place, now: Callable[[], datetime], seconds: float) -> None:
    """What every run does at its end: never a reason for it to fail. What goes wrong is logged, and made up for by the next one."""
    try:
        with open_book(url) as book:
            keep(book, place, now, seconds=seconds)
    except (
        NotHere,
        StoreError,
    ) as error:  # a database that is away or locked: the run has said so, or the next one goes on
        logger.info("proof: %s", error)
    except NewscrawlError as error:
        logger.warning("proof: %s", error)
    except Exception as error:  # noqa: BLE001 - the run is over and archived
        logger.warning("proof: %s: %s", type(error).__name__, error)


def keep(
    book: Book,
    place: Place,
    now: Callable[[], datetime],
    *,
    origin: str | None = None,
    seconds: float | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Added:
    """Enters what waits, batch by batch, each with a checkpoint; starts the log where there is none.

    Stops after `seconds`; what is left is entered the next time. Raises AlreadyRunning, ArchiveError, and its kinds
    RolledBack, NotHere and DamagedLog: then nothing was changed.
    """
    until = None if seconds is None else time.monotonic() + seconds
    with locked(place.folder):
        log = _Log(book, place, now, origin)
        added = Added(checkpoint=log.last)
        while True:
            batch = book.batch(BATCH)
            if not batch.notes and log.last is not None:
                return added
            log.enter(batch, added, progress)
            if until is not None and time.monotonic() > until:
                added.whole = not book.waiting()
                return added


def bring_in(
    book: Book,
    place: Place,
    now: Callable[[], datetime],
    *,
    origin: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Added:
    """Enters everything that the archive has from before its log, then what waits. It can be stopped and goes on where it was.

    Raises what `keep` raises, except RolledBack where the log only goes on further than the database: then the log says
    from now on that those entries are lost.
    """
    with locked(place.folder):
        log = _Log(book, place, now, origin, lost=True)
        added = Added(checkpoint=log.last)
        if log.last is None:
            log.enter(Batch([], [], {}), added, progress)
        before = log.before()
        for kind in ROWS:
            after = 0
            while upto := before.get(kind.word, 0):
                batch = book.old(kind, after, upto, BATCH)
                if not batch.rows:
                    break
                log.enter(batch, added, progress)
                after = batch.rows[-1][0][1]
        while (batch := book.batch(BATCH)).notes:
            log.enter(batch, added, progress)
        log.enter(Batch([], [], {}), added, progress, files=True, complete=bool(before))
    return added


class _Log:
    """An open log that is locked, with its files and its database in step."""

    def __init__(
        self,
        book: Book,
        place: Place,
        now: Callable[[], datetime],
        origin: str | None,
        *,
        lost: bool = False,
    ) -> None:
        self._book, self._place, self._now = book, place, now
        self.last = book.last()
        self._waiting_lines: list[dict[str, Any]] = []
        self._hidden = 0
        there = in_file(place.folder)
        if there is not None and (self.last is None or there.size > self.last.size):
            if self.last is None or not lost:
                raise RolledBack(
                    f"the log has {there.size:,} entries, the database knows {self.last.size if self.last else 0:,} of them:"
                    " it was put back to an earlier state, or is another archive's",
                    subject=str(place.folder),
                    hint="See newscrawl verify; newscrawl proof init says so in the log and goes on",
                )
            self._take_back(there)
        # A kill before the first file `checkpoint` leaves the tiles alone.
        if there is None and self.last is not None and not (place.folder / "tile").is_dir():
            raise NotHere(
                "the files of the log are not here; another machine keeps it, or they are lost",
                subject=str(place.folder),
                hint="Put them back from a backup",
            )
        name = Checkpoint.parse(Note.parse(self.last.note).text).origin if self.last else origin
        self._key = own_key(place.key, name)
        if self.last is not None:
            self._come_to(self.last, there)
            if (vkey := self._key.public.vkey) != self.keys()[-1]:
                self._waiting_lines.append(entries.of_log("key", now(), key=vkey))
        else:
            self._begin()

    def _begin(self) -> None:
        before = {kind.word: number for kind, number in self._book.unnoted().items() if number}
        said = {"origin": self._key.name, "key": self._key.public.vkey, "software": self._place.software}
        self._waiting_lines.append(entries.of_log("begins", self._now(), **said, before=before))

    def _take_back(self, there: Checkpoint) -> None:
        """Goes on behind entries that the database does not know any more, and says so."""
        assert self.last is not None
        self._check_older(there)
        lost = {"from": self.last.size, "to": there.size}
        self._hidden = there.size
        self._waiting_lines.append(entries.of_log("lost", self._now(), **lost))

    def _check_older(self, there: Checkpoint) -> None:
        assert self.last is not None
        if Tiles(self._place.folder, there.size).root() != there.root:
            raise DamagedLog(
                "the files of the log do not have the root of its checkpoint",
                subject=str(self._place.folder),
                hint="Put them back from a backup",
            )
        if Tiles(self._place.folder, self.last.size).root().hex() != self.last.root:
            raise RolledBack(
                "the log of the database is another one than that of the files",
                subject=str(self._place.folder),
                hint="Put back what belongs together, from one backup",
            )

    def _come_to(self, last: Signed, there: Checkpoint | None) -> None:
        """Brings the file `checkpoint` to what the database says, where a kill kept it from it."""
        if self._hidden:
            return
        if Tiles(self._place.folder, last.size).root().hex() != last.root:
            raise DamagedLog(
                f"the files of the log do not have the root that was signed for its {last.size:,} entries",
                subject=str(self._place.folder),
                hint="See newscrawl verify; put them back from a backup",
            )
        if there is None or there.size < last.size:
            durable.write(self._place.folder / tiles.CHECKPOINT, last.note.encode())
        elif there.root.hex() != last.root:
            raise RolledBack(
                "its checkpoint and that of the database differ", subject=str(self._place.folder)
            )

    @property
    def size(self) -> int:
        """How many entries the log has, also such that the database lost."""
        return self._hidden or (self.last.size if self.last else 0)

    def lines(self) -> list[dict[str, Any]]:
        """What the log says of itself."""
        return lines(self._book, Tiles(self._place.folder, self.size))

    def keys(self) -> list[str]:
        """The public keys that the log names, the newest last."""
        return keys(self.lines())

    def before(self) -> dict[str, int]:
        """Up to which row of each kind the archive is older than its log; nothing once that was brought in."""
        return before(self.lines())

    def enter(
        self,
        batch: Batch,
        added: Added,
        progress: Callable[[int], None],
        *,
        files: bool = False,
        complete: bool = False,
    ) -> None:
        """Enters rows, and what is to be said of the log itself; one checkpoint behind them."""
        start, old = self.size, Tiles(self._place.folder, self.size)
        new: list[tuple[Named | File, dict[str, Any]]] = [(_ABOUT_LOG, one) for one in self._waiting_lines]
        for named, row in batch.rows:
            entry = entries.of_row(named[0], row)
            if (before := batch.earlier.get(named)) is not None:
                if _same(old.entry(before), entry):
                    continue
                entry["amends"] = before
            new.append((named, entry))
        new += [(one, entries.of_file(one)) for one in self._closed(None if files else _sources(batch))]
        if complete:
            new.append((_ABOUT_LOG, entries.of_log("complete", self._now())))
        if not new:
            self._book.forget(batch.notes)
            progress(len(batch.notes))
            return
        appender = Appender(self._place.folder, start)
        for _, entry in new:
            appender.add(entries.canonical(entry))
        appender.write()
        checkpoint = Checkpoint(self._key.name, appender.size, appender.root(), self._now())
        note = self._key.sign(checkpoint.text())
        assert checkpoint.at is not None
        signed = Signed(checkpoint.size, checkpoint.at, checkpoint.root.hex(), note)
        self._book.commit(
            self.last.size if self.last else 0, [one for one, _ in new], batch.notes, signed, first=start
        )
        durable.write(self._place.folder / tiles.CHECKPOINT, note.encode())
        appender.tidy()
        self.last, self._hidden = signed, 0
        self._waiting_lines.clear()
        added.entries += len(new)
        added.checkpoint = signed
        progress(len(new))

    def _closed(self, sources: Sequence[str] | None) -> Iterator[File]:
        """The closed files of some sources that the log does not have; None stands for all."""
        root = self._place.warc
        if sources is None:
            sources = sorted(one.name for one in root.iterdir() if one.is_dir()) if root.is_dir() else []
        for source in sources:
            try:
                there = manifest.load(root / source)
            except ArchiveError as error:
                logger.info("proof: %s", error)  # verify says it
                continue
            known = {one.path for one in self._book.files(source).get(source, ())} if there else set()
            for path in sorted(there.keys() - known):
                yield File(source, path, there[path].size, there[path].sha256)


def lines(book: Book, log: Tiles) -> list[dict[str, Any]]:
    """What a log says of itself, the oldest first."""
    found = book.entries_of([_ABOUT_LOG]).get(_ABOUT_LOG, [])
    return [entries.parse(log.entry(index)) for index in found if index < log.size]


def keys(lines: Sequence[dict[str, Any]]) -> list[str]:
    """The public keys that a log names, the newest last."""
    return [str(one["key"]) for one in lines if "key" in one]


def before(lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Up to which row of each kind an archive is older than its log and was not brought in."""
    if any(one["what"] == "complete" for one in lines):
        return {}
    return next((dict(one["before"]) for one in lines if one["what"] == "begins"), {})


def public_key(place: Place) -> PublicKey | None:
    """The archive's own public key; None where it has no key. Raises ArchiveError."""
    found = stored_key(place.key)
    return found.public if found else None


def private_key(place: Place) -> PrivateKey | None:
    """The archive's private key; None where it has none. Raises ArchiveError."""
    return stored_key(place.key)


def _same(earlier: bytes, entry: dict[str, Any]) -> bool:
    """Whether an entry says what an earlier one does."""
    said = entries.parse(earlier)
    said.pop("amends", None)
    return entries.canonical(said) == entries.canonical(entry)


def _sources(batch: Batch) -> list[str]:
    """The sources whose runs ended: their files may have been closed."""
    return sorted({str(row["source"]) for (kind, _), row in batch.rows if kind is Kind.RUN})


def in_file(folder: Path) -> Checkpoint | None:
    """The checkpoint beside the tiles; None without one. Raises DamagedLog."""
    path = folder / tiles.CHECKPOINT
    try:
        return Checkpoint.parse(Note.parse(path.read_bytes()).text)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refused(error, path) from error
    except ValueError as error:
        raise DamagedLog(f"is no checkpoint ({error})", subject=str(path)) from error


def stored_key(path: Path) -> PrivateKey | None:
    """The private key of a file; None where there is none. Raises ArchiveError."""
    try:
        return PrivateKey.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no private key"
        raise ArchiveError(
            f"cannot be used: {why}",
            subject=str(path),
            hint="Put it back, or move it away: the log goes on with a new key, and says so",
        ) from error


def own_key(path: Path, name: str | None) -> PrivateKey:
    """A key of the archive, made where there is none; only its owner may read it. Raises ArchiveError."""
    found = stored_key(path)
    if found is not None:
        return found
    made = PrivateKey.new(name)
    unfinished = path.with_name(path.name + durable.UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made.text() + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        durable.sync_folder(path.parent)
    except OSError as error:
        raise refused(error, path) from error
    return made


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder of the log; the system releases it when the process ends, also after a kill."""
    path = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise refused(error, path) from error
    with file:
        until = time.monotonic() + _WAIT
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > until:
                raise AlreadyRunning("another program is adding to the log", subject=str(folder))
            time.sleep(0.05)
        yield
