"""Whether a page is one of several that a piece is spread over, by the pager that leads to the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from newscrawl.extract.page.tree import Page

_NUMBER = re.compile(r"[^\w]*(?:page|страница|стр|бет)?[.\s]*(\d{1,2})[^\w]*", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:next(?: page)?|continue(?: reading)?|следующая(?: страница)?|далее|читать дальше|келесі(?: бет)?)",
    re.IGNORECASE,
)
# How the address of page n goes on behind that of the piece.
_IN_PATH = re.compile(
    r"/+(?:page[/-]?|p)?(\d{1,2})(?:\.[a-z]{2,5})?|[-_](?:page[-_]?)?(\d{1,2})(?:\.[a-z]{2,5})?",
    re.IGNORECASE,
)
_IN_QUERY = re.compile(r"(?:page|paged|p|pg|part|pagen_1)=(\d{1,2})", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)


def incomplete(page: Page, own: str) -> str | None:
    """What is missing of a piece whose address is `own` ("page 1 of 3", "page 1 of several"); None where the page is all of it.

    Only links whose text is the number of a page, or says that one goes on, and whose address is that of the piece
    with the number added. The pages of its comments have addresses of another form.
    """
    found: set[int] = set()
    counted = False
    for link in page.tree.iter("a", "link"):
        onward = "next" in (link.get("rel") or "").lower().split()
        text = (link.text_content() or "").strip()[:40] if link.tag == "a" else ""
        stated = _NUMBER.fullmatch(text)
        if not (onward or stated or (link.tag == "a" and _NEXT.match(text))):
            continue
        address = page.absolute(link.get("href"))
        number = _number(address, own) if address else None
        if number is not None and (stated is None or int(stated[1]) == number):
            found.add(number)
            counted = counted or stated is not None
    if 2 not in found:
        return None
    return f"page 1 of {max(found) if counted else 'several'}"


def _number(address: str, own: str) -> int | None:
    """The number of the page of the piece at `own` that an address names; None for all other addresses."""
    one, piece = urlsplit(address), urlsplit(own)
    if one.netloc != piece.netloc:
        return None
    path, whole = one.path.rstrip("/"), piece.path.rstrip("/")
    if path == whole:
        before = [pair for pair in piece.query.split("&") if pair]
        added = [pair for pair in one.query.split("&") if pair and pair not in before]
        match = _IN_QUERY.fullmatch(added[0]) if len(added) == 1 else None
        return int(match[1]) if match else None
    stem = _EXTENSION.sub("", whole)
    for start in (whole, stem):
        if start and path.startswith(start) and (match := _IN_PATH.fullmatch(path[len(start) :])):
            return int(match[1] or match[2])
    return None
