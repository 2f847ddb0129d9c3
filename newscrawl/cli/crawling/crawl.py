"""`newscrawl crawl`: crawls one or several sources in one process (crawl/runner.py) and reports how each run ended."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.operating.notify import after_crawl
from newscrawl.cli.options import Choice, Duration
from newscrawl.cli.output import tables
from newscrawl.errors import Exit, UsageError
from newscrawl.serialization import records

if TYPE_CHECKING:
    from newscrawl.crawl.runner import Ending


@click.command(
    epilog=tables.examples(
        "newscrawl crawl orda",
        "newscrawl crawl orda --edition en --limit 20",
        "newscrawl crawl --all --max-time 45m      for cron",
        "newscrawl crawl orda --since 2026-01-01 --until 2026-01-31",
        "newscrawl crawl orda --recheck only       only re-check known articles",
        "newscrawl crawl --all --notify            send alerts about it: newscrawl notify --help",
    )
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="Crawl all sources.")
@click.option("--edition", help="Only these editions, as in en,ru.")
@click.option("--site", help="Crawl this mirror or replica, which has the same paths.")
@click.option(
    "--since",
    help="Only articles published from this day on, in the outlet's zone: 2026-01-31, 2026-01, yesterday, 7d.",
)
@click.option("--until", help="Only articles published up to this day.")
@click.option("--limit", help="Fetch at most this many new articles.")
@click.option("--recheck", type=Choice(["no", "yes", "only"]), help="Re-check known articles (default: yes).")
@click.option(
    "--max-time",
    type=Duration(),
    metavar="TIME",
    help="Stop sending requests after this long, such as 45m, 90s or 2h, then shut down cleanly.",
)
@click.option(
    "-s", "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Override a Scrapy setting."
)
@click.option(
    "--notify/--no-notify", "alerts", default=None, help="Send alerts afterwards (see: newscrawl notify)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a source.")
@click.option("-q", "--quiet", is_flag=True, help="Print only what did not end well.")
@click.option("-v", "--verbose", is_flag=True, help="Log one line an article.")
def crawl(
    sources: tuple[str, ...],
    everything: bool,
    max_time: timedelta | None,
    settings: tuple[str, ...],
    alerts: bool | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **arguments: str | None,
) -> None:
    """Crawl sources into the archive, several in parallel. Prints one line a source on a terminal, elsewhere only problems.

    Exit codes: 0 all right, 3 nothing could be fetched, 4 some editions or listings failed or the
    command was stopped, 5 another run is active, 6 a source looks broken, 7 the archive cannot be used. With
    several sources, the worst of their codes.
    """
    if quiet and (verbose or as_json):
        raise UsageError("--quiet goes with neither --verbose nor --json")
    endings = run(
        sources,
        everything=everything,
        arguments=arguments,
        settings=settings,
        max_time=max_time,
        quiet=quiet,
        verbose=verbose,
        ended=lambda ending: _report(ending, as_json=as_json, quiet=quiet),
    )
    after_crawl(wanted=alerts)
    sys.exit(int(max((ending.exit_code for ending in endings), key=_severity)))


def run(
    sources: Sequence[str],
    *,
    everything: bool,
    arguments: dict[str, str | None],
    settings: Sequence[str] = (),
    max_time: timedelta | None = None,
    quiet: bool = False,
    verbose: bool = False,
    ended: Callable[[Ending], None] = lambda _: None,
) -> list[Ending]:
    """Crawls sources by name in this process and calls `ended` when each is done. Raises NewscrawlError.

    Can be called once in a process, because the reactor cannot be restarted.
    """
    from scrapy.crawler import AsyncCrawlerProcess

    from newscrawl.crawl import runner
    from newscrawl.crawl.own_settings import from_options, sources_at_once

    chosen = _settings(verbose)
    chosen.setdict(from_options(settings), priority="cmdline")
    at_once = sources_at_once(chosen)
    if everything and sources:
        raise UsageError("name sources or say --all, not both")
    known = runner.spider_classes(chosen)
    names = list(known) if everything else list(dict.fromkeys(sources))
    if not names:
        raise UsageError("name a source or say --all", hint=f"Known are {', '.join(known)}")
    # The progress line is rewritten in place, so it can show one source only.
    chosen.set("NEWSCRAWL_PROGRESS", not (verbose or quiet or len(names) > 1), priority="project")
    given = {name: value for name, value in arguments.items() if value is not None}
    spiders = [known.get(name) or runner.source_named(chosen, name) for name in names]
    spiders = runner.prepare(spiders, given, chosen["NEWSCRAWL_CONFIG"])
    hide_versions()
    process = runner.set_up(lambda: AsyncCrawlerProcess(chosen))
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    broken = [_unreadable(*one) for one in runner.broken(chosen).items()] if everything else []
    for ending in broken:
        ended(ending)
    if len(spiders) > 1 and sys.stderr.isatty() and not (quiet or verbose):
        side_by_side = min(len(spiders), at_once)
        tables.note(f"{len(spiders)} sources, {side_by_side} side by side; each says a line when it is done")
    jobs = runner.set_up(lambda: [(process.create_crawler(spider), given) for spider in spiders])
    seconds = max_time.total_seconds() if max_time is not None else None
    return [*broken, *runner.crawl(process, jobs, seconds=seconds, ended=ended)]


def hide_versions() -> None:
    """Leaves Scrapy's list of versions to `scrapy crawl`: by a filter, as Scrapy sets the levels of its loggers anew."""
    logging.getLogger("scrapy.utils.log").addFilter(_warns)


def _warns(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _settings(verbose: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from scrapy.settings import Settings

    chosen = Settings()
    chosen.setmodule("newscrawl.settings", priority="project")
    chosen.set("LOG_LEVEL", "INFO" if verbose else "WARNING", priority="project")
    return chosen


def _unreadable(module: str, why: str) -> Ending:
    from newscrawl.crawl.loader import of_file
    from newscrawl.crawl.runner import Ending

    return Ending(module, error=UsageError(f"cannot be used: {why}", subject=of_file(module)))


def _report(ending: Ending, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        report: dict[str, Any] = {"source": ending.source, "reason": ending.line}
        if ending.summary is not None:
            report = asdict(ending.summary)
            report |= {
                "started": records.instant(report["started"]),
                "finished": records.instant(report["finished"]),
            }
        report["exit_code"] = int(ending.exit_code)
        tables.write_json([report])
    if ending.exit_code is not Exit.OK:
        tables.note(f"newscrawl: {ending.line}", logged=False)  # the runner logs every ending
    elif sys.stdout.isatty() and not (as_json or quiet):
        tables.say(ending.line, logged=False)


def _severity(code: Exit) -> int:
    # From best to worst: cron should hear of the worst of several sources.
    order = (
        Exit.OK, Exit.ALREADY_RUNNING, Exit.PARTLY_FAILED, Exit.SOURCE_BROKEN, Exit.NOTHING_FETCHED,
        Exit.USAGE, Exit.UNEXPECTED, Exit.ARCHIVE_UNUSABLE,
    )  # fmt: skip
    return order.index(code)
