"""Rows that the log of everything recorded does not have as they are now, noted in the transaction that writes them.

A row that is new, and one that is lawfully changed (a version's number moves up, its fields are read again). On PostgreSQL
numbers may become visible out of order, so the last id alone would miss some; a note that is deleted once its entry is
in the log misses none, and whatever is neither noted nor in the log was written by somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, insert, literal, select

from newscrawl.store.engine import AT_THE_END, write_notes
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.tables import (
    articles,
    captures,
    changes,
    observations,
    proof_pending,
    prunings,
    runs,
    versions,
)

TABLES = {
    Kind.ARTICLE: articles,
    Kind.CAPTURE: captures,
    Kind.OBSERVATION: observations,
    Kind.VERSION: versions,
    Kind.CHANGE: changes,
    Kind.RUN: runs,
    Kind.PRUNING: prunings,
}


def note(connection: Connection, kind: Kind, ids: Iterable[int]) -> None:
    """Notes that these rows are to be entered."""
    rows = [f"({int(kind)}, {int(one)})" for one in ids]
    last: list[str] | None = connection.info.get(AT_THE_END)
    if last is not None:  # a statement for each would be the dearest part of the log
        last += rows
    elif rows:
        write_notes(connection, rows)


def note_where(connection: Connection, kind: Kind, *chosen: ColumnElement[bool]) -> None:
    """Notes that the rows of a table that fulfil these conditions are to be entered."""
    query = select(literal(int(kind)), TABLES[kind].c.id).where(*chosen)
    connection.execute(insert(proof_pending).from_select(["kind", "row_id"], query))
