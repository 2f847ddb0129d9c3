"""Consistency checks of what the archive says of an article's life: its state, when it was seen, and how often it was checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Subquery, Text, and_, cast, func, or_, select

from newscrawl.model import FetchOutcome, Problem, ProblemKind, State, VerdictKind
from newscrawl.store.tables import articles, captures, changes, observations, runs, versions

_Conditions = list[ColumnElement[bool]]

_STATES = {"suspected": State.SUSPECTED, "removed": State.REMOVED, "returned": State.LIVE}
_STATUS = {
    FetchOutcome.OK: (200, 203),
    FetchOutcome.NOT_MODIFIED: (304,),
    FetchOutcome.NOT_FOUND: (404,),
    FetchOutcome.GONE: (410,),
    FetchOutcome.LEGAL: (451,),
}  # the statuses an outcome can come of
# Runs that brought captures of the past.
IMPORTED = cast(runs.c.arguments, Text).like('%"import"%')


def problems(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """The problems of the articles that `of` chooses."""
    yield from _states(connection, of)
    yield from _hidden_removals(connection, of)
    yield from _observations(connection, of)
    yield from _logged(connection, of)
    yield from _twice(connection, of)
    yield from _seen(connection, of)
    yield from _counts(connection, of)


def last_changes(kinds: Iterable[str]) -> Subquery:
    """The last entry of these kinds that each article has in the log of changes."""
    return (
        select(changes.c.article_id, func.max(changes.c.id).label("id"))
        .where(changes.c.kind.in_(kinds))
        .group_by(changes.c.article_id)
        .subquery()
    )


def _states(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """The state of an article is that of the last change of its state."""
    last = last_changes(_STATES)
    query = (
        select(articles.c.id, articles.c.state, changes.c.kind)
        .select_from(
            articles.outerjoin(last, last.c.article_id == articles.c.id).outerjoin(
                changes, changes.c.id == last.c.id
            )
        )
        .where(or_(changes.c.kind.is_not(None), articles.c.state != State.LIVE.value), *of)
        .order_by(articles.c.id)
    )
    for article, state, kind in connection.execute(query):
        logged = _STATES[kind] if kind is not None else State.LIVE
        if state != logged.value:
            found = f"its state is {state}; by the log of changes it is {logged.value}"
            yield _about(article, found)


def _logged(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """A version has the instant and the kinds of change that the log of changes has."""
    mine = and_(changes.c.article_id == versions.c.article_id, changes.c.to_version == versions.c.number)
    query = (
        select(versions.c.article_id, versions.c.number, versions.c.at, changes.c.at)
        .select_from(
            versions.join(articles, articles.c.id == versions.c.article_id).join(
                changes, and_(mine, changes.c.kind.in_(("created", "edited")))
            )
        )
        .where(
            or_(versions.c.at != changes.c.at, cast(versions.c.kinds, Text) != cast(changes.c.kinds, Text)),
            *of,
        )
        .order_by(versions.c.article_id, versions.c.number)
    )
    for article, number, at, logged in connection.execute(query):
        what = f"the instant {at}; the log has {logged}" if at != logged else "other kinds than the log"
        message = f"version {number} has {what}"
        yield Problem(ProblemKind.ARTICLE_DIFFERS, f"article {article}", message, article=article)


def _twice(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """No check is stored twice: each has an answer of its own."""
    columns = (observations.c.article_id, observations.c.capture_id, observations.c.at)
    query = (
        select(*columns, func.count())
        .select_from(observations.join(articles, articles.c.id == observations.c.article_id))
        .where(observations.c.capture_id.is_not(None), *of)
        .group_by(*columns)
        .having(func.count() > 1)
        .order_by(observations.c.article_id)
    )
    for article, capture, at, many in connection.execute(query):
        found = f"the check of {at} is stored {many} times"
        yield Problem(
            ProblemKind.OBSERVATION_DIFFERS, f"article {article}", found, capture=capture, article=article
        )


def _hidden_removals(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """An article that checks with healthy controls found absent since it was last seen is not live."""
    absent = (
        select(observations.c.article_id, func.count().label("many"), func.max(observations.c.at).label("at"))
        .select_from(observations.join(articles, articles.c.id == observations.c.article_id))
        .where(
            articles.c.state == State.LIVE.value,
            observations.c.verdict == VerdictKind.ABSENT.value,
            observations.c.controls_fine.is_(True),
            observations.c.at > articles.c.last_seen,
            observations.c.at >= articles.c.state_since,  # it may have been met at another address since
            *of,
        )
        .group_by(observations.c.article_id)
        .order_by(observations.c.article_id)
    )
    for article, many, at in connection.execute(absent):
        found = f"its state is live; {many} checks since it was last seen found it absent, the last at {at}"
        yield _about(article, found)


def _observations(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """What an observation says came back is what its capture holds."""
    query = (
        select(
            observations.c.id,
            observations.c.article_id,
            observations.c.at,
            observations.c.outcome,
            observations.c.status,
            captures.c.status,
            captures.c.id,
        )
        .select_from(
            observations.join(articles, articles.c.id == observations.c.article_id).outerjoin(
                captures, captures.c.id == observations.c.capture_id
            )
        )
        .where(
            observations.c.status.is_not(None),
            or_(
                captures.c.status != observations.c.status,
                *(
                    and_(observations.c.outcome == outcome.value, observations.c.status.not_in(statuses))
                    for outcome, statuses in _STATUS.items()
                ),
            ),
            *of,
        )
        .order_by(observations.c.id)
    )
    for number, article, at, outcome, status, captured, capture in connection.execute(query):
        check = f"the check of {at} (observation {number}) says {outcome} ({status})"
        found = (
            f"{check}; its capture says {captured}"
            if captured not in (None, status)
            else f"{check}, which cannot be"
        )
        yield Problem(
            ProblemKind.OBSERVATION_DIFFERS, f"article {article}", found, capture=capture, article=article
        )


def _seen(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """First and last seen are the instants of the first and the last observation that saw the article."""
    at = observations.c.at
    query = (
        select(
            articles.c.id,
            articles.c.first_seen,
            articles.c.last_seen,
            func.min(at),
            func.max(at),
            func.max(observations.c.id).filter(at == articles.c.last_seen),
        )
        .select_from(articles.join(observations, observations.c.article_id == articles.c.id))
        .where(observations.c.version.is_not(None), *of)
        .group_by(articles.c.id, articles.c.first_seen, articles.c.last_seen)
        .having(or_(func.min(at) != articles.c.first_seen, func.max(at) != articles.c.last_seen))
        .order_by(articles.c.id)
    )
    for article, first, last, earliest, latest, exact in connection.execute(query).all():
        if first != earliest and not _is_set_back(connection, article, first, earliest):
            yield _differs(article, "first", first, earliest)
        if last != latest and not (exact and exact > _latest_row(connection, article, latest)):
            yield _differs(article, "last", last, latest)


def _is_set_back(connection: Connection, article: int, first: datetime, earliest: datetime) -> bool:
    """Whether the earliest observation was made after the first one, by a clock that was set back; imports bring earlier ones."""
    one, other = observations.alias(), observations.alias()
    query = (
        select(other.c.id)
        .select_from(
            one.join(other, other.c.article_id == one.c.article_id).outerjoin(
                runs, runs.c.id == other.c.run_id
            )
        )
        .where(
            one.c.article_id == article,
            one.c.at == first,
            one.c.version.is_not(None),
            other.c.at == earliest,
            other.c.version.is_not(None),
            other.c.id > one.c.id,
            ~func.coalesce(IMPORTED, False),
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def _latest_row(connection: Connection, article: int, at: datetime) -> int:
    """The row of an observation. One of a wrong clock, which set the instant a day ahead, lies before those that set it right."""
    query = select(func.max(observations.c.id)).where(
        observations.c.article_id == article, observations.c.at == at, observations.c.version.is_not(None)
    )
    return connection.execute(query).scalar() or 0


def _counts(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    many = func.count(observations.c.id)
    query = (
        select(articles.c.id, articles.c.checks, many)
        .select_from(articles.outerjoin(observations, observations.c.article_id == articles.c.id))
        .where(*of)
        .group_by(articles.c.id, articles.c.checks)
        .having(many != articles.c.checks)
        .order_by(articles.c.id)
    )
    for article, checks, found in connection.execute(query):
        message = f"its row counts {checks} checks; {found} observations are stored"
        yield Problem(ProblemKind.ARTICLE_DIFFERS, f"article {article}", message, article=article)


def _differs(article: int, which: str, stored: datetime, found: datetime) -> Problem:
    message = f"its row says {which} seen {stored}; the {which} observation that saw it is of {found}"
    return Problem(ProblemKind.ARTICLE_DIFFERS, f"article {article}", message, article=article)


def _about(article: int, message: str) -> Problem:
    return Problem(ProblemKind.STATE_DIFFERS, f"article {article}", message, article=article)
