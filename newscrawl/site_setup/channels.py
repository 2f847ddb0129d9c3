"""The feeds and sitemaps of one host of an unknown site, each proven by reading it. Decides no address's fate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from newscrawl.crawl.editions import Listing
from newscrawl.discover.feed import feed
from newscrawl.discover.sitemap import sitemap
from newscrawl.model import Lead, ListingPage
from newscrawl.site_setup import page as probe
from newscrawl.site_setup.evidence import Evidence
from newscrawl.site_setup.page import Offer
from newscrawl.site_setup.paging import numbered_series
from newscrawl.site_setup.visitor import Answer, Visitor
from newscrawl.urls import host_of

FEEDS = 3
_FEED_TRIES, _SITEMAP_TRIES, _CHILDREN, _ROOTS = 6, 4, 6, 5
ENOUGH = 8 << 20  # bytes of a sitemap, unpacked: the shape of addresses is told by some thousands
RESERVE = 14  # requests left for looks and the preview
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class Found:
    """What was found on one host: paths of its channels, relative to the site."""

    url: str  # its front page
    host: str
    offer: Offer
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    listings: list[str | Listing] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fed: list[Lead] = field(default_factory=list)  # entries of its feeds, newest first as they stand
    of_feed: dict[str, list[Lead]] = field(default_factory=dict)  # the same by the feed's path
    parts: list[Found] = field(default_factory=list)  # front pages of other languages on the same host

    @property
    def useful(self) -> bool:
        """Whether it has any channel."""
        return bool(self.feeds or self.sitemaps or self.numbered or self.listings)

    def path(self, address: str) -> str:
        """An address of this host as a source writes it."""
        parts = urlsplit(address)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def feeds(visitor: Visitor, evidence: Evidence, found: Found) -> None:
    """Feeds the front page names or links to, else those at the usual places; an article page's where there are none."""
    offered = [one for offer in (found.offer, *(part.offer for part in found.parts)) for one in offer.feeds]
    named = [
        one for one in dict.fromkeys(offered) if host_of(one) == found.host and "comment" not in one.lower()
    ]
    for address in named[: FEEDS + 2]:
        if len(found.feeds) < FEEDS and (problem := _feed(visitor, evidence, found, address)):
            _note(found, "the feed", address, problem)
    if found.feeds:
        return
    for link in found.offer.links:
        if link.is_headline and host_of(link.url) == found.host and visitor.left > RESERVE:
            page = visitor.ask(link.url)
            offer = probe.read_page(page.body, page.url, page.content_type) if page.fine else Offer()
            tried = {one for one in offer.feeds if host_of(one) == found.host and not visitor.knows(one)}
            for address in sorted(tried)[:FEEDS]:
                if "comment" not in address.lower():
                    _feed(visitor, evidence, found, address)
            break
    for path in probe.FEED_PATHS[:_FEED_TRIES]:
        if found.feeds or visitor.left <= RESERVE:
            return
        _feed(visitor, evidence, found, urljoin(found.url, path))


def sitemaps(visitor: Visitor, evidence: Evidence, found: Found) -> None:
    """Sitemaps robots.txt names, else those at the usual places; of an index one of each kind is read."""
    named = [one for one in visitor.sitemaps.get(found.host, ()) if host_of(one) == found.host]
    series = numbered_series(named)
    for template in series:
        found.numbered.append(found.path(template))
    of_series = {one for one in named if any(_of_series(one, template) for template in series)}
    roots = [one for one in named if one not in of_series]
    roots.sort(key=lambda one: "news" not in one.lower())
    for address in roots[:_ROOTS]:
        if not _sitemap_root(visitor, evidence, found, address) and found.path(address) not in found.sitemaps:
            _note(found, "the sitemap", address, _unread(visitor.ask(address)))
    for address in roots[_ROOTS:]:
        found.sitemaps.append(found.path(address))
    for address in sorted(of_series)[:2]:
        _sitemap(visitor, evidence, found, address)
    if not named:
        for path in (*probe.SITEMAP_PATHS[:_SITEMAP_TRIES], *probe.NUMBERED_SITEMAPS[:1]):
            if found.sitemaps or visitor.left <= RESERVE:
                break
            _sitemap_root(visitor, evidence, found, urljoin(found.url, path))
    if not any("news" in one.lower() for one in found.sitemaps) and visitor.left > RESERVE + 6:
        for path in probe.NEWS_SITEMAP_PATHS:
            if _sitemap_root(visitor, evidence, found, urljoin(found.url, path)):
                break


def _note(found: Found, what: str, address: str, problem: str) -> None:
    """Says why a channel that the site names is none of the source's."""
    found.notes.append(f"{what} {address[:200]} is left out: {problem}")


def _unread(answer: Answer) -> str:
    if answer.problem:
        return answer.problem
    page = sitemap(answer.body, answer.url, content_type=answer.content_type, limit=ENOUGH)
    return page.problem or "names no address of this host"


def _feed(visitor: Visitor, evidence: Evidence, found: Found, address: str) -> str | None:
    """Reads a feed and takes it if it holds anything of this host; else what is wrong with it, None if it is a double."""
    answer = visitor.ask(address)
    if not answer.fine:
        return answer.problem
    if host_of(answer.url) != found.host:
        return f"leads to another host ({host_of(answer.url)})"
    page = feed(answer.body, answer.url, content_type=answer.content_type)
    mine = [lead for lead in page.leads if host_of(lead.url) == found.host]
    path = found.path(answer.url)
    if not mine:
        return page.problem or "names no address of this host"
    if path in found.feeds or all("/comment" in lead.url or "#comment" in lead.url for lead in mine):
        return None
    known = {lead.url for lead in found.fed}
    if known and all(lead.url in known for lead in mine):
        return None  # the same in another format
    found.feeds.append(path)
    found.of_feed[path] = mine
    found.fed += mine
    evidence.channel(mine, trusted=True)
    return None


def _sitemap_root(visitor: Visitor, evidence: Evidence, found: Found, address: str) -> bool:
    """Reads a sitemap that may be an index; true and among the source's if it holds anything of this host."""
    page = _sitemap(visitor, evidence, found, address)
    if page is None:
        return False
    children = [one for one in page.children if host_of(one) == found.host]
    seen = {address}
    useful = any(host_of(lead.url) == found.host for lead in page.leads)
    queue = _one_of_each(children)
    for _ in range(_CHILDREN):
        queue = [one for one in queue if one not in seen]
        if not queue or visitor.left <= RESERVE:
            break
        child = queue.pop(0)
        seen.add(child)
        inner = _sitemap(visitor, evidence, found, child)
        if inner is not None:
            useful = useful or bool(inner.leads)
            queue = [*_one_of_each([one for one in inner.children if host_of(one) == found.host]), *queue]
    path = found.path(address)
    if (useful or children) and path not in found.sitemaps:
        found.sitemaps.append(path)
        return True
    return False


def _one_of_each(addresses: Sequence[str]) -> list[str]:
    """One sitemap of each kind, news first: those that differ in numbers alone are of one kind."""
    kinds: dict[str, str] = {}
    for address in addresses:
        kinds.setdefault(_DIGITS.sub("", address), address)
    return sorted(kinds.values(), key=lambda one: ("news" not in one.lower(), "post" not in one.lower()))


def _sitemap(visitor: Visitor, evidence: Evidence, found: Found, address: str) -> ListingPage | None:
    answer = visitor.ask(address)
    if not answer.fine or host_of(answer.url) != found.host:
        return None
    page = sitemap(answer.body, answer.url, content_type=answer.content_type, limit=ENOUGH)
    if not page.leads and not page.children:
        return None
    news = [lead for lead in page.leads if lead.published is not None]
    evidence.channel(news, trusted=True)
    rest = [lead for lead in page.leads if lead.published is None]
    evidence.channel(rest, urlsplit(address).path.rpartition("/")[2], trusted=False)
    return page


def _of_series(address: str, template: str) -> bool:
    start, _, end = template.partition("{n}")
    return address.startswith(start) and address.endswith(end)
