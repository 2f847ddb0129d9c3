"""Checks the log of everything recorded: its own bytes, its checkpoints, and the database and the WARC files against it.

Every entry is read twice: once to check its hash and whether a later entry that amends it was allowed to, once to
compare it with its row. The first entry that differs is named first, because entries are in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from newscrawl.errors import ArchiveError
from newscrawl.model import Problem, ProblemKind
from newscrawl.proof import entries, log as logs, merkle, tiles
from newscrawl.proof.log import Place
from newscrawl.proof.notes import Checkpoint, Note, PublicKey
from newscrawl.proof.outside import checking
from newscrawl.proof.tiles import WIDTH, DamagedLog, Tiles
from newscrawl.store.proof.book import Book, Moment, Named, Signed
from newscrawl.store.proof.kinds import ROWS, WORDS, Kind
from newscrawl.warc import manifest

_SHOWN = 60  # characters of a value in a message
_LOG = "the log"


@dataclass(slots=True)
class Totals:
    """What was checked. All but `here` are counts.

    `waiting`: rows not entered yet; `older`: rows from before the log; `lost`: entries about rows that the database,
    put back to an earlier state, no longer has, as the log itself says; `outside`: cosignatures of witnesses and
    tokens of time-stamping authorities; `here`: whether this folder has a log at all.
    """

    entries: int = 0
    checkpoints: int = 0
    waiting: int = 0
    older: int = 0
    lost: int = 0
    outside: list[int] = field(default_factory=lambda: [0, 0])  # cosignatures, tokens
    here: bool = True


@dataclass(slots=True)
class _Seen:
    """What the first reading of all entries found out."""

    amended: dict[int, int] = field(default_factory=dict)  # entry -> the one that says it anew
    lost: list[range] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)  # WARC files that were rewritten
    about_log: list[dict[str, Any]] = field(default_factory=list)

    def is_void(self, index: int) -> bool:
        return index in self.amended or any(index in one for one in self.lost)


class LogCheck:
    """One check of the whole log. `quick` compares no rows."""

    def __init__(self, book: Book, place: Place, *, quick: bool = False, server: bool = False) -> None:
        self._book, self._place, self._quick, self._server = book, place, quick, server
        self.totals = Totals()

    def problems(self) -> Iterator[Problem]:
        """All problems, those of the log's own bytes first; `totals` are complete at the end."""
        checkpoints = self._book.checkpoints()
        last = checkpoints[-1] if checkpoints else None
        try:
            there = logs.in_file(self._place.folder)
        except ArchiveError as error:
            yield _damaged(str(error))
            there = None
        # A run that was stopped before the first commit of the log leaves tiles alone: the next one begins it.
        if there is None and (last is None or not (self._place.folder / "tile").exists()):
            self.totals.here = False
            if (
                last is not None and not self._server
            ):  # a server's archive may have its log on another machine
                yield _damaged(
                    f"its files are gone; the database knows {last.size:,} entries", _name(self._place.folder)
                )
            return
        if last is None or (there is not None and there.size > last.size):
            known = last.size if last else 0
            size = there.size if there else 0
            yield Problem(
                ProblemKind.LOG_ROLLED_BACK,
                _LOG,
                f"it has {size:,} entries, the database knows {known:,}: the database was put back to an earlier state",
            )
        size = max(last.size if last else 0, there.size if there else 0)
        self.totals.entries, self.totals.checkpoints = size, len(checkpoints)
        read, seen, bad = Tiles(self._place.folder, size), _Seen(), False
        for problem in self._hashes(read, checkpoints, there, seen):
            bad = True
            yield problem
        yield from self._signatures(checkpoints, there, seen)
        self.totals.lost = sum(map(len, seen.lost))
        if self._quick:
            return
        with self._book.moment() as moment:
            waiting = moment.waiting()
            self.totals.waiting = len(waiting)
            under_way = [number for kind, number in waiting if kind is Kind.PRUNING]
            pruned = moment.load(Kind.PRUNING, under_way)  # killed before its entry was made
            seen.given_up |= {str(row["file"]) for row in pruned.values()}
            try:
                yield from self._rows(read, moment, waiting, seen)
            except DamagedLog as error:
                if not bad:
                    yield _damaged(str(error))
            yield from self._without_entry(moment, waiting, seen, size)

    # --- its own bytes ---

    def _hashes(
        self, read: Tiles, checkpoints: list[Signed], there: Checkpoint | None, seen: _Seen
    ) -> Iterator[Problem]:
        expected = {one.size: one.root for one in checkpoints}
        if there is not None and expected.setdefault(there.size, there.root.hex()) != there.root.hex():
            yield _damaged("the root in the file checkpoint is not the one that the database was given")
        growing, before, bad = merkle.Growing(), 0, False
        for number in range((read.size + WIDTH - 1) // WIDTH):
            try:
                parts, hashes = read.entries(number), read.hashes(0, number)
            except DamagedLog as error:
                yield _damaged(str(error))
                return
            for within, data in enumerate(parts):
                index = number * WIDTH + within
                leaf = merkle.leaf_hash(data)
                if leaf != hashes[within] and not bad:
                    bad = True
                    yield _damaged("its bytes do not have the hash in its tile", _entry(index))
                self._note(index, data, seen)
                growing.add(leaf)
                if (root := expected.get(index + 1)) is not None:
                    if growing.root().hex() != root and not bad:
                        bad = True
                        yield _damaged(
                            f"entries {before:,} to {index:,} are not those that were signed: the root of the log differs from there on",
                            _entry(before),
                        )
                    before = index + 1
        yield from () if bad else self._upper(read)

    @staticmethod
    def _upper(read: Tiles) -> Iterator[Problem]:
        """Tiles above the entries: each hash is that of a full tile below."""
        for level, number in read.levels():
            for index in range(number if level else 0):
                try:
                    below = merkle.complete(read.hashes(level - 1, index))
                    if read.hashes(level, index // WIDTH)[index % WIDTH] == below:
                        continue
                    yield _damaged(
                        "a hash in it is not that of the tile below", tiles.path(level, index // WIDTH)
                    )
                except DamagedLog as error:
                    yield _damaged(str(error))
                return

    @staticmethod
    def _note(index: int, data: bytes, seen: _Seen) -> None:
        """Keeps what a later comparison must know of an entry."""
        if b'"amends":' not in data and b'"entry":"log"' not in data and b'"entry":"pruning"' not in data:
            return
        try:
            said = entries.parse(data)
        except ValueError:
            return  # told when rows are compared
        if isinstance(amended := said.get("amends"), int):
            seen.amended[amended] = index
        if said["entry"] == Kind.LOG.word:
            seen.about_log.append(said)
            if said.get("what") == "lost":
                seen.lost.append(range(int(said["from"]), int(said["to"])))
        elif said["entry"] == Kind.PRUNING.word:
            seen.given_up.add(str(said.get("file")))

    def _signatures(
        self, checkpoints: list[Signed], there: Checkpoint | None, seen: _Seen
    ) -> Iterator[Problem]:
        """Whether each checkpoint is signed by a key that the log names, and says what the database says of it."""
        try:
            named = [PublicKey.parse(one) for one in logs.keys(seen.about_log)]
            own = logs.public_key(self._place)
        except (ValueError, ArchiveError) as error:
            yield _damaged(f"a key cannot be read: {error}")
            return
        if own is not None and own not in named:
            yield _damaged(
                f"it does not name the archive's own key {own.vkey}: it was made anew with another one"
            )
        chosen = checkpoints[-1:] if self._quick else checkpoints
        for one in chosen:
            subject = f"checkpoint {one.size}"
            try:
                note = Note.parse(one.note)
                said = Checkpoint.parse(note.text)
            except ValueError as error:
                yield _damaged(str(error), subject)
                continue
            if note.signed_by(named) is None:
                yield _damaged("no key of the log has signed it", subject)
            elif (said.size, said.root.hex()) != (one.size, one.root) or (
                said.at is not None and abs(said.at - one.at) >= timedelta(seconds=1)
            ):
                yield _damaged("it says something else than what was signed", subject)
        if there is not None:
            path = self._place.folder / tiles.CHECKPOINT
            if Note.parse(path.read_bytes()).signed_by(named) is None:
                yield _damaged("no key of the log has signed it", _name(path))
        yield from checking.problems(self._place.folder, checkpoints, named, self.totals.outside)

    # --- rows ---

    def _rows(self, read: Tiles, moment: Moment, waiting: set[Named], seen: _Seen) -> Iterator[Problem]:
        closed: dict[str, Mapping[str, manifest.Entry] | None] = {}
        for number in range((read.size + WIDTH - 1) // WIDTH):
            parsed: dict[int, dict[str, Any]] = {}
            for index, data in enumerate(read.entries(number), number * WIDTH):
                try:
                    parsed[index] = entries.parse(data)
                except ValueError as error:
                    yield _damaged(str(error), _entry(index))
            named = moment.named(number * WIDTH, (number + 1) * WIDTH)
            wanted: dict[Kind, list[int]] = {}
            for said in parsed.values():
                if (kind := WORDS.get(str(said["entry"]))) in ROWS and kind is not None:
                    wanted.setdefault(kind, []).append(int(said.get("id", 0)))
            rows = {kind: moment.load(kind, ids) for kind, ids in wanted.items()}
            for index, said in parsed.items():
                kind = WORDS.get(str(said["entry"]))
                if kind is None:
                    continue  # of a later program
                void = any(index in one for one in seen.lost)
                about = (kind, int(said.get("id", 0)))
                if (not void and kind is not Kind.FILE and named.get(index) != about) or (
                    not void and kind is Kind.FILE and named.get(index, (None, 0))[0] is not kind
                ):
                    yield _differs(
                        index, said, "the database says that it is about another row, or about none"
                    )
                if isinstance(amended := said.get("amends"), int):
                    yield from self._amends(read, index, amended, said)
                if seen.is_void(index):
                    continue
                if kind is Kind.FILE:
                    yield from self._file(index, said, seen, closed)
                elif kind in ROWS:
                    yield from _compared(index, said, kind, rows[kind].get(about[1]), about in waiting)

    @staticmethod
    def _amends(read: Tiles, index: int, amended: int, said: dict[str, Any]) -> Iterator[Problem]:
        """Whether an entry says anew only what may change of an earlier one."""
        try:
            earlier = entries.parse(read.entry(amended)) if 0 <= amended < index else {}
        except ValueError:
            return  # told already
        if (earlier.get("entry"), earlier.get("id")) != (said["entry"], said.get("id")):
            yield _differs(index, said, f"it replaces entry {amended}, which is about something else")
        elif wrong := entries.unlawful(earlier, said):
            yield _differs(
                index, said, f"it replaces entry {amended} and says otherwise what never changes: {wrong}"
            )

    def _file(
        self,
        index: int,
        said: dict[str, Any],
        seen: _Seen,
        closed: dict[str, Mapping[str, manifest.Entry] | None],
    ) -> Iterator[Problem]:
        """Whether a closed WARC file is still in its manifest as it was."""
        source, path = str(said.get("source")), said.get("path")
        folder = self._place.warc / source
        if source not in closed:
            try:
                closed[source] = manifest.load(folder) if folder.is_dir() else None
            except ArchiveError:
                closed[source] = None  # told by the check of WARC files
        there = closed[source]
        if there is None or not isinstance(path, str) or f"{source}/{path}" in seen.given_up:
            return
        if (one := there.get(path)) is None:
            yield _differs(index, said, "the manifest of closed files does not name it any more")
        elif (one.size, one.sha256) != (said.get("size"), said.get("sha256")):
            yield _differs(
                index,
                said,
                "the manifest of closed files has another size or SHA-256 than when it was closed",
            )

    def _without_entry(
        self, moment: Moment, waiting: set[Named], seen: _Seen, size: int
    ) -> Iterator[Problem]:
        """Rows that somebody else than this program has written, and entries that the log does not have."""
        before = logs.before(seen.about_log)
        for kind in ROWS:
            upto = before.get(kind.word, 0)
            self.totals.older += upto
            for number in moment.without_entry(kind, upto):
                if (kind, number) not in waiting:
                    yield Problem(
                        ProblemKind.NOT_IN_LOG,
                        f"{kind.word} {number}",
                        "the log does not have it, and nothing says that it is to be entered: somebody else wrote it",
                    )
        if beyond := moment.beyond(size):
            yield Problem(
                ProblemKind.LOG_ROLLED_BACK,
                _LOG,
                f"the database names {beyond:,} entries behind its end: its files were put back to an earlier state",
            )


def _compared(
    index: int, said: dict[str, Any], kind: Kind, row: Mapping[str, Any] | None, waits: bool
) -> Iterator[Problem]:
    if row is None:
        yield _differs(index, said, "the database has it no more")
        return
    now = entries.of_row(kind, row)
    logged = {name: value for name, value in said.items() if name != "amends"}
    if entries.canonical(now) == entries.canonical(logged):
        return
    if waits:  # changed lawfully since, and entered anew with the next checkpoint
        if wrong := entries.unlawful(logged, now):
            yield _differs(index, said, f"the database says otherwise what never changes: {wrong}")
        return
    names = sorted(name for name in now.keys() | logged.keys() if now.get(name) != logged.get(name))
    told = ", ".join(
        f"{name} is {_short(now.get(name))}, it was {_short(logged.get(name))}" for name in names
    )
    yield _differs(index, said, f"the database says otherwise: {told}")


def _differs(index: int, said: Mapping[str, Any], message: str) -> Problem:
    about = f"{said.get('entry')} {said.get('id', said.get('path', ''))}".strip()
    article = said.get("id") if said.get("entry") == Kind.ARTICLE.word else said.get("article")
    return Problem(
        ProblemKind.ENTRY_DIFFERS,
        f"{_entry(index)} ({about})",
        message,
        capture=said.get("id") if said.get("entry") == Kind.CAPTURE.word else None,
        article=article if isinstance(article, int) else None,
    )


def _damaged(message: str, subject: str = _LOG) -> Problem:
    return Problem(ProblemKind.LOG_DAMAGED, subject, message)


def _entry(index: int) -> str:
    return f"entry {index}"


def _short(value: Any) -> str:
    text = "unknown" if value is None else entries.canonical(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
