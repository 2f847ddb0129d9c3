"""Reads a stored response once more with today's extractor: for crawls after an upgrade, for imports and for `newscrawl reprocess`.

Runs in processes of its own and loads no Scrapy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from newscrawl.dating.moments import zone_of
from newscrawl.errors import ArchiveError
from newscrawl.extract import extract
from newscrawl.extract.page.shown import page_text
from newscrawl.model import Announced, Article, Capture, ExtractRules, Known, PageText
from newscrawl.warc import read_body

if TYPE_CHECKING:
    from newscrawl.store.write.reprocessing import Reading


class CaptureReader(Protocol):
    """Reads stored captures of known articles. Both methods give None where the bytes cannot be read."""

    def extract(self, known: Known, capture: Capture) -> Article | None:
        """What a capture says by today's extractor."""

    def page_text(self, known: Known, capture: Capture) -> PageText | None:
        """What the page of a capture shows and holds."""


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


def extract_capture(
    root: Path, capture: Capture, rules: ExtractRules, announced: Announced | None = None
) -> Article:
    """What the response kept in `capture` (below the WARC directory `root`) says by today's extractor.

    The instant of the capture counts as now, so relative dates come out as they did; `announced` is what a channel had
    said of the article. Raises WarcError where the bytes cannot be read.
    """
    return extract(
        read_body(root, capture).body,
        capture.url,
        content_type=capture.content_type,
        fetched_at=capture.at,
        rules=rules,
        announced=announced,
    )


def read_page_text(root: Path, capture: Capture, rules: ExtractRules) -> PageText | None:
    """What the page kept in `capture` shows and holds; None where it is no page that can be read. Raises WarcError."""
    return page_text(
        read_body(root, capture).body,
        capture.url,
        content_type=capture.content_type,
        fetched_at=capture.at,
        zone=zone_of(rules.zone),
    )


def read_again(job: Job) -> Outcome:
    """What a capture says by today's extractor, or why its version keeps what it has. Never raises."""
    if job.reading.capture is None:
        return Kept("unreadable", "no response is kept for it")
    try:
        article = extract_capture(job.root, job.reading.capture, job.rules, job.reading.announced)
    except ArchiveError as error:
        return Kept("unreadable", str(error))
    except Exception as error:  # noqa: BLE001 - one page must not end the others
        return Kept("failed", f"{type(error).__name__}: {error}")
    if not article.is_article:
        return Kept("refused", f"{article.page_type.value}: {article.reason or 'no article'}")
    return article
