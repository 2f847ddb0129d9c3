"""How far a server's "not modified" (304) is believed: which requests are conditional, which validators are kept, and when they lied.

A stuck cache, a comparison of dates with "not later than" or a hostile host answers 304 for a page that has changed.
So every word of the kind is checked in time by an unconditional request, and sooner where something speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from newscrawl.judge.recheck import EARLY, LADDER, LISTING_QUIET, Ladder
from newscrawl.judge.verdict import last_change
from newscrawl.model import (
    CaughtHost,
    Channel,
    Fetch,
    FetchOutcome,
    Known,
    ListingState,
    Observation,
    State,
    Verdict,
    VerdictKind,
)

# How long a 304 is believed of an article, of a list or feed, and of a sitemap that has long been as it is (there may
# be a thousand of them, each of megabytes).
ARTICLE_BELIEVED = timedelta(days=30)
LIST_BELIEVED = timedelta(days=1)
OLD_SITEMAP_BELIEVED = timedelta(days=30)
# An honest cache may answer with what it fetched so long ago.
CACHED = timedelta(hours=1)
# A host that was caught is asked unconditionally for so long after its last false validators: its cache may be mended.
CAUGHT_FOR = timedelta(days=180)


def in_full(known: Known, now: datetime, ladder: Ladder = LADDER) -> bool:
    """Whether an article is asked for unconditionally now.

    Once in each step of the ladder, and after a month at the latest; where a list, feed or sitemap said something
    else since its page was read; where it was absent: "not modified" does not say what is there again.
    """
    if known.state is not State.LIVE or known.disputed or _expired(known.last_full, now, ARTICLE_BELIEVED):
        return True
    assert known.last_full is not None
    changed = last_change(known)
    return ladder.every(now - changed) > ladder.every(known.last_full - changed)


def list_in_full(
    state: ListingState, now: datetime, *, newest: datetime | None = None, claimed: datetime | None = None
) -> bool:
    """Whether a list, feed or sitemap is asked for unconditionally.

    Once a day; where another channel brought an article that is newer than its last full read (`newest` is when the
    edition's newest known article was published); where its sitemap index says that it changed since (`claimed`).
    """
    if _expired(state.last_full, now, OLD_SITEMAP_BELIEVED):
        return True
    assert state.last_full is not None
    if claimed is not None and state.last_full < claimed <= now:
        return True
    changed = state.last_changed
    if state.channel is Channel.SITEMAP and changed is not None and now - changed >= LISTING_QUIET:
        return False
    return _expired(state.last_full, now, LIST_BELIEVED) or (newest is not None and newest > state.last_full)


def _expired(last_full: datetime | None, now: datetime, believed: timedelta) -> bool:
    """Whether the last full answer is too old; one in the future was read while the machine's clock ran ahead."""
    return last_full is None or not timedelta(0) <= now - last_full < believed - EARLY


def false_for(observation: Observation, known: Known, verdict: Verdict) -> bool:
    """Whether an edit shows that a "not modified" of its host is not true.

    Either the new text came with the same ETag or Last-Modified as the text before it, or by its own Last-Modified it
    was there well before a request to which the host still answered "not modified".
    """
    fetch = observation.fetch
    if verdict.kind is not VerdictKind.CHANGED or fetch.outcome is not FetchOutcome.OK:
        return False
    # Validators belong to an address: those of a redirect's target say nothing of the article's own.
    if fetch.redirects or observation.url_key != known.url_key or not (known.etag or known.last_modified):
        return False
    same = match((known.etag, known.last_modified), (fetch.etag, fetch.last_modified))
    return same or _changed_before_304(known, fetch)


def _changed_before_304(known: Known, fetch: Fetch) -> bool:
    changed = _http_date(fetch.last_modified)
    if changed is None or known.last_full is None:
        return False
    # What saw the article after the last full answer was a "not modified".
    return known.last_full < changed < known.last_seen - CACHED


def _http_date(value: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else None


def false_for_list(state: ListingState, fetch: Fetch) -> bool:
    """Whether another document came under the validators of the one that was read last."""
    if fetch.outcome is not FetchOutcome.OK or not fetch.captures:
        return False
    if fetch.captures[-1].ref.digest == state.digest:
        return False
    return match((state.etag, state.last_modified), (fetch.etag, fetch.last_modified))


def caught(hosts: Iterable[CaughtHost], now: datetime) -> list[CaughtHost]:
    """The hosts whose "not modified" is not believed now."""
    return [host for host in hosts if host.last > now - CAUGHT_FOR]


def match(kept: tuple[str | None, str | None], sent: tuple[str | None, str | None]) -> bool:
    """Whether a server that sends these validators (ETag, Last-Modified) would call what has the kept ones not modified.

    The ETag alone decides where there is one, as in RFC 9110. Dates must be equal: an earlier one is another word.
    """
    if kept[0] or sent[0]:
        return bool(kept[0] and sent[0]) and _opaque(kept[0]) == _opaque(sent[0])
    return bool(kept[1]) and kept[1] == sent[1]


def _opaque(etag: str | None) -> str:
    return (etag or "").strip().removeprefix("W/")
