"""Consistency checks of addresses: keys and their hashes, where articles were asked for, and where captures came from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, exists, literal, or_, select, union, union_all

from newscrawl.model import AliasKind, Problem, ProblemKind
from newscrawl.store.read.selects import of_source
from newscrawl.store.tables import (
    article_urls,
    articles,
    captures,
    leads,
    listing_reads,
    listings,
    observations,
)
from newscrawl.store.types import key_hash

_Conditions = list[ColumnElement[bool]]

# Hops of one fetch, and tries of it that failed, have rows just before its answer's.
_HOPS = 25
_ANSWERS = (200, 203, 304, 404, 410, 451)
# A response and the check that it answers lie as far apart as the page waited to be read.
_WAITED = timedelta(hours=1)


def problems(connection: Connection, source: str | None, *, quick: bool) -> Iterator[Problem]:
    """The problems of a source, or of all."""
    of = of_source(connection, articles.c.source_id, source)
    yield from _asked(connection, of)
    yield from _aliases(connection, of)
    yield from _answers(connection, of)
    yield from _unclaimed(connection, of_source(connection, captures.c.source_id, source))
    if not quick:
        yield from _hashes(connection, source)


def _asked(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """An article is fetched where a check met it, or one of the articles that are the same piece."""
    query = (
        select(articles.c.id, articles.c.url)
        .where(~_met(articles.c.id, articles.c.url), *of)
        .order_by(articles.c.id)
    )
    for article, url in connection.execute(query):
        yield _row(article, f"it is fetched at {url}, where no check met it")


def _aliases(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """What is called an article's address led to it in some check; one that a page merely names need not."""
    article, url = article_urls.c.article_id, article_urls.c.url
    read = article_urls.c.kind.in_((AliasKind.PRIMARY.value, AliasKind.REDIRECT.value))
    query = (
        select(article, url)
        .join(articles, articles.c.id == article)
        .where(url.is_not(None), read, ~_met(article, url), *of)
        .order_by(article_urls.c.id)
    )
    for number, address in connection.execute(query):
        yield _row(number, f"{address} is said to be its address, where no check met it")


def _met(article: ColumnElement[int], url: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a check of an article, or of one that is the same piece, asked or was led to an address."""
    there = or_(observations.c.url == url, observations.c.final_url == url)
    one, same = articles.alias("one"), articles.alias("same")
    tied = or_(same.c.tied_to_id == one.c.id, one.c.tied_to_id == same.c.id)
    return or_(
        exists().where(observations.c.article_id == article, there),
        exists().where(one.c.id == article, tied, observations.c.article_id == same.c.id, there),
    )


def _answers(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """The capture of a check came from the address that it asked or was led to, when it was made."""
    query = (
        select(
            observations.c.article_id,
            observations.c.at,
            observations.c.url,
            observations.c.final_url,
            captures.c.id,
            captures.c.url,
            captures.c.at,
        )
        .join(articles, articles.c.id == observations.c.article_id)
        .join(captures, captures.c.id == observations.c.capture_id)
        .where(observations.c.status.is_not(None), *of)
        .order_by(observations.c.id)
    )
    for article, at, url, final, capture, came, when in connection.execute(query):
        asked = final or url
        if asked != came:
            found = f"the check of {at} asked {asked}; its capture came from {came}"
        elif abs(at - when) > _WAITED:
            found = f"the check of {at} has a capture of {when}"
        else:
            continue
        yield Problem(
            ProblemKind.OBSERVATION_DIFFERS, f"article {article}", found, capture=capture, article=article
        )


def _unclaimed(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """Every response of the address of an article, a lead or a list answers a check or a read of a list, or is a hop on the way to one.

    Others may stand alone: the scripts and data that a list drawn by scripts asked for.
    """
    known = union(
        select(articles.c.url),
        select(article_urls.c.url).where(article_urls.c.url.is_not(None)),
        select(leads.c.url),
        select(listings.c.url),
    )
    named = union(
        *(
            select(one.c.capture_id).where(one.c.capture_id.is_not(None))
            for one in (observations, listing_reads)
        )
    )
    query = (
        select(captures.c.id, captures.c.url, captures.c.at, captures.c.file, captures.c.offset)
        .where(captures.c.status.in_(_ANSWERS), captures.c.id.not_in(named), captures.c.url.in_(known), *of)
        .order_by(captures.c.id)
    )
    alone = connection.execute(query).all()
    after = _answered_after(connection, [row.id for row in alone])
    for row in alone:
        if not any(asked == row.url or led for asked, led in after[row.id]):
            found = f"capture {row.id} of {row.url} at {row.at}: no check names this response"
            yield Problem(ProblemKind.CHECK_MISSING, row.file, found, offset=row.offset, capture=row.id)


def _answered_after(connection: Connection, alone: Sequence[int]) -> dict[int, list[tuple[str, bool]]]:
    """For each capture, what was asked with the captures just behind it, and whether that led elsewhere."""
    found: dict[int, list[tuple[str, bool]]] = {number: [] for number in alone}
    if not alone:
        return found
    reads = (
        select(listing_reads.c.capture_id, listings.c.url, literal(False))
        .join(listings, listings.c.id == listing_reads.c.listing_id)
        .where(listing_reads.c.capture_id > alone[0])
    )
    checks = select(
        observations.c.capture_id, observations.c.url, observations.c.final_url.is_not(None)
    ).where(observations.c.capture_id > alone[0])
    for capture, asked, led in connection.execute(union_all(checks, reads)):
        first = bisect_left(alone, capture - _HOPS)
        for number in alone[first : bisect_left(alone, capture)]:
            found[number].append((asked, bool(led)))
    return found


def _hashes(connection: Connection, source: str | None) -> Iterator[Problem]:
    """What addresses are found by is the hash of their key."""
    for table, key in (
        (articles, articles.c.url_key),
        (article_urls, article_urls.c.url_key),
        (leads, leads.c.url_key),
    ):
        of = of_source(connection, table.c.source_id, source)
        query = select(table.c.id, key, table.c.url_hash).where(*of).order_by(table.c.id)
        for number, text, stored in connection.execute(query):
            if key_hash(text) != stored:
                found = f"{table.name} {number}: {text} cannot be found, its hash is another one"
                yield Problem(ProblemKind.ADDRESS_MISSING, f"{table.name} {number}", found)


def _row(article: int, message: str) -> Problem:
    return Problem(ProblemKind.ARTICLE_DIFFERS, f"article {article}", message, article=article)
