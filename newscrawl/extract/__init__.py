"""One page in, one Article out: a pure function of bytes, address, headers, fetch time and rules. Never touches the network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from newscrawl.model import Article, ExtractRules

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.extract.explain import Examination

# Bumped by hand whenever the same page may give another Article.
OWN_VERSION = 2


def extract(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fetched_at: datetime,
    rules: ExtractRules = ExtractRules(),  # noqa: B008 - frozen
    encoding: str | None = None,
) -> Article:
    """The Article that a page says, or what else the page is and why.

    `content_type` is the HTTP header's value, `encoding` a charset as if from that header, `fetched_at`
    the aware instant of the fetch (for "today" and for refusing future dates). Never raises on page
    content: an unreadable page comes back with page_type UNREADABLE, EMPTY, … and a reason. Same arguments,
    same Article, on every machine and whatever was extracted before. Raises ValueError for a naive `fetched_at`.
    """
    return examine(
        body, url, content_type=content_type, fetched_at=fetched_at, rules=rules, encoding=encoding
    ).article


def examine(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fetched_at: datetime,
    rules: ExtractRules = ExtractRules(),  # noqa: B008 - frozen
    encoding: str | None = None,
) -> Examination:
    """Like `extract`, with every field's candidates and why one won."""
    from newscrawl.extract import article

    return article.examine(
        body, url, content_type=content_type, fetched_at=fetched_at, rules=rules, encoding=encoding
    )


@cache
def extractor_version() -> str:
    """Names the extractor whose output this is, e.g. "1/trafilatura-2.3.1": only same versions are ever compared."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{OWN_VERSION}/trafilatura-{version('trafilatura')}"
    except PackageNotFoundError:
        return f"{OWN_VERSION}/trafilatura-none"
