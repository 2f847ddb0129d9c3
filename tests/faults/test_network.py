"""No name, no route, no server: exit code 3 and one line, the time counts as an outage, and no article is suspected."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.errors import Exit
from tests.support.fake_site import NOW, Stand, one, rows
from tests.support.fault_site import again, assert_complete, outlet
from tests.support.process_pool import ProcessPool

LATER = NOW + timedelta(days=2)


def _closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def site() -> Iterator[Stand]:
    """An outlet of six articles."""
    with outlet(numbers=6) as running:
        yield running


# name -> (address given to the crawl, replacements for system functions, outcome of its channels)
FAULTS: dict[str, tuple[str, dict[str, str], str]] = {
    "no such name": ("http://boztorgai.example", {"socket:getaddrinfo": "tests.support.hanging:no_such_host"}, "dns"),
    "name server silent": ("http://boztorgai.example", {"socket:getaddrinfo": "tests.support.hanging:no_answer"}, "dns timeout"),
    "refused": (_closed_port(), {}, "refused"),
    "no route": ("http://203.0.113.9", {"socket:socket.connect_ex": "tests.support.hanging:unreachable"}, "refused timeout error"),
    "TLS where there is none": ("https://127.0.0.1:{port}", {}, "tls refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_nobody_there(name: str, process_pool: ProcessPool, site: Stand, tmp_path: Path) -> None:
    """Known articles stay as they are; coverage knows the time; the next run is an ordinary one."""
    address, replace, outcomes = FAULTS[name]
    seconds = 2 if "timeout" in outcomes else 60  # a busy machine may be slow to refuse
    again(tmp_path, site)
    before = rows(tmp_path, "select id, state, version, last_seen, last_checked from articles order by id")
    ended = process_pool.run(
        "crawl", "orda", "--edition", "en", "--site", address.replace("{port}", site.url.rpartition(":")[2]),
        "--set", "DOWNLOAD_DELAY=0", "--set", "RETRY_TIMES=0", "--set", f"DOWNLOAD_TIMEOUT={seconds}", "--set", f"DNS_TIMEOUT={seconds}",
        home=tmp_path, replace=replace, NEWSCRAWL_NOW=LATER.isoformat(),
    )  # fmt: skip
    assert ended.code == Exit.NOTHING_FETCHED, ended.err
    assert (ended.out, ended.err.count("\n")) == ("", 1), ended.err
    assert "nothing could be fetched" in ended.err
    reads = rows(tmp_path, "select distinct outcome from listing_reads where run_id = 2")
    assert {row["outcome"] for row in reads} <= set(outcomes.split())
    after = "select id, state, version, last_seen, last_checked from articles order by id"
    assert rows(tmp_path, after) == before
    assert one(tmp_path, "select count(*) from changes where kind <> 'created'") == 0
    assert not one(tmp_path, "select count(*) from observations where run_id = 2")
    coverage = process_pool.run(
        "coverage", "--json", home=tmp_path, NEWSCRAWL_NOW=(LATER + timedelta(hours=1)).isoformat()
    )
    assert '"open": true' in coverage.out
    if name == "refused":  # what follows is the same for all
        assert again(tmp_path, site, after=timedelta(days=2, hours=2)).exit_code == Exit.OK
        assert_complete(tmp_path, process_pool, 6)
