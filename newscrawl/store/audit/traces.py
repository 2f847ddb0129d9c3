"""Consistency checks of what the checks of an article left in several rows: whoever changes one forgets another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from newscrawl.errors import Exit
from newscrawl.model import Problem, ProblemKind, VerdictKind, Visibility
from newscrawl.store.audit.life import IMPORTED, last_changes
from newscrawl.store.tables import articles, changes, observations, runs, versions

_Conditions = list[ColumnElement[bool]]

_STATES = ("suspected", "removed", "returned")
_GONE = ("suspected", "removed")
# No ladder of checks has a step of this length.
_NEVER = timedelta(days=2 * 365)
# Stored and not counted, or the other way round.
_NOT_BOTH = (VerdictKind.PROBE, VerdictKind.DEFERRED)
# Exit codes of runs that wrote all that they had counted.
_ENDED = (Exit.OK, Exit.PARTLY_FAILED, Exit.SOURCE_BROKEN)


def problems(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """The problems of the articles that `of` chooses."""
    yield from _state_since(connection, of)
    yield from _states_without_check(connection, of)
    yield from _checks_without_state(connection, of)
    yield from _versions_without_check(connection, of)
    yield from _instants(connection, of)
    yield from _unreadable(connection, of)
    yield from _visibility(connection, of)
    yield from _next_checks(connection, of)
    yield from _ties(connection, of)


def _state_since(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """A state began with its entry in the log of changes; where there is none, with a check."""
    last = last_changes(_STATES)
    checked = exists().where(
        observations.c.article_id == articles.c.id, observations.c.at == articles.c.state_since
    )
    query = (
        select(articles.c.id, articles.c.state_since, changes.c.at)
        .select_from(
            articles.outerjoin(last, last.c.article_id == articles.c.id).outerjoin(
                changes, changes.c.id == last.c.id
            )
        )
        .where(
            or_(changes.c.at != articles.c.state_since, and_(changes.c.at.is_(None), ~checked)),
            *of,
        )
        .order_by(articles.c.id)
    )
    for article, since, logged in connection.execute(query):
        known = f"by the log of changes since {logged}" if logged is not None else "when no check was made"
        yield _state(article, f"its state is said to be so since {since}, {known}")


def _states_without_check(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """Every change of state in the log was found by a check of that instant."""
    checked = exists().where(
        observations.c.article_id == changes.c.article_id, observations.c.at == changes.c.at
    )
    query = (
        select(changes.c.article_id, changes.c.kind, changes.c.at)
        .join(articles, articles.c.id == changes.c.article_id)
        .where(changes.c.kind.in_(_STATES), ~checked, *of)
        .order_by(changes.c.id)
    )
    for article, kind, at in connection.execute(query):
        yield _state(article, f"the log of changes says {kind} at {at}, when no check was made")


def _checks_without_state(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """A check that found an article absent, or there again, stands in the log of changes."""
    log, later = changes.alias("log"), changes.alias("later")
    back = (
        exists()
        .where(
            later.c.article_id == log.c.article_id,
            later.c.kind == "returned",
            later.c.id > log.c.id,
            _by_then(later),
        )
        .correlate(log, observations)
    )
    gone = (
        exists()
        .where(log.c.article_id == observations.c.article_id, log.c.kind.in_(_GONE), _by_then(log), ~back)
        .correlate(observations)
    )
    returned = exists().where(
        log.c.article_id == observations.c.article_id,
        log.c.kind == "returned",
        log.c.at == observations.c.at,
    )
    query = (
        select(observations.c.article_id, observations.c.at, observations.c.verdict)
        .join(articles, articles.c.id == observations.c.article_id)
        .join(runs, runs.c.id == observations.c.run_id)
        .where(
            or_(
                and_(observations.c.verdict == VerdictKind.ABSENT.value, ~gone),
                and_(observations.c.verdict == VerdictKind.RETURNED.value, ~returned),
            ),
            ~IMPORTED,  # what they say of an absence may be known to be over
            *of,
        )
        .order_by(observations.c.id)
    )
    for article, at, verdict in connection.execute(query):
        yield _state(article, f"the check of {at} found it {verdict}; the log of changes does not say so")


def _by_then(log: FromClause) -> ColumnElement[bool]:
    """Whether an entry of the log was made before an observation or with it; two runs may have had other clocks."""
    return or_(
        log.c.run_id < observations.c.run_id,
        and_(log.c.run_id == observations.c.run_id, log.c.at <= observations.c.at),
    )


def _versions_without_check(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """Every version was seen by a check, which has the capture it was read from; no check saw a version that is not there."""
    saw = and_(observations.c.article_id == versions.c.article_id)
    seen = exists().where(saw, observations.c.version == versions.c.number)
    read = exists().where(saw, observations.c.capture_id == versions.c.capture_id)
    query = (
        select(versions.c.article_id, versions.c.number, case((seen, 1), else_=0))
        .join(articles, articles.c.id == versions.c.article_id)
        .where(or_(~seen, and_(versions.c.capture_id.is_not(None), ~read)), *of)
        .order_by(versions.c.id)
    )
    for article, number, was_seen in connection.execute(query):
        what = "was read from a response that no check of it brought" if was_seen else "was seen by no check"
        yield _row(article, f"version {number} {what}")
    there = exists().where(
        versions.c.article_id == observations.c.article_id, versions.c.number == observations.c.version
    )
    lost = (
        select(observations.c.article_id, observations.c.at, observations.c.version)
        .join(articles, articles.c.id == observations.c.article_id)
        .where(observations.c.version.is_not(None), ~there, *of)
        .order_by(observations.c.id)
    )
    for article, at, number in connection.execute(lost):
        yield _check(article, f"the check of {at} saw version {number}, which is not there")


def _instants(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """Last checked and last changed are instants of checks, the former of the last one that learned something."""
    at = observations.c.at
    learned = observations.c.verdict != VerdictKind.FAILED.value
    query = (
        select(
            articles.c.id,
            articles.c.last_checked,
            articles.c.last_changed,
            func.max(at).filter(learned),
            func.max(observations.c.id).filter(learned, at == articles.c.last_checked),
            func.max(observations.c.id).filter(
                observations.c.version.is_not(None), at == articles.c.last_changed
            ),
            func.max(observations.c.id).filter(learned),
        )
        .select_from(articles.join(observations, observations.c.article_id == articles.c.id))
        .where(*of)
        .group_by(articles.c.id, articles.c.last_checked, articles.c.last_changed)
        .order_by(articles.c.id)
    )
    for article, checked, changed, latest, exact, edited, newest in connection.execute(query):
        # A wrong clock set the instant a day ahead, and the newest row sets it right.
        if latest is not None and checked != latest and (exact is None or exact != newest):
            yield _row(
                article,
                f"its row says last checked {checked}; the last check that told anything is of {latest}",
            )
        if edited is None:
            yield _row(article, f"its row says last changed {changed}, when no check saw it")


def _unreadable(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """What cannot be read since an instant failed then, and was not seen since."""
    since = articles.c.unreadable_since
    first = observations.alias("first")
    began = (
        select(func.min(first.c.id))
        .where(first.c.article_id == articles.c.id, first.c.at == since, first.c.version.is_(None))
        .scalar_subquery()
    )
    seen = exists().where(
        observations.c.article_id == articles.c.id,
        observations.c.id > began,
        observations.c.version.is_not(None),
        ~_imported(),
    )
    query = (
        select(articles.c.id, since)
        .where(since.is_not(None), articles.c.tied_to_id.is_(None), or_(began.is_(None), seen), *of)
        .order_by(articles.c.id)
    )
    for article, at in connection.execute(query):
        yield _state(article, f"it is said to be unreadable since {at}, which its checks do not show")


def _imported() -> ColumnElement[bool]:
    return exists().where(runs.c.id == observations.c.run_id, IMPORTED)


def _visibility(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """What the log of changes says last of noindex and of lists is what the article's row says."""
    for on, off, held in (
        (Visibility.NOINDEX, Visibility.INDEXED, articles.c.noindex.is_(True)),
        (Visibility.UNLISTED, Visibility.RELISTED, articles.c.unlisted.is_not(None)),
    ):
        last = last_changes((on.value, off.value))
        logged = changes.c.kind == on.value
        unlogged = (
            and_(changes.c.id.is_(None), held)
            if on is Visibility.UNLISTED
            else changes.c.id.is_(None) & False
        )
        query = (
            select(articles.c.id, case((held, 1), else_=0))
            .select_from(
                articles.outerjoin(last, last.c.article_id == articles.c.id).outerjoin(
                    changes, changes.c.id == last.c.id
                )
            )
            .where(or_(and_(logged, ~held), and_(changes.c.kind == off.value, held), unlogged), *of)
            .order_by(articles.c.id)
        )
        for article, is_so in connection.execute(query):
            said = "is" if is_so else "is not"
            yield _state(
                article, f"its row says that it {said} {on.value}; the log of changes says otherwise"
            )


def _next_checks(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """Every article that stands for itself is checked again."""
    query = (
        select(articles.c.id, articles.c.next_check, articles.c.last_checked)
        .where(articles.c.tied_to_id.is_(None), *of)
        .order_by(articles.c.id)
    )
    for article, due, checked in connection.execute(query):
        if due is None:
            yield _row(article, "it would never be checked again")
        elif due - checked > _NEVER:
            yield _row(article, f"it would not be checked again before {due}")


def _ties(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """An article for which another one stands in lists led there, or was told to be the same piece."""
    told = exists().where(changes.c.article_id == articles.c.id, changes.c.kind == "alias")
    led = exists().where(observations.c.article_id == articles.c.id, observations.c.final_url.is_not(None))
    query = (
        select(articles.c.id, articles.c.tied_to_id)
        .where(articles.c.tied_to_id.is_not(None), ~told, ~led, *of)
        .order_by(articles.c.id)
    )
    for article, other in connection.execute(query):
        yield _row(article, f"article {other} stands for it in lists, to which it never led")


def runs_problems(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """A crawl that ended by itself counted as many verdicts of each kind as its checks have; an import counts all records."""
    many = func.count(observations.c.id)
    query = (
        select(observations.c.run_id, observations.c.verdict, many)
        .join(runs, runs.c.id == observations.c.run_id)
        .where(runs.c.exit_code.in_(_ENDED), ~IMPORTED, *of)
        .group_by(observations.c.run_id, observations.c.verdict)
    )
    stored: dict[int, dict[str, int]] = {}
    for run, verdict, number in connection.execute(query):
        stored.setdefault(run, {})[verdict] = number
    ended = (
        select(runs.c.id, runs.c.started, runs.c.counts)
        .where(runs.c.exit_code.in_(_ENDED), ~IMPORTED, *of)
        .order_by(runs.c.id)
    )
    for run, started, counted in connection.execute(ended):
        for verdict in (kind.value for kind in VerdictKind if kind not in _NOT_BOTH):
            said, found = counted.get(verdict, 0), stored.get(run, {}).get(verdict, 0)
            if said != found:
                message = f"the run of {started} counted {said} checks as {verdict}; {found} are stored"
                yield Problem(ProblemKind.RUN_DIFFERS, f"run {run}", message)


def _state(article: int, message: str) -> Problem:
    return Problem(ProblemKind.STATE_DIFFERS, f"article {article}", message, article=article)


def _check(article: int, message: str) -> Problem:
    return Problem(ProblemKind.OBSERVATION_DIFFERS, f"article {article}", message, article=article)


def _row(article: int, message: str) -> Problem:
    return Problem(ProblemKind.ARTICLE_DIFFERS, f"article {article}", message, article=article)
