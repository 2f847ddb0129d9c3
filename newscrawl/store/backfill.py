"""Puts a look that is older than what the archive knows into an article's history. Decides nothing.

Version numbers count in the order of time, so later ones move up, and everything that names them with
them, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from newscrawl.model import Alias, AliasKind, Capture, Content, Known, Look, Verdict
from newscrawl.store import frontier, ledger, rows
from newscrawl.store.tables import (
    article_urls,
    articles,
    captures,
    changes,
    observations,
    sources,
    version_authors,
    versions,
)
from newscrawl.store.types import key_hash, new_id

_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Said:
    """A version beside the instant of an earlier look, with what is needed to compare."""

    number: int
    at: datetime
    content_hash: str
    content: Content
    extractor: str
    capture: Capture | None


@dataclass(frozen=True, slots=True)
class Around:
    """What an article said before and after an instant.

    `again` is when the former was next seen after it, if it was; `edits` how many versions beside the
    first were first seen within 30 days of it.
    """

    before: Said | None
    after: Said | None
    again: datetime | None = None
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Kinds:
    """What changed: to the new version, from it to the following one, and where the publisher then went back."""

    to: Sequence[str]
    following: Sequence[str] = ()
    back: Sequence[str] = ()


def around(connection: Connection, article_id: int, at: datetime) -> Around:
    """The versions before (or at) and after an instant."""
    mine = versions.c.article_id == article_id
    earlier = select(versions).where(mine, versions.c.at <= at).order_by(versions.c.number.desc()).limit(1)
    later = select(versions).where(mine, versions.c.at > at).order_by(versions.c.number).limit(1)
    before = _said(connection, connection.execute(earlier).mappings().first())
    after = _said(connection, connection.execute(later).mappings().first())
    again = None
    if before is not None:
        seen = select(func.min(observations.c.at)).where(
            observations.c.article_id == article_id,
            observations.c.version == before.number,
            observations.c.at > at,
        )
        again = connection.execute(seen).scalar()
    near = select(func.count()).where(
        mine, versions.c.number > 1, versions.c.at > at - _MONTH, versions.c.at < at + _MONTH
    )
    return Around(before, after, again, int(connection.execute(near).scalar_one()))


def is_captured(connection: Connection, source: str, url: str, at: datetime, digest: str | None) -> bool:
    """Whether these bytes are stored from this address at this instant; without a digest: a "not modified" answer."""
    query = (
        select(captures.c.id)
        .join(sources, sources.c.id == captures.c.source_id)
        .where(
            captures.c.url_hash == key_hash(url),
            captures.c.at == at,
            captures.c.kind == "not_modified" if digest is None else captures.c.digest == digest,
            sources.c.name == source,
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def capture_with(connection: Connection, source: str, digest: str) -> Capture | None:
    """A stored response with these bytes. Not by an index: asked only where an import holds a reference and not its target."""
    query = (
        select(captures)
        .join(sources, sources.c.id == captures.c.source_id)
        .where(captures.c.digest == digest, captures.c.kind == "response", sources.c.name == source)
    )
    row = connection.execute(query.limit(1)).mappings().first()
    return rows.capture_of(row) if row is not None else None


def known_since(connection: Connection, source_id: int, key: str) -> datetime | None:
    """Since when an address is known to be an article's; None if it is not, or only by a page's claim."""
    query = select(article_urls.c.first_seen).where(
        article_urls.c.source_id == source_id,
        article_urls.c.url_hash == key_hash(key),
        article_urls.c.confirmed,
    )
    return connection.execute(query).scalar()


def observe(
    connection: Connection,
    source_id: int,
    run_id: int,
    look: Look,
    verdict: Verdict,
    article: Known,
    version: int | None,
) -> None:
    """Stores an earlier look: what it saw is version `version` (None: nothing was seen)."""
    capture_id = frontier.store_captures(connection, source_id, look.fetch.captures)
    ledger._observe(connection, source_id, run_id, look, verdict, article.id, None, version, capture_id)  # noqa: SLF001 - one family
    values: dict[str, Any] = {"checks": articles.c.checks + 1}
    if version is not None:
        values["first_seen"] = min(article.first_seen, look.fetch.at)
        values["last_seen"] = max(article.last_seen, look.fetch.at)
    connection.execute(update(articles).where(articles.c.id == article.id).values(values))
    if version is None:
        return
    asked = Alias(look.url_key, AliasKind.LEAD, look.fetch.url)
    ledger.add_aliases(connection, source_id, article.id, (asked, *look.aliases), look.fetch.at)
    connection.execute(
        update(article_urls)
        .where(
            article_urls.c.source_id == source_id,
            article_urls.c.article_id == article.id,
            article_urls.c.url_hash == key_hash(look.url_key),
            article_urls.c.first_seen > look.fetch.at,
        )
        .values(first_seen=look.fetch.at)
    )


def sooner(connection: Connection, article_id: int, number: int, at: datetime) -> None:
    """Notes that a version was there earlier than known."""
    mine = (versions.c.article_id == article_id, versions.c.number == number)
    connection.execute(update(versions).where(*mine).values(at=at))
    connection.execute(
        update(changes)
        .where(
            changes.c.article_id == article_id,
            changes.c.to_version == number,
            changes.c.kind.in_(("created", "edited")),
        )
        .values(at=at)
    )
    _standing(connection, article_id, number - 1, number, at)
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.version == number)
        .values(last_changed=at)
    )


def between(
    connection: Connection,
    source_id: int,
    run_id: int,
    look: Look,
    verdict: Verdict,
    article: Known,
    place: Around,
    kinds: Kinds,
) -> int:
    """Puts the text of a look between two versions, as a version of its own; its number.

    Where the version before it was seen again later, the publisher went back: that text follows
    once more, from the look that saw it on.
    """
    number = place.before.number + 1 if place.before is not None else 1
    back = place.again if place.before is not None else None
    _move_up(connection, article.id, number, 1 if back is None else 2)
    capture_id = frontier.store_captures(connection, source_id, look.fetch.captures)
    ledger._insert_version(connection, article.id, number, look, verdict, capture_id)  # noqa: SLF001 - one family
    connection.execute(
        update(versions)
        .where(versions.c.article_id == article.id, versions.c.number == number)
        .values(kinds=list(kinds.to))
    )
    following = number + 1
    _standing(connection, article.id, number - 1, number, look.fetch.at)
    if back is not None:
        _standing(connection, article.id, number, following, back)
        assert place.before is not None
        _repeat(connection, article.id, place.before.number, following, back, kinds.back)
    _log(
        connection,
        source_id,
        run_id,
        article.id,
        look.fetch.at,
        number,
        kinds.to,
        "seen in an earlier capture",
    )
    if back is not None:
        _log(
            connection,
            source_id,
            run_id,
            article.id,
            back,
            following,
            kinds.back,
            "went back to an earlier version",
        )
    elif place.after is not None:
        _follow(connection, article.id, following, kinds.following)
    _renew(connection, article.id)
    return number


def claim(connection: Connection, source_id: int, article_id: int, alias: Alias, at: datetime) -> bool:
    """Adds another address of an article that nobody has read there; False if the address is known already."""
    where = (article_urls.c.source_id == source_id, article_urls.c.url_hash == key_hash(alias.key))
    if connection.execute(select(article_urls.c.id).where(*where)).first() is not None:
        return False
    connection.execute(
        insert(article_urls).values(
            source_id=source_id, article_id=article_id, url_key=alias.key, url_hash=key_hash(alias.key), url=alias.url,
            kind=alias.kind.value, confirmed=False, first_seen=at,
        )
    )  # fmt: skip
    return True


def _said(connection: Connection, row: RowMapping | None) -> Said | None:
    if row is None:
        return None
    authors = rows.load_authors(connection, [row["id"]])[row["id"]]
    capture = rows.load_captures(connection, [row["capture_id"]]).get(row["capture_id"])
    content = rows.content_of(row, authors)
    return Said(row["number"], row["at"], row["content_hash"], content, row["extractor"], capture)


def _move_up(connection: Connection, article_id: int, number: int, by: int) -> None:
    """Makes room: versions from `number` on get higher numbers, and so does everything that names them."""
    mine = versions.c.article_id == article_id
    later = select(versions.c.id, versions.c.number).where(mine, versions.c.number >= number)
    # One by one from the last: a number is taken once at every moment.
    for row in connection.execute(later.order_by(versions.c.number.desc())).all():
        connection.execute(update(versions).where(versions.c.id == row.id).values(number=row.number + by))
    for column in (observations.c.version, changes.c.from_version, changes.c.to_version, articles.c.version):
        table = column.table
        whose = articles.c.id if table is articles else table.c.article_id
        connection.execute(
            update(table).where(whose == article_id, column >= number).values({column.name: column + by})
        )


def _repeat(
    connection: Connection, article_id: int, number: int, as_number: int, at: datetime, kinds: Sequence[str]
) -> None:
    """The text of version `number` once more, as version `as_number` from `at` on."""
    mine = versions.c.article_id == article_id
    row = connection.execute(select(versions).where(mine, versions.c.number == number)).mappings().one()
    seen = (
        select(observations.c.capture_id)
        .where(
            observations.c.article_id == article_id, observations.c.version == number, observations.c.at == at
        )
        .where(observations.c.capture_id.is_not(None), observations.c.verdict != "not_modified")
        .limit(1)
    )
    copy = {name: value for name, value in row.items() if name != "id"}
    copy |= {"number": as_number, "at": at, "kinds": list(kinds)}
    copy["capture_id"] = connection.execute(seen).scalar() or row["capture_id"]
    made = new_id(connection.execute(insert(versions).values(copy)))
    credited = (
        connection.execute(select(version_authors).where(version_authors.c.version_id == row["id"]))
        .mappings()
        .all()
    )
    for author in credited:
        connection.execute(insert(version_authors).values(**{**author, "version_id": made}))
    connection.execute(
        update(observations)
        .where(
            observations.c.article_id == article_id, observations.c.version == number, observations.c.at >= at
        )
        .values(version=as_number)
    )
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.version == number)
        .values(version=as_number, last_changed=at, capture_id=copy["capture_id"])
    )
    connection.execute(
        update(changes)
        .where(
            changes.c.article_id == article_id,
            changes.c.kind == "edited",
            changes.c.to_version == as_number + 1,
        )
        .values(from_version=as_number)
    )


def _log(
    connection: Connection,
    source_id: int,
    run_id: int,
    article_id: int,
    at: datetime,
    number: int,
    kinds: Sequence[str],
    reason: str,
) -> None:
    connection.execute(
        insert(changes).values(
            source_id=source_id, run_id=run_id, article_id=article_id, at=at,
            kind="created" if number == 1 else "edited", from_version=number - 1 or None, to_version=number,
            kinds=list(kinds), reason=reason,
        )
    )  # fmt: skip


def _standing(connection: Connection, article_id: int, old: int, new: int, since: datetime) -> None:
    """Changes of state name the version that stood then: from `since` on it was another one than thought."""
    connection.execute(
        update(changes)
        .where(
            changes.c.article_id == article_id,
            changes.c.kind.in_(("suspected", "removed", "returned")),
            changes.c.to_version == old,
            changes.c.at >= since,
        )
        .values(from_version=new, to_version=new)
    )


def _follow(connection: Connection, article_id: int, number: int, kinds: Sequence[str]) -> None:
    """What is now known of the version behind a new one: it is an edit of that."""
    connection.execute(
        update(versions)
        .where(versions.c.article_id == article_id, versions.c.number == number)
        .values(kinds=list(kinds))
    )
    values: Mapping[str, Any] = {"kind": "edited", "from_version": number - 1, "kinds": list(kinds)}
    connection.execute(
        update(changes)
        .where(
            changes.c.article_id == article_id,
            changes.c.to_version == number,
            changes.c.kind.in_(("created", "edited")),
        )
        .values(**values)
    )


def _renew(connection: Connection, article_id: int) -> None:
    """Which versions return to an earlier one, found anew."""
    first: dict[str, int] = {}
    said = select(versions.c.id, versions.c.number, versions.c.content_hash, versions.c.returns_to)
    for row in connection.execute(
        said.where(versions.c.article_id == article_id).order_by(versions.c.number)
    ).all():
        earlier = first.setdefault(row.content_hash, row.number)
        returns_to = earlier if earlier != row.number else None
        if returns_to != row.returns_to:
            connection.execute(update(versions).where(versions.c.id == row.id).values(returns_to=returns_to))
