"""`newscrawl verify`: checks that the database and the raw responses agree (maintenance/verify.py), and prints the problems."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit
from newscrawl.worker import processors

if TYPE_CHECKING:
    from newscrawl.maintenance.verify import Totals
    from newscrawl.model import Problem, ProblemKind
    from newscrawl.store.audit.inspector import Extent

SHOWN = 50  # problems printed; the rest is counted by kind


@click.command(
    "verify",
    epilog=tables.examples(
        "newscrawl verify", "newscrawl verify --quick", "newscrawl verify --source orda --json"
    ),
)
@click.option("--quick", is_flag=True, help="Check headers and offsets only: no digests, no texts.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes, one file each.")
@options("source", "json")
@click.pass_context
def verify(
    ctx: click.Context, *, source: str | None, quick: bool, workers: int | None, as_json: bool
) -> None:
    """Check that the database and the raw responses agree, and that the database agrees with itself.

    Every capture must point to a complete record with the same id, address, kind and instant, whose payload
    has the digest in the database; it is computed from the bytes. Texts must have the content hash they were
    stored with, and removals their evidence. Safe while a crawl runs. Prints one line a problem with its
    remedy; exit code 7 if there is any.
    """
    from newscrawl.maintenance.verify import Verification
    from newscrawl.store.audit.inspector import open_inspector

    settings = config.load()
    kinds: Counter[ProblemKind] = Counter()
    with open_inspector(settings.database_url) as inspector:
        check = Verification(inspector, settings.database_url, settings.warc, source, quick=quick)
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
    checked = _summary(check.totals, check.extent, quick=quick)
    if not kinds:
        (tables.note if as_json else click.echo)(f"all right: {checked}")
        return
    if kinds.total() > SHOWN and not as_json:
        click.echo(f"… and {kinds.total() - SHOWN:,} more")
    counted = ", ".join(f"{count:,} {kind.value}" for kind, count in kinds.most_common())
    tables.note(f"newscrawl: the archive disagrees with itself: {counted} (checked: {checked})")
    ctx.exit(Exit.ARCHIVE_UNUSABLE)


def _show(problem: Problem, *, as_json: bool) -> None:
    from newscrawl.maintenance.verify import REMEDIES

    if as_json:
        tables.write_json([{**asdict(problem), "remedy": REMEDIES[problem.kind]}])
    else:
        click.echo(
            tables.safe(
                f"{problem.subject}: {problem.message} [{problem.kind.value}]: {REMEDIES[problem.kind]}"
            )
        )


def _summary(total: Totals, extent: Extent, *, quick: bool) -> str:
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
