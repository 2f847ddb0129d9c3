"""How many versions a month an article gets: one table for a crawl's check and for an import's capture between two versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newscrawl.judge.history.insert import insert
from newscrawl.judge.history.monthly_limit import reached
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    ChangeKind as C,
    Content,
    FetchOutcome as F,
    StoredVersion,
    Surroundings,
    Verdict,
    VerdictKind as V,
)
from tests.support.judging import BODY, NOW, PIECE, PUBLISHED, hash_of, known, observation

TICKER = replace(PIECE, body=BODY + "\n\nRates at 14:05.")
EDITED = replace(PIECE, title="Aqsai has a second footbridge")
BEFORE = StoredVersion(1, PUBLISHED, hash_of(PIECE), Content.of(PIECE), "test/1", None)

# name -> (what the page says now, versions within 30 days, whether this text is known from before, what follows)
WORLD = {
    "a ticker's last": (TICKER, 23, False, V.CHANGED),
    "a ticker once too often": (TICKER, 24, False, V.UNCHANGED),
    "a headline beside a ticker": (EDITED, 24, False, V.CHANGED),
    "a headline's last": (EDITED, 95, False, V.CHANGED),
    "a ticker in the headline": (EDITED, 96, False, V.UNCHANGED),
    "two headlines in turns": (EDITED, 24, True, V.UNCHANGED),
}


@pytest.mark.parametrize("name", WORLD)
def test_a_crawl_and_an_import_stop_at_the_same_number(name):
    """The same page, met by a check of today or found in a capture of others between two versions."""
    page, versions, again, kind = WORLD[name]
    hashes = {hash_of(PIECE): 1} | ({hash_of(page): 2} if again else {})
    seen = observation(F.OK, page, status=200)
    article = known(versions_this_month=versions, hashes=hashes)
    checked = judge(seen, article, Circumstances(NOW))
    inserted, _ = insert(
        seen,
        Verdict(V.CHANGED, "changed"),
        article,
        Surroundings(BEFORE, None, edits=versions),
        duplicate=False,
        contents={1: Content.of(PIECE)},
    )
    assert (checked.kind, inserted.kind) == (kind, kind)
    assert ("volatile" in checked.reason, "volatile" in inserted.reason) == ((kind is V.UNCHANGED,) * 2)


@pytest.mark.parametrize(
    ("versions", "kinds", "full"),
    [
        (24, {C.BODY}, True),
        (24, {C.DATE, C.NUMBERS}, True),
        (24, {C.IMAGE}, True),
        (24, {C.BODY, C.CORRECTION}, False),
        (24, {C.BYLINE}, False),
        (24, {C.SUBTITLE}, False),
        (24, ("headline",), False),
        (24, (), True),
        (0, (), False),
    ],
)
def test_kinds(versions, kinds, full):
    """What a clock in the text can do ends at 24; what it cannot, at 96."""
    assert reached(versions, kinds) is full
    assert reached(96, kinds)
