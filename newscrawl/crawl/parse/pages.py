"""What a run makes of bytes from outside: articles, listings, faces of answers. Runs in the reading process; loads no Scrapy, fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from newscrawl.archiving.observing import fingerprint_of
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.listings import tasks
from newscrawl.crawl.listings.listing_pages import Task
from newscrawl.discover.listing import links
from newscrawl.extract import extract
from newscrawl.judge import soft_404
from newscrawl.model import Article, Channel, ExtractRules, Fetch, Lead, ListingPage

# Loaded before the first page, once for all processes.
LOADED = (
    "newscrawl.crawl.parse.pages",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "newscrawl.discover.feed",
    "trafilatura",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What answered a request, as far as its reading depends on it; `at` is the instant of the fetch."""

    body: bytes
    url: str
    content_type: str | None
    at: datetime


def article(
    answer: Answer, rules: ExtractRules, addresses: Addresses, beside: str | None
) -> tuple[Article, tuple[Lead, ...]]:
    """What a page says, and the leads beside it if it is an article of the edition `beside` (None: nobody asks)."""
    said = extract(
        answer.body, answer.url, content_type=answer.content_type, fetched_at=answer.at, rules=rules
    )
    return said, block(answer, addresses, beside) if beside is not None and said.is_article else ()


def block(answer: Answer, addresses: Addresses, edition: str) -> tuple[Lead, ...]:
    """Links of a page to articles of the edition: its "Latest news" block and whatever else."""
    return links(
        answer.body,
        answer.url,
        content_type=answer.content_type,
        is_article=lambda address: addresses.is_listed(address, edition),
        channel=Channel.BLOCK,
    ).leads


def listing(answer: Answer, task: Task, addresses: Addresses, zone: tzinfo) -> ListingPage:
    """What a listing document shows."""
    return tasks.parse(
        task, answer.body, answer.url, answer.content_type, addresses, zone=zone, now=answer.at
    )


def face(fetch: Fetch, body: bytes) -> soft_404.Fingerprint | None:
    """How an answer looks; None if it says nothing."""
    return fingerprint_of(fetch, body)
