"""The editions of an unknown site's hosts: one for each language that addresses tell apart, and the zone of its clock."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.visit.visit import Visit
from newscrawl.discover.sitemap import sitemap
from newscrawl.model import Article
from newscrawl.site_setup.channels import ENOUGH, Host, path_and_query
from newscrawl.site_setup.listings import below
from newscrawl.site_setup.page import language
from newscrawl.site_setup.seen_addresses import path_of
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
    visit: Visit,
    hosts: Sequence[Host],
    articles: Collection[str],
    read: Sequence[Article],
    languages: Mapping[str, str],
) -> tuple[tuple[Edition, ...], Mapping[tuple[str, str], int]]:
    """The editions of an outlet: one for each language that its hosts, or the addresses of its articles, tell apart.

    And how many addresses of each its feeds and sitemaps were seen to name, by edition and "feeds" or "sitemaps".

    `articles` are addresses of articles on any host, `read` those that were extracted, `languages` what is mostly
    written on each host. A feed or sitemap goes to every edition that it names addresses of, also on other hosts: a
    crawl takes from it only what belongs to the edition it reads it for.
    """
    made = [
        edition for host in hosts for edition in _by_language(host, articles, read, languages.get(host.host))
    ]
    editions, named = _with_channels(visit, hosts, with_own_names(made))
    useful = tuple(one for one in editions if one.listings or one.feeds or one.sitemaps or one.numbered)
    return useful, named


def _by_language(
    host: Host, articles: Collection[str], read: Sequence[Article], main: str | None
) -> list[Edition]:
    """The editions of one host with their listings: one for each language with a path of its own, one for the rest."""
    mine = [address for address in articles if host_of(address) == host.host]
    # A path below which no article lies separates nothing.
    apart = [one for one in host.languages if one.listings and sum(below(a, one) for a in mine) >= LEAST]
    together = [one for one in host.languages if one not in apart]
    if together:
        paths = ", ".join(host.path(one.url) for one in together)
        host.notes.append(
            f"articles of {paths} on {host.host} have no path of their own: written into one edition with the rest. "
            "Each article's own language is read from its text"
        )
    theirs = [listing for one in apart for listing in one.listings]
    own = tuple(listing for listing in host.listings if listing not in theirs)
    parts = [
        _Part(host, "", own),
        *(_Part(one, path_of(one.url).rstrip("/") + "/", tuple(one.listings)) for one in apart),
    ]
    belongs = {address: _part_of(address, parts) for address in mine}
    if apart and 0 not in belongs.values():
        parts[0] = replace(parts[0], listings=())  # a front page that only leads on
    if not apart:
        return [_edition(host, "", own, None if together else main)]
    made = []
    for number, part in enumerate(parts):
        texts = [a for a in read if host_of(a.url) == host.host and _part_of(a.url, parts) == number]
        path = urlsplit(part.host.url).path
        main = main_language(part.host.offer.language, [a.language for a in texts], part.host.host, path)
        made.append(
            _edition(part.host, part.section, part.listings, None if together and not number else main)
        )
    return made


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


def _with_channels(
    visit: Visit, hosts: Sequence[Host], editions: Sequence[Edition]
) -> tuple[Sequence[Edition], Mapping[tuple[str, str], int]]:
    """The editions with their feeds and sitemaps, by the rule that a crawl goes by: to which one an address belongs."""
    addresses = Addresses("", editions, re.compile(""), re.compile(""))
    paths: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    numbers: Counter[tuple[str, str]] = Counter()
    for host in hosts:
        on_host = [one.name for one in editions if one.host == host.host]
        for kind, path in _channels(host):
            address = urljoin(host.url, path)
            named = (
                [lead.url for lead in host.of_feed.get(path, ())]
                if kind == "feeds"
                else _named(visit, address.replace("{n}", "1"))
            )
            belongs = Counter(addresses.edition_of(one) for one in named)
            del belongs[None]
            # Where nothing is known of what it holds: a feed is its host's first edition's, a sitemap all its editions'.
            otherwise = on_host[:1] if kind == "feeds" else on_host
            for one in editions:
                if one.name not in (belongs or otherwise):
                    continue
                written = address if host_of(address) != one.host else path_and_query(address)
                if written not in paths[one.name, kind]:
                    paths[one.name, kind][written] = None
                    numbers[one.name, kind] += belongs[one.name]
    made = [
        replace(
            one,
            feeds=tuple(paths[one.name, "feeds"]),
            sitemaps=tuple(paths[one.name, "sitemaps"]),
            numbered=tuple(paths[one.name, "numbered"]),
        )
        for one in editions
    ]
    return made, numbers


def _channels(host: Host) -> Iterator[tuple[str, str]]:
    """The feeds and sitemaps of a host, each with the argument of an edition that it goes into."""
    yield from (("feeds", path) for path in host.feeds)
    yield from (("sitemaps", path) for path in host.sitemaps)
    yield from (("numbered", path) for path in host.numbered)


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
        mirrors=(host.host.removeprefix("www."),) if host.host.startswith("www.") and secure else (),
        sections=(section,) if section else (),
        site="" if secure else f"http://{host.host}",
    )
