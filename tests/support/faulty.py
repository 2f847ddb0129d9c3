"""Jobs for worker processes that go wrong: they hang, crash, eat memory or raise."""

from __future__ import annotations

import os

from newscrawl.archiving.captures import Job, Outcome, read_again
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.parse import jobs
from newscrawl.model import Announced, Article, ExtractRules, ListingPage


def double(number: int) -> int:
    """Twice the number; 13 kills the process, 17 never ends."""
    if number == 13:
        os.abort()
    while number == 17:
        pass
    return number * 2


def extract_capture(job: Job) -> Outcome:
    """Reads a page, unless it is that of article 2 (hangs) or 4 (kills)."""
    if job.reading.article in (2, 4):
        double(13 if job.reading.article == 4 else 17)
    return read_again(job)


def bug(*_: object) -> None:
    """A bug of ours."""
    raise ZeroDivisionError("a bug")


def hog() -> None:
    """Takes more and more memory."""
    taken = []
    while True:
        taken.append(b"x" * (16 << 20))


def article(
    document: jobs.Document,
    rules: ExtractRules,
    addresses: Addresses,
    leads_of: str | None,
    said: Announced | None = None,
) -> tuple[Article, ListingPage]:
    """Reads a page, unless its address says that it hangs, eats memory, kills whoever reads it, or meets a bug."""
    if "two-102" in document.url:
        bug()
    if "hangs" in document.url:
        double(17)
    if "kills" in document.url:
        double(13)
    if "eats" in document.url:
        hog()
    return parsing_article(document, rules, addresses, leads_of, said)


def take(megabytes: int) -> int:
    """Takes some memory and gives it back; how much it was."""
    return len(b"x" * (megabytes << 20)) >> 20


def listing(*_: object) -> None:
    """A listing whose reading never ends."""
    double(17)


parsing_article = jobs.article  # before any test puts the one above in its place
