"""The listings of one host of an unknown site: which pages list articles, which lists everything new, how each goes on."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from newscrawl.crawl.editions import Listing
from newscrawl.crawl.visit.visit import Answer, Visit
from newscrawl.discover.listing import MORE, links
from newscrawl.discover.pager import may_be_page
from newscrawl.model import ExtractRules, ListingPage
from newscrawl.site_setup.channels import RESERVE, Host, find_feeds_of
from newscrawl.site_setup.page import Link, Offer, language, offer_of
from newscrawl.site_setup.patterns import is_service
from newscrawl.site_setup.preview import read
from newscrawl.site_setup.seen_addresses import SeenAddresses, path_of
from newscrawl.urls import host_of, is_front_page, rule_path

SECTIONS = 7  # listings fetched on one host
LANGUAGES, SECTIONS_OF_A_LANGUAGE = 3, 2  # further languages of one host, and listings fetched in each
KEPT = 8  # listings a source reads in every run
LEAST = 3  # articles a page must link to for it to be a listing
# Names of the listing of everything new, in paths and in menus; the more of a site it shows, the fewer listings are needed.
_LATEST = re.compile(
    r"(?:^|[/_\s-])(?:news|latest|newest|all|lenta|last|novosti|novost|zhanalyqtar|zhanalyktar|janalyqtar|"
    r"latest-news|all-news|archives?|новости|лента|все новости|последние|жаңалықтар|барлық жаңалықтар)(?:$|[/_.\s-])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_PAGE_WORDS = re.compile(
    r"(?:^|[/?&_-])(?:page|p|pg|pagen_?\d*|paged|stranica|bet|start|str)[=/_-]?$", re.IGNORECASE
)
_ARROWS = " .…:→»›>⟩⟶➔➜❯▶►▸"
_NEXT = MORE | {"»", "›", ">", "→", ">>"}


@dataclass(frozen=True, slots=True)
class _Found:
    """A listing, the articles it shows, and whether it shows everything new."""

    listing: str | Listing
    articles: frozenset[str]
    whole: bool = False


async def find_languages(visit: Visit, host: Host) -> None:
    """Fetches the front pages of other languages on the same host, as its language switch and tags name them."""
    for _, address in host.offer.editions:
        if host_of(address) == host.host and is_front_page(address):
            await _add_language(visit, host, address)


async def find_languages_by_articles(visit: Visit, seen: SeenAddresses, host: Host) -> None:
    """Fetches the front pages of languages that no switch names, but below whose path feeds and sitemaps have articles."""
    first = Counter(
        path.split("/")[1]
        for address in seen.leads
        if host_of(address) == host.host and (path := path_of(address)).count("/") > 1
    )
    for segment, number in first.most_common():
        if number >= LEAST and language(segment) and visit.left > RESERVE:
            part = await _add_language(visit, host, urljoin(host.url, f"/{segment}/"))
            if part is not None:
                await find_feeds_of(visit, seen, host, part)
                seen.add_page(part.offer, part.url)


async def _add_language(visit: Visit, host: Host, address: str) -> Host | None:
    """Adds the front page of a language, if it is there and none of those that are known."""
    path = path_of(address)
    known = {"/", path_of(host.url), *(path_of(part.url) for part in host.languages)}
    if path in known or len(host.languages) >= LANGUAGES:
        return None
    answer = await visit.get(address)
    if not answer.ok or path_of(answer.url) != path:
        return None
    offer = offer_of(answer.body, answer.url, answer.content_type)
    host.languages.append(Host(url=answer.url, host=host.host, offer=offer))
    return host.languages[-1]


async def find_listings(visit: Visit, seen: SeenAddresses, host: Host, pattern: str, now: datetime) -> None:
    """Finds the listings of a host, in each of its languages. `pattern` matches the paths of articles."""
    entries = host.entries
    own = [lead for lead in entries if host_of(lead.url) == host.host]
    host.entries = [lead for lead in own if not any(below(lead.url, part) for part in host.languages)]
    await _Finder(visit, seen, host, pattern, now).find(SECTIONS)
    for part in host.languages:
        part.entries = [lead for lead in own if below(lead.url, part)]
        await _Finder(visit, seen, part, pattern, now).find(SECTIONS_OF_A_LANGUAGE)
        host.listings += [one for one in part.listings if one not in host.listings]
        host.notes += part.notes


def below(address: str, part: Host) -> bool:
    """Whether an address lies below the front page of a language."""
    return path_of(address).startswith(path_of(part.url).rstrip("/") + "/")


class _Finder:
    """Finds the listings of one language of a host."""

    def __init__(self, visit: Visit, seen: SeenAddresses, host: Host, pattern: str, now: datetime) -> None:
        self._visit = visit
        self._seen = seen
        self._host = host
        self._fits = re.compile(pattern)
        self._now = now
        self._everywhere: frozenset[str] | None = None  # articles that the page of an article links to

    async def find(self, at_most: int) -> None:
        """Fetches at most so many listings: the front page, then the listing of everything new, else the sections."""
        host = self._host
        front = await self._visit.get(host.url)
        first = self._read(front) if front.ok else ListingPage()
        found: list[_Found] = []
        if len(first.leads) >= LEAST:
            listing = await self._continued(front, host.offer, first)
            found.append(_Found(listing, frozenset(lead.url for lead in first.leads)))
        dates = {
            lead.url: at for lead in self._seen.leads.values() if (at := lead.published or lead.modified)
        }
        for number, link in enumerate(self._candidates()):
            if number >= at_most or self._visit.left <= RESERVE:
                host.notes.append(
                    "not all sections were looked at: enough requests for one visit. "
                    "Add those you miss to `listings`"
                )
                break
            answer = await self._visit.get(link.url)
            self._seen.add_other(link.url)
            if not answer.ok or host_of(answer.url) != host.host or is_front_page(answer.url):
                continue
            self._seen.add_other(answer.url)
            page = self._read(answer)
            offer = offer_of(answer.body, answer.url, answer.content_type)
            self._seen.add_page(offer, answer.url)
            if len(page.leads) < LEAST or self._is_article(answer.url):
                continue
            if await self._is_static(answer, page, first):
                host.notes.append(
                    f"{host.path(answer.url)} is a page of its own with links to articles beside it"
                )
                continue
            listing = await self._continued(answer, offer, page)
            order = newest_first([lead.url for lead in page.leads], dates)
            if order is False:
                host.notes.append(f"{host.path(answer.url)} is not newest first")
            articles = frozenset(lead.url for lead in page.leads)
            latest = bool(_LATEST.search(path_of(link.url)) or _LATEST.search(link.text))
            whole = latest and order is not False and self._shows_newest(articles, first)
            found.append(_Found(listing, articles, whole))
            if whole:
                break
        host.listings = _chosen(found)
        # One list is that of everything new; where there are more, none of them may be.
        if len(found) > 1 and not any(one.whole for one in found) and not (host.sitemaps or host.numbered):
            host.notes.append(
                "no list of everything new was found: its sections are read one by one. "
                "If there is one, put it into `listings` instead"
            )

    async def _is_static(self, answer: Answer, page: ListingPage, first: ListingPage) -> bool:
        """Whether a page has a text of its own, and links only to those articles that every page links to."""
        if not read(answer, ExtractRules(), self._now).is_article:
            return False
        if self._everywhere is None and first.leads and self._visit.left > RESERVE:
            sample = await self._visit.get(first.leads[0].url)
            self._everywhere = frozenset(lead.url for lead in (self._read(sample).leads if sample.ok else ()))
        return len({lead.url for lead in page.leads} - (self._everywhere or frozenset())) < LEAST

    def _read(self, answer: Answer) -> ListingPage:
        def is_article(address: str) -> bool:
            return (
                host_of(address) == self._host.host
                and not is_front_page(address)
                and self._is_article(address)
            )

        return links(answer.body, answer.url, content_type=answer.content_type, is_article=is_article)

    def _is_article(self, address: str) -> bool:
        return bool(self._fits.search(rule_path(address)))

    def _shows_newest(self, listed: frozenset[str], first: ListingPage) -> bool:
        """Whether a listing shows the newest articles of the feed, or of the front page where there is no feed."""
        newest = [lead.url for lead in self._host.entries][: max(5, len(listed) // 2)] or [
            lead.url for lead in first.leads
        ][:10]
        return not newest or sum(one in listed for one in newest) * 10 >= len(newest) * 7

    async def _continued(self, answer: Answer, offer: Offer, page: ListingPage) -> str | Listing:
        """A listing with how it goes on, if its second page was fetched and shows other articles."""
        path = self._host.path(answer.url)
        shown = {lead.url for lead in page.leads}
        template = further(offer, answer.url)
        for address in (*page.next_pages[:1], *((template.replace("{n}", "2"),) if template else ())):
            self._seen.add_other(address)
            if self._visit.left <= RESERVE and self._visit.known(address) is None:
                break
            second = await self._visit.get(address)
            if not second.ok or host_of(second.url) != self._host.host:
                continue
            older = self._read(second)
            if any(lead.url not in shown for lead in older.leads):
                self._seen.add_page(offer_of(second.body, second.url, second.content_type), second.url)
                if address in page.next_pages:
                    return path
                assert template is not None
                return Listing(path, more=self._host.path(template))
        if offer.continued and not template:
            self._host.notes.append(
                f"{path} has a button for more whose pages could not be told: find what it asks for in the browser's "
                f'network view and write Listing("{path}", more="…"); without it gaps cannot be closed'
            )
        return path

    def _candidates(self) -> Iterable[Link]:
        return list_links(self._host, self._is_article)


def list_links(host: Host, is_article: Callable[[str], bool]) -> list[Link]:
    """Links of the front page that may lead to listings, the listing of everything new first."""
    seen: set[str] = {path_of(host.url)}
    chosen: list[tuple[bool, bool, int, Link]] = []
    languages = {address for _, address in host.offer.editions}
    for number, link in enumerate(host.offer.links):
        path = path_of(link.url)
        elsewhere = host_of(link.url) != host.host or is_front_page(link.url) or link.url in languages
        if elsewhere or path in seen:
            continue
        latest = bool(_LATEST.search(path) or _LATEST.search(link.text))
        if (is_service(path) and not latest) or is_article(link.url) or path.count("/") > 3:
            continue
        if not link.text.strip(_ARROWS) or len(link.text.split()) > 4 or may_be_page(link.url, host.url):
            continue  # without words it belongs to a pager: the last page of a list is no list of its own
        if re.search(r"\.(?:pdf|xml|jpe?g|png|rss)$", path):
            continue
        if re.search(r"(?:^|/)(?:19|20)\d\d(?:/|-|$)", path) or urlsplit(link.url).query:
            continue  # days of a calendar, and listings in another order
        seen.add(path)
        chosen.append((not latest, not link.menu, number, link))
    return [link for *_, link in sorted(chosen, key=lambda one: one[:3])]


def _chosen(found: Sequence[_Found]) -> list[str | Listing]:
    """The front page and the listing of everything new; without one, the listings that show most."""
    whole = next((one for one in found if one.whole), None)
    if whole is not None:
        return list(dict.fromkeys([found[0].listing, whole.listing]))
    ordered = sorted(found, key=lambda one: (one is not found[0], -len(one.articles)))
    return [one.listing for one in ordered if one.articles][:KEPT]


# --- how a listing goes on ---------------------------------------------------------------------------


def further(offer: Offer, url: str) -> str | None:
    """The template of a listing's further pages with `{n}` for the number, 2 for the next; None if there is no sign of one.

    Taken from links whose text is the number itself or "next", and from what "load more" buttons carry; only
    addresses below the listing's own path, on its host, that hold the number once.
    """
    votes: dict[str, set[int]] = {}
    for address, number in _numbered(offer, url):
        if template := _template(address, number, url):
            votes.setdefault(template, set()).add(number)
    # A calendar has numbers too: its links do not begin with page 2, or have no neighbour.
    fitting = {one: numbers for one, numbers in votes.items() if numbers & {1, 2}}
    return max(fitting, key=lambda one: (_names_page(one), len(fitting[one]), -len(one)), default=None)


def newest_first(addresses: Sequence[str], dates: Mapping[str, datetime]) -> bool | None:
    """Whether the articles of a listing stand newest first, as far as their dates are known; None if too few are.

    One in five neighbours may be the wrong way round: pinned articles, and dates of later edits.
    """
    known = [dates[address] for address in addresses if address in dates]
    pairs = list(itertools.pairwise(known))
    if len(pairs) < 3:
        return None
    return sum(later > earlier for earlier, later in pairs) * 5 <= len(pairs)


def _numbered(offer: Offer, url: str) -> Iterator[tuple[str, int]]:
    for link in offer.links:
        if host_of(link.url) != host_of(url):
            continue
        text = link.text.casefold().strip(_ARROWS) or link.text.strip()
        if text.isdecimal() and 1 <= int(text[:6]) <= 10_000:
            yield link.url, int(text[:6])
        elif text in _NEXT:
            yield link.url, 2
    for address in offer.continued:
        for number in (2, 1):
            yield address, number


def _template(address: str, number: int, url: str) -> str | None:
    """The address with its page number as `{n}`; None where it holds none, or leads elsewhere."""
    if "{" in address or "}" in address or address == url:
        return None
    own, list_path = urlsplit(address), urlsplit(url).path.rstrip("/") + "/"
    tail_from = len(f"{own.scheme}://{own.netloc}")
    matches = [
        m
        for m in _NUMBER.finditer(address, tail_from)
        if int(m[0][:9]) == number and not m[0].startswith("0")
    ]
    if not matches:
        return None
    chosen = next((m for m in reversed(matches) if _PAGE_WORDS.search(address[: m.start()])), matches[-1])
    if own.path.rstrip("/") + "/" != list_path and not own.path.startswith(list_path) and "?" not in address:
        return None
    return address[: chosen.start()] + "{n}" + address[chosen.end() :]


def _names_page(template: str) -> bool:
    return bool(_PAGE_WORDS.search(template.partition("{n}")[0]))
