"""`newscrawl prune`: shows which raw responses a policy would delete, and with --apply deletes them (maintenance/pruning.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config
from newscrawl.cli.operating.proof import after_work
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import AlreadyRunning, Exit, UsageError
from newscrawl.wording import bytes_, counted

if TYPE_CHECKING:
    from newscrawl.maintenance.pruning import Report
    from newscrawl.store.copy.prunable import Policy

_NOUNS = {
    "unchanged": "responses of checks that found nothing new",
    "listings": "responses of listings, feeds and sitemaps",
    "unreferenced": "responses that nothing refers to",
}


class _Age(click.ParamType[timedelta]):
    """An age in whole days or weeks."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return config.age(str(value), subject="")
        except UsageError as error:
            self.fail(f"{error.message}. {error.hint}", param, ctx)


@click.command(
    "prune",
    epilog=tables.examples(
        "newscrawl prune --unchanged-older-than 90d",
        "newscrawl prune --unchanged-older-than 90d --listings-older-than 26w --source orda --apply",
    ),
)
@click.option(
    "--unchanged-older-than",
    "unchanged",
    type=_Age(),
    metavar="AGE",
    help="Responses of checks that found nothing new.",
)
@click.option(
    "--listings-older-than",
    "listings",
    type=_Age(),
    metavar="AGE",
    help="Responses of listings, feeds and sitemaps.",
)
@click.option(
    "--unreferenced-older-than",
    "unreferenced",
    type=_Age(),
    metavar="AGE",
    help="Responses that no row refers to, such as robots.txt.",
)
@click.option("--apply", is_flag=True, help="Delete them. Without it nothing is changed.")
@options("source", "json")
@click.pass_context
def prune(
    ctx: click.Context, /, *, source: str | None, apply: bool, as_json: bool, **ages: timedelta | None
) -> None:
    """Show which raw responses a policy deletes; with --apply delete them. By default everything is kept.

    AGE is 90d or 12w; the policy may also be set in newscrawl.toml. Responses that prove a version, a removal
    or a gap are always kept, and so are all rows: the archive records what was pruned and when. Exit codes:
    5 a source is being crawled; 7 a file could not be read or written.
    """
    from newscrawl.maintenance.lock import exclusive
    from newscrawl.maintenance.pruning import Pruner
    from newscrawl.store.copy.prunable import Policy
    from newscrawl.store.opened import open_existing
    from newscrawl.store.write.pruning import sources_of

    settings = config.load()
    chosen = {name: age for name, age in ages.items() if age is not None}
    policy = Policy(**(chosen or settings.prune))
    code = Exit.OK
    reports: list[Report] = []
    engine = open_existing(settings.database_url)
    try:
        with Progress("MB copied") as progress:
            copied = _Copied(progress)
            for number, name in sources_of(engine, source):
                with exclusive(settings.state, make=apply):
                    pruner = Pruner(
                        engine,
                        settings.warc,
                        name,
                        policy,
                        now=settings.clock(),
                        apply=apply,
                        progress=copied.more,
                    )
                    try:
                        reports.append(pruner.run(number))
                    except AlreadyRunning as error:
                        progress.wipe()
                        tables.note(f"newscrawl: {error}")
                        code = Exit.ALREADY_RUNNING
    finally:
        engine.dispose()
    if apply:
        after_work(settings)
    if as_json:
        tables.write_json(map(_json, reports))
    else:
        for line in _lines(reports, policy, apply=apply):
            tables.say(line)
    for problem in (problem for one in reports for problem in one.problems):
        tables.note(f"newscrawl: {problem}")
        code = Exit.ARCHIVE_UNUSABLE
    ctx.exit(code)


class _Copied:
    """Shows progress in megabytes read and rewritten."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._bytes = progress, 0

    def more(self, size: int) -> None:
        """Adds `size` bytes."""
        self._bytes += size
        self._progress.at(self._bytes // 1_000_000)


def _lines(reports: list[Report], policy: Policy, *, apply: bool) -> Iterator[str]:
    if not policy.words():
        yield "The policy keeps everything. See: newscrawl prune --help"
        return
    for one in reports:
        for name, part in one.parts.items():
            if part.responses and part.first and part.last:
                days = f"{part.first:%Y-%m-%d} to {part.last:%Y-%m-%d}"
                yield f"{one.source}: {part.responses:,} {_NOUNS[name]}, {days}, {bytes_(part.bytes)}"
        if one.later:
            yield f"{one.source}: {bytes_(one.later)} more lie in files that are not closed yet, or of which too little would go"
    files, size = sum(one.files for one in reports), sum(one.bytes for one in reports)
    responses = sum(part.responses for one in reports for part in one.parts.values())
    total = f"{counted(responses, 'response')}, {bytes_(size)} of {counted(files, 'file')}"
    if apply:
        yield f"given up: {total}"
    else:
        yield f"would be given up: {total}. Nothing was changed; --apply does it."


def _json(one: Report) -> dict[str, Any]:
    parts = {
        name: {
            **asdict(part),
            "first": part.first.isoformat() if part.first else None,
            "last": part.last.isoformat() if part.last else None,
        }
        for name, part in one.parts.items()
    }
    return {**asdict(one), "parts": parts, "bytes": one.bytes}
