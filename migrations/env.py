"""Runs the migrations of an archive, from the program or from the alembic command."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from newscrawl.config import load
from newscrawl.store.engine import open_engine
from newscrawl.store.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = open_engine(load().database_url)
    with engine.connect().execution_options(newscrawl_write=True) as connection:
        _run(connection)
        connection.commit()
