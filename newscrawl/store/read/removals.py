"""Absences from the first signal to the confirmation or the end, with their evidence."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, or_, select

from newscrawl.model import (
    Absence,
    ControlRecord,
    Evidence,
    ObservationRecord,
    RemovalRecord,
    State,
    VerdictKind,
)
from newscrawl.store import rows
from newscrawl.store.read.life import observation_records, observations_query
from newscrawl.store.read.selects import COUNTED, Conditions, chosen, pages
from newscrawl.store.tables import articles, changes, observations, sources

CONTROLS = 4  # as many as a crawl fetches before it counts a signal

# How an article that was absent is found again: with its old text, or edited.
_BACK = (VerdictKind.RETURNED.value, VerdictKind.CHANGED.value)


@dataclass(frozen=True, slots=True)
class _Absence:
    """Consecutive observations that found an article absent, and when it was found again (None: not yet)."""

    observations: tuple[ObservationRecord, ...]
    ended: datetime | None


def stream_removals(
    connection: Connection, states: Sequence[Absence], where: Conditions, limit: int | None
) -> Iterator[RemovalRecord]:
    """Absences in these states, the latest suspicion, confirmation or return first."""
    streams: list[Iterator[tuple[datetime, RemovalRecord]]] = []
    # One stream a state: each is read along the index of states and instants, which several at once are not.
    streams += [
        _present(connection, state, where, limit)
        for state in (Absence.SUSPECTED, Absence.REMOVED)
        if state in states
    ]
    if Absence.RETURNED in states:
        streams.append(_past(connection, where, limit))
    if Absence.UNREADABLE in states:
        streams.append(_unreadable(connection, where, limit))
    merged = heapq.merge(*streams, key=lambda pair: pair[0], reverse=True)
    for number, (_, record) in enumerate(merged):
        if number == limit:
            return
        yield record


def _present(
    connection: Connection, state: Absence, where: Conditions, limit: int | None
) -> Iterator[tuple[datetime, RemovalRecord]]:
    since = articles.c.state_since
    conditions = chosen(connection, where, since, articles.c.source_id, articles.c.edition)
    query = (
        select(articles, articles.c.id.label("article_id"), sources.c.name.label("source"))
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.state == state.value, COUNTED, *conditions)
        .order_by(since.desc(), articles.c.id.desc())
        .limit(limit)
    )
    for part in pages(connection, query):
        absences = _absences(connection, [row["article_id"] for row in part])
        confirmed = _confirmations(connection, [row["article_id"] for row in part])
        captures = rows.load_captures(connection, [row["capture_id"] for row in part])
        for row in part:
            unended = [absence for absence in absences[row["article_id"]] if absence.ended is None]
            absence = unended[-1] if unended else _Absence((), None)
            sure = _confirmed(absence, confirmed[row["article_id"]])
            if state is Absence.REMOVED:
                sure = sure or row["state_since"]
            yield (
                row["state_since"],
                RemovalRecord(
                    **_article(row),
                    state=state,
                    signal=absence.observations[-1].signal if absence.observations else None,
                    first_absent=absence.observations[0].at if absence.observations else row["state_since"],
                    last_seen=row["last_seen"],
                    confirmed_at=sure,
                    returned_at=None,
                    evidence=_evidence(connection, absence, row["edition"]),
                    capture=captures.get(row["capture_id"]),
                    since=row["state_since"],
                ),
            )


def _past(
    connection: Connection, where: Conditions, limit: int | None
) -> Iterator[tuple[datetime, RemovalRecord]]:
    conditions = chosen(connection, where, changes.c.at, changes.c.source_id, articles.c.edition)
    query = (
        select(
            articles,
            changes.c.article_id,
            changes.c.at.label("returned_at"),
            sources.c.name.label("source"),
        )
        .select_from(changes)
        .join(articles, articles.c.id == changes.c.article_id)
        .join(sources, sources.c.id == changes.c.source_id)
        .where(changes.c.kind == "returned", *conditions)
        .order_by(changes.c.at.desc(), changes.c.id.desc())
        .limit(limit)
    )
    for part in pages(connection, query):
        absences = _absences(connection, [row["article_id"] for row in part])
        confirmed = _confirmations(connection, [row["article_id"] for row in part])
        captures = rows.load_captures(connection, [row["capture_id"] for row in part])
        for row in part:
            at = row["returned_at"]
            absence = next((one for one in absences[row["article_id"]] if one.ended == at), _Absence((), at))
            first = absence.observations[0] if absence.observations else None
            yield (
                at,
                RemovalRecord(
                    **_article(row),
                    state=Absence.RETURNED,
                    signal=absence.observations[-1].signal if absence.observations else None,
                    first_absent=first.at if first else at,
                    last_seen=_seen_before(connection, first) if first else None,
                    confirmed_at=_confirmed(absence, confirmed[row["article_id"]]),
                    returned_at=at,
                    evidence=_evidence(connection, absence, row["edition"]),
                    capture=captures.get(row["capture_id"]),
                    since=at,
                ),
            )


def _unreadable(
    connection: Connection, where: Conditions, limit: int | None
) -> Iterator[tuple[datetime, RemovalRecord]]:
    """Articles that are live as far as is known and cannot be read, with every check since then."""
    since = articles.c.unreadable_since
    conditions = chosen(connection, where, since, articles.c.source_id, articles.c.edition)
    query = (
        select(articles, articles.c.id.label("article_id"), sources.c.name.label("source"))
        .join(sources, sources.c.id == articles.c.source_id)
        .where(since.is_not(None), articles.c.state == State.LIVE.value, COUNTED, *conditions)
        .order_by(since.desc(), articles.c.id.desc())
        .limit(limit)
    )
    for part in pages(connection, query):
        checks = _checks_without_page(connection, [row["article_id"] for row in part])
        captures = rows.load_captures(connection, [row["capture_id"] for row in part])
        for row in part:
            found = checks[row["article_id"]]
            last = found[-1] if found else None
            # Of many checks that came to nothing the last one says whether others answered.
            controls = _controls(connection, last, row["edition"]) if last is not None else ()
            yield (
                row["unreadable_since"],
                RemovalRecord(
                    **_article(row),
                    state=Absence.UNREADABLE,
                    signal=(last.signal or last.outcome.value) if last is not None else None,
                    first_absent=row["unreadable_since"],
                    last_seen=row["last_seen"],
                    confirmed_at=None,
                    returned_at=None,
                    evidence=tuple(Evidence(one, controls if one is last else ()) for one in found),
                    capture=captures.get(row["capture_id"]),
                    since=row["unreadable_since"],
                ),
            )


def _checks_without_page(
    connection: Connection, ids: Sequence[int]
) -> defaultdict[int, list[ObservationRecord]]:
    """The checks of unreadable articles since they are, in the order in which they were recorded."""
    found: defaultdict[int, list[ObservationRecord]] = defaultdict(list)
    for part in rows.chunks(ids):
        query = observations_query().where(
            observations.c.article_id.in_(part),
            observations.c.version.is_(None),
            observations.c.at >= articles.c.unreadable_since,
        )
        records = connection.execute(query.order_by(observations.c.id)).mappings().all()
        for record in observation_records(connection, records):
            assert record.article_id is not None
            found[record.article_id].append(record)
    return found


def _article(row: RowMapping) -> dict[str, Any]:
    names = ("article_id", "source", "edition", "url", "title", "version")
    return {name: row[name] for name in names}


def _absences(connection: Connection, ids: Sequence[int]) -> dict[int, list[_Absence]]:
    """The absences of articles, oldest first, in the order in which they were recorded: a clock may be set back."""
    absences: dict[int, list[_Absence]] = {i: [] for i in ids}
    under_way: defaultdict[int, list[ObservationRecord]] = defaultdict(list)
    for part in rows.chunks(ids):
        query = observations_query().where(
            observations.c.article_id.in_(part),
            or_(
                observations.c.verdict.in_((VerdictKind.ABSENT.value, *_BACK)),
                observations.c.signal.is_not(None),  # unconfirmed: no control answered after it
            ),
        )
        found = connection.execute(query.order_by(observations.c.id)).mappings().all()
        for observation in observation_records(connection, found):
            assert observation.article_id is not None
            if observation.signal is not None and not observation.verdict.saw_article:
                under_way[observation.article_id].append(observation)
            elif checks := _since_seen(connection, under_way.pop(observation.article_id, [])):
                absences[observation.article_id].append(_Absence(checks, observation.at))
    for article_id, found_absent in under_way.items():
        if checks := _since_seen(connection, found_absent):
            absences[article_id].append(_Absence(checks, None))
    return absences


def _since_seen(connection: Connection, checks: Sequence[ObservationRecord]) -> tuple[ObservationRecord, ...]:
    """The checks of one absence: without those before it that changed nothing and were followed by a check that saw the article."""
    first = next((n for n, check in enumerate(checks) if check.verdict is VerdictKind.ABSENT), len(checks))
    if first in (0, len(checks)):
        return tuple(checks[first:])
    seen = _seen_before(connection, checks[first])
    return tuple(check for check in checks if seen is None or check.at > seen)


def _confirmations(connection: Connection, ids: Sequence[int]) -> dict[int, set[datetime]]:
    found: dict[int, set[datetime]] = {i: set() for i in ids}
    for part in rows.chunks(ids):
        query = select(changes.c.article_id, changes.c.at)
        query = query.where(changes.c.article_id.in_(part), changes.c.kind == "removed")
        for article_id, at in connection.execute(query):
            found[article_id].add(at)
    return found


def _confirmed(absence: _Absence, instants: set[datetime]) -> datetime | None:
    return next((observation.at for observation in absence.observations if observation.at in instants), None)


def _seen_before(connection: Connection, first: ObservationRecord) -> datetime | None:
    query = (
        select(observations.c.at)
        .where(
            observations.c.article_id == first.article_id,
            observations.c.id < first.id,
            observations.c.version.is_not(None),
        )
        .order_by(observations.c.id.desc())
        .limit(1)
    )
    seen: datetime | None = connection.execute(query).scalar()
    return seen


def _evidence(connection: Connection, absence: _Absence, edition: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(observation, _controls(connection, observation, edition))
        for observation in absence.observations
    )


def _controls(
    connection: Connection, observation: ObservationRecord, edition: str
) -> tuple[ControlRecord, ...]:
    """The last other articles of the edition found in the run of this observation: a crawl fetches its controls last."""
    query: Select[Any] = (
        select(
            observations.c.article_id,
            observations.c.url,
            observations.c.at,
            observations.c.status,
            observations.c.verdict,
        )
        .join(articles, articles.c.id == observations.c.article_id)
        .where(
            observations.c.run_id == observation.run_id,
            observations.c.article_id != observation.article_id,
            observations.c.version.is_not(None),
            articles.c.edition == edition,
        )
        .order_by(observations.c.id.desc())
        .limit(CONTROLS)
    )
    found = connection.execute(query).mappings().all()
    return tuple(
        ControlRecord(r["article_id"], r["url"], r["at"], r["status"], VerdictKind(r["verdict"]))
        for r in reversed(found)
    )
