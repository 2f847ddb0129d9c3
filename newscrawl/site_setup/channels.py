"""The feeds and sitemaps of one host of an unknown site: which there are, proven by reading them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from newscrawl.crawl.editions import Listing
from newscrawl.crawl.visit.visit import Answer, Visit
from newscrawl.discover.announced import announced
from newscrawl.model import Channel, Lead, ListingPage
from newscrawl.site_setup.page import (
    FEED_PATHS,
    NEWS_SITEMAP_PATHS,
    NUMBERED_SITEMAPS,
    SITEMAP_PATHS,
    Offer,
    offer_of,
)
from newscrawl.site_setup.seen_addresses import SeenAddresses
from newscrawl.urls import host_of

FEEDS = 3
_FEED_TRIES, _SITEMAP_TRIES, _CHILDREN, _ROOTS = 6, 4, 6, 5
ENOUGH = 8 << 20  # bytes of a sitemap, unpacked: the pattern of addresses is told by some thousands
RESERVE = 14  # requests kept for checks of addresses and for the preview
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class Host:
    """What was found on one host: paths of its channels, relative to the site."""

    url: str  # its front page
    host: str
    offer: Offer
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    listings: list[str | Listing] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entries: list[Lead] = field(default_factory=list)  # of its feeds, newest first as they stand
    of_feed: dict[str, list[Lead]] = field(default_factory=dict)  # the same by the feed's path
    sitemaps_elsewhere: bool = False  # its robots.txt names sitemaps on hosts of others
    languages: list[Host] = field(default_factory=list)  # front pages of other languages on this host

    @property
    def useful(self) -> bool:
        """Whether it has any channel."""
        return bool(self.feeds or self.sitemaps or self.numbered or self.listings)

    def path(self, address: str) -> str:
        """An address as a source writes it: of this host its path, of another of the outlet's the whole address."""
        return path_and_query(address) if host_of(address) == self.host else address


def path_and_query(address: str) -> str:
    """An address without its host, as a source writes it."""
    parts = urlsplit(address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


async def find_feeds(visit: Visit, seen: SeenAddresses, host: Host) -> None:
    """Reads the feeds that the front page names or links to, and those that the front page of each language does.

    Where there are none: those that the page of an article names, then those at the usual paths.
    """
    for page in (host, *host.languages):
        await find_feeds_of(visit, seen, host, page)
    if host.feeds:
        return
    await _feeds_of_an_article(visit, seen, host)
    for path in FEED_PATHS[:_FEED_TRIES]:
        if host.feeds or visit.left <= RESERVE:
            return
        await _feed(visit, seen, host, urljoin(host.url, path))


async def find_feeds_of(visit: Visit, seen: SeenAddresses, host: Host, page: Host) -> None:
    """Reads the feeds that one page of a host names, also on other hosts of the outlet.

    For a language with a path of its own that names none: the first of the usual ones below it.
    """
    before = len(host.feeds)
    offered = [one for one in page.offer.feeds if "comment" not in one.lower()]
    named = [one for one in offered if visit.terms.allows(one)]
    for address in [one for one in offered if one not in named][:1]:
        _note(host, "the feed", address, "it lies on a host of others, which a crawl does not ask")
    for address in list(dict.fromkeys(named))[: FEEDS + 2]:
        if len(host.feeds) - before < FEEDS and (problem := await _feed(visit, seen, host, address)):
            _note(host, "the feed", address, problem)
    if page is not host and not named and visit.left > RESERVE:
        await _feed(visit, seen, host, urljoin(page.url.rstrip("/") + "/", FEED_PATHS[0].lstrip("/")))


async def find_sitemaps(visit: Visit, seen: SeenAddresses, host: Host) -> None:
    """Reads the sitemaps that robots.txt names, else those at the usual paths; of an index one of each kind."""
    everything = visit.sitemaps.get(host.host, ())
    named = [one for one in everything if host_of(one) == host.host]
    host.sitemaps_elsewhere = len(named) < len(everything)
    series = numbered_series(named)
    host.numbered += [host.path(template) for template in series]
    of_series = {one for one in named if any(_of_series(one, template) for template in series)}
    roots = [one for one in named if one not in of_series]
    roots.sort(key=lambda one: "news" not in one.lower())
    for address in roots[:_ROOTS]:
        taken = await _sitemap_root(visit, seen, host, address)
        if not taken and host.path(address) not in host.sitemaps:
            _note(host, "the sitemap", address, _why_unusable(await visit.get(address)))
    for address in roots[_ROOTS:]:
        host.sitemaps.append(host.path(address))
    for address in sorted(of_series)[:2]:
        await _sitemap(visit, seen, host, address)
    if not named:
        for path in (*SITEMAP_PATHS[:_SITEMAP_TRIES], *NUMBERED_SITEMAPS[:1]):
            if host.sitemaps or visit.left <= RESERVE:
                break
            await _sitemap_root(visit, seen, host, urljoin(host.url, path))
    if not any("news" in one.lower() for one in host.sitemaps) and visit.left > RESERVE + 6:
        for path in NEWS_SITEMAP_PATHS:
            if await _sitemap_root(visit, seen, host, urljoin(host.url, path)):
                break


def numbered_series(addresses: Iterable[str]) -> tuple[str, ...]:
    """Templates with `{n}` of sitemap addresses that are counted from 1: two of a kind, or one whose name ends in 1.

    A further one of the series appears when the last is full. A name with a year in it is no such series.
    """
    votes: dict[str, set[int]] = {}
    for address in addresses:
        start = address.rfind("/") + 1
        numbers = list(_DIGITS.finditer(address, start))
        if "{" in address or "}" in address or "?" in address or any(len(m[0]) > 3 for m in numbers):
            continue
        for match in numbers:
            template = address[: match.start()] + "{n}" + address[match.end() :]
            votes.setdefault(template, set()).add(int(match[0]))
    return tuple(
        one
        for one, numbers in votes.items()
        if {1, 2} <= numbers or (numbers == {1} and one.endswith("{n}.xml"))
    )


async def _feeds_of_an_article(visit: Visit, seen: SeenAddresses, host: Host) -> None:
    """Reads the feeds that the first article on the front page names."""
    article = next(
        (
            link.url
            for link in host.offer.links
            if link.is_headline and host_of(link.url) == host.host and visit.left > RESERVE
        ),
        None,
    )
    if article is None:
        return
    answer = await visit.get(article)
    offer = offer_of(answer.body, answer.url, answer.content_type) if answer.ok else Offer()
    new = {one for one in offer.feeds if host_of(one) == host.host and visit.known(one) is None}
    for address in sorted(new)[:FEEDS]:
        if "comment" not in address.lower():
            await _feed(visit, seen, host, address)


def _note(host: Host, what: str, address: str, problem: str) -> None:
    """Notes why a channel that the site names does not become one of the source's."""
    host.notes.append(f"{what} {address[:200]} is left out: {problem}")


def _why_unusable(answer: Answer) -> str:
    if answer.problem:
        return answer.problem
    page = announced(answer.body, answer.url, Channel.SITEMAP, content_type=answer.content_type, limit=ENOUGH)
    return page.problem or "names no address of this host"


async def _feed(visit: Visit, seen: SeenAddresses, host: Host, address: str) -> str | None:
    """Reads a feed and takes it if it holds anything of the outlet's hosts: which edition it is for is told by its entries.

    Returns what is wrong with it; None if it was taken, or holds what another feed holds.
    """
    answer = await visit.get(address)
    if not answer.ok:
        return answer.problem
    page = announced(answer.body, answer.url, Channel.FEED, content_type=answer.content_type)
    mine = [lead for lead in page.leads if visit.terms.allows(lead.url)]
    path = host.path(answer.url)
    if not mine:
        return page.problem or "names no address of this outlet"
    if path in host.feeds or all("/comment" in lead.url or "#comment" in lead.url for lead in mine):
        return None
    known = {lead.url for lead in host.entries}
    if known and all(lead.url in known for lead in mine):
        return None  # the same in another format
    host.feeds.append(path)
    host.of_feed[path] = mine
    host.entries += mine
    seen.add_channel(mine, trusted=True)
    return None


async def _sitemap_root(visit: Visit, seen: SeenAddresses, host: Host, address: str) -> bool:
    """Reads a sitemap that may be an index and takes it if it holds anything of this host. Whether it was taken."""
    page = await _sitemap(visit, seen, host, address)
    if page is None:
        return False
    children = [one for one in page.children if host_of(one) == host.host]
    read = {address}
    useful = any(visit.terms.allows(lead.url) for lead in page.leads)
    queue = _one_of_each(children)
    for _ in range(_CHILDREN):
        queue = [one for one in queue if one not in read]
        if not queue or visit.left <= RESERVE:
            break
        child = queue.pop(0)
        read.add(child)
        inner = await _sitemap(visit, seen, host, child)
        if inner is not None:
            useful = useful or bool(inner.leads)
            queue = [*_one_of_each([one for one in inner.children if host_of(one) == host.host]), *queue]
    path = host.path(address)
    if (useful or children) and path not in host.sitemaps:
        host.sitemaps.append(path)
        return True
    return False


def _one_of_each(addresses: Sequence[str]) -> list[str]:
    """One sitemap of each kind, news first: those that differ only in numbers are of one kind."""
    kinds: dict[str, str] = {}
    for address in addresses:
        kinds.setdefault(_DIGITS.sub("", address), address)
    return sorted(kinds.values(), key=lambda one: ("news" not in one.lower(), "post" not in one.lower()))


async def _sitemap(visit: Visit, seen: SeenAddresses, host: Host, address: str) -> ListingPage | None:
    answer = await visit.get(address)
    if not answer.ok or host_of(answer.url) != host.host:
        return None
    page = announced(answer.body, answer.url, Channel.SITEMAP, content_type=answer.content_type, limit=ENOUGH)
    if not page.leads and not page.children:
        return None
    news = [lead for lead in page.leads if lead.published is not None]
    seen.add_channel(news, trusted=True)
    rest = [lead for lead in page.leads if lead.published is None]
    seen.add_channel(rest, urlsplit(address).path.rpartition("/")[2], trusted=False)
    return page


def _of_series(address: str, template: str) -> bool:
    start, _, end = template.partition("{n}")
    return address.startswith(start) and address.endswith(end)
