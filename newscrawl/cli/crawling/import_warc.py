"""`newscrawl import`: imports articles from WARC files and folders of saved pages (newscrawl/importing), and reports the counts."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from newscrawl import config, worker
from newscrawl.cli.operating.proof import after_work
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import ArchiveError, Exit, UsageError
from newscrawl.marker import refuse_others
from newscrawl.model import Dates
from newscrawl.temporary import temporary_folder
from newscrawl.wording import counted

if TYPE_CHECKING:
    from newscrawl.importing.outcomes import Counters
    from newscrawl.importing.outlets import Outlets
    from newscrawl.importing.record_pages import Job, Reading
    from newscrawl.importing.run import Import

SECONDS = 60.0  # the time limit of one page; the slowest real ones take one or two
_LOADED = (
    "newscrawl.importing.record_pages",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
    "warcio.recordloader",
)


@click.command(
    "import",
    epilog=tables.examples(
        "newscrawl import crawl-2024.warc.gz",
        "newscrawl import *.warc.gz --source orda --edition en",
        "newscrawl import --html saved/ --table saved.csv",
        "newscrawl import crawl-2024.warc.gz --dry-run",
    ),
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--source", help="Everything belongs to this source (default: decided by the host).")
@click.option("--edition", help="Everything belongs to this edition of --source; several with --site.")
@click.option("--site", help="The files were captured from this mirror or replica of --source.")
@click.option("--html", metavar="DIR", help="Import saved pages from this folder; needs --table.")
@click.option("--table", metavar="FILE", help="CSV or JSON lines with the columns file,url,at[,encoding].")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that read pages.")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, write nothing.")
@options("since", "until", "json")
@click.pass_context
def importing(
    ctx: click.Context,
    *,
    files: tuple[str, ...],
    source: str | None,
    edition: str | None,
    site: str | None,
    html: str | None,
    table: str | None,
    workers: int | None,
    dry_run: bool,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Import articles from WARC files: own ones, CC-NEWS, browsertrix (WACZ too), wget, in any usual compression.

    Capture times become observation times, and several captures of one address become versions in the
    order of time. The raw responses are copied into the archive. --since and --until select by date of
    publication. Importing the same file again changes nothing. Exit codes: 3 nothing could be read, 4 some files could not be
    read or are damaged, 5 a source is being crawled, 7 the archive cannot be used.
    """
    from newscrawl.cli.crawling.sources import classes, say_if_new
    from newscrawl.importing.outlets import outlets_for
    from newscrawl.store.engine import sqlite_path

    if bool(files) == bool(html) or bool(html) != bool(table):
        raise UsageError("name WARC files, or a folder with --html and its table with --table")
    settings, started = config.load(), time.monotonic()
    refuse_others(settings.home, sqlite_path(settings.database_url), "what is imported")
    outlets = outlets_for(classes(), source, edition, site)
    if source is not None:
        say_if_new(source.strip().lower(), settings.database_url)
    dates = Dates(since=since, until=until)
    with temporary_folder() as folder, _Watch() as watch:
        one = _prepared(
            settings, outlets, dates, folder, watch, workers, files or (str(table),), dry_run=dry_run
        )
        try:
            if html:
                one.folder(Path(html), Path(table or ""))
            else:
                one.files(_named(files))
        except OSError as error:
            raise ArchiveError(
                f"cannot go on: {error.strerror or error}", subject=str(error.filename or "")
            ) from error
        finally:
            if one.engine is not None:
                one.engine.dispose()
    if not dry_run:
        after_work(settings)
    code, reason = one.counters.exit()
    _report(one.counters, time.monotonic() - started, code, reason, as_json=as_json, dry_run=dry_run)
    ctx.exit(code)


def _named(files: Iterable[str]) -> Iterator[Path]:
    """The files given, with patterns expanded that the shell has left as they are."""
    for name in files:
        found = sorted(glob(name)) if has_magic(name) and not Path(name).exists() else []  # noqa: PTH207 - Path.glob takes no absolute pattern
        yield from map(Path, found or [name])


def _prepared(
    settings: config.Config,
    outlets: Outlets,
    dates: Dates,
    temporary: Path,
    watch: _Watch,
    workers: int | None,
    names: tuple[str, ...],
    *,
    dry_run: bool,
) -> Import:
    from newscrawl.importing.outcomes import Counters
    from newscrawl.importing.recording import open_target
    from newscrawl.importing.run import Import

    target = None if dry_run else open_target(settings, dates, names)
    engine = target.engine if target is not None else _readable(settings.database_url)
    return Import(
        outlets=outlets, counters=Counters(), extracting=extracting(workers or worker.processors()), watcher=watch,
        now=settings.clock(), temporary=temporary, dates=dates, target=target, engine=engine,
    )  # fmt: skip


def _readable(url: str) -> Any:
    """The database for a dry run, opened for reading; None if there is none yet."""
    from newscrawl.store.read.reader import archive_exists
    from newscrawl.store.readonly import open_for_reading

    return open_for_reading(url) if archive_exists(url) else None


def extracting(workers: int) -> Any:
    """A function that reads pages in worker processes, so that a page that hangs or crashes its process fails alone."""
    from newscrawl.importing.record_pages import read

    def run(jobs: Iterable[Job]) -> Iterator[tuple[Job, Reading | str]]:
        for job, result in worker.results(
            read, jobs, workers=workers, limits=worker.Limits(SECONDS), load=_LOADED
        ):
            yield job, result.reason if isinstance(result, worker.Aborted) else result

    return run


class _Watch:
    """Shows the import's progress: first bytes of files scanned, then records with rate and time left."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._taking: float | None = None
        self._first = 0
        self._line = Progress("records")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.wipe()

    def surveyed(self, done: int, total: int) -> None:
        """Shows how many of `total` bytes were scanned; of a table, rows."""
        seconds = max(time.monotonic() - self._started, 1e-6)
        left = f", {_duration((total - done) * seconds / done)} left" if total and done else ""
        share = f"{100 * done / total:.0f} % of {total / 1e6:,.0f} MB scanned" if total else ""
        self._line.step(f"{share}{left}")

    def taken(self, done: int, total: int) -> None:
        """Shows how many of `total` records were imported."""
        if self._taking is None:
            self._line.wipe()
            self._taking, self._first, self._line = (
                time.monotonic(),
                done,
                Progress("records imported", total),
            )
        seconds = time.monotonic() - self._taking
        rate = (done - self._first) / seconds if seconds > 1 else 0.0
        self._line.at(done, f"{rate:,.0f}/s, {_duration((total - done) / rate)} left" if rate else "")


def _duration(seconds: float) -> str:
    minutes = int(seconds + 59) // 60
    return (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min"
        if seconds > 90
        else f"{seconds:.0f} s"
    )


def _report(
    counters: Counters, seconds: float, code: Exit, reason: str, *, as_json: bool, dry_run: bool
) -> None:
    total = sum(counters.records.values())
    nothing = code is Exit.NOTHING_FETCHED
    for problem in [*(() if nothing and counters.files == 1 else counters.unread), *counters.problems]:
        tables.note(f"newscrawl: {problem}")
    if as_json:
        tables.write_json(
            [
                {
                    "files": counters.files,
                    "unread": counters.unread,
                    "records": total,
                    "outcomes": {kind: number for kind, number in sorted(counters.records.items()) if number},
                    "sources": {
                        name: dict(sorted(counts.items()))
                        for name, counts in sorted(counters.sources.items())
                    },
                    "reasons": dict(counters.reasons.most_common()),
                    "seconds": round(seconds, 3),
                    "dry_run": dry_run,
                    "exit_code": int(code),
                }
            ]
        )
    elif code is Exit.OK:
        tables.say(_summary(counters, total, seconds, dry_run=dry_run))
    if nothing:
        tables.note(f"newscrawl: {reason}")
    elif code is not Exit.OK:
        tables.note(f"newscrawl: {_summary(counters, total, seconds, dry_run=dry_run)}; {reason}")
    elif sys.stderr.isatty():
        for text, number in counters.reasons.most_common(5):
            tables.note(f"  {number:,} × {text}")


def _summary(counters: Counters, total: int, seconds: float, *, dry_run: bool) -> str:
    counts = ", ".join(
        f"{number:,} {kind.replace('_', ' ')}" for kind, number in counters.records.most_common() if number
    )
    files = counted(counters.files, "file")
    summary = f"{files}, {counted(total, 'record')} in {seconds:,.1f} s: {counts or 'nothing in it'}"
    return f"dry run, nothing written: {summary}" if dry_run else summary
