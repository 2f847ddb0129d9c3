"""Consistency checks of what the lists showed: their reads, and the sightings of articles in them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, func, or_, select

from newscrawl.model import Problem, ProblemKind
from newscrawl.store.tables import captures, listing_reads, listings, sightings

_Conditions = list[ColumnElement[bool]]


def problems(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """The problems of the lists that `of` chooses."""
    yield from _answers(connection, of)
    yield from _first_reads(connection, of)
    yield from _positions(connection, of)


def _answers(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """What a read says came back is what its capture holds."""
    query = (
        select(listings.c.id, listings.c.url, listing_reads.c.at, listing_reads.c.status, captures.c.status)
        .select_from(listing_reads.join(listings, listings.c.id == listing_reads.c.listing_id).join(captures))
        .where(captures.c.status != listing_reads.c.status, *of)
        .order_by(listing_reads.c.id)
    )
    for listing, url, at, status, captured in connection.execute(query):
        yield _about(listing, f"{url}: the read of {at} says {status}, its capture {captured}")


def _first_reads(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """A list was read first when its first read was made."""
    first = (
        select(listing_reads.c.listing_id, func.min(listing_reads.c.id).label("id"))
        .group_by(listing_reads.c.listing_id)
        .subquery()
    )
    query = (
        select(listings.c.id, listings.c.url, listings.c.first_read, listing_reads.c.at)
        .select_from(
            listings.join(first, first.c.listing_id == listings.c.id).join(
                listing_reads, listing_reads.c.id == first.c.id
            )
        )
        .where(listing_reads.c.at != listings.c.first_read, *of)
        .order_by(listings.c.id)
    )
    for listing, url, said, found in connection.execute(query):
        yield _about(listing, f"{url} is said to be read first at {said}; its first read is of {found}")


def _positions(connection: Connection, of: _Conditions) -> Iterator[Problem]:
    """A read that stored positions has one for each entry that it found; one that refers to another's found as many."""
    shown = listing_reads.alias("shown")
    many = func.count(sightings.c.id)
    query = (
        select(listings.c.id, listings.c.url, listing_reads.c.at, listing_reads.c.leads, many)
        .select_from(
            listing_reads.join(listings, listings.c.id == listing_reads.c.listing_id)
            .join(shown, shown.c.id == listing_reads.c.shown_id)
            .outerjoin(sightings, sightings.c.read_id == listing_reads.c.id)
        )
        .where(listing_reads.c.shown_id == listing_reads.c.id, *of)
        .group_by(
            listing_reads.c.id, listings.c.id, listings.c.url, listing_reads.c.at, listing_reads.c.leads
        )
        .having(many != listing_reads.c.leads)
        .order_by(listing_reads.c.id)
    )
    for listing, url, at, leads, found in connection.execute(query):
        yield _about(listing, f"{url}: the read of {at} found {leads} entries; {found} positions are stored")
    unlike = (
        select(listings.c.id, listings.c.url, listing_reads.c.at, listing_reads.c.leads, shown.c.leads)
        .select_from(
            listing_reads.join(listings, listings.c.id == listing_reads.c.listing_id).join(
                shown, shown.c.id == listing_reads.c.shown_id
            )
        )
        .where(
            or_(
                shown.c.listing_id != listing_reads.c.listing_id,
                (listing_reads.c.outcome == "ok") & (shown.c.leads != listing_reads.c.leads),
            ),
            *of,
        )
        .order_by(listing_reads.c.id)
    )
    for listing, url, at, leads, found in connection.execute(unlike):
        yield _about(listing, f"{url}: the read of {at} found {leads} entries, the one it repeats {found}")


def _about(listing: int, message: str) -> Problem:
    return Problem(ProblemKind.LISTING_DIFFERS, f"listing {listing}", message)
