"""Reads what the archive knows, just enough to decide: address statuses, known articles, the frontier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, RowMapping, Select, and_, func, or_, select

from newscrawl.model import (
    AddressStatus,
    Capture,
    Channel,
    FetchOutcome,
    Known,
    LeadState,
    State,
    VerdictKind,
)
from newscrawl.model.ledger import CLAIM_SLACK
from newscrawl.store import rows
from newscrawl.store.tables import (
    article_urls,
    articles,
    captures,
    leads,
    observations,
    sources,
    versions,
)
from newscrawl.store.types import key_hash

# Due articles compared for lateness; with more than that due, the longest due ones.
_DUE_SEEN = 5000
# No address is put off for longer (judge.recheck): what is, was put off while the machine's clock ran ahead.
_FARTHEST = timedelta(days=31)


def statuses(connection: Connection, source_id: int, keys: Sequence[str]) -> dict[str, AddressStatus]:
    """The status of each address key; keys the archive has never met are left out."""
    by_hash = {key_hash(key): key for key in keys}
    found: dict[str, AddressStatus] = {}
    for part in rows.chunks(list(by_hash)):
        for row in connection.execute(
            select(leads).where(leads.c.source_id == source_id, leads.c.url_hash.in_(part))
        ).mappings():
            key = by_hash[row["url_hash"]]
            found[key] = AddressStatus(url_key=key, lead=lead_of(row))
        for url_hash, article_id, confirmed in connection.execute(
            select(article_urls.c.url_hash, article_urls.c.article_id, article_urls.c.confirmed).where(
                article_urls.c.source_id == source_id, article_urls.c.url_hash.in_(part)
            )
        ):
            key = by_hash[url_hash]
            lead = found[key].lead if key in found else None
            found[key] = AddressStatus(url_key=key, article_id=article_id, confirmed=confirmed, lead=lead)
    return found


def by_keys(connection: Connection, source_id: int, keys: Sequence[str], now: datetime) -> dict[str, Known]:
    """Known articles by any of their keys, claimed ones included."""
    by_hash = {key_hash(key): key for key in keys}
    pairs: list[tuple[str, int]] = []
    for part in rows.chunks(list(by_hash)):
        query = select(article_urls.c.url_hash, article_urls.c.article_id).where(
            article_urls.c.source_id == source_id, article_urls.c.url_hash.in_(part)
        )
        pairs += [(by_hash[url_hash], article_id) for url_hash, article_id in connection.execute(query)]
    if not pairs:
        return {}
    known = by_ids(connection, sorted({i for _, i in pairs}), lambda _: now)
    return {key: known[article_id] for key, article_id in pairs}


def due(
    connection: Connection,
    source_id: int,
    editions: Sequence[str],
    now: datetime,
    limit: int,
    *,
    horizon: timedelta | None = None,
) -> list[Known]:
    """Articles due for a re-check: suspected ones first, then by how many of their intervals they are late.

    Lateness counts in intervals: an hour late says more of an article checked every half hour
    than a day of one checked twice a year. Those that could not be read at their last check come
    after all others, the longest unreadable last: they never take the place of healthy ones. A check
    further away than `horizon` was fixed while the machine's clock ran ahead: it is due now.
    """
    when = articles.c.next_check <= now
    if horizon is not None:
        when = or_(when, articles.c.next_check > now + horizon)
    query = (
        select(
            articles.c.id,
            articles.c.state,
            articles.c.next_check,
            articles.c.last_checked,
            articles.c.unreadable_since,
        )
        .where(articles.c.source_id == source_id, articles.c.edition.in_(editions), when)
        .order_by(
            articles.c.unreadable_since.is_not(None),
            articles.c.state != State.SUSPECTED.value,
            articles.c.next_check,
            articles.c.id,
        )
        .limit(_DUE_SEEN)
    )

    def lateness(row: Row[Any, Any, Any, Any, Any]) -> tuple[bool, float, bool, float, int]:
        unreadable = row.unreadable_since
        interval = max((row.next_check - row.last_checked).total_seconds(), 1.0)
        return (
            unreadable is not None,
            -unreadable.timestamp() if unreadable is not None else 0.0,
            row.state != State.SUSPECTED.value,
            -(now - row.next_check).total_seconds() / interval,
            row.id,
        )

    ids = [row.id for row in sorted(connection.execute(query), key=lateness)[:limit]]
    return in_order(connection, ids, now)


def waiting(
    connection: Connection,
    source_id: int,
    editions: Sequence[str],
    now: datetime,
    *,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[LeadState]:
    """Leads to fetch now: never fetched, then those due for another try; newest first by what the listings claim.

    `since` leaves out what is claimed to be older, `until` what is claimed to be published later.
    A last change before `since` means published before it, too.
    """
    newest = func.coalesce(leads.c.published, leads.c.modified)
    # What shows the news comes first, tried or not: a backlog of old addresses must not hide a page that came late.
    shown = leads.c.channel.in_((Channel.LISTING.value, Channel.FEED.value))
    listed_first = leads.c.channel == Channel.SITEMAP.value
    query = (
        select(leads)
        .where(*_unsettled(source_id, editions, now, since, until))
        .order_by(
            shown.desc(),
            leads.c.attempts > 0,
            listed_first,
            newest.is_(None),
            newest.desc(),
            leads.c.first_seen.desc(),
            leads.c.position,
            leads.c.id,
        )
        .limit(limit)
    )
    return [lead_of(row) for row in connection.execute(query).mappings()]


def left(
    connection: Connection,
    source_id: int,
    editions: Sequence[str],
    now: datetime,
    *,
    since: datetime | None,
    until: datetime | None,
) -> int:
    """How many leads `waiting` would give without a limit."""
    query = select(func.count()).select_from(leads).where(*_unsettled(source_id, editions, now, since, until))
    return int(connection.execute(query).scalar_one())


def _unsettled(
    source_id: int, editions: Sequence[str], now: datetime, since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    yield leads.c.source_id == source_id
    yield leads.c.edition.in_(editions)
    yield leads.c.article_id.is_(None)
    yield or_(
        and_(leads.c.outcome.is_(None), or_(leads.c.next_attempt.is_(None), leads.c.next_attempt <= now)),
        leads.c.next_attempt <= now,
        leads.c.next_attempt > now + _FARTHEST,
        leads.c.outcome == VerdictKind.OUTSIDE_DATES.value,
    )
    newest = func.coalesce(leads.c.published, leads.c.modified)
    # What a page said of itself counts as it is; a listing's claim may be a bare day or in a wrong zone.
    claim = or_(leads.c.outcome.is_(None), leads.c.outcome != VerdictKind.OUTSIDE_DATES.value)
    if since is not None:
        yield or_(newest.is_(None), newest >= since, and_(claim, newest >= since - CLAIM_SLACK))
    if until is not None:
        published = leads.c.published
        yield or_(published.is_(None), published < until, and_(claim, published < until + CLAIM_SLACK))


def earlier_capture(connection: Connection, source_id: int, url: str) -> Capture | None:
    """The newest full response stored for exactly this address: what a revisit record may refer to."""
    query = (
        select(captures)
        .where(
            captures.c.url_hash == key_hash(url),
            captures.c.source_id == source_id,
            captures.c.kind == "response",
            captures.c.pruning_id.is_(None),
        )
        .order_by(captures.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return rows.capture_of(row) if row is not None else None


def last_pages(
    connection: Connection, article_id: int, limit: int, version: int | None = None
) -> list[Capture]:
    """The captures of the last checks that brought an article's page, or word that it has not changed, the last first.

    With `version` only those that found this one.
    """
    query = (
        select(observations.c.capture_id)
        .where(
            observations.c.article_id == article_id,
            observations.c.capture_id.is_not(None),
            observations.c.version.is_not(None) if version is None else observations.c.version == version,
            observations.c.verdict != VerdictKind.DUPLICATE.value,
            observations.c.outcome.in_((FetchOutcome.OK.value, FetchOutcome.NOT_MODIFIED.value)),
        )
        .order_by(observations.c.at.desc(), observations.c.id.desc())
        .limit(limit)
    )
    found = list(connection.execute(query).scalars())
    captured = rows.load_captures(connection, found)
    return [captured[number] for number in found if number in captured]


def headlines(connection: Connection, source_id: int, edition: str, limit: int) -> dict[int, str]:
    """The headlines of the newest articles of an edition, by the articles' ids."""
    query = (
        select(articles.c.id, articles.c.title)
        .where(articles.c.source_id == source_id, articles.c.edition == edition)
        .order_by(articles.c.published.desc().nulls_last())  # PostgreSQL has them first
        .limit(limit)
    )
    return {number: title for number, title in connection.execute(query) if title}


def warc_ends(connection: Connection, source: str) -> dict[str, int]:
    """For each WARC file of a source, the end of the last record the database refers to, in bytes."""
    # From file to file along the index, and of each only the last record: there are hundreds of captures in a file.
    files = select(func.min(captures.c.file).label("file")).cte("files", recursive=True)
    following = select(func.min(captures.c.file)).where(captures.c.file > files.c.file).scalar_subquery()
    files = files.union_all(select(following).where(files.c.file.is_not(None)))
    end = (
        select(captures.c.offset + captures.c.length)
        .where(captures.c.file == files.c.file, captures.c.pruning_id.is_(None))
        .order_by(captures.c.offset.desc())
        .limit(1)
        .scalar_subquery()
    )
    # A file that was pruned of all its records has no end.
    rows = connection.execute(select(files.c.file, end).where(files.c.file.is_not(None), end.is_not(None)))
    return {file: int(last) for file, last in rows if file.startswith(f"{source}/")}


def lead_of(row: RowMapping) -> LeadState:
    """A frontier entry from its row."""
    return LeadState(
        id=row["id"],
        url=row["url"],
        url_key=row["url_key"],
        edition=row["edition"],
        channel=Channel(row["channel"]),
        first_seen=row["first_seen"],
        attempts=row["attempts"],
        outcome=VerdictKind(row["outcome"]) if row["outcome"] else None,
        next_attempt=row["next_attempt"],
        published=row["published"],
        modified=row["modified"],
        headline=row["headline"],
        listing=row["listing"],
        position=row["position"],
        claimed=row["claimed"],
        last_attempt=row["last_attempt"],
        announced=rows.announced_of(row["announced"]),
    )


def in_order(connection: Connection, ids: Sequence[int], now: datetime) -> list[Known]:
    """Known articles by their ids, in that order."""
    known = by_ids(connection, ids, lambda _: now)
    return [known[i] for i in ids]


def by_ids(connection: Connection, ids: Sequence[int], now_of: Callable[[int], datetime]) -> dict[int, Known]:
    """Known articles by their ids, each as of the instant that `now_of` gives for its id."""
    return {known.id: known for part in rows.chunks(ids) for known in _known(connection, part, now_of)}


def _known(connection: Connection, ids: Sequence[int], now_of: Callable[[int], datetime]) -> list[Known]:
    found = list(connection.execute(_with_source(articles.c.id.in_(ids))).mappings())
    current = rows.load_versions(connection, ids)
    authors = rows.load_authors(connection, [row["id"] for row in current.values()])
    stored = rows.load_captures(connection, [row["capture_id"] for row in current.values()])
    hashes, recent, returned = _history(connection, ids, now_of)
    signals = _signals(connection, ids, now_of)
    result = []
    for row in found:
        version = current[row["id"]]
        result.append(
            Known(
                id=row["id"],
                source=row["source"],
                edition=row["edition"],
                url=row["url"],
                url_key=row["url_key"],
                state=State(row["state"]),
                state_since=row["state_since"],
                first_seen=row["first_seen"],
                last_seen=row["last_seen"],
                last_checked=row["last_checked"],
                last_changed=row["last_changed"],
                published=row["published"],
                version=row["version"],
                content_hash=version["content_hash"],
                content=rows.content_of(version, authors[version["id"]]),
                extractor=version["extractor"],
                hashes=hashes[row["id"]],
                returned=row["id"] in returned,
                capture=stored.get(version["capture_id"]),
                etag=row["etag"],
                last_modified=row["last_modified"],
                versions_this_month=recent[row["id"]],
                signals=tuple(signals[row["id"]][0]),
                unconfirmed=tuple(signals[row["id"]][1]),
                checks=row["checks"],
                last_full=row["last_full"],
                disputed=row["disputed"] is not None,
                unreadable_since=row["unreadable_since"],
                beside=row["beside"],
                noindex=row["noindex"],
                announced=rows.announced_of(row["announced"]),
            )
        )
    return result


def _with_source(condition: object) -> Select[tuple[object, ...]]:
    query = select(articles, sources.c.name.label("source")).join(
        sources, sources.c.id == articles.c.source_id
    )
    return query.where(condition)  # type: ignore[arg-type]


def _history(
    connection: Connection, ids: Sequence[int], now_of: Callable[[int], datetime]
) -> tuple[Mapping[int, dict[str, int]], Mapping[int, int], set[int]]:
    """Of articles: the first version with each text, how many edits were of the last month, and which went back to an earlier text."""
    hashes: dict[int, dict[str, int]] = {i: {} for i in ids}
    last: dict[int, str] = {}
    returned: set[int] = set()
    recent: dict[int, int] = dict.fromkeys(ids, 0)
    for part in rows.chunks(ids):
        query = (
            select(versions.c.article_id, versions.c.content_hash, versions.c.number, versions.c.at)
            .where(versions.c.article_id.in_(part))
            .order_by(versions.c.number)
        )
        for article_id, content_hash, number, at in connection.execute(query):
            if (
                hashes[article_id].setdefault(content_hash, number) != number
                and last[article_id] != content_hash
            ):
                returned.add(article_id)
            last[article_id] = content_hash
            # A month is 30 days here; the first version is no edit.
            if number > 1 and (now_of(article_id) - at).total_seconds() < 30 * 86400:
                recent[article_id] += 1
    return hashes, recent, returned


def _signals(
    connection: Connection, ids: Sequence[int], now_of: Callable[[int], datetime]
) -> dict[int, tuple[list[datetime], list[datetime]]]:
    """The removal signals of articles since they were last seen, oldest first: those with controls, and those unconfirmed.

    Where a clock ran ahead and was set back, "last seen" and "state since" lie in the future: then they
    do not count.
    """
    found: dict[int, tuple[list[datetime], list[datetime]]] = {i: ([], []) for i in ids}
    query = (
        select(
            observations.c.article_id,
            observations.c.at,
            observations.c.controls_fine,
            articles.c.state,
            articles.c.state_since,
            articles.c.last_seen,
        )
        .join(articles, articles.c.id == observations.c.article_id)
        .where(
            observations.c.article_id.in_(ids),
            observations.c.signal.is_not(None),
            # A signal of one that was met at another address says nothing of its removal.
            observations.c.verdict.in_((VerdictKind.ABSENT.value, VerdictKind.FAILED.value)),
            observations.c.controls_fine.is_not(None),
            or_(articles.c.state != State.LIVE.value, articles.c.unreadable_since.is_not(None)),
        )
        .order_by(observations.c.at)
    )
    for article_id, at, controlled, state, since, last_seen in connection.execute(query):
        now = now_of(article_id)
        if at <= last_seen <= now + timedelta(days=1):
            continue
        signals, unconfirmed = found[article_id]
        if not controlled:
            unconfirmed.append(at)
        elif state == State.REMOVED.value or at >= since or since > now:
            signals.append(at)
    return found
