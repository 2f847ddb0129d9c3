"""The frontier: addresses waiting to be read, and the listing channels they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, case, insert, null, select, update

from newscrawl.model import (
    AddressStatus,
    Capture,
    Channel,
    FetchOutcome,
    Lead,
    LeadState,
    ListChange,
    ListingRead,
    Verdict,
    VerdictKind,
)
from newscrawl.model.ledger import LEAD_FRESH
from newscrawl.store import rows
from newscrawl.store.coverage import lists
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.read import known
from newscrawl.store.tables import leads, listing_reads, listings, sightings
from newscrawl.store.types import key_hash, new_id
from newscrawl.store.write import disputes, hosts, visibility

# Sightings are kept for channels that people read; a sitemap has thousands of entries and no order that means anything.
_WITH_SIGHTINGS = (Channel.LISTING, Channel.FEED)
# Channels whose entries the outlet itself calls articles; a link on a page may lead anywhere.
_CLAIMING = (Channel.FEED, Channel.SITEMAP)
_Positions = list[dict[str, Any]]
_NO_ARTICLES = (VerdictKind.DEAD, VerdictKind.NOT_ARTICLE)


def add_leads(
    connection: Connection, source_id: int, edition: str, found: Sequence[tuple[str, Lead]], now: datetime
) -> int:
    """Puts leads into the frontier that it does not hold yet; the number of new ones.

    An address that a page merely claims for its article counts as unknown: only reading it tells
    whether the claim is true, and a wrong one must not hide the article that is really there.
    """
    first: dict[str, Lead] = {}
    for key, lead in found:
        first.setdefault(key, lead)
    met = known.statuses(connection, source_id, list(first))
    new = [
        {
            "source_id": source_id,
            "edition": edition,
            "url": lead.url,
            "url_key": key,
            "url_hash": key_hash(key),
            "channel": lead.channel.value,
            "listing": lead.listing,
            "position": lead.position,
            "headline": lead.headline,
            "claimed": _claims(lead),
            "published": lead.published,
            "modified": lead.modified,
            "first_seen": now,
            "attempts": 0,
            "announced": rows.stored_announced(lead.announced),
        }
        for key, lead in first.items()
        if key not in met or (met[key].lead is None and not met[key].confirmed)
    ]
    for part in rows.chunks(new):
        connection.execute(insert(leads), list(part))
    _claim(connection, [met[key].lead for key, lead in found if _claims(lead) and key in met], now)
    _date(connection, {key: lead for key, lead in found if lead.published is not None}, met)
    _announce(connection, {key: lead for key, lead in found if lead.announced is not None}, met)
    return len(new)


def _claims(lead: Lead) -> bool:
    return lead.channel in _CLAIMING and not lead.doubtful


def _date(connection: Connection, dated: Mapping[str, Lead], met: Mapping[str, AddressStatus]) -> None:
    """Notes when a lead that waits without a date was published, where another channel says so: the newest are asked first."""
    for key, lead in dated.items():
        waiting = met[key].lead if key in met else None
        if waiting is not None and waiting.outcome is None and waiting.published is None:
            connection.execute(update(leads).where(leads.c.id == waiting.id).values(published=lead.published))


def _announce(connection: Connection, said: Mapping[str, Lead], met: Mapping[str, AddressStatus]) -> None:
    """Notes what a feed or sitemap says of leads that another channel named first; once they are read it stays as it was."""
    for key, lead in said.items():
        waiting = met[key].lead if key in met and met[key].article_id is None else None
        if waiting is not None and waiting.announced is None:
            values = {"announced": rows.stored_announced(lead.announced)}
            connection.execute(update(leads).where(leads.c.id == waiting.id).values(values))


def _claim(connection: Connection, named: Sequence[LeadState | None], now: datetime) -> None:
    """Notes that a feed or sitemap names addresses known from links only; what was refused as undated is checked again."""
    ids = [lead.id for lead in named if lead is not None and not lead.claimed]
    for part in rows.chunks(ids):
        connection.execute(update(leads).where(leads.c.id.in_(part)).values(claimed=True))
        refused = leads.c.outcome == VerdictKind.NOT_ARTICLE.value
        connection.execute(update(leads).where(leads.c.id.in_(part), refused).values(next_attempt=now))


def lead_id(connection: Connection, source_id: int, key: str) -> int | None:
    """The frontier's entry for an address key."""
    found = connection.execute(
        select(leads.c.id).where(leads.c.source_id == source_id, leads.c.url_hash == key_hash(key))
    ).scalar()
    return int(found) if found is not None else None


def settle(
    connection: Connection,
    lead: int,
    verdict: Verdict,
    at: datetime,
    *,
    article_id: int | None,
    published: datetime | None,
) -> None:
    """Writes what checking a lead came to. Sightings made before it was an article are joined to the article."""
    # While it is fresh a page may come any minute: all tries of that time count as one, and use up no later ones.
    again = verdict.kind in _NO_ARTICLES and article_id is None
    fresh = and_(leads.c.attempts > 0, leads.c.first_seen > at - LEAD_FRESH)
    once_more = leads.c.attempts + 1
    values: dict[str, Any] = {
        "attempts": case((fresh, leads.c.attempts), else_=once_more) if again else once_more,
        "last_attempt": at,
        "outcome": verdict.kind.value,
        "reason": verdict.reason,
        "next_attempt": verdict.next_check if article_id is None else None,
        "article_id": article_id,
    }
    if published is not None:
        values["published"] = published
    connection.execute(update(leads).where(leads.c.id == lead).values(values))
    if article_id is not None:
        connection.execute(
            update(sightings)
            .where(sightings.c.lead_id == lead, sightings.c.article_id.is_(None))
            .values(article_id=article_id)
        )


def record_listing(
    connection: Connection, source_id: int, run_id: int, read: ListingRead
) -> ListChange | None:
    """Stores one read of a listing channel: leads, sightings, validators for the next conditional request, and how it went.

    With what it shows beside the read before, where articles may have left the list.
    """
    fetch = read.fetch
    for lead, again in read.again:
        connection.execute(update(leads).where(leads.c.id == lead).values(next_attempt=again))
    new = add_leads(connection, source_id, read.edition, read.leads, fetch.at)
    capture = store_captures(connection, source_id, fetch.captures)
    listing, read_before = _listing(connection, source_id, read)
    if read.channel is Channel.SITEMAP and read.leads:
        keys = [key for key, _ in read.leads]
        lists.note_named(connection, source_id, listing, keys, fetch.at, read_before)
    disputes.by_dates(connection, source_id, read.leads, read_before, fetch.at)
    root = _root(connection, source_id, read)
    if root is not None and read.joined is not None:
        lists.settle_root(connection, run_id, root, read.joined)
    _keep_cursor(connection, source_id, root or listing, read)
    before = _shown_before(connection, listing)
    result = connection.execute(
        insert(listing_reads),
        {
            "listing_id": listing,
            "run_id": run_id,
            "at": fetch.at,
            "outcome": fetch.outcome.value,
            "status": fetch.status,
            "leads": len(read.leads),
            "known": read.known,
            "joined": read.joined,
            "problem": read.problem,
            "capture_id": capture,
            "root_id": root,
        },
    )
    this = new_id(result)
    visibility.note_back(connection, source_id, run_id, read)
    change = None
    if read.channel in _WITH_SIGHTINGS:
        shown, stored, entries = _shown(connection, source_id, this, before, read, root or listing)
        connection.execute(update(listing_reads).where(listing_reads.c.id == this).values(shown_id=shown))
        there = {_who(entry) for entry in stored}
        new += sum(_who(entry) not in there for entry in entries)
        change = visibility.list_change(connection, listing, read, stored, entries)
    if new and read.caught is not None:
        hosts.note(connection, source_id, read.edition, read.caught, fetch.final_url, fetch.at)
    return change


def _keep_cursor(connection: Connection, source_id: int, root: int, read: ListingRead) -> None:
    """Notes how far back the list was read. Where it does not join its last read there is a gap: the backfill starts anew."""
    if read.backfill is None and read.joined is not False:
        return
    stored = None
    where = listings.c.id == root
    if read.backfill is not None:
        reached = (
            read.backfill.reached.astimezone(UTC).isoformat() if read.backfill.reached is not None else None
        )
        # In the zone it was asked in: told as the day it was there.
        short_of = read.backfill.short_of.isoformat() if read.backfill.short_of is not None else None
        stored = {
            "depth": read.backfill.depth,
            "next": read.backfill.next,
            "reached": reached,
            "short_of": short_of,
        }
        where = and_(listings.c.source_id == source_id, listings.c.url_hash == key_hash(read.backfill.root))
    connection.execute(update(listings).where(where).values(walk=null() if stored is None else stored))


def _root(connection: Connection, source_id: int, read: ListingRead) -> int | None:
    if read.root is None:
        return None
    where = (listings.c.source_id == source_id, listings.c.url_hash == key_hash(read.root))
    return connection.execute(select(listings.c.id).where(*where)).scalar()


def _shown_before(connection: Connection, listing: int) -> int | None:
    """The read that stored what the listing showed last."""
    query = select(listing_reads.c.shown_id).where(
        listing_reads.c.listing_id == listing, listing_reads.c.shown_id.is_not(None)
    )
    return connection.execute(query.order_by(listing_reads.c.id.desc()).limit(1)).scalar()


def _shown(
    connection: Connection, source_id: int, this: int, before: int | None, read: ListingRead, root: int
) -> tuple[int | None, _Positions, _Positions]:
    """The read that holds the sightings this one shows: itself if anything moved, else the earlier one; None if it shows nothing.

    With the positions that were stored before, and those of now; both empty where it shows nothing.

    A front page read every half hour would leave a million rows a year, nearly all of them the same.
    """
    if read.fetch.outcome is FetchOutcome.NOT_MODIFIED:
        return before, [], []
    if not read.leads:
        return None, [], []
    entries = _positions(connection, source_id, read.leads)
    stored = _stored_positions(connection, before) if before is not None else []
    if before is not None and entries == stored:
        return before, stored, entries
    connection.execute(insert(sightings), [{"read_id": this, **entry} for entry in entries])
    disputes.by_headlines(connection, root, this, entries, stored, read.fetch.at)
    return this, stored, entries


def _who(entry: Mapping[str, Any]) -> tuple[str, int]:
    """What a stored position is of, also where its lead became an article since."""
    return ("lead", entry["lead_id"]) if entry["lead_id"] is not None else ("article", entry["article_id"])


def _listing(connection: Connection, source_id: int, read: ListingRead) -> tuple[int, datetime | None]:
    """The listing's id, and when it was read before."""
    fetch = read.fetch
    where = (listings.c.source_id == source_id, listings.c.url_hash == key_hash(read.url))
    row = connection.execute(select(listings).where(*where)).mappings().first()
    digest = fetch.captures[-1].ref.digest if fetch.outcome is FetchOutcome.OK and fetch.captures else None
    missing = fetch.outcome.is_missing
    entries = _entries(read, row["entries"] if row is not None else None)
    values: dict[str, Any] = {
        "last_read": fetch.at,
        "outcome": fetch.outcome.value,
        "misses": ((row["misses"] if row is not None else 0) + 1) if missing else 0,
    }
    if fetch.outcome is FetchOutcome.OK:
        values["last_full"] = fetch.at
    if fetch.outcome is FetchOutcome.OK and read.problem is None and not read.pending:
        # Only a good read may be skipped next time by "not modified", and one whose older pages were read to the end.
        values |= {"etag": fetch.etag, "last_modified": fetch.last_modified, "digest": digest}
        if row is None or row["digest"] != digest:
            values["last_changed"] = fetch.at
    elif fetch.outcome is not FetchOutcome.NOT_MODIFIED:
        values |= {"etag": None, "last_modified": None}
        if fetch.outcome is FetchOutcome.OK and read.leads and (row is None or row["last_changed"] is None):
            values["last_changed"] = fetch.at  # a list that was cut is there all the same
    if entries is not None:
        values["entries"] = entries
    if row is not None:
        connection.execute(update(listings).where(listings.c.id == row["id"]).values(values))
        return int(row["id"]), row["last_read"]
    result = connection.execute(
        insert(listings),
        {
            "source_id": source_id,
            "edition": read.edition,
            "channel": read.channel.value,
            "url": read.url,
            "url_hash": key_hash(read.url),
            "first_read": fetch.at,
            **values,
        },
    )
    return new_id(result), None


def _entries(read: ListingRead, before: Any) -> dict[str, Any] | None:
    """What became of a document's entries as it is stored; each outcome with the read since which it is there every time."""
    if read.named is None or read.fetch.outcome is not FetchOutcome.OK:
        return None
    since = {count["outcome"]: count["since"] for count in (before or {}).get("counts", ())}
    at = read.fetch.at.astimezone(UTC).isoformat()
    counts = [
        {
            "outcome": count.outcome.value,
            "number": count.number,
            "examples": list(count.examples),
            "since": since.get(count.outcome.value, at),
        }
        for count in read.entries
    ]
    return {"named": read.named, "counts": counts}


def _positions(
    connection: Connection, source_id: int, found: Sequence[tuple[str, Lead]]
) -> list[dict[str, Any]]:
    status = known.statuses(connection, source_id, [key for key, _ in found])
    return [
        {
            "article_id": status[key].article_id,
            "lead_id": lead.id if (lead := status[key].lead) is not None else None,
            "position": position.position,
            "headline": position.headline,
        }
        for key, position in found
        if key in status
    ]


def _stored_positions(connection: Connection, read_id: int) -> list[dict[str, Any]]:
    columns = (sightings.c.article_id, sightings.c.lead_id, sightings.c.position, sightings.c.headline)
    query = select(*columns).where(sightings.c.read_id == read_id).order_by(sightings.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def store_captures(connection: Connection, source_id: int, captures: Sequence[Capture]) -> int | None:
    """Stores where the responses of one fetch are kept; the id of the last one, the answer itself."""
    stored = [rows.insert_capture(connection, source_id, capture) for capture in captures]
    pending.note(connection, Kind.CAPTURE, stored)
    return stored[-1] if stored else None
