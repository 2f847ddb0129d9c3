"""`newscrawl db`: shows, upgrades and downgrades the schema of the archive's database, and copies it to another one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli.output import tables as output
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import AlreadyRunning, Exit, SchemaError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group(
    "db",
    epilog=output.examples(
        "newscrawl db current",
        "newscrawl db upgrade",
        "newscrawl db downgrade 0001",
        "newscrawl db copy --to postgresql://press@db/archive",
    ),
)
def db() -> None:
    """Show and change the schema of the archive's database, or copy all of it into another database.

    Every command that opens a SQLite archive upgrades it; PostgreSQL is upgraded only by
    `newscrawl db upgrade`, because several machines may share it.
    """


@db.command("current", epilog=output.examples("newscrawl db current", "newscrawl db current --json"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def current(ctx: click.Context, *, as_json: bool) -> None:
    """Print the schema of the database and the one this program needs; exit code 7 if they differ."""
    from newscrawl.store import schema
    from newscrawl.store.read.reader import archive_exists

    revision = None
    if archive_exists(config.load().database_url):
        with _database() as engine:
            revision = schema.current(engine)
    if as_json:
        output.write_json([{"revision": revision, "head": schema.HEAD}])
    else:
        output.print_lines([f"database  {revision or 'none'}", f"program   {schema.HEAD}"])
    if revision != schema.HEAD:
        what = f"the database has schema {revision}" if revision else "there is no archive here yet"
        known = revision in schema.REVISIONS
        hint = "Run: newscrawl db upgrade" if known or revision is None else "Update newscrawl"
        output.note(f"newscrawl: {what}, this program needs {schema.HEAD}. {hint}")
        ctx.exit(Exit.ARCHIVE_UNUSABLE)


@db.command(
    "upgrade",
    epilog=output.examples(
        "newscrawl db upgrade", "NEWSCRAWL_DATABASE_URL=postgresql://press@db/archive newscrawl db upgrade"
    ),
)
def upgrade() -> None:
    """Upgrade the database to the schema this program needs; an empty database is set up.

    One transaction: after a failure the database is as before.
    """
    from newscrawl.store import schema
    from newscrawl.store.engine import prepare_home
    from newscrawl.store.search.opening import open_index

    prepare_home(config.load().database_url)
    with _database() as engine:
        before = _known_revision(engine)
        after = schema.upgrade(engine)
        # Here, because a role that crawls may have no right to make tables.
        open_index(config.load().database_url, engine, write=True).close()
    output.print_lines(
        [f"already at {after}" if before == after else f"upgraded from {before or 'nothing'} to {after}"]
    )


@db.command(
    "downgrade", epilog=output.examples("newscrawl db downgrade 0001", "newscrawl db downgrade base --yes")
)
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def downgrade(revision: str, *, yes: bool) -> None:
    """Downgrade the database to an earlier schema, for an earlier program. Data that it cannot hold is lost.

    REVISION base removes all tables with their data; the WARC files stay. Refused while a crawl is
    running. Asks for confirmation unless --yes is given.
    """
    from newscrawl.store import schema
    from newscrawl.store.read.reader import active_runs, archive_exists
    from newscrawl.store.search.opening import discard_index

    if not archive_exists(config.load().database_url):
        raise SchemaError("there is no archive here yet", hint="Nothing was changed")
    with _database() as engine:
        before = _known_revision(engine)
        earlier = ["base", *schema.REVISIONS]
        if revision not in earlier or (before in earlier and earlier.index(revision) > earlier.index(before)):
            raise UsageError(
                f"{revision!r} is no schema before {before}",
                hint=f"Known are {', '.join(earlier)}",
            )
        if revision == before:
            output.print_lines([f"already at {before}"])
            return
        for source, run in active_runs(engine):
            raise AlreadyRunning(
                f"a crawl is running since {run.started:%Y-%m-%d %H:%M} UTC",
                subject=source,
                hint="Nothing was changed; try again when it has finished",
            )
        if not (yes or _sure(revision, before)):
            output.note("Nothing was changed.")
            return
        after = schema.downgrade(engine, revision)
        discard_index(config.load().database_url, engine)
    output.print_lines([f"downgraded from {before} to {after or 'nothing'}"])


@db.command(
    "copy",
    epilog=output.examples(
        "newscrawl db copy --to postgresql://press@db/archive",
        "newscrawl db copy --from postgresql://press@db/archive --to sqlite:////backup/newscrawl.db",
        "newscrawl db copy --json sqlite:///archive/newscrawl.db postgresql://press@db/archive",
    ),
)
@click.argument("addresses", nargs=-1, metavar="[FROM TO]")
@click.option("--from", "origin", metavar="URL", help="The archive to copy; by default the configured one.")
@click.option("--to", "goal", metavar="URL", help="An empty database; by default the configured one.")
@click.option("--json", "as_json", is_flag=True, help="Print what was copied as one JSON object.")
def copy(addresses: tuple[str, ...], origin: str | None, goal: str | None, *, as_json: bool) -> None:
    """Copy everything in the archive's database into an empty one: SQLite to PostgreSQL, or back.

    One transaction: both sides are read and compared before it is committed. A crawl may run meanwhile, but
    what it stores after the copy began is not copied, so stop crawls before you move. WARC files are not
    copied: they stay in NEWSCRAWL_HOME. Passwords are also read from ~/.pgpass and PGPASSWORD.

    Exit code 2 if the target holds anything, 7 if a side cannot be used or the two differ.
    """
    from newscrawl.store.copy import copying
    from newscrawl.store.engine import open_engine, prepare_home
    from newscrawl.store.errors import masked
    from newscrawl.store.opened import open_existing
    from newscrawl.store.read.reader import active_runs
    from newscrawl.store.search.opening import discard_index

    source, target = _sides(addresses, origin, goal)
    with ExitStack() as stack:
        here = open_existing(source)
        stack.callback(here.dispose)
        prepare_home(target)
        there = open_engine(target)
        stack.callback(there.dispose)
        going_on = [name for name, _ in active_runs(here)]
        with Progress("rows", 2 * copying.rows_in(here)) as progress:
            copied = copying.copy(here, there, progress.add)
        discard_index(target, there)
        shown = [masked(engine.url) for engine in (here, there)]
    total = sum(table.rows for table in copied)
    if as_json:
        tables = {table.name: {"rows": table.rows, "sha256": table.sha256} for table in copied}
        output.write_json([{"from": shown[0], "to": shown[1], "rows": total, "tables": tables}])
    else:
        output.print_lines(
            [
                f"copied {total:,} rows in {len(copied)} tables to {shown[1]}; both sides were read and are the same",
                "WARC files stay where they are: keep NEWSCRAWL_HOME, and set NEWSCRAWL_DATABASE_URL to use the copy",
            ]
        )
    for name in going_on:
        output.note(
            f"newscrawl: a crawl of {name} was going on: what it stores from now on is not in the copy"
        )


def _sides(addresses: tuple[str, ...], origin: str | None, goal: str | None) -> tuple[str, str]:
    """The addresses of source and target, from arguments or options; the configured archive is the default for one of them."""
    hint = "Give --to URL, --from URL, or both addresses: newscrawl db copy FROM TO"
    if addresses:
        if len(addresses) != 2 or origin or goal:
            raise UsageError("takes two addresses, the source and the target", hint=hint)
        origin, goal = addresses
    elif not (origin or goal):
        raise UsageError("nowhere to copy to", hint=hint)
    configured = config.load().database_url
    source, target = origin or configured, goal or configured
    if source == target:
        raise UsageError("source and target are the same database", hint=hint)
    return source, target


def _sure(revision: str, before: str | None) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("asks before it acts, and nobody is there to answer", hint="Give --yes")
    from newscrawl.store import schema

    if revision == "base":
        lost = "This deletes every article, version and observation in the database."
    else:
        lost = (
            "What these kept will be lost:\n  "
            + "\n  ".join(schema.undone_by(before or "head", revision))
            + "\n"
        )
    return click.confirm(f"{lost} Go back from {before} to {revision}?", default=False, err=True)


def _known_revision(engine: Engine) -> str | None:
    from newscrawl.store import schema

    revision = schema.current(engine)
    if revision is not None and revision not in schema.REVISIONS:
        raise SchemaError(
            f"the archive has schema {revision}, newer than this program knows ({schema.HEAD})",
            hint="Update newscrawl; nothing was changed",
        )
    return revision


@contextmanager
def _database() -> Iterator[Engine]:
    from newscrawl.store.readonly import open_for_reading

    engine = open_for_reading(config.load().database_url)
    try:
        yield engine
    finally:
        engine.dispose()
