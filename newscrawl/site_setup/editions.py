"""The editions of one host of an unknown site: one for each language that the addresses of its articles tell apart. Asks nothing new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.discover.sitemap import sitemap
from newscrawl.model import Article
from newscrawl.site_setup import origin
from newscrawl.site_setup.channels import ENOUGH, Found
from newscrawl.site_setup.evidence import path_of
from newscrawl.site_setup.lists import inside
from newscrawl.site_setup.visitor import Visitor
from newscrawl.urls import host_of

LEAST = 3  # articles below a language's own path: fewer may be strays
_DEPTH = 3  # an index within an index within an index


@dataclass(frozen=True, slots=True)
class _Part:
    """One language of a host: what was found of it, and the path that its articles share; empty for the rest of the host."""

    found: Found
    section: str
    listings: tuple[str | Listing, ...]


def editions(
    visitor: Visitor, found: Found, articles: Collection[str], read: Sequence[Article], spoken: str | None
) -> list[Edition]:
    """The editions of a host; one where the addresses of its articles (`articles`, any host's) do not tell its languages apart.

    `read` are articles that were read, `spoken` is the language of most. A feed goes to the language most of its entries
    are of, a sitemap to every language it names addresses of.
    """
    mine = [address for address in articles if host_of(address) == found.host]
    apart = [
        one for one in found.parts if one.listings and sum(inside(a, one) for a in mine) >= LEAST
    ]  # a path that no article has parts nothing
    if not apart or len(apart) < len(found.parts):
        if found.parts:
            found.notes.append(f"{len(found.parts) + 1} languages share {found.host}: written as one edition")
        return [_edition(found, "", found.listings, None if found.parts else spoken)]
    theirs = [place for one in apart for place in one.listings]
    own = tuple(place for place in found.listings if place not in theirs)
    parts = [
        _Part(found, "", own),
        *(_Part(one, path_of(one.url).rstrip("/") + "/", tuple(one.listings)) for one in apart),
    ]
    if not any(_of(a, parts) == 0 for a in mine):
        parts[0] = replace(parts[0], listings=())  # a front page that only leads on
    made = [_spoken(part, [a for a in read if _of(a.url, parts) == n]) for n, part in enumerate(parts)]
    return _with_channels(visitor, found, parts, made)


def _of(address: str, parts: Sequence[_Part]) -> int:
    """Which part an address belongs to."""
    return next((n for n, part in enumerate(parts) if part.section and inside(address, part.found)), 0)


def _spoken(part: _Part, read: Iterable[Article]) -> Edition:
    languages = [article.language for article in read]
    path = urlsplit(part.found.url).path
    language = origin.main_language(part.found.offer.language, languages, part.found.host, path)
    return _edition(part.found, part.section, part.listings, language)


def _with_channels(
    visitor: Visitor, found: Found, parts: Sequence[_Part], made: Sequence[Edition]
) -> list[Edition]:
    feeds: dict[int, list[str]] = {}
    for path in found.feeds:
        entries = Counter(_of(lead.url, parts) for lead in found.of_feed.get(path, ()))
        feeds.setdefault(entries.most_common(1)[0][0] if entries else 0, []).append(path)
    sitemaps: dict[int, list[str]] = {}
    numbered: dict[int, list[str]] = {}
    for paths, taken in ((found.sitemaps, sitemaps), (found.numbered, numbered)):
        for path in paths:
            named = _named(visitor, urljoin(found.url, path.replace("{n}", "1")))
            for number in {_of(address, parts) for address in named} or range(len(parts)):
                taken.setdefault(number, []).append(path)
    whole = [
        replace(
            edition,
            feeds=tuple(feeds.get(n, ())),
            sitemaps=tuple(sitemaps.get(n, ())),
            numbered=tuple(numbered.get(n, ())),
        )
        for n, edition in enumerate(made)
    ]
    return [one for one in whole if one.listings or one.feeds or one.sitemaps or one.numbered]


def _named(visitor: Visitor, address: str, depth: int = 0) -> list[str]:
    """The addresses in a sitemap and in those of its own that were read during the visit."""
    if depth >= _DEPTH or not visitor.knows(address):
        return []
    answer = visitor.ask(address)
    if not answer.fine:
        return []
    page = sitemap(answer.body, answer.url, content_type=answer.content_type, limit=ENOUGH)
    further = [one for child in page.children for one in _named(visitor, child, depth + 1)]
    return [lead.url for lead in page.leads] + further


def _edition(found: Found, section: str, listings: Sequence[str | Listing], language: str | None) -> Edition:
    secure = urlsplit(found.url).scheme == "https"
    channels = found.feeds or found.sitemaps or found.numbered
    return Edition(
        language or section.strip("/") or "main",
        found.host,
        language,
        listings=tuple(listings) or (() if channels or section else ("/",)),
        feeds=tuple(found.feeds),
        sitemaps=tuple(found.sitemaps),
        numbered=tuple(found.numbered),
        mirrors=(found.host.removeprefix("www."),) if found.host.startswith("www.") and secure else (),
        sections=(section,) if section else (),
        site="" if secure else f"http://{found.host}",
    )
