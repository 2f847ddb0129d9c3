"""`newscrawl db`: the schema of the archive's database, seen and changed on purpose."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from newscrawl import config
from newscrawl.cli import output
from newscrawl.errors import AlreadyRunning, Exit, SchemaError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group(
    "db",
    epilog=output.examples("newscrawl db current", "newscrawl db upgrade", "newscrawl db downgrade 0001"),
)
def db() -> None:
    """See and change the schema of the archive's database.

    SQLite archives are brought up to date by every command that opens them; PostgreSQL waits for
    `newscrawl db upgrade`, because several machines may share it.
    """


@db.command("current", epilog=output.examples("newscrawl db current", "newscrawl db current --json"))
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def current(ctx: click.Context, *, as_json: bool) -> None:
    """Print the schema of the database and the one this program needs; exit code 7 if they differ."""
    from newscrawl.store import schema
    from newscrawl.store.queries import archive_exists

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
    """Bring the database to the schema this program needs; an empty database is set up.

    All or nothing: after a failure the database is as before.
    """
    from newscrawl.store import schema
    from newscrawl.store.engine import prepare_home

    prepare_home(config.load().database_url)
    with _database() as engine:
        before = _known_revision(engine)
        after = schema.upgrade(engine)
    output.print_lines(
        [f"already at {after}" if before == after else f"upgraded from {before or 'nothing'} to {after}"]
    )


@db.command(
    "downgrade", epilog=output.examples("newscrawl db downgrade 0001", "newscrawl db downgrade base --yes")
)
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, *, yes: bool) -> None:
    """Take the database back to an earlier schema, for an earlier program. What that one cannot hold is lost.

    REVISION base removes all tables and everything in them; the WARC files stay. Refused while a
    crawl is running. Asks first, unless --yes is given.
    """
    from newscrawl.store import schema
    from newscrawl.store.queries import active_runs, archive_exists

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
    output.print_lines([f"downgraded from {before} to {after or 'nothing'}"])


def _sure(revision: str, before: str | None) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("asks before it acts, and nobody is there to answer", hint="Give --yes")
    lost = (
        "This deletes every article, version and observation in the database."
        if revision == "base"
        else (f"What schema {revision} cannot hold will be lost.")
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
