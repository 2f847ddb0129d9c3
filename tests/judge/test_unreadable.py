"""Articles that cannot be read for days: which of them are news, alone or with their whole edition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newscrawl.judge.health.unreadable import problems
from newscrawl.model.health import FindingKind as K, Unreadable, UnreadableFact

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fact(article=1, *, since=5 * DAY, last=HOUR, checks=9, absent=0, reason="forbidden (403)"):
    return UnreadableFact(article, NOW - since, checks, NOW - last, reason, absent)


def found(*facts, last_seen=2 * HOUR, since=None):
    return Unreadable(
        len(facts),
        facts,
        None if since is None else NOW - since,
        None if last_seen is None else NOW - last_seen,
    )


CASES = {
    "nothing": (found(), {}),
    "one for days": (found(fact()), {K.ARTICLES_UNREADABLE: 1}),
    "some for days": (found(fact(1), fact(2), fact(3), fact(4)), {K.ARTICLES_UNREADABLE: 4}),
    "for a bad hour": (found(fact(since=2 * HOUR)), {}),
    "for a day": (found(fact(since=DAY + HOUR)), {}),
    "asked once, days ago": (found(fact(last=5 * DAY, checks=1)), {}),
    "asked twice": (found(fact(checks=2)), {}),
    "its neighbours as well": (found(fact(), last_seen=4 * DAY), {}),
    "nothing was ever read": (found(fact(), last_seen=None), {}),
    "hidden by its neighbours": (found(fact(since=30 * HOUR, absent=3)), {K.ABSENCES_UNCONFIRMED: 1}),
    "absent in two runs": (found(fact(since=30 * HOUR, absent=2)), {}),
    "absent within hours": (found(fact(since=9 * HOUR, absent=3)), {}),
    "both": (found(fact(1, absent=4), fact(2)), {K.ABSENCES_UNCONFIRMED: 1, K.ARTICLES_UNREADABLE: 1}),
    "the whole edition": (found(fact(), last_seen=3 * DAY, since=3 * DAY), {K.EDITION_UNREADABLE: 1}),
    "the whole edition for an hour": (found(fact(), since=HOUR), {K.ARTICLES_UNREADABLE: 1}),
}


@pytest.mark.parametrize(("facts", "told"), CASES.values(), ids=CASES)
def test_what_is_told(facts, told):
    """Days and several checks, while others answer; one finding of each kind, with the number of articles."""
    result = problems(facts, NOW)
    assert {kind: problem.number for kind, problem in result.items()} == told
    assert all(problem.words.isprintable() for problem in result.values())


def test_a_few_are_named():
    """The oldest three, and how many more there are."""
    words = problems(found(*map(fact, range(11, 17))), NOW)[K.ARTICLES_UNREADABLE].words
    assert words.startswith(
        "6 articles unreadable for days while others answer: 11 since 2026-06-10 12:00 (9"
    )
    assert "13 since" in words
    assert words.endswith("; and 3 more")
