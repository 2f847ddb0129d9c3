"""`newscrawl reprocess`: extracts archived versions again from their captures with the current extractor, and replaces their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config, worker
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import ArchiveError, Exit
from newscrawl.model import Article, Content, ExtractRules

if TYPE_CHECKING:
    from newscrawl.store.write.reprocessing import History, Reading, Rereads

SECONDS = 60.0  # the time limit of one page; the slowest real ones take one or two
# Modules that each worker process needs to read a page; loaded once, before the workers start.
_LOADED = (
    "newscrawl.cli.crawling.reprocess",
    "newscrawl.archiving.rereading",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
)
BATCH = 20  # articles in one transaction: few commits, and a parallel crawl never waits long
_SHOWN = 50  # versions reported in words; the rest is counted


@dataclass(frozen=True, slots=True)
class Job:
    """One version to be read again, with everything the worker process needs."""

    root: Path
    reading: Reading
    rules: ExtractRules


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a version keeps its fields: `kind` is refused, unreadable or failed."""

    kind: str
    reason: str


Outcome = Article | Kept
_Good = tuple[int, list[tuple["Reading", Article]]]  # an article, and its versions as read now


@dataclass(slots=True)
class Counters:
    """The counts of a run: `versions` read, how many were `replaced`, and how many of these have `changed` content.

    `refused`: not an article by the current extractor; `unreadable`: the capture cannot be read; `failed`: the page
    took too long or crashed its process. These three keep their fields. `no_longer_differ`: versions that are now
    equal to the one before, as both were read by the same extractor; they are kept.
    """

    articles: int = 0
    versions: int = 0
    replaced: int = 0
    changed: int = 0
    no_longer_differ: int = 0
    refused: int = 0
    unreadable: int = 0
    failed: int = 0


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
    from newscrawl.extract import extractor_version
    from newscrawl.store.write.reprocessing import open_rereads

    settings = config.load()
    extractor = extractor_version()
    unless = None if everything else extractor
    with open_rereads(settings.database_url) as archive:
        total = archive.count(source=source, since=since, unless=unless)
        waiting = archive.waiting(source=source, since=since, unless=unless)
        with Progress("versions", total) as progress:
            counters = run(
                archive, waiting, settings.warc, extractor,
                workers=min(workers or worker.processors(), max(total, 1)), keep=not dry_run, step=progress.step,
                say=_reporter(progress, verbose=verbose),
            )  # fmt: skip
    if as_json:
        tables.write_json([{"extractor": extractor, "dry_run": dry_run, **asdict(counters)}])
    else:
        click.echo(_summary(counters, extractor, dry_run=dry_run))
    if counters.unreadable:
        ctx.exit(Exit.ARCHIVE_UNUSABLE)
    if counters.failed:
        ctx.exit(Exit.PARTLY_FAILED)


def run(
    archive: Rereads,
    waiting: Iterable[Sequence[Reading]],
    root: Path,
    extractor: str,
    *,
    workers: int,
    keep: bool = True,
    step: Callable[[], None] = lambda: None,
    say: Callable[[Reading, Kept], None] = lambda _reading, _kept: None,
    work: Callable[[Job], Outcome] | None = None,
    seconds: float | None = None,
) -> Counters:
    """Reads versions again, article by article, all versions of one article in the same transaction.

    `work` reads one page in a worker process. Writes nothing unless `keep`. Raises StoreError; what was committed stays.
    """
    counters = Counters()
    batch: list[_Good] = []
    for article, outcomes in _by_article(
        waiting, root, work or read_again, workers, seconds or SECONDS, step
    ):
        for reading, one in outcomes:
            if isinstance(one, Kept):
                setattr(counters, one.kind, getattr(counters, one.kind) + 1)
                say(reading, one)
        counters.articles += 1
        counters.versions += len(outcomes)
        if good := [(reading, one) for reading, one in outcomes if isinstance(one, Article)]:
            batch.append((article, good))
        if len(batch) >= BATCH:
            _write(archive, batch, extractor, counters, keep)
            batch = []
    _write(archive, batch, extractor, counters, keep)
    return counters


def _write(archive: Rereads, batch: Sequence[_Good], extractor: str, counters: Counters, keep: bool) -> None:
    """Writes the batch in one transaction; articles that a crawl has locked follow, each in its own transaction."""
    if not batch:
        return
    if keep:
        archive.meet([author for _, good in batch for _, one in good for author in one.authors])
    with archive.histories([article for article, _ in batch], keep=keep) as histories:
        for article, good in batch:
            if article in histories:
                _replace(histories[article], good, extractor, counters)
    for one in batch:
        if len(batch) > 1 and one[0] not in histories:
            _write(archive, [one], extractor, counters, keep)


def read_again(job: Job) -> Outcome:
    """The article as the current extractor reads it from the capture, or why the version keeps its fields. Never raises."""
    from newscrawl.archiving.rereading import reread

    if job.reading.capture is None:
        return Kept("unreadable", "no response is kept for it")
    try:
        article = reread(job.root, job.reading.capture, job.rules)
    except ArchiveError as error:
        return Kept("unreadable", str(error))
    except Exception as error:  # noqa: BLE001 - one page must not stop the others
        return Kept("failed", f"{type(error).__name__}: {error}")
    if not article.is_article:
        return Kept("refused", f"{article.page_type.value}: {article.reason or 'no article'}")
    return article


def _by_article(
    waiting: Iterable[Sequence[Reading]],
    root: Path,
    work: Callable[[Job], Outcome],
    workers: int,
    seconds: float,
    step: Callable[[], None],
) -> Iterator[tuple[int, list[tuple[Reading, Outcome]]]]:
    """Yields each article with the outcomes of all its versions, as soon as the last one was read."""
    left: dict[int, int] = {}
    done: dict[int, list[tuple[Reading, Outcome]]] = {}
    rules = _rules()

    def jobs() -> Iterator[Job]:
        for readings in waiting:
            left[readings[0].article] = len(readings)
            for reading in readings:
                yield Job(root, reading, rules(reading))

    for job, result in worker.results(
        work, jobs(), workers=workers, limits=worker.Limits(seconds), load=_LOADED
    ):
        article = job.reading.article
        outcome = Kept("failed", result.reason) if isinstance(result, worker.Aborted) else result
        done.setdefault(article, []).append((job.reading, outcome))
        step()
        left[article] -= 1
        if not left[article]:
            del left[article]
            yield article, sorted(done.pop(article), key=lambda pair: pair[0].number)


def _rules() -> Callable[[Reading], ExtractRules]:
    """A function that finds the extraction rules of a version: its source's, or without a spider those of its host."""
    from newscrawl.cli.crawling.sources import rules_by_edition, rules_by_host
    from newscrawl.urls import host_of

    named, hosts = rules_by_edition(), rules_by_host()

    def of(reading: Reading) -> ExtractRules:
        if (rules := named.get((reading.source, reading.edition))) is not None:
            return rules
        host = host_of(reading.capture.url) if reading.capture is not None else ""
        return hosts.get(host, ExtractRules())

    return of


def _replace(
    history: History, good: Sequence[tuple[Reading, Article]], extractor: str, counters: Counters
) -> None:
    from newscrawl.judge.history import Step, compared
    from newscrawl.text import content_hash

    before = {version.number: version for version in history.versions()}
    for reading, article in good:
        fingerprint = content_hash(Content.of(article))
        history.replace(reading.number, article, extractor, fingerprint)
        counters.replaced += 1
        counters.changed += fingerprint != before[reading.number].content_hash
    steps = [
        Step(v.number, v.content, v.content_hash, v.extractor, v.kinds, v.returns_to)
        for v in history.versions()
    ]
    for old, new in zip(steps, compared(steps), strict=True):
        if (new.kinds, new.returns_to) != (old.kinds, old.returns_to):
            history.relate(new.number, new.kinds, new.returns_to)
            counters.no_longer_differ += bool(old.kinds) and not new.kinds


def _reporter(progress: Progress, *, verbose: bool) -> Callable[[Reading, Kept], None]:
    reported = 0

    def say(reading: Reading, kept: Kept) -> None:
        nonlocal reported
        if not verbose and (kept.kind == "refused" or reported >= _SHOWN):
            return
        reported += 1
        progress.wipe()
        tables.note(
            f"newscrawl: article {reading.article}, version {reading.number}: {kept.kind}: {kept.reason}; it keeps its fields"
        )

    return say


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
