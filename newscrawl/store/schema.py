"""The schema of an archive: which one it has, which one this program needs, and upgrades between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from newscrawl.errors import SchemaError
from newscrawl.store.engine import reading, translated
from newscrawl.store.errors import masked
from newscrawl.store.tables import metadata

# All revisions, oldest first. Listed here so that a start does not load Alembic; a test compares it with
# migrations/versions.
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
)
HEAD = REVISIONS[-1]


def current(engine: Engine) -> str | None:
    """The revision of the database, None if it is empty. Raises SchemaError for another program's database."""
    with reading(engine) as connection:
        tables = set(inspect(connection).get_table_names())
        if "alembic_version" in tables:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if tables & set(metadata.tables):
            raise SchemaError(
                "holds tables of these names that newscrawl did not make", subject=_name(engine)
            )
        return None


def ensure(engine: Engine, *, create: bool = True) -> None:
    """Create or upgrade the schema if necessary.

    An empty database is set up and an old SQLite file is upgraded. An old schema on PostgreSQL is left to `newscrawl db upgrade`, because several machines may share it.
    Raises SchemaError for an old, newer or (with `create` false) missing schema.
    """
    revision = current(engine)
    if revision == HEAD:
        return
    if revision is None:
        if not create:
            raise SchemaError(
                "there is no archive here yet",
                subject=_name(engine),
                hint="Crawl first: newscrawl crawl orda",
            )
    elif revision not in REVISIONS:
        raise SchemaError(
            f"the archive has schema {revision}, newer than this program knows ({HEAD})",
            subject=_name(engine),
            hint="Update newscrawl",
        )
    elif engine.dialect.name != "sqlite":
        raise SchemaError(
            f"the archive has schema {revision}, this program needs {HEAD}",
            subject=_name(engine),
            hint="Run: newscrawl db upgrade",
        )
    upgrade(engine)


def upgrade(engine: Engine, revision: str = "head") -> str | None:
    """Upgrade the database to `revision`, all or nothing. Returns the new revision."""
    return _migrate(engine, revision, down=False)


def downgrade(engine: Engine, revision: str) -> str | None:
    """Downgrade the database to `revision` ("base" empties it), all or nothing. Returns the new revision."""
    return _migrate(engine, revision, down=True)


def undone_by(before: str, revision: str) -> list[str]:
    """One line for each migration after `revision` (may be "base") up to `before`, newest first."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(migrations_folder()))
    return [
        f"{one.revision}: {one.doc}"
        for one in script.walk_revisions(revision, before)
        if one.revision != revision
    ]


def migrations_folder() -> Path:
    """The folder of the migrations: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    inside, beside = package / "_migrations", package.parent / "migrations"
    return inside if inside.is_dir() else beside


def migrate(connection: Connection, revision: str = "head", *, down: bool = False) -> None:
    """Migrate a database to `revision`, within the transaction of `rebuilding`. Raises SchemaError."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    # Percent signs are interpolation in Alembic's configuration.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        (command.downgrade if down else command.upgrade)(config, revision)
    except CommandError as error:
        raise SchemaError(
            str(error),
            subject=_name(connection.engine),
            hint=f"Known revisions: {', '.join(REVISIONS)}, base, head",
        ) from error


def _migrate(engine: Engine, revision: str, *, down: bool) -> str | None:
    with rebuilding(engine) as connection:
        migrate(connection, revision, down=down)
    return current(engine)


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """A write transaction in which tables may be rebuilt or filled, one program at a time.

    On SQLite foreign keys are off around it and checked at its end: Alembic rebuilds a table by
    dropping the old one, and with foreign keys on that deletes every child row.
    """
    sqlite = engine.dialect.name == "sqlite"
    with translated(engine), engine.connect().execution_options(newscrawl_write=True) as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        if sqlite:
            raw.execute("PRAGMA foreign_keys = OFF")  # inside a transaction it has no effect
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(7305419)"))
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() if sqlite else []
                if broken:
                    raise SchemaError(
                        f"this would break {len(broken)} references; nothing was changed",
                        subject=_name(engine),
                    )
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys = ON")


def _name(engine: Engine) -> str:
    return masked(engine.url)
