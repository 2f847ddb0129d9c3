"""Values for tests of decisions: a known article, and observations of it with every kind of response."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newscrawl.model import (
    Alias,
    Article,
    Author,
    Content,
    Fetch,
    FetchOutcome,
    Known,
    Observation,
    PageType,
    Precision,
    State,
)
from newscrawl.text import content_hash

PUBLISHED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NOW = PUBLISHED + timedelta(days=2)
URL = "https://bereke.example/bridge-opens-101"

BODY = (
    "The second footbridge over the Terek was opened in Aqsai on Monday morning.\n\n"
    "It is 84 metres long and cost 310 million tenge, the town office said.\n\n"
    "Residents of the left bank had asked for it since the flood of 2019."
)
PIECE = Article(
    url=URL,
    reason="json-ld",
    title="Aqsai opens a second footbridge",
    subtitle="The left bank waited seven years",
    authors=(Author("Dana Serikova"),),
    published=PUBLISHED,
    published_precision=Precision.MINUTE,
    modified=PUBLISHED,
    language="en",
    tags=("bridge",),
    body=BODY,
)


def hash_of(article: Article) -> str:
    """The content hash of a piece."""
    return content_hash(Content.of(article))


def known(**fields: object) -> Known:
    """A live article of version 1 that was read at its publication; `fields` replace these values."""
    whole = Known(
        id=1,
        source="bereke",
        edition="en",
        url=URL,
        url_key=URL,
        state=State.LIVE,
        state_since=PUBLISHED,
        first_seen=PUBLISHED,
        last_seen=PUBLISHED,
        last_checked=PUBLISHED,
        last_changed=PUBLISHED,
        published=PUBLISHED,
        version=1,
        content_hash=hash_of(PIECE),
        content=Content.of(PIECE),
        extractor="test/1",
        hashes={hash_of(PIECE): 1},
        checks=1,
    )
    return replace(whole, **fields)  # type: ignore[arg-type]


def observation(
    outcome: FetchOutcome = FetchOutcome.OK,
    article: Article | None = None,
    *,
    status: int | None = None,
    redirected_to: str | None = None,
    controls_fine: bool | None = None,
    aliases: tuple[Alias, ...] = (),
    at: datetime = NOW,
) -> Observation:
    """An observation of the address: the response, and what was read from the page."""
    final = redirected_to or URL
    fetch = Fetch(URL, at, outcome, final, status=status, redirects=(URL,) if redirected_to else ())
    fingerprint = hash_of(article) if article is not None and article.is_article else None
    return Observation(
        "bereke",
        "en",
        URL,
        fetch,
        article=article,
        content_hash=fingerprint,
        extractor="test/1",
        aliases=aliases,
        controls_fine=controls_fine,
    )


def page(page_type: PageType, reason: str | None = None) -> Article:
    """A page that is no article."""
    return Article(URL, page_type, reason)
