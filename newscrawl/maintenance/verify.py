"""Checks that an archive is whole: database against WARC files, closed files against manifests, removals against evidence."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from newscrawl.judge.removal import state_after, state_unconfirmed
from newscrawl.model import Problem, ProblemKind, State
from newscrawl.store.audit.inspector import Absent, Inspector
from newscrawl.warc.compare import Compared, compare
from newscrawl.warc.manifest import closed_files, differs

_PARALLEL_FROM = 32 << 20  # bytes; fewer are read before more processes would have started

_BACKUP = "put it back from a copy of the WARC folder"
_REPORT = "nothing on disk explains it: look at the run that wrote it, and report it"
_AGAIN = "newscrawl reprocess reads it again from its capture"
# What each kind of problem is called on a screen; docs/operations.md has both names.
NAMES: dict[ProblemKind, str] = {
    ProblemKind.FILE_MISSING: "file not there",
    ProblemKind.FILE_UNREADABLE: "file not readable",
    ProblemKind.FILE_SHORT: "file too short",
    ProblemKind.FILE_DAMAGED: "damage between records",
    ProblemKind.RECORD_DAMAGED: "damaged record",
    ProblemKind.RECORD_MISSING: "record not there",
    ProblemKind.RECORD_DIFFERS: "another record",
    ProblemKind.DIGEST_WRONG: "other bytes than were received",
    ProblemKind.REVISIT_BROKEN: "repeated response without its original",
    ProblemKind.DATABASE_DAMAGED: "damaged database",
    ProblemKind.REFERENCE_BROKEN: "row without the row it refers to",
    ProblemKind.VERSION_MISSING: "version not there",
    ProblemKind.VERSION_UNCAPTURED: "version without a raw response",
    ProblemKind.CONTENT_DIFFERS: "changed text",
    ProblemKind.ARTICLE_DIFFERS: "article and newest version disagree",
    ProblemKind.REMOVAL_UNPROVEN: "removal without proof",
    ProblemKind.STATE_DIFFERS: "changed state",
    ProblemKind.OBSERVATION_DIFFERS: "changed check",
    ProblemKind.WORDS_DIFFER: "other words than its raw response",
    ProblemKind.ADDRESS_MISSING: "article without its address",
    ProblemKind.LEAD_DIFFERS: "contradiction about an address",
    ProblemKind.LISTING_DIFFERS: "listing unlike its last read",
    ProblemKind.MANIFEST_DIFFERS: "file changed after it was closed",
    ProblemKind.RUN_DIFFERS: "run unlike its checks",
    ProblemKind.CHECK_MISSING: "response without a check",
    ProblemKind.CHANGE_MISSING: "version not in the log of changes",
    ProblemKind.LOG_DAMAGED: "damaged proof log",
    ProblemKind.LOG_ROLLED_BACK: "proof log of another moment",
    ProblemKind.ENTRY_DIFFERS: "row unlike the proof log",
    ProblemKind.NOT_IN_LOG: "row not in the proof log",
}
# What a person can do about each kind of problem.
REMEDIES: dict[ProblemKind, str] = {
    ProblemKind.FILE_MISSING: _BACKUP,
    ProblemKind.FILE_UNREADABLE: "check its permissions and the disk",
    ProblemKind.FILE_SHORT: _BACKUP,
    ProblemKind.FILE_DAMAGED: "what lies around it is whole; check the disk, and put the file back from a copy",
    ProblemKind.RECORD_DAMAGED: _BACKUP,
    ProblemKind.RECORD_MISSING: _BACKUP,
    ProblemKind.RECORD_DIFFERS: _BACKUP,
    ProblemKind.DIGEST_WRONG: "the bytes are not what was received: no evidence any more, unless a copy has them",
    ProblemKind.REVISIT_BROKEN: "put the database back from a copy",
    ProblemKind.DATABASE_DAMAGED: "put the database back from a copy; the next crawl goes on from there",
    ProblemKind.REFERENCE_BROKEN: "put the database back from a copy",
    ProblemKind.VERSION_MISSING: "put the database back from a copy",
    ProblemKind.VERSION_UNCAPTURED: "the text cannot be proven; the next version will be",
    ProblemKind.CONTENT_DIFFERS: f"the text was changed in the database: {_AGAIN} with --all",
    ProblemKind.ARTICLE_DIFFERS: _REPORT,
    ProblemKind.REMOVAL_UNPROVEN: "do not report it as removed; the next checks decide",
    ProblemKind.STATE_DIFFERS: "the database was changed by hand: put it back from a copy; the raw responses show what was seen",
    ProblemKind.OBSERVATION_DIFFERS: "the database was changed by hand: believe the raw response; put the database back from a copy",
    ProblemKind.WORDS_DIFFER: f"the text is not that of its raw response: believe the response; {_AGAIN} with --all",
    ProblemKind.ADDRESS_MISSING: _REPORT,
    ProblemKind.LEAD_DIFFERS: "the next crawl reads the address once more; report it if it stays",
    ProblemKind.LISTING_DIFFERS: "the next crawl reads the listing again; report it if it stays",
    ProblemKind.MANIFEST_DIFFERS: "somebody changed it after it was closed, or the disk did; put file and manifest back from a copy",
    ProblemKind.RUN_DIFFERS: "the database was changed by hand: put it back from a copy; the raw responses show what was seen",
    ProblemKind.CHECK_MISSING: "the database was changed by hand: the response shows what was seen; put the database back from a copy",
    ProblemKind.CHANGE_MISSING: _REPORT,
    ProblemKind.LOG_DAMAGED: "put the folder proof back from a copy; compare with a checkpoint from elsewhere: newscrawl proof check",
    ProblemKind.LOG_ROLLED_BACK: "put database and log back from one copy; or newscrawl proof init, which says so in the log",
    ProblemKind.ENTRY_DIFFERS: "believe the log and the raw responses: the database was changed by hand; put it back from a copy",
    ProblemKind.NOT_IN_LOG: "it was not recorded by this program: do not believe it; put the database back from a copy",
}


@dataclass(slots=True)
class Totals:
    """What was checked in all files: their number and bytes, captures, digests computed, and records without a row.

    `torn`: files that end in the middle of a record nothing refers to, which the next crawl repairs.
    """

    files: int = 0
    size: int = 0
    captures: int = 0
    digests: int = 0
    unclaimed: int = 0
    robots: int = 0
    torn: list[str] = field(default_factory=list)

    def add(self, one: Compared) -> None:
        """Adds one file."""
        self.files += 1
        self.size += one.size
        self.captures += one.captures
        self.digests += one.digests
        self.unclaimed += one.unclaimed
        self.robots += one.robots
        self.torn += [one.file] if one.torn else []


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to compare, with everything the worker process needs."""

    database_url: str
    root: Path
    file: str
    size: int
    last: int
    quick: bool


class Verification:
    """The check of one archive, or of one of its sources; `quick` reads record headers only.

    A source that other machines crawl, never `host`, and that has no folder here, has its files there: `elsewhere` says
    how many, by source and machines. On the machine that crawls it a folder that is gone is a problem of each file.
    """

    def __init__(
        self,
        inspector: Inspector,
        database_url: str,
        root: Path,
        source: str | None,
        *,
        quick: bool,
        host: str | None = None,
    ) -> None:
        self.extent = inspector.extent(source)
        self.elsewhere: dict[str, tuple[tuple[str, ...], int]] = {}
        if host is not None:
            self._leave_to_others(elsewhere(inspector.hosts(), root, host))
        self.totals = Totals()
        self.unlisted: str | None = None  # why the WARC folder could not be listed to its end
        self._inspector, self._source, self._quick = inspector, source, quick
        closed, self._unreadable = closed_files(root, [source] if source else _folders(root))
        files = dict.fromkeys(closed, 0) | self._files(root)
        self._jobs = [
            _Job(database_url, root, file, size, self.extent.last, quick)
            for file, size in sorted(files.items())
        ]

    def _leave_to_others(self, sources: Mapping[str, tuple[str, ...]]) -> None:
        for source, machines in sources.items():
            theirs = [file for file in self.extent.files if file.startswith(f"{source}/")]
            if theirs:
                self.elsewhere[source] = (machines, len(theirs))
                for file in theirs:
                    del self.extent.files[file]

    @property
    def files(self) -> int:
        """How many WARC files are compared."""
        return len(self._jobs)

    def problems(self, workers: int, done: Callable[[str], None] = lambda _: None) -> Iterator[Problem]:
        """All problems; `totals` are complete at the end. `done` is called with each file that was compared."""
        yield from chain(
            self._unreadable,
            self._inspector.problems(self._source, quick=self._quick),
            unproven(self._inspector.absent(self._source)),
        )
        for compared in _in_parallel(self._jobs, min(workers, len(self._jobs))):
            self.totals.add(compared)
            done(compared.file)
            yield from compared.problems

    def _files(self, root: Path) -> dict[str, int]:
        """The WARC files that captures refer to, and all others in the folder, with their sizes."""
        sizes = dict.fromkeys(self.extent.files, 0)
        try:
            for path in (root / self._source if self._source else root).rglob("*.warc*"):
                if path.name.endswith((".warc", ".warc.gz")) and path.is_file():
                    sizes[path.relative_to(root).as_posix()] = path.stat().st_size
        except OSError as error:  # files that captures refer to are reported as missing anyway
            self.unlisted = str(error)
        return sizes


def elsewhere(hosts: Mapping[str, set[str]], root: Path, host: str) -> dict[str, tuple[str, ...]]:
    """The sources that only other machines crawl and that have no folder here, with those machines."""
    return {
        source: tuple(sorted(machines))
        for source, machines in hosts.items()
        if host not in machines and not (root / source).exists()
    }


def unproven(absent: Iterable[Absent]) -> Iterator[Problem]:
    """Problems of articles whose state says more than their observations prove."""
    for one in absent:
        proven = _proven(one)
        if proven is State.LIVE and one.uncontrolled:
            proven = State.SUSPECTED  # an imported absence: there were no controls at that moment
        if proven is State.LIVE or (one.state is State.REMOVED and proven is not State.REMOVED):
            message = f"its state is {one.state.value}, on {len(one.signals)} signals since it was last seen"
            if len(one.signals) > 1:
                message += f", over {one.signals[-1] - one.signals[0]}"
            yield Problem(
                ProblemKind.REMOVAL_UNPROVEN, f"article {one.article}", message, article=one.article
            )


def _proven(one: Absent) -> State:
    """The state that the signals of an article come to, whatever is stored."""
    *earlier, last = one.signals or (None,)
    *unconfirmed, latest = one.unconfirmed or (None,)
    found = State.LIVE if last is None else state_after(State.SUSPECTED, earlier, last)
    if latest is None or found is State.REMOVED:
        return found
    return state_unconfirmed(found, one.signals, unconfirmed, latest)


def _folders(root: Path) -> list[str]:
    """The sources that have a folder of their own."""
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _in_parallel(jobs: list[_Job], workers: int) -> Iterator[Compared]:
    if workers <= 1 or sum(job.size for job in jobs) < _PARALLEL_FROM:
        yield from map(_compare, jobs)
        return
    # Not forked: a fork inherits locks and database connections.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(_compare, jobs)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _compare(job: _Job) -> Compared:
    with Inspector.connect(job.database_url) as inspector:
        # A pruning may have replaced the file between two queries: a file with problems is compared again.
        for _ in range(2):
            compared = compare(job.root, job.file, inspector.captures_of(job.file, job.last), quick=job.quick)
            # The file's hash is wrong whenever a record is, and the record's own problem says more.
            if not compared.problems and (problem := differs(job.root, job.file, quick=job.quick)):
                compared.problems.append(problem)
            if not compared.problems:
                break
    return compared
