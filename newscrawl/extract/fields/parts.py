"""Whether a page is one of several that a piece is spread over, by the pager that leads to the others.

A piece that is whole must never be called a part: what is not sure to be this piece's own pager counts for nothing.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.extract.page.lines import one_line
from newscrawl.extract.regions.regions import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions

MOST_PAGES = 60  # a larger number is that of something else
MOST_LINKS = 100  # links that show a number, or that one goes on
BETWEEN = 30  # words of other articles or comments between the text and its pager
AFTER = 0.34  # share of the text before a pager that may follow behind it: a note on the author
_PAGE = r"(?:page|pag|pagina|página|seite|strona|stranica|страница|сторінка|стр|бет|bet|sahifa|sayfa|sida|side|sivu)"
_NUMBER = re.compile(rf"[^\w]*(?:{_PAGE}\W{{0,3}})?(\d{{1,2}})(?:\W{{0,2}}{_PAGE})?[^\w]*", re.IGNORECASE)
_ONWARD = (
    r"(?:next(?: page)?|continue(?: reading)?|continued|следующая(?: страница)?|далее|вперёд|вперед|читать (?:дальше|далее)|продолжение"
    r"|келесі(?: бет)?|наступна(?: сторінка)?|nächste(?: seite)?|weiter|page suivante|suivante?|página siguiente|siguiente|próxima(?: página)?"
    r"|(?:pagina )?successiva|następna(?: strona)?|sonraki(?: sayfa)?|keyingi(?: sahifa| bet)?)"
)
_NEXT = re.compile(rf"\W*{_ONWARD}\W*", re.IGNORECASE)
# How the address of page n goes on behind that of the piece: a part of the path of its own, or behind a hyphen, where
# another piece of the same headline has its number too.
_PATH = r"(?:page|seite|pagina|página|strona|stranica|sayfa|sahifa|sida|side|sivu|bet|part)"
_IN_PATH = re.compile(rf"/+(?:{_PATH}[/=-]?|p)?(\d{{1,2}})(?:\.[a-z]{{2,5}})?", re.IGNORECASE)
_BEHIND = re.compile(rf"[-_,](?:{_PATH}[-_]?|p)?(\d{{1,2}})(?:\.[a-z]{{2,5}})?", re.IGNORECASE)
_PARAMETER = r"(?:page|paged|p|pg|part|pagen_1|pageno|pagenum|page_?number|page_?no|seite|pagina|strona|stranica|sayfa|sida|sivu)"
_IN_QUERY = re.compile(rf"{_PARAMETER}=(\d{{1,2}})", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
_NOT_OWN = frozenset({Region.OTHER, Region.COMMENTS, Region.HIDDEN})
_LEVELS = 6  # elements around a pager that may say what it pages
_OF_PICTURES = re.compile(r"galler|slide|carousel|swiper|photo|lightbox|фото", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that may lead to another page: where to, the number it shows, what it says and what its relation states."""

    address: str
    number: int | None
    onward: bool = False
    related: str = ""  # "next", "prev"


def incomplete(page: Page, own: str, regions: Regions) -> str | None:
    """What is missing of a piece ("page 1 of 3", "page 1 of several"); None where the page is all of it, or nothing is sure.

    `own` is the address of the piece. Only links count whose whole text is the number of a page, or says that one goes
    on, and whose address is that of the piece with the number added; they stand behind the text, in the article's own
    block or below it, and not among other articles, comments or pictures.
    """
    links = [*_stated(page), *_shown(page, regions)]
    # A canonical address above the page's own is that of a section, or of the first page.
    above = urlsplit(page.url).path.startswith(urlsplit(own).path.rstrip("/") + "/")
    for address in dict.fromkeys((page.url, page.url if above else own)):
        if 2 in (numbers := _numbers(links, address)):
            return _named(1, numbers, links)
        if found := _later_page(links, address):
            return found
    return None


def _later_page(links: list[_Link], address: str) -> str | None:
    """The page as a later one, whose address ends in its own number: links lead to the first, or to the one before it."""
    for piece, number, behind in _pieces(address):
        first = any(link.number == 1 and _same(link.address, piece) for link in links)
        previous = [link.address for link in links if link.related == "prev" and not behind]
        back = any(_same(a, piece) if number == 2 else _at(a, piece) == number - 1 for a in previous)
        if first or back:
            return _named(number, {number, *([1] if first else []), *_numbers(links, piece)}, links)
    return None


def _named(number: int, numbers: set[int], links: list[_Link]) -> str:
    counted = any(link.number in numbers for link in links)
    return f"page {number} of {max(numbers) if counted else 'several'}"


def _numbers(links: list[_Link], piece: str) -> set[int]:
    """The numbers of the further pages of a piece that links lead to."""
    related = {link.address for link in links if link.related}
    found: set[int] = set()
    for link in links:
        at = _number(link.address, piece)
        if at is None or (link.number is not None and link.number != at[0]):
            continue
        number, behind = at
        named = link.number is not None or link.onward
        if named and link.address in related if behind else named or link.related == "next":
            found.add(number)
    return found


def _stated(page: Page) -> Iterator[_Link]:
    """What the head of the page states of the next and the previous one."""
    for link in islice(page.tree.iter("link"), 200):
        if (relation := _relation(link)) and (address := page.absolute(link.get("href"))):
            yield _Link(address, None, related=relation)


def _shown(page: Page, regions: Regions) -> Iterator[_Link]:
    """The links behind the text that show the number of a page, or that one goes on."""
    out = regions.outline
    own = regions.own_prose()
    sums = [0, *accumulate(map(out.prose_of, own))]
    examined = 0
    for i, element in enumerate(out.elements):
        if element.tag != "a" or out.words(i) > 4 or regions.regions[i] in _NOT_OWN:
            continue
        if examined >= MOST_LINKS:
            return
        text = one_line(out.text(i))[:60]
        stated, onward = _NUMBER.fullmatch(text), _NEXT.fullmatch(text)
        if not (stated or onward):
            continue
        examined += 1
        before = sums[k := bisect(own, i)]
        if not before or sums[-1] - before > AFTER * before or _is_elsewhere(regions, i, own[k - 1]):
            continue
        if address := page.absolute(element.get("href")):
            number = int(stated[1]) if stated else None
            yield _Link(address, number, bool(onward), _relation(element))


def _relation(link: HtmlElement) -> str:
    relations = (link.get("rel") or "").lower().split()
    return "next" if "next" in relations else "prev" if "prev" in relations else ""


def _is_elsewhere(regions: Regions, i: int, last: int) -> bool:
    """Whether a pager is that of pictures, or stands below other articles or comments behind the `last` block of text."""
    out = regions.outline
    for k in out.ancestors(i)[:_LEVELS]:
        element = out.elements[k]
        if element is regions.block or element.tag in ("body", "html"):
            break
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag == "figure" or _OF_PICTURES.search(names[:300]):
            return True
    others = (
        out.block[k]
        for k in range(last, i)
        if out.home[k] == k and regions.regions[k] in (Region.OTHER, Region.COMMENTS)
    )
    return sum(others) > BETWEEN


def _pieces(address: str) -> Iterator[tuple[str, int, bool]]:
    """The pieces that an address may be a later page of: (address, number of the page, whether it stands behind a hyphen)."""
    one = urlsplit(address)
    pairs = one.query.split("&")
    for pair in pairs:
        if (found := _IN_QUERY.fullmatch(pair)) and 1 < int(found[1]) <= MOST_PAGES:
            rest = "&".join(other for other in pairs if other != pair)
            yield one._replace(query=rest, fragment="").geturl(), int(found[1]), False
    whole = one.path.rstrip("/")
    for form, behind in ((_IN_PATH, False), (_BEHIND, True)):
        for found in islice(re.finditer(r"[/_,-]", whole[::-1][:24]), 4):
            start = len(whole) - found.end()
            number = form.fullmatch(whole[start:])
            if start > 0 and number and 1 < int(number[1]) <= MOST_PAGES:
                end = _EXTENSION.search(whole)
                path = whole[:start] + (end[0] if end else "")
                yield one._replace(path=path, fragment="").geturl(), int(number[1]), behind


def _same(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    return (a.netloc, a.path.rstrip("/"), a.query) == (b.netloc, b.path.rstrip("/"), b.query)


def _at(address: str, piece: str) -> int | None:
    found = _number(address, piece)
    return found[0] if found else None


def _number(address: str, own: str) -> tuple[int, bool] | None:
    """(the number of the page of the piece at `own` that an address names, whether it stands behind a hyphen), else None."""
    one, piece = urlsplit(address), urlsplit(own)
    if one.netloc != piece.netloc:
        return None
    path, whole = one.path.rstrip("/"), piece.path.rstrip("/")
    if path == whole:
        before = [pair for pair in piece.query.split("&") if pair]
        have = [pair for pair in one.query.split("&") if pair]
        added = [pair for pair in have if pair not in before]
        match = _IN_QUERY.fullmatch(added[0]) if len(added) == 1 and set(before) <= set(have) else None
        return _bounded(match[1], behind=False) if match else None
    stem = _EXTENSION.sub("", whole)
    for start in (whole, stem):
        if not start or not path.startswith(start):
            continue
        if match := _IN_PATH.fullmatch(path[len(start) :]):
            return _bounded(match[1], behind=False)
        if match := _BEHIND.fullmatch(path[len(start) :]):
            return _bounded(match[1], behind=True)
    return None


def _bounded(number: str, *, behind: bool) -> tuple[int, bool] | None:
    return (int(number), behind) if 1 <= int(number) <= MOST_PAGES else None
