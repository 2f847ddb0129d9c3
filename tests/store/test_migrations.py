"""Migrations, on both databases: from nothing to today, down and up again with rows in place, and by two programs at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from newscrawl.errors import SchemaError
from newscrawl.store import schema
from newscrawl.store.archive import open_archive
from newscrawl.store.engine import open_engine, prepare_home, reading, writing
from newscrawl.store.tables import metadata
from tests.support.factory import START, press


@pytest.fixture
def engine(database_url):
    """An empty database, without a schema."""
    prepare_home(database_url)
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def _tables(engine):
    with reading(engine) as connection:
        return set(inspect(connection).get_table_names())


def _contents(engine, names):
    with reading(engine) as connection:
        return {
            name: sorted(map(repr, connection.execute(metadata.tables[name].select()).all()))
            for name in sorted(names)
        }


def test_revisions_are_the_files():
    """The list that spares loading Alembic at each start names exactly the migrations there are, in their order."""
    config = Config()
    config.set_main_option("script_location", str(schema.migrations_folder()))
    script = ScriptDirectory.from_config(config)
    assert tuple(reversed([r.revision for r in script.walk_revisions()])) == schema.REVISIONS
    assert script.get_heads() == [schema.HEAD]


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_the_tables_of_the_program(engine):
    """After all migrations nothing is left to do: tables, columns, types, indexes, constraints and comments agree."""
    assert schema.current(engine) is None
    assert schema.upgrade(engine) == schema.HEAD
    assert _tables(engine) == set(metadata.tables) | {"alembic_version"}
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_every_constraint_has_a_name():
    """A constraint without a name cannot be dropped by a later migration."""
    assert [c for table in metadata.tables.values() for c in table.constraints if not c.name] == []


def test_upgrade_twice(engine):
    """An upgrade of what is up to date does nothing."""
    schema.upgrade(engine)
    assert schema.upgrade(engine) == schema.HEAD
    schema.ensure(engine)


@pytest.mark.parametrize("revision", schema.REVISIONS)
def test_down_and_up_with_rows_in_place(database_url, revision):
    """Down to each earlier schema and up again: whatever both schemas have keeps its rows."""
    with press(database_url) as bereke:
        for edition in ("en", "ru", "kk"):
            bereke.publish(edition)
        bereke.read_listing("en", [("https://en.bereke.example/second-bridge-1", "The bridge")], at=START)
        bereke.finish(START)
    engine = open_engine(database_url)
    before = _contents(engine, metadata.tables)
    assert before["versions"]
    assert schema.downgrade(engine, revision) == revision
    kept = _tables(engine) & set(metadata.tables)
    assert schema.upgrade(engine) == schema.HEAD
    after = _contents(engine, metadata.tables)
    assert {name: len(after[name]) for name in kept} == {name: len(before[name]) for name in kept}
    if revision == schema.HEAD:
        assert after == before
    engine.dispose()


def test_down_to_nothing_and_up_again(database_url):
    """All the way down leaves an empty database, which is an archive again after an upgrade."""
    with press(database_url) as bereke:
        bereke.publish()
    engine = open_engine(database_url)
    assert schema.downgrade(engine, "base") is None
    assert _tables(engine) == {"alembic_version"}
    assert schema.upgrade(engine) == schema.HEAD
    assert not any(_contents(engine, metadata.tables).values())
    engine.dispose()
    with press(database_url) as bereke:
        assert bereke.publish() == 1


def test_old_schema(engine):
    """An old archive in a file is brought up to date when opened; on PostgreSQL that is said and left to a person."""
    schema.upgrade(engine, schema.REVISIONS[-2])
    if engine.dialect.name == "sqlite":
        schema.ensure(engine)
        assert schema.current(engine) == schema.HEAD
    else:
        with pytest.raises(SchemaError, match="newscrawl db upgrade"):
            schema.ensure(engine)
        assert schema.current(engine) == schema.REVISIONS[-2]


def test_unknown_revision(engine):
    """A revision that is none is said so, with those that are, and nothing is changed."""
    schema.upgrade(engine)
    for move in (schema.upgrade, schema.downgrade):
        with pytest.raises(SchemaError, match=f"Known revisions: {', '.join(schema.REVISIONS)}"):
            move(engine, "nonsense")
    assert schema.current(engine) == schema.HEAD


def test_missing_archive(engine):
    """Where nothing may be made, nothing is made."""
    with pytest.raises(SchemaError, match="there is no archive here yet"):
        schema.ensure(engine, create=False)
    assert _tables(engine) == set()


def test_references_are_kept_after_a_migration(engine):
    """Foreign keys are switched off around a migration on SQLite; the same connection has them on again."""
    schema.upgrade(engine)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO version_authors (version_id, position, person_id, role) VALUES (12345, 0, 12345, 'author')"
            )
        )


def test_broken_references_stop_a_migration(sqlite_url):
    """A migration that would leave rows without their parents is undone whole."""
    open_archive(sqlite_url).dispose()
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute(
            "INSERT INTO version_authors (version_id, position, person_id, role) VALUES (12345, 0, 12345, 'author')"
        )
        raw.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(SchemaError, match="would break 2 references; nothing was changed"):
        schema.upgrade(engine)
    assert schema.current(engine) == schema.HEAD
    engine.dispose()


def test_two_programs_at_the_same_moment(database_url):
    """Two programs that meet an empty database at once both find an archive, and none fails."""
    program = (
        "import sys; from newscrawl.store.archive import open_archive; from newscrawl.store import schema;"
        "import alembic.command; print('ready', flush=True); sys.stdin.readline();"
        "e = open_archive(sys.argv[1]); print(schema.current(e))"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    programs = [subprocess.Popen([sys.executable, "-c", program, database_url], **pipes) for _ in range(2)]
    try:
        assert [one.stdout.readline() for one in programs] == ["ready\n"] * 2
        for one in programs:
            one.stdin.write("go\n")
            one.stdin.flush()
        ends = [one.communicate(timeout=60) for one in programs]
    finally:
        for one in programs:
            one.kill()
            one.wait()
    assert ends == [(f"{schema.HEAD}\n", "")] * 2
