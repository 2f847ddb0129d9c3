"""Writes and reads for tests of the store: observations as a crawl makes them, and the rows they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from newscrawl.model import (
    Alias,
    Applied,
    Article,
    Capture,
    CaptureRef,
    Channel,
    Content,
    Decision,
    Fetch,
    FetchOutcome,
    Known,
    Lead,
    ListingRead,
    Observation,
    Verdict,
    VerdictKind,
)
from newscrawl.store import tables
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import reading
from newscrawl.text import content_hash
from tests.support.fresh import seed
from tests.support.judging import NOW, PIECE, URL

EN = "en"
FRONT = "https://bereke.example/"
_records = count(1)


@contextmanager
def archive(url: str, source: str = "bereke") -> Iterator[Archive]:
    """An archive with an open run, closed at the end."""
    seed(url)
    opened = Archive(open_archive(url), source, NOW)
    try:
        opened.begin_run(NOW, {})
        yield opened
    finally:
        opened.close()


def rows(opened: Archive, table: str, *columns: str) -> list[Any]:
    """All rows of a table by their order of insertion: values of one column, or tuples of several."""
    which = tables.metadata.tables[table]
    query = select(*(which.c[name] for name in columns or which.c.keys()))
    if "id" in which.c:
        query = query.order_by(which.c.id)
    with reading(opened._engine) as connection:
        found = list(connection.execute(query))
    return [row[0] for row in found] if len(columns) == 1 else [tuple(row) for row in found]


def counts(opened: Archive) -> dict[str, int]:
    """How many rows each table has, empty ones left out."""
    found = {name: len(rows(opened, name)) for name in tables.metadata.tables if name != "proof_pending"}  # fmt: skip
    return {name: number for name, number in found.items() if number}


def capture(url: str, at: datetime = NOW, **fields: Any) -> Capture:
    """A stored response."""
    number = next(_records)
    ref = CaptureRef("bereke/1.warc.gz", number * 1000, 900, f"<urn:uuid:{number}>", f"sha1:{number:032d}")
    return replace(Capture(ref, url, at, 200, "text/html"), **fields)


class NoCaptures:
    """An archive whose captures cannot be read: only texts are compared."""

    def extract(self, _known, _capture) -> None:
        return None

    def page_text(self, _known, _capture) -> None:
        return None


def observation(
    article: Article | None = PIECE,
    *,
    url: str = URL,
    key: str | None = None,
    at: datetime = NOW,
    outcome: FetchOutcome = FetchOutcome.OK,
    status: int | None = 200,
    aliases: Sequence[Alias] = (),
    lead: Lead | None = None,
    lead_key: str | None = None,
    captured: bool = True,
    controls_fine: bool | None = None,
    **fetched: Any,
) -> Observation:
    """An observation of an address."""
    captures = (capture(fetched.get("final_url", url), at, status=status or 200),) if captured else ()
    fetch = Fetch(
        url,
        at,
        outcome,
        fetched.pop("final_url", url),
        status=status,
        captures=captures,
        milliseconds=9,
        **fetched,
    )
    return Observation(
        "bereke",
        EN,
        key or url,
        fetch,
        article=article,
        content_hash=content_hash(Content.of(article))
        if article is not None and article.is_article
        else None,
        extractor="test/1" if article is not None else "",
        aliases=tuple(aliases),
        lead=lead,
        lead_key=lead_key,
        controls_fine=controls_fine,
    )


def new(opened: Archive, article: Article = PIECE, **given: Any) -> Applied:
    """Stores a new article."""
    with opened.write() as writing:
        verdict = Verdict(VerdictKind.NEW, "first seen", next_check=NOW + timedelta(minutes=30))
        return writing.apply(Decision(observation(article, **given), verdict))


def apply(opened: Archive, one: Observation, verdict: Verdict, key: str = URL) -> Applied:
    """Stores an observation of the article with this key, or of an address without an article."""
    with opened.write() as writing:
        return writing.apply(Decision(one, verdict, writing.by_keys([key], one.fetch.at).get(key)))


def known(opened: Archive, key: str = URL, now: datetime = NOW) -> Known:
    """What the archive knows of an article."""
    return opened.by_keys([key], now)[key]


def lead(
    url: str, position: int = 0, *, channel: Channel = Channel.LISTING, **fields: Any
) -> tuple[str, Lead]:
    """A lead with its key, which is the address itself."""
    return url, Lead(url, channel, fields.pop("listing", FRONT), position, **fields)


def listing(
    leads: Sequence[tuple[str, Lead]] = (),
    *,
    url: str = FRONT,
    channel: Channel = Channel.LISTING,
    at: datetime = NOW,
    outcome: FetchOutcome = FetchOutcome.OK,
    digest: str | None = None,
    problem: str | None = None,
    **fetched: Any,
) -> ListingRead:
    """One read of a listing channel."""
    captures = ()
    if digest is not None:
        one = capture(url, at)
        captures = (replace(one, ref=replace(one.ref, digest=digest)),)
    fetch = Fetch(url, at, outcome, url, captures=captures, **fetched)
    return ListingRead("bereke", EN, channel, url, fetch, tuple(leads), known=0, problem=problem)


def read_listing(opened: Archive, *reads: ListingRead) -> None:
    """Stores reads of listing channels."""
    with opened.write() as writing:
        for read in reads:
            writing.record_listing(read)
