"""When to check again: articles by their last change, leads by failed tries, listings by how often they change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.errors import UsageError
from newscrawl.model import Channel, FetchOutcome, LeadState, ListingState, VerdictKind
from newscrawl.model.ledger import LEAD_FRESH

# Checks are due this much early. A run begins a little after cron's minute and reaches an article some minutes
# earlier or later than last time: without this margin a step is missed by seconds and taken a whole run later.
EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ladder:
    """How often an article is checked, by the time since its last change.

    `steps` are (younger than, check every) in rising order; older articles are checked every `at_last`.
    Raises UsageError if the steps do not rise or are shorter than five minutes.
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
                "checks must become rarer with age, and not be closer than five minutes", subject="ladder"
            )

    def every(self, age: timedelta) -> timedelta:
        """The time between checks at an age; negative ages count as 0."""
        return next((step for younger_than, step in self.steps if age < younger_than), self.at_last)


# Up to 30 days the table of docs/decisions/removal.md. From there to a year there are two steps where the table has
# one of 30 days: 44 checks in the first year instead of 48, with more of them soon after the first month.
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
    """How many re-checks a run may make: as many as there are new articles, within bounds.

    `at_least` is meant for a run every half hour; a source that is crawled more rarely gets that many for each
    half hour. Raises UsageError for negative bounds or `at_least` above `at_most`.
    """

    at_least: int = 20
    at_most: int = 200

    def __post_init__(self) -> None:
        if not 0 <= self.at_least <= self.at_most:
            raise UsageError("bounds must be 0 or more, and in order", subject="budget")

    def of(self, new_articles: int, idle: timedelta | None = None) -> int:
        """How many re-checks a run may make; `idle` is the time since the source was last crawled (None: never)."""
        due = int(self.at_least * max(1.0, idle / _USUAL_PAUSE)) if idle is not None else self.at_least
        return max(self.at_least, min(self.at_most, max(new_articles, due)))


# Checks of a suspected article, counted from its first removal signal.
SUSPECTED = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

# After a check without a result (outage, block) the next one follows soon, and then ever more rarely.
AFTER_FAILURE = timedelta(minutes=30)
AFTER_FAILURES = timedelta(days=3)

# A change that counts only once two checks have shown it is checked again soon.
PENDING = timedelta(hours=2)

# Pauses between tries of a lead, by the number of failed tries so far. Leads are never given up: a source that
# comes back after a year must still have its leads.
LEAD_RETRIES = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)
LEAD_RETRY_AT_LAST = timedelta(days=30)

# An address that answered with "not found" or something other than an article: it may become one.
LEAD_RECONSIDERED = (timedelta(days=1), timedelta(days=7), timedelta(days=30))

# So long after a lead was first named it is tried again while a channel goes on naming it: many systems list a piece
# minutes before its page answers. After a third of an hour first, then ever more rarely: as long as it is known.
LEAD_AGAIN = timedelta(minutes=20)

_SHOWN = (Channel.LISTING, Channel.FEED)  # channels that show what is new

# A listing that has not changed for this long is read once a day; so is an address that never existed.
LISTING_QUIET = timedelta(days=7)
LISTING_QUIET_READ = timedelta(hours=24)


def next_check(last_changed: datetime, now: datetime, ladder: Ladder = LADDER) -> datetime:
    """When an article that last changed at `last_changed` and is checked `now` is due again.

    A change in the future counts as now.
    """
    every = ladder.every(now - last_changed)
    return now + every - min(EARLY, every / 6)


def next_when_pending(due: datetime | None, now: datetime) -> datetime:
    """When an article is checked again whose change counts once it was seen twice: soon, and no later than due."""
    soon = now + PENDING
    return soon if due is None else min(due, soon)


def next_after_failure(failing_since: datetime, now: datetime) -> datetime:
    """When to check again after a check without a result; `failing_since` is the first such check in a row.

    After half an hour, then after a quarter of the time it has been failing, at most three days: an outage is
    over soon, and an address that refuses for months is not requested every half hour.
    """
    return now + max(AFTER_FAILURE, min((now - failing_since) / 4, AFTER_FAILURES))


def next_suspected(first_signal: datetime, now: datetime) -> datetime:
    """When a suspected article is checked again."""
    for after in SUSPECTED:
        if first_signal + after > now:
            return first_signal + after
    return now + SUSPECTED[-1]


def next_try(attempts: int, now: datetime) -> datetime:
    """When a lead that failed `attempts` times before is tried again."""
    return now + (LEAD_RETRIES[attempts] if attempts < len(LEAD_RETRIES) else LEAD_RETRY_AT_LAST)


def reconsider(attempts: int, now: datetime) -> datetime | None:
    """When an address that was not an article is checked again, after `attempts` earlier checks.

    None: only if a listing names it again.
    """
    return now + LEAD_RECONSIDERED[attempts] if attempts < len(LEAD_RECONSIDERED) else None


def still_named(lead: LeadState) -> datetime | None:
    """When a lead that was no article, and that a channel goes on naming, is tried next; None: as was fixed before.

    A link that is dead for good is asked eight times in its first day at most. A sitemap names old pages too: of its entries
    only those that it dates to the day count as fresh.
    """
    if lead.outcome not in (VerdictKind.DEAD, VerdictKind.NOT_ARTICLE) or lead.last_attempt is None:
        return None
    age = lead.last_attempt - lead.first_seen
    stated = lead.published or lead.modified
    dated = stated is not None and lead.first_seen - stated < LEAD_FRESH
    if not timedelta(0) <= age < LEAD_FRESH or (lead.channel not in _SHOWN and not dated):
        return None
    again = lead.last_attempt + max(LEAD_AGAIN, age)
    return again if lead.next_attempt is None or again < lead.next_attempt else None


def listing_due(state: ListingState | None, now: datetime) -> bool:
    """Whether to read a listing now: always, unless it was read today and has not changed for a week or is missing.

    A sitemap of 2019 no longer changes, and the number after the last one usually does not exist yet. A read in
    the future was made while the machine's clock ran ahead and does not count.
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
    """Whether the last read found no listing: 404, 410, or a page at an address that never was a list.

    Many hosts answer with status 200 and an error page for addresses that do not exist.
    """
    if state.outcome in (FetchOutcome.NOT_FOUND, FetchOutcome.GONE):
        return True
    return state.outcome == FetchOutcome.OK and state.last_changed is None
