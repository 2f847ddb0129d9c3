"""The frontier and the listing channels, on both databases: what waits, in which order, and what a read leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.model import (
    Alias,
    AliasKind,
    Announced,
    Channel,
    Decision,
    FetchOutcome as F,
    State,
    Verdict,
    VerdictKind as V,
)
from tests.support.judging import NOW, PIECE, URL
from tests.support.storing import (
    FRONT,
    apply,
    archive,
    counts,
    known,
    lead,
    listing,
    new,
    observation,
    read_listing,
    rows,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SITE = "https://bereke.example/piece-"


def _waiting(opened, now=NOW, *, since=None, until=None, limit=99, editions=("en",)):
    found = opened.waiting(list(editions), now, since=since, until=until, limit=limit)
    return [one.url.removeprefix(SITE) for one in found]


def test_newest_first(archive_url):
    """What people see in a list comes before what only a sitemap names; within each the newest by its claimed date first."""
    with archive(archive_url) as opened:
        sitemap = {"channel": Channel.SITEMAP, "listing": FRONT + "sitemap.xml"}
        read_listing(opened, listing([lead(SITE + "old-sitemap", **sitemap, published=NOW - 9 * DAY),
                                      lead(SITE + "new-sitemap", **sitemap, modified=NOW)], channel=Channel.SITEMAP))  # fmt: skip
        read_listing(opened, listing([lead(SITE + "undated-1", 1), lead(SITE + "undated-0", 0)]))
        feed = {"channel": Channel.FEED}
        read_listing(
            opened,
            listing(
                [lead(SITE + "old", **feed, published=NOW - DAY), lead(SITE + "new", **feed, published=NOW)]
            ),
        )
        order = ["new", "old", "undated-0", "undated-1", "new-sitemap", "old-sitemap"]
        assert _waiting(opened) == order
        assert _waiting(opened, limit=2) == order[:2]
        assert _waiting(opened, editions=["ru"]) == []


def test_another_channel_dates_a_lead(archive_url):
    """What a list shows without a date takes its place in time once the feed tells it; so a run with a limit takes the newest."""
    with archive(archive_url) as opened:
        read_listing(opened, listing([lead(SITE + "newest", 0), lead(SITE + "second", 1)]))
        feed = [("newest", NOW), ("second", NOW - HOUR), ("third", NOW - 2 * HOUR)]
        entries = [lead(SITE + name, channel=Channel.FEED, published=at) for name, at in feed]
        read_listing(opened, listing(entries))
        assert _waiting(opened) == ["newest", "second", "third"]
        # A claim may be a day off: its page decides.
        assert _waiting(opened, until=NOW - DAY - HOUR / 2) == ["second", "third"]


def test_what_a_feed_says_is_kept_until_the_page_is_read(archive_url):
    """Said with a new lead or of one that waits; the first word stays, also for the article."""
    said = Announced(NOW - HOUR, ("Ada Quill",), ("Transport",), "Trams are back")
    other = Announced(NOW, ("Oskar Lind",))
    with archive(archive_url) as opened:
        read_listing(opened, listing([lead(SITE + "first", 0), lead(SITE + "second", 1)]))
        for told in (said, other):
            found = [lead(SITE + name, channel=Channel.FEED) for name in ("first", "third")]
            named = [(key, replace(one, announced=told)) for key, one in found]
            read_listing(opened, listing(named))
        waiting = opened.waiting(["en"], NOW, since=None, until=None, limit=9)
        found = {one.url.removeprefix(SITE): one.announced for one in waiting}
    assert found == {"first": said, "second": None, "third": said}


def test_the_first_date_of_a_lead_stays(archive_url):
    """Another channel dates what has no date, and moves none that has one."""
    with archive(archive_url) as opened:
        read_listing(opened, listing([lead(URL, published=NOW - DAY)]))
        read_listing(opened, listing([lead(URL, channel=Channel.FEED, published=NOW)]))
        assert rows(opened, "leads", "published") == [NOW - DAY]


def test_a_lead_that_became_an_article_is_settled(archive_url):
    """From then on the article is due, and its lead never again."""
    with archive(archive_url) as opened:
        read_listing(opened, listing([lead(URL)]))
        new(opened, lead=lead(URL)[1])
        assert rows(opened, "leads", "article_id", "outcome", "next_attempt") == [(1, "new", None)]


def test_a_refused_lead_that_a_feed_names_is_due_at_once(archive_url):
    """What was refused as no article, known from links only, is read again once the outlet calls it one."""
    with archive(archive_url) as opened:
        read_listing(opened, listing([lead(URL)]))
        later = Verdict(V.NOT_ARTICLE, "undated", next_check=NOW + 9 * DAY)
        apply(opened, observation(None, lead=lead(URL)[1]), later)
        assert opened.waiting(["en"], NOW + HOUR, since=None, until=None, limit=9) == []
        read_listing(opened, listing([lead(URL, channel=Channel.FEED)], channel=Channel.FEED, at=NOW + HOUR))
        assert [one.url for one in opened.waiting(["en"], NOW + HOUR, since=None, until=None, limit=9)] == [
            URL
        ]


@pytest.mark.parametrize(("pending", "kept"), [(False, '"a"'), (True, None)])
def test_validators_of_a_list_whose_older_pages_wait(archive_url, pending, kept):
    """It is asked for in full until these are read, or "not modified" would hide them."""
    with archive(archive_url) as opened:
        read_listing(opened, replace(listing([lead(URL)], etag='"a"'), pending=pending))
        assert rows(opened, "listings", "etag") == [kept]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, {"jan", "feb", "mar", "changed-jan", "changed-mar", "undated"}),
        # A claim may be a bare day, or in a wrong zone: its page decides.
        (NOW - 60 * DAY, NOW - 59 * DAY, {"jan", "changed-jan", "changed-mar", "undated"}),
        (NOW - 29 * DAY, None, {"mar", "changed-mar", "undated"}),
        (NOW - 59 * DAY, NOW - 29 * DAY, {"feb", "changed-mar", "undated"}),
        (None, NOW - 32 * DAY, {"jan", "changed-jan", "changed-mar", "undated"}),
    ],
)
def test_since_and_until(archive_url, since, until, found):
    """Only a claim that surely lies outside leaves a lead out: no date, or a change after `until`, says nothing."""
    with archive(archive_url) as opened:
        dated = {"jan": 60, "feb": 30, "mar": 1}
        leads = [lead(SITE + name, published=NOW - days * DAY - HOUR) for name, days in dated.items()]
        leads += [
            lead(SITE + "changed-jan", modified=NOW - 61 * DAY),
            lead(SITE + "changed-mar", modified=NOW - DAY),
        ]
        read_listing(opened, listing([*leads, lead(SITE + "undated")]))
        assert set(_waiting(opened, since=since, until=until)) == found
        assert opened.left(["en"], NOW, since=since, until=until) == len(found)


RETRIES = {
    "failed": (V.FAILED, NOW + HOUR, NOW + HOUR),
    "not an article": (V.NOT_ARTICLE, NOW + DAY, NOW + DAY),
    "dead": (V.DEAD, NOW + DAY, NOW + DAY),
    "dead for good": (V.DEAD, None, None),
    "outside the dates of another run": (V.OUTSIDE_DATES, None, NOW),
}


@pytest.mark.parametrize(("kind", "next_try", "due"), RETRIES.values(), ids=RETRIES)
def test_settled_lead_waits_for_its_time(archive_url, kind, next_try, due):
    """A lead that was looked at comes again when its verdict says, not before; what lay outside the dates at once."""
    with archive(archive_url) as opened:
        key, found = lead(SITE + "1")
        read_listing(opened, listing([(key, found)]))
        apply(
            opened,
            observation(None, url=key, outcome=F.TIMEOUT, lead=found),
            Verdict(kind, "why", next_check=next_try),
        )
        for moment in (NOW, NOW + HOUR, NOW + DAY, NOW + 9999 * DAY):
            assert bool(_waiting(opened, moment)) == (due is not None and moment >= due)


def test_attempts(archive_url):
    """Each check of a lead counts."""
    with archive(archive_url) as opened:
        key, found = lead(SITE + "1")
        read_listing(opened, listing([(key, found)]))
        for n in range(3):
            assert opened.statuses([key])[key].lead.attempts == n
            apply(
                opened,
                observation(None, url=key, outcome=F.TIMEOUT, lead=found),
                Verdict(V.FAILED, "timeout", next_check=NOW),
            )


def test_tries_of_the_first_day_count_as_one(archive_url):
    """A page may come minutes after its link: looking for it on that day uses up none of the later tries."""
    with archive(archive_url) as opened:
        key, found = lead(SITE + "1")
        read_listing(opened, listing([(key, found)]))
        counted = []
        for after in (timedelta(0), HOUR, 20 * HOUR, DAY + HOUR, 8 * DAY):
            tried = observation(None, url=key, outcome=F.NOT_FOUND, lead=found, at=NOW + after)
            apply(opened, tried, Verdict(V.DEAD, "nothing there", next_check=NOW))
            counted.append(opened.statuses([key])[key].lead.attempts)
        assert counted == [1, 1, 1, 2, 3]


def test_a_next_try_is_brought_forward(archive_url):
    """What a read says of leads that are still named stands in the frontier at once."""
    with archive(archive_url) as opened:
        key, found = lead(SITE + "1")
        read_listing(opened, listing([(key, found)]))
        tried = observation(None, url=key, outcome=F.NOT_FOUND, lead=found)
        apply(opened, tried, Verdict(V.DEAD, "nothing there", next_check=NOW + DAY))
        number = opened.statuses([key])[key].lead.id
        read_listing(opened, replace(listing([(key, found)]), again=((number, NOW + HOUR),)))
        assert [bool(_waiting(opened, NOW + after)) for after in (HOUR / 2, HOUR)] == [False, True]
        assert [one.url_key for one in opened.shown_leads(FRONT, NOW - DAY)] == [key]
        assert opened.shown_leads(FRONT, NOW + DAY) == []


def test_lead_becomes_an_article(archive_url):
    """An article leaves the frontier, and what was seen of it in listings before is joined to it."""
    with archive(archive_url) as opened:
        key, found = lead(URL, 3, headline="As the list called it")
        read_listing(opened, listing([(key, found)]))
        assert rows(opened, "sightings", "article_id", "position", "headline") == [
            (None, 3, "As the list called it")
        ]
        applied = new(opened, lead=found)
        read_listing(opened, listing([(key, found)], at=NOW + HOUR))
        assert rows(opened, "sightings", "article_id") == [applied.article_id]
        assert _waiting(opened) == []
        assert rows(opened, "leads", "outcome", "article_id") == [("new", applied.article_id)]
        status = opened.statuses([key])[key]
        assert (status.article_id, status.confirmed) == (applied.article_id, True)


def test_redirect_answers_both_leads(archive_url):
    """Two leads, one of which redirects to the other: one check settles both."""
    old, now_at = SITE + "old-slug", URL
    with archive(archive_url) as opened:
        (key, found), other = lead(old), lead(now_at, 1)
        read_listing(opened, listing([(key, found), other]))
        one = observation(url=old, key=now_at, lead=found, lead_key=old, final_url=now_at, redirects=(old,))
        applied = apply(opened, one, Verdict(V.NEW, "first seen", next_check=NOW), key="none")
        assert _waiting(opened) == []
        assert rows(opened, "leads", "article_id") == [applied.article_id] * 2
        assert known(opened, old).id == known(opened, now_at).id


def test_met_once(archive_url):
    """A thousand leads at once, twice, and through another channel: each address is one lead, by its first headline."""
    leads = [lead(f"{SITE}{n}", n, headline=f"Headline {n}") for n in range(1000)]
    with archive(archive_url) as opened:
        read_listing(opened, listing(leads + leads[:10]))
        read_listing(
            opened,
            listing(
                [lead(key, 0, channel=Channel.FEED, headline="Other") for key, _ in leads],
                channel=Channel.FEED,
            ),
        )
        with opened.write() as writing:
            assert writing.add_leads("en", [*leads, lead(SITE + "fresh"), lead(SITE + "fresh", 7)], NOW) == 1
        assert counts(opened)["leads"] == 1001
        assert rows(opened, "leads", "headline", "channel")[:1000] == [
            (f"Headline {n}", "listing") for n in range(1000)
        ]
        assert len(_waiting(opened, limit=5000)) == 1001
        assert len(opened.statuses([key for key, _ in leads])) == 1000


def test_sitemap_has_no_positions(archive_url):
    """Places are kept for lists and feeds; thousands of sitemap entries have none."""
    with archive(archive_url) as opened:
        read_listing(
            opened,
            listing(
                [lead(SITE + "1", channel=Channel.SITEMAP)],
                channel=Channel.SITEMAP,
                url=FRONT + "sitemap.xml",
            ),
        )
        assert "sightings" not in counts(opened)
        assert counts(opened)["leads"] == 1


@pytest.mark.parametrize("count", [0, 1, 25])
def test_reads_are_kept(archive_url, count):
    """Every read is a row: when, how it went, how many leads, the bytes, also if it showed nothing."""
    with archive(archive_url) as opened:
        read_listing(
            opened,
            listing(
                [lead(f"{SITE}{n}", n) for n in range(count)],
                digest="sha1:A",
                problem="odd" if not count else None,
            ),
        )
        assert rows(opened, "listing_reads", "at", "outcome", "leads", "problem") == [
            (NOW, "ok", count, None if count else "odd")
        ]
        assert rows(opened, "listing_reads", "capture_id") == rows(opened, "captures", "id")


def _state(opened):
    return opened.listing_states()[FRONT]


def test_validators_of_a_listing(archive_url):
    """A conditional request is made only after a good read: nothing may be skipped that was never read."""
    with archive(archive_url) as opened:
        good = {"etag": '"1"', "last_modified": "A", "digest": "sha1:A"}
        read_listing(opened, listing(**good))
        assert (_state(opened).etag, _state(opened).last_modified, _state(opened).digest) == (
            '"1"',
            "A",
            "sha1:A",
        )
        read_listing(opened, listing(outcome=F.NOT_MODIFIED, at=NOW + MINUTE))
        assert (_state(opened).etag, _state(opened).last_read, _state(opened).last_changed) == (
            '"1"',
            NOW + MINUTE,
            NOW,
        )
        read_listing(opened, listing(**good | {"etag": '"2"'}, problem="broken XML after entry 2"))
        assert (_state(opened).etag, _state(opened).last_modified) == (None, None)
        read_listing(opened, listing(**good))
        read_listing(opened, listing(outcome=F.SERVER_ERROR))
        assert (_state(opened).etag, _state(opened).outcome) == (None, "server_error")


def test_listing_that_moves(archive_url):
    """last_changed moves with the bytes, not with the reads."""
    with archive(archive_url) as opened:
        for minutes, digest in ((0, "sha1:A"), (1, "sha1:A"), (2, "sha1:B"), (3, "sha1:B")):
            read_listing(opened, listing(at=NOW + minutes * MINUTE, digest=digest))
        assert (_state(opened).last_changed, _state(opened).last_read) == (NOW + 2 * MINUTE, NOW + 3 * MINUTE)
        assert counts(opened)["listings"] == 1


def test_misses_of_a_listing(archive_url):
    """Misses in a row are counted; any other answer starts again."""
    with archive(archive_url) as opened:
        seen = []
        for outcome in (F.NOT_FOUND, F.GONE, F.NOT_FOUND, F.TIMEOUT, F.NOT_FOUND, F.OK):
            read_listing(opened, listing(outcome=outcome))
            seen.append(_state(opened).misses)
        assert seen == [1, 2, 3, 0, 1, 0]


def test_due_articles(archive_url):
    """Suspected ones first, then by how many of their intervals they are late; others are not due."""
    with archive(archive_url) as opened:
        for n, wait in enumerate((30 * MINUTE, 12 * HOUR, 200 * HOUR, 12 * HOUR)):
            with opened.write() as writing:
                verdict = Verdict(V.NEW, "first seen", next_check=NOW + wait)
                writing.apply(Decision(observation(url=f"{SITE}{n}"), verdict))
        gone = observation(None, url=f"{SITE}3", at=NOW, outcome=F.NOT_FOUND, status=404)
        apply(
            opened,
            gone,
            Verdict(V.ABSENT, "404", state=State.SUSPECTED, next_check=NOW + 12 * HOUR),
            key=f"{SITE}3",
        )
        due = [found.url.removeprefix(SITE) for found in opened.due(["en"], NOW + 13 * HOUR, 9)]
        assert due == ["3", "0", "1"]
        assert [found.url.removeprefix(SITE) for found in opened.due(["en"], NOW + 13 * HOUR, 1)] == ["3"]
        assert opened.due(["ru"], NOW + 13 * HOUR, 9) == []
        assert opened.due(["en"], NOW, 9) == []


def test_controls(archive_url):
    """Articles that should be alive, the ones seen last first; suspected ones are no controls."""
    with archive(archive_url) as opened:
        for n in range(4):
            new(opened, url=f"{SITE}{n}", at=NOW + n * HOUR)
        gone = observation(None, url=f"{SITE}3", at=NOW + 9 * HOUR, outcome=F.GONE, status=410)
        apply(opened, gone, Verdict(V.ABSENT, "410", state=State.SUSPECTED, next_check=NOW), key=f"{SITE}3")
        assert [found.url.removeprefix(SITE) for found in opened.controls("en", NOW, 2)] == ["2", "1"]
        assert opened.controls("ru", NOW, 2) == []


def test_nothing_known(archive_url):
    """Unknown keys are left out, and asking for none is no error."""
    with archive(archive_url) as opened:
        new(opened, aliases=(Alias("bereke:en:101", AliasKind.IDENTITY),))
        assert opened.statuses([]) == opened.statuses(["https://x.example/"]) == {}
        assert opened.by_keys([], NOW) == opened.by_keys(["x"], NOW) == {}
        assert opened.by_keys(["bereke:en:101"], NOW)["bereke:en:101"].content.title == PIECE.title
