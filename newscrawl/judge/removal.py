"""Removal: which looks are signals, and when signals add up. One response never proves that an article was taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from newscrawl.model import Fetch, FetchOutcome, PageType, Signal, State
from newscrawl.urls import is_front_page

# Three consistent signals over at least a day, each with other articles of the edition answering properly.
SIGNALS_NEEDED = 3
SPAN_NEEDED = timedelta(hours=24)

_BY_OUTCOME = {
    FetchOutcome.NOT_FOUND: Signal.NOT_FOUND,
    FetchOutcome.GONE: Signal.GONE,
    FetchOutcome.LEGAL: Signal.LEGAL,
}
# A parser bug or a site that moved to scripts empties every page at once: the control articles tell it from a removal.
_BY_PAGE = {PageType.NOT_FOUND: Signal.SOFT_404, PageType.EMPTY: Signal.EMPTIED}


def signal_of(fetch: Fetch, page_type: PageType | None, *, elsewhere: bool) -> Signal | None:
    """The removal signal a look gives, if any.

    `elsewhere` says that the address redirected to a page that is not this article. Outages,
    refusals, challenge pages and pages we cannot read are never signals.
    """
    if fetch.outcome in _BY_OUTCOME:
        return _BY_OUTCOME[fetch.outcome]
    if fetch.outcome is not FetchOutcome.OK:
        return None
    if fetch.redirects and page_type is not PageType.CHALLENGE:
        if is_front_page(fetch.final_url):
            return Signal.REDIRECTED_HOME
        if elsewhere:
            return Signal.REDIRECTED_ELSEWHERE
    return _BY_PAGE.get(page_type) if page_type is not None else None


def state_after(state: State, earlier: Sequence[datetime], now: datetime) -> State:
    """The state after one more signal at `now`; `earlier` are the signals since the article was last seen, oldest first."""
    if state is State.REMOVED:
        return state
    enough = len(earlier) + 1 >= SIGNALS_NEEDED and now - earlier[0] >= SPAN_NEEDED
    return State.REMOVED if enough else State.SUSPECTED
