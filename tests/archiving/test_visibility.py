"""How an article can be found while it is there: noindex and leaving all lists, told with their evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.apply import record
from newscrawl.archiving.decide import Policy
from newscrawl.cli import cli
from newscrawl.judge.history.timeline import timeline
from newscrawl.model import Alias, AliasKind, Beside, Channel, FetchOutcome, Lead, State
from newscrawl.store.read.reader import open_reader
from tests.support.judging import NOW, PIECE, URL
from tests.support.storing import FRONT, NoCaptures, archive, known, lead, listing, observation

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
NOT_MODIFIED = observation(None, outcome=FetchOutcome.NOT_MODIFIED, status=304)
# name -> (checks in their order, the events that are told)
HISTORIES = {
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
    "between failures": ([observation(PIECE), FAILED, NOT_MODIFIED, observation(PIECE)], []),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_noindex(name, sqlite_url):
    checks, told = HISTORIES[name]
    with archive(sqlite_url) as opened:
        for number, check in enumerate(checks):
            one = replace(check, fetch=replace(check.fetch, at=NOW + number * 13 * HOUR))
            with opened.write() as writing:
                record(writing, [one], Decider(Policy(), NoCaptures()))
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
                record(writing, [one], Decider(Policy(), NoCaptures()))
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


# --- leaving lists ---------------------------------------------------------------------------------

PATHS = "abcdefgh"
DAY = 24 * HOUR


def _url(letter):
    return f"https://bereke.example/piece-{letter}"


def _piece(letter):
    """Pieces with their own words, "a" the newest."""
    number = ord(letter) - 96
    words = " ".join(f"{word} {letter * 3}" for word in PIECE.body.split())
    return replace(PIECE, title=f"News of {letter * 5}", body=words, published=NOW - number * 3 * HOUR)


def _read(letters, at, **fields):
    leads = [lead(_url(one), place) for place, one in enumerate(letters)]
    return replace(listing(leads, at=at, url=fields.pop("url", FRONT), **fields), edition="en")


def _other(letters, at):
    return _read(letters, at, url=FRONT + "feed", channel=Channel.FEED)


def _map(letters, at):
    return _read(letters, at, url=FRONT + "sitemap.xml", channel=Channel.SITEMAP)


def _failed(at):
    return _read("", at, outcome=FetchOutcome.SERVER_ERROR)


def _same(at):
    return _read("", at, outcome=FetchOutcome.NOT_MODIFIED)


def _cut(letters, at):
    return replace(_read(letters, at), problem="cut")


ALL, WITHOUT = PATHS, PATHS.replace("c", "")
# name -> (reads of lists, twelve hours apart; between them "c" is checked, and the events that are told of it)
LISTED = {
    "always": ([_read] * 5, [ALL] * 5, []),
    "taken out": ([_read] * 5, [ALL] + [WITHOUT] * 4, ["unlisted"]),
    "taken out, and back": ([_read] * 6, [ALL] + [WITHOUT] * 4 + [ALL], ["unlisted", "relisted"]),
    "for two reads": ([_read] * 5, [ALL, WITHOUT, WITHOUT, ALL, ALL], []),
    "aged off": ([_read] * 6, ["cdefgh", "bcdefg", "abcdef", "ab", "ab", "ab"], []),
    "the list failed": ([_read, _failed, _failed, _failed, _failed], [ALL, *[""] * 4], []),
    "the list was cut": ([_read, _cut, _cut, _cut, _cut], [ALL] + [WITHOUT] * 4, []),
    "the list is not modified": ([_read, _read, _same, _same, _same], [ALL, WITHOUT, "", "", ""], []),
    "a feed names it": ([_other, *[_read] * 5], [ALL, ALL, *[WITHOUT] * 4], []),
    "gone from the feed as well": ([_other, _read, _read, _read, _read, _other, _read], [ALL, ALL, *[WITHOUT] * 5], ["unlisted"]),
    "a sitemap named it once": ([_map, *[_read] * 5], [ALL, ALL, *[WITHOUT] * 4], []),
    "the sitemap names it still": ([_map, *[_read] * 4, _map, _read], [ALL, ALL, *[WITHOUT] * 3, ALL, WITHOUT], []),
    "gone from the sitemap as well": ([_map, *[_read] * 4, _map, _read], [ALL, ALL, *[WITHOUT] * 3, WITHOUT, WITHOUT], ["unlisted"]),
}  # fmt: skip


def _life(opened, reads, shown, checked):
    def store(*items):
        with opened.write() as writing:
            record(writing, items, Decider(Policy(), NoCaptures()))

    for number, (read, letters) in enumerate(zip(reads, shown, strict=True)):
        at = NOW + number * 12 * HOUR
        store(read(letters, at) if letters else read(at))
        if number == 0:
            store(*(observation(_piece(one), url=_url(one), at=at, lead=lead(_url(one))[1]) for one in PATHS))
        else:
            store(checked(at + HOUR))


@pytest.mark.parametrize("name", LISTED)
def test_leaving_all_lists(name, sqlite_url):
    """It is told only of lists that go back further, on several good reads, where no list names it and it is there."""
    reads, shown, told = LISTED[name]
    with archive(sqlite_url) as opened:
        _life(opened, reads, shown, lambda at: observation(_piece("c"), url=_url("c"), at=at))
    with open_reader(sqlite_url) as reader:
        number = reader.find([_url("c")])
        events = [event for event in timeline(reader.life(number)) if event.visibility is not None]
        assert [event.kind.value for event in events] == told
        assert all(event.article_id == number for event in reader.events())
        assert (reader.article(number).unlisted is not None) == (told[-1:] == ["unlisted"])
        if told:
            assert events[0].visibility.reason.startswith(f"{FRONT} named it no more in 3 reads from ")


def test_enough_reads_without_it_ask_for_the_page_in_full(sqlite_url):
    """A full check after the first of them is past, and from an honest "not modified" nothing could be told."""
    with archive(sqlite_url) as opened:
        _life(opened, [_read] * 2, [ALL, WITHOUT], lambda at: observation(_piece("c"), url=_url("c"), at=at))
        assert not known(opened, _url("c")).disputed
        for number in (2, 3):
            with opened.write() as writing:
                record(writing, [_read(WITHOUT, NOW + number * 12 * HOUR)], Decider(Policy(), NoCaptures()))
        assert known(opened, _url("c")).disputed


def test_what_cannot_be_read_left_nothing(archive_url):
    """Only an article that is there can be hidden, on both databases."""
    gone = observation(None, outcome=FetchOutcome.NOT_FOUND, status=404, url=_url("c"), controls_fine=True)
    with archive(archive_url) as opened:
        _life(
            opened,
            [_read] * 6,
            [ALL] + [WITHOUT] * 5,
            lambda at: replace(gone, fetch=replace(gone.fetch, at=at, captures=())),
        )
        assert known(opened, _url("c")).state is State.REMOVED
    with open_reader(archive_url) as reader:
        assert list(reader.events()) == []
