"""Puts a look that is older than what the archive knows into an article's history. Decides nothing.

Version numbers count in the order of time, so later ones move up, and everything that names them with
them, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from newscrawl.model import Alias, AliasKind, Capture, Content, Known, Observation, Verdict
from newscrawl.store import rows
from newscrawl.store.tables import (
    article_urls,
    articles,
    changes,
    observations,
    versions,
)
from newscrawl.store.types import key_hash
from newscrawl.store.write import frontier, ledger, numbering

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


def observe(
    connection: Connection,
    source_id: int,
    run_id: int,
    observation: Observation,
    verdict: Verdict,
    article: Known,
    version: int | None,
) -> None:
    """Stores an earlier look: what it saw is version `version` (None: nothing was seen)."""
    capture_id = frontier.store_captures(connection, source_id, observation.fetch.captures)
    ledger.insert_observation(
        connection, source_id, run_id, observation, verdict, article.id, None, version, capture_id
    )
    values: dict[str, Any] = {"checks": articles.c.checks + 1}
    if version is not None:
        values["first_seen"] = min(article.first_seen, observation.fetch.at)
        values["last_seen"] = max(article.last_seen, observation.fetch.at)
    connection.execute(update(articles).where(articles.c.id == article.id).values(values))
    if version is None:
        return
    asked = Alias(observation.url_key, AliasKind.LEAD, observation.fetch.url)
    ledger.add_aliases(connection, source_id, article.id, (asked, *observation.aliases), observation.fetch.at)
    connection.execute(
        update(article_urls)
        .where(
            article_urls.c.source_id == source_id,
            article_urls.c.article_id == article.id,
            article_urls.c.url_hash == key_hash(observation.url_key),
            article_urls.c.first_seen > observation.fetch.at,
        )
        .values(first_seen=observation.fetch.at)
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
    numbering.status(connection, article_id, number - 1, number, at)
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.version == number)
        .values(last_changed=at)
    )


def between(
    connection: Connection,
    source_id: int,
    run_id: int,
    observation: Observation,
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
    numbering.move_up(connection, article.id, number, 1 if back is None else 2)
    capture_id = frontier.store_captures(connection, source_id, observation.fetch.captures)
    ledger.insert_version(connection, article.id, number, observation, verdict, capture_id)
    connection.execute(
        update(versions)
        .where(versions.c.article_id == article.id, versions.c.number == number)
        .values(kinds=list(kinds.to))
    )
    following = number + 1
    numbering.status(connection, article.id, number - 1, number, observation.fetch.at)
    if back is not None:
        numbering.status(connection, article.id, number, following, back)
        assert place.before is not None
        numbering.repeat_text(connection, article.id, place.before.number, following, back, kinds.back)
    numbering.log_edit(
        connection,
        source_id,
        run_id,
        article.id,
        observation.fetch.at,
        number,
        kinds.to,
        "seen in an earlier capture",
    )
    if back is not None:
        numbering.log_edit(
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
        numbering.follow(connection, article.id, following, kinds.following)
    numbering.renew_returns(connection, article.id)
    return number


def _said(connection: Connection, row: RowMapping | None) -> Said | None:
    if row is None:
        return None
    authors = rows.load_authors(connection, [row["id"]])[row["id"]]
    capture = rows.load_captures(connection, [row["capture_id"]]).get(row["capture_id"])
    content = rows.content_of(row, authors)
    return Said(row["number"], row["at"], row["content_hash"], content, row["extractor"], capture)
