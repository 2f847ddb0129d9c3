"""Consistency checks of the database: rows that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from newscrawl.model import Content, Problem, ProblemKind, VerdictKind
from newscrawl.store import rows
from newscrawl.store.audit import addresses, life, lists, traces
from newscrawl.store.read.selects import of_source, pages
from newscrawl.store.tables import (
    article_urls,
    articles,
    captures,
    changes,
    leads,
    listing_reads,
    listings,
    metadata,
    runs,
    versions,
)
from newscrawl.text import HASH_VERSION, content_hash

_Conditions = list[ColumnElement[bool]]

_MAIN = ("headline", "subtitle", "body", "byline", "date")  # kinds of edit
# Verdicts that join a lead to an article.
_JOINED = tuple(kind for kind in VerdictKind if kind.saw_article)


def problems(connection: Connection, source: str | None, *, quick: bool) -> Iterator[Problem]:
    """All problems, check after check. The database's own check and references concern all sources."""
    of = of_source(connection, articles.c.source_id, source)
    yield from _database(connection, quick)
    yield from _references(connection)
    yield from _numbers(connection, of)
    yield from _articles(connection, of)
    yield from _versions(connection, of)
    yield from life.problems(connection, of)
    yield from traces.problems(connection, of)
    yield from traces.runs_problems(connection, of_source(connection, runs.c.source_id, source))
    yield from addresses.problems(connection, source, quick=quick)
    yield from lists.problems(connection, of_source(connection, listings.c.source_id, source))
    yield from _addresses(connection, of)
    yield from _leads(connection, of_source(connection, leads.c.source_id, source))
    yield from _listings(connection, of_source(connection, listings.c.source_id, source))
    yield from _revisits(connection, of_source(connection, captures.c.source_id, source))
    if not quick:
        yield from _texts(connection, of)


def _database(connection: Connection, quick: bool) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return
    for (found,) in connection.exec_driver_sql(f"PRAGMA {'quick' if quick else 'integrity'}_check(100)"):
        if found != "ok":
            yield Problem(ProblemKind.DATABASE_DAMAGED, "database", str(found))


def _references(connection: Connection) -> Iterator[Problem]:
    """References to missing rows. Both databases prevent them, unless somebody switched that off."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            parent: Table = key.column.table.alias("parent")  # type: ignore[assignment]
            column, number = key.parent, next(iter(table.primary_key))
            query = (
                select(number, column)
                .select_from(table.outerjoin(parent, parent.c[key.column.name] == column))
                .where(column.is_not(None), parent.c[key.column.name].is_(None))
                .order_by(number)
            )
            for row, missing in connection.execute(query):
                message = (
                    f"{table.name} {row} refers to {key.column.table.name} {missing}, which is not there"
                )
                yield Problem(ProblemKind.REFERENCE_BROKEN, f"{table.name}.{column.name}", message)


def _numbers(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    count, lowest, highest = (
        func.count(versions.c.id),
        func.min(versions.c.number),
        func.max(versions.c.number),
    )
    query = (
        select(articles.c.id, articles.c.version, count, lowest, highest)
        .select_from(articles.outerjoin(versions, versions.c.article_id == articles.c.id))
        .where(*of)
        .group_by(articles.c.id, articles.c.version)
        .having(or_(count == 0, lowest != 1, highest != count, highest != articles.c.version))
        .order_by(articles.c.id)
    )
    for article, version, many, first, last in connection.execute(query):
        if many == 0 or first != 1 or last != many:
            found = f"{many} versions, numbered {first} to {last}" if many else "no version at all"
            yield _about(ProblemKind.VERSION_MISSING, article, found)
        if many and last != version:
            found = f"its row says version {version}, the newest is {last}"
            yield _about(ProblemKind.ARTICLE_DIFFERS, article, found)


def _articles(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    current = and_(versions.c.article_id == articles.c.id, versions.c.number == articles.c.version)
    query = (
        select(articles.c.id)
        .select_from(articles.join(versions, current))
        .where(
            or_(
                articles.c.title.is_distinct_from(versions.c.title),
                articles.c.published.is_distinct_from(versions.c.published),
            ),
            *of,
        )
        .order_by(articles.c.id)
    )
    for (article,) in connection.execute(query):
        found = "its row has another title or date than its newest version"
        yield _about(ProblemKind.ARTICLE_DIFFERS, article, found)


def _versions(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    kept = captures.alias("kept")
    logged = and_(changes.c.article_id == versions.c.article_id, changes.c.to_version == versions.c.number)
    query = (
        select(versions.c.article_id, versions.c.number, kept.c.id, changes.c.id)
        .select_from(
            versions.join(articles, articles.c.id == versions.c.article_id)
            .outerjoin(changes, and_(logged, changes.c.kind.in_(("created", "edited"))))
            .outerjoin(kept, and_(kept.c.id == versions.c.capture_id, kept.c.pruning_id.is_(None)))
        )
        .where(or_(kept.c.id.is_(None), changes.c.id.is_(None)), *of)
        .order_by(versions.c.article_id, versions.c.number)
    )
    for article, number, capture, change in connection.execute(query):
        if capture is None:
            found = f"no response is kept that version {number} was read from"
            yield _about(ProblemKind.VERSION_UNCAPTURED, article, found)
        if change is None:
            found = f"the log of changes has no entry for version {number}"
            yield _about(ProblemKind.CHANGE_MISSING, article, found)


def _addresses(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    own = and_(
        article_urls.c.source_id == articles.c.source_id, article_urls.c.url_hash == articles.c.url_hash
    )
    query = (
        select(articles.c.id, articles.c.url_key, article_urls.c.article_id)
        .select_from(articles.outerjoin(article_urls, own))
        .where(
            article_urls.c.article_id.is_distinct_from(articles.c.id),
            # The addresses of one that is another's piece belong to that one.
            or_(
                articles.c.tied_to_id.is_(None),
                article_urls.c.article_id.is_distinct_from(articles.c.tied_to_id),
            ),
            *of,
        )
        .order_by(articles.c.id)
    )
    for article, key, other in connection.execute(query):
        where = f"leads to article {other}" if other is not None else "leads to no article"
        yield _about(ProblemKind.ADDRESS_MISSING, article, f"its address {key} {where}")


def _leads(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    unjoined = and_(leads.c.article_id.is_(None), leads.c.outcome.in_([kind.value for kind in _JOINED]))
    query = select(leads.c.id, leads.c.url, leads.c.outcome).where(unjoined, *of).order_by(leads.c.id)
    for lead, url, outcome in connection.execute(query):
        yield _lead(lead, f"{url} is settled as {outcome}, but belongs to no article")
    same = and_(articles.c.source_id == leads.c.source_id, articles.c.url_hash == leads.c.url_hash)
    waiting = (
        select(leads.c.id, leads.c.url, articles.c.id)
        .select_from(leads.join(articles, same))
        .where(leads.c.article_id.is_(None), leads.c.outcome.is_(None), *of)
        .order_by(leads.c.id)
    )
    for lead, url, article in connection.execute(waiting):
        yield _lead(lead, f"{url} waits to be read, but is article {article}", article)


def _lead(lead: int, message: str, article: int | None = None) -> Problem:
    return Problem(ProblemKind.LEAD_DIFFERS, f"lead {lead}", message, article=article)


def _listings(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    newest = (
        select(listing_reads.c.listing_id, func.max(listing_reads.c.id).label("id"))
        .group_by(listing_reads.c.listing_id)
        .subquery()
    )
    query = (
        select(listings.c.id, listings.c.url, listing_reads.c.id)
        .select_from(
            listings.outerjoin(newest, newest.c.listing_id == listings.c.id).outerjoin(
                listing_reads, listing_reads.c.id == newest.c.id
            )
        )
        .where(
            or_(
                listing_reads.c.id.is_(None),
                listing_reads.c.at != listings.c.last_read,
                listing_reads.c.outcome != listings.c.outcome,
            ),
            *of,
        )
        .order_by(listings.c.id)
    )
    for listing, url, read in connection.execute(query):
        found = "was never read" if read is None else f"is not as its last read ({read}) left it"
        yield Problem(ProblemKind.LISTING_DIFFERS, f"listing {listing}", f"{url} {found}")


def _revisits(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    original = captures.alias("original")
    wrong = or_(
        and_(captures.c.kind == "response", captures.c.refers_to_id.is_not(None)),
        and_(captures.c.kind == "revisit", original.c.id.is_(None)),
        and_(original.c.id.is_not(None), original.c.kind != "response"),
        and_(original.c.id.is_not(None), original.c.digest != captures.c.digest),
        and_(captures.c.pruning_id.is_(None), original.c.pruning_id.is_not(None)),
    )
    query = (
        select(captures.c.id, captures.c.file, captures.c.offset, captures.c.url, captures.c.refers_to_id)
        .select_from(captures.outerjoin(original, original.c.id == captures.c.refers_to_id))
        .where(wrong, *of)
        .order_by(captures.c.id)
    )
    for number, file, offset, url, other in connection.execute(query):
        what = (
            f"repeats capture {other}, which has other bytes or was pruned"
            if other
            else "repeats nothing that is kept"
        )
        text = f"capture {number} of {url}, byte {offset}: {what}"
        yield Problem(ProblemKind.REVISIT_BROKEN, file, text, offset=offset, capture=number)


def _texts(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """Versions whose stored text does not have their content hash, or has no edit of the kinds that are told of it.

    Hashes of other hash versions are skipped, and kinds between texts that two extractors read.
    """
    query = (
        select(versions)
        .select_from(versions.join(articles))
        .where(*of)
        .order_by(versions.c.article_id, versions.c.number)
    )
    before: Any = None
    for page in pages(connection, query):
        authors = rows.load_authors(connection, [row["id"] for row in page])
        for row in page:
            stored, about = row["content_hash"], row["article_id"]
            content = _content(row, authors[row["id"]])
            if stored.startswith(f"{HASH_VERSION:02x}") and (
                content is None or content_hash(content) != stored
            ):
                found = f"the words of version {row['number']} are not those its content hash was made of"
                yield _about(ProblemKind.CONTENT_DIFFERS, about, found)
            follows = before is not None and before[0]["article_id"] == about
            if follows and before[1] is not None and content is not None and _alike(before[0], row):
                told = {kind for kind in row["kinds"] if kind in _MAIN}
                if wrong := told - _edited(before[1], content):
                    found = f"version {row['number']} is told as an edit of {', '.join(sorted(wrong))}, which it is not"
                    yield _about(ProblemKind.ARTICLE_DIFFERS, about, found)
            before = (row, content)


def _alike(one: Any, other: Any) -> bool:
    return bool(one["extractor"] == other["extractor"] and one["number"] + 1 == other["number"])


def _edited(old: Content, new: Content) -> set[str]:
    """The kinds of edit, beside finer ones, that there may be between two texts."""
    found = {
        "headline": old.title != new.title,
        "subtitle": old.subtitle != new.subtitle,
        "body": old.body != new.body,
        "byline": old.authors != new.authors,
        "date": (old.published, old.published_precision) != (new.published, new.published_precision),
    }
    return {kind for kind, is_so in found.items() if is_so}


def _content(row: Any, authors: Any) -> Content | None:
    try:
        return rows.content_of(row, authors)
    except ValueError:  # an unknown precision
        return None


def _about(kind: ProblemKind, article: int, message: str) -> Problem:
    return Problem(kind, f"article {article}", message, article=article)
