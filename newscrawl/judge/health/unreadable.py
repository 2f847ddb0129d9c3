"""Articles that cannot be read for days: alone, while others of the edition answer, or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newscrawl.model.health import FindingKind, Unreadable, UnreadableFact

# An article that fails for an hour or a day is no news; checks may be days apart.
LASTING, CHECKS = timedelta(days=2), 3
# Absences that no control spoke for: as long as it takes to suspect a removal (judge.removal).
ABSENT_LASTING, ABSENT_RUNS = timedelta(days=1), 3
# Its neighbours answer: one of them was read as late as this before the last failed check.
NEIGHBOURS_WITHIN = timedelta(days=1)
NAMED = 3


@dataclass(frozen=True, slots=True)
class UnreadableProblem:
    """How many articles it is about, since when, and what to say."""

    number: int
    since: datetime
    words: str


def lasts(since: datetime, last: datetime, checks: int) -> bool:
    """Whether an article has been unreadable for long enough, and often enough, to be news."""
    return checks >= CHECKS and last - since >= LASTING


def problems(found: Unreadable, now: datetime | None) -> Mapping[FindingKind, UnreadableProblem]:
    """The findings about unreadable articles of an edition; `now` is its last crawl."""
    if found.since is not None and now is not None and now - found.since >= LASTING:
        # The cause lies in the edition: its articles are not named one by one.
        last = f", the last one at {_at(found.last_seen)}" if found.last_seen is not None else ""
        words = (
            f"none of its articles could be read since {_at(found.since)}{last}: does it refuse the crawler?"
        )
        return {FindingKind.EDITION_UNREADABLE: UnreadableProblem(found.number, found.since, words)}
    beside = [
        fact
        for fact in found.lasting
        if found.last_seen is not None and found.last_seen >= fact.last - NEIGHBOURS_WITHIN
    ]
    absent = [
        fact for fact in beside if fact.absent >= ABSENT_RUNS and fact.last - fact.since >= ABSENT_LASTING
    ]
    failing = [fact for fact in beside if fact not in absent and lasts(fact.since, fact.last, fact.checks)]
    result: dict[FindingKind, UnreadableProblem] = {}
    if absent:
        words = f"absent in run after run, and no control answered after it in any: {_named(absent)}"
        result[FindingKind.ABSENCES_UNCONFIRMED] = _problem(absent, words)
    if failing:
        words = f"unreadable for days while others answer: {_named(failing)}"
        result[FindingKind.ARTICLES_UNREADABLE] = _problem(failing, words)
    return result


def _problem(facts: Sequence[UnreadableFact], words: str) -> UnreadableProblem:
    many = f"{len(facts)} article{'' if len(facts) == 1 else 's'}"
    return UnreadableProblem(len(facts), min(fact.since for fact in facts), f"{many} {words}")


def _named(facts: Sequence[UnreadableFact]) -> str:
    """The first few, each with its date and the reason of its last check."""
    named = [
        f"{fact.article} since {_at(fact.since)} ({fact.checks} checks, {fact.reason[:60]})"
        for fact in facts[:NAMED]
    ]
    more = len(facts) - NAMED
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
