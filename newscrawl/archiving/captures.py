"""Reads a stored response once more with today's extractor: for crawls after an upgrade, for imports and for `newscrawl reprocess`.

Runs in processes of its own and loads no Scrapy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ArchiveError
from newscrawl.extract import extract
from newscrawl.model import Article, Capture, ExtractRules
from newscrawl.warc import read_body

if TYPE_CHECKING:
    from newscrawl.store.write.reprocessing import Reading


@dataclass(frozen=True, slots=True)
class Job:
    """One version to reprocess: everything a process of its own needs."""

    root: Path
    reading: Reading
    rules: ExtractRules


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a version keeps the fields it has: `kind` is refused, unreadable or failed."""

    kind: str
    reason: str


Outcome = Article | Kept


def extract_capture(root: Path, capture: Capture, rules: ExtractRules) -> Article:
    """What the response kept in `capture` (below the WARC directory `root`) says by today's extractor.

    The instant of the capture counts as now, so relative dates come out as they did. Raises WarcError
    where the bytes cannot be read.
    """
    return extract(
        read_body(root, capture).body,
        capture.url,
        content_type=capture.content_type,
        fetched_at=capture.at,
        rules=rules,
    )


def read_again(job: Job) -> Outcome:
    """What a capture says by today's extractor, or why its version keeps what it has. Never raises."""
    if job.reading.capture is None:
        return Kept("unreadable", "no response is kept for it")
    try:
        article = extract_capture(job.root, job.reading.capture, job.rules)
    except ArchiveError as error:
        return Kept("unreadable", str(error))
    except Exception as error:  # noqa: BLE001 - one page must not end the others
        return Kept("failed", f"{type(error).__name__}: {error}")
    if not article.is_article:
        return Kept("refused", f"{article.page_type.value}: {article.reason or 'no article'}")
    return article
