"""Files of sites for `newscrawl add --from`: lists, OPML, and what is neither."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit, UsageError
from newscrawl.site_setup.site_lists import addresses_of

OPML = """<?xml version="1.0"?>
<opml version="2.0"><body><outline text="News">
<outline text="A" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/en/"/>
<outline text="B" xmlUrl="http://b.example:8080/rss.xml"/>
<outline text="again" htmlUrl="https://a.example/en/"/><outline text="nothing"/>
</outline></body></opml>"""
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><opml><outline htmlUrl="&b;"/></opml>'
FILES = {
    "a list": ("https://a.example\n\n# ours\nb.example  # theirs\nhttps://a.example\n", ["https://a.example", "b.example"]),
    "a list with a mark of its bytes": ("\ufeffhttps://a.example\r\n", ["https://a.example"]),
    "OPML": (OPML, ["https://a.example/en/", "http://b.example:8080/"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "addresses"), FILES.values(), ids=FILES)
def test_addresses(text, addresses, tmp_path):
    """Each once, in their order."""
    (tmp_path / "sites").write_text(text, "utf-8")
    assert addresses_of(tmp_path / "sites") == addresses


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "<opml></opml>", "<", BOMB, "\n".join(f"a{n}.example" for n in range(1001))]
)
def test_no_addresses(text, tmp_path):
    """One line that says so; entities are never expanded."""
    (tmp_path / "sites").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="sites: "):
        addresses_of(tmp_path / "sites")


@pytest.mark.slow
def test_each_is_added_by_itself(tmp_path, monkeypatch):
    """One that fails does not keep the next from being tried; the exit code is the worst."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").write_text("http://127.0.0.1:9\nhttps://orda.kz\n", "utf-8")
    done = CliRunner().invoke(cli, ["add", "--from", "sites"])
    assert done.exit_code == Exit.NOTHING_FETCHED
    assert "1 of 2: http://127.0.0.1:9" in done.stderr
    assert "2 of 2: https://orda.kz" in done.stderr
    assert "0 of 2 addresses went well" in done.stderr


@pytest.mark.parametrize(
    "words", [[], ["https://a.example", "--from", "sites"], ["--from", "sites", "--name", "x"]]
)
def test_one_way_at_a_time(words, tmp_path, monkeypatch):
    """An address or a file, and a name for one address alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").write_text("https://a.example\n", "utf-8")
    assert CliRunner().invoke(cli, ["add", *words]).exit_code == Exit.USAGE
