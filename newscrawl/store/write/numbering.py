"""Moves version numbers up for a version that is put in between, and with them everything that names one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from newscrawl.model import Visibility
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.search.pending import pend
from newscrawl.store.tables import articles, changes, observations, version_authors, versions
from newscrawl.store.types import new_id


def move_up(connection: Connection, article_id: int, number: int, by: int) -> None:
    """Raises versions from `number` on by `by`, and everything that names them."""
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
    pending.note_where(connection, Kind.VERSION, mine, versions.c.number >= number)
    seen = (observations.c.article_id == article_id, observations.c.version >= number)
    pending.note_where(connection, Kind.OBSERVATION, *seen)
    _note_changes(connection, article_id)


def repeat_text(
    connection: Connection, article_id: int, number: int, as_number: int, at: datetime, kinds: Sequence[str]
) -> None:
    """Stores the text of version `number` once more, as version `as_number` from `at` on."""
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
    pend(connection, [made])
    pending.note(connection, Kind.VERSION, [made])
    credited = (
        connection.execute(select(version_authors).where(version_authors.c.version_id == row["id"]))
        .mappings()
        .all()
    )
    for author in credited:
        connection.execute(insert(version_authors), {**author, "version_id": made})
    connection.execute(
        update(observations)
        .where(
            observations.c.article_id == article_id, observations.c.version == number, observations.c.at >= at
        )
        .values(version=as_number)
    )
    again = (observations.c.article_id == article_id, observations.c.version == as_number)
    pending.note_where(connection, Kind.OBSERVATION, *again)
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
    _note_changes(connection, article_id)


def log_edit(
    connection: Connection,
    source_id: int,
    run_id: int,
    article_id: int,
    at: datetime,
    number: int,
    kinds: Sequence[str],
    reason: str,
) -> None:
    """Adds a version that was put in to the change log."""
    kind = "created" if number == 1 else "edited"
    numbers = (number - 1 or None, number)
    log(connection, source_id, run_id, article_id, at, kind, numbers, reason, kinds)


def log(
    connection: Connection,
    source_id: int,
    run_id: int,
    article_id: int,
    at: datetime,
    kind: str,
    numbers: tuple[int | None, int | None],
    reason: str,
    kinds: Sequence[str] = (),
) -> None:
    """Adds one entry to the change log; `numbers` are the versions before and after it."""
    result = connection.execute(
        insert(changes),
        {
            "source_id": source_id, "run_id": run_id, "article_id": article_id, "at": at, "kind": kind,
            "from_version": numbers[0], "to_version": numbers[1], "kinds": list(kinds), "reason": reason,
        },
    )  # fmt: skip
    pending.note(connection, Kind.CHANGE, [new_id(result)])


def rename_in_states(connection: Connection, article_id: int, old: int, new: int, since: datetime) -> None:
    """Makes changes of state and visibility from `since` on name version `new` instead of `old`: it was the current one then."""
    connection.execute(
        update(changes)
        .where(
            changes.c.article_id == article_id,
            changes.c.kind.in_(("suspected", "removed", "returned", *Visibility)),
            changes.c.to_version == old,
            changes.c.at >= since,
        )
        .values(from_version=new, to_version=new)
    )
    _note_changes(connection, article_id)


def follow(connection: Connection, article_id: int, number: int, kinds: Sequence[str]) -> None:
    """Notes that the version behind a new one is an edit of it, with these kinds."""
    connection.execute(
        update(versions)
        .where(versions.c.article_id == article_id, versions.c.number == number)
        .values(kinds=list(kinds))
    )
    mine = select(versions.c.id).where(versions.c.article_id == article_id, versions.c.number == number)
    found = connection.execute(mine).scalars().all()
    pend(connection, found)
    pending.note(connection, Kind.VERSION, found)
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
    _note_changes(connection, article_id)


def renew_returns(connection: Connection, article_id: int) -> None:
    """Finds anew which versions return to an earlier one."""
    first: dict[str, int] = {}
    stored = select(versions.c.id, versions.c.number, versions.c.content_hash, versions.c.returns_to)
    for row in connection.execute(
        stored.where(versions.c.article_id == article_id).order_by(versions.c.number)
    ).all():
        earlier = first.setdefault(row.content_hash, row.number)
        returns_to = earlier if earlier != row.number else None
        if returns_to != row.returns_to:
            connection.execute(update(versions).where(versions.c.id == row.id).values(returns_to=returns_to))
            pending.note(connection, Kind.VERSION, [row.id])


def _note_changes(connection: Connection, article_id: int) -> None:
    """Notes that the log of changes says something else of an article; entries that stayed as they were are not entered twice."""
    pending.note_where(connection, Kind.CHANGE, changes.c.article_id == article_id)
