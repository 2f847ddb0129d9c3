"""What one page of an unknown site offers: links and where they stand, feeds, editions, the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.discover.address import resolve
from newscrawl.discover.charset import decode
from newscrawl.discover.listing import MORE_ATTRIBUTES
from newscrawl.text import clean, fewer_attributes
from newscrawl.urls import host_of
from newscrawl.worker import Aborted, page_worker

if TYPE_CHECKING:
    from lxml import etree

BYTES_LIMIT = 8 << 20
LINKS_LIMIT = 5000
ELEMENTS_LIMIT = 100_000
"""A page is read up to these limits: enough for what a reader is shown."""

# Where feeds and sitemaps usually are, likeliest first: tried where the site names none itself.
FEED_PATHS = (
    "/feed/", "/rss.xml", "/rss", "/feed.xml", "/rss/all.rss", "/atom.xml", "/index.xml", "/feeds/news",
)  # fmt: skip
SITEMAP_PATHS = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/wp-sitemap.xml",
    "/sitemap-index.xml",
    "/sitemap.xml.gz",
)
NEWS_SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap-news.xml")
NUMBERED_SITEMAPS = ("/sitemap1.xml", "/sitemap-1.xml", "/sitemap/sitemap1.xml", "/sitemaps/sitemap1.xml")

# The path segments of an outlet's own pages, in the languages of the region and in English.
SERVICE = re.compile(
    r"^(?:tags?|teg|tegi|authors?|avtor[y]?|categor(?:y|ies)|search|poisk|izdeu|page|pages|user|users|login|logout|"
    r"register|signin|signup|auth|account|profile|cart|shop|subscribe|podpiska|rss|feeds?|amp|print|wp-admin|wp-content|"
    r"wp-json|uploads?|static|assets|media|images?|img|css|js|api|cgi-bin|about(?:[-_]us)?|o-nas|o-proekte|contacts?|"
    r"kontakty?|contact-us|reklama|advert(?:ising|isement)?|ads?|privacy(?:-policy)?|policy|terms(?:-of-use)?|rules|pravila|"
    r"cookies?|vacanc(?:y|ies)|vakansii|careers?|jobs?|sitemap|karta-sajta|archives?|arhiv|calendar|kalendar|redakciya|"
    r"editorial|team|help|faq|support|donate|comments?|topics?|temy|tema|polls?|widgets?|banner|redirect|go|away|share)$",
    re.IGNORECASE,
)
_MENU_TAGS = frozenset({"nav", "header", "footer", "menu", "form"})
_MENU_CLASS = re.compile(
    r"^(?:(?:site|main|page|top|global|primary|secondary|mobile|bottom|footer|header|sub|l|b|js)[-_]{1,2})*"
    r"(?:nav|navbar|navigation|menu|header|footer|topbar|langs?|languages?|switcher|social|share|breadcrumbs?|pager|pagination|"
    r"paging|tags|login|subscribe|cookies?|copyright|contentinfo|banner)"
    r"(?:[-_]{1,2}(?:links?|list|menu|nav|items?|inner|wrap|wrapper|container|top|bottom|left|right|block))*$",
    re.IGNORECASE,
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_LINK = re.compile(r"(?:^|[/._-])(?:rss|feed|atom)s?(?:[/._-]|$)", re.IGNORECASE)
_FRONT_PAGE = re.compile(
    r"(?:главная(?: страница)?|на главную|новости|басты бет|жаңалықтар|башкы бет|жаңылыктар|bosh sahifa|yangiliklar|"
    r"home(?: ?page)?|main(?: page)?|front ?page|index|news|latest news|welcome)",
    re.IGNORECASE,
)  # what a title calls the page, not the site
_LANGUAGE_TEXTS = {
    **dict.fromkeys(("ru", "rus", "рус", "русский", "на русском", "русская версия"), "ru"),
    **dict.fromkeys(
        ("kz", "kk", "kaz", "qaz", "қаз", "каз", "қазақша", "қазақ тілі", "қазақ", "qazaqsha", "казахский"),
        "kk",
    ),
    **dict.fromkeys(("en", "eng", "english", "in english"), "en"),
    **dict.fromkeys(("uz", "o'zbek", "oʻzbek", "o‘zbek", "o'zbekcha", "ўзбек", "ўзбекча", "узб"), "uz"),
    **dict.fromkeys(("kg", "кыр", "кырг", "кыргызча", "кыргыз"), "ky"),
    **dict.fromkeys(("tj", "тоҷ", "тоҷикӣ", "тадж"), "tg"),
}
LANGUAGE_CODES = {
    "kz": "kk",
    "kaz": "kk",
    "qaz": "kk",
    "kaz-kz": "kk",
    "rus": "ru",
    "eng": "en",
    "uzb": "uz",
    "kg": "ky",
    "tj": "tg",
}
"""Segments and labels that stand for a language, beside its own code."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a page: its absolute address, its longest visible text, and whether it stands only in menus and footers."""

    url: str
    text: str = ""
    menu: bool = False

    @property
    def is_headline(self) -> bool:
        """Whether its text reads like a headline, not like the name of a section."""
        return not self.menu and (len(self.text.split()) >= 4 or len(self.text) >= 28)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page offers, in its order. `continued` are addresses that "load more" buttons carry in their attributes.

    `editions` are (language, address) pairs by hreflang and language switch; `words` counts visible words
    without those of links, `scripts` the scripts; `headings` are the texts of small headings.
    """

    links: tuple[Link, ...] = ()
    feeds: tuple[str, ...] = ()
    continued: tuple[str, ...] = ()
    editions: tuple[tuple[str, str], ...] = ()
    language: str | None = None
    name: str | None = None
    words: int = 0
    scripts: int = 0
    headings: tuple[str, ...] = ()

    @property
    def is_shell(self) -> bool:
        """Whether the page is empty until a browser runs its scripts."""
        return self.scripts > 0 and self.words < 40 and sum(bool(link.text) for link in self.links) < 8


def offer_of(body: bytes, url: str, content_type: str | None = None) -> Offer:
    """`offer_here` in the worker process; a page that breaks the reader offers nothing."""
    found = page_worker().run(offer_here, body, url, content_type)
    return Offer() if isinstance(found, Aborted) else found


def offer_here(body: bytes, url: str, content_type: str | None = None) -> Offer:
    """Reads what the page at `url` offers. Never raises on content; a page that cannot be parsed offers nothing."""
    root = _tree(decode(body[:BYTES_LIMIT], content_type))
    if root is None:
        return Offer()
    base = next((found for one in root.iter("base") if (found := resolve(url, one.get("href")))), url)
    links = _links(root, base)
    return Offer(
        links=tuple(links.values()),
        feeds=tuple(dict.fromkeys(_feeds(root, base))),
        continued=tuple(dict.fromkeys(_continued(root, base)))[:20],
        editions=tuple(dict.fromkeys(_editions(root, base, links.values()))),
        language=language(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")),
        name=_name(root),
        words=_words(root),
        scripts=sum(1 for _ in root.iter("script")),
        headings=tuple(
            dict.fromkeys(
                text
                for node in root.iter("h2", "h3", "h4", "h5")
                if (text := _text(node)) and len(text) <= 60
            )
        ),
    )


def language(tag: str | None) -> str | None:
    """The language a tag, a path segment or a host's label names: "kk" for kk-KZ, kz, kaz; None for anything else."""
    code = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    code = LANGUAGE_CODES.get(code, code)
    return (
        code
        if code in ("kk", "ru", "en", "uz", "ky", "tg", "tk", "de", "fr", "tr", "zh", "es", "ar", "fa", "uk")
        else None
    )


def _tree(text: str) -> etree._Element | None:
    from lxml import etree

    data = fewer_attributes(re.sub("[\x00\ud800-\udfff]", "", text)).encode()
    if not data.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def _links(root: etree._Element, base: str) -> dict[str, Link]:
    menus: dict[etree._Element, bool] = {}
    found: dict[str, Link] = {}
    for node in root.iter("a", "area"):
        address = resolve(base, node.get("href"))
        if address is None or (address not in found and len(found) >= LINKS_LIMIT):
            continue
        text, menu, before = _text(node), _in_menu(node, menus), found.get(address)
        if before is not None:
            text, menu = max(text, before.text, key=len), menu and before.menu
        found[address] = Link(address, text, menu)
    return found


def _in_menu(node: etree._Element, known: dict[etree._Element, bool]) -> bool:
    """Whether an element stands in a menu, header or footer; each ancestor is judged once."""
    path: list[etree._Element] = []
    answer = False
    for one in (node, *node.iterancestors()):
        if one in known:
            answer = known[one]
            break
        path.append(one)
        words = f"{one.get('class') or ''} {one.get('id') or ''} {one.get('role') or ''}"[:200].split()
        # The header of a page is a menu; that of a card of one article is not.
        inside = one.tag == "header" and any(
            up.tag in ("article", "li", "section", "main") for up in one.iterancestors()
        )
        if (one.tag in _MENU_TAGS and not inside) or (
            one.tag not in ("body", "html", "main") and any(map(_MENU_CLASS.match, words))
        ):
            answer = True
            break
    known.update(dict.fromkeys(path, answer))
    return answer


def _feeds(root: etree._Element, base: str) -> Iterator[str]:
    for node in root.iter("link"):
        kind = (node.get("type") or "").lower().strip()
        named = "alternate" in (node.get("rel") or "").lower() and kind in _FEED_TYPES
        if (
            named
            and "comment" not in (node.get("title") or "").lower()
            and (found := resolve(base, node.get("href")))
        ):
            yield found
    for node in root.iter("a"):
        written = node.get("href") or ""
        if (
            _FEED_LINK.search(written.partition("?")[0][-60:])
            and (found := resolve(base, written))
            and host_of(found) == host_of(base)
        ):
            yield found


def _continued(root: etree._Element, base: str) -> Iterator[str]:
    for node in islice(root.iter("*"), ELEMENTS_LIMIT):
        for name in MORE_ATTRIBUTES:
            written = node.get(name)
            if (
                written
                and ("/" in written or "?" in written)
                and (found := resolve(base, written))
                and host_of(found) == host_of(base)
            ):
                yield found


def _editions(root: etree._Element, base: str, links: Iterable[Link]) -> Iterator[tuple[str, str]]:
    for node in root.iter("link"):
        code = language(node.get("hreflang")) if "alternate" in (node.get("rel") or "").lower() else None
        if code and (found := resolve(base, node.get("href"))):
            yield code, found
    for link in links:
        if code := _LANGUAGE_TEXTS.get(link.text.casefold()):
            yield code, link.url


def _name(root: etree._Element) -> str | None:
    """The site's name by its own metadata, else the shortest part of the front page's title that does not say "Home"."""
    for node in root.iter("meta"):
        named = (node.get("property") or node.get("name") or "").lower() in (
            "og:site_name",
            "application-name",
        )
        if named and (name := clean(node.get("content"))[:80]):
            return name
    title = clean(next(("".join(node.itertext()) for node in root.iter("title")), ""))
    parts = [part.strip() for part in re.split(r"\s[|\-–—:·•»]\s|[|·•»]", title) if part.strip()]
    parts = [part for part in parts if not _FRONT_PAGE.fullmatch(part)]
    return min(parts, key=len)[:80] if parts else None


def _text(node: etree._Element) -> str:
    return clean(" ".join(_pieces(node)))[:300]


def _pieces(node: etree._Element) -> Iterator[str]:
    size = 0
    for piece in islice(node.itertext(), 200):  # nested links on a hostile page would cost n² otherwise
        size += len(piece)
        yield piece[:600]
        if size > 1200:
            return


def _words(root: etree._Element) -> int:
    """Visible words outside links, counted up to a thousand."""
    count = 0
    for node in islice(root.iter("*"), ELEMENTS_LIMIT):
        if node.tag in ("script", "style", "noscript", "template", "head", "title", "a"):
            texts: tuple[str | None, ...] = (node.tail,)
        else:
            texts = (node.text, node.tail)
        if next(node.iterancestors("head"), None) is None:
            count += sum(len(text.split()) for text in texts if text)
        if count > 1000:
            break
    return count
