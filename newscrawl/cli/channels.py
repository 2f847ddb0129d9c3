"""The channels of one host of an unknown site: feeds, sitemaps and lists, each proven by reading it. Decides no address's fate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from newscrawl.cli.visitor import Answer, Visitor
from newscrawl.crawl.editions import Listing
from newscrawl.discover import probe
from newscrawl.discover.feed import feed
from newscrawl.discover.listing import links
from newscrawl.discover.probe import Link, Offer
from newscrawl.discover.probe_evidence import Evidence, path_of
from newscrawl.discover.probe_paging import further, newest_first, numbered_series
from newscrawl.discover.probe_shape import is_service
from newscrawl.discover.sitemap import sitemap
from newscrawl.model import Lead, ListingPage
from newscrawl.urls import host_of, is_front_page

FEEDS = 3
SECTIONS = 7  # lists looked at on one host
KEPT = 8  # lists a source reads at every run
LEAST = 3  # articles a page must link to for it to be a list
_FEED_TRIES, _SITEMAP_TRIES, _CHILDREN, _ROOTS = 6, 4, 6, 5
_RESERVE = 14  # requests left for looks and the preview
_DIGITS = re.compile(r"\d+")
# Names of the list of everything new, in paths and in menus; the more of a site it shows, the fewer lists are needed.
_LATEST = re.compile(
    r"(?:^|[/_\s-])(?:news|latest|newest|all|lenta|last|novosti|novost|zhanalyqtar|zhanalyktar|janalyqtar|"
    r"latest-news|all-news|archive|новости|лента|все новости|последние|жаңалықтар|барлық жаңалықтар)(?:$|[/_.\s-])",
    re.IGNORECASE,
)


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
    named = [one for one in found.offer.feeds if host_of(one) == found.host and "comment" not in one.lower()]
    for address in named[: FEEDS + 2]:
        if len(found.feeds) < FEEDS:
            _feed(visitor, evidence, found, address)
    if found.feeds:
        return
    for link in found.offer.links:
        if link.is_headline and host_of(link.url) == found.host and visitor.left > _RESERVE:
            page = visitor.ask(link.url)
            offer = probe.read_page(page.body, page.url, page.content_type) if page.fine else Offer()
            tried = {one for one in offer.feeds if host_of(one) == found.host and not visitor.knows(one)}
            for address in sorted(tried)[:FEEDS]:
                if "comment" not in address.lower():
                    _feed(visitor, evidence, found, address)
            break
    for path in probe.FEED_PATHS[:_FEED_TRIES]:
        if found.feeds or visitor.left <= _RESERVE:
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
        _sitemap_root(visitor, evidence, found, address)
    for address in roots[_ROOTS:]:
        found.sitemaps.append(found.path(address))
    for address in sorted(of_series)[:2]:
        _sitemap(visitor, evidence, found, address)
    if not named:
        for path in (*probe.SITEMAP_PATHS[:_SITEMAP_TRIES], *probe.NUMBERED_SITEMAPS[:1]):
            if found.sitemaps or visitor.left <= _RESERVE:
                break
            _sitemap_root(visitor, evidence, found, urljoin(found.url, path))
    if not any("news" in one.lower() for one in found.sitemaps) and visitor.left > _RESERVE + 6:
        for path in probe.NEWS_SITEMAP_PATHS:
            if _sitemap_root(visitor, evidence, found, urljoin(found.url, path)):
                break


def listings(visitor: Visitor, evidence: Evidence, found: Found, pattern: str) -> None:
    """Pages that list articles: the front page, the list of everything new, else the sections."""
    fits = re.compile(pattern)

    def read(answer: Answer) -> ListingPage:
        return links(
            answer.body, answer.url, content_type=answer.content_type,
            is_article=lambda one: host_of(one) == found.host and not is_front_page(one) and bool(fits.search(urlsplit(one).path)),
        )  # fmt: skip

    front = visitor.ask(found.url)
    first = read(front) if front.fine else ListingPage()
    lists: list[tuple[str | Listing, set[str], bool]] = []
    if len(first.leads) >= LEAST:
        listed = {lead.url for lead in first.leads}
        lists.append((_continued(visitor, evidence, found, front, found.offer, first, read), listed, False))
    dates = {lead.url: at for lead in evidence.leads.values() if (at := lead.published or lead.modified)}
    asked = 0
    for link in _candidates(found, fits):
        if asked >= SECTIONS or visitor.left <= _RESERVE:
            found.notes.append("not all sections were looked at: enough requests for one visit")
            break
        asked += 1
        answer = visitor.ask(link.url)
        evidence.other(link.url)
        if not answer.fine or host_of(answer.url) != found.host or is_front_page(answer.url):
            continue
        evidence.other(answer.url)
        page = read(answer)
        offer = probe.read_page(answer.body, answer.url, answer.content_type)
        evidence.page(offer, answer.url)
        if len(page.leads) < LEAST or _is_article_itself(answer, page, fits):
            continue
        evidence.channel(page.leads, trusted=False)
        listed = {lead.url for lead in page.leads}
        place = _continued(visitor, evidence, found, answer, offer, page, read)
        order = newest_first([lead.url for lead in page.leads], dates)
        if order is False:
            found.notes.append(f"{found.path(answer.url)} is not newest first")
        all_new = bool(_LATEST.search(path_of(link.url)) or _LATEST.search(link.text)) and order is not False
        lists.append((place, listed, all_new and _shows_all(found, listed, first)))
        if lists[-1][2]:
            break
    found.listings = _chosen(lists)
    if lists and not any(one[2] for one in lists) and not (found.sitemaps or found.numbered):
        found.notes.append("no list of everything new was found: its sections are read one by one")


def _chosen(lists: Sequence[tuple[str | Listing, set[str], bool]]) -> list[str | Listing]:
    """The front page, and the list that shows everything; without one all lists that add an article."""
    whole = next((one for one in lists if one[2]), None)
    if whole is not None:
        return list(dict.fromkeys([lists[0][0], whole[0]]))
    kept: list[str | Listing] = []
    for place, listed, _ in sorted(lists, key=lambda one: (one is not lists[0], -len(one[1]))):
        if len(kept) < KEPT and listed:
            kept.append(place)
    return kept


def _shows_all(found: Found, listed: set[str], first: ListingPage) -> bool:
    """Whether a list shows what the feed, or the front page, shows of the newest."""
    newest = [lead.url for lead in found.fed][: max(5, len(listed) // 2)] or [
        lead.url for lead in first.leads
    ][:10]
    return not newest or sum(one in listed for one in newest) * 10 >= len(newest) * 7


def _continued(
    visitor: Visitor,
    evidence: Evidence,
    found: Found,
    answer: Answer,
    offer: Offer,
    page: ListingPage,
    read: object,
) -> str | Listing:
    """A list with how it goes on, if its second page was seen to show other articles."""
    assert callable(read)
    path = found.path(answer.url)
    shown = {lead.url for lead in page.leads}
    template = further(offer, answer.url)
    for address in (*page.next_pages[:1], *((template[0].replace("{n}", "2"),) if template else ())):
        evidence.other(address)
        if visitor.left <= _RESERVE and not visitor.knows(address):
            break
        second = visitor.ask(address)
        if not second.fine or host_of(second.url) != found.host:
            continue
        older = read(second)
        if any(lead.url not in shown for lead in older.leads):
            evidence.channel(older.leads, trusted=False)
            if address in page.next_pages:
                return path
            assert template is not None
            return Listing(path, more=found.path(template[0]))
    if offer.continued and not template:
        found.notes.append(f"{path} has a button for more whose pages could not be told")
    return path


def _candidates(found: Found, fits: re.Pattern[str]) -> Iterable[Link]:
    """Links of the front page that may lead to lists, the list of everything new first."""
    seen: set[str] = {path_of(found.url)}
    chosen: list[tuple[bool, bool, int, Link]] = []
    languages = {address for _, address in found.offer.editions}
    for number, link in enumerate(found.offer.links):
        path = path_of(link.url)
        if (
            host_of(link.url) != found.host
            or path in seen
            or is_front_page(link.url)
            or link.url in languages
        ):
            continue
        latest = bool(_LATEST.search(path) or _LATEST.search(link.text))
        if (is_service(path) and not latest) or fits.search(urlsplit(link.url).path) or path.count("/") > 3:
            continue
        if not link.text or len(link.text.split()) > 4 or re.search(r"\.(?:pdf|xml|jpe?g|png|rss)$", path):
            continue
        if re.search(r"(?:^|/)(?:19|20)\d\d(?:/|-|$)", path) or urlsplit(link.url).query:
            continue  # days of a calendar, and lists in another order
        seen.add(path)
        chosen.append((not latest, not link.menu, number, link))
    return [link for *_, link in sorted(chosen, key=lambda one: one[:3])]


def _is_article_itself(answer: Answer, page: ListingPage, fits: re.Pattern[str]) -> bool:
    return bool(fits.search(urlsplit(answer.url).path)) or len(page.leads) < LEAST


def _feed(visitor: Visitor, evidence: Evidence, found: Found, address: str) -> None:
    answer = visitor.ask(address)
    if not answer.fine or host_of(answer.url) != found.host:
        return
    page = feed(answer.body, answer.url, content_type=answer.content_type)
    mine = [lead for lead in page.leads if host_of(lead.url) == found.host]
    path = found.path(answer.url)
    if (
        not mine
        or path in found.feeds
        or all("/comment" in lead.url or "#comment" in lead.url for lead in mine)
    ):
        return
    known = {lead.url for lead in found.fed}
    if known and all(lead.url in known for lead in mine):
        return  # the same in another format
    found.feeds.append(path)
    found.fed += mine
    evidence.channel(mine, trusted=True)


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
        if not queue or visitor.left <= _RESERVE:
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
    page = sitemap(answer.body, answer.url, content_type=answer.content_type)
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
