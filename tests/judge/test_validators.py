"""How far "not modified" is believed: which requests are unconditional, which validators lied, and what a year costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from newscrawl.judge import validators
from newscrawl.judge.recheck import LADDER, Ladder
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    Capture,
    CaptureRef,
    CaughtHost,
    ChangeKind,
    Channel,
    Fetch,
    FetchOutcome as F,
    ListingState,
    State,
    Verdict,
    VerdictKind as V,
)
from tests.support.judging import NOW, PIECE, PUBLISHED, known, observation

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


# --- which requests are unconditional ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_full", "now", "in_full"),
    [
        pytest.param(0 * HOUR, HOUR, False, id="the same step"),
        pytest.param(0 * HOUR, 3 * HOUR, True, id="the next step"),
        pytest.param(4 * HOUR, 23 * HOUR, False, id="later in that step"),
        pytest.param(4 * HOUR, 25 * HOUR, True, id="a day old"),
        pytest.param(2 * DAY, 6 * DAY, False, id="within the first week"),
        pytest.param(6 * DAY, 8 * DAY, True, id="a week old"),
        pytest.param(30 * DAY, 50 * DAY, False, id="twenty days later in the same step"),
        pytest.param(30 * DAY, 70 * DAY, True, id="a month later in the same step"),
        pytest.param(100 * DAY, 160 * DAY, True, id="checked rarely"),
        pytest.param(900 * DAY, 1080 * DAY, True, id="years old"),
        pytest.param(30 * DAY, 29 * DAY, True, id="read while the clock ran ahead"),
        pytest.param(None, 30 * DAY, True, id="never known to be read in full"),
    ],
)
def test_once_a_step_and_once_a_month(last_full, now, in_full):
    """By the age of an article at its last full answer and now."""
    at = PUBLISHED + last_full if last_full is not None else None
    assert validators.in_full(known(last_full=at), PUBLISHED + now) is in_full


@pytest.mark.parametrize(
    ("fields", "in_full"),
    [
        pytest.param({}, False, id="nothing speaks against it"),
        pytest.param({"disputed": True}, True, id="a list says otherwise"),
        pytest.param({"state": State.SUSPECTED}, True, id="absent lately"),
        pytest.param({"state": State.REMOVED}, True, id="removed"),
    ],
)
def test_what_speaks_against_a_servers_word(fields, in_full):
    """Where it does, the page is asked for in full, whatever step it is."""
    assert validators.in_full(known(last_full=NOW - HOUR, **fields), NOW) is in_full


def test_an_edit_starts_the_steps_again():
    """After an edit the page is read in full again as soon as the steps are as short as for a new article."""
    article = known(version=2, last_changed=NOW, last_full=NOW)
    assert [validators.in_full(article, NOW + age) for age in (HOUR, 4 * HOUR, 25 * HOUR)] == [
        False,
        True,
        True,
    ]


def test_a_ladder_of_one_step_is_no_way_out():
    """Also where a source has no steps, no word is believed for more than a month."""
    flat = Ladder((), 7 * DAY)
    asked = [
        validators.in_full(known(last_full=PUBLISHED), PUBLISHED + n * DAY, flat) for n in (7, 14, 28, 30)
    ]
    assert asked == [False, False, False, True]


def _year(seed):
    """(checks of an unchanged article's first year at an honest host, those of them asked for in full), cron every half hour."""
    random = Random(seed)
    at = PUBLISHED + random.randint(1, 30) * MINUTE
    article = known(first_seen=at, last_full=at)
    checks = full = 1  # the first fetch
    while True:
        due = judge(observation(F.NOT_MODIFIED, status=304, at=at), article, Circumstances(at)).next_check
        at = (
            PUBLISHED
            + -(-(due - PUBLISHED) // (30 * MINUTE)) * 30 * MINUTE
            + random.randint(0, 240) * timedelta(seconds=1)
        )
        if at - PUBLISHED >= 365 * DAY:
            return checks, full
        checks += 1
        if validators.in_full(article, at):
            full += 1
            article = replace(article, last_full=at)


@pytest.mark.parametrize("seed", range(10))
def test_an_unchanged_article_costs_little(seed):
    """At most 45 requests in its first year, at an honest host most of them answered with 304; yet none is believed for long."""
    checks, full = _year(seed)
    assert checks <= 45
    assert 8 <= full <= 12


@pytest.mark.parametrize("seed", range(3))
def test_no_edit_is_hidden_for_long(seed):
    """At a host that always says "not modified" an edit of any moment is seen when the article has aged to the next step, or in a month."""
    random = Random(seed)
    at = last = PUBLISHED + 5 * MINUTE
    article = known(first_seen=at, last_full=at)
    while at - PUBLISHED < 365 * DAY:
        age = at - PUBLISHED
        at = judge(observation(F.NOT_MODIFIED, status=304, at=at), article, Circumstances(at)).next_check
        at += random.randint(0, 30) * MINUTE
        if validators.in_full(article, at):
            hidden = at - last
            assert hidden < max(8 * age, 3 * HOUR + HOUR)
            assert hidden < 30 * DAY + LADDER.every(at - PUBLISHED)
            article, last = replace(article, last_full=at), at


def _list(channel=Channel.LISTING, **fields):
    return ListingState(
        "https://bereke.example/", "en", channel, **{"last_changed": NOW - 2 * HOUR, **fields}
    )


@pytest.mark.parametrize(
    ("state", "said", "in_full"),
    [
        pytest.param(_list(last_full=NOW - HOUR), {}, False, id="read in full an hour ago"),
        pytest.param(_list(last_full=NOW - DAY), {}, True, id="read in full a day ago"),
        pytest.param(_list(last_full=NOW - DAY + 4 * MINUTE), {}, True, id="a day ago but for cron's minutes"),
        pytest.param(_list(), {}, True, id="never known to be read in full"),
        pytest.param(_list(last_full=NOW + DAY), {}, True, id="read while the clock ran ahead"),
        pytest.param(_list(last_full=NOW - HOUR), {"newest": NOW - 2 * HOUR}, False, id="the newest article is older"),
        pytest.param(_list(last_full=NOW - HOUR), {"newest": NOW - MINUTE}, True, id="another channel brought a newer one"),
        pytest.param(_list(Channel.FEED, last_full=NOW - HOUR), {"newest": NOW - MINUTE}, True, id="a feed likewise"),
        pytest.param(_list(Channel.SITEMAP, last_full=NOW - HOUR), {"newest": NOW - MINUTE}, True, id="a sitemap that moves likewise"),
        pytest.param(_list(Channel.SITEMAP, last_changed=NOW - 9 * DAY, last_full=NOW - 8 * DAY), {"newest": NOW}, False, id="a sitemap of last month"),
        pytest.param(_list(Channel.SITEMAP, last_changed=NOW - 99 * DAY, last_full=NOW - 30 * DAY), {}, True, id="a sitemap of last month, a month on"),
        pytest.param(_list(Channel.SITEMAP, last_changed=NOW - 9 * DAY, last_full=NOW - 8 * DAY), {"claimed": NOW - DAY}, True, id="its index says that it changed"),
        pytest.param(_list(Channel.SITEMAP, last_changed=NOW - 9 * DAY, last_full=NOW - 8 * DAY), {"claimed": NOW + DAY}, False, id="its index says that it will change"),
    ],
)  # fmt: skip
def test_lists(state, said, in_full):
    """A list, feed or sitemap is read in full once a day, and where another channel says more."""
    assert validators.list_in_full(state, NOW, **said) is in_full


# --- which validators lied --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "sent", "same"),
    [
        (('"1"', None), ('"1"', None), True),
        (('"1"', None), ('W/"1"', None), True),
        (('"1"', None), ('"2"', None), False),
        (('"1"', "A"), ('"1"', "B"), True),
        (('"1"', "A"), ('"2"', "A"), False),
        ((None, "A"), (None, "A"), True),
        ((None, "A"), (None, "B"), False),
        (('"1"', "A"), (None, "A"), False),
        ((None, "A"), ('"1"', "A"), False),
        ((None, None), (None, None), False),
    ],
)
def test_match(kept, sent, same):
    """The ETag decides where there is one, else the date; what is missing matches nothing."""
    assert validators.match(kept, sent) is same


CHANGED = Verdict(V.CHANGED, "changed: body", kinds=(ChangeKind.BODY,))
EDITED = replace(PIECE, body=PIECE.body.replace("84", "96"))


def _edited(**fetched):
    one = observation(F.OK, EDITED, redirected_to=fetched.pop("redirected_to", None))
    return replace(one, fetch=replace(one.fetch, **fetched))


def _date(at):
    return f"{at:%a, %d %b %Y %H:%M:%S} GMT"


# The last full answer was a day ago, a "not modified" came an hour ago.
BEFORE = known(etag='"1"', last_full=NOW - DAY, last_seen=NOW - HOUR)
DATED = known(last_modified=_date(NOW - 2 * DAY), last_full=NOW - DAY, last_seen=NOW - HOUR)


@pytest.mark.parametrize(
    ("article", "one", "verdict", "false"),
    [
        pytest.param(BEFORE, _edited(etag='"1"'), CHANGED, True, id="the same ETag"),
        pytest.param(BEFORE, _edited(etag='"2"'), CHANGED, False, id="another ETag"),
        pytest.param(BEFORE, _edited(), CHANGED, False, id="none any more"),
        pytest.param(known(), _edited(etag='"1"'), CHANGED, False, id="none before"),
        pytest.param(BEFORE, _edited(etag='"1"'), Verdict(V.UNCHANGED, "volatile"), False, id="no edit"),
        pytest.param(BEFORE, _edited(etag='"1"', redirected_to="https://bereke.example/x"), CHANGED, False, id="at another address"),
        pytest.param(replace(BEFORE, url_key="https://bereke.example/x"), _edited(etag='"1"'), CHANGED, False, id="at a duplicate address"),
        pytest.param(DATED, _edited(last_modified=DATED.last_modified), CHANGED, True, id="the same date"),
        pytest.param(DATED, _edited(last_modified=_date(NOW - MINUTE)), CHANGED, False, id="edited since the last check"),
        pytest.param(DATED, _edited(last_modified=_date(NOW - 70 * MINUTE)), CHANGED, False, id="edited shortly before it: a cache"),
        pytest.param(DATED, _edited(last_modified=_date(NOW - 5 * HOUR)), CHANGED, True, id="edited, and called not modified hours later"),
        pytest.param(DATED, _edited(last_modified=_date(NOW - 9 * DAY)), CHANGED, False, id="an earlier text with its earlier date"),
        pytest.param(DATED, _edited(last_modified="yesterday"), CHANGED, False, id="no date"),
    ],
)  # fmt: skip
def test_an_edit_that_was_called_not_modified(article, one, verdict, false):
    """A host is caught by an edit under the old validators, or one that it had denied after its own date of change."""
    assert validators.false_for(one, article, verdict) is false


def _read(digest, etag):
    ref = CaptureRef("bereke/1.warc.gz", 0, 9, "<urn:uuid:1>", digest)
    url = "https://bereke.example/"
    return Fetch(url, NOW, F.OK, url, etag=etag, captures=(Capture(ref, url, NOW, 200),))


@pytest.mark.parametrize(
    ("fetch", "false"),
    [
        pytest.param(_read("sha1:B", '"1"'), True, id="another page, the same ETag"),
        pytest.param(_read("sha1:A", '"1"'), False, id="the same page"),
        pytest.param(_read("sha1:B", '"2"'), False, id="another page, another ETag"),
        pytest.param(Fetch("https://bereke.example/", NOW, F.NOT_MODIFIED, "https://bereke.example/", etag='"1"'), False, id="304"),
    ],
)  # fmt: skip
def test_a_list_that_would_have_been_called_not_modified(fetch, false):
    """Lists are compared by their bytes; whether they name anything new is told when the read is stored."""
    assert validators.false_for_list(_list(etag='"1"', digest="sha1:A"), fetch) is false


def test_a_caught_host_is_forgotten():
    """Half a year after its last lie a host is believed again, until it is caught again."""
    host = CaughtHost("en", "bereke.example", NOW - 300 * DAY, NOW - 179 * DAY, 3, "https://bereke.example/a")
    assert validators.caught([host], NOW) == [host]
    assert validators.caught([host], NOW + DAY) == []
