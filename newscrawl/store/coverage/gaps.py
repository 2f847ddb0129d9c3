"""The facts from which `judge/coverage/gaps.py` finds gaps: reads of lists, and which lists showed which articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from newscrawl.model import Channel, Entry, FetchOutcome, Named, RootRead, Sight, Unjoined
from newscrawl.store.coverage.lists import GOOD, root_of, stored_entries
from newscrawl.store.tables import leads, listing_reads, listings, runs, sightings

_LISTED = (Channel.LISTING.value, Channel.FEED.value)


class ListingFacts:
    """What the archive knows of the listings of one edition; valid as long as its connection is open.

    With `since` only what was read from then on, and of each list the last good read before it: whether the first
    read after `since` joins on to that one can then be told.
    """

    def __init__(
        self, connection: Connection, source_id: int, source: str, edition: str, since: datetime | None = None
    ) -> None:
        self._connection = connection
        self._since = since
        self._source_id = source_id
        self.source = source
        self.edition = edition

    def reads(self) -> list[RootRead]:
        """Reads of first pages, feeds and sitemaps oldest first; all sitemaps of a run count as one good and one failed read at most."""
        return root_reads(self._connection, self._source_id, self.edition, self._since)

    def shown(self, interval: Unjoined, run: int) -> list[Entry]:
        """What the list of the interval and its older pages showed in a run."""
        ids = _listing_ids(self._connection, self._source_id, self.edition, interval.channel, interval.root)
        return _shown(self._connection, ids, run)

    def named(self, keys: Sequence[str]) -> list[Named]:
        """The first and last moment at which sitemaps are known to have named these articles."""
        return [_named(self._connection, self._source_id, key) for key in keys]

    def sights(self, interval: Unjoined, keys: Sequence[str]) -> list[Sight]:
        """Lists that showed any of these articles after the interval began, by run."""
        return _sights(self._connection, self._source_id, self.edition, interval, keys)


def root_reads(
    connection: Connection, source_id: int, edition: str, since: datetime | None = None
) -> list[RootRead]:
    """Reads of first pages, feeds and sitemaps oldest first; all sitemaps of a run count as one good and one failed read at most.

    With `since` those from then on, and before them the last good read of each list that was read since.
    """
    of_edition = (listings.c.source_id == source_id, listings.c.edition == edition)
    joined = listing_reads.join(listings, listings.c.id == listing_reads.c.listing_id)
    lately = () if since is None else (listing_reads.c.at >= since,)
    read = listing_reads.c
    # Plain columns: in three months a source reads its lists ten thousand times.
    said = (read.listing_id, read.run_id, read.at, read.shown_id, read.joined, read.outcome)
    roots = (
        select(*said, listings.c.channel, listings.c.url)
        .select_from(joined)
        .where(*of_edition, listings.c.channel.in_(_LISTED), read.root_id.is_(None))
    )
    rows = list(connection.execute(roots.where(*lately)))
    if since is not None:
        for listing in {row[0] for row in rows}:
            before = roots.where(read.listing_id == listing, read.at < since, read.shown_id.is_not(None))
            rows += connection.execute(before.order_by(read.at.desc()).limit(1))
    of_list = {row[0]: (row[6], row[7]) for row in rows}
    lists = {one: (Channel(channel), root_of(url)) for one, (channel, url) in of_list.items()}
    found = [
        RootRead(run, at, *lists[listing], good=shown is not None, joined=joins, outcome=outcome)
        for listing, run, at, shown, joins, outcome, _, _ in rows
    ]
    named = or_(listing_reads.c.outcome == FetchOutcome.NOT_MODIFIED.value, listing_reads.c.leads > 0)
    good = and_(listing_reads.c.outcome.in_(GOOD), named).label("good")
    sitemaps = (
        select(
            listing_reads.c.run_id, good, listing_reads.c.outcome, func.max(listing_reads.c.at).label("at")
        )
        .select_from(joined)
        .where(*of_edition, listings.c.channel == Channel.SITEMAP.value, *lately)
        .group_by(listing_reads.c.run_id, good, listing_reads.c.outcome)
    )
    found += [
        RootRead(row.run_id, row.at, Channel.SITEMAP, "sitemaps", bool(row.good), outcome=row.outcome)
        for row in connection.execute(sitemaps)
    ]
    return sorted(found, key=lambda read: (read.run, read.at))


def _listing_ids(
    connection: Connection, source_id: int, edition: str, channel: Channel, root: str
) -> list[int]:
    query = select(listings.c.id, listings.c.url).where(
        listings.c.source_id == source_id, listings.c.edition == edition, listings.c.channel == channel.value
    )
    return [row.id for row in connection.execute(query) if root_of(row.url) == root]


def _shown(connection: Connection, ids: Sequence[int], run: int) -> list[Entry]:
    """What a list and its older pages showed in a run."""
    query = select(listing_reads.c.shown_id).where(
        listing_reads.c.run_id == run,
        or_(listing_reads.c.listing_id.in_(ids), listing_reads.c.root_id.in_(ids)),
        listing_reads.c.shown_id.is_not(None),
    )
    reads = list(connection.execute(query.order_by(listing_reads.c.id)).scalars())
    stored = stored_entries(connection, reads)
    return [entry for read in reads for entry in stored.get(read, ())]


def _named(connection: Connection, source_id: int, key: str) -> Named:
    query = (
        select(leads.c.sitemap_id, leads.c.sitemap_first, leads.c.sitemap_last, listings.c.last_changed)
        .join(listings, listings.c.id == leads.c.sitemap_id)
        .where(leads.c.source_id == source_id, _is(key, leads.c.article_id, leads.c.id))
    )
    first: datetime | None = None
    last: datetime | None = None
    for row in connection.execute(query):
        # An address in the newest content of a sitemap is named for as long as that content has not changed.
        is_current = row.last_changed is not None and row.sitemap_last >= row.last_changed
        until = _read_until(connection, row.sitemap_id, None if is_current else row.sitemap_last)
        first = min(first or row.sitemap_first, row.sitemap_first)
        last = max(last or until, until)
    return Named(key, first, last)


def _read_until(connection: Connection, sitemap: int, last: datetime | None) -> datetime:
    """The end of the run that last read a sitemap (up to `last`).

    The end, so that the sitemaps of a run, which are read one after the other, count as read at the same moment.
    """
    query = (
        select(listing_reads.c.at, runs.c.finished)
        .join(runs, runs.c.id == listing_reads.c.run_id)
        .where(listing_reads.c.listing_id == sitemap, listing_reads.c.outcome.in_(GOOD))
    )
    if last is not None:
        query = query.where(listing_reads.c.at <= last)
    read = connection.execute(query.order_by(listing_reads.c.at.desc()).limit(1)).one()
    at: datetime = read.at
    return max(at, read.finished or at)


def _sights(
    connection: Connection, source_id: int, edition: str, interval: Unjoined, keys: Sequence[str]
) -> list[Sight]:
    root = func.coalesce(listing_reads.c.root_id, listing_reads.c.listing_id)
    groups: dict[tuple[int, int], tuple[datetime, set[str]]] = {}
    for key in keys:
        query = (
            select(listing_reads.c.run_id, root.label("root"), func.min(listing_reads.c.at).label("at"))
            .select_from(sightings)
            .join(listing_reads, listing_reads.c.shown_id == sightings.c.read_id)
            .where(
                _is(key, sightings.c.article_id, sightings.c.lead_id),
                listing_reads.c.run_id > interval.runs[0],
                listing_reads.c.outcome != FetchOutcome.NOT_MODIFIED.value,
            )
            .group_by(listing_reads.c.run_id, root)
        )
        for row in connection.execute(query):
            at, shown = groups.get((row.run_id, row.root), (row.at, set()))
            groups[row.run_id, row.root] = min(at, row.at), shown | {key}
    about = {
        row.id: row
        for row in connection.execute(
            select(listings.c.id, listings.c.url, listings.c.channel).where(
                listings.c.id.in_(sorted({listing for _, listing in groups})),
                listings.c.source_id == source_id,
                listings.c.edition == edition,
            )
        )
    }
    return [
        Sight(run, at, Channel(about[listing].channel), root_of(about[listing].url), frozenset(shown))
        for (run, listing), (at, shown) in groups.items()
        if listing in about
    ]


def _is(key: str, article: ColumnElement[int], lead: ColumnElement[int]) -> ColumnElement[bool]:
    kind, number = key.split(" ")
    return (article if kind == "article" else lead) == int(number)
