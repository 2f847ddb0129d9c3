"""The parsing jobs of a run: bytes of a response to articles, listings and fingerprints. They run in the worker process, without Scrapy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from newscrawl.archiving.observing import fingerprint_of
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.listings.tasks import ROBOTS, ListingTask
from newscrawl.discover.address import day_in
from newscrawl.discover.announced import announced
from newscrawl.discover.entries import EntryCounts
from newscrawl.discover.listing import links
from newscrawl.discover.robots_sitemaps import named_sitemaps
from newscrawl.extract import examine
from newscrawl.extract.page.sent_on import sent_on as find_sent_on
from newscrawl.judge import soft_404
from newscrawl.model import Announced, Article, Channel, EntryOutcome, ExtractRules, Fetch, Lead, ListingPage

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Loaded before the first page, once for all processes.
LOADED = (
    "newscrawl.crawl.parse.jobs",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "newscrawl.discover.feed",
    "trafilatura",
)


@dataclass(frozen=True, slots=True)
class Document:
    """A response as far as parsing depends on it; `url` is the final address, `at` the instant of the fetch."""

    body: bytes
    url: str
    content_type: str | None
    at: datetime


def article(
    document: Document,
    rules: ExtractRules,
    addresses: Addresses,
    leads_of: str | None,
    said: Announced | None = None,
) -> tuple[Article, ListingPage]:
    """The article of a page, of which a channel had `said` something; with `leads_of` also its links, leads to articles of that edition and others, if it is an article."""
    examined = examine(
        document.body,
        document.url,
        content_type=document.content_type,
        fetched_at=document.at,
        rules=rules,
        announced=said,
    )
    found = examined.article
    if leads_of is None or not found.is_article:
        return found, ListingPage()
    tree = examined.page.tree if examined.page is not None and _keeps_links(document.body, rules) else None
    return found, block(document, addresses, leads_of, tree)


def _keeps_links(body: bytes, rules: ExtractRules) -> bool:
    """Whether the tree that was extracted from has all links, so that the page need not be parsed again.

    A source's rules may cut some, and the parser ends at the first "</html>", while templates put in one another have several.
    """
    raw = body.lower()
    uncut = not rules.selectors.drop and rules.selectors.article is None
    return uncut and raw.count(b"</html") <= 1 and raw.count(b"</body") <= 1


def block(
    document: Document, addresses: Addresses, edition: str, tree: HtmlElement | None = None
) -> ListingPage:
    """Links of a page to articles of the edition: its "Latest news" block and all others. `tree`: the page, if parsed already."""
    return links(
        document.body,
        document.url,
        content_type=document.content_type,
        is_article=lambda address: addresses.is_listed(address, edition),
        channel=Channel.BLOCK,
        why_left=_why_left(addresses, edition, Channel.BLOCK),
        tree=tree,
    )


def _why_left(addresses: Addresses, edition: str, channel: Channel) -> Callable[[str], EntryOutcome]:
    """Gives the reason why an address does not become a lead."""
    return lambda address: addresses.why_left(address, edition, channel) or EntryOutcome.NO_PATTERN


def sent_on(document: Document, header: str | None) -> tuple[str | None, str | None]:
    """The addresses that a page refreshes to and calls its own; `header` is HTTP's refresh."""
    return find_sent_on(document.body, document.url, content_type=document.content_type, header=header)


def listing(document: Document, task: ListingTask, addresses: Addresses, zone: tzinfo) -> ListingPage:
    """What a listing document shows; "today" is the day of the fetch."""
    return parse_listing(
        task, document.body, document.url, document.content_type, addresses, zone=zone, now=document.at
    )


def parse_listing(
    task: ListingTask,
    body: bytes,
    url: str,
    content_type: str | None,
    addresses: Addresses,
    *,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> ListingPage:
    """What a listing document shows, each channel by its own reader; only leads of the edition that may be articles.

    `zone` is the outlet's, for dates without one. `now` is the instant of the fetch, for "today"; with None such
    dates stay unknown.
    """
    edition = task.edition.name
    if task.channel is Channel.LISTING:
        page = links(
            body,
            url,
            content_type=content_type,
            is_article=lambda address: addresses.is_listed(address, edition),
            zone=zone,
            now=now,
            why_left=_why_left(addresses, edition, task.channel),
            may_be=lambda address: addresses.may_be_listed(address, edition),
            older=task.root is not None,
        )
    elif task.url.endswith(ROBOTS):
        page = named_sitemaps(body, url, content_type=content_type)
    else:
        page = announced(body, url, task.channel, content_type=content_type)
    left = EntryCounts(page.left)
    leads = []
    for lead in page.leads:
        # A page's links were chosen above, some of them by their place.
        why = (
            addresses.why_left(lead.url, edition, task.channel)
            if task.channel is not Channel.LISTING
            else None
        )
        if why is None:
            dated = _dated(lead, zone, now)
            leads.append(replace(dated, doubtful=True) if addresses.is_doubtful(lead, edition) else dated)
        else:
            left.add(why, lead.url)
    return replace(page, leads=tuple(leads), left=left.counts())


def _dated(lead: Lead, zone: tzinfo, now: datetime | None) -> Lead:
    """The lead with the day its address names, where the listing gave no date of publication."""
    if lead.published is not None or now is None:
        return lead
    day = day_in(lead.url, zone, now)
    return replace(lead, published=day) if day is not None else lead


def fingerprint(fetch: Fetch, body: bytes) -> soft_404.Fingerprint | None:
    """The fingerprint of a response; None if it cannot be compared."""
    return fingerprint_of(fetch, body)
