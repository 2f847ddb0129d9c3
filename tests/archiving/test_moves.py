"""What the archive makes of a move: one article with another address and one history, counted once, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.apply import record
from newscrawl.archiving.decide import Policy
from newscrawl.judge.history.timeline import EventKind, timeline
from newscrawl.model import Alias, AliasKind, Channel, FetchOutcome, Lead, RunSummary, State
from newscrawl.store.audit.inspector import open_inspector
from newscrawl.store.read.reader import open_reader
from tests.support.judging import BODY, NOW, PIECE, PUBLISHED, URL
from tests.support.storing import NoCaptures, archive, known, lead, listing, observation, read_listing, rows

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = "https://bereke.example/a-new-name-for-it"
NUMBER = Alias("bereke:en:101", AliasKind.IDENTITY)
EDITED = replace(
    PIECE,
    title="Bridge opened",
    body=BODY.rpartition("\n\n")[0] + "\n\nNobody knows who will pay for its repairs.",
)
REWRITTEN = replace(
    PIECE,
    title="A second footbridge in Aqsai closed",
    body="The railing shook in the wind of the afternoon, and it was closed again at noon.",
)
RELATED = replace(REWRITTEN, published=None, published_precision=None)
BREAD = replace(
    PIECE,
    title="Bread prices rise",
    body="Bread became dearer in all five districts of the region.",
    published=PUBLISHED + DAY,
)


def _led(article, *, at=NOW + DAY, **fields):
    """A check of the old address, which leads to the new one."""
    aliases = (Alias(NEW, AliasKind.REDIRECT, NEW),)
    return observation(
        article, at=at, final_url=NEW, redirects=(NEW,), aliases=aliases, controls_fine=True, **fields
    )


def _names(article, *, at=NOW + DAY, **fields):
    """A check of the old address, which still answers, with a page that names the new one as its own."""
    return observation(article, at=at, aliases=(Alias(NEW, AliasKind.CANONICAL, NEW),), **fields)


def _met(article, *, at=NOW + HOUR, **fields):
    """The new address as a lead that a list shows."""
    return observation(
        article, url=NEW, at=at, lead=Lead(NEW, Channel.LISTING, "https://bereke.example/"), **fields
    )


def _gone(at):
    return observation(None, at=at, outcome=FetchOutcome.NOT_FOUND, status=404, controls_fine=True)


def _see(opened, *observations):
    applied = []
    for one in observations:
        with opened.write() as writing:
            applied += record(writing, [one], Decider(Policy(), NoCaptures()))
    return [(one.verdict.kind.value, one.article_id, one.version) for one in applied]


# name -> (what is seen after the piece was archived, the verdicts, the current text)
MOVES = {
    "renamed": ([_led(PIECE)], [("unchanged", 1, 1)], PIECE),
    "renamed and edited": ([_led(EDITED)], [("changed", 1, 2)], EDITED),
    "renamed and rewritten": ([_led(REWRITTEN)], [("changed", 1, 2)], REWRITTEN),
    "renamed, met at the new address first": ([_met(PIECE), _led(PIECE)], [("new", 2, 1), ("unchanged", 1, 1)], PIECE),
    "edited, met at the new address first": ([_met(EDITED), _led(EDITED)], [("new", 2, 1), ("changed", 1, 2)], EDITED),
    "rewritten, met at the new address first": ([_met(REWRITTEN), _led(REWRITTEN)], [("new", 2, 1), ("changed", 1, 2)], REWRITTEN),
    "renamed, met at the new address later": ([_led(EDITED), _met(EDITED, at=NOW + 2 * DAY)], [("changed", 1, 2), ("unchanged", 1, 2)], EDITED),
    "renamed, the old address dead": ([_met(PIECE), _gone(NOW + DAY)], [("new", 2, 1), ("duplicate", 1, 1)], PIECE),
    "suspected, then met at the new address": (
        [_gone(NOW + HOUR), _met(PIECE, at=NOW + 2 * HOUR), _gone(NOW + DAY)], [("absent", 1, 1), ("new", 2, 1), ("returned", 1, 1)], PIECE,
    ),
    "both addresses answer, the old one names the new one": (
        [_met(PIECE), _names(PIECE)], [("new", 2, 1), ("unchanged", 1, 1)], PIECE,
    ),
    "both answer, edited at the new one": (
        [_met(EDITED), _names(PIECE), observation(EDITED, url=NEW, at=NOW + DAY + HOUR)], [("new", 2, 1), ("unchanged", 1, 1), ("changed", 1, 2)], EDITED,
    ),
    "both answer, edited at both": ([_met(EDITED), _names(EDITED)], [("new", 2, 1), ("changed", 1, 2)], EDITED),
    "the same number, edited": (
        [_met(EDITED, aliases=[NUMBER], etag='"b"')], [("changed", 1, 2)], EDITED,
    ),
    "the same number, as it was": ([_met(PIECE, aliases=[NUMBER], etag='"b"')], [("duplicate", 1, 1)], PIECE),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_one_article(name, archive_url):
    """Live, counted once, asked at its new address, found by both, with all it said; and the archive agrees with itself."""
    seen, verdicts, text = MOVES[name]
    with archive(archive_url) as opened:
        _see(opened, observation(aliases=[NUMBER]))
        read_listing(opened, listing([lead(NEW)], at=NOW + HOUR / 2))
        assert _see(opened, *seen) == verdicts
        one = known(opened, NEW, NOW + 2 * DAY)
        assert (one.id, one.url, one.state) == (1, NEW, State.LIVE)
        assert one.content.body == text.body
        assert known(opened, URL, NOW + 2 * DAY).id == 1
        assert "removed" not in rows(opened, "changes", "kind")
        due = opened.due(["en"], NOW + 900 * DAY, 50)
        assert [article.id for article in due] == [1]
        assert [article.id for article in opened.controls("en", NOW + 2 * DAY, 9)] == [1]
        assert set(rows(opened, "sightings", "article_id")) == {1}
    with open_reader(archive_url) as reader:
        (record_,) = reader.articles()
        assert (record_.id, record_.url, reader.count()) == (1, NEW, 1)
        assert URL in record_.aliases
        assert reader.sources()[0].articles == 1
        assert {reader.find([address]) for address in (URL, NEW)} == {1}
        if ("new", 2, 1) in verdicts:
            assert reader.article(2).tied_to == 1
        told = [event.kind for event in timeline(reader.life(1))]
        assert EventKind.ABSENT not in told or name.startswith("suspected")
        assert list(reader.removals()) == []
    with open_inspector(archive_url) as inspector:
        assert list(inspector.problems()) == []


# name -> (what the new address says, whether it was met first)
NOT_ONE = {
    "another piece": (BREAD, False),
    "a rewritten one": (REWRITTEN, False),
    "the older one of two": (PIECE, True),
}


@pytest.mark.parametrize("name", NOT_ONE)
def test_a_page_that_names_another_articles_address_stays_its_own(name, sqlite_url):
    """A wrong canonical link must swallow no article, and what was met first is never put under what came later."""
    other, first = NOT_ONE[name]
    with archive(sqlite_url) as opened:
        if first:
            _see(opened, _met(other), observation(at=NOW + 2 * HOUR))
        else:
            _see(opened, observation(), _met(other))
        _see(opened, _names(PIECE))
    with open_reader(sqlite_url) as reader:
        assert reader.count() == 2


def test_validators_of_an_edit_that_is_not_stored(archive_url):
    """A page at a second address is asked there conditionally only if its text is the stored one."""
    with archive(archive_url) as opened:
        _see(opened, observation(aliases=[NUMBER]), _met(EDITED, aliases=[NUMBER], etag='"b"'))
        assert known(opened, now=NOW + DAY).etag == '"b"'
        # A copy that was left behind: the piece is not asked there.
        old = observation(PIECE, url=NEW + "-old", at=NOW + 2 * DAY, aliases=[NUMBER], etag='"a"')
        assert _see(opened, old) == [("duplicate", 1, 2)]
        # Its own validators go as well: that read did not ask there, so they would say of a later edit that it was denied.
        assert (known(opened).url, known(opened).etag) == (NEW, None)


# name -> a read of the piece, a day later, that does not ask its own address whether it was modified
ELSEWHERE = {
    "a mobile page that names it": observation(
        url=URL + "/amp", at=NOW + DAY, aliases=[NUMBER, Alias(URL, AliasKind.CANONICAL, URL)]
    ),
    "a copy left behind": observation(url=NEW + "-old", at=NOW + DAY, aliases=[NUMBER]),
    "its address leads to another piece": _led(RELATED),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_honest_host_is_not_accused_after_a_read_elsewhere(name, sqlite_url):
    """An edit made before that read, and dated so by the host, was never called "not modified"."""
    with archive(sqlite_url) as opened:
        first = observation(aliases=[NUMBER], etag='"a"', last_modified="Wed, 04 Mar 2026 05:00:00 GMT")
        assert _see(opened, first, ELSEWHERE[name]) == [("new", 1, 1), ("duplicate", 1, 1)]
        edited = observation(
            EDITED,
            at=NOW + 3 * DAY,
            aliases=[NUMBER],
            etag='"b"',
            last_modified="Wed, 04 Mar 2026 18:00:00 GMT",
        )
        assert _see(opened, edited) == [("changed", 1, 2)]
        assert opened.caught_hosts() == []
        assert known(opened).etag == '"b"'


def test_what_may_be_the_piece_rewritten(archive_url):
    """Two articles with a stated relation: no removal, no edit; the text at the new address is archived, and stands for both."""
    with archive(archive_url) as opened:
        _see(opened, observation())
        assert _see(opened, _led(RELATED)) == [("duplicate", 1, 1)]
        assert [one.url for one in opened.waiting(["en"], NOW + DAY, limit=9, since=None, until=None)] == [
            NEW
        ]
        assert _see(opened, _met(RELATED, at=NOW + DAY + HOUR)) == [("new", 2, 1)]
        assert known(opened, NEW).id == 2
        _see(opened, _led(RELATED, at=NOW + 2 * DAY))
        assert [known(opened, key).id for key in (URL, NEW)] == [1, 2]
        assert known(opened).url == URL
        with open_reader(archive_url) as reader:
            assert [article.id for article in reader.articles()] == [2]
            assert reader.article(1).tied_to == 2
        assert _see(opened, _gone(NOW + 3 * DAY)) == [("absent", 1, 1)]
    with open_reader(archive_url) as reader:
        assert {article.id for article in reader.articles()} == {1, 2}


def test_an_article_that_leads_to_another_one_is_absent(archive_url):
    """The newest piece, or an older one: a removal signal; what the archive lacks there is a lead."""
    with archive(archive_url) as opened:
        _see(opened, observation())
        assert (
            _see(opened, _led(BREAD), _led(BREAD, at=NOW + 30 * HOUR), _led(BREAD, at=NOW + 50 * HOUR))
            == [("absent", 1, 1)] * 3
        )
        assert known(opened).state is State.REMOVED
        assert rows(opened, "observations", "signal")[1:] == ["redirected_elsewhere"] * 3
        assert rows(opened, "leads", "url") == [NEW]
        assert _see(opened, _met(BREAD, at=NOW + 3 * DAY)) == [("new", 2, 1)]
    with open_reader(archive_url) as reader:
        assert {article.id for article in reader.articles()} == {1, 2}


def test_a_new_piece_of_the_same_minute_has_the_old_one_checked(archive_url):
    """It may be that one under another name; what this run has checked is not asked again."""
    with archive(archive_url) as opened:
        _see(opened, observation(at=NOW + HOUR), _met(REWRITTEN, at=NOW + 2 * HOUR))
        assert {article.id for article in opened.due(["en"], NOW + 2 * HOUR + HOUR / 4, 9)} == set()
        opened.finish_run(RunSummary("bereke", opened.run_id, NOW, NOW + DAY, 0, "finished", {}))
        opened.begin_run(NOW + DAY, {})
        third = observation(replace(BREAD, published=PUBLISHED), url=NEW + "-3", at=NOW + DAY + HOUR / 2)
        before = {article.id for article in opened.due(["en"], NOW, 9)}
        _see(opened, third)
        assert before == set()
        assert {article.id for article in opened.due(["en"], NOW + DAY + HOUR / 2, 9)} == {1, 2}


def test_an_address_that_the_page_names_of_late_is_read(archive_url):
    """The old page stays as it was and names another address as its own: that becomes a lead, once, and the edit there is told."""
    named = (Alias(NEW, AliasKind.CANONICAL, NEW),)
    with archive(archive_url) as opened:
        _see(
            opened,
            observation(),
            observation(at=NOW + HOUR, aliases=named),
            observation(at=NOW + DAY, aliases=named),
        )
        assert rows(opened, "leads", "url", "outcome") == [(NEW, None)]
        _see(opened, _met(EDITED, at=NOW + 2 * DAY))
        assert rows(opened, "articles", "url") == [NEW]
        assert rows(opened, "versions", "title") == [PIECE.title, EDITED.title]


def test_an_address_named_from_the_beginning_is_no_lead(archive_url):
    """Many sites are read at one form of their addresses and name another: no second request for each article."""
    named = (Alias(NEW, AliasKind.CANONICAL, NEW),)
    with archive(archive_url) as opened:
        _see(opened, observation(aliases=named), observation(at=NOW + HOUR, aliases=named))
        assert rows(opened, "leads", "url") == []
