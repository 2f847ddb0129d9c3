"""The type of a page, with the reason: article, list, video, challenge, not found, paywall stub, empty."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.dating.written import only_date
from newscrawl.extract.data.jsonld import types_of
from newscrawl.extract.data.structured import Structured
from newscrawl.extract.fields import paywall
from newscrawl.extract.page.elements import visible_text, visible_words
from newscrawl.extract.page.lines import name_key, one_line, word_count
from newscrawl.extract.text.cards import MANY_CARDS, find_cards, only_headlines
from newscrawl.extract.text.phrases import CHALLENGE, CHALLENGE_MARKUP, NOT_FOUND, PAYWALL, SERVICE_PAGE, WALL
from newscrawl.model import PageType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions

# A body of LONG words is an article whatever the rest of the page; a news brief has 25 words or more.
LONG = 150
BRIEF = 25
LITTLE = 10  # words of running text that make a dated page with its own headline an article despite the phrase "not found"
MUCH = 40  # the same, if the whole headline is such a phrase
FEWEST_POSTS = 3  # dated posts of a live blog
SHORTEST = 8  # with an explicit statement that the page is an article
# Error messages that a broken site prints in place of its page.
_FAULT = re.compile(r"\bfatal error\s*:.{0,300}\bon line\b|\bSQLSTATE\[|\bstack trace:\s*#0", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A page type and why."""

    page_type: PageType
    reason: str


def before_reading(page: Page, data: Structured) -> Kind | None:
    """The type of pages known before their text is read: challenge pages, pages without any text. None for others."""
    # An article is no challenge page; whether it shows a word at all is soon found.
    visible = visible_words(page.tree, 1 if data.is_article else 250)
    if visible >= 250:
        return None
    if not data.is_article:
        title = one_line(next((t.text_content() for t in page.tree.iter("title")), ""))
        headline = one_line(next((h.text_content() for h in page.tree.iter("h1")), ""))[:300]
        phrase = CHALLENGE.search(title) or CHALLENGE.search(headline)
        marks = _challenge_marks(page.tree)
        words = phrase or CHALLENGE.search(visible_text(page.tree, 4000))
        if words and not marks and _is_reported(page.tree, title, headline):
            return None  # an article about such pages
        if phrase and (marks or visible < 120):
            return Kind(PageType.CHALLENGE, f"challenge page: {phrase.group()!r}")
        if marks and (words or visible < 40):
            return Kind(PageType.CHALLENGE, f"challenge page: {marks}")
        if words and visible < 60 and word_count(title) < 6:
            return Kind(PageType.CHALLENGE, f"challenge page: {words.group()!r}")
        if wall := next((h for h in (headline, _without_site(title)) if _is_wall(h)), None):
            return Kind(PageType.PAYWALL_STUB, f"a page that stands before the article: {wall!r}")
    if visible == 0:
        return Kind(PageType.EMPTY, "no text without running its scripts")
    return None


def _is_wall(heading: str) -> bool:
    """Whether a heading is that of a page for logging in, for consent, age or region: most of it is such a phrase."""
    found = max((m.group() for m in WALL.finditer(heading)), key=len, default="")
    letters = sum(map(str.isalnum, heading))
    return 0 < letters <= 80 and sum(map(str.isalnum, found)) * 4 >= letters * 3


def _without_site(title: str) -> str:
    """The part of a window title before the site's name."""
    return re.split(r"\s[-–—|·]\s", title, maxsplit=1)[0]


def locked(regions: Regions) -> Kind | None:
    """The type of a page whose text is behind a password: a form that asks for it stands in its place. None for others."""
    if regions.form_for_password() is None:
        return None
    return Kind(PageType.PAYWALL_STUB, "a form that asks for a password in the place of the text")


def _is_reported(tree: HtmlElement, title: str, headline: str) -> bool:
    """Whether a short page with a challenge phrase is an article about such pages: dated, with running text and a headline."""
    heads = [h for h in (headline or title,) if (m := CHALLENGE.search(h)) and len(m.group()) * 2 >= len(h)]
    running = _running_words(
        one_line(p.text_content()) for p in islice(tree.iter("p", "div"), 400) if p.find("./p") is None
    )
    if running < (MUCH if heads else LITTLE):
        return False
    lines = islice(tree.iter("time", "p", "span", "div", "small", "em"), 400)
    return any(only_date(one_line(e.text)) for e in lines)


def _running_words(lines: Iterable[str]) -> int:
    """The number of words in sentences of ten words and more that are not messages of a server."""
    counts = (
        word_count(line)
        for line in lines
        if line[-1:] in ".!?…»”" and not CHALLENGE.search(line) and not NOT_FOUND.search(line)
    )
    return sum(count for count in counts if count >= LITTLE)


def after_reading(
    page: Page,
    data: Structured,
    *,
    title: str | None,
    body: str,
    dated: bool,
    authored: bool,
    stamped: bool = False,
    pruned: HtmlElement | None = None,
    outlets: Sequence[str] = (),
    end: str = "",
    regions: Regions | None = None,
) -> Kind:
    """The page's type from everything read. A title with at least a brief's text is an article.

    `pruned` is the page without the lists below its stop headings, so that an article's block of headlines does not make
    it a list page. `stamped`: the page itself, not its address, has the date of publication. `end` is the end of the text
    before furniture was removed, because a paywall's invitation is furniture.
    """
    words = word_count(body)
    claims = _claims(data)
    # Counted only for short texts, because it is slow and not needed for long ones.
    is_needed = stamped and words < LONG and not data.is_article
    running = _running_words(body.split("\n\n")) if is_needed else 0
    if (found := _not_found(page, title, words, data, running)) is not None:
        return found
    if (
        "liveblogposting" in data.all_types
        and any("liveblogposting" in types_of(n) for n in data.nodes)
        and words >= BRIEF
    ):
        return Kind(PageType.LIVE_BLOG, "JSON-LD says live blog")
    if regions is not None and words >= BRIEF and _is_feed(regions):
        return Kind(PageType.LIVE_BLOG, "its text is a feed of dated posts")
    few = words < 120 or (words < LONG and not claims)
    closing = (
        _closed(data)
        or PAYWALL.search(body[-400:])
        or (words < 80 and PAYWALL.search(end))
        or (words < 80 and not dated)
    )
    if few and closing and PAYWALL.search(visible_text(page.tree, 60_000)):
        return Kind(PageType.PAYWALL_STUB, f"paywall: {words} words shown")
    if _closed(data) and words < 60:
        return Kind(PageType.PAYWALL_STUB, f"marked as not free, {words} words shown")
    listing = _listing(page, data, claims, body, dated=dated, authored=authored) or _of_cards(
        page, claims, title, body, authored=authored, pruned=pruned, outlets=outlets
    )
    if listing:
        return Kind(PageType.LIST, listing)
    own = SERVICE_PAGE.match(title or "") or (words < LONG and _FAULT.search(body))
    if title and not dated and not authored and not claims and own:
        return Kind(PageType.OTHER, f"a page of the site itself: {title!r}")
    if words < BRIEF + 15 and _video(page, data):
        return Kind(PageType.VIDEO, f"a video with {words} words")
    if words < BRIEF + 15 and _pictures(page, data):
        return Kind(PageType.GALLERY, f"pictures with {words} words")
    if not title:
        return Kind(PageType.OTHER, "no title") if words else Kind(PageType.EMPTY, "no title and no text")
    if words >= BRIEF or (words >= SHORTEST and (claims or dated)):
        return Kind(PageType.ARTICLE, claims or f"a title and {words} words")
    if words == 0:
        return Kind(PageType.EMPTY, "no article text")
    return Kind(PageType.OTHER, f"only {words} words")


def _is_feed(regions: Regions) -> bool:
    """Whether most of the article's text is an element with the role of a feed, with several dated posts."""
    out = regions.outline
    own = sum(map(out.prose_of, regions.own_prose()))
    for element in regions.own():
        if element.get("role") == "feed" and out.prose_in(out.position[element]) * 2 > own:
            return sum(1 for _ in islice(element.iter("time"), FEWEST_POSTS)) == FEWEST_POSTS
    return False


def _claims(data: Structured) -> str | None:
    """The page's own statement that it is an article, None if it has none."""
    if data.is_article:
        return "JSON-LD says article"
    if any(v.lower().endswith("article") for _, v in data.meta("og:type")):
        return "og:type says article"
    marked = max(len(data.microdata.get(k, ())) for k in ("headline", "datepublished"))
    if 0 < marked < MANY_CARDS:  # each card of a list has one
        return "microdata says article"
    if next(iter(data.meta("article:published_time")), None):
        return "article:published_time is given"
    return None


def _not_found(page: Page, title: str | None, words: int, data: Structured, running: int) -> Kind | None:
    """`running` is the number of words of running text, 0 on a page without a date of publication."""
    if words >= LONG or data.is_article:
        return None
    heads = [title or "", one_line(next((t.text_content() for t in page.tree.iter("title")), ""))]
    heads += [one_line(h.text_content())[:200] for i, h in enumerate(page.tree.iter("h1", "h2")) if i < 3]
    for head in heads:
        match = NOT_FOUND.search(head)
        whole = match is not None and len(match.group()) * 2 >= len(head)
        if (
            match
            and (whole or (word_count(head) <= 7 and words < 60))
            and running < (MUCH if whole else LITTLE)
        ):
            return Kind(PageType.NOT_FOUND, f"the page says {match.group()!r}")
    if words < 40 and running < LITTLE and not _dated_like(data):
        match = (
            NOT_FOUND.search(visible_text(page.tree, 1500)) if visible_words(page.tree, 121) < 120 else None
        )
        if match:
            return Kind(PageType.NOT_FOUND, f"the page says {match.group()!r}")
    return None


def _dated_like(data: Structured) -> bool:
    return next(iter(data.meta("article:published_time")), None) is not None


def _closed(data: Structured) -> bool:
    return paywall.paywalled(data) is True


def _listing(
    page: Page, data: Structured, claims: str | None, body: str, *, dated: bool, authored: bool
) -> str | None:
    words = word_count(body)
    parts = urlsplit(page.url)
    front = (
        parts.path.rstrip("/") in ("", "/index.html", "/index.php", "/ru", "/kz", "/kk", "/en")
        and not parts.query
    )
    strong = claims and not claims.startswith("og:type")
    if front and not strong:
        return "the front page"
    if strong or (claims and (dated or words >= LONG)):
        return None
    if data.list_types and words < LONG:
        return "JSON-LD says list"
    if dated:
        return None
    links, linked, total = _link_share(page.tree)
    if words < BRIEF and links >= 15 and linked > 0.6 * total:
        return f"{links} links hold {100 * linked // max(total, 1)} % of the words"
    paragraphs = [p for p in body.split("\n\n") if p]
    if not authored and links >= 25 and len(paragraphs) >= 6 and all(word_count(p) < 30 for p in paragraphs):
        return f"{links} links and only teasers"
    return None


_LISTED = re.compile(
    r"^/(?:[a-z]{2}/)?(?:tags?|authors?|avtor|category|rubric|rubrika|topics?|theme|sections?|search|archive)/"
)


def _of_cards(
    page: Page,
    claims: str | None,
    title: str | None,
    body: str,
    *,
    authored: bool,
    pruned: HtmlElement | None,
    outlets: Sequence[str],
) -> str | None:
    """Why the page is a list by its cards (a front page at an article's address, a section, a tag); None if it is not."""
    if claims:
        return None
    words = word_count(body)
    paragraphs = [p for p in body.split("\n\n") if p]
    if not authored and next(page.tree.iter("h1"), None) is None and only_headlines(page.tree, paragraphs):
        return "no heading, and only links to other pages"
    cards = find_cards(pruned if pruned is not None else page.tree)
    if cards.count >= MANY_CARDS:
        share = cards.share(paragraphs)
        if words < BRIEF or share >= 0.6:
            return f"{cards.count} cards of other articles hold {round(100 * share)} % of its {words} words"
    if cards.count >= 3 and not authored and _LISTED.match(urlsplit(page.url).path.lower()):
        return f"{cards.count} cards at the address of a list"
    if words < BRIEF and (not title or name_key(title) in {name_key(o) for o in outlets}):
        count = find_cards(page.tree).count
        if count >= MANY_CARDS:
            return f"{count} cards below the outlet's name"
    return None


def _link_share(tree: HtmlElement) -> tuple[int, int, int]:
    """(links of four words and more, words in them, words on the page)."""
    total = visible_words(tree, 20_000)
    links = linked = 0
    for anchor in tree.iter("a"):
        words = word_count(anchor.text_content()[:300])
        if words >= 4:
            links, linked = links + 1, linked + words
    return links, linked, total


def _video(page: Page, data: Structured) -> bool:
    if any(v.startswith("video") for _, v in data.meta("og:type")) or "videoobject" in data.all_types:
        return True
    players = [e for e in page.tree.iter("iframe", "video") if e.tag == "video" or re.search(
        r"youtube|vimeo|rutube|dailymotion|/video|player", e.get("src") or e.get("data-src") or "", re.IGNORECASE)]  # fmt: skip
    return bool(players)


def _pictures(page: Page, data: Structured) -> bool:
    if "imagegallery" in data.all_types:
        return True
    figures = sum(1 for f in page.tree.iter("figure") if f.find(".//img") is not None)
    return figures >= 6


def _challenge_marks(tree: HtmlElement) -> str | None:
    for element in tree.iter("script", "form", "div", "iframe", "meta", "link", "noscript", "span"):
        values = " ".join(str(v) for v in element.attrib.values())[:600].lower()
        if element.tag == "script":
            values += (element.text or "")[:3000].lower()
        for mark in CHALLENGE_MARKUP:
            if mark in values:
                return mark
    return None
