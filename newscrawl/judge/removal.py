"""Removal: which looks are signals, and when signals add up. One response never proves that an article was taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from newscrawl.model import Fetch, FetchOutcome, PageType, Signal, State
from newscrawl.urls import is_front_page

# Three consistent signals over at least a day, each with other articles of the edition answering properly. Signals are
# consistent if no look between them found the article: servers say an absence in several ways (404 today, a redirect
# after the next clean-up), so the kinds may differ, and every one is kept with its own evidence.
SIGNALS_NEEDED = 3
SPAN_NEEDED = timedelta(hours=24)
# Where articles of the same age or section are absent as well, or many went at once, it may be a broken part of the
# site or a move to new addresses. Those are mended within days; what stays away longer is removed.
SPAN_TOGETHER = timedelta(hours=72)
# So many articles of an edition first found absent within so short a time are said to be many at once.
MANY = 10
AT_ONCE = timedelta(hours=1)

_BY_OUTCOME = {
    FetchOutcome.NOT_FOUND: Signal.NOT_FOUND,
    FetchOutcome.GONE: Signal.GONE,
    FetchOutcome.LEGAL: Signal.LEGAL,
}
# A parser bug or a site that moved to scripts empties every page at once: the control articles tell it from a removal.
_BY_PAGE = {PageType.NOT_FOUND: Signal.SOFT_404, PageType.EMPTY: Signal.EMPTIED}


def signal_of(
    fetch: Fetch,
    page_type: PageType | None,
    *,
    elsewhere: bool,
    as_missing: bool | None = None,
    emptied: bool = False,
) -> Signal | None:
    """The removal signal a look gives, if any.

    `elsewhere` says that the address redirected to a page that is not this article, `as_missing` that the
    host answers the same for an address that cannot exist (None: it was not asked), `emptied` that of the
    article only the frame is left. Outages,
    refusals, challenge pages and pages we cannot read are never signals.
    """
    if fetch.outcome in _BY_OUTCOME:
        return _BY_OUTCOME[fetch.outcome]
    if fetch.outcome is not FetchOutcome.OK or page_type is PageType.CHALLENGE:
        return None
    if fetch.redirects:
        if is_front_page(fetch.final_url):
            return Signal.REDIRECTED_HOME
        if elsewhere:
            return Signal.REDIRECTED_ELSEWHERE
    if as_missing:
        return Signal.SOFT_404
    if emptied or (page_type is PageType.OTHER and as_missing is False):
        # A page of its own, and hardly a word on it.
        return Signal.EMPTIED
    return _BY_PAGE.get(page_type) if page_type is not None else None


def together(first: datetime, firsts: Iterable[datetime]) -> int:
    """How many of the first signals fell to about the same time as `first`, itself included: one run's."""
    return sum(abs(other - first) <= AT_ONCE for other in firsts)


def state_after(state: State, earlier: Sequence[datetime], now: datetime, *, alone: bool = True) -> State:
    """The state after one more signal at `now`; `earlier` are the signals since the article was last seen, oldest first.

    `alone` is False where articles near it are absent as well: then it takes longer to be sure.
    """
    if state is State.REMOVED:
        return state
    span = SPAN_NEEDED if alone else SPAN_TOGETHER
    enough = len(earlier) + 1 >= SIGNALS_NEEDED and now - earlier[0] >= span
    return State.REMOVED if enough else State.SUSPECTED
