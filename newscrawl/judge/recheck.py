"""When to look again: articles by the time since their last change, leads by how often they failed, listings by how they move."""

from __future__ import annotations

from datetime import datetime, timedelta

from newscrawl.model import FetchOutcome, ListingState

# (younger than, look every): the ladder of docs/design.md. Ages count from the last change.
LADDER: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=3), timedelta(minutes=30)),
    (timedelta(days=1), timedelta(hours=2)),
    (timedelta(days=7), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=3)),
    (timedelta(days=365), timedelta(days=30)),
)
FOR_EVER = timedelta(days=180)

# Looks at a suspected article, counted from its first removal signal.
SUSPECTED = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

# A look that could learn nothing (outage, block) says nothing about the article: soon again.
AFTER_FAILURE = timedelta(minutes=30)

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

RECHECKS_AT_LEAST, RECHECKS_AT_MOST = 20, 200


def next_check(last_changed: datetime, now: datetime) -> datetime:
    """When an article last changed at `last_changed` and looked at `now` is due again. A change in the future counts as now."""
    age = max(now - last_changed, timedelta(0))
    for younger_than, every in LADDER:
        if age < younger_than:
            return now + every
    return now + FOR_EVER


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


def recheck_budget(new_articles: int) -> int:
    """How many re-checks a run may spend: as many as new articles, at least 20, at most 200."""
    return max(RECHECKS_AT_LEAST, min(RECHECKS_AT_MOST, new_articles))


def listing_due(state: ListingState | None, now: datetime) -> bool:
    """Whether a listing address is worth a request: always, unless it stood still for a week or was never there, and was read today.

    A sitemap of 2019 does not move any more, and the number after the last one mostly does not exist yet.
    """
    if state is None or state.last_read is None or now - state.last_read >= LISTING_QUIET_READ:
        return True
    if state.outcome in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE):
        return False
    return state.last_changed is None or now - state.last_changed < LISTING_QUIET
