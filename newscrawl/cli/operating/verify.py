"""`newscrawl verify`: checks that the database and the raw responses agree (maintenance/verify.py), and prints the problems."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit, UsageError
from newscrawl.model import ExtractRules
from newscrawl.urls import host_of
from newscrawl.wording import counted
from newscrawl.worker import Aborted, Limits, processors, results

if TYPE_CHECKING:
    from newscrawl.archiving.deep_run import DeepCheck
    from newscrawl.maintenance.verify import Totals
    from newscrawl.model import Problem, ProblemKind
    from newscrawl.store.audit.inspector import Extent, Inspector
    from newscrawl.store.audit.words import StoredWords

SECONDS = 60.0  # the time limit of one page, read up to four times; the slowest real ones take one or two
_LOADED = (
    "newscrawl.archiving.deep_check",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
)
SHOWN = 50  # problems printed; the rest is counted by kind


@click.command(
    "verify",
    epilog=tables.examples(
        "newscrawl verify",
        "newscrawl verify --quick",
        "newscrawl verify --deep --workers 4",
        "newscrawl verify --source orda --json",
    ),
)
@click.option("--quick", is_flag=True, help="Check headers and offsets only: no digests, no texts.")
@click.option(
    "--deep", is_flag=True, help="Also read every version again and compare it with its raw response."
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes, one file or page each.")
@options("source", "json")
@click.pass_context
def verify(
    ctx: click.Context, *, source: str | None, quick: bool, deep: bool, workers: int | None, as_json: bool
) -> None:
    """Check that the database and the raw responses agree, and that the database agrees with itself.

    Every capture must point to a complete record with the same id, address, kind and instant, whose payload
    has the digest in the database; it is computed from the bytes. Texts must have the content hash they were
    stored with, removals their evidence, observations the answers they name. Safe while a crawl runs. Prints one
    line a problem with its remedy; exit code 7 if there is any.

    With --deep every version is compared with its raw response, which is read again: what the version says must
    stand in that page, and one of the same extractor must lack nothing and have the same authors, dates and other
    fields. A stopped check goes on where it was.
    """
    if quick and deep:
        raise UsageError("either --quick or --deep")
    from newscrawl.maintenance.verify import NAMES, Verification
    from newscrawl.store.audit.inspector import open_inspector

    settings = config.load()
    kinds: Counter[ProblemKind] = Counter()
    with open_inspector(settings.database_url) as inspector:
        check = Verification(
            inspector, settings.database_url, settings.warc, source, quick=quick, host=socket.gethostname()
        )
        for name, (machines, files) in check.elsewhere.items():
            tables.note(
                f"newscrawl: {name} is crawled on {', '.join(machines)}: its {counted(files, 'file')} {'is' if files == 1 else 'are'} not here and not checked"
            )
        if check.unlisted:
            tables.note(f"newscrawl: cannot be listed: {check.unlisted}")
        with Progress("files", check.files) as progress:
            for problem in check.problems(
                workers or processors(), lambda file: progress.step(tables.safe(file))
            ):
                kinds[problem.kind] += 1
                if as_json or kinds.total() <= SHOWN:
                    progress.wipe()
                    _show(problem, as_json=as_json)
        logged = _log(settings, kinds, source, quick=quick, as_json=as_json)
        read = (
            _deep(inspector, settings, source, workers, kinds, check.elsewhere, as_json=as_json)
            if deep
            else None
        )
    checked = f"{_summary(check.totals, check.extent, quick=quick)}, {logged}"
    if read is not None:
        checked += f", {_read_again(read)}"
    if not kinds:
        (tables.note if as_json else tables.say)(f"all right: {checked}")
        if read is not None and read.aborted:
            ctx.exit(Exit.PARTLY_FAILED)
        return
    if kinds.total() > SHOWN and not as_json:
        click.echo(f"… and {kinds.total() - SHOWN:,} more")
    by_kind = ", ".join(f"{NAMES[kind]} ({count:,})" for kind, count in kinds.most_common())
    tables.note(f"newscrawl: the archive disagrees with itself: {by_kind} (checked: {checked})")
    ctx.exit(Exit.ARCHIVE_UNUSABLE)


def _log(
    settings: config.Config,
    kinds: Counter[ProblemKind],
    source: str | None,
    *,
    quick: bool,
    as_json: bool,
) -> str:
    """Checks the log of everything recorded, shows its problems, and says what was checked."""
    if source is not None:
        return "the log is checked without --source"
    from newscrawl import __version__
    from newscrawl.proof.check import LogCheck
    from newscrawl.proof.log import Place
    from newscrawl.store.engine import sqlite_path
    from newscrawl.store.proof.book import open_book

    place = Place.of(settings.home, f"newscrawl/{__version__}")
    with open_book(settings.database_url) as book:
        check = LogCheck(book, place, quick=quick, server=sqlite_path(settings.database_url) is None)
        for problem in check.problems():
            kinds[problem.kind] += 1
            if as_json or kinds.total() <= SHOWN:
                _show(problem, as_json=as_json)
    found = check.totals
    if not found.here:
        return "no log here"
    parts = [f"{found.entries:,} entries of the log under {found.checkpoints:,} checkpoints"]
    for number, what in zip(found.outside, ("cosignature", "time stamp"), strict=True):
        if number:
            parts.append(counted(number, what))
    if found.waiting:
        parts.append(f"{found.waiting:,} rows to be entered")
    if found.older:
        parts.append("rows older than the log: newscrawl proof init")
    if found.lost:
        parts.append(f"{found.lost:,} entries lost with an earlier database")
    return ", ".join(parts)


def _deep(
    inspector: Inspector,
    settings: config.Config,
    source: str | None,
    workers: int | None,
    kinds: Counter[ProblemKind],
    elsewhere: Collection[str],
    *,
    as_json: bool,
) -> DeepCheck:
    """Compares the versions with their raw responses, and shows those that differ."""
    from newscrawl.archiving.deep_check import Job, compare
    from newscrawl.archiving.deep_run import DeepCheck
    from newscrawl.cli.crawling.sources import rules_by_edition, rules_by_host

    by_edition, by_host = rules_by_edition(), rules_by_host()

    def rules(one: StoredWords) -> ExtractRules | None:
        host = host_of(one.captures[0].url) if one.captures else ""
        return by_edition.get((one.source, one.edition)) or by_host.get(host)

    def work(jobs: Iterable[Job]) -> Iterator[tuple[Job, Any]]:
        limits = Limits(SECONDS)
        number = min(workers or processors(), max(check.total, 1))
        for job, result in results(compare, jobs, workers=number, limits=limits, load=_LOADED):
            yield job, result.reason if isinstance(result, Aborted) else result

    check = DeepCheck(inspector, settings.warc, source, settings.state / "verify-deep.json", elsewhere)
    if check.resumed:
        tables.note("newscrawl: goes on with the check that was stopped")
    with Progress("versions", check.total) as progress:
        for problem in check.problems(work, rules, progress.step):
            kinds[problem.kind] += 1
            if as_json or kinds.total() <= SHOWN:
                progress.wipe()
                _show(problem, as_json=as_json)
    return check


def _read_again(check: DeepCheck) -> str:
    from newscrawl.archiving.deep_check import Result

    found = check.results
    parts = [
        f"{counted(found.total() + check.aborted, 'version')} read again: {found[Result.SAME]:,} say the same"
    ]
    for kind, what in (
        (Result.STANDS, "are read otherwise today and stand in their pages"),
        (Result.DIFFERS, "differ from their pages"),
        (Result.UNREAD, "have no raw response that can be read"),
    ):
        if found[kind]:
            parts.append(f"{found[kind]:,} {what}")
    if check.not_here:
        parts.append(f"{check.not_here:,} are left to the machines that have their raw responses")
    if check.aborted:
        parts.append(f"{check.aborted:,} took too long and were not compared")
    return ", ".join(parts)


def _show(problem: Problem, *, as_json: bool) -> None:
    from newscrawl.maintenance.verify import REMEDIES

    if as_json:
        tables.write_json([{**asdict(problem), "remedy": REMEDIES[problem.kind]}])
    else:
        tables.say(f"{problem.subject}: {problem.message}: {REMEDIES[problem.kind]}")


def _summary(total: Totals, extent: Extent, *, quick: bool) -> str:
    parts = [
        f"{counted(total.captures, 'capture')} in {counted(total.files, 'file')} ({total.size / 1e6:,.1f} MB)",
        "digests not computed" if quick else f"{counted(total.digests, 'digest')} computed",
        f"{counted(extent.versions, 'version')} of {counted(extent.articles, 'article')}",
    ]
    if total.unclaimed:
        parts.append(f"{total.unclaimed:,} responses without a row ({total.robots:,} robots.txt)")
    if total.torn:
        more = f" and {len(total.torn) - 1:,} more" if len(total.torn) > 1 else ""
        parts.append(f"{tables.safe(total.torn[0])}{more} ends in the middle of a record nothing refers to")
    return ", ".join(parts)
