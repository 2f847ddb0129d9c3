"""How a list continues: templates of its further pages, and whether it is sorted newest first."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from newscrawl.discover.address import host
from newscrawl.discover.listing import MORE
from newscrawl.site_setup.page import Offer

_NUMBER = re.compile(r"\d+")
_PAGE_WORDS = re.compile(
    r"(?:^|[/?&_-])(?:page|p|pg|pagen_?\d*|paged|stranica|bet|start|str)[=/_-]?$", re.IGNORECASE
)
_ARROWS = " .…:→»›>⟩⟶➔➜❯▶►▸"
_NEXT = MORE | {"»", "›", ">", "→", ">>"}


def further(offer: Offer, url: str) -> tuple[str, int] | None:
    """The template of a list's further pages with `{n}` for the number, and the first number; None if it cannot be told.

    Taken from links whose text is the number itself or says "next", and from what "load more" buttons carry; only
    addresses below the list's own path, on its host, that hold the number once.
    """
    votes: dict[str, set[int]] = {}
    for address, number in _numbered(offer, url):
        template = _template(address, number, url)
        if template:
            votes.setdefault(template, set()).add(number)
    # A calendar has numbers too: its links do not begin with page 2, or have no neighbour.
    fitting = {one: numbers for one, numbers in votes.items() if numbers & {1, 2}}
    if not fitting:
        return None
    best = max(fitting, key=lambda one: (_names_page(one), len(fitting[one]), -len(one)))
    return best, 2


def newest_first(addresses: Sequence[str], dates: Mapping[str, datetime]) -> bool | None:
    """Whether the articles of a list stand newest first, as far as their dates are known; None if too few are.

    One in five neighbours may be the wrong way round: pinned pieces, and dates of later edits.
    """
    known = [dates[address] for address in addresses if address in dates]
    pairs = list(itertools.pairwise(known))
    if len(pairs) < 3:
        return None
    return sum(later > earlier for earlier, later in pairs) * 5 <= len(pairs)


def numbered_series(addresses: Iterable[str]) -> tuple[str, ...]:
    """Templates with `{n}` of sitemap addresses that are counted from 1: two of a kind, or one whose name ends in 1.

    A new sitemap of a series appears unannounced when the last one is full. Numbers of more than three digits (years)
    do not count.
    """
    votes: dict[str, set[int]] = {}
    for address in addresses:
        start = address.rfind("/") + 1
        numbers = list(_NUMBER.finditer(address, start))
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


def _numbered(offer: Offer, url: str) -> Iterator[tuple[str, int]]:
    for link in offer.links:
        if host(link.url) != host(url):
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
    match = next((m for m in reversed(matches) if _PAGE_WORDS.search(address[: m.start()])), matches[-1])
    if own.path.rstrip("/") + "/" != list_path and not own.path.startswith(list_path) and "?" not in address:
        return None
    return address[: match.start()] + "{n}" + address[match.end() :]


def _names_page(template: str) -> bool:
    return bool(_PAGE_WORDS.search(template.partition("{n}")[0]))
