"""Reads the raw pages of two versions for what stands beside their texts: links and marks are in no column. Loads no Scrapy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newscrawl.archiving.captures import extract_capture, read_page_text
from newscrawl.errors import ArchiveError
from newscrawl.judge.kinds.beside import BesideDiff, differences
from newscrawl.judge.template_text import same_layout
from newscrawl.model import Capture, ExtractRules


@dataclass(frozen=True, slots=True)
class Job:
    """Two captures of one article, the older first, with all that a process of its own needs."""

    root: Path
    old: Capture
    new: Capture
    rules: ExtractRules


def compare(job: Job) -> tuple[BesideDiff, ...] | str:
    """What differs beside the text; or why it cannot be told, in words."""
    captures = (job.old, job.new)
    try:
        old, new = (extract_capture(job.root, capture, job.rules) for capture in captures)
        older, newer = (read_page_text(job.root, capture, job.rules) for capture in captures)
    except ArchiveError as error:
        return f"a raw page cannot be read: {error}"
    if older is None or newer is None or not (old.is_article and new.is_article):
        return "a raw page is no article to today's extractor"
    if not same_layout(older, newer):
        return "the pages have different layouts, which show other pictures and links"
    return differences(old, new)
