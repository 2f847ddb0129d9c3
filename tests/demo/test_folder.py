"""The demo's folder: recognised by what it holds, emptied only of what the demo wrote, and closed to real crawls."""

from __future__ import annotations

import contextlib
import json
import socket
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl import marker
from newscrawl.cli import cli
from newscrawl.cli.crawling import demo_folder
from newscrawl.demo import Clock, Outlet
from newscrawl.demo.folder import HOSTS, configuration
from newscrawl.errors import Exit, UsageError

OUTLET = Outlet()


def _made(folder: Path) -> Path:
    """A folder as a demo leaves it, in small."""
    (folder / "warc" / "boztorgai").mkdir(parents=True)
    (folder / "warc" / "boztorgai" / "one.warc.gz").write_bytes(b"WARC")
    (folder / "newscrawl.db").write_bytes(b"rows")
    marker.mark(folder, seed=1)
    return folder


def _everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_the_demo_wrote_is_emptied(tmp_path):
    """A second demo takes the same folder."""
    marker.clear(_made(tmp_path))
    assert list(tmp_path.iterdir()) == []


def _file_beside(folder):
    (folder / "notes.txt").write_text("mine")


def _real_crawl(folder):
    (folder / "warc" / "orda").mkdir()
    (folder / "warc" / "orda" / "orda.warc.gz").write_bytes(b"evidence")


def _rows(folder):
    (folder / "newscrawl.db").write_bytes(b"rows and more rows")


def _grown(folder):
    with (folder / "warc" / "boztorgai" / "one.warc.gz").open("ab") as file:
        file.write(b"more")


def _link(folder):
    (folder / "elsewhere").symlink_to(folder.parent)


def _old_mark(folder):
    (folder / marker.MARK).write_text("")


def _no_mark(folder):
    (folder / marker.MARK).unlink()


def _foreign_mark(folder):
    (folder / marker.MARK).write_text('{"files": []}')


@pytest.mark.parametrize(
    "happens",
    [_file_beside, _real_crawl, _rows, _grown, _link, _old_mark, _no_mark, _foreign_mark],
    ids=lambda one: one.__name__.strip("_"),
)
def test_anything_else_stays(happens, tmp_path):
    """Where one byte is not the demo's, nothing at all is deleted, and the message names it."""
    folder = tmp_path / "demo"
    folder.mkdir()
    happens(_made(folder))
    before = _everything(folder)
    done = CliRunner().invoke(cli, ["demo", "--home", str(folder)])
    assert done.exit_code == Exit.USAGE
    assert "holds what the demo did not write" in done.stderr
    assert "unexpected" not in done.stderr
    assert _everything(folder) == before


def test_an_empty_folder_is_taken(tmp_path):
    """Nothing in it can be lost."""
    demo_folder.make_fresh(tmp_path)
    assert marker.is_marked(tmp_path)


@pytest.mark.parametrize("mark", ["", '{"made_by": "newscrawl demo", "files": {}}'], ids=["old", "new"])
@pytest.mark.parametrize("words", [["crawl", "orda"], ["import", "some.warc.gz"]], ids=lambda w: w[0])
def test_nothing_else_is_archived_in_it(words, mark, process_pool, tmp_path):
    """Refused before anything is fetched, by the home and by the address of the database."""
    (tmp_path / marker.MARK).write_text(mark)
    for variables in (
        {"NEWSCRAWL_HOME": str(tmp_path)},
        {
            "NEWSCRAWL_HOME": str(tmp_path / "b"),
            "NEWSCRAWL_DATABASE_URL": f"sqlite:///{tmp_path}/newscrawl.db",
        },
    ):
        done = process_pool.run(*words, **variables)
        assert done.code == Exit.USAGE, done.err
        assert "is the archive of a demo" in done.err
        assert "NEWSCRAWL_HOME" in done.err
    assert [path.name for path in tmp_path.iterdir()] == [marker.MARK]


def test_the_demo_s_own_source_is(tmp_path):
    """Its crawls by hand go on."""
    marker.refuse_others(_made(tmp_path), None, "boztorgai")
    with pytest.raises(UsageError, match="orda is not archived"):
        marker.refuse_others(tmp_path, None, "orda")


def test_what_lies_in_the_folder(tmp_path):
    """A source of its own with hosts of its own, read from this machine; a configuration with the outlet's time."""
    with demo_folder.open_server(OUTLET, Clock(OUTLET.moments[2]), None) as server:
        demo_folder.furnish(tmp_path, server)
        text = (tmp_path / "spiders" / "boztorgai.py").read_text("utf-8")
        assert all(address in text for address in server.urls.values())
        assert all(host in text for host in HOSTS.values())
        assert "orda" not in text
        compile(text, "boztorgai.py", "exec")
    written = tomllib.loads((tmp_path / "newscrawl.toml").read_text("utf-8"))
    assert written == {"home": ".", "now": OUTLET.moments[2].isoformat()}
    assert tomllib.loads(configuration(OUTLET.moments[0]))["now"] == OUTLET.moments[0].isoformat()


def test_a_port_that_is_taken(tmp_path):
    """Named where it was asked for; without a choice another is taken."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port} to {port + 2}: cannot be listened at"):
            demo_folder.open_server(OUTLET, Clock(OUTLET.moments[0]), port)


def test_serve(process_pool, tmp_path, monkeypatch):
    """The outlet can be crawled by hand from its folder; the outlet's clock and the folder's time walk together."""
    folder, seen = tmp_path / "demo", []

    def waits(_seconds: float) -> bool:
        """What a person does between two moments."""
        now = tomllib.loads((folder / "newscrawl.toml").read_text("utf-8"))["now"]
        done = process_pool.run("crawl", "boztorgai", "--edition", "en", "--json", folder=folder)
        assert done.code == Exit.OK, done.err
        seen.append((now, json.loads(done.out.splitlines()[-1])["counts"].get("new", 0)))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return True

    monkeypatch.setattr("newscrawl.cli.crawling.demo_serve._waited", waits)
    words = ["demo", "--serve", "--home", str(folder), "--port", str(_free())]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == Exit.OK, done.output
    assert "moment 2 of 9: Tue 07 Apr 14:00" in done.stdout
    first, second = (len(OUTLET.published("en", moment)) for moment in OUTLET.moments[:2])
    assert seen == [
        (OUTLET.moments[0].isoformat(), first),
        (OUTLET.moments[1].isoformat(), second - first),
    ]
    # What was crawled by hand is not the demo's own to delete.
    before = _everything(folder)
    done = CliRunner().invoke(cli, ["demo", "--home", str(folder)])
    assert (done.exit_code, _everything(folder)) == (Exit.USAGE, before)


def _free() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as one:
        return one.getsockname()[1]
