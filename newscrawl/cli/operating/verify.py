"""`newscrawl verify`: do the database and the raw responses agree, both ways. The looking is warc.compare's and store.inspector's."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit
from newscrawl.model import Problem, ProblemKind, State

if TYPE_CHECKING:
    from newscrawl.store.audit.inspector import Absent, Extent
    from newscrawl.warc.compare import Compared

SHOWN = 50  # problems in words; the rest is counted by kind
_WORTH_IT = 32 << 20  # bytes; less is read while other processes are still starting

_BACKUP = "put it back from a copy of the WARC folder"
_REPORT = "nothing on disk explains it: look at the run that wrote it, and report it"
_AGAIN = "newscrawl reprocess reads it again from its capture"
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
    ProblemKind.REMOVAL_UNPROVEN: "do not report it as removed; the next looks decide",
    ProblemKind.ADDRESS_MISSING: _REPORT,
    ProblemKind.LEAD_DIFFERS: "the next crawl reads the address once more; report it if it stays",
    ProblemKind.LISTING_DIFFERS: "the next crawl reads the listing again; report it if it stays",
    ProblemKind.MANIFEST_DIFFERS: "somebody changed it after it was closed, or the disk did; put file and manifest back from a copy",
    ProblemKind.CHANGE_MISSING: _REPORT,
}


@dataclass(slots=True)
class _Sum:
    """What all files came to."""

    files: int = 0
    size: int = 0
    captures: int = 0
    digests: int = 0
    unclaimed: int = 0
    robots: int = 0
    torn: list[str] = field(default_factory=list)

    def add(self, one: Compared) -> None:
        self.files += 1
        self.size += one.size
        self.captures += one.captures
        self.digests += one.digests
        self.unclaimed += one.unclaimed
        self.robots += one.robots
        self.torn += [one.file] if one.torn else []


@click.command(
    "verify",
    epilog=tables.examples(
        "newscrawl verify", "newscrawl verify --quick", "newscrawl verify --source orda --json"
    ),
)
@click.option("--quick", is_flag=True, help="Headers and offsets only: no digests, no texts.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes, one file each.")
@options("source", "json")
@click.pass_context
def verify(
    ctx: click.Context, *, source: str | None, quick: bool, workers: int | None, as_json: bool
) -> None:
    """Check that the database and the raw responses agree, and that the database agrees with itself.

    Every capture must point to a whole record of that id, address, kind and instant, whose payload has
    the digest the database knows; it is computed from the bytes. Texts must have the content hash they
    were stored with, and removals their evidence. Safe while a crawl runs. One line a problem, saying what
    to do; exit code 7 if there is any.
    """
    from newscrawl.store.audit.inspector import open_inspector
    from newscrawl.warc.manifest import closed_files

    settings = config.load()
    kinds: Counter[ProblemKind] = Counter()
    total = _Sum()
    with open_inspector(settings.database_url) as inspector:
        extent = inspector.extent(source)
        closed, unreadable = closed_files(settings.warc, [source] if source else _folders(settings.warc))
        files = dict.fromkeys(closed, 0) | _files(settings.warc, source, extent)
        jobs = [
            _Job(settings.database_url, settings.warc, file, size, extent.last, quick)
            for file, size in sorted(files.items())
        ]
        with Progress("files", len(jobs)) as progress:
            for problem in chain(
                unreadable,
                inspector.problems(source, quick=quick),
                unproven(inspector.absent(source)),
                _compared(jobs, workers or processors(), total, progress),
            ):
                kinds[problem.kind] += 1
                if as_json or kinds.total() <= SHOWN:
                    progress.wipe()
                    _show(problem, as_json=as_json)
    checked = _summary(total, extent, quick=quick)
    if not kinds:
        (tables.note if as_json else click.echo)(f"all right: {checked}")
        return
    if kinds.total() > SHOWN and not as_json:
        click.echo(f"… and {kinds.total() - SHOWN:,} more")
    counted = ", ".join(f"{count:,} {kind.value}" for kind, count in kinds.most_common())
    tables.note(f"newscrawl: the archive disagrees with itself: {counted} (checked: {checked})")
    ctx.exit(Exit.ARCHIVE_UNUSABLE)


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to compare: everything a process of its own needs."""

    database_url: str
    root: Path
    file: str
    size: int
    last: int
    quick: bool


def _compared(jobs: list[_Job], workers: int, total: _Sum, progress: Progress) -> Iterator[Problem]:
    for compared in _in_parallel(jobs, min(workers, len(jobs))):
        total.add(compared)
        progress.step(tables.safe(compared.file))
        yield from compared.problems


def _in_parallel(jobs: list[_Job], workers: int) -> Iterator[Compared]:
    if workers <= 1 or sum(job.size for job in jobs) < _WORTH_IT:
        yield from map(_compare, jobs)
        return
    # Not forked: a fork inherits locks and database connections.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(_compare, jobs)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _compare(job: _Job) -> Compared:
    from newscrawl.store.audit.inspector import Inspector
    from newscrawl.warc.compare import compare
    from newscrawl.warc.manifest import differs

    with Inspector.connect(job.database_url) as inspector:
        # A pruning that goes on may have replaced the file between two questions: what is wrong is looked at again.
        for _ in range(2):
            said = compare(job.root, job.file, inspector.captures_of(job.file, job.last), quick=job.quick)
            # Other problems say more: the file's hash is wrong because of them.
            if not said.problems and (wrong := differs(job.root, job.file, quick=job.quick)):
                said.problems.append(wrong)
            if not said.problems:
                break
    return said


def _folders(root: Path) -> list[str]:
    """The sources that have a folder of their own."""
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _files(root: Path, source: str | None, extent: Extent) -> dict[str, int]:
    """The WARC files that captures refer to, and those that only lie there, with their sizes."""
    sizes = dict.fromkeys(extent.files, 0)
    try:
        for path in (root / source if source else root).rglob("*.warc*"):
            if path.name.endswith((".warc", ".warc.gz")) and path.is_file():
                sizes[path.relative_to(root).as_posix()] = path.stat().st_size
    except OSError as error:
        tables.note(
            f"newscrawl: cannot be listed: {error}"
        )  # what captures refer to is found missing all the same
    return sizes


def unproven(absent: Iterable[Absent]) -> Iterator[Problem]:
    """Articles whose state is more than their looks prove."""
    from newscrawl.judge.removal import state_after

    for one in absent:
        *earlier, last = one.signals or (None,)
        proven = State.LIVE if last is None else state_after(State.SUSPECTED, earlier, last)
        if proven is State.LIVE and one.uncontrolled:
            proven = State.SUSPECTED  # an imported absence: no other article could be asked at that moment
        if proven is State.LIVE or (one.state is State.REMOVED and proven is not State.REMOVED):
            said = f"its state is {one.state.value}, on {len(one.signals)} signals since it was last seen"
            if len(one.signals) > 1:
                said += f", over {one.signals[-1] - one.signals[0]}"
            yield Problem(ProblemKind.REMOVAL_UNPROVEN, f"article {one.article}", said, article=one.article)


def _show(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        tables.write_json([{**asdict(problem), "remedy": REMEDIES[problem.kind]}])
    else:
        click.echo(
            tables.safe(
                f"{problem.subject}: {problem.message} [{problem.kind.value}]: {REMEDIES[problem.kind]}"
            )
        )


def _summary(total: _Sum, extent: Extent, *, quick: bool) -> str:
    parts = [
        f"{total.captures:,} captures in {total.files:,} files ({total.size / 1e6:,.1f} MB)",
        "digests not computed" if quick else f"{total.digests:,} digests computed",
        f"{extent.versions:,} versions of {extent.articles:,} articles",
    ]
    if total.unclaimed:
        parts.append(f"{total.unclaimed:,} responses without a row ({total.robots:,} robots.txt)")
    if total.torn:
        more = f" and {len(total.torn) - 1:,} more" if len(total.torn) > 1 else ""
        parts.append(f"{tables.safe(total.torn[0])}{more} ends in the middle of a record nothing refers to")
    return ", ".join(parts)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
