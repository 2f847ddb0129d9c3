"""The verdict: what the world may answer, by what the archive then says of a lead and of a known article."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.judge.history.monthly_limit import VERSIONS_A_MONTH, VERSIONS_THAT_MATTER_A_MONTH
from newscrawl.judge.recheck import AFTER_FAILURE, next_try
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    Author,
    ChangeKind as C,
    Dates,
    FetchOutcome as F,
    Image,
    PageType as P,
    Precision,
    Signal,
    State,
    VerdictKind as V,
)
from tests.support.judging import BODY, NOW, PIECE, PUBLISHED, URL, hash_of, known, observation, page

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AROUND = Circumstances(NOW)
FRONT = "https://bereke.example/"
OTHER = "https://bereke.example/another-piece-202"

EDITED = replace(PIECE, title="Aqsai opens its second footbridge")

# Everything that can come of one request, as (observation, verdict on a lead, verdict on a known article, signal of absence).
WORLD = {
    "the article": (observation(F.OK, PIECE, status=200), V.NEW, V.UNCHANGED, None),
    "the article, redirected to its new slug": (observation(F.OK, PIECE, status=200, redirected_to=OTHER), V.NEW, V.UNCHANGED, None),
    "the article as a live text": (observation(F.OK, replace(PIECE, page_type=P.LIVE_BLOG), status=200), V.NEW, V.UNCHANGED, None),
    "another headline": (observation(F.OK, EDITED, status=200), V.NEW, V.CHANGED, None),
    "only other related links": (observation(F.OK, replace(PIECE, origins={"related": "x"}), status=200), V.NEW, V.UNCHANGED, None),
    "304": (observation(F.NOT_MODIFIED, status=304), V.FAILED, V.NOT_MODIFIED, None),
    "404": (observation(F.NOT_FOUND, status=404), V.DEAD, V.ABSENT, Signal.NOT_FOUND),
    "410": (observation(F.GONE, status=410), V.DEAD, V.ABSENT, Signal.GONE),
    "451": (observation(F.LEGAL, status=451), V.DEAD, V.ABSENT, Signal.LEGAL),
    "200 with a not-found page": (observation(F.OK, page(P.NOT_FOUND), status=200), V.DEAD, V.ABSENT, Signal.SOFT_404),
    "200 with its text gone": (observation(F.OK, page(P.EMPTY), status=200), V.NOT_ARTICLE, V.ABSENT, Signal.EMPTIED),
    "redirect to the front page": (
        observation(F.OK, page(P.LIST), status=200, redirected_to=FRONT), V.DEAD, V.ABSENT, Signal.REDIRECTED_HOME,
    ),
    "redirect to a front page that looks like an article": (
        observation(F.OK, PIECE, status=200, redirected_to=FRONT), V.DEAD, V.ABSENT, Signal.REDIRECTED_HOME,
    ),
    "redirect to a challenge": (observation(F.OK, page(P.CHALLENGE), status=200, redirected_to=FRONT), V.FAILED, V.FAILED, None),
    "redirect off the site": (observation(F.OFF_SITE, status=302), V.FAILED, V.FAILED, None),
    "redirect loop": (observation(F.REDIRECT_LOOP), V.FAILED, V.FAILED, None),
    "challenge page": (observation(F.OK, page(P.CHALLENGE), status=200), V.FAILED, V.FAILED, None),
    "paywall stub": (observation(F.OK, page(P.PAYWALL_STUB), status=200), V.NOT_ARTICLE, V.FAILED, None),
    "a list": (observation(F.OK, page(P.LIST), status=200), V.NOT_ARTICLE, V.FAILED, None),
    "a video": (observation(F.OK, page(P.VIDEO), status=200), V.NOT_ARTICLE, V.FAILED, None),
    "a gallery": (observation(F.OK, page(P.GALLERY), status=200), V.NOT_ARTICLE, V.FAILED, None),
    "something else": (observation(F.OK, page(P.OTHER), status=200), V.NOT_ARTICLE, V.FAILED, None),
    "bytes that are no text": (observation(F.OK, page(P.UNREADABLE), status=200), V.NOT_ARTICLE, V.FAILED, None),
    "200 that was not read": (observation(F.OK, status=200), V.FAILED, V.FAILED, None),
    "403": (observation(F.FORBIDDEN, status=403), V.FAILED, V.FAILED, None),
    "429": (observation(F.THROTTLED, status=429), V.FAILED, V.FAILED, None),
    "500": (observation(F.SERVER_ERROR, status=500), V.FAILED, V.FAILED, None),
    "418": (observation(F.OTHER_STATUS, status=418), V.FAILED, V.FAILED, None),
    "time-out": (observation(F.TIMEOUT), V.FAILED, V.FAILED, None),
    "no such host": (observation(F.DNS), V.FAILED, V.FAILED, None),
    "connection refused": (observation(F.REFUSED), V.FAILED, V.FAILED, None),
    "bad certificate": (observation(F.TLS), V.FAILED, V.FAILED, None),
    "cut off": (observation(F.BROKEN_BODY, status=200), V.FAILED, V.FAILED, None),
    "too large": (observation(F.TOO_LARGE, status=200), V.FAILED, V.FAILED, None),
    "forbidden by robots.txt": (observation(F.ROBOTS), V.FAILED, V.FAILED, None),
    "our own error": (observation(F.ERROR), V.FAILED, V.FAILED, None),
}  # fmt: skip


def test_the_world_is_whole():
    """Every outcome of a request and every type of page is in the table."""
    observations = [case[0] for case in WORLD.values()]
    assert {one.fetch.outcome for one in observations} == set(F)
    assert {one.article.page_type for one in observations if one.article is not None} == set(P)


@pytest.mark.parametrize(("one", "kind"), [pytest.param(c[0], c[1], id=name) for name, c in WORLD.items()])
def test_lead(one, kind):
    """An observation of an unknown address: stored only if it is an article, tried again if it may become one."""
    verdict = judge(one, None, AROUND)
    assert verdict.kind is kind
    assert verdict.reason
    assert verdict.signal is None
    assert verdict.next_check > NOW


@pytest.mark.parametrize(
    ("one", "kind", "signal"), [pytest.param(c[0], c[2], c[3], id=name) for name, c in WORLD.items()]
)
def test_known_article(one, kind, signal):
    """An observation of a known article: only what is a signal of absence counts as one."""
    verdict = judge(one, known(), AROUND)
    assert (verdict.kind, verdict.signal) == (kind, signal)
    assert verdict.state is (State.SUSPECTED if signal else State.LIVE)
    assert verdict.next_check > NOW
    assert (kind is V.CHANGED) == bool(verdict.kinds)
    assert verdict.unreadable is (kind is V.FAILED)


@pytest.mark.parametrize("state", [State.SUSPECTED, State.REMOVED])
@pytest.mark.parametrize(("one", "kind"), [pytest.param(c[0], c[2], id=name) for name, c in WORLD.items()])
def test_absent_article(one, kind, state):
    """A suspected or removed article comes back only when it was really seen; an outage leaves its state."""
    verdict = judge(one, known(state=state, signals=(NOW - HOUR,)), AROUND)
    if kind in (V.UNCHANGED, V.NOT_MODIFIED):
        assert (verdict.kind, verdict.state) == (V.RETURNED, State.LIVE)
        assert state.value in verdict.reason
    elif kind is V.CHANGED:
        assert (verdict.kind, verdict.state) == (V.CHANGED, State.LIVE)
    else:
        assert (verdict.kind, verdict.state) == (kind, state)


@pytest.mark.parametrize(
    "one", [c[0] for c in WORLD.values() if c[3]], ids=[name for name, c in WORLD.items() if c[3]]
)
@pytest.mark.parametrize("state", list(State))
def test_absent_with_its_neighbours(one, state):
    """If the control articles are gone as well, it is an outage: nothing changes, and the next check comes soon."""
    article = known(state=state, last_checked=NOW - HOUR)
    verdict = judge(replace(one, controls_fine=False), article, AROUND)
    assert (verdict.kind, verdict.state, verdict.signal) == (V.FAILED, state, None)
    assert verdict.next_check == NOW + AFTER_FAILURE
    assert "answered properly" in verdict.reason


def test_redirected_to_another_article():
    """The address leads to a page that is something else: a signal, and no edit."""
    other = replace(
        PIECE, title="Bread prices", body="Bread became dearer in all five districts of the region."
    )
    around = replace(AROUND, elsewhere=True)
    verdict = judge(observation(F.OK, other, status=200, redirected_to=OTHER), known(), around)
    assert (verdict.kind, verdict.signal, verdict.kinds) == (V.ABSENT, Signal.REDIRECTED_ELSEWHERE, ())


def test_rewritten_in_its_place():
    """Without a redirect the address is the article, however much of it was rewritten."""
    other = replace(
        PIECE, title="Bread prices", body="Bread became dearer in all five districts of the region."
    )
    assert judge(observation(F.OK, other, status=200), known(), AROUND).kinds == (
        C.HEADLINE,
        C.BODY,
        C.SHORTENED,
    )


EDITS = {
    "headline": (EDITED, (C.HEADLINE,)),
    "headline gone": (replace(PIECE, title=None), (C.HEADLINE,)),
    "subtitle": (replace(PIECE, subtitle="At last"), (C.SUBTITLE,)),
    "subtitle gone": (replace(PIECE, subtitle=None), (C.SUBTITLE,)),
    "one typo": (replace(PIECE, body=BODY.replace("Residents", "Resident")), (C.BODY, C.TYPO)),
    "one digit": (replace(PIECE, body=BODY.replace("84", "85")), (C.BODY, C.NUMBERS)),
    "author added": (replace(PIECE, authors=(*PIECE.authors, Author("Erlan Baqytuly"))), (C.BYLINE,)),
    "author's role": (replace(PIECE, authors=(Author("Dana Serikova", role="translator"),)), (C.BYLINE,)),
    "date moved": (replace(PIECE, published=PUBLISHED + HOUR), (C.DATE,)),
    "date gone": (replace(PIECE, published=None, published_precision=None), (C.DATE,)),
    "headline, body and date": (
        replace(EDITED, body=BODY + "\n\nUpdated.", published=PUBLISHED + HOUR),
        (C.HEADLINE, C.BODY, C.DATE),
    ),
    "quotes and dashes": (replace(PIECE, body=BODY.replace(" ", "\u00a0")), ()),
    "seconds of the date": (replace(PIECE, published=PUBLISHED + timedelta(seconds=20), published_precision=Precision.SECOND), ()),
    "modified date": (replace(PIECE, modified=NOW), ()),
    "tags, section, language": (replace(PIECE, tags=("x",), section="Town", language="ru"), ()),
    "images": (replace(PIECE, images=(Image("https://bereke.example/2.jpg"),)), ()),
    "an author's kind": (replace(PIECE, authors=(Author("Dana Serikova", kind="organization"),)), ()),
}  # fmt: skip


@pytest.mark.parametrize(("article", "kinds"), EDITS.values(), ids=EDITS)
def test_edits(article, kinds):
    """What the publisher changed is a version that says which fields; what is not his words is none."""
    verdict = judge(observation(F.OK, article, status=200), known(), AROUND)
    assert verdict.kind is (V.CHANGED if kinds else V.UNCHANGED)
    assert verdict.kinds == kinds
    assert verdict.returns_to is None


def test_same_words_another_hash():
    """A hash that differs although no compared field does (an older hash) is no edit."""
    assert (
        judge(observation(F.OK, PIECE, status=200), known(content_hash="00" + "f" * 38), AROUND).kind
        is V.UNCHANGED
    )


def test_flip_flop():
    """A text that was seen before is a return to that version, and still a change."""
    first, second = hash_of(PIECE), hash_of(EDITED)
    article = known(
        version=2,
        content_hash=second,
        content=replace(known().content, title=EDITED.title),
        hashes={first: 1, second: 2},
    )
    verdict = judge(observation(F.OK, PIECE, status=200), article, AROUND)
    assert (verdict.kind, verdict.returns_to) == (V.CHANGED, 1)
    assert "as in version 1" in verdict.reason


TICKER = replace(PIECE, body=BODY + "\n\nRates at 14:05.")
CORRECTED = replace(PIECE, body=BODY + "\n\nCorrection: it is the third footbridge.")
MOVED_DATE = replace(PIECE, published=PUBLISHED + HOUR)


@pytest.mark.parametrize(
    ("article", "versions", "kind"),
    [
        pytest.param(TICKER, 0, V.CHANGED, id="a ticker's first"),
        pytest.param(TICKER, VERSIONS_A_MONTH - 1, V.CHANGED, id="a ticker's last"),
        pytest.param(TICKER, VERSIONS_A_MONTH, V.UNCHANGED, id="one too many"),
        pytest.param(TICKER, 999, V.UNCHANGED, id="far too many"),
        pytest.param(MOVED_DATE, VERSIONS_A_MONTH, V.UNCHANGED, id="a date that is always now"),
        pytest.param(EDITED, VERSIONS_A_MONTH, V.CHANGED, id="a headline beside a ticker"),
        pytest.param(
            replace(EDITED, body=TICKER.body), VERSIONS_A_MONTH, V.CHANGED, id="a headline and a ticker"
        ),
        pytest.param(CORRECTED, VERSIONS_A_MONTH, V.CHANGED, id="a correction beside a ticker"),
        pytest.param(EDITED, VERSIONS_THAT_MATTER_A_MONTH, V.UNCHANGED, id="a ticker in the headline"),
    ],
)
def test_volatile(article, versions, kind):
    """A page that carries a clock makes 24 versions a month and not one more, and the reason says so; what no clock does is not hidden by it."""
    verdict = judge(observation(F.OK, article, status=200), known(versions_this_month=versions), AROUND)
    assert verdict.kind is kind
    assert ("volatile" in verdict.reason) == (kind is V.UNCHANGED)


def test_volatile_headline_between_two_wordings():
    """A headline that flips between two wordings all month stops at 24 as well."""
    seen = known(versions_this_month=VERSIONS_A_MONTH, hashes={hash_of(PIECE): 1, hash_of(EDITED): 2})
    assert judge(observation(F.OK, EDITED, status=200), seen, AROUND).kind is V.UNCHANGED


def test_duplicate():
    """The same words at another address are that article, found again."""
    verdict = judge(observation(F.OK, PIECE, status=200), known(), replace(AROUND, duplicate=True))
    assert verdict.kind is V.DUPLICATE


ASKED = Dates(since=PUBLISHED, until=PUBLISHED + DAY)


@pytest.mark.parametrize(
    ("published", "kind"),
    [
        (PUBLISHED, V.NEW),
        (PUBLISHED + DAY - timedelta(seconds=1), V.NEW),
        (PUBLISHED + DAY, V.OUTSIDE_DATES),
        (PUBLISHED - timedelta(seconds=1), V.OUTSIDE_DATES),
        (None, V.NEW),
    ],
    ids=["at since", "just before until", "at until", "before since", "unknown"],
)
def test_dates_asked_for(published, kind):
    """From `since` on and before `until`; an article without a date is never thrown away for it."""
    verdict = judge(
        observation(F.OK, replace(PIECE, published=published), status=200), None, replace(AROUND, dates=ASKED)
    )
    assert verdict.kind is kind


def test_dates_never_concern_known_articles():
    """A known article outside the dates is re-checked like any other."""
    around = replace(AROUND, dates=Dates(since=NOW))
    assert judge(observation(F.OK, EDITED, status=200), known(), around).kind is V.CHANGED


@pytest.mark.parametrize("attempts", [0, 1, 5, 6, 50])
def test_failed_lead_is_tried_again(attempts):
    """A lead that fails is never given up."""
    verdict = judge(observation(F.TIMEOUT), None, replace(AROUND, attempts=attempts))
    assert verdict.next_check == next_try(attempts, NOW)


@pytest.mark.parametrize(
    "one",
    [observation(F.NOT_FOUND, status=404), observation(F.OK, page(P.LIST), status=200)],
    ids=["404", "a list"],
)
def test_no_article_is_reconsidered_three_times(one):
    """An address that gave no article is checked after a day, a week and a month, then only when it is listed again."""
    nexts = [judge(one, None, replace(AROUND, attempts=n)).next_check for n in range(5)]
    assert nexts == [NOW + DAY, NOW + 7 * DAY, NOW + 30 * DAY, None, None]


def test_reason_of_a_failure_names_status_and_detail():
    """The reason is for people: outcome, status, detail."""
    one = observation(F.SERVER_ERROR, status=502)
    assert (
        judge(replace(one, fetch=replace(one.fetch, detail="bad gateway")), known(), AROUND).reason
        == "server_error (502): bad gateway"
    )
    assert (
        judge(observation(F.OK, page(P.CHALLENGE, "a puzzle"), status=200), known(), AROUND).reason
        == "challenge: a puzzle"
    )


def test_reason_of_an_absence_is_an_observation():
    """Absence is reported as what was seen, and when the article was last there."""
    verdict = judge(observation(F.NOT_FOUND, status=404), known(), AROUND)
    assert verdict.reason == f"absent (404), last seen {PUBLISHED:%Y-%m-%d %H:%M} UTC"


@settings(deadline=None, max_examples=60)
@given(
    one=st.sampled_from([case[0] for case in WORLD.values()]),
    article=st.sampled_from(
        [
            None,
            known(),
            known(state=State.SUSPECTED, signals=(NOW - DAY, NOW - HOUR)),
            known(state=State.REMOVED),
        ]
    ),
    around=st.builds(
        Circumstances,
        now=st.just(NOW),
        attempts=st.integers(0, 9),
        duplicate=st.booleans(),
        elsewhere=st.booleans(),
    ),
)
def test_pure(one, article, around):
    """The same question has the same answer, and asking changes nothing."""
    before = copy.deepcopy((one, article, around))
    assert judge(one, article, around) == judge(one, article, around)
    assert (one, article, around) == before


def test_frozen():
    """A verdict cannot be changed after it was made."""
    with pytest.raises(FrozenInstanceError):
        judge(observation(F.TIMEOUT), None, AROUND).kind = V.NEW
    assert URL in observation().url_key
