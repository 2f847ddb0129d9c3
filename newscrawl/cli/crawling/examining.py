"""Reads one page for `newscrawl extract` in a worker process: what is shown of it comes back, never the page's tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.errors import Exit, PageError
from newscrawl.model import Article, ExtractRules
from newscrawl.worker import Aborted, page_worker


class PageAborted(PageError):
    """A page whose reading had to be ended."""

    exit_code = Exit.NOTHING_FETCHED


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: `fetched_at` is the instant for "today" and for future dates."""

    body: bytes
    url: str
    content_type: str | None
    fetched_at: datetime
    rules: ExtractRules


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown: the explanation (as JSON or in lines of `width`), a Markdown document, or the body as Markdown."""

    explain: bool = False
    as_json: bool = False
    document: bool = False
    markdown: bool = False
    width: int = 100


@dataclass(frozen=True, slots=True)
class Examined:
    """The article of a page, and of what was wanted beside it the text, the lines or the JSON object.

    `leans`: its date of publication rests on the instant of the fetch.
    """

    article: Article
    leans: bool = False
    text: str = ""
    lines: tuple[str, ...] = ()
    value: dict[str, Any] | None = None


def examined(page: Page, wanted: Wanted) -> Examined:
    """Reads a page in the worker process. Raises PageError for one that takes too long, too much memory or meets a bug."""
    result = page_worker().run(examine_here, page, wanted)
    if isinstance(result, Aborted):
        raise PageAborted(f"could not be read: {result.reason}", subject=page.url)
    return result


def examine_here(page: Page, wanted: Wanted) -> Examined:
    """Reads a page in this process."""
    from newscrawl.extract import examine

    found = examine(
        page.body,
        page.url,
        content_type=page.content_type,
        fetched_at=page.fetched_at,
        rules=page.rules,
    )
    if wanted.document or wanted.markdown:
        from newscrawl.extract import markdown

        return Examined(
            found.article,
            found.date_leans,
            markdown.document(found) if wanted.document else markdown.body_of(found),
        )
    if wanted.explain:
        from newscrawl.cli.crawling import explain

        if wanted.as_json:
            return Examined(
                found.article, found.date_leans, value=explain.as_json(found, page.body, page.content_type)
            )
        lines = explain.as_lines(found, page.body, page.content_type, wanted.width)
        return Examined(found.article, found.date_leans, lines=tuple(lines))
    return Examined(found.article, found.date_leans)
