"""When to look again: articles by the time since their last change, leads by how often they failed, listings by how they move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.errors import UsageError
from newscrawl.model import FetchOutcome, ListingState

# A run begins a little after cron's minute, and its looks come some minutes later at another place of the queue:
# without this every step would be missed by seconds and taken a whole run later.
EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ladder:
    """How often an article is looked at by the time since its last change: (younger than, look every) in rising order, then `at_last`.

    Raises UsageError for steps that do not rise or come more often than every five minutes.
    """

    steps: tuple[tuple[timedelta, timedelta], ...]
    at_last: timedelta

    def __post_init__(self) -> None:
        ages = [age for age, _ in self.steps]
        every = [*(step for _, step in self.steps), self.at_last]
        if ages != sorted(set(ages)) or any(age <= timedelta(0) for age in ages):
            raise UsageError("ages must rise from step to step", subject="ladder")
        if every != sorted(every) or every[0] < timedelta(minutes=5):
            raise UsageError(
                "looks must become rarer with age, and not be closer than five minutes", subject="ladder"
            )

    def every(self, age: timedelta) -> timedelta:
        """The time between looks at an age; ages in the future count as now."""
        return next((step for younger_than, step in self.steps if age < younger_than), self.at_last)


# Up to 30 days the table of docs/decisions/removal.md. From there to a year it gets rarer in two steps where the table has one of
# 30 days: 44 looks in the first year instead of 48, and after a month more of them, not fewer.
LADDER = Ladder(
    (
        (timedelta(hours=3), timedelta(minutes=30)),
        (timedelta(days=1), timedelta(hours=2)),
        (timedelta(days=7), timedelta(hours=12)),
        (timedelta(days=30), timedelta(days=3)),
        (timedelta(days=90), timedelta(days=20)),
        (timedelta(days=365), timedelta(days=60)),
    ),
    timedelta(days=180),
)


_USUAL_PAUSE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Budget:
    """Re-checks of a run: as many as new articles, within bounds. Raises UsageError for bounds that are none.

    `at_least` is meant for a run every half hour; a source that is crawled more rarely gets as many for each half hour.
    """

    at_least: int = 20
    at_most: int = 200

    def __post_init__(self) -> None:
        if not 0 <= self.at_least <= self.at_most:
            raise UsageError("bounds must be 0 or more, and in order", subject="budget")

    def of(self, new_articles: int, idle: timedelta | None = None) -> int:
        """How many re-checks a run may spend; `idle` is the time since the source was last crawled (None: never)."""
        due = int(self.at_least * max(1.0, idle / _USUAL_PAUSE)) if idle is not None else self.at_least
        return max(self.at_least, min(self.at_most, max(new_articles, due)))


# Looks at a suspected article, counted from its first removal signal.
SUSPECTED = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

# A look that could learn nothing (outage, block) says nothing about the article: soon again, and then ever more rarely.
AFTER_FAILURE = timedelta(minutes=30)
AFTER_FAILURES = timedelta(days=1)

# Tries at an address that is no article yet, by the number of failed tries so far. Never given up:
# a source that came back after a year must not find its leads forgotten.
LEAD_RETRIES = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)
LEAD_RETRY_AT_LAST = timedelta(days=30)

# An address that answered with something else than an article, or not found: it may become one.
LEAD_RECONSIDERED = (timedelta(days=1), timedelta(days=7), timedelta(days=30))

# A listing that stood still for this long is read once a day; an address that never was there, too.
LISTING_QUIET = timedelta(days=7)
LISTING_QUIET_READ = timedelta(hours=24)


def next_check(last_changed: datetime, now: datetime, ladder: Ladder = LADDER) -> datetime:
    """When an article last changed at `last_changed` and looked at `now` is due again. A change in the future counts as now."""
    every = ladder.every(now - last_changed)
    return now + every - min(EARLY, every / 6)


def next_after_failure(due: datetime, now: datetime) -> datetime:
    """When to look again after a look that learned nothing, the last one that did having called for a look at `due`.

    After half an hour, then after a quarter of the time since it was due, at most a day: an outage is over soon, an
    address that refuses us for months is not asked every half hour of it.
    """
    return now + max(AFTER_FAILURE, min((now - due) / 4, AFTER_FAILURES))


def next_suspected(first_signal: datetime, now: datetime) -> datetime:
    """When a suspected article is looked at again."""
    for after in SUSPECTED:
        if first_signal + after > now:
            return first_signal + after
    return now + SUSPECTED[-1]


def next_try(attempts: int, now: datetime) -> datetime:
    """When a lead that failed `attempts` times before is tried again."""
    return now + (LEAD_RETRIES[attempts] if attempts < len(LEAD_RETRIES) else LEAD_RETRY_AT_LAST)


def reconsider(attempts: int, now: datetime) -> datetime | None:
    """When an address that was no article at `attempts` looks before is looked at again; None: not by itself."""
    return now + LEAD_RECONSIDERED[attempts] if attempts < len(LEAD_RECONSIDERED) else None


def listing_due(state: ListingState | None, now: datetime) -> bool:
    """Whether a listing address is worth a request: always, unless it stood still for a week or was never there, and was read today.

    A sitemap of 2019 does not move any more, and the number after the last one mostly does not exist yet. A read in
    the future was made while the machine's clock ran ahead.
    """
    if (
        state is None
        or state.last_read is None
        or not timedelta(0) <= now - state.last_read < LISTING_QUIET_READ
    ):
        return True
    if listing_missed(state):
        return False
    return state.last_changed is None or now - state.last_changed < LISTING_QUIET


def listing_missed(state: ListingState) -> bool:
    """Whether nothing of the kind was there at the last read: 404, 410, or some page where no list has ever been.

    Many hosts answer with status 200 and a page of their own for whatever they have not.
    """
    if state.outcome in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE):
        return True
    return state.outcome == FetchOutcome.OK and state.last_changed is None
