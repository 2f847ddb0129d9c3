"""Reading a stored response once more with the extractor of today. Used by crawls after an upgrade and by `newscrawl reprocess`; loads no Scrapy."""

from __future__ import annotations

from pathlib import Path

from newscrawl.extract import extract
from newscrawl.model import Article, Capture, ExtractRules
from newscrawl.warc import read_body


def reread(root: Path, capture: Capture, rules: ExtractRules) -> Article:
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
