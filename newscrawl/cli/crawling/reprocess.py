"""`newscrawl reprocess`: extracts archived versions again from their captures with the current extractor, and replaces their fields."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from newscrawl import config, worker
from newscrawl.cli.operating.proof import after_work
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit
from newscrawl.wording import counted

if TYPE_CHECKING:
    from newscrawl.archiving.captures import Job, Kept, Outcome
    from newscrawl.archiving.reprocess import Counters, Work
    from newscrawl.store.write.reprocessing import Reading

SECONDS = 60.0  # the time limit of one page; the slowest real ones take one or two
# Modules that each worker process needs to read a page; loaded once, before the workers start.
_LOADED = (
    "newscrawl.archiving.captures",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
)
_SHOWN = 50  # versions reported in words; the rest is counted


@click.command(
    "reprocess",
    epilog=tables.examples(
        "newscrawl reprocess",
        "newscrawl reprocess --dry-run",
        "newscrawl reprocess --source orda --since 2026-01-01 --all",
    ),
)
@click.option("--all", "everything", is_flag=True, help="Also versions that the current extractor has read.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that read pages.")
@click.option("-v", "--verbose", is_flag=True, help="Name every version that keeps its fields, and why.")
@options("source", "since", "json")
@click.pass_context
def reprocess(
    ctx: click.Context,
    *,
    source: str | None,
    since: datetime | None,
    everything: bool,
    dry_run: bool,
    workers: int | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Extract archived versions again from their raw responses, with the current extractor.

    Fields are replaced in place; no version is ever added or removed. Reads only versions that an
    earlier extractor has read, so it can be stopped at any moment and started again. --since selects articles
    with a version observed from that day on. Safe while a crawl runs. Exit code 7 if a raw response cannot
    be read, 4 if a page could not be extracted; the other versions are still processed.
    """
    from newscrawl.archiving import reprocess as archiving
    from newscrawl.cli.crawling.sources import rules_by_edition, rules_by_host
    from newscrawl.extract import extractor_version
    from newscrawl.maintenance.verify import elsewhere
    from newscrawl.store.audit.inspector import open_inspector
    from newscrawl.store.write.reprocessing import open_for_reprocessing

    settings = config.load()
    left: Counter[str] = Counter()  # versions whose raw responses other machines have, by source
    extractor = extractor_version()
    unless = None if everything else extractor
    with open_for_reprocessing(settings.database_url) as archive:
        with open_inspector(settings.database_url) as inspector:
            theirs = elsewhere(inspector.hosts(), settings.warc, socket.gethostname())
        total = archive.count(source=source, since=since, unless=unless)
        waiting = archive.waiting(source=source, since=since, unless=unless)
        with Progress("versions", total) as progress:
            counters = archiving.reprocess(
                archive, _here(waiting, theirs, left), settings.warc, extractor,
                rules=archiving.rules_of(rules_by_edition(), rules_by_host()),
                work=parallel(min(workers or worker.processors(), max(total, 1))),
                keep=not dry_run, step=progress.step, report=_reporter(progress, verbose=verbose),
            )  # fmt: skip
    for name, number in left.items():
        tables.note(
            f"newscrawl: {name} is crawled on {', '.join(theirs[name])}: {counted(number, 'version')} left to that machine, "
            "where its raw responses are"
        )
    if not dry_run:
        after_work(settings)
    if as_json:
        tables.write_json([{"extractor": extractor, "dry_run": dry_run, **asdict(counters)}])
    else:
        tables.say(_summary(counters, extractor, dry_run=dry_run))
    if counters.unreadable:
        ctx.exit(Exit.ARCHIVE_UNUSABLE)
    if counters.failed:
        ctx.exit(Exit.PARTLY_FAILED)


def _here(
    waiting: Iterator[list[Reading]], theirs: Collection[str], left: Counter[str]
) -> Iterator[list[Reading]]:
    """The versions of articles whose raw responses are on this machine; counts the others by source."""
    for versions in waiting:
        if versions and versions[0].source in theirs:
            left[versions[0].source] += len(versions)
        else:
            yield versions


def parallel(workers: int) -> Work:
    """A function that reads versions in worker processes; a version whose process hangs or crashes fails alone."""
    from newscrawl.archiving.captures import Kept, read_again

    def work(jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        limits = worker.Limits(SECONDS)
        for job, result in worker.results(read_again, jobs, workers=workers, limits=limits, load=_LOADED):
            yield job, Kept("failed", result.reason) if isinstance(result, worker.Aborted) else result

    return work


def _reporter(progress: Progress, *, verbose: bool) -> Callable[[Reading, Kept], None]:
    shown = 0

    def report(reading: Reading, kept: Kept) -> None:
        nonlocal shown
        if not verbose and (kept.kind == "refused" or shown >= _SHOWN):
            return
        shown += 1
        progress.wipe()
        tables.note(
            f"newscrawl: article {reading.article}, version {reading.number}: {kept.kind}: {kept.reason}; it keeps its fields"
        )

    return report


def _summary(counters: Counters, extractor: str, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    parts = [
        f"{counters.replaced:,} of {counters.versions:,} versions {would}read again by extractor {extractor}",
        f"{counters.changed:,} with other content",
    ]
    if counters.no_longer_differ:
        parts.append(f"{counters.no_longer_differ:,} no longer differ from the one before")
    for count, what in (
        (counters.refused, "refused now"),
        (counters.unreadable, "unreadable"),
        (counters.failed, "failed"),
    ):
        if count:
            parts.append(f"{what}: {count:,}")
    return ", ".join(parts)
