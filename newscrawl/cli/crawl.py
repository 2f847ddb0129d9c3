"""`newscrawl crawl`: what cron calls; one or several sources in one process. The work is crawl.runner's."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from newscrawl import shapes
from newscrawl.cli import output
from newscrawl.cli.notify import after_crawl
from newscrawl.errors import Exit, UsageError

if TYPE_CHECKING:
    from newscrawl.crawl.runner import Ending


@click.command(
    epilog="""\b
Examples:
  newscrawl crawl orda
  newscrawl crawl orda --edition en --limit 20
  newscrawl crawl --all                     what a cron line calls
  newscrawl crawl orda --since 2026-01-01 --until 2026-01-31
  newscrawl crawl orda --recheck only       only look again at known articles
  newscrawl crawl --all --notify            tell people what was found: newscrawl notify --help
"""
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="Crawl all sources.")
@click.option("--edition", help="Only these editions, as in en,ru.")
@click.option("--site", help="Crawl a mirror or replica: the same paths on this site.")
@click.option("--since", help="Only articles published from this day on (2026-01-31, or an ISO instant).")
@click.option("--until", help="Only articles published up to this day.")
@click.option("--limit", help="New articles at most.")
@click.option(
    "--recheck", type=click.Choice(["no", "yes", "only"]), help="Look again at known articles (default: yes)."
)
@click.option(
    "-s", "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Override a Scrapy setting."
)
@click.option(
    "--notify/--no-notify", "alerts", default=None, help="Send alerts afterwards (see: newscrawl notify)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a source.")
@click.option("-v", "--verbose", is_flag=True, help="Log one line an article.")
def crawl(
    sources: tuple[str, ...],
    everything: bool,
    settings: tuple[str, ...],
    alerts: bool | None,
    as_json: bool,
    verbose: bool,
    **arguments: str | None,
) -> None:
    """Crawl sources into the archive. Quiet when all is right and nobody is watching; the exit code tells cron.

    0 all right, 3 nothing could be fetched, 4 some editions or listings failed, 5 another run is
    active, 6 a source looks broken, 7 the archive cannot be used.
    """
    endings = run(sources, everything=everything, arguments=arguments, settings=settings, verbose=verbose)
    for ending in endings:
        _report(ending, as_json=as_json)
    after_crawl(wanted=alerts)
    sys.exit(int(max((ending.exit_code for ending in endings), key=_severity)))


def run(
    sources: Sequence[str],
    *,
    everything: bool,
    arguments: dict[str, str | None],
    settings: Sequence[str] = (),
    verbose: bool = False,
) -> list[Ending]:
    """Crawls sources by name in this process; can be called once, as the reactor cannot start twice. Raises NewscrawlError."""
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.conf import arglist_to_dict

    from newscrawl.crawl import runner

    chosen = _settings(verbose)
    try:
        chosen.setdict(arglist_to_dict(list(settings)), priority="cmdline")
    except ValueError as error:
        raise UsageError("must be NAME=VALUE", subject="-s") from error
    known = runner.spider_classes(chosen)
    if everything and sources:
        raise UsageError("name sources or say --all, not both")
    names = list(known) if everything else list(dict.fromkeys(sources))
    if not names:
        raise UsageError("name a source or say --all", hint=f"Known are {', '.join(known)}")
    given = {name: value for name, value in arguments.items() if value is not None}
    spiders = [runner.source_named(chosen, name) for name in names]
    for spider in spiders:
        runner.check(spider, given, chosen["NEWSCRAWL_CONFIG"])
    process = AsyncCrawlerProcess(chosen)
    return runner.crawl(process, [(process.create_crawler(spider), given) for spider in spiders])


def _settings(verbose: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from scrapy.settings import Settings

    chosen = Settings()
    chosen.setmodule("newscrawl.settings", priority="project")
    if verbose:
        # One line an article; what Scrapy says of its own set-up is left to `scrapy crawl`.
        logging.getLogger("scrapy").setLevel(logging.WARNING)
    chosen.set("LOG_LEVEL", "INFO" if verbose else "WARNING", priority="project")
    chosen.set("NEWSCRAWL_PROGRESS", not verbose, priority="project")
    return chosen


def _report(ending: Ending, *, as_json: bool) -> None:
    if as_json:
        shape: dict[str, Any] = {"source": ending.source, "reason": ending.line}
        if ending.summary is not None:
            shape = asdict(ending.summary)
            shape |= {
                "started": shapes.instant(shape["started"]),
                "finished": shapes.instant(shape["finished"]),
            }
        shape["exit_code"] = int(ending.exit_code)
        output.write_json([shape])
    if ending.exit_code is not Exit.OK:
        sys.stderr.write(f"newscrawl: {ending.line}\n")
    elif sys.stdout.isatty() and not as_json:
        print(ending.line)


def _severity(code: Exit) -> int:
    # The worst of several sources is what cron should hear of.
    order = (
        Exit.OK, Exit.ALREADY_RUNNING, Exit.PARTLY_FAILED, Exit.SOURCE_BROKEN, Exit.NOTHING_FETCHED,
        Exit.USAGE, Exit.UNEXPECTED, Exit.ARCHIVE_UNUSABLE,
    )  # fmt: skip
    return order.index(code)
