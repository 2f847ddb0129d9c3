"""Wrong inputs and surroundings, over all commands: each ends with one plain line and a code of the contract, never with a bug's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from OpenSSL.SSL import Error as OpenSSLError

from newscrawl.cli import COMMANDS, cli
from newscrawl.crawl.http import fetches
from newscrawl.crawl.loader import load
from newscrawl.errors import Exit, UsageError
from tests.support.crawling import without_reactor
from tests.support.fresh import filled
from tests.support.sample_history import fill

NOTHING, FILE, FOLDER = "nothing.there", "a-file", "a-folder"

# name -> words of the command. In the folder lie an archive, a-file (text), a-folder (empty), broken.warc.gz,
# broken.wacz, binary and pages.jsonl (nonsense).
WORDS = {
    "no command": ["frobnicate"],
    "a command misspelled": ["colect"],
    "an option misspelled": ["list", "--limti", "3"],
    "list: a limit in words": ["list", "--limit", "many"],
    "list: a limit below nothing": ["list", "--limit", "-1"],
    "search: no words": ["search"],
    "search: no such state": ["search", "state:lost"],
    "search: no day": ["search", "x", "after:soon"],
    "search: too many words": ["search", *["word"] * 40],
    "list: no such source": ["list", "--source", "nobody"],
    "list: no such edition": ["list", "--source", "bereke", "--edition", "xx"],
    "list: no date": ["list", "--since", "soon"],
    "list: a day that is none": ["list", "--since", "2026-02-30"],
    "list: dates the wrong way round": ["list", "--since", "2026-02-01", "--until", "2026-01-01"],
    "list: no such state": ["list", "--state", "dead"],
    "list: a date before all time": ["list", "--since", "0001-01-01T00:00+14:00"],
    "stats: by what is not counted": ["stats", "--by", "weather"],
    "proof: no command": ["proof", "prove-it"],
    "proof: no article": ["proof", "prove", "99999"],
    "proof: no checkpoint": ["proof", "check", NOTHING],
    "proof: a witness that is none": ["proof", "cosignatures", NOTHING, "--key", "x"],
    "proof: an authority without an address": ["proof", "timestamp", "--authority", "nonsense"],
    "witness: a log whose key nobody knows": ["witness", NOTHING],
    "witness: a key that is none": ["witness", NOTHING, "--key", "x"],
    "witness: no address": ["witness", "ftp://press.example/proof"],
    "witness: nothing watched": ["witness"],
    "evidence: no article": ["evidence", "99999"],
    "evidence: no evidence": ["evidence", "--verify", FILE],
    "show: no article": ["show", "99999"],
    "show: a number without end": ["show", "9" * 300],
    "show: nothing": ["show", ""],
    "show: no address": ["show", "http://[::1"],
    "show: control characters": ["show", "\x1b[31m\x00"],
    "show: no such version": ["show", "1", "--version", "77"],
    "history: no article": ["history", "-5"],
    "diff: no version": ["diff", "1", "x", "y"],
    "diff: a version below one": ["diff", "1", "0", "1"],
    "diff: far too many versions": ["diff", "1", "1", "999999999999999999999"],
    "changes: no such kind": ["changes", "--kind", "weather"],
    "removed: no such state": ["removed", "--state", "gone-ish"],
    "coverage: no such source": ["coverage", "--source", "ordaa"],
    "export: no such thing": ["export", "secrets"],
    "export: no such format": ["export", "articles", "--format", "xls"],
    "export: into a folder": ["export", "articles", "--out", FOLDER],
    "export: into nowhere": ["export", "articles", "--out", "no/such/folder/x.csv"],
    "export: a name with NUL": ["export", "articles", "--out", "a\x00b"],
    "export: below a file": ["export", "articles", "--out", f"{FILE}/x"],
    "extract: no file": ["extract", NOTHING],
    "extract: a folder": ["extract", FOLDER],
    "extract: no scheme of ours": ["extract", "ftp://paper.example/x"],
    "extract: an address that is none": ["extract", "https://"],
    "extract: nobody listens": ["extract", "http://127.0.0.1:9/x"],
    "extract: a batch that is none": ["extract", "--batch", "pages.jsonl"],
    "extract: no batch": ["extract", "--batch", NOTHING],
    "extract: no time": ["extract", FILE, "--fetched-at", "noon"],
    "crawl: nothing named": ["crawl"],
    "crawl: no such source": ["crawl", "ordaa"],
    "crawl: names and all": ["crawl", "orda", "--all"],
    "crawl: no such edition": ["crawl", "orda", "--edition", "xx"],
    "crawl: no editions": ["crawl", "orda", "--edition", ","],
    "crawl: a site that is none": ["crawl", "orda", "--site", "nonsense"],
    "crawl: a site with a path": ["crawl", "orda", "--site", "http://127.0.0.1:1/x"],
    "crawl: a port that is none": ["crawl", "orda", "--site", "http://127.0.0.1:99999"],
    "crawl: no limit": ["crawl", "orda", "--limit", "0"],
    "crawl: no time": ["crawl", "orda", "--max-time", "soon"],
    "crawl: a setting without a value": ["crawl", "orda", "-s", "X"],
    "crawl: sources at once": ["crawl", "orda", "-s", "SOURCES_AT_ONCE=0"],
    "crawl: a setting's wrong kind": ["crawl", "orda", "-s", "LOG_LEVEL="],
    "import: nothing": ["import"],
    "import: no file": ["import", NOTHING],
    "import: no WARC": ["import", FILE],
    "import: a torn WARC": ["import", "broken.warc.gz"],
    "import: a torn WACZ": ["import", "broken.wacz"],
    "import: a folder without its table": ["import", "--html", FOLDER],
    "import: a table that is none": ["import", "--html", FOLDER, "--table", "binary"],
    "reprocess: no such source": ["reprocess", "--source", "nobody"],
    "verify: quick and deep": ["verify", "--quick", "--deep"],
    "verify: no such source": ["verify", "--source", "nobody"],
    "backup: to a file": ["backup", FILE],
    "backup: to below a file": ["backup", f"{FILE}/x"],
    "backup: check of nothing": ["backup", FOLDER, "--check"],
    "restore: from nothing": ["restore", NOTHING],
    "restore: from an empty folder": ["restore", FOLDER],
    "prune: no age": ["prune", "--unchanged-older-than", "soon"],
    "notify: no receiver": ["notify", "nobody"],
    "health: no such source": ["health", "nobody"],
    "health: metrics into nowhere": ["health", "--prometheus", "no/such/folder/x.prom"],
    "schedule: no form": ["schedule"],
    "schedule: no time": ["schedule", "--print", "cron", "--every", "7m"],
    "serve: a port that is none": ["serve", "--port", "99999"],
    "serve: a host that is none": ["serve", "--host", "no.such.host.invalid"],
    "db: copy to itself": ["db", "copy", "--to", "sqlite:///archive/newscrawl.db"],
    "db: copy to no address": ["db", "copy", "--to", "nowhere"],
    "db: no such schema": ["db", "downgrade", "9999", "--yes"],
    "add: no address": ["add", "nonsense"],
    "add: nobody listens": ["add", "127.0.0.1:9"],
    "add: no scheme of ours": ["add", "ftp://paper.example"],
    "add: a name that is none": ["add", "https://paper.example", "--name", "../x"],
    "add: a host that is a source": ["add", "https://orda.kz"],
    "config: no such source": ["config", "nobody"],
    "demo: into somebody's folder": ["demo", "--home", "."],
    "demo: into a file": ["demo", "--home", FILE],
    "demo: a port that is none": ["demo", "--serve", "--port", "0"],
    "demo: a pace without serving": ["demo", "--every", "1m"],
}  # fmt: skip

# name -> variables and text of newscrawl.toml; each with a command that reads and with one that would crawl.
SURROUNDINGS = {
    "no such variable": ({"NEWSCRAWL_HOEM": "x"}, ""),
    "a home that is a file": ({"NEWSCRAWL_HOME": FILE}, ""),
    "a home with NUL": ({}, 'home = "a\\u0000b"'),
    "a home of nobody": ({"NEWSCRAWL_HOME": "~nobody-here/x"}, ""),
    "a home far too long": ({"NEWSCRAWL_HOME": "x" * 5000}, ""),
    "no database of ours": ({"NEWSCRAWL_DATABASE_URL": "mysql://a/b"}, ""),
    "no address of a database": ({"NEWSCRAWL_DATABASE_URL": "::::"}, ""),
    "a database that is a folder": ({"NEWSCRAWL_DATABASE_URL": f"sqlite:///{FOLDER}"}, ""),
    "a database that is text": ({"NEWSCRAWL_DATABASE_URL": f"sqlite:///{FILE}"}, ""),
    "a database nobody serves": ({"NEWSCRAWL_DATABASE_URL": "postgresql://a@127.0.0.1:9/b?connect_timeout=2"}, ""),
    "an option of an address that is none": ({"NEWSCRAWL_DATABASE_URL": "postgresql://a@127.0.0.1:9/b?colour=red"}, ""),
    "a port of a database that is none": ({"NEWSCRAWL_DATABASE_URL": "postgresql://a@h:x/b"}, ""),
    "a time that is none": ({"NEWSCRAWL_NOW": "noon"}, ""),
    "a contact with a line break": ({"NEWSCRAWL_CONTACT": "a\nb"}, ""),
    "no TOML": ({}, "home = ["),
    "an unknown key": ({}, "hom = 1"),
    "the wrong kind of key": ({}, 'backlog = "x"'),
    "a receiver that is no table": ({}, "notify = 3"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an archive and files of the wrong kinds."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    (tmp_path / FILE).write_text("only text\n", "utf-8")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "broken.warc.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    (tmp_path / "broken.wacz").write_bytes(b"PK\x03\x04broken")
    (tmp_path / "pages.jsonl").write_text("{\n[]\n", "utf-8")
    without_reactor(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["-m"])
    return tmp_path


def _plain(words: list[str], done) -> None:
    """A code of the contract, at most a few lines, none of them a bug's."""
    said = done.stderr + done.stdout
    assert done.exit_code in set(Exit) - {Exit.OK, Exit.UNEXPECTED}, (words, done.exit_code, said[-500:])
    assert "unexpected error" not in said, (words, said)
    assert "Traceback" not in said, (words, said)
    assert done.stderr.strip(), words


@pytest.mark.parametrize("name", WORDS)
def test_wrong_words(name: str, folder: Path) -> None:
    """No word of a person ends in "unexpected error"."""
    _plain(WORDS[name], CliRunner().invoke(cli, WORDS[name]))


@pytest.mark.parametrize("name", SURROUNDINGS)
@pytest.mark.parametrize("words", [["list"], ["db", "upgrade"], ["prune"]], ids=" ".join)
def test_wrong_surroundings(name: str, words: list[str], folder: Path) -> None:
    """No variable, no file and no database does either."""
    variables, toml = SURROUNDINGS[name]
    (folder / "newscrawl.toml").write_text(toml, "utf-8")
    _plain(words, CliRunner().invoke(cli, words, env=variables))


# words of a command -> what its line says
MEANT = {
    ("list", "--state", "remved"): "there is no 'remved'. Did you mean removed?",
    ("export", "articels"): "Did you mean articles?",
    ("export", "articles", "--format", "jsnl"): "Did you mean jsonl?",
    ("show", "1", "--format", "mardown"): "Did you mean markdown?",
    ("stats", "--by", "weather"): "Known are author, day, kind, section, source",
    ("changes", "--kind", "nubers"): "Did you mean numbers?",
    ("removed", "--state", "suspeted"): "Did you mean suspected?",
    ("crawl", "orda", "--recheck", "onyl"): "Did you mean only?",
    ("schedule", "--print", "corn"): "Did you mean cron?",
    ("db", "upgrde"): "Did you mean 'upgrade'?",
    ("crawl", "orda", "--since", "soon"): "--since soon: not a date",
    ("crawl", "orda", "--since", "2026-02", "--until", "2026-01"): "--since 2026-02: lies after until (2026-01)",
    ("crawl", "orda", "--limit", "0"): "--limit 0: must be at least 1",
    ("crawl", "orda", "--site", "nonsense"): "--site nonsense: not a web address",
    ("import", "a-file", "--source", "orda", "--edition", "xx"): "--edition xx: orda has no such edition",
    ("proof", "check", "a-file", "a-file"): "a-file: is no checkpoint",
}  # fmt: skip


@pytest.mark.parametrize("words", MEANT, ids=" ".join)
def test_what_was_meant(words: tuple[str, ...], folder: Path) -> None:
    """A wrong word is told from those there are, an option is called as it was typed, and a file by its name."""
    done = CliRunner().invoke(cli, words)
    assert (done.exit_code, MEANT[words] in done.stderr) == (Exit.USAGE, True), done.stderr


def test_an_assumed_scheme_is_said(folder: Path) -> None:
    """A host without a scheme is taken as https: where nobody answers there, that is part of the message."""
    said = CliRunner().invoke(cli, ["add", "127.0.0.1:9"]).stderr
    assert "https was assumed; if it speaks http, write http://127.0.0.1:9" in said
    assert "Write it in full: http://localhost" in CliRunner().invoke(cli, ["add", "localhost"]).stderr


def test_the_real_reason_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A private host without a site, http where https was assumed, and an address that looks like a file."""
    spiders = folder / "spiders"
    spiders.mkdir()
    (spiders / "near.py").write_text(
        "from newscrawl.crawl.editions import Edition\nfrom newscrawl.crawl.spider import NewsSpider\n\n\n"
        "class NearSpider(NewsSpider):\n    name = 'near'\n    outlet = 'Near'\n    listed_path = 'x'\n"
        "    editions = (Edition('ru', '127.0.0.1:8000', 'ru'),)\n"
    )
    (spiders / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "spiders", raising=False)  # of another test
    spider = load(["spiders"])[0]["near"]
    with pytest.raises(UsageError, match=r'private address.*site="http://127.0.0.1:8000"'):
        spider.parse_arguments({})
    assert (
        spider.parse_arguments({"site": "http://127.0.0.1:8001"}).editions[0].site == "http://127.0.0.1:8001"
    )
    said = CliRunner().invoke(cli, ["extract", "127.0.0.1:8000"]).stderr
    assert "If it is an address, write it in full: http://127.0.0.1:8000" in said
    assert (
        fetches.explain(OpenSSLError([("SSL routines", "", "wrong version number")]))[1]
        == "the server does not speak https there"
    )
    assert (
        fetches.explain(OpenSSLError([("SSL routines", "", "certificate verify failed")]))[1]
        == "certificate verify failed"
    )


def test_every_command_is_tried() -> None:
    """A new command gets its wrong inputs."""
    reached = {words[0] for words in WORDS.values()}
    assert set(COMMANDS) - reached <= {"sources"}
    assert len(WORDS) + len(SURROUNDINGS) >= 60
