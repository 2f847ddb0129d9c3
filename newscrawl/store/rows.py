"""Converts rows to values and values to rows: captures, authors and what a version says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from newscrawl.model import Announced, Article, Author, Capture, CaptureRef, Content, fields
from newscrawl.model.fields import Field, Type
from newscrawl.store.tables import captures, people, prunings, version_authors, versions
from newscrawl.store.types import key_hash, new_id

CHUNK = 400  # values in one IN (…): SQLite allows 32,766 variables, short statements are cached better


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterable[Sequence[Any]]:
    """The values in pieces of at most `size`."""
    return (values[start : start + size] for start in range(0, len(values), size))


# --- what channels said ------------------------------------------------------------------------


def stored_announced(said: Announced | None) -> dict[str, Any] | None:
    """What a channel said of an article, as it is stored: only what it did say."""
    if said is None:
        return None
    # With the publisher's offset: midnight there is a day without a time.
    at = said.published.isoformat() if said.published is not None else None
    values = {"title": said.title, "published": at, "authors": said.authors, "categories": said.categories}
    return {name: value for name, value in values.items() if value} or None


def announced_of(stored: Mapping[str, Any] | None) -> Announced | None:
    """What a channel said of an article; None where nothing is stored."""
    if not stored:
        return None
    at = stored.get("published")
    return Announced(
        datetime.fromisoformat(at) if at else None,
        tuple(stored.get("authors", ())),
        tuple(stored.get("categories", ())),
        stored.get("title"),
    )


# --- captures ----------------------------------------------------------------------------------


def insert_capture(connection: Connection, source_id: int, capture: Capture) -> int:
    """Stores where a response lies and gives the id of its row. A record that is stored already keeps its row."""
    known = connection.execute(
        select(captures.c.id).where(captures.c.record_id == capture.ref.record_id)
    ).scalar()
    if known is not None:
        return int(known)
    refers_to = None
    if capture.refers_to is not None:
        refers_to = connection.execute(
            select(captures.c.id).where(captures.c.record_id == capture.refers_to.record_id)
        ).scalar()
    result = connection.execute(
        insert(captures),
        {
            "source_id": source_id,
            "url": capture.url,
            "url_hash": key_hash(capture.url),
            "at": capture.at,
            "status": capture.status,
            "content_type": capture.content_type,
            "kind": capture.ref.kind,
            "file": capture.ref.file,
            "offset": capture.ref.offset,
            "length": capture.ref.length,
            "record_id": capture.ref.record_id,
            "digest": capture.ref.digest,
            "refers_to_id": refers_to,
        },
    )
    return new_id(result)


_WITH_PRUNING = select(captures, prunings.c.at.label("pruned")).outerjoin(prunings)


def load_captures(connection: Connection, ids: Iterable[int | None]) -> dict[int, Capture]:
    """Captures by id, each with the capture it refers to."""
    wanted = sorted({i for i in ids if i is not None})
    rows: dict[int, RowMapping] = {}
    for part in chunks(wanted):
        rows |= {
            row["id"]: row
            for row in connection.execute(_WITH_PRUNING.where(captures.c.id.in_(part))).mappings()
        }
    originals = sorted({row["refers_to_id"] for row in rows.values() if row["refers_to_id"] is not None})
    parents: dict[int, RowMapping] = {}
    for part in chunks(originals):
        parents |= {
            row["id"]: row
            for row in connection.execute(select(captures).where(captures.c.id.in_(part))).mappings()
        }
    return {i: capture_of(row, parents.get(row["refers_to_id"])) for i, row in rows.items()}


def capture_of(row: RowMapping, original: RowMapping | None = None) -> Capture:
    """A capture from its row."""
    return Capture(
        ref=_ref(row),
        url=row["url"],
        at=row["at"],
        status=row["status"],
        content_type=row["content_type"],
        refers_to=_ref(original) if original is not None else None,
        pruned=row.get("pruned"),
    )


def _ref(row: RowMapping) -> CaptureRef:
    return CaptureRef(
        file=row["file"],
        offset=row["offset"],
        length=row["length"],
        record_id=row["record_id"],
        digest=row["digest"],
        kind=row["kind"],
    )


# --- versions ----------------------------------------------------------------------------------


_COLUMNS = [field for field in fields.PAGE if field.column]
_COMPARED = [field for field in _COLUMNS if field.name in Content.__dataclass_fields__]


def version_values(article: Article) -> dict[str, Any]:
    """The columns of a version that come from the page."""
    values: dict[str, Any] = {}
    for field in _COLUMNS:
        value = getattr(article, field.attribute)
        values[field.column] = _to_column(field, value)
        if field.type is Type.STATED:
            values[f"{field.column}_offset"] = _offset(value)
    return values


def article_of(row: Mapping[Any, Any], authors: Sequence[Author], url: str) -> Article:
    """What a version says, from its row."""
    values = {field.attribute: _from_column(field, row) for field in _COLUMNS}
    return Article(url=url, authors=tuple(authors), **values)


def content_of(row: Mapping[Any, Any], authors: Sequence[Author]) -> Content:
    """The compared part of a version, from its row."""
    values = {field.attribute: _from_column(field, row) for field in _COMPARED}
    return Content(authors=tuple(authors), **values)


def _to_column(field: Field, value: Any) -> Any:
    match field.type:
        case Type.CHOICE:
            return None if value is None else value.value
        case Type.TEXTS:
            return list(value)
        case Type.PAIRS:
            return [list(pair) for pair in value]
        case Type.MAPPING:
            return dict(value)
        case Type.OBJECTS:
            return [asdict(one) for one in value]
    return value


def _from_column(field: Field, row: Mapping[Any, Any]) -> Any:
    value, make = row[field.column], field.of or str
    match field.type:
        case Type.CHOICE:
            return None if value is None else make(value)
        case Type.STATED:
            return _zoned(value, row[f"{field.column}_offset"])
        case Type.TEXTS:
            return tuple(value or ())
        case Type.PAIRS:
            return tuple((one, other) for one, other in value or ())
        case Type.OBJECTS:
            return tuple(make(**one) for one in value or ())
    return value


def insert_authors(connection: Connection, version_id: int, authors: Sequence[Author]) -> None:
    """Credits the authors of a version, in order."""
    for position, author in enumerate(authors):
        connection.execute(
            insert(version_authors),
            {
                "version_id": version_id,
                "position": position,
                "person_id": _person(connection, author),
                "role": author.role[:64],
            },
        )


def meet(connection: Connection, authors: Iterable[Author]) -> None:
    """Makes people known without crediting them with anything."""
    for name, kind in sorted({(author.name, author.kind) for author in authors}):
        _person(connection, Author(name, kind=kind))


def load_authors(connection: Connection, version_ids: Sequence[int]) -> dict[int, list[Author]]:
    """The authors of versions, in order."""
    found: dict[int, list[Author]] = {i: [] for i in version_ids}
    for part in chunks(version_ids):
        query = (
            select(version_authors.c.version_id, version_authors.c.role, people.c.name, people.c.kind)
            .join(people, people.c.id == version_authors.c.person_id)
            .where(version_authors.c.version_id.in_(part))
            .order_by(version_authors.c.version_id, version_authors.c.position)
        )
        for version_id, role, name, kind in connection.execute(query):
            found[version_id].append(Author(name=name, role=role, kind=kind))
    return found


def load_versions(connection: Connection, article_ids: Sequence[int]) -> dict[int, RowMapping]:
    """The current version's row of each article."""
    from newscrawl.store.tables import articles

    rows: dict[int, RowMapping] = {}
    for part in chunks(article_ids):
        query = (
            select(versions)
            .join(
                articles, (articles.c.id == versions.c.article_id) & (articles.c.version == versions.c.number)
            )
            .where(versions.c.article_id.in_(part))
        )
        rows |= {row["article_id"]: row for row in connection.execute(query).mappings()}
    return rows


def _person(connection: Connection, author: Author) -> int:
    fingerprint = key_hash(author.name)
    known = connection.execute(
        select(people.c.id).where(people.c.name_hash == fingerprint, people.c.kind == author.kind)
    ).scalar()
    if known is not None:
        return int(known)
    values = {"name": author.name, "kind": author.kind, "name_hash": fingerprint}
    if connection.dialect.name == "postgresql":
        # Two sources may meet the same person at the same moment.
        from sqlalchemy.dialects.postgresql import insert as upsert

        connection.execute(upsert(people).values(**values).on_conflict_do_nothing())
        return int(
            connection.execute(
                select(people.c.id).where(people.c.name_hash == fingerprint, people.c.kind == author.kind)
            ).scalar_one()
        )
    return new_id(connection.execute(insert(people), {**values}))


def _offset(instant: datetime | None) -> int | None:
    shift = instant.utcoffset() if instant is not None else None
    return int(shift.total_seconds() // 60) if shift is not None else None


def _zoned(instant: datetime | None, minutes: int | None) -> datetime | None:
    if instant is None:
        return None
    return instant.astimezone(timezone(timedelta(minutes=minutes)) if minutes else UTC)
