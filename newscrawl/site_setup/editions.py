"""The editions of an unknown site's hosts: one for each language that addresses tell apart, and the zone of its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.visit.visit import Visit
from newscrawl.discover.sitemap import sitemap
from newscrawl.model import Article
from newscrawl.site_setup.addresses import path_of
from newscrawl.site_setup.channels import ENOUGH, Host
from newscrawl.site_setup.listings import below
from newscrawl.site_setup.page import language
from newscrawl.urls import host_of

LEAST = 3  # articles below a language's own path: fewer may be strays
_DEPTH = 3  # an index within an index within an index
_ZONES = {
    "kz": "Asia/Almaty", "kg": "Asia/Bishkek", "uz": "Asia/Tashkent", "tj": "Asia/Dushanbe", "tm": "Asia/Ashgabat", "ru": "Europe/Moscow",
    "by": "Europe/Minsk", "ua": "Europe/Kyiv", "az": "Asia/Baku", "am": "Asia/Yerevan", "ge": "Asia/Tbilisi", "mn": "Asia/Ulaanbaatar",
    "tr": "Europe/Istanbul", "uk": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris",
}  # fmt: skip
_BY_LANGUAGE = {
    "kk": "Asia/Almaty",
    "ky": "Asia/Bishkek",
    "uz": "Asia/Tashkent",
    "tg": "Asia/Dushanbe",
    "tk": "Asia/Ashgabat",
}


@dataclass(frozen=True, slots=True)
class _Part:
    """One language of a host: what was found of it, and the path that its articles share; empty for the rest of the host."""

    host: Host
    section: str
    listings: tuple[str | Listing, ...]


def editions_of(
    visit: Visit, host: Host, articles: Collection[str], read: Sequence[Article], main: str | None
) -> list[Edition]:
    """The editions of a host: one for each language where the addresses of its articles tell them apart, else one.

    `articles` are addresses of articles on any host, `read` those that were extracted, `main` is the language of most.
    A feed goes to the language that most of its entries belong to, a sitemap to every language it names addresses of.
    """
    mine = [address for address in articles if host_of(address) == host.host]
    apart = [
        one for one in host.languages if one.listings and sum(below(a, one) for a in mine) >= LEAST
    ]  # a path below which no article lies separates nothing
    if not apart or len(apart) < len(host.languages):
        if host.languages:
            host.notes.append(
                f"{len(host.languages) + 1} languages share {host.host}: written as one edition"
            )
        return [_edition(host, "", host.listings, None if host.languages else main)]
    theirs = [listing for one in apart for listing in one.listings]
    own = tuple(listing for listing in host.listings if listing not in theirs)
    parts = [
        _Part(host, "", own),
        *(_Part(one, path_of(one.url).rstrip("/") + "/", tuple(one.listings)) for one in apart),
    ]
    if not any(_part_of(a, parts) == 0 for a in mine):
        parts[0] = replace(parts[0], listings=())  # a front page that only leads on
    made = [
        _with_language(part, [a for a in read if _part_of(a.url, parts) == number])
        for number, part in enumerate(parts)
    ]
    return _with_channels(visit, host, parts, made)


def main_language(declared: str | None, read: Iterable[str | None], host: str, path: str = "/") -> str | None:
    """The language of an edition: of most articles read, else as the page declares it, else by host label or path."""
    counted = Counter(code for one in read if (code := language(one)))
    if counted:
        return counted.most_common(1)[0][0]
    label = host.partition(".")[0] if host.count(".") > 1 and not host[:1].isdigit() else None
    return declared or language(label) or language(path.strip("/").partition("/")[0])


def zone_of(host: str, dates: Sequence[datetime], languages: Iterable[str | None]) -> tuple[str, str]:
    """The IANA zone of an outlet's clock, and what that rests on. `dates` are as its pages write them, with their offsets.

    A zone counts only if it has, at most of the dates, the offset that stands there (Kazakhstan moved from UTC+6
    to UTC+5 on 1 March 2024). UTC where nothing speaks for another.
    """
    top = host.partition(":")[0].rpartition(".")[2]
    by_host = _ZONES.get(top)
    by_language = [_BY_LANGUAGE[one] for one in languages if one in _BY_LANGUAGE]
    likely = list(dict.fromkeys([*([by_host] if by_host else []), *by_language, *_ZONES.values()]))
    # Many programs write every instant in UTC: where other offsets stand beside it, it does not show the outlet's clock.
    local = [one for one in dates if one.utcoffset()]
    dates = local or dates
    offsets = Counter(f"{one:%z}" for one in dates)
    counted = "" if not offsets else f"{len(dates)} dates with offset {', '.join(sorted(offsets))}"
    if offsets and set(offsets) != {"+0000"}:
        # Most of them: one page may be wrong about its own clock.
        for name in likely:
            agreeing = sum(one.utcoffset() == one.astimezone(ZoneInfo(name)).utcoffset() for one in dates)
            if agreeing >= 0.8 * len(dates):
                return name, counted
        return by_host or "UTC", f"no zone of ours has the offsets of its dates ({counted})"
    if by_host:
        return by_host, f"the host ends in .{top}"
    if by_language:
        return by_language[0], "its language"
    return "UTC", "nothing says another"


def with_own_names(editions: Sequence[Edition]) -> tuple[Edition, ...]:
    """The editions with names of their own: a second one of the same language gets a number."""
    names: Counter[str] = Counter()
    found = []
    for edition in editions:
        names[edition.name] += 1
        number = names[edition.name]
        found.append(edition if number == 1 else replace(edition, name=f"{edition.name}{number}"))
    return tuple(found)


def _part_of(address: str, parts: Sequence[_Part]) -> int:
    """The index of the part that an address belongs to."""
    return next((n for n, part in enumerate(parts) if part.section and below(address, part.host)), 0)


def _with_language(part: _Part, read: Iterable[Article]) -> Edition:
    languages = [article.language for article in read]
    path = urlsplit(part.host.url).path
    main = main_language(part.host.offer.language, languages, part.host.host, path)
    return _edition(part.host, part.section, part.listings, main)


def _with_channels(
    visit: Visit, host: Host, parts: Sequence[_Part], made: Sequence[Edition]
) -> list[Edition]:
    feeds: dict[int, list[str]] = {}
    for path in host.feeds:
        entries = Counter(_part_of(lead.url, parts) for lead in host.of_feed.get(path, ()))
        feeds.setdefault(entries.most_common(1)[0][0] if entries else 0, []).append(path)
    sitemaps: dict[int, list[str]] = {}
    numbered: dict[int, list[str]] = {}
    for paths, taken in ((host.sitemaps, sitemaps), (host.numbered, numbered)):
        for path in paths:
            named = _named(visit, urljoin(host.url, path.replace("{n}", "1")))
            for number in {_part_of(address, parts) for address in named} or range(len(parts)):
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


def _named(visit: Visit, address: str, depth: int = 0) -> list[str]:
    """The addresses in a sitemap and in those it names, as far as they were fetched during the visit."""
    answer = visit.known(address)
    if depth >= _DEPTH or answer is None or not answer.ok:
        return []
    page = sitemap(answer.body, answer.url, content_type=answer.content_type, limit=ENOUGH)
    further = [one for child in page.children for one in _named(visit, child, depth + 1)]
    return [lead.url for lead in page.leads] + further


def _edition(host: Host, section: str, listings: Sequence[str | Listing], main: str | None) -> Edition:
    secure = urlsplit(host.url).scheme == "https"
    channels = host.feeds or host.sitemaps or host.numbered
    return Edition(
        main or section.strip("/") or "main",
        host.host,
        main,
        listings=tuple(listings) or (() if channels or section else ("/",)),
        feeds=tuple(host.feeds),
        sitemaps=tuple(host.sitemaps),
        numbered=tuple(host.numbered),
        mirrors=(host.host.removeprefix("www."),) if host.host.startswith("www.") and secure else (),
        sections=(section,) if section else (),
        site="" if secure else f"http://{host.host}",
    )
