"""Removal: no single answer proves it, three over a day do, an outage never does, and a return ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.judge.controls import needs_controls
from newscrawl.judge.recheck import EARLY
from newscrawl.judge.removal import MANY, is_alive, signal_of, state_after, together
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import Content, Fetch, FetchOutcome as F, PageType as P, Signal, State, VerdictKind as V
from tests.support.judging import NOW, PIECE, URL, known, observation, page

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
HOURS = tuple[float, ...]


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        ((0,), State.SUSPECTED),
        ((0, 1), State.SUSPECTED),
        ((0, 24), State.SUSPECTED),
        ((0, 1, 6), State.SUSPECTED),
        ((0, 1, 6, 23.99), State.SUSPECTED),
        ((0, 1, 24), State.REMOVED),
        ((0, 23, 24), State.REMOVED),
        ((0, 1, 6, 24), State.REMOVED),
        ((0, 1, 6, 24, 48), State.REMOVED),
        ((0, 400, 401), State.REMOVED),
    ],
)
def test_signals_add_up(hours, state):
    """Removed after three signals or more over at least 24 hours; until then suspected."""
    *earlier, last = [NOW + timedelta(hours=h) for h in hours]
    assert state_after(State.SUSPECTED if earlier else State.LIVE, earlier, last) is state


def test_removed_stays_removed():
    """A further signal changes nothing, also if the earlier ones are not at hand."""
    assert state_after(State.REMOVED, (), NOW) is State.REMOVED


def _story(article, events):
    """What an article goes through: (hours since the first check, observation) by (verdict, state)."""
    told, signals, unconfirmed = [], [], []
    for hours, one in events:
        at = NOW + timedelta(hours=hours)
        article = replace(article, signals=tuple(signals), unconfirmed=tuple(unconfirmed))
        around = Circumstances(at, others_seen=True)
        verdict = judge(replace(one, fetch=replace(one.fetch, at=at)), article, around)
        if verdict.signal is not None:
            (unconfirmed if one.controls_silent else signals).append(at)
        if verdict.state is State.LIVE and verdict.kind is not V.FAILED:
            signals, unconfirmed = [], []
        if verdict.state is not article.state:
            article = replace(article, state=verdict.state, state_since=at)
        told.append((verdict.kind.value, article.state.value))
    return told


GONE = observation(F.NOT_FOUND, status=404, controls_fine=True)
OUT = observation(F.NOT_FOUND, status=404, controls_fine=False)
SILENT = replace(OUT, controls_silent=True)
DOWN = observation(F.TIMEOUT)
THERE = observation(F.OK, PIECE, status=200)

STORIES = {
    "taken away": (
        [(0, GONE), (1, GONE), (6, GONE), (24, GONE), (48, GONE)],
        ["absent suspected", "absent suspected", "absent suspected", "absent removed", "absent removed"],
    ),
    "a hiccup": ([(0, GONE), (1, THERE), (2, THERE)], ["absent suspected", "returned live", "unchanged live"]),
    "back after its removal": (
        [(0, GONE), (6, GONE), (24, GONE), (900, THERE), (901, THERE)],
        ["absent suspected", "absent suspected", "absent removed", "returned live", "unchanged live"],
    ),
    "taken away twice": (
        [(0, GONE), (12, GONE), (13, THERE), (25, GONE), (26, GONE), (49, GONE)],
        ["absent suspected", "absent suspected", "returned live", "absent suspected", "absent suspected", "absent removed"],
    ),
    "an outage in which every page is 404": (
        [(0, OUT), (12, OUT), (24, OUT), (36, OUT)],
        ["failed live"] * 4,
    ),
    "a server that is down in between": (
        [(0, GONE), (6, DOWN), (12, DOWN), (24, DOWN), (30, GONE), (31, GONE)],
        ["absent suspected", "failed suspected", "failed suspected", "failed suspected", "absent suspected", "absent removed"],
    ),
    "an outage between signals counts for nothing": (
        [(0, GONE), (12, OUT), (24, GONE), (25, OUT)],
        ["absent suspected", "failed suspected", "absent suspected", "failed suspected"],
    ),
    "hidden by an outage after each check": (
        [(0, SILENT), (6, SILENT), (18, SILENT), (31, SILENT), (44, SILENT), (71.9, SILENT), (72, SILENT)],
        ["failed live"] * 3 + ["absent suspected"] * 3 + ["absent removed"],
    ),
    "hidden, then found": (
        [(0, SILENT), (24, SILENT), (30, THERE), (48, SILENT), (80, SILENT)],
        ["failed live", "failed live", "unchanged live", "failed live", "failed live"],
    ),
    "hidden at some checks only": (
        [(0, GONE), (6, SILENT), (24, SILENT), (48, SILENT), (72, SILENT)],
        ["absent suspected"] * 4 + ["absent removed"],
    ),
    "hidden at first": (
        [(0, SILENT), (6, GONE), (12, GONE), (30, GONE)],
        ["failed live", "absent suspected", "absent suspected", "absent removed"],
    ),
    "a removal by law": (
        [(0, observation(F.LEGAL, status=451)), (6, observation(F.LEGAL, status=451)), (24, observation(F.LEGAL, status=451))],
        ["absent suspected", "absent suspected", "absent removed"],
    ),
    "emptied": (
        [(h, observation(F.OK, page(P.EMPTY), status=200, controls_fine=True)) for h in (0, 6, 24)],
        ["absent suspected", "absent suspected", "absent removed"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "told"), STORIES.values(), ids=STORIES)
def test_story(events, told):
    """What the archive says of an article, check by check."""
    assert [" ".join(step) for step in _story(known(), events)] == told


@pytest.mark.parametrize(("silent", "others_seen"), [(True, False), (False, True), (None, True)])
def test_an_outage_leaves_no_evidence(silent, others_seen):
    """Nothing is kept where controls were absent themselves, or no other article was seen alive within the day."""
    article = known(unconfirmed=(NOW - 90 * HOUR, NOW - 50 * HOUR))
    around = Circumstances(NOW, others_seen=others_seen)
    verdict = judge(replace(OUT, controls_silent=silent), article, around)
    assert (verdict.kind, verdict.signal, verdict.state) == (V.FAILED, None, State.LIVE)


def test_evidence_is_said_with_its_number():
    """What a reader needs to judge it: how often, since when, and that no control answered."""
    article = known(unconfirmed=(NOW - 90 * HOUR, NOW - 50 * HOUR))
    verdict = judge(SILENT, article, Circumstances(NOW, others_seen=True))
    assert verdict.unreadable
    assert verdict.reason == (
        "absent (404), and no control answered after it, though other articles did within the day; "
        f"so in 3 checks since {NOW - 90 * HOUR:%Y-%m-%d %H:%M} UTC"
    )


def test_suspicion_is_looked_into_soon():
    """The first signal brings the next check after an hour, not at the article's step of the ladder."""
    assert judge(GONE, known(), Circumstances(NOW)).next_check == NOW + HOUR


def test_removed_article_is_still_looked_at():
    """A removed article is checked as long as the archive lives: it may return."""
    article = known(state=State.REMOVED, state_since=NOW - 400 * DAY)
    assert judge(GONE, article, Circumstances(NOW)).next_check == NOW + 180 * DAY - EARLY


NEVER = [outcome for outcome in F if outcome not in (F.OK, F.NOT_FOUND, F.GONE, F.LEGAL)]


@pytest.mark.parametrize("outcome", NEVER)
def test_never_a_signal(outcome):
    """Outages, refusals and blocks say nothing of the article, also when redirected and whatever page came."""
    fetch = Fetch(URL, NOW, outcome, "https://bereke.example/", redirects=(URL,))
    signals = {page_type: signal_of(fetch, page_type, elsewhere=True) for page_type in (None, *P)}
    assert signals == dict.fromkeys((None, *P))


@pytest.mark.parametrize(
    ("page_type", "final", "elsewhere", "signal"),
    [
        (P.ARTICLE, "https://bereke.example/", False, Signal.REDIRECTED_HOME),
        (P.LIST, "https://bereke.example/ru/", False, Signal.REDIRECTED_HOME),
        (P.ARTICLE, "https://bereke.example/other-1", True, Signal.REDIRECTED_ELSEWHERE),
        (P.ARTICLE, "https://bereke.example/renamed-1", False, None),
        (P.NOT_FOUND, "https://bereke.example/404", False, Signal.SOFT_404),
        (P.CHALLENGE, "https://bereke.example/", False, None),
        (P.CHALLENGE, "https://bereke.example/check", True, None),
    ],
)
def test_redirects(page_type, final, elsewhere, signal):
    """Where a redirect leads decides; a challenge page on the way says nothing."""
    fetch = Fetch(URL, NOW, F.OK, final, status=200, redirects=(URL,))
    assert signal_of(fetch, page_type, elsewhere=elsewhere) is signal


@pytest.mark.parametrize(
    ("hours", "state"),
    [((0, 6, 24), State.SUSPECTED), ((0, 24, 71.9), State.SUSPECTED), ((0, 24, 72), State.REMOVED), ((0, 72), State.SUSPECTED)],
)  # fmt: skip
def test_signals_of_many_add_up_more_slowly(hours, state):
    """Where articles near it are absent as well it takes three days to be sure."""
    *earlier, last = [NOW + timedelta(hours=h) for h in hours]
    assert state_after(State.SUSPECTED, earlier, last, alone=False) is state
    article = known(state=State.SUSPECTED, signals=tuple(earlier))
    verdict = judge(replace(GONE, peers_fine=False), article, Circumstances(last))
    assert verdict.state is state
    assert verdict.reason.endswith("; others of its age or section are absent as well")


def test_renamed_is_not_removed():
    """While the same text is alive elsewhere the absence is not confirmed, and not checked every day; once that is gone, it is."""
    article = known(state=State.SUSPECTED, signals=(NOW - 30 * DAY, NOW - 20 * DAY))
    there = judge(GONE, article, Circumstances(NOW, moved_to="https://bereke.example/new"))
    assert (there.state, there.signal) == (State.SUSPECTED, Signal.NOT_FOUND)
    assert there.reason.endswith("; the same text is at https://bereke.example/new")
    assert there.next_check - NOW > 7 * DAY
    assert judge(GONE, article, Circumstances(NOW)).state is State.REMOVED
    removed = known(state=State.REMOVED, signals=(NOW - 30 * DAY,))
    assert (
        judge(GONE, removed, Circumstances(NOW, moved_to="https://bereke.example/new")).state is State.REMOVED
    )


LONG_PIECE = replace(
    PIECE, body=PIECE.body + "\n\n" + "Boats and carts meet below the old mill every day of the year. " * 3
)
# What a page still says whose text was taken out: whatever stands around the text.
FRAMES = {
    "date line, counters and subtitle": ("2 March 2026, 11:00 4245 views\n\nThe left bank waited seven years", Signal.EMPTIED),
    "headline and photo credit": ("Aqsai opens a second footbridge Photo: archive", Signal.EMPTIED),
    "a notice in place of the text": ("This text was withdrawn at the wish of the town office.", Signal.EMPTIED),
    "the first sentence alone": (PIECE.body.split("\n\n")[0], None),
    "another brief": ("The town office has closed the footbridge again. " * 5, None),
}  # fmt: skip


@pytest.mark.parametrize(("left", "signal"), FRAMES.values(), ids=FRAMES)
def test_the_frame_of_an_article_is_no_edit(left, signal):
    """A page that passes for an article, but says nothing of the text that was there and hardly anything else."""
    before = known(content=Content.of(LONG_PIECE))
    seen = observation(F.OK, replace(LONG_PIECE, body=left), status=200, controls_fine=True)
    verdict = judge(seen, before, Circumstances(NOW))
    assert verdict.signal is signal
    assert verdict.kind is (V.ABSENT if signal else V.CHANGED)
    assert needs_controls(seen, before) is (signal is not None)
    assert is_alive(seen, before) is (signal is None)


def test_an_article_that_was_always_short_is_edited():
    """A flash of twenty words that is rewritten was not emptied."""
    seen = observation(F.OK, replace(PIECE, body="Dates will follow."), status=200, controls_fine=True)
    assert judge(seen, known(), Circumstances(NOW)).kind is V.CHANGED


@pytest.mark.parametrize(
    ("page_type", "as_missing", "signal"),
    [
        (P.ARTICLE, True, Signal.SOFT_404),
        (P.LIST, True, Signal.SOFT_404),
        (P.OTHER, True, Signal.SOFT_404),
        (P.OTHER, False, Signal.EMPTIED),
        (P.OTHER, None, None),
        (P.LIST, False, None),
        (P.VIDEO, False, None),
        (P.PAYWALL_STUB, False, None),
        (P.ARTICLE, False, None),
        (P.CHALLENGE, True, None),
        (P.NOT_FOUND, None, Signal.SOFT_404),
    ],
)
def test_what_the_host_answers_for_nothing(page_type, as_missing, signal):
    """A page that the host gives for any address is no article; a challenge is nothing at all."""
    fetch = Fetch(URL, NOW, F.OK, URL, status=200)
    assert signal_of(fetch, page_type, elsewhere=False, as_missing=as_missing) is signal


def test_a_probe_is_no_look_at_an_article():
    """Whatever came: a verdict of its own that changes nothing."""
    for outcome in F:
        verdict = judge(replace(observation(outcome, PIECE), probe=True), None, Circumstances(NOW))
        assert (verdict.kind, verdict.next_check, verdict.signal) == (V.PROBE, None, None)


def test_many_at_once_are_those_of_one_run() -> None:
    """Absences that add up over days are not many at once."""
    run = [NOW + timedelta(seconds=n) for n in range(10)]
    days = [NOW - timedelta(days=n) for n in range(1, 12)]
    assert together(NOW, [*run, *days]) == MANY
    assert together(days[3], [*run, *days]) == 1
