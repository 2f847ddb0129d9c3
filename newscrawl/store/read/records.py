"""From rows to the values people read. Knows no conditions and no order: queries.py has those."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping

from newscrawl.model import (
    ArticleRecord,
    Author,
    ChangeKind,
    Channel,
    FetchOutcome,
    ObservationRecord,
    RunRecord,
    SightingRecord,
    State,
    VerdictKind,
    VersionRecord,
)
from newscrawl.store import rows


def article(
    row: RowMapping, version: RowMapping, authors: Sequence[Author], *, aliases: Sequence[str], versions: int
) -> ArticleRecord:
    """An article from its row and the row of one of its versions."""
    return ArticleRecord(
        id=row["id"],
        source=row["source"],
        edition=row["edition"],
        url=row["url"],
        url_key=row["url_key"],
        aliases=tuple(aliases),
        state=State(row["state"]),
        state_since=row["state_since"],
        first_seen=row["first_seen"],
        last_checked=row["last_checked"],
        last_seen=row["last_seen"],
        article=rows.article_of(version, authors, row["url"]),
        version=version["number"],
        versions=versions,
    )


def versions(connection: Connection, found: Sequence[RowMapping]) -> list[VersionRecord]:
    """Versions from their rows, with authors and captures loaded for all of them at once."""
    authors = rows.load_authors(connection, [row["id"] for row in found])
    captures = rows.load_captures(connection, [row["capture_id"] for row in found])
    return [
        VersionRecord(
            article_id=row["article_id"],
            source=row["source"],
            edition=row["edition"],
            url=row["url"],
            number=row["number"],
            at=row["at"],
            kinds=tuple(ChangeKind(kind) for kind in row["kinds"]),
            returns_to=row["returns_to"],
            content_hash=row["content_hash"],
            extractor=row["extractor"],
            article=rows.article_of(row, authors[row["id"]], row["url"]),
            capture=captures.get(row["capture_id"]),
        )
        for row in found
    ]


def observations(connection: Connection, found: Sequence[RowMapping]) -> list[ObservationRecord]:
    """Observations from their rows, with captures loaded for all of them at once."""
    captures = rows.load_captures(connection, [row["capture_id"] for row in found])
    return [
        ObservationRecord(
            id=row["id"],
            run_id=row["run_id"],
            source=row["source"],
            edition=row["edition"],
            article_id=row["article_id"],
            at=row["at"],
            url=row["url"],
            final_url=row["final_url"] or row["url"],
            outcome=FetchOutcome(row["outcome"]),
            status=row["status"],
            verdict=VerdictKind(row["verdict"]),
            reason=row["reason"],
            signal=row["signal"],
            controls_fine=row["controls_fine"],
            version=row["version"],
            milliseconds=row["milliseconds"],
            capture=captures.get(row["capture_id"]),
        )
        for row in found
    ]


def sighting(row: RowMapping) -> SightingRecord:
    """A sighting from its row."""
    return SightingRecord(
        id=row["id"],
        source=row["source"],
        edition=row["edition"],
        channel=Channel(row["channel"]),
        listing=row["listing"],
        at=row["at"],
        position=row["position"],
        article_id=row["article_id"],
        url=row["url"],
        headline=row["headline"],
    )


def run(row: RowMapping) -> RunRecord:
    """A run from its row."""
    return RunRecord(
        id=row["id"],
        started=row["started"],
        finished=row["finished"],
        exit_code=row["exit_code"],
        reason=row["reason"],
        arguments=row["arguments"],
    )
