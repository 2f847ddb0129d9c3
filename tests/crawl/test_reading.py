"""Reading in a process of its own: what hangs, eats memory, crashes or meets a bug costs itself its reading, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings

from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.crawl.own_settings import parse_limits
from newscrawl.crawl.parse import pool
from newscrawl.crawl.parse.page_reader import PageReader
from newscrawl.crawl.runner import spider_classes
from newscrawl.errors import Exit
from newscrawl.model import Channel
from newscrawl.worker import Aborted, Limits, Worker
from tests.support import faulty
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, observations, one, rows, story

ROOT = Path(__file__).parents[2]
STRICT = {"READING_SECONDS": 2.0, "READING_MEMORY": 500 << 20}
WORKER, HASTY = (Worker(Limits(seconds, 500 << 20)) for seconds in (20.0, 0.5))


@pytest.mark.parametrize(
    ("work", "arguments", "said"),
    [
        pytest.param(faulty.double, (17,), "took longer than 0.5 seconds", id="hangs"),
        pytest.param(faulty.double, (13,), f"its process died (exit code {-signal.SIGABRT})", id="dies"),
        pytest.param(faulty.hog, (), "took more than 500 MiB of memory", id="eats memory"),
        pytest.param(faulty.bug, (), "ZeroDivisionError: a bug", id="bug"),
        pytest.param(sys.exit, (3,), "its process died (exit code 3)", id="ends its process"),
        pytest.param(os.getpid, (1,), "TypeError", id="wrong arguments"),
        pytest.param(memoryview, (b"",), "cannot be handed back", id="a result that cannot travel"),
    ],
)
def test_ended(work, arguments, said):
    """Why a job has no result; the next one has."""
    worker = HASTY if "0.5 seconds" in said else WORKER
    ended = worker.run(work, *arguments)
    assert isinstance(ended, Aborted)
    assert said in ended.reason
    assert (ended.trace is not None) == ("Error" in ended.reason)
    assert worker.run(abs, -8) == 8


def test_one_process_for_many_jobs_that_hears_no_signal_meant_for_the_program():
    """Ctrl-C and a SIGTERM to the whole group are answered by the program, which ends its processes in order."""
    pid = WORKER.run(os.getpid)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert WORKER.run(os.getpid) == pid != os.getpid()


def test_process_that_once_took_much_is_replaced():
    """Memory that a library keeps is given back with the process."""
    pid = WORKER.run(os.getpid)
    assert WORKER.run(faulty.take, 300) == 300
    assert WORKER.run(os.getpid) != pid


def test_nothing_is_left_of_a_program_that_was_killed(tmp_path):
    """`kill -9` in mid-page: the process that reads ends by itself, and the one it was forked from."""
    program = (
        "import os, threading, time\nfrom newscrawl.worker import Limits, Worker\nfrom tests.support import faulty\n"
        "one, other = Worker(Limits(1.0)), Worker(Limits(1.0))\n"
        "print(one.run(os.getpid), one.run(os.getppid), other.run(os.getpid), flush=True)\none.run(faulty.double, 17)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    with process:
        assert process.stdout is not None
        pids = [int(number) for number in process.stdout.readline().split()]
        process.kill()
    assert len(set(pids)) == 3
    deadline = time.monotonic() + 60
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_runs, pids))


def _runs(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


PATHS = ("/ferry-hangs-101", "/ferry-kills-102", "/ferry-eats-103", "/ferry-four-104")


def test_pages_that_break_their_reader(tmp_path, monkeypatch):
    """Known articles and leads alike come to a counted failure: no version, no removal, the run goes on and ends well."""
    pages = {path: story(path) for path in PATHS}
    with Stand({"/": front(*PATHS), **pages}) as site:
        assert crawl(tmp_path, NOW, edition="en", site=site.url).exit_code == Exit.OK
        fresh = ["/ferry-kills-202", "/ferry-four-204"]
        site.pages |= {"/": front(*PATHS, *fresh), **{path: story(path) for path in fresh}}
        monkeypatch.setattr("newscrawl.crawl.parse.jobs.article", faulty.article)
        later = NOW + timedelta(hours=13)
        ending = crawl(tmp_path, later, edition="en", site=site.url, settings=STRICT)
    assert ending.summary is not None
    counts = ending.summary.counts
    assert (counts["new"], counts["unchanged"], counts["failed"]) == (1, 1, 4)
    reasons = {
        row["url"][-9:-4]: row["reason"]
        for row in rows(tmp_path, "select * from observations")
        if row["verdict"] == "failed"
    }
    assert "reading took longer than 2 seconds" in reasons["hangs"]
    assert "reading its process died" in reasons["kills"]
    assert "reading took more than 500 MiB of memory" in reasons["-eats"]
    assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}
    assert one(tmp_path, "select max(version) from articles") == 1
    assert one(tmp_path, "select count(*) from articles") == 5
    assert any("hangs" in said for said in ending.summary.problems)


def test_edition_whose_pages_all_hang_is_left_for_the_next_run(tmp_path, monkeypatch):
    """A redesign that our reader never comes to the end of must not cost ten seconds for every article there is.

    No page fails for what others did: the rest waits, and is read first in the next run.
    """
    bad, good = ([f"/ferry-{name}-{n}" for n in range(101, 115)] for name in ("kills", "sails"))
    monkeypatch.setattr("newscrawl.crawl.parse.jobs.article", faulty.article)
    pages = {path: story(path) for path in (*bad, *good)}
    with Stand({"/": front(*bad, *good), **pages}) as site:
        first = crawl(tmp_path, NOW, edition="en", site=site.url, settings=STRICT)
        reasons = [row["reason"] for row in rows(tmp_path, "select reason from observations")]
        second = crawl(tmp_path, NOW + timedelta(minutes=5), edition="en", site=site.url, settings=STRICT)
    assert first.exit_code == Exit.PARTLY_FAILED
    assert any("reading 10 pages in a row had to be ended" in said for said in first.summary.problems)
    assert not [said for said in first.summary.problems if "stopped answering" in said]
    assert 10 <= len(reasons) <= 14  # some may be under way
    assert all("its process died" in reason for reason in reasons)
    assert first.summary.counts["failed"] == len(reasons) == 28 - first.summary.counts["deferred"]
    assert (second.summary.counts["failed"], second.summary.counts["new"]) == (14 - len(reasons), 14)


def test_listing_that_breaks_its_reader(tmp_path, monkeypatch):
    """It failed: no empty listing, and no validators by which the next run would pass over it."""
    path = "/ferry-one-101"
    pages = {"/": Answer(front(path), headers={"ETag": '"1"'}), path: story("One")}
    with Stand(pages) as site:
        with monkeypatch.context() as patch:
            patch.setattr("newscrawl.crawl.parse.jobs.listing", faulty.listing)
            broken = crawl(
                tmp_path, NOW, edition="en", site=site.url, settings={**STRICT, "READING_SECONDS": 0.1}
            )
        assert broken.exit_code == Exit.NOTHING_FETCHED
        assert "reading took longer" in broken.summary.reason
        assert rows(tmp_path, "select outcome, etag from listings where channel = 'listing'") == [
            {"outcome": "error", "etag": None}
        ]
        assert crawl(tmp_path, NOW + timedelta(hours=1), edition="en", site=site.url).exit_code == Exit.OK
    assert observations(tmp_path)["ferry-one-101"]["verdict"] == "new"


def test_nothing_to_read_starts_no_process(tmp_path):
    """A run that is answered "not modified" everywhere costs no process."""
    path = "/ferry-one-101"

    def unless_known(text):
        return lambda seen: (
            Answer("", 304)
            if "if-none-match" in {k.lower() for k in seen.headers}
            else Answer(text, headers={"ETag": '"1"'})
        )

    with Stand({"/": unless_known(front(path)), path: unless_known(story("One"))}) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url)
        ending = crawl(
            tmp_path,
            NOW + timedelta(hours=13),
            edition="en",
            site=site.url,
            settings={"READING_SECONDS": 9.125, "READERS": 2},
        )
    assert ending.summary.counts == {"not_modified": 1}
    settings = Settings({"READING_SECONDS": 9.125, "READING_MEMORY": 1 << 30})
    assert not pool.shared_pool(parse_limits(settings), 2).started


def test_what_sources_say_can_travel():
    """Rules, addresses and listing addresses of every source go to another process and come back the same."""
    settings = Settings()
    settings.setmodule("newscrawl.settings")
    for spider in spider_classes(settings).values():
        source = spider()
        for edition in source.addresses.editions:
            task = ListingTask(edition, Channel.LISTING, edition.address("/"))
            said = (source.rules(edition.name), source.addresses, task)
            assert pickle.loads(pickle.dumps(said)) == said


@pytest.mark.parametrize("value", ["0", "-1", "fast"])
def test_limits_that_mean_nothing(tmp_path, value):
    """A typing error is no wish."""
    with Stand({"/": front()}) as site:
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings={"READING_SECONDS": value})
    assert ending.exit_code == Exit.USAGE
    assert site.seen == []


@pytest.mark.parametrize("readers", [0, 1, 3])
def test_any_number_of_processes_archives_the_same(tmp_path, readers):
    """Pages are read side by side, in as many processes as wanted or in none, and archived in the order they came."""
    paths = [f"/ferry-page-{n}" for n in range(101, 113)]
    # The longer ones come first: read side by side, the others are ready before them.
    pages = {path: story(path) + f"<!--{'<i>' * (3000 - 250 * n)}-->" for n, path in enumerate(paths)}
    settings = {"READERS": readers, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
    with Stand({"/": front(*paths), **pages}) as site:
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings=settings)
    assert (ending.exit_code, ending.summary.counts["new"]) == (Exit.OK, 12)
    found = [row["url"].rsplit("/", 1)[1] for row in rows(tmp_path, "select url from articles order by id")]
    assert found == [path[1:] for path in paths]


def test_links_of_the_frame_are_judged_once():
    """A process that gets the rules of a source again with each page keeps what it found of an address."""
    settings = Settings()
    settings.setmodule("newscrawl.settings")
    addresses = spider_classes(settings)["orda"]().addresses
    first, second = (pickle.loads(pickle.dumps(addresses)) for _ in range(2))
    assert first is second
    assert first == addresses


def test_a_working_directory_that_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads pages outlives the folder it was started in; Python 3.13.0 could load no codec there."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    reader = Worker(Limits(20))
    assert reader.run(os.getpid) != os.getpid()
    monkeypatch.chdir(tmp_path)
    folder.rmdir()
    assert reader.run(os.getcwd) == "/"
    assert reader.run(str, "Мост".encode("cp1251"), "cp1251") == "Мост"


def test_a_page_that_is_given_up_takes_no_other_along():
    """A run that is stopped gives up pages that wait for their turn; the one before them is answered all the same."""

    async def go():
        first_may_end = asyncio.Event()

        class Pool:
            readers = 2

            async def run(self, work, *_):
                if work == "first":
                    await first_may_end.wait()
                return work

        reader = PageReader(SimpleNamespace(pool=Pool(), zone="UTC"), lambda _: None)
        first, second, third = (
            asyncio.create_task(reader._parse("/", n)) for n in ("first", "second", "third")
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.cancel()
        first_may_end.set()
        return await asyncio.gather(first, second, third, return_exceptions=True)

    first, second, third = asyncio.run(go())
    assert (first, third) == ("first", "third")
    assert isinstance(second, asyncio.CancelledError)
