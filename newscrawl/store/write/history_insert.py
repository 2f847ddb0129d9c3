"""Applies decisions about observations that are older than what the archive knows: they join an article's history.

Version numbers count in the order of time, so later ones move up, and everything that names them with
them, in the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from newscrawl.model import Applied, Decision, HistoryInsert, Insert, Known, Observation, Verdict
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.tables import article_urls, articles, changes, versions
from newscrawl.store.types import key_hash
from newscrawl.store.write import frontier, ledger, numbering


def apply(connection: Connection, source_id: int, run_id: int, decision: Decision) -> Applied:
    """Stores an observation that comes late, and what it adds to the versions of its article."""
    observation, verdict, article, insert = (
        decision.observation,
        decision.verdict,
        decision.article,
        decision.insert,
    )
    assert article is not None
    assert insert is not None
    version = insert.version
    if insert.adds is Insert.SOONER:
        assert version is not None
        _sooner(connection, article.id, version, observation.fetch.at)
    elif insert.adds is Insert.VERSION:
        version = _version(connection, source_id, run_id, observation, verdict, article, insert)
    _observe(connection, source_id, run_id, decision, article, version)
    return Applied(verdict, article.id, version, article.url_key)


def _observe(
    connection: Connection,
    source_id: int,
    run_id: int,
    decision: Decision,
    article: Known,
    version: int | None,
) -> None:
    """The observation's row, the article's counts and instants, and the addresses it was seen at."""
    observation = decision.observation
    at = observation.fetch.at
    capture_id = frontier.store_captures(connection, source_id, observation.fetch.captures)
    ledger.insert_observation(
        connection, source_id, run_id, observation, decision.verdict, article.id, None, version, capture_id
    )
    values: dict[str, Any] = {"checks": articles.c.checks + 1}
    if version is not None:
        values["first_seen"] = min(article.first_seen, at)
        values["last_seen"] = max(article.last_seen, at)
    connection.execute(update(articles).where(articles.c.id == article.id).values(values))
    if version is None:
        return
    if at < article.first_seen:
        pending.note(connection, Kind.ARTICLE, [article.id])
    ledger.add_aliases(connection, source_id, article.id, decision.aliases, at)
    connection.execute(
        update(article_urls)
        .where(
            article_urls.c.source_id == source_id,
            article_urls.c.article_id == article.id,
            article_urls.c.url_hash == key_hash(observation.url_key),
            article_urls.c.first_seen > at,
        )
        .values(first_seen=at)
    )


def _sooner(connection: Connection, article_id: int, number: int, at: datetime) -> None:
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
    pending.note_where(connection, Kind.VERSION, *mine)
    pending.note_where(connection, Kind.CHANGE, changes.c.article_id == article_id)
    numbering.rename_in_states(connection, article_id, number - 1, number, at)
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.version == number)
        .values(last_changed=at)
    )


def _version(
    connection: Connection,
    source_id: int,
    run_id: int,
    observation: Observation,
    verdict: Verdict,
    article: Known,
    insert: HistoryInsert,
) -> int:
    """Puts the observed text between two versions, as a version of its own; its number.

    Where the version before it was seen again later, the publisher went back: that text follows
    once more, from the observation that saw it on.
    """
    before, after, at = insert.surroundings.before, insert.surroundings.after, observation.fetch.at
    number = before.number + 1 if before is not None else 1
    back = insert.surroundings.again if before is not None else None
    numbering.move_up(connection, article.id, number, 1 if back is None else 2)
    capture_id = frontier.store_captures(connection, source_id, observation.fetch.captures)
    ledger.insert_version(connection, article.id, number, observation, verdict, capture_id)
    connection.execute(
        update(versions)
        .where(versions.c.article_id == article.id, versions.c.number == number)
        .values(kinds=list(insert.kinds))
    )
    following = number + 1
    numbering.rename_in_states(connection, article.id, number - 1, number, at)
    if back is not None:
        assert before is not None
        numbering.rename_in_states(connection, article.id, number, following, back)
        numbering.repeat_text(connection, article.id, before.number, following, back, insert.back)

    def log(instant: datetime, version: int, kinds: Any, reason: str) -> None:
        numbering.log_edit(connection, source_id, run_id, article.id, instant, version, kinds, reason)

    log(at, number, insert.kinds, "seen in an earlier capture")
    if back is not None:
        log(back, following, insert.back, "went back to an earlier version")
    elif after is not None:
        numbering.follow(connection, article.id, following, insert.following)
    else:  # only absences are later than it
        page = observation.article
        assert page is not None
        newest = {"version": number, "last_changed": at, "title": page.title, "published": page.published}
        connection.execute(
            update(articles).where(articles.c.id == article.id).values(**newest, capture_id=capture_id)
        )
    numbering.renew_returns(connection, article.id)
    return number
