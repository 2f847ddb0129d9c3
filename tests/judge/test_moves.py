"""Moves: where the address of an article leads. A move is never a removal, and two pieces are never made one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.judge.moves import Leads, is_edited_at, is_renamed, leads
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    Alias,
    AliasKind,
    Content,
    FetchOutcome as F,
    Precision,
    Signal,
    State,
    VerdictKind as V,
)
from tests.support.judging import BODY, NOW, PIECE, PUBLISHED, URL, known, observation

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = "https://bereke.example/a-new-name-for-it"
BEFORE = Content.of(PIECE)
PARAGRAPHS = BODY.split("\n\n")
EDITED = replace(
    BEFORE,
    title="Bridge opened",
    body="\n\n".join([*PARAGRAPHS[:2], "Nobody knows who will pay for its repairs in the years to come."]),
)
LONG = replace(
    BEFORE,
    body=BODY + "\n\n" + " ".join(f"Plank number {n} of the footbridge was laid by hand." for n in range(20)),
)
REWRITTEN = replace(
    BEFORE,
    title="Second footbridge in Aqsai closed on its first day",
    body="It was closed again at noon, because the railing shook in the wind of the afternoon.",
)
OTHER = replace(
    REWRITTEN,
    title="Bread prices rise",
    body="Bread became dearer in all five districts of the region this week, shop owners told us.",
)


def _at(content: Content, published=PUBLISHED, precision=Precision.MINUTE) -> Content:
    return replace(content, published=published, published_precision=precision)


ALONE = None  # nothing is known at the address
LATER = {"first_seen": PUBLISHED + 5 * HOUR}  # known there, met since
ALWAYS = {"first_seen": PUBLISHED - HOUR}  # known there while the old address had its piece

# name -> (what the page says, what is known there, where the address leads)
CASES = {
    "the same text": (BEFORE, ALONE, Leads.SAME),
    "the same text, met before": (BEFORE, LATER, Leads.SAME),
    "edited": (EDITED, ALONE, Leads.SAME),
    "edited, met before": (EDITED, LATER, Leads.SAME),
    "rewritten, with its date": (REWRITTEN, ALONE, Leads.SAME),
    "rewritten, with its date, met before": (REWRITTEN, LATER, Leads.SAME),
    "edited and dated anew": (_at(EDITED, PUBLISHED + DAY), ALONE, Leads.SAME),
    "the same text, dated anew, met before": (_at(BEFORE, PUBLISHED + DAY), LATER, Leads.SAME),
    "edited and dated anew, met before": (_at(EDITED, PUBLISHED + DAY), LATER, Leads.RELATED),
    "rewritten, of the same day": (_at(REWRITTEN, precision=Precision.DAY), LATER, Leads.RELATED),
    "rewritten, undated": (_at(REWRITTEN, None, None), LATER, Leads.RELATED),
    "known always, a larger piece around it": (LONG, ALWAYS, Leads.SAME),
    "known always, a larger piece under another headline": (replace(LONG, title="Aqsai in March"), ALWAYS, Leads.RELATED),
    "known always, of the same minute": (OTHER, ALWAYS, Leads.ELSEWHERE),
    "the newest": (_at(OTHER, PUBLISHED + DAY), LATER, Leads.ELSEWHERE),
    "the newest, not known yet": (_at(OTHER, PUBLISHED + DAY), ALONE, Leads.ELSEWHERE),
    "another one of the day": (_at(OTHER, precision=Precision.DAY), LATER, Leads.ELSEWHERE),
    "an older one, much like it": (_at(EDITED, PUBLISHED - 30 * DAY), ALWAYS, Leads.ELSEWHERE),
    "an older one, much like it, not known": (_at(EDITED, PUBLISHED - 30 * DAY), ALONE, Leads.ELSEWHERE),
    "an older one": (_at(OTHER, PUBLISHED - 30 * DAY), ALWAYS, Leads.ELSEWHERE),
    "another one, undated": (_at(OTHER, None, None), ALONE, Leads.ELSEWHERE),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_leads(name):
    """The words, the date, and what the archive knew beside it say where the address leads."""
    now, there, expected = CASES[name]
    old = known(last_seen=PUBLISHED + HOUR)
    target = known(id=2, url=NEW, url_key=NEW, content=now, **there) if there is not None else None
    assert leads(old, now, target) is expected


def test_daily_notices_are_different_pieces():
    """Yesterday's rates that lead to today's are gone: three sentences in common, other figures and another date."""

    def rates(day: int) -> Content:
        body = f"One dollar costs {400 + day} tenge at the exchange today.\n\nOne euro costs {500 + day} tenge there.\n\nThe next notice comes out at nine."
        return Content(title="Rates of the day", body=body, published=PUBLISHED + day * DAY)

    old = known(content=rates(1), last_seen=PUBLISHED + HOUR)
    assert leads(old, rates(2), known(id=2, content=rates(2), **ALWAYS)) is Leads.ELSEWHERE
    assert leads(old, rates(0), None) is Leads.ELSEWHERE


def test_the_reason_names_the_new_address():
    """A move is told where the article was seen at its end, and only there."""
    seen = observation(F.OK, PIECE, status=200, redirected_to=NEW)
    verdict = judge(seen, known(), Circumstances(NOW, stands_at=NEW))
    assert (verdict.kind, verdict.reason) == (V.UNCHANGED, f"same content; its address leads to {NEW} now")
    returned = judge(seen, known(state=State.REMOVED), Circumstances(NOW, stands_at=NEW))
    assert (returned.kind, returned.state) == (V.RETURNED, State.LIVE)
    failed = judge(observation(F.TIMEOUT), known(), Circumstances(NOW, stands_at=NEW))
    assert NEW not in failed.reason


@pytest.mark.parametrize(("fine", "kind"), [(True, V.DUPLICATE), (False, V.FAILED)])
def test_a_related_piece_is_no_removal_and_no_edit(fine, kind):
    """What was read there is another text; during an outage it says nothing at all."""
    seen = observation(
        F.OK,
        replace(PIECE, title="X", body=REWRITTEN.body),
        status=200,
        redirected_to=NEW,
        controls_fine=fine,
    )
    verdict = judge(seen, known(), Circumstances(NOW, leads_to=NEW, unrelated=True))
    assert (verdict.kind, verdict.signal, verdict.kinds) == (kind, None, ())
    assert NEW in verdict.reason


def test_renamed_without_a_redirect():
    """A dead address whose text was met elsewhere since is no absence; one that was met before may be another piece, and is suspected."""
    gone = observation(F.NOT_FOUND, status=404, controls_fine=True)
    around = Circumstances(NOW, moved_to=NEW, renamed=True)
    for state, kind in ((State.LIVE, V.DUPLICATE), (State.SUSPECTED, V.RETURNED)):
        verdict = judge(gone, known(state=state), around)
        assert (verdict.kind, verdict.state, verdict.signal) == (kind, State.LIVE, Signal.NOT_FOUND)
        assert verdict.next_check == NOW
    assert judge(gone, known(state=State.REMOVED), around).state is State.REMOVED
    assert judge(gone, known(), replace(around, renamed=False)).state is State.SUSPECTED
    assert is_renamed(known(last_seen=NOW - DAY), known(first_seen=NOW - HOUR))
    assert not is_renamed(known(last_seen=NOW - HOUR), known(first_seen=NOW - DAY))


@pytest.mark.parametrize(
    ("article", "canonical", "edited"),
    [
        (replace(PIECE, body=EDITED.body), None, True),
        (replace(PIECE, body=EDITED.body), URL, False),
        (PIECE, None, False),
        (None, None, False),
    ],
    ids=["other words", "other words in another template", "the words it has", "no page"],
)
def test_words_at_a_second_address(article, canonical, edited):
    """What the piece says there is an edit, unless the page belongs to another address or says what was said before."""
    aliases = (Alias(canonical, AliasKind.CANONICAL, canonical),) if canonical else ()
    assert is_edited_at(observation(F.OK, article, status=200, aliases=aliases), known()) is edited
