"""Deletes raw responses by policy: reports how much smaller which files become and, if wanted, rewrites them.

The archive stays whole if the program is killed at any moment: a file is rewritten under another name and
synced to disk; one transaction makes the database refer to it; the manifest follows; the old file is deleted
last. The next pruning removes what a killed one left.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newscrawl.errors import NewscrawlError, WarcError
from newscrawl.model import RunSummary
from newscrawl.store.archive import Archive, Engine
from newscrawl.store.copy import prunable
from newscrawl.store.copy.prunable import Policy, PrunableCapture
from newscrawl.store.write import pruning
from newscrawl.store.write.pruning import Pruning
from newscrawl.warc import manifest, records, seal
from newscrawl.warc.durable import UNFINISHED, refused, sha256_of, sync_folder
from newscrawl.warc.manifest import OWN_NAME, Entry
from newscrawl.warc.record import Record
from newscrawl.warc.rewriting import Rewritten, rewrite, successor

# A file is rewritten only if this share of it goes: otherwise every pruning would copy the whole archive for a few records.
WORTH = 0.05

_BEAT = 30.0  # seconds between heartbeats of the run
_RESPONSES = ("response", "revisit")

Progress = Callable[[int], None]


@dataclass(slots=True)
class Part:
    """What one part of the policy prunes."""

    responses: int = 0
    bytes: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, length: int, at: datetime | None) -> None:
        """Count one response."""
        self.responses += 1
        self.bytes += length
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)


@dataclass(slots=True)
class Report:
    """The result for one source. `later` bytes are in files of which too little would go, or that are not closed yet."""

    source: str
    applied: bool
    parts: dict[str, Part] = field(default_factory=dict)
    files: int = 0
    later: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """Bytes of everything pruned."""
        return sum(part.bytes for part in self.parts.values())


@dataclass(slots=True)
class _Choice:
    """What is pruned from one file."""

    captures: list[PrunableCapture]
    offsets: set[int]
    loose: list[Record]

    @property
    def bytes(self) -> int:
        return sum(one.length for one in self.captures) + sum(one.length for one in self.loose)


class Pruner:
    """Prunes one source. With `apply` false nothing is changed and no lock is taken."""

    def __init__(
        self,
        engine: Engine,
        root: Path,
        source: str,
        policy: Policy,
        *,
        now: datetime,
        apply: bool,
        progress: Progress = lambda _: None,
    ) -> None:
        self._engine, self._folder, self._source = engine, root / source, source
        self._root, self._policy, self._now, self._apply, self._progress = root, policy, now, apply, progress
        self._archive: Archive | None = None
        self._closed: dict[str, Entry] = {}
        self._last_beat = time.monotonic()
        self.report = Report(source, apply, {name: Part() for name in policy.words()})

    def run(self, source_id: int) -> Report:
        """Report what the policy prunes and, with `apply`, do it.

        Raises AlreadyRunning while the source is crawled, ArchiveError if something cannot be read or written.
        """
        if not self._apply:
            self._prune_files(source_id)
            return self.report
        with self._lease():
            self._finish_earlier(source_id)
            seal(self._root, self._source, self._now.date())
            self._prune_files(source_id)
        return self.report

    def _prune_files(self, source_id: int) -> None:
        closed = self._closed = manifest.load(self._folder)
        if not self._apply:  # files that would be closed first
            for path in manifest.finished(self._folder, self._now.date()):
                closed.setdefault(path, Entry(path, (self._folder / path).stat().st_size, ""))
        by_file: defaultdict[str, list[PrunableCapture]] = defaultdict(list)
        for one in prunable.candidates(self._engine, source_id, self._policy, self._now):
            by_file[one.file.removeprefix(f"{self._source}/")].append(one)
        originals = {one.id for found in by_file.values() for one in found if one.kind == "response"}
        referers = pruning.referers(self._engine, originals)
        if self._policy.unreferenced is not None:
            for path in closed:
                by_file.setdefault(path, [])
        # Newest first, so that revisits are pruned before the response they repeat.
        gone: set[int] = set()
        for path in sorted(
            by_file, key=lambda path: max((one.id for one in by_file[path]), default=0), reverse=True
        ):
            entry = closed.get(path)
            if entry is None or OWN_NAME.search(path) is None:
                self.report.later += sum(one.length for one in by_file[path])
                continue
            try:
                choice = self._choose(entry, by_file[path], referers, gone)
                if choice.bytes < WORTH * entry.size or not choice.bytes:
                    self.report.later += choice.bytes
                    continue
                if self._apply:
                    self._prune_file(source_id, entry, choice)
            except WarcError as error:
                self.report.problems.append(str(error))
                continue
            gone |= {one.id for one in choice.captures}
            self._count(choice)

    def _choose(
        self, entry: Entry, candidates: list[PrunableCapture], referers: dict[int, set[int]], gone: set[int]
    ) -> _Choice:
        repeats = {one.id for one in candidates if one.kind != "response"}
        captures = [
            one
            for one in candidates
            if all(other in gone or other in repeats for other in referers.get(one.id, ()))
        ]
        loose = list(self._loose(entry)) if self._policy.unreferenced is not None else []
        offsets = {one.offset for one in captures} | {one.offset for one in loose}
        return _Choice(captures, offsets, loose)

    def _loose(self, entry: Entry) -> Iterator[Record]:
        """Old enough responses without a capture."""
        assert self._policy.unreferenced is not None
        before, referenced = self._now - self._policy.unreferenced, None
        for record in records(self._folder / entry.path, limit=1 << 12):
            if (
                not isinstance(record, Record)
                or record.type not in _RESPONSES
                or record.at is None
                or record.at >= before
            ):
                continue
            if referenced is None:
                referenced = pruning.referenced(self._engine, f"{self._source}/{entry.path}")
            if record.offset not in referenced:
                yield record

    def _count(self, choice: _Choice) -> None:
        self.report.files += 1
        for one in choice.captures:
            self.report.parts[one.policy_part].add(one.length, one.at)
        for record in choice.loose:
            self.report.parts["unreferenced"].add(record.length, record.at)

    def _prune_file(self, source_id: int, entry: Entry, choice: _Choice) -> None:
        """Prune one file in steps; the archive is whole after each of them."""
        made = self._rewritten(entry, choice, self._free_name(source_id, entry))
        done = Pruning(
            f"{self._source}/{entry.path}",
            entry.sha256,
            f"{self._source}/{made.entry.path}",
            made.records,
            made.bytes,
        )
        assert self._archive is not None
        assert self._archive.run_id is not None
        pruning.note(
            self._engine, source_id, self._archive.run_id, done,
            gone={one.id for one in choice.captures}, offsets=made.offsets, policy=self._policy, now=self._now,
        )  # fmt: skip
        manifest.change(self._folder, add=[made.entry], remove=[entry.path])
        self._unlink(self._folder / entry.path)

    def _rewritten(self, entry: Entry, choice: _Choice, name: str) -> Rewritten:
        policy = ", ".join(f"{name} older than {age}" for name, age in self._policy.words().items())
        return rewrite(
            self._folder, entry, name, drop=lambda record: record.offset in choice.offsets,
            policy=policy, now=self._now, progress=self._read,
        )  # fmt: skip

    def _free_name(self, source_id: int, entry: Entry) -> str:
        """A name for the successor that no closed file ever had: a backup may contain what a killed pruning left."""
        name = successor(entry.path)
        given_up = {one.file for one in pruning.rewritten(self._engine, source_id)}
        while name in self._closed or f"{self._source}/{name}" in given_up:
            left = self._closed.get(name)
            if left is not None and not pruning.referenced(self._engine, f"{self._source}/{name}"):
                manifest.change(self._folder, remove=[name])
                self._unlink(self._folder / name)
                del self._closed[name]
            name = successor(name)
        return name

    def _finish_earlier(self, source_id: int) -> None:
        """Remove what killed prunings left: unfinished files, and replaced files that were not deleted yet."""
        for path in self._folder.rglob(f"*.warc.gz{UNFINISHED}"):
            self._unlink(path)
        for one in pruning.rewritten(self._engine, source_id):
            path = self._root / one.file
            if (
                path.exists()
                and sha256_of(path) == one.sha256
                and not pruning.referenced(self._engine, one.file)
            ):
                manifest.change(self._folder, remove=[one.file.removeprefix(f"{self._source}/")])
                self._unlink(path)

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink()
            sync_folder(path.parent)
        except OSError as error:
            raise refused(error, path) from error

    def _read(self, size: int) -> None:
        self._progress(size)
        if self._archive is not None and time.monotonic() - self._last_beat > _BEAT:
            self._archive.beat()
            self._last_beat = time.monotonic()

    @contextmanager
    def _lease(self) -> Iterator[None]:
        """Holds the source's lease, recorded as a run whose arguments say that it is a pruning."""
        archive = Archive(self._engine, self._source, self._now)
        run_id = archive.begin_run(self._now, {"prune": self._policy.words()})
        self._archive, code, reason = archive, 0, "pruned"
        try:
            yield
        except BaseException as error:
            code = int(error.exit_code) if isinstance(error, NewscrawlError) else 1
            reason = f"pruning broke off: {error}" if str(error) else "pruning broke off"
            raise
        finally:
            if self.report.problems and not code:
                code, reason = 7, self.report.problems[0]
            archive.finish_run(RunSummary(self._source, run_id, self._now, self._now, code, reason))
            self._archive = None
