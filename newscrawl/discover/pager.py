"""The next page of a list by its pager, where no rel=next and no word says which it is: numbers, arrows, choices, forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from newscrawl.discover.address import resolve
from newscrawl.text import clean
from newscrawl.urls import host_of

if TYPE_CHECKING:
    from lxml import etree

# Single arrows first: beside them a double one leads to the last page.
ARROWS = ("›", ">", "→", "⟩", "❯", "▶", "►", "▸", "➔", "➜", "⟶", "⇒", "»", ">>", "›››", "››", "⟫", "≫", "⏵")
_BACK = ("‹", "<", "←", "⟨", "❮", "◀", "◄", "«", "<<", "⟪", "≪")
PADDING = " .…:[]()"  # around them
_SHORT = 8  # characters of a number or an arrow
_LABEL = 20  # with the word for a page
_MOST = 100_000  # pages
_LONGEST = 2_000  # characters of an address; each of its numbers is tried, and each trial reads it to its end
_RUN = re.compile(r"(?<!\d)[1-9]\d{0,5}(?!\d)", re.ASCII)
_PAGE_WORD = re.compile(
    r"[/?&;_.-]?(?:page|pages|p|pg|pagen_?\d*|paged|pageno|page_?num(?:ber)?|stranica|str|bet|cp)[=/_-]?$",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"[?&](?:start|offset|from|skip|limitstart)=$", re.IGNORECASE)
# "Page 2", "стр. 2", "2-бет": the number with the word for a page.
_NUMBERED = re.compile(
    r"(?:page|p\.|стр(?:аница|\.)?|с\.|бет)?\s*([1-9]\d{0,5})(?:\s*[-–]?\s*бет)?", re.ASCII | re.IGNORECASE
)
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}
_ELEMENTS = 2_000  # options, forms and buttons looked at
_TYPED = ("text", "search", "email", "password", "tel", "url", "number", "date", "checkbox", "radio", "file")
_ENDING = re.compile(r"\.[a-z]{2,5}", re.IGNORECASE)
_JOINT = re.compile(r"[/?&_=-]+$")


@dataclass(frozen=True, slots=True)
class _Template:
    """An address with a place for the number of a page. `named`: a word before the number says that it is one."""

    head: str
    tail: str
    named: bool

    def number_in(self, address: str) -> int | None:
        """The number that an address has at the place; None for an address of another form."""
        end = len(address) - len(self.tail)
        if not (address.startswith(self.head) and address.endswith(self.tail) and end > len(self.head)):
            return None
        number = address[len(self.head) : end]
        return int(number) if _RUN.fullmatch(number) else None

    def begins_at(self, address: str) -> bool:
        """Whether an address is that of the first page, which has no number."""
        word = _PAGE_WORD.search(self.head) or _OFFSET.search(self.head)
        joint = _JOINT.search(self.head)
        heads = {self.head, self.head[: word.start()] if word else self.head}
        heads.add(self.head[: joint.start()] if joint else self.head)
        ends = (
            {self.tail, ""} if _ENDING.fullmatch(self.tail) else {self.tail}
        )  # "/news/" before "/news/2.html"
        return _plain(address) in {_plain(head + end) for head in heads for end in ends}


def next_pages(links: Sequence[tuple[str, str]], url: str) -> list[str]:
    """Addresses among `links` (address, visible text) that are the page after `url`, the surest first.

    Only what a pager of this very list links to: addresses that differ from `url` by the number of the page alone, one
    more than its own; an arrow that leads to the last page or to another list is none.
    """
    host, own = host_of(url), url.partition("#")[0]
    found: dict[_Template, dict[int, str]] = {}
    offsets: dict[_Template, dict[int, str]] = {}
    arrows: list[tuple[int, str]] = []
    for address, text in links:
        if address == own or len(text) > _LABEL or host_of(address) != host:
            continue
        if number := _number_of(text):
            for template in _templates(address, number):
                found.setdefault(template, {}).setdefault(number, address)
            for template in _templates(address, number - 1):
                if template.named:  # counted from 0: "2" leads to "?page=1"
                    offsets.setdefault(template, {}).setdefault(number - 1, address)
            for template, first in _offsets(address):
                offsets.setdefault(template, {}).setdefault(first, address)
        elif text in ARROWS:
            arrows.append((ARROWS.index(text), address))
    numbered: list[tuple[int, str]] = []
    for template, pages in found.items():
        here = _here(template, own, pages)
        if here is not None and here + 1 in pages:
            numbered.append((-len(pages), pages[here + 1]))
    following = [address for _, address in sorted(numbered)]
    for template, pages in offsets.items():
        start = template.number_in(own) or (0 if template.begins_at(own) else _MOST)
        behind = [number for number in pages if number > start]
        following += [pages[min(behind)]] if behind else []
    following += [address for _, address in sorted(arrows) if _follows(address, own)]
    return list(dict.fromkeys(following))


def choices(root: etree._Element, base: str) -> list[tuple[str, str]]:
    """The addresses that a page's drop-down lists and its forms without anything to type in lead to, with their texts.

    Of values that are no addresses only those of a choice that is named like a page: a month or a topic is none.
    """
    found: list[tuple[str | None, str]] = []
    for option in islice(root.iter("option"), _ELEMENTS):
        value, text = option.get("value") or "", clean("".join(option.itertext())[:200])
        if "/" in value or "?" in value:
            found.append((resolve(base, value), text))
            continue
        select = next(option.iterancestors("select"), None)
        name = (select.get("name") or "") if select is not None else ""
        form = next(option.iterancestors("form"), None)
        if form is not None and value and _PAGE_WORD.search(f"?{name}="):
            found.append((_asked(form, base, [(name, value)]), text))
    for form in islice(root.iter("form"), _ELEMENTS):
        if any((field.get("type") or "text").lower() in _TYPED for field in form.iter("input")):
            continue
        for button in islice(form.iter("button", "input"), _ELEMENTS):
            if (button.get("type") or "submit").lower() not in ("submit", "image"):
                continue
            words = "".join(button.itertext()) if button.tag == "button" else button.get("value") or ""
            own = [(button.get("name") or "", button.get("value") or "")] if button.get("name") else []
            found.append((_asked(form, base, own), clean((words or button.get("aria-label") or "")[:200])))
    return [(address, text) for address, text in found if address is not None]


def _asked(form: etree._Element, base: str, own: Sequence[tuple[str, str]]) -> str | None:
    """The address that a form asks for by GET with its hidden fields and `own`; None for another method."""
    if (form.get("method") or "get").strip().lower() != "get":
        return None
    hidden = [
        (name, field.get("value") or "")
        for field in islice(form.iter("input"), _ELEMENTS)
        if (name := field.get("name")) and (field.get("type") or "").lower() == "hidden"
    ]
    action = resolve(base, form.get("action") or base)
    return f"{action.partition('?')[0]}?{urlencode([*hidden, *own])}" if action else None


def _number_of(text: str) -> int | None:
    """The number of a page that the text of a link is, also in Roman numerals."""
    if number := _NUMBERED.fullmatch(text):
        return int(number[1])
    if not text or not _ROMAN.fullmatch(text.upper()):
        return None
    digits = [_ROMAN_DIGITS[letter] for letter in text.upper()]
    return sum(-one if one < after else one for one, after in zip(digits, [*digits[1:], 0], strict=True))


def may_be_page(address: str, url: str) -> bool:
    """Whether an address differs from `url` by a number alone, as the pages of one list do (and articles may)."""
    own = url.partition("#")[0]
    return any(
        template.begins_at(own) or template.number_in(own) is not None
        for template in (_template(address, match) for match in _numbers(address))
    )


def is_of_pager(text: str, address: str) -> bool:
    """Whether the text of a link is an arrow or the very number in its address; a number of comments is another."""
    bare = text.strip(PADDING)
    return bare in ARROWS or bare in _BACK or (len(bare) <= _SHORT and bare in _RUN.findall(address))


def _here(template: _Template, own: str, pages: Iterable[int]) -> int | None:
    """The number of the page itself; None if the pager is not known to be that of this list."""
    number = template.number_in(own)
    if number is not None:
        return number
    if template.begins_at(own) or (template.named and {2, 3} <= set(pages)):
        return 1
    return None


def _follows(address: str, own: str) -> bool:
    """Whether the target of an arrow is the page after this one, as far as its address tells."""
    one, other = urlsplit(address), urlsplit(own)
    for match in _numbers(address):
        template = _template(address, match)
        here = template.number_in(own) or (1 if template.begins_at(own) else None)
        if here is not None and int(match[0]) <= _MOST:
            counts_pages = not _OFFSET.search(template.head[-20:])
            if int(match[0]) == here + 1 or (not counts_pages and int(match[0]) > here):
                return True
    same = one.path.rstrip("/") == other.path.rstrip("/") and bool(one.query) and one.query != other.query
    return same and not _RUN.search(one.query)


def _numbers(address: str) -> Iterable[re.Match[str]]:
    """The numbers behind the host of an address; of a very long one none."""
    parts = urlsplit(address)
    start = len(f"{parts.scheme}://{parts.netloc}")
    return _RUN.finditer(address, start) if len(address) <= _LONGEST else ()


def _templates(address: str, number: int) -> Iterable[_Template]:
    for match in _numbers(address):
        if int(match[0]) == number:
            yield _template(address, match)


def _offsets(address: str) -> Iterable[tuple[_Template, int]]:
    """The number in an address that says with which entry its page begins ("?start=20")."""
    for match in _numbers(address):
        if _OFFSET.search(address[: match.start()]):
            yield _template(address, match), int(match[0])


def _template(address: str, match: re.Match[str]) -> _Template:
    head = address[: match.start()]
    return _Template(head, address[match.end() :], bool(_PAGE_WORD.search(head[-20:])))


def _plain(address: str) -> str:
    """An address without what a first page may have or not: a final slash, index.html, an empty query."""
    bare = address.rstrip("?&").rstrip("/")
    return re.sub(r"/(?:index(?:\.(?:html?|php))?)?$", "", bare)
