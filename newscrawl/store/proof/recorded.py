"""The rows that entries of the log are made of, as plain values: only columns that tell of what was observed.

What can be made anew (counts, instants of articles, where a response lies in its file) is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from newscrawl.model import fields
from newscrawl.store import rows
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.tables import (
    articles,
    captures,
    changes,
    observations,
    prunings,
    runs,
    sources,
    versions,
)

Row = dict[str, Any]

_SAID = [
    name
    for field in fields.PAGE
    if field.column
    for name in (
        (field.column, f"{field.column}_offset") if field.type is fields.Type.STATED else (field.column,)
    )
]


def load(connection: Connection, kind: Kind, ids: Sequence[int]) -> dict[int, Row]:
    """Rows by id with the names that they have in entries; those that there are no more are left out."""
    found: dict[int, Row] = {}
    query = _QUERIES[kind]
    for part in rows.chunks(ids):
        result = connection.execute(query.where(_ID[kind].in_(part)))
        names = tuple(result.keys())
        for values in result:
            found[values[0]] = dict(zip(names, values, strict=True))
    if kind is Kind.VERSION:
        authors = rows.load_authors(connection, list(found))
        for number, row in found.items():
            said = {name: row.pop(name) for name in _SAID}
            said["authors"] = [
                {"name": one.name, "role": one.role, "kind": one.kind} for one in authors[number]
            ]
            row["said"] = said
    if kind is Kind.PRUNING:
        for number, row in found.items():
            gone = (
                select(captures.c.id)
                .where(captures.c.file == row["file"], captures.c.pruning_id == number)
                .order_by(captures.c.id)
            )
            row["given_up"] = list(connection.execute(gone).scalars())
    return found


def said(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a version says, of its row."""
    found: Mapping[str, Any] = row["said"]
    return found


_ID = {
    Kind.ARTICLE: articles.c.id,
    Kind.CAPTURE: captures.c.id,
    Kind.OBSERVATION: observations.c.id,
    Kind.VERSION: versions.c.id,
    Kind.CHANGE: changes.c.id,
    Kind.RUN: runs.c.id,
    Kind.PRUNING: prunings.c.id,
}
_SOURCE = sources.c.name.label("source")
_QUERIES: Mapping[Kind, Select[Any]] = {
    Kind.ARTICLE: select(
        articles.c.id, _SOURCE, articles.c.edition, articles.c.url_key, articles.c.first_seen
    ).join(sources, sources.c.id == articles.c.source_id),
    Kind.CAPTURE: select(
        captures.c.id,
        _SOURCE,
        captures.c.url,
        captures.c.at,
        captures.c.status,
        captures.c.content_type,
        captures.c.kind,
        captures.c.record_id,
        captures.c.digest,
        captures.c.refers_to_id.label("refers_to"),
    ).join(sources, sources.c.id == captures.c.source_id),
    Kind.OBSERVATION: select(
        observations.c.id,
        _SOURCE,
        observations.c.run_id.label("run"),
        observations.c.article_id.label("article"),
        observations.c.at,
        observations.c.url,
        observations.c.final_url,
        observations.c.outcome,
        observations.c.status,
        observations.c.verdict,
        observations.c.reason,
        observations.c.signal,
        observations.c.controls_fine,
        observations.c.version,
        observations.c.milliseconds,
        observations.c.capture_id.label("capture"),
    ).join(sources, sources.c.id == observations.c.source_id),
    Kind.VERSION: select(
        versions.c.id,
        versions.c.article_id.label("article"),
        versions.c.number,
        versions.c.at,
        versions.c.content_hash,
        versions.c.kinds,
        versions.c.returns_to,
        versions.c.extractor,
        versions.c.capture_id.label("capture"),
        *(versions.c[name] for name in _SAID),
    ),
    Kind.CHANGE: select(
        changes.c.id,
        _SOURCE,
        changes.c.article_id.label("article"),
        changes.c.run_id.label("run"),
        changes.c.at,
        changes.c.kind,
        changes.c.from_version.label("from"),
        changes.c.to_version.label("to"),
        changes.c.kinds,
        changes.c.reason,
    ).join(sources, sources.c.id == changes.c.source_id),
    Kind.RUN: select(
        runs.c.id,
        _SOURCE,
        runs.c.started,
        runs.c.finished,
        runs.c.host,
        runs.c.version,
        runs.c.arguments,
        runs.c.exit_code,
        runs.c.reason,
        runs.c.requests,
        runs.c.counts,
        runs.c.problems,
    ).join(sources, sources.c.id == runs.c.source_id),
    Kind.PRUNING: select(
        prunings.c.id,
        _SOURCE,
        prunings.c.run_id.label("run"),
        prunings.c.at,
        prunings.c.policy,
        prunings.c.file,
        prunings.c.sha256,
        prunings.c.replaced_by,
        prunings.c.records,
        prunings.c.bytes,
    ).join(sources, sources.c.id == prunings.c.source_id),
}
