"""Extraction: turns the bytes of a page into an Article, as a pure function of bytes, address, headers, fetch time and rules."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from newscrawl.model import Announced, Article, ExtractRules

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.extract.explain import Examination

# Increased by hand whenever the same page may give a different Article.
OWN_VERSION = 4


def extract(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fetched_at: datetime,
    rules: ExtractRules = ExtractRules(),  # noqa: B008 - frozen
    encoding: str | None = None,
    announced: Announced | None = None,
) -> Article:
    """The Article on a page, or the type of a page that is not an article, with the reason.

    `content_type` is the HTTP header's value, `encoding` a charset as if from that header, `fetched_at`
    the aware instant of the fetch (for "today" and for refusing future dates), `announced` what a channel said. Page content never causes an error: an
    unreadable page has page_type UNREADABLE, EMPTY, … and a reason. The same arguments give the same Article on every
    machine, whatever was extracted before. Raises ValueError for a naive `fetched_at`.
    """
    return examine(
        body,
        url,
        content_type=content_type,
        fetched_at=fetched_at,
        rules=rules,
        encoding=encoding,
        announced=announced,
    ).article


def examine(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fetched_at: datetime,
    rules: ExtractRules = ExtractRules(),  # noqa: B008 - frozen
    encoding: str | None = None,
    announced: Announced | None = None,
) -> Examination:
    """Like `extract`, with every field's candidates and why one won."""
    from newscrawl.extract import article

    return article.examine(
        body,
        url,
        content_type=content_type,
        fetched_at=fetched_at,
        rules=rules,
        encoding=encoding,
        announced=announced or Announced(),
    )


@cache
def extractor_version() -> str:
    """The version of the extractor, e.g. "1/trafilatura-2.3.1". Only output of the same version is compared."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{OWN_VERSION}/trafilatura-{version('trafilatura')}"
    except PackageNotFoundError:
        return f"{OWN_VERSION}/trafilatura-none"
