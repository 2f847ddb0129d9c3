"""The log of changes: edits with the observation before and, where asked for, both texts; and changes of state."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
)

from newscrawl.judge.health.redesign import redesign_in
from newscrawl.model import (
    Absence,
    ChangeKind,
    Content,
    EditRecord,
    EventRecord,
    Redesign,
    RemovalRecord,
    Visibility,
)
from newscrawl.model.runs import LAYOUTS
from newscrawl.store import rows
from newscrawl.store.engine import reading
from newscrawl.store.read.selects import pages
from newscrawl.store.tables import articles, changes, observations, runs, sources, versions

_REDESIGN = "redesign"  # the kind of its event


@dataclass(frozen=True, slots=True)
class StateChange:
    """The instant from which on an article counted as suspected, removed or returned. `record` has no evidence."""

    state: Absence
    at: datetime
    record: RemovalRecord


def edits_query() -> Select[Any]:
    """Edits with article, source, the later version's headline and the observation before."""
    # Observations with a version are those that found the article there and readable.
    before = (
        select(func.max(observations.c.at))
        .where(
            observations.c.article_id == changes.c.article_id,
            observations.c.at < changes.c.at,
            observations.c.version.is_not(None),
        )
        .scalar_subquery()
    )
    return (
        select(
            changes,
            articles.c.edition,
            articles.c.url,
            sources.c.name.label("source"),
            versions.c.title,
            versions.c.returns_to,
            before.label("seen_before"),
        )
        .join(articles, articles.c.id == changes.c.article_id)
        .join(sources, sources.c.id == changes.c.source_id)
        .outerjoin(
            versions,
            and_(versions.c.article_id == changes.c.article_id, versions.c.number == changes.c.to_version),
        )
        .where(changes.c.kind == "edited")
    )


def of_the_text() -> ColumnElement[bool]:
    """The condition for edits of the text: those beside it alone are left out."""
    kinds = cast(changes.c.kinds, Text)
    others = [kind for kind in ChangeKind if not kind.is_beside]
    return or_(kinds == "[]", of_kinds(others))


def of_kinds(kinds: Iterable[ChangeKind]) -> ColumnElement[bool]:
    """The condition for edits of any of these kinds."""
    # The list is JSON text on both databases, and no kind is part of another's name within quotes.
    return or_(*(cast(changes.c.kinds, Text).contains(f'"{kind.value}"', autoescape=True) for kind in kinds))


def load_edits(connection: Connection, found: Sequence[RowMapping], *, texts: bool) -> list[EditRecord]:
    """Edits from their rows; with `texts` what both versions say, loaded for all of them at once."""
    contents = _contents(connection, found) if texts else {}
    return [
        EditRecord(
            article_id=row["article_id"],
            source=row["source"],
            edition=row["edition"],
            url=row["url"],
            at=row["at"],
            from_version=row["from_version"],
            to_version=row["to_version"],
            kinds=tuple(ChangeKind(kind) for kind in row["kinds"]),
            title=row["title"],
            returns_to=row["returns_to"],
            seen_before=row["seen_before"],
            before=contents.get((row["article_id"], row["from_version"])),
            after=contents.get((row["article_id"], row["to_version"])),
            number=row["id"],
        )
        for row in found
    ]


def _contents(connection: Connection, found: Sequence[RowMapping]) -> Mapping[tuple[int, int], Content]:
    wanted = {(row["article_id"], row[side]) for row in found for side in ("from_version", "to_version")}
    contents: dict[tuple[int, int], Content] = {}
    for part in rows.chunks(sorted({article_id for article_id, _ in wanted})):
        numbers = {number for article_id, number in wanted if article_id in set(part)}
        query = select(versions).where(versions.c.article_id.in_(part), versions.c.number.in_(numbers))
        found_rows = [
            row
            for row in connection.execute(query).mappings()
            if (row["article_id"], row["number"]) in wanted
        ]
        authors = rows.load_authors(connection, [row["id"] for row in found_rows])
        contents |= {
            (row["article_id"], row["number"]): rows.content_of(row, authors[row["id"]]) for row in found_rows
        }
    return contents


def edits_between(engine: Engine, after: int, upto: int, since: datetime) -> Iterator[EditRecord]:
    """Edits logged after the number `after` up to `upto` that were observed from `since` on, in the order of the log, with both texts."""
    query = edits_query().where(changes.c.id > after, changes.c.id <= upto, changes.c.at >= since)
    with reading(engine) as connection:
        for part in pages(connection, query.order_by(changes.c.id)):
            yield from load_edits(connection, part, texts=True)


def state_changes_between(engine: Engine, after: int, upto: int, since: datetime) -> list[StateChange]:
    """Absences that began, were confirmed or ended, logged and observed likewise."""
    query = (
        select(
            changes.c.article_id,
            changes.c.kind,
            changes.c.at,
            articles.c.edition,
            articles.c.url,
            articles.c.title,
            articles.c.version,
            sources.c.name.label("source"),
        )
        .join(articles, articles.c.id == changes.c.article_id)
        .join(sources, sources.c.id == changes.c.source_id)
        .where(
            changes.c.id > after,
            changes.c.id <= upto,
            changes.c.at >= since,
            changes.c.kind.in_([absence.value for absence in Absence]),
        )
        .order_by(changes.c.id)
    )
    with reading(engine) as connection:
        return [_state_change(row) for row in connection.execute(query).mappings()]


def load_events(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    of_runs: Sequence[ColumnElement[bool]] | None,
    *,
    visibility: bool,
    limit: int | None,
) -> Iterator[EventRecord]:
    """What became of articles' visibility, and redesigns (conditions on runs; None: none), newest first."""
    streams: list[Iterator[EventRecord]] = []
    if visibility:
        streams.append(_visibility(connection, conditions, limit))
    if of_runs is not None:
        streams.append(
            EventRecord(found.at, _REDESIGN, source, found.evidence)
            for source, found in load_redesigns(connection, of_runs)
        )
    merged = heapq.merge(*streams, key=lambda event: event.at, reverse=True)
    yield from islice(merged, limit)


def _visibility(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], limit: int | None
) -> Iterator[EventRecord]:
    columns = (articles.c.edition, articles.c.url, articles.c.title, sources.c.name.label("source"))
    query = (
        select(changes, *columns)
        .join(articles, articles.c.id == changes.c.article_id)
        .join(sources, sources.c.id == changes.c.source_id)
        .where(changes.c.kind.in_(list(Visibility)), *conditions)
        .order_by(changes.c.at.desc(), changes.c.id.desc())
        .limit(limit)
    )
    for part in pages(connection, query):
        for row in part:
            names = ("at", "kind", "source", "edition", "article_id", "url", "title")
            given = {name: row[name] for name in names}
            yield EventRecord(**given, reason=row["reason"] or "", version=row["to_version"])


def load_redesigns(
    connection: Connection, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[str, Redesign]]:
    """The redesigns of sources that runs met, each with its source, newest first; the conditions are on runs."""
    query = (
        select(sources.c.name, runs.c.started, runs.c.counts)
        .join(sources, sources.c.id == runs.c.source_id)
        # Runs that counted articles in another layout: not all of them are redesigns.
        .where(cast(runs.c.counts, Text).contains(f'"{LAYOUTS}"'), *conditions)
        .order_by(runs.c.started.desc(), runs.c.id.desc())
    )
    for source, started, counts in connection.execute(query):
        if (found := redesign_in(started, counts)) is not None:
            yield source, found


def _state_change(row: RowMapping) -> StateChange:
    state, at = Absence(row["kind"]), row["at"]
    return StateChange(
        state,
        at,
        RemovalRecord(
            **{name: row[name] for name in ("article_id", "source", "edition", "url", "title", "version")},
            state=state,
            signal=None,
            first_absent=at,
            last_seen=None,
            confirmed_at=at if state is Absence.REMOVED else None,
            returned_at=at if state is Absence.RETURNED else None,
            evidence=(),
        ),
    )
