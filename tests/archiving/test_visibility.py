"""How an article can be found while it is there: noindex, told once with its evidence, in history, show and changes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from newscrawl.archiving.apply import record
from newscrawl.archiving.decide import Policy
from newscrawl.cli import cli
from newscrawl.judge.history.timeline import timeline
from newscrawl.model import Alias, AliasKind, Beside, Channel, FetchOutcome, Lead
from newscrawl.store.read.reader import open_reader
from tests.support.judging import NOW, PIECE, URL
from tests.support.storing import NoCaptures, archive, known, observation

HOUR = timedelta(hours=1)
HIDDEN = replace(PIECE, beside=Beside(noindex=True))
EDITED = replace(HIDDEN, body=PIECE.body + "\n\nThe ferry goes on as before.")
AMP = URL + "/amp"


def _mobile(article):
    """The mobile page, which names the article's own address."""
    lead = Lead(AMP, Channel.LISTING, "https://bereke.example/")
    return observation(article, url=AMP, lead=lead, aliases=[Alias(URL, AliasKind.CANONICAL, URL)])


def _tagged(value):
    return observation(PIECE, robots_tag=value)


FAILED = observation(None, outcome=FetchOutcome.SERVER_ERROR, status=503)
SAID = observation(None, outcome=FetchOutcome.NOT_MODIFIED, status=304)
# name -> (checks in their order, the events that are told)
LIVES = {
    "never": ([observation(PIECE)] * 3, []),
    "from the beginning": ([observation(HIDDEN)] * 3, []),
    "added": ([observation(PIECE), observation(HIDDEN), observation(HIDDEN)], ["noindex"]),
    "added and taken away": ([observation(PIECE), observation(HIDDEN), observation(PIECE)], ["noindex", "indexed"]),
    "taken away": ([observation(HIDDEN), observation(PIECE)], ["indexed"]),
    "with an edit": ([observation(PIECE), observation(EDITED)], ["noindex"]),
    "in a header": ([observation(PIECE), _tagged("noarchive, NOINDEX")], ["noindex"]),
    "in a header, for one engine": ([observation(PIECE), _tagged("googlebot: noindex, nofollow")], ["noindex"]),
    "in a header, for a news service": ([observation(PIECE), _tagged("googlebot-news: noindex")], []),
    "in a header, with two values for it": ([observation(PIECE), _tagged("googlebot-news: nofollow, noindex")], []),
    "another directive": ([observation(PIECE), _tagged("max-image-preview: none, nofollow")], []),
    "on the mobile page alone": ([observation(PIECE), _mobile(HIDDEN), observation(PIECE)], []),
    "between failures": ([observation(PIECE), FAILED, SAID, observation(PIECE)], []),
}  # fmt: skip


@pytest.mark.parametrize("name", LIVES)
def test_noindex(name, sqlite_url):
    checks, told = LIVES[name]
    with archive(sqlite_url) as opened:
        for number, check in enumerate(checks):
            one = replace(check, fetch=replace(check.fetch, at=NOW + number * 13 * HOUR))
            with opened.write() as writing:
                record(writing, [one], Policy(), NoCaptures())
        assert known(opened).noindex is (told[-1] == "noindex" if told else "beginning" in name)
    with open_reader(sqlite_url) as reader:
        events = [event for event in timeline(reader.life(1)) if event.visibility is not None]
        assert [event.kind.value for event in events] == told
        assert [event.kind for event in reader.events()] == told[::-1]


def test_noindex_as_it_is_told(archive_url, tmp_path, monkeypatch):
    """In the history, in the article, and among the changes where it is asked for, on both databases."""
    with archive(archive_url) as opened:
        for number, article in enumerate((PIECE, EDITED)):
            with opened.write() as writing:
                one = observation(article, at=NOW + number * HOUR)
                record(writing, [one], Policy(), NoCaptures())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", archive_url)

    def run(*args):
        result = CliRunner().invoke(cli, [*args])
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def objects(*args):
        return [json.loads(line) for line in run(*args, "--json").splitlines()]

    [event] = [one for one in objects("history", "1") if one["event"] == "noindex"]
    assert event["version"] == 2
    assert event["reason"].startswith("the robots meta of its page asks search engines to leave it out")
    assert "search engines are asked to leave it out: the robots meta" in " ".join(
        run("history", "1").split()
    )
    assert (objects("show", "1")[0]["noindex"], objects("show", "1")[0]["unlisted"]) == (True, None)
    assert "noindex" in run("show", "1")
    assert [one["kinds"] for one in objects("changes")] == [["body", "extended"]]
    asked = objects("changes", "--visibility", "--article", "1")
    assert {tuple(one["kinds"]) for one in asked} == {("noindex",), ("body", "extended")}
    assert [(one["article"], one["to"]) for one in asked if "event" in one] == [(1, 2)]
    assert "article 1: search engines are asked to leave it out" in run("changes", "--visibility")
