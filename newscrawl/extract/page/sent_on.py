"""Where a page that is no article sends its reader on: the refresh of its HTTP header or its head, or its canonical link.

Sites that cannot redirect leave such a stub at an old address; some are a script alone.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.errors import PageError
from newscrawl.extract.page.elements import visible_words
from newscrawl.extract.page.tree import Page, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

# A page that waits longer is meant to be read: live pages load themselves anew that way.
LONGEST_WAIT = 15  # seconds
# Nothing in it is given back, so that a header of spaces alone costs no more than another.
_REFRESH = re.compile(
    r"\s*+(\d{0,6}+)(?:\.\d*+)?+(?:\s*+[;,]|\s)\s*+(?:url\s*+=\s*+)?+(\S.{0,2000})", re.IGNORECASE
)
_MOST = 200  # elements of a kind
# A script that loads another page; nothing in it is given back.
_LOADS = re.compile(
    r"""\blocation(?:\.href)?\s{0,3}=\s{0,3}["']([^"'\s]{1,2000})["']|\blocation\.(?:replace|assign)\(\s{0,3}["']([^"'\s]{1,2000})["']"""
)
_SCRIPT = 4000  # characters; what sends a reader on is short
# What is shown only without scripts, or never, sends no reader anywhere.
_ASIDE = ("noscript", "template")


def sent_on(
    body: bytes, url: str, *, content_type: str | None = None, header: str | None = None
) -> tuple[str | None, str | None]:
    """(the address that a page refreshes to, the address that it calls its own), None each where there is none.

    `header` is HTTP's own refresh. The page's own address and its parts are no other address.
    """
    try:
        page = read_page(body, url, content_type)
    except PageError:
        return _of_header(header, url), None
    values = [*([header] if header else []), *_refreshes(page), *_loaded(page)]
    targets = (_other(page.absolute(target), url) for value in values if (target := _target(value)))
    links = (
        e
        for e in islice(page.tree.iter("link"), _MOST)
        if "canonical" in (e.get("rel") or "").lower().split()
    )
    own = (_other(page.absolute(link.get("href")), url) for link in links)
    return next(filter(None, targets), None), next(filter(None, own), None)


def _of_header(header: str | None, url: str) -> str | None:
    """The refresh of a response that is no page."""
    stub = read_page(b"<p>1</p>", url)
    target = _target(header) if header else None
    return _other(stub.absolute(target), url) if target else None


def _refreshes(page: Page) -> Iterator[str]:
    for meta in islice(page.tree.iter("meta"), _MOST):
        is_refresh = (meta.get("http-equiv") or "").strip().lower() == "refresh"
        if is_refresh and next(meta.iterancestors(*_ASIDE), None) is None:
            yield meta.get("content") or ""


def _loaded(page: Page) -> Iterator[str]:
    """What the scripts of a page without any text load in its place."""
    scripts = [e.text or "" for e in islice(page.tree.iter("script"), _MOST)]
    if not any("location" in script for script in scripts) or visible_words(page.tree, 1):
        return
    for script in scripts:
        if len(script) <= _SCRIPT and (found := _LOADS.search(script)):
            yield f"0; url={found[1] or found[2]}"


def _target(value: str) -> str | None:
    """The address of a refresh ("0; url=/new"); None for one that waits long or loads the page itself."""
    found = _REFRESH.match(value[:2100])
    if found is None or int(found[1] or 0) > LONGEST_WAIT:
        return None
    return found[2].strip().strip("\"'").strip() or None


def _other(found: str | None, url: str) -> str | None:
    address = found.partition("#")[0] if found else None
    return address if address and address != url.partition("#")[0] else None
