"""`newscrawl reprocess`: versions read again from their captures by the present extractor. Reading is crawl.rereading's, writing store.rereads'."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl import config, worker
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.cli.reading.options import options
from newscrawl.errors import ArchiveError, Exit
from newscrawl.model import Article, Content, ExtractRules

if TYPE_CHECKING:
    from newscrawl.store.write.reprocessing import History, Reading, Rereads

SECONDS = 60.0  # for one page; the slowest real ones take one or two
# What every process needs to read a page: loaded once.
_LOADED = (
    "newscrawl.cli.crawling.reprocess",
    "newscrawl.archiving.rereading",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
)
BATCH = 20  # articles in one transaction: commits are cheap then, and a crawl beside it waits for none of them long
_SHOWN = 50  # lines about versions that could not be read


@dataclass(frozen=True, slots=True)
class Job:
    """One version to be read again: everything a process of its own needs."""

    root: Path
    reading: Reading
    rules: ExtractRules


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a version keeps the fields it has: `kind` is refused, unreadable or failed."""

    kind: str
    reason: str


Outcome = Article | Kept
_Good = tuple[int, list[tuple["Reading", Article]]]  # an article, and what its versions say now


@dataclass(slots=True)
class Counters:
    """What a run came to. `versions` were looked at; of these `replaced` by another reading, `changed` of them with other content.

    `refused`: no article to the present extractor; `unreadable`: the capture cannot be read; `failed`: the page took
    too long or took its process down. These three keep their fields. `no_longer_differ`: versions that say the same
    as the one before, now that both were read by the same extractor; they stay.
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
@click.option("--all", "everything", is_flag=True, help="Also versions that the present extractor has read.")
@click.option("--dry-run", is_flag=True, help="Say what would change, change nothing.")
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
    """Read archived versions again from their raw responses, with the present extractor.

    Fields are replaced in place; no version is ever made or taken away. Takes the versions that an
    earlier extractor has read, so it can be stopped at any moment and started again. --since takes articles
    with a version observed from that day on. Safe beside a crawl. Exit code 7 if a raw response cannot
    be read, 4 if a page could not be extracted; the rest is done all the same.
    """
    from newscrawl.cli.operating.verify import processors
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
                workers=min(workers or processors(), max(total, 1)), keep=not dry_run, step=progress.step,
                say=_teller(progress, verbose=verbose),
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
    """Reads versions again, article by article, all versions of one in the same transaction; nothing is written unless `keep`.

    `work` reads one page in a process of its own. Raises StoreError; what was done stays.
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
    """One transaction for the batch; articles that a crawl holds at the moment get one each, after it."""
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
    """What a capture says by the present extractor, or why its version keeps what it has. Never raises."""
    from newscrawl.archiving.rereading import reread

    if job.reading.capture is None:
        return Kept("unreadable", "no response is kept for it")
    try:
        article = reread(job.root, job.reading.capture, job.rules)
    except ArchiveError as error:
        return Kept("unreadable", str(error))
    except Exception as error:  # noqa: BLE001 - one page must not end the others
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
    """The outcomes of all versions of an article together, as articles are done."""
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
    """What a version's source says of its pages; of a source without a spider, what the host's says."""
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


def _teller(progress: Progress, *, verbose: bool) -> Callable[[Reading, Kept], None]:
    told = 0

    def say(reading: Reading, kept: Kept) -> None:
        nonlocal told
        if not verbose and (kept.kind == "refused" or told >= _SHOWN):
            return
        told += 1
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
