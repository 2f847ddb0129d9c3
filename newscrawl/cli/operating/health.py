"""`newscrawl health`: checks each source against its own history; prints a table, JSON or metrics for Prometheus."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from newscrawl import config, logfile
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.errors import Exit, UsageError, meaning
from newscrawl.model.health import DiskFacts, DiskHealth, Finding, Health, HealthStatus, SourceHealth
from newscrawl.wording import bytes_, counted, instant


@click.command(
    "health",
    epilog=tables.examples(
        "newscrawl health",
        "newscrawl health orda tengrinews",
        "newscrawl health --since 2026-04-01",
        "newscrawl health --json",
        "newscrawl health --prometheus /var/lib/node_exporter/newscrawl.prom",
    ),
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--prometheus",
    "textfile",
    metavar="FILE",
    help="Write metrics for node_exporter's textfile collector instead of printing.",
)
@options("since", "json")
@click.pass_context
def health(
    ctx: click.Context,
    *,
    sources: tuple[str, ...],
    textfile: str | None,
    since: datetime | None,
    as_json: bool,
) -> None:
    """Check whether each source is all right, compared with its own history.

    One line a source, then one line for each finding: crawls that stopped, listings without leads,
    fields that are suddenly missing, fewer articles than usual, re-checks that are late, a disk that fills up.
    A source with less than two weeks of history is shown as "too early". --since leaves out what began before.
    Exit codes: 0 nothing is wrong, 6 something is, 7 the archive cannot be read.
    """
    if textfile is not None and as_json:
        raise UsageError("--prometheus writes a file and --json prints; choose one")
    found = examine(config.load(), sources)
    for finding in found.findings:
        logfile.line("newscrawl.health", f"{finding.severity.value}: {tables.safe(finding.line)}", bad=True)
    findings = [f for f in found.findings if since is None or f.since is None or f.since >= since]
    if textfile is not None:
        from newscrawl.web.metrics import exposition

        write_whole(Path(textfile), exposition(found))
    elif as_json:
        from newscrawl.serialization.health import objects

        kept = {finding.key for finding in findings}
        tables.write_json(
            value | {"findings": [one for one in value["findings"] if one["key"] in kept]}
            for value in objects(found)
        )
    else:
        tables.print_lines(_report(found, findings, tables.terminal_width()))
    ctx.exit(Exit.SOURCE_BROKEN if findings else Exit.OK)


def examine(settings: config.Config, sources: Sequence[str] = ()) -> Health:
    """The health of the configured archive now: of these sources, or of all, and of the disk.

    Raises UnknownSource, StoreError or SchemaError.
    """
    from newscrawl.judge.health.report import judge
    from newscrawl.store.health.runs import open_health

    now = settings.clock()
    with open_health(settings.database_url) as reader:
        facts, size = reader.facts(now, sources), reader.size()
    return judge(facts, now, disk_facts(settings, size))


def disk_facts(settings: config.Config, database: int | None) -> DiskFacts | None:
    """The free space on the archive's disk and the space it takes, in bytes; None if its folder does not exist."""
    from newscrawl.warc.files import disk_usage

    try:
        usage = shutil.disk_usage(settings.home)
    except OSError:
        return None
    total, days = disk_usage(settings.warc)
    return DiskFacts(free=usage.free, total=usage.total, warc=total, database=database, days=days)


def write_whole(path: Path, text: str) -> None:
    """Writes a file under another name and renames it, so that readers never see half of it. Raises UsageError."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            # node_exporter runs as another user and must be able to read it.
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot be written ({getattr(error, 'strerror', None) or error})", subject=str(path)
        ) from error


def _report(found: Health, findings: Sequence[Finding], width: int | None) -> Iterator[str]:
    if not found.sources:
        yield "The archive has no sources yet."
        return
    headings = (
        "SOURCE",
        "STATE",
        "ARTICLES",
        "24 H",
        "USUAL",
        "7 DAYS",
        "USUAL",
        "DUE",
        "LATE",
        "LAST CRAWL",
    )
    yield from tables.table(headings, map(_row, found.sources), width=width)
    if found.disk is not None:
        yield ""
        yield from tables.wrap(_disk(found.disk), width or 10_000)
    yield ""
    for finding in findings:
        yield from _wrapped(finding, width)
    ends = [line for source in found.sources if (line := _ended_badly(source))]
    for line in ends:
        yield from tables.wrap(tables.safe(line), width or 10_000)
    if not findings:
        yield "No findings: one such end is none yet (docs/what-to-do.md)." if ends else "Nothing is wrong."


def _disk(disk: DiskHealth) -> str:
    """How much room there is, and for how long."""
    room = f"Disk: {bytes_(disk.facts.free)} of {bytes_(disk.facts.total)} free"
    if disk.days_left is not None and disk.daily:
        days = round(disk.days_left)
        how_long = "more than ten years" if days > 3650 else f"about {counted(days, 'day')}"
        return (
            f"{room}; at {bytes_(round(disk.daily))} a day, as in the last fortnight, that lasts {how_long}."
        )
    return f"{room}; how long it lasts is said after three days of crawls."


def _ended_badly(source: SourceHealth) -> str | None:
    """What the last crawl of a source ended with, where that was not well: no line may say that all is right beside it."""
    run = source.last_run
    if run is None or run.exit_code is None or not source.ended_badly:
        return None
    what = f"{meaning(run.exit_code)}: {run.reason}" if run.reason else meaning(run.exit_code)
    return f"The last crawl of {source.source} ended with exit code {run.exit_code}, {what}".rstrip(".") + "."


def _row(source: SourceHealth) -> tuple[object, ...]:
    editions, run = source.editions, source.last_run
    usual = [e.day_expected for e in editions], [e.week_expected for e in editions]
    day, week = (
        round(sum(v for v in values if v is not None)) if None not in values else "?" for values in usual
    )
    last = "never" if run is None else f"{instant(run.started)}, " + _end(source)
    return (
        source.source,
        "too early" if source.status is HealthStatus.TOO_EARLY else source.status.value,
        sum(e.articles for e in editions),
        sum(e.day for e in editions),
        day,
        sum(e.week for e in editions),
        week,
        sum(e.due for e in editions),
        sum(e.late for e in editions),
        last,
    )


def _end(source: SourceHealth) -> str:
    run = source.last_run
    if source.running:
        return "running"
    if run is None or run.exit_code is None:
        return "not finished"
    return f"exit code {run.exit_code}"


def _wrapped(finding: Finding, width: int | None) -> Iterator[str]:
    label, line = f"{finding.severity.value:<9}", tables.safe(finding.line)
    parts = tables.wrap(line, max(width - len(label), 40)) if width else [line]
    for number, part in enumerate(parts):
        yield (label if number == 0 else " " * len(label)) + part
