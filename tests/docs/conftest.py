"""The archive that `newscrawl demo` leaves behind, made once for all tests of the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.errors import Exit
from tests.support.process_pool import ProcessPool
from tests.support.shared import made_once


@pytest.fixture(scope="session")
def demo_folder(process_pool: ProcessPool) -> Path:
    """A folder with the demo's archive in `demo-archive` and what it printed in `printed.txt`."""

    def make(folder: Path) -> None:
        done = process_pool.run("demo", folder=folder, forks=True)
        assert done.code == Exit.OK, done.err
        (folder / "printed.txt").write_text(done.out, "utf-8")

    return made_once("demo", make)
