"""Removal: which observations are signals, and when signals add up. One response never proves that an article was taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from newscrawl.judge import identity
from newscrawl.judge.soft_404 import is_soft_404
from newscrawl.judge.walls import wall_of
from newscrawl.model import Content, Fetch, FetchOutcome, Known, Observation, PageType, Signal, State
from newscrawl.urls import is_front_page

# Three consistent signals over at least a day, each with other articles of the edition answering properly. Signals are
# consistent if no check between them found the article: servers say an absence in several ways (404 today, a redirect
# after the next clean-up), so the kinds may differ, and every one is kept with its own evidence.
SIGNALS_NEEDED = 3
SPAN_NEEDED = timedelta(hours=24)
# Where articles of the same age or section are absent as well, or many went at once, it may be a broken part of the
# site or a move to new addresses. Those are mended within days; what stays away longer is removed.
SPAN_TOGETHER = timedelta(hours=72)
# So many articles of an edition first found absent within so short a time count as many at once.
MANY = 10
AT_ONCE = timedelta(hours=1)

_BY_OUTCOME = {
    FetchOutcome.NOT_FOUND: Signal.NOT_FOUND,
    FetchOutcome.GONE: Signal.GONE,
    FetchOutcome.LEGAL: Signal.LEGAL,
}


def signal_of(
    fetch: Fetch,
    page_type: PageType | None,
    *,
    elsewhere: bool,
    as_missing: bool | None = None,
    emptied: bool = False,
    wall: str | None = None,
) -> Signal | None:
    """The removal signal an answer gives, if any.

    `elsewhere` says that the address redirected to a page that is not this article, `as_missing` that the
    host answers the same for an address that cannot exist (None: it was not asked), `wall` what kind of wall
    (judge.walls) it redirected to, `emptied` that of the
    article only the frame is left. Outages, refusals, walls, challenge pages and pages we cannot read are
    never signals.
    """
    if fetch.outcome in _BY_OUTCOME:
        return _BY_OUTCOME[fetch.outcome]
    if fetch.outcome is not FetchOutcome.OK or page_type is PageType.CHALLENGE or wall is not None:
        return None
    if fetch.redirects:
        if is_front_page(fetch.final_url):
            return Signal.REDIRECTED_HOME
        if page_type is not None and page_type.hides_article:
            return None
        if elsewhere:
            return Signal.REDIRECTED_ELSEWHERE
    if is_soft_404(page_type, as_missing):
        return Signal.SOFT_404
    # The host answers otherwise for an address that cannot exist: a page of its own, without its text.
    own_page = page_type is PageType.OTHER and as_missing is False
    # A parser bug or a site that moved to scripts empties every page at once: the controls tell it from a removal.
    return Signal.EMPTIED if emptied or own_page or page_type is PageType.EMPTY else None


def signal_in(observation: Observation, known: Known) -> Signal | None:
    """The removal signal an observation of a known article gives, before it is known where its address may have moved."""
    page = observation.article
    elsewhere = page is not None and not identity.same_piece(known.content, Content.of(page))
    return signal_of(
        observation.fetch,
        page.page_type if page is not None else None,
        elsewhere=elsewhere,
        as_missing=observation.as_missing,
        emptied=identity.is_emptied(observation, known),
        wall=wall_of(observation.fetch, page),
    )


def shows_article(observation: Observation) -> bool:
    """Whether an answer brought an article at all: a whole page that is one, and no wall before it.

    The one rule for it: what is no article proves neither that the known one is alive nor that it was edited.
    """
    fetch, page = observation.fetch, observation.article
    whole = fetch.outcome is FetchOutcome.OK and page is not None and page.is_article
    return whole and wall_of(fetch, page) is None


def is_alive(observation: Observation, known: Known) -> bool:
    """Whether an observation found the known article at its address, edited or not."""
    if observation.fetch.outcome is FetchOutcome.NOT_MODIFIED:
        return True
    page = observation.article
    if page is None or not shows_article(observation):
        return False
    return identity.related(known.content, Content.of(page)) and not identity.is_emptied(observation, known)


def together(first: datetime, firsts: Iterable[datetime]) -> int:
    """How many of the first signals came at about the same time as `first` (within one run), itself included."""
    return sum(abs(other - first) <= AT_ONCE for other in firsts)


def state_after(
    state: State,
    earlier: Sequence[datetime],
    now: datetime,
    *,
    alone: bool = True,
    unconfirmed: Sequence[datetime] = (),
) -> State:
    """The state after one more signal at `now`; `earlier` are the signals since the article was last seen, oldest first.

    `alone` is False where articles near it are absent as well: then it takes longer to be sure. `unconfirmed` are
    further signals, after which no control answered: they count where all together reach over the longer time.
    """
    if state is State.REMOVED:
        return state
    sure = _enough(earlier, now, SPAN_NEEDED if alone else SPAN_TOGETHER)
    return State.REMOVED if sure or _enough((*earlier, *unconfirmed), now, SPAN_TOGETHER) else State.SUSPECTED


def state_unconfirmed(
    state: State, earlier: Sequence[datetime], unconfirmed: Sequence[datetime], now: datetime
) -> State:
    """The state after one more signal at `now` after which no control answered, although others did within the day.

    An outlet that fails for a minute after each such answer hides nothing for ever: three over a day make an
    article suspected, and over the longer time removed. One or two change nothing.
    """
    if state is State.REMOVED:
        return state
    signals = (*earlier, *unconfirmed)
    if _enough(signals, now, SPAN_TOGETHER):
        return State.REMOVED
    return State.SUSPECTED if _enough(signals, now, SPAN_NEEDED) else state


def _enough(earlier: Sequence[datetime], now: datetime, span: timedelta) -> bool:
    """Whether these signals and one more are enough, and lie far enough apart."""
    return len(earlier) + 1 >= SIGNALS_NEEDED and now - min(earlier) >= span
