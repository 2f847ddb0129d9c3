"""`newscrawl demo`: serves a week of a made-up outlet on loopback, crawls it at several moments and shows the result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config, marker
from newscrawl.cli.crawling.demo_folder import PORT, furnish, local, make_fresh, open_server, set_time
from newscrawl.cli.crawling.demo_serve import serve as serve_outlet
from newscrawl.cli.options import Duration
from newscrawl.cli.output.differences import difference
from newscrawl.cli.output.tables import examples, print_lines, safe, table, terminal_width, wrap
from newscrawl.cli.reading.removed import blocks
from newscrawl.errors import Exit, NewscrawlError, UsageError
from newscrawl.model import Absence, ChangeKind, Content, EditRecord
from newscrawl.wording import counted

if TYPE_CHECKING:
    from newscrawl.demo import Clock, Outlet
    from newscrawl.store.read.reader import Reader

_CRAWL_SECONDS = 120  # the time limit of one crawl, which takes about two seconds
_TEXT_WIDTH = 100
# Kinds of edits that readers would want to know of: silent where the page has no correction notice.
_SILENT = frozenset({ChangeKind.NUMBERS, ChangeKind.QUOTES, ChangeKind.SHORTENED})


@click.command(
    epilog=examples(
        "newscrawl demo",
        "newscrawl demo --home /tmp/demo --seed 7",
        "newscrawl demo --serve                    the outlet alone, to crawl it by hand",
    )
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-archive"),
    show_default=True,
    help="Where the demo's archive goes.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Another number makes another outlet with other news.",
)
@click.option("--serve", is_flag=True, help="Only serve the outlet, until Ctrl-C: crawl it yourself.")
@click.option(
    "--port",
    type=click.IntRange(1, 65533),
    help=f"Of the first edition; the others get the next two. By default {PORT}.",
)
@click.option(
    "--every",
    type=Duration(),
    metavar="TIME",
    help="With --serve: how long each of the nine moments lasts (default 5m; Enter moves on at once).",
)
def demo(home: Path, seed: int, serve: bool, port: int | None, every: timedelta | None) -> None:
    """Crawl a made-up outlet through one week, offline, and show what the archive recorded.

    The outlet publishes in English, Russian and Kazakh on this machine, edits and removes articles, goes down
    for some hours and publishes more at once than its front page shows. The folder has its source (boztorgai), an
    archive of its own and a newscrawl.toml: every command can be tried there. A folder that holds anything
    which the demo did not write is left as it is.
    """
    if serve:
        serve_outlet(home, seed, port or PORT, every or timedelta(minutes=5))
        return
    if every is not None:
        raise UsageError("--every goes with --serve")
    _replay(home, seed, port)


def _replay(home: Path, seed: int, port: int | None) -> None:
    from newscrawl.demo import Clock, Outlet
    from newscrawl.store.read.reader import open_reader

    make_fresh(home)
    outlet = Outlet(seed=seed)
    clock = Clock(outlet.moments[0])
    click.echo(
        f"{outlet.name} is a made-up outlet. It now publishes on this machine, in {len(outlet.editions)} editions;"
    )
    click.echo(
        f"its week is crawled at {len(outlet.moments)} moments, each by the command `newscrawl crawl {marker.SOURCE}`.\n"
    )
    with open_server(outlet, clock, port) as server:
        try:
            furnish(home, server)
            print_lines(_week(outlet, clock, home))
        finally:
            marker.mark(home, seed=seed)
    with open_reader(_database(home)) as reader:
        print_lines(_stories(reader, outlet.zone))
    click.echo(f"\nThe archive stays in {home}. Look around:\n\n  cd {home}")
    for command in (
        "changes",
        "removed",
        "coverage --all",
        "history 1",
        "list --limit 5",
        "export versions --format csv",
    ):
        click.echo(f"  newscrawl {command}")


def _database(home: Path) -> str:
    return f"sqlite:///{(home / 'newscrawl.db').absolute()}"


def _week(outlet: Outlet, clock: Clock, home: Path) -> Iterator[str]:
    rows = []
    for moment in outlet.moments:
        clock.set(moment)
        set_time(home, moment)
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[Kcrawling {local(moment, outlet.zone)} …", nl=False, err=True)
        summary = _crawl(home)
        counts = summary["counts"]
        known = sum(
            counts.get(kind, 0) for kind in ("unchanged", "not_modified", "changed", "returned", "absent")
        )
        rows.append(
            (
                local(moment, outlet.zone),
                counts.get("new", 0),
                known,
                counts.get("changed", 0),
                counts.get("absent", 0),
                summary["requests"],
                summary["exit_code"],
                summary["reason"],
            )
        )
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    yield from table(
        ("crawled at", "new", "re-checked", "edited", "absent", "requests", "exit", "how it ended"),
        rows,
        width=terminal_width(),
    )


def _crawl(home: Path) -> dict[str, Any]:
    """Runs one crawl in its own process, in the demo's folder, and returns its JSON summary."""
    command = [sys.executable, "-m", "newscrawl", "crawl", marker.SOURCE, "--json"]
    # Without the user's own archive; what the demo's newscrawl.toml says holds.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=_CRAWL_SECONDS,
            check=False,
        )
        summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if summary["exit_code"] in (Exit.UNEXPECTED, Exit.USAGE, Exit.ARCHIVE_UNUSABLE):
            raise NewscrawlError(
                f"a crawl ended with exit code {summary['exit_code']}: {summary['reason']}", subject="demo"
            )
        return {"counts": {}, "requests": 0, **summary}
    except (subprocess.TimeoutExpired, IndexError, json.JSONDecodeError) as error:
        last_line = (
            done.stderr.strip().splitlines()[-1:]
            if not isinstance(error, subprocess.TimeoutExpired)
            else ["it took too long"]
        )
        raise NewscrawlError(
            f"the crawl said nothing: {' '.join(last_line) or error}", subject="demo"
        ) from error


def _stories(reader: Reader, zone: str) -> Iterator[str]:
    """The last part of the demo's output, instants in the outlet's zone: newest articles, two edits, a removal, the gaps."""
    yield from _newest(reader, zone)
    edits = list(reader.changes(texts=True))
    yield from _title(f"{len(edits)} edits after publication. One was silent: nothing on the page says so")
    yield from _edit(next((e for e in reversed(edits) if _is_silent(e)), None), zone)
    yield from _title("One was owned up to: a correction")
    yield from _edit(next((e for e in reversed(edits) if ChangeKind.CORRECTION in e.kinds), None), zone)
    gone = list(reader.removals())
    confirmed = [record for record in gone if record.state is Absence.REMOVED]
    yield from _title(
        f"{counted(len(confirmed), 'article')} {'is' if len(confirmed) == 1 else 'are'} gone, {len(gone) - len(confirmed)} more are suspected to be. The first, with its evidence"
    )
    yield from blocks(confirmed[-1:], _width())
    yield from _gaps(reader, zone)


def _newest(reader: Reader, zone: str) -> Iterator[str]:
    yield from _title(f"The archive holds {counted(reader.count(), 'article')}. The newest")
    rows = [
        (
            r.id,
            r.edition,
            local(r.article.published or r.first_seen, zone),
            ", ".join(a.name for a in r.article.authors),
            r.article.title,
        )
        for r in reader.articles(limit=6)
    ]
    yield from table(("id", "ed", "published", "by", "title"), rows, width=terminal_width())


def _is_silent(edit: EditRecord) -> bool:
    return bool(_SILENT & set(edit.kinds)) and ChangeKind.CORRECTION not in edit.kinds and not edit.returns_to


def _edit(edit: EditRecord | None, zone: str) -> Iterator[str]:
    from newscrawl.judge.diff.differences import compare

    if edit is None:
        yield "none"
        return
    yield from wrap(safe(f"{edit.title} ({edit.edition}, article {edit.article_id})"), _width())
    yield f"seen at {local(edit.at, zone)}: {', '.join(kind.value for kind in edit.kinds)}"
    diffs = compare(edit.before or Content(), edit.after or Content())
    colour = terminal_width() is not None and config.colours()
    yield from difference(diffs, width=_width(), colour=colour, context=0)


def _gaps(reader: Reader, zone: str) -> Iterator[str]:
    from newscrawl.judge.coverage.gaps import gaps

    yield from _title("Where articles may have been missed, and what another channel closed")
    rows = [
        (
            gap.edition,
            local(gap.began, zone),
            local(gap.ended, zone),
            "open" if gap.open else f"closed by {gap.closed_by}" if gap.closed_by else "nothing missed",
            gap.reason,
        )
        for gap in reversed(gaps(reader.listing_facts(), closed=True))
    ]
    yield from table(("ed", "from", "to", "state", "reason"), rows, width=terminal_width())


def _title(text: str) -> Iterator[str]:
    yield from ("", f"{text}:", "")


def _width() -> int:
    return min(terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
