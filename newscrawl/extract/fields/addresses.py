"""The page's canonical address and its addresses in other languages, from its links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.extract.fields.candidate import Candidate, Choice, first

if TYPE_CHECKING:
    from newscrawl.extract.page.tree import Page


def canonical_address(page: Page) -> Choice[str]:
    """The page's canonical link, if it is an http(s) address and not a front page."""
    links = [e for e in page.tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    found = [Candidate(url, "canonical") for e in links if (url := page.absolute(e.get("href")))]
    fronts = [is_front(c.value) and not is_front(page.url) for c in found]
    candidates = [c.refused("a front page") if front else c for c, front in zip(found, fronts, strict=True)]
    return first(candidates, "first that names a page of its own")


def is_front(url: str) -> bool:
    """Whether an address is a front page's."""
    parts = urlsplit(url)
    return (
        parts.path.rstrip("/").lower()
        in ("", "/ru", "/kz", "/kk", "/en", "/index.html", "/index.php", "/404")
        and not parts.query
    )


# Language codes by the texts of a language switch's links.
_SWITCH = {
    "en": "en", "eng": "en", "english": "en", "ru": "ru", "rus": "ru", "рус": "ru", "русский": "ru", "русская версия": "ru",
    "kz": "kk", "kk": "kk", "kaz": "kk", "қаз": "kk", "қазақша": "kk", "қз": "kk", "казакша": "kk", "qaz": "kk", "qazaqsha": "kk",
    "uz": "uz", "o'zbekcha": "uz", "ўзбекча": "uz", "kg": "ky", "кырг": "ky", "кыргызча": "ky", "tj": "tg", "тоҷикӣ": "tg",
}  # fmt: skip


def alternates(page: Page) -> tuple[tuple[str, str], ...]:
    """(language tag, address) of the page in other languages, from hreflang links and a language switch, without front pages."""
    found: list[tuple[str, str]] = []
    for link in page.tree.iter("link", "a"):
        if len(found) >= 50:
            break
        tag = (link.get("hreflang") or "").strip()
        if link.tag == "a":
            tag = tag or _SWITCH.get((link.text or "").strip().casefold(), "") if not len(link) else tag
        elif "alternate" not in (link.get("rel") or "").lower().split():
            continue
        url = page.absolute(link.get("href")) if 0 < len(tag) < 20 else None
        if url and not is_front(url):
            found.append((tag, url))
    return tuple(dict.fromkeys(found))
