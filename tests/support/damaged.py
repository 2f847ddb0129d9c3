"""A small archive that was crawled for real, for tests that damage it, and what `newscrawl verify` says of it then."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, story
from tests.support.shared import made_once

PATHS = [f"/harbour-number-{n}" for n in range(501, 509)]
GONE, EDITED = PATHS[0], PATHS[1]
BYLINE = '<meta name="author" content="Dana Serikova">'


def archived() -> Path:
    """An outlet of eight articles, crawled over two days: one is removed, one edited; responses are repeated.

    Made once for all tests: they damage copies.
    """
    return made_once("archived-outlet", lambda folder: _crawl(folder / "archive")) / "archive"


def _crawl(home: Path) -> None:
    with Stand({path: story(f"Nr{path[-3:]}", head=BYLINE) for path in PATHS}) as site:
        site.pages |= {"/": front(*PATHS)}
        for hours in (0, 13, 14.2, 20, 38):  # the ladder of checks of a suspected article
            ending = crawl(home, NOW + timedelta(hours=hours), edition="en", site=site.url)
            assert ending.exit_code == Exit.OK, ending.line
            site.pages[GONE] = Answer("nothing here", status=404)
            site.pages[EDITED] = story("Nr502", title="Ferry to Nr502 is cancelled for good", head=BYLINE)


def verify(*options: str):
    """The command's result."""
    return CliRunner().invoke(cli, ["verify", *options])


# What the log of everything recorded tells beside what rows and responses tell of each other.
BY_LOG = {"log_damaged", "log_rolled_back", "entry_differs", "not_in_log"}


def found(*options: str, log: bool = False) -> list[dict]:
    """The problems that the command names, after it ended with 7 (0 where there are none); with `log` also those that the log tells."""
    result = verify("--json", *options)
    problems = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == (Exit.ARCHIVE_UNUSABLE if problems else Exit.OK), result.stderr
    return [one for one in problems if log or one["kind"] not in BY_LOG]


def sql(home: Path, *statements: str) -> None:
    """Changes the database behind the program's back."""
    with closing(sqlite3.connect(home / "newscrawl.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def without_log(home: Path) -> None:
    """As on a machine that does not keep the proof log, of an archive that has none yet."""
    shutil.rmtree(home / "proof")
    sql(home, *(f"delete from proof_{name}" for name in ("entries", "checkpoints", "files", "pending")))


def warc(home: Path, which: int = 0) -> Path:
    """One of the WARC files."""
    return sorted((home / "warc").rglob("*.warc.gz"))[which]


def placed(home: Path, path: str, kind: str = "response") -> tuple[Path, int, int]:
    """File, offset and length of the first record of an address."""
    with closing(sqlite3.connect(home / "newscrawl.db")) as connection:
        (row,) = connection.execute(
            "select file, offset, length from captures where url like ? and kind = ? order by id limit 1",
            (f"%{path}", kind),
        ).fetchall()
    return home / "warc" / row[0], row[1], row[2]


def overwrite(path: Path, offset: int, data: bytes) -> None:
    """Writes over bytes in the middle of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)
