"""The lists of one host of an unknown site: which pages list articles, which shows all that is new, how each goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from newscrawl.crawl.editions import Listing
from newscrawl.discover.listing import links
from newscrawl.model import ListingPage
from newscrawl.site_setup import page as probe
from newscrawl.site_setup.channels import RESERVE, Found
from newscrawl.site_setup.evidence import Evidence, path_of
from newscrawl.site_setup.page import Link, Offer
from newscrawl.site_setup.paging import further, newest_first
from newscrawl.site_setup.patterns import is_service
from newscrawl.site_setup.visitor import Answer, Visitor
from newscrawl.urls import host_of, is_front_page

SECTIONS = 7  # lists looked at on one host
PARTS, SECTIONS_OF_A_PART = 3, 2  # further languages of one host, and lists looked at in each
KEPT = 8  # lists a source reads at every run
LEAST = 3  # articles a page must link to for it to be a list
# Names of the list of everything new, in paths and in menus; the more of a site it shows, the fewer lists are needed.
_LATEST = re.compile(
    r"(?:^|[/_\s-])(?:news|latest|newest|all|lenta|last|novosti|novost|zhanalyqtar|zhanalyktar|janalyqtar|"
    r"latest-news|all-news|archive|новости|лента|все новости|последние|жаңалықтар|барлық жаңалықтар)(?:$|[/_.\s-])",
    re.IGNORECASE,
)


def parts(visitor: Visitor, found: Found) -> None:
    """The front pages of other languages on the same host, as its language switch and tags name them."""
    for _, address in found.offer.editions:
        path = path_of(address)
        other = (
            host_of(address) == found.host
            and path not in ("/", path_of(found.url))
            and is_front_page(address)
        )
        if not other or len(found.parts) >= PARTS or any(path_of(part.url) == path for part in found.parts):
            continue
        answer = visitor.ask(address)
        if answer.fine and path_of(answer.url) == path:
            offer = probe.read_page(answer.body, answer.url, answer.content_type)
            found.parts.append(Found(url=answer.url, host=found.host, offer=offer))


def all_listings(visitor: Visitor, evidence: Evidence, found: Found, pattern: str) -> None:
    """The lists of a host, each of its languages by itself."""
    whole = [lead for lead in found.fed if not any(inside(lead.url, part) for part in found.parts)]
    fed, found.fed = found.fed, whole
    listings(visitor, evidence, found, pattern, SECTIONS)
    for part in found.parts:
        part.fed = [lead for lead in fed if inside(lead.url, part)]
        listings(visitor, evidence, part, pattern, SECTIONS_OF_A_PART)
        found.listings += [one for one in part.listings if one not in found.listings]
        found.notes += part.notes


def listings(visitor: Visitor, evidence: Evidence, found: Found, pattern: str, most: int = SECTIONS) -> None:
    """Pages that list articles, of at most `most` that are asked for: the front page, the list of everything new, else the sections."""
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
        if asked >= most or visitor.left <= RESERVE:
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
    read: Callable[[Answer], ListingPage],
) -> str | Listing:
    """A list with how it goes on, if its second page was seen to show other articles."""
    path = found.path(answer.url)
    shown = {lead.url for lead in page.leads}
    template = further(offer, answer.url)
    for address in (*page.next_pages[:1], *((template[0].replace("{n}", "2"),) if template else ())):
        evidence.other(address)
        if visitor.left <= RESERVE and not visitor.knows(address):
            break
        second = visitor.ask(address)
        if not second.fine or host_of(second.url) != found.host:
            continue
        older = read(second)
        if any(lead.url not in shown for lead in older.leads):
            evidence.page(probe.read_page(second.body, second.url, second.content_type), second.url)
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


def inside(address: str, part: Found) -> bool:
    """Whether an address lies below the front page of a language."""
    return path_of(address).startswith(path_of(part.url).rstrip("/") + "/")


def _is_article_itself(answer: Answer, page: ListingPage, fits: re.Pattern[str]) -> bool:
    return bool(fits.search(urlsplit(answer.url).path)) or len(page.leads) < LEAST
