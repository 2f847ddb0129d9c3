"""Reads what decisions about observations need from the archive: a whole batch with one set of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, select

from newscrawl.model import Observation, Situation, StoredVersion, Surroundings
from newscrawl.store import rows
from newscrawl.store.read import controls, known
from newscrawl.store.tables import observations as checks, versions

_DAY, _MONTH = timedelta(days=1), timedelta(days=30)


def situations(
    connection: Connection, source_id: int, observations: Sequence[Observation], *, late: bool
) -> list[Situation]:
    """The situation of each observation, before any of them is applied.

    An article counts as of the first observation that concerns it. With `late` the observations may be
    older than the last check of their article: then the versions around them are read as well.
    """
    keys = list(dict.fromkeys(key for observation in observations for key in observation.keys))
    addresses = known.statuses(connection, source_id, keys)
    instants: dict[int, datetime] = {}
    for observation in observations:
        for key in observation.keys:
            if key in addresses and (article_id := addresses[key].article_id) is not None:
                instants.setdefault(article_id, observation.fetch.at)
    articles = known.by_ids(connection, list(instants), instants.__getitem__)
    found = []
    for observation in observations:
        at = observation.fetch.at
        here = {key: addresses[key] for key in observation.keys if key in addresses}
        concerned = {
            key: articles[status.article_id] for key, status in here.items() if status.article_id is not None
        }
        distinct = {article.id: article for article in concerned.values()}
        found.append(
            Situation(
                addresses=here,
                articles=concerned,
                same_instant={
                    article.id: controls.same_instant(connection, source_id, article, at)
                    for article in distinct.values()
                    if observation.controls_fine
                },
                surroundings={
                    article.id: surroundings(connection, article.id, at)
                    for article in distinct.values()
                    if late and at < article.last_checked
                },
                others_seen=bool(observation.controls_silent)
                and controls.others_seen(connection, source_id, observation, at, _DAY),
            )
        )
    return found


def surroundings(connection: Connection, article_id: int, at: datetime) -> Surroundings:
    """The versions of an article before (or at) and after an instant."""
    mine = versions.c.article_id == article_id
    earlier = select(versions).where(mine, versions.c.at <= at).order_by(versions.c.number.desc()).limit(1)
    later = select(versions).where(mine, versions.c.at > at).order_by(versions.c.number).limit(1)
    before = _stored(connection, connection.execute(earlier).mappings().first())
    after = _stored(connection, connection.execute(later).mappings().first())
    again = None
    if before is not None:
        seen = select(func.min(checks.c.at)).where(
            checks.c.article_id == article_id, checks.c.version == before.number, checks.c.at > at
        )
        again = connection.execute(seen).scalar()
    near = select(func.count()).where(
        mine, versions.c.number > 1, versions.c.at > at - _MONTH, versions.c.at < at + _MONTH
    )
    return Surroundings(before, after, again, int(connection.execute(near).scalar_one()))


def _stored(connection: Connection, row: RowMapping | None) -> StoredVersion | None:
    if row is None:
        return None
    authors = rows.load_authors(connection, [row["id"]])[row["id"]]
    capture = rows.load_captures(connection, [row["capture_id"]]).get(row["capture_id"])
    content = rows.content_of(row, authors)
    return StoredVersion(row["number"], row["at"], row["content_hash"], content, row["extractor"], capture)
