"""Whether a page asks search engines to leave it out: the robots metas of its head, and the X-Robots-Tag of its answer."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newscrawl.extract.page.tree import Page

# Those that speak to all search engines, or to one of the largest. Others are for news services or archives.
_NAMES = frozenset({"robots", "googlebot", "bingbot", "yandex", "yandexbot"})
_LEAVE_OUT = frozenset({"noindex", "none"})
_WITH_VALUE = frozenset({"max-image-preview", "max-snippet", "max-video-preview", "unavailable_after"})
_MOST = 200  # metas of a page
_LONGEST = 1000  # characters of a value
_ASIDE = ("noscript", "template")


def page_asks(page: Page) -> bool:
    """Whether the head of a page says noindex."""
    return any(
        asks(meta.get("content") or "")
        for meta in islice(page.tree.iter("meta"), _MOST)
        if (meta.get("name") or "").strip().lower() in _NAMES
        and next(meta.iterancestors(*_ASIDE), None) is None
    )


def asks(directives: str) -> bool:
    """Whether a list of directives says noindex; in a header one may be for a single search engine ("googlebot: noindex")."""
    agent = ""  # whom the directives are for, until another one is named
    for part in directives[:_LONGEST].lower().split(","):
        name, colon, value = part.strip().partition(":")
        if not colon:
            directive = name
        elif name in _WITH_VALUE:
            continue
        else:
            agent, directive = name.strip(), value
        if directive.strip() in _LEAVE_OUT and (not agent or agent in _NAMES):
            return True
    return False
