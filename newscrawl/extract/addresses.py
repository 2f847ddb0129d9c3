"""The page's own address and those of its twins in other languages, as its links say. Nothing is fetched or trusted further."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.extract.candidate import Candidate, Choice, first

if TYPE_CHECKING:
    from newscrawl.extract.page import Page


def canonical_address(page: Page) -> Choice[str]:
    """The page's canonical link, if it names an http(s) page that is not a front page."""
    links = [e for e in page.tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    found = [Candidate(url, "canonical") for e in links if (url := page.absolute(e.get("href")))]
    fronts = [is_front(c.value) and not is_front(page.url) for c in found]
    judged = [c.refused("a front page") if front else c for c, front in zip(found, fronts, strict=True)]
    return first(judged, "first that names a page of its own")


def is_front(url: str) -> bool:
    """Whether an address is that of a front page."""
    parts = urlsplit(url)
    return (
        parts.path.rstrip("/").lower()
        in ("", "/ru", "/kz", "/kk", "/en", "/index.html", "/index.php", "/404")
        and not parts.query
    )


def alternates(page: Page) -> tuple[tuple[str, str], ...]:
    """(language tag, address) of the page in other languages, as its hreflang links say; never a front page."""
    found: list[tuple[str, str]] = []
    for link in page.tree.iter("link"):
        tag = (link.get("hreflang") or "").strip()
        stated = 0 < len(tag) < 20 and "alternate" in (link.get("rel") or "").lower().split()
        url = page.absolute(link.get("href")) if stated and len(found) < 50 else None
        if url and not is_front(url):
            found.append((tag, url))
    return tuple(dict.fromkeys(found))
