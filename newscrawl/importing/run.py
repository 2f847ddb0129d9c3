"""Runs one import from beginning to end: survey, extraction in parallel, records taken in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from newscrawl.errors import AlreadyRunning
from newscrawl.importing.files import parts
from newscrawl.importing.first_pass import Step, survey
from newscrawl.importing.folder import survey_folder
from newscrawl.importing.index import Entry, Index, Kind
from newscrawl.importing.outcomes import Counters, FileError, Outcome
from newscrawl.importing.outlets import Outlets
from newscrawl.importing.record_pages import Job, Reading
from newscrawl.importing.recording import Recording, Target
from newscrawl.model import Dates
from newscrawl.store.archive import Engine, capture_with, is_captured

# Runs `read` over jobs, in parallel or not, in any order; a text in place of a reading says why there is none.
Extracting = Callable[[Iterable[Job]], Iterator[tuple[Job, Reading | str]]]


class Watcher(Protocol):
    """Receives the progress of an import."""

    def surveyed(self, done: int, total: int) -> None:
        """So many bytes of all files were surveyed."""

    def taken(self, done: int, total: int) -> None:
        """So many records were taken."""


@dataclass(slots=True)
class Import:
    """An import of files into an archive; without `target` a dry run, which only says what it would take."""

    outlets: Outlets
    counters: Counters
    extracting: Extracting
    watcher: Watcher
    now: datetime
    temporary: Path
    dates: Dates
    target: Target | None = None
    engine: Engine | None = None
    _recording: Recording | None = None
    _busy: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)
    _done: int = 0

    def files(self, paths: Iterable[Path]) -> None:
        """Imports WARC files. A file that cannot be read is named in the counters; the others are imported."""
        given = list(dict.fromkeys(paths))
        total = sum(_size(path) for path in given)
        with Index(self.temporary) as index:
            behind = 0
            for path in given:
                self.counters.files += 1
                try:
                    self._survey(path, index, behind, total)
                except FileError as error:
                    self.counters.unread.append(str(error))
                behind += _size(path)
            self._join(index)
            index.follow()
            self._take(index)

    def folder(self, folder: Path, table: Path) -> None:
        """Imports the saved pages of a folder. Raises FileError if the table cannot be read."""
        self.counters.files += 1
        self.counters.is_table = True
        with Index(self.temporary) as index:
            for step in survey_folder(folder, table, index, self.outlets, self.counters, now=self.now):
                self.watcher.surveyed(step.done, 0)
            self._take(index)

    def _survey(self, path: Path, index: Index, behind: int, total: int) -> None:
        """Lists the records of a file. Of a WACZ what cannot be read is counted as damage beside what can."""
        size, read = _size(path), 0
        unread: list[FileError] = []
        for part in parts(path, self.temporary, numbers=self._numbers):
            if isinstance(part, FileError):
                unread.append(part)
                continue
            try:
                for step in survey(part, index, self.outlets, self.counters, now=self.now):
                    self._report(step, size, part.size, behind, total)
                read += 1
            except FileError as error:
                unread.append(error)
        if unread and not read:
            raise unread[0]
        for one in unread:
            self.counters.count(Outcome.DAMAGED)
            self.counters.problem(str(one))

    def _report(self, step: Step, size: int, inside: int, behind: int, total: int) -> None:
        # Of an unpacked file as much is done as of what it was packed in.
        self.watcher.surveyed(behind + size * step.done // max(inside, 1), total)

    def _join(self, index: Index) -> None:
        """Finds the bodies of revisits: in this import, or else in the archive."""
        for entry, left_out in list(index.join()):
            stored = None
            if self.engine is not None and entry.stated:
                stored = capture_with(self.engine, entry.source, entry.stated)
            if stored is not None and self.target is not None:
                origin = (str(self.target.settings.warc / stored.ref.file), stored.ref.offset, 0)
                entry = replace(entry, origin=origin, digest=stored.ref.digest)  # noqa: PLW2901
            elif entry.kind is not Kind.ABSENT:
                self.counters.count(left_out or Outcome.REVISIT_LOST, entry.source)
                continue
            if not index.add(entry):
                self.counters.count(Outcome.ALREADY, entry.source)
        self.counters.records[Outcome.ALREADY] += index.repeated
        index.repeated = 0

    # --- taking: extraction in any order, records in theirs ---

    def _take(self, index: Index) -> None:
        total = len(index)
        ready: dict[int, tuple[Entry, Reading | str]] = {}
        next_one = 0

        def drain() -> None:
            nonlocal next_one
            while next_one in ready:
                self._one(*ready.pop(next_one))
                next_one += 1

        def jobs() -> Iterator[Job]:
            number = 0
            for entry in index.entries():
                if self._is_stored(entry):
                    self.counters.count(Outcome.ALREADY, entry.source)
                    self._step(total)
                    continue
                if entry.kind is Kind.PAGE and entry.source not in self._busy:
                    rules = self.outlets.named(entry.source).rules_of(entry.edition)
                    yield Job(number, entry, rules)
                else:
                    ready[number] = (entry, Reading())
                    drain()
                number += 1

        try:
            for job, reading in self.extracting(jobs()):
                ready[job.number] = (job.entry, reading)
                drain()
                self.watcher.taken(self._done, total)
            drain()
            self._end()
        except BaseException as error:
            if self._recording is not None:
                self._recording.abandon(f"stopped: {error}" if str(error) else "stopped before the end")
            raise

    def _is_stored(self, entry: Entry) -> bool:
        if self.engine is None:
            return False
        digest = None if entry.kind is Kind.NOT_MODIFIED else entry.digest
        return is_captured(self.engine, entry.source, entry.url, entry.at, digest)

    def _one(self, entry: Entry, reading: Reading | str) -> None:
        self._done += 1
        if self.target is None:
            self._count_only(entry, reading)
            return
        if self._recording is None or self._recording.outlet.name != entry.source:
            self._end()
            self._recording = Recording(self.target, self.outlets.named(entry.source), self.counters)
        if entry.source in self._busy:
            self._recording.refuse(Outcome.BUSY)
            return
        if isinstance(reading, str):
            self._recording.refuse(Outcome.ENDED, reading)
            self.counters.problem(f"{entry.name}: {entry.url}: {reading}")
            return
        try:
            self._recording.take(entry, reading)
        except AlreadyRunning as error:
            self._busy.add(entry.source)
            self.counters.busy.append(entry.source)
            self.counters.problem(str(error))
            self._recording.refuse(Outcome.BUSY)

    def _count_only(self, entry: Entry, reading: Reading | str) -> None:
        if isinstance(reading, str):
            self.counters.count(Outcome.ENDED, entry.source, reading)
        elif entry.kind is Kind.REDIRECT:
            self.counters.count(Outcome.REDIRECT, entry.source)
        elif entry.kind is not Kind.PAGE:
            self.counters.count(Outcome.NOTHING_THERE, entry.source)
        elif reading.article is None:
            outcome = Outcome.TRUNCATED if reading.cut else Outcome.UNREADABLE
            self.counters.count(outcome, entry.source, reading.problem)
        elif not reading.article.is_article:
            self.counters.count(Outcome.NOT_ARTICLE, entry.source, reading.article.page_type.value)
        elif not self.dates.hold(reading.article.published):
            self.counters.count(Outcome.OUTSIDE_DATES, entry.source)
        else:
            self.counters.count(Outcome.ARTICLE, entry.source)

    def _end(self) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.close()

    def _step(self, total: int) -> None:
        self._done += 1
        self.watcher.taken(self._done, total)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
