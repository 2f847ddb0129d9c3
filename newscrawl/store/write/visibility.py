"""Notes in the log of changes how an article can be found: noindex, and leaving all lists while it is there.

A list that an article left although it goes back further is noted at once, in `list_exits`. That it is gone from all
lists is told by a later check that finds it still there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from newscrawl.model import (
    Channel,
    Decision,
    FetchOutcome,
    ListChange,
    ListedArticle,
    ListingRead,
    State,
    VerdictKind,
    Visibility,
)
from newscrawl.store import rows
from newscrawl.store.tables import (
    article_urls,
    articles,
    leads,
    list_exits,
    listing_reads,
    listings,
    sightings,
)
from newscrawl.store.types import key_hash
from newscrawl.store.write import disputes, numbering

# So many good reads of a list that goes back further have to leave an article out.
_READS = 3


def log_noindex(
    connection: Connection, source_id: int, run_id: int, decision: Decision, version: int | None
) -> None:
    """Logs that the article's page asks search engines to leave it out, or does so no more. The first reading is not logged."""
    article, now, fetch = decision.article, decision.noindex, decision.observation.fetch
    if article is None or now is None or article.noindex is None or now == article.noindex:
        return
    if now:
        page = decision.observation.article
        by_page = page is not None and page.beside.noindex
        where = "the robots meta of its page" if by_page else f"X-Robots-Tag ({fetch.robots_tag})"
        reason = f'{where} asks search engines to leave it out ("noindex"); at the check before nothing did'
    else:
        reason = 'neither its page nor X-Robots-Tag says "noindex" any more'
    kind = Visibility.NOINDEX if now else Visibility.INDEXED
    _log(connection, source_id, run_id, article.id, fetch.at, kind, version, reason)


# --- leaving lists ---


def list_change(
    connection: Connection,
    listing: int,
    read: ListingRead,
    before: Sequence[Mapping[str, Any]],
    now: Sequence[Mapping[str, Any]],
) -> ListChange | None:
    """What a good read shows beside the positions that were stored before; None where no article can have left.

    A failed, cut or empty read, and a 304, leave nothing out.
    """
    if read.fetch.outcome is not FetchOutcome.OK or read.problem is not None or not now:
        return None
    query = (
        select(articles.c.id, articles.c.published)
        .join(list_exits, list_exits.c.article_id == articles.c.id)
        .where(list_exits.c.listing_id == listing)
    )
    gone = tuple(ListedArticle(row.id, row.published) for row in connection.execute(query))
    there = {one["article_id"] for one in now}
    if not gone and all(one["article_id"] in there for one in before):
        return None
    listed = [_listed_articles(connection, entries) for entries in (before, now)]
    return ListChange(listing, read.fetch.at, listed[0], listed[1], gone)


def note_exits(
    connection: Connection, change: ListChange, gone: Sequence[int], further: Sequence[int]
) -> None:
    """Notes articles that left a list, and counts one more good read without it for those that had left before."""
    mine = list_exits.c.listing_id == change.listing
    for part in rows.chunks(list(further)):
        counted = {"last": change.at, "reads": list_exits.c.reads + 1}
        counting = update(list_exits).where(mine, list_exits.c.article_id.in_(part)).values(counted)
        connection.execute(counting)
        # A full check between is done with; what is told is told by one that comes now.
        enough = select(list_exits.c.article_id).where(
            mine, list_exits.c.article_id.in_(part), list_exits.c.reads == _READS
        )
        disputes.dispute(connection, connection.execute(enough).scalars().all(), change.at)
    new = sorted(set(gone) - {one.article for one in change.left})
    if new:
        first = {"listing_id": change.listing, "since": change.at, "last": change.at, "reads": 1}
        connection.execute(insert(list_exits), [{"article_id": article, **first} for article in new])
        disputes.dispute(connection, new, change.at)  # the next check is a full one


def note_back(connection: Connection, source_id: int, run_id: int, read: ListingRead) -> None:
    """Forgets that articles left lists where any list names them again; if leaving was logged, the return is logged as well."""
    query = (
        select(articles.c.id, articles.c.version, articles.c.unlisted, article_urls.c.url_hash)
        .select_from(articles.join(list_exits).join(article_urls, article_urls.c.article_id == articles.c.id))
        .where(articles.c.source_id == source_id)
        .distinct()
    )
    waiting = connection.execute(query).all() if read.leads else []
    if not waiting:
        return
    named = {key_hash(key) for key, _ in read.leads}
    back = {row.id: row for row in waiting if row.url_hash in named}
    for article, row in sorted(back.items()):
        connection.execute(delete(list_exits).where(list_exits.c.article_id == article))
        if row.unlisted is not None:
            connection.execute(update(articles).where(articles.c.id == article).values(unlisted=None))
            reason = f"named again by {read.url}"
            at = read.fetch.at
            _log(connection, source_id, run_id, article, at, Visibility.RELISTED, row.version, reason)


def _listed_articles(
    connection: Connection, entries: Sequence[Mapping[str, Any]]
) -> tuple[ListedArticle, ...]:
    """The articles of a list in its order, with their dates."""
    ids = list(dict.fromkeys(one["article_id"] for one in entries if one["article_id"] is not None))
    dates: dict[int, datetime | None] = {}
    for part in rows.chunks(ids):
        query = select(articles.c.id, articles.c.published).where(articles.c.id.in_(part))
        dates |= {row.id: row.published for row in connection.execute(query)}
    return tuple(ListedArticle(article, dates.get(article)) for article in ids)


def log_unlisted(
    connection: Connection, source_id: int, run_id: int, decision: Decision, version: int | None
) -> None:
    """Logs that an article is gone from all lists, where this check found it still there."""
    article, observation, verdict = decision.article, decision.observation, decision.verdict
    if article is None or article.state is not State.LIVE or decision.insert is not None:
        return
    seen = verdict.kind.saw_article and verdict.kind is not VerdictKind.DUPLICATE and verdict.signal is None
    if not seen or observation.fetch.outcome is not FetchOutcome.OK:
        return
    at = observation.fetch.at
    query = (
        select(list_exits, listings.c.url)
        .join(listings, listings.c.id == list_exits.c.listing_id)
        .join(articles, articles.c.id == list_exits.c.article_id)
        .where(list_exits.c.article_id == article.id, list_exits.c.since < at, articles.c.unlisted.is_(None))
        .order_by(list_exits.c.since)
    )
    exits = connection.execute(query).all()
    lasting = [one for one in exits if one.reads >= _READS]
    if not lasting or _may_be_listed(connection, source_id, article.id, exits[0].since):
        return
    lists = "; ".join(
        f"{one.url} named it no more in {one.reads} reads from {one.since:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M} UTC,"
        " and older articles still"
        for one in lasting
    )
    reason = f"{lists}; no other list names it, and this check found it there"
    _log(connection, source_id, run_id, article.id, at, Visibility.UNLISTED, version, reason)
    connection.execute(update(articles).where(articles.c.id == article.id).values(unlisted=exits[0].since))


def _may_be_listed(connection: Connection, source_id: int, article: int, since: datetime) -> bool:
    """Whether any list shows an article as far as is known, or may name it because it was not read since it left the first."""
    shown = (
        select(sightings.c.read_id)
        .join(listing_reads, listing_reads.c.id == sightings.c.read_id)
        .where(sightings.c.article_id == article)
    )
    newest = (
        select(listing_reads.c.listing_id, func.max(listing_reads.c.id).label("id"))
        .where(
            listing_reads.c.shown_id.is_not(None),
            listing_reads.c.listing_id.in_(
                select(listing_reads.c.listing_id)
                .join(sightings, sightings.c.read_id == listing_reads.c.id)
                .where(sightings.c.article_id == article)
            ),
        )
        .group_by(listing_reads.c.listing_id)
        .subquery()
    )
    # Older pages that were read once, on the way back, have moved on since.
    still = (
        select(listing_reads.c.id)
        .join(newest, newest.c.id == listing_reads.c.id)
        .where(
            listing_reads.c.shown_id.in_(shown),
            or_(listing_reads.c.root_id.is_(None), listing_reads.c.at >= since),
        )
    )
    if connection.execute(still.limit(1)).first() is not None:
        return True
    named = select(leads.c.id).where(leads.c.article_id == article, leads.c.sitemap_first.is_not(None))
    if connection.execute(named.limit(1)).first() is None:
        return False
    edition = select(articles.c.edition).where(articles.c.id == article).scalar_subquery()
    unread = select(listings.c.id).where(
        listings.c.source_id == source_id,
        listings.c.edition == edition,
        listings.c.channel == Channel.SITEMAP.value,
        listings.c.last_full < since,
    )
    return connection.execute(unread.limit(1)).first() is not None


def _log(
    connection: Connection,
    source_id: int,
    run_id: int,
    article_id: int,
    at: datetime,
    kind: Visibility,
    version: int | None,
    reason: str,
) -> None:
    """One entry of the change log, with the version that the article has."""
    numbers = (version, version)
    numbering.log(connection, source_id, run_id, article_id, at, kind.value, numbers, reason)
