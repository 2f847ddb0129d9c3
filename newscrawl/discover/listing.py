"""Leads from pages that list articles: front pages, sections, and the news block inside article pages."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import TYPE_CHECKING, Any

from newscrawl.discover.address import is_broken, resolve
from newscrawl.discover.alike import alike
from newscrawl.discover.charset import decode
from newscrawl.discover.entries import EntryCounts
from newscrawl.discover.listdates import published
from newscrawl.discover.pager import PADDING, choices, is_of_pager, may_be_page, next_pages
from newscrawl.model import Channel, EntryCount, EntryOutcome, Lead, ListingPage
from newscrawl.text import clean, fewer_attributes
from newscrawl.urls import host_of, steady

if TYPE_CHECKING:
    from lxml import etree

    _Anchor = tuple[etree._Element, str]  # noqa: SLF001

BYTES_LIMIT = 16 << 20
LINKS_LIMIT = 20_000
"""Far more than real pages have; beyond these limits the rest is left, and `problem` says so."""
_TEXT_LIMIT = 500  # characters of one link's text: headlines are shorter, hostile pages are not
_PIECES_LIMIT = 200
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADINGS_LIMIT = 50
_HEADLINE, _HEADLINE_WORDS = 28, 4  # characters or words from which the text of a link reads like a headline
_INLINE = frozenset(
    "a abbr b bdi bdo big cite em font i mark s small span strong sub sup tt u wbr".split()  # noqa: SIM905 - plainer
)
_UNSEEN = ("script", "style", "noscript", "template", "svg", "head")

# Whole texts of links that lead on to more of the list; compared without case, arrows and dots.
MORE = frozenset(
    {
        "view all", "see all", "all news", "show all", "more news", "show more", "load more", "next", "next page",
        "older", "older posts", "older news", "older articles", "older entries", "older stories", "read more news", "next posts", "more posts",
        "more stories", "more articles",
        "все новости", "все материалы", "смотреть все", "показать все", "посмотреть все", "показать ещё", "показать еще",
        "ещё", "еще", "ещё новости", "еще новости", "больше новостей", "другие новости", "далее", "дальше", "вперёд",
        "вперед", "следующая", "следующая страница", "следующие", "раньше", "архив новостей", "предыдущие записи", "старые записи",
        "более старые записи", "более ранние записи", "загрузить ещё", "загрузить еще",
        "следующая стр", "на следующую страницу", "следующие новости", "показать больше", "загрузить больше", "смотреть ещё", "смотреть еще",
        "ещё материалы", "еще материалы", "больше материалов", "предыдущие новости", "старее", "ранее",
        "барлық жаңалықтар", "барлық жаңалық", "барлығы", "барлығын көру", "бәрін көру", "тағы", "көбірек",
        "әрі қарай", "одан әрі", "келесі парақ", "келесі жаңалықтар", "көбірек көрсету", "тағы жаңалықтар", "бұрынғы жаңалықтар", "ескі жаңалықтар",
        "тағы жүктеу", "келесі", "келесі бет", "алдыңғы жаңалықтар", "ескі жазбалар", "алдыңғы жазбалар", "тағы көрсету",
        "наступна", "наступна сторінка", "далі", "старіші записи", "більше новин", "завантажити ще",
        "кийинки", "кийинки бет", "кийинки барак", "дагы", "дагы көрсөтүү", "дагы жүктөө", "андан ары", "бардык жаңылыктар", "эски жазуулар",
        "keyingi", "keyingi sahifa", "yana", "yana yuklash", "yana ko'rsatish", "ko'proq", "ko'proq ko'rish", "ko'proq yuklash",
        "barcha yangiliklar", "oldingi yozuvlar", "кейинги", "кейинги саҳифа", "яна", "яна юклаш", "кўпроқ", "барча янгиликлар", "олдинги ёзувлар",
        "саҳифаи оянда", "саҳифаи навбатӣ", "боз", "indiki", "indiki sahypa", "ýene", "növbəti", "növbəti səhifə",
        "sonraki", "sonraki sayfa", "daha fazla", "weiter", "nächste", "nächste seite", "ältere beiträge", "mehr laden",
        "suivant", "suivante", "page suivante", "siguiente", "página siguiente", "entradas anteriores",
        "successiva", "avanti", "próxima", "próxima página", "następna", "następna strona", "další", "starší příspěvky",
        "下一页", "下一頁", "次へ", "次のページ", "다음",
        "barlyq jańalyqtar", "barlyq zhanalyqtar", "barlyq jañalyqtar", "kelesi", "taǵy",
    }
)  # fmt: skip


# Of elements whose address a script fetches: "load more" buttons.
MORE_ATTRIBUTES = (
    "data-url", "data-href", "data-next", "data-next-url", "data-next-page", "data-more", "data-load-more", "data-ajax-url",
    "data-endpoint", "data-src-more", "hx-get",
)  # fmt: skip
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bb\u02bc\u0060\u00b4", "'"))
_NEXT_CLASS = re.compile(r"(?<![a-z])next(?![a-z])|nextpostslink", re.IGNORECASE)
_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)


@dataclass(slots=True)
class _Found:
    """An article address met in the page, with its best text so far."""

    url: str
    text: str = ""
    strong: bool = False  # the text stood in a heading


def links(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    is_article: Callable[[str], bool],
    channel: Channel = Channel.LISTING,
    within: Sequence[str] = (),
    zone: tzinfo = UTC,
    now: datetime | None = None,
    why_left: Callable[[str], EntryOutcome] | None = None,
    may_be: Callable[[str], bool] | None = None,
    older: bool = False,
    tree: etree._Element | None = None,
) -> ListingPage:
    """Every article address the page at `url` links to, in document order, each once.

    `is_article` gets absolute addresses without fragment. The first link to an address gives its
    position; the headline is the text of a heading in or around a link to it, else the longest
    visible text of all links to it (a picture link and a title link are one lead).

    `within` are heading texts, such as ("Latest news", "Лента новостей"): then only the block
    under such a heading counts, the smallest one that holds article links after it.

    `published` of a lead is what the list says beside it or in the day heading above, in the outlet's `zone`
    and against `now`, the instant of the fetch; without `now` no dates are read.

    `next_pages` are rel=next links, the next page by the numbers or arrows of a pager, and links whose whole text says
    "view all", "Следующая", "Барлық жаңалықтар" and the like, on the same host; a block in an article has none.
    `why_left` says why an address is no article's; what it says is counted in `left`, links that are no headlines as
    menu. `may_be` says which addresses are articles all the same where they stand in a list as articles do, and
    `older` that it is a later page of a list. A JSON answer that carries HTML ("load
    more") is read as that HTML. `problem` is set when there is no lead. Never raises on content.
    `tree` is the page where it is parsed already; then `body` is not read.
    """
    cut = f"longer than {BYTES_LIMIT} bytes; cut there" if len(body) > BYTES_LIMIT else None
    root = tree
    if root is None:
        text = decode(body[:BYTES_LIMIT], content_type)
        root = _tree(_html_in_json(text) if text.lstrip()[:1] in ("{", "[") else text)
    if root is None:
        return ListingPage(problem="empty page")
    base = next((found for one in root.iter("base") if (found := resolve(url, one.get("href")))), url)
    nodes = root.iter("a", "area")
    anchors: list[_Anchor] = []
    broken: list[str] = []
    for node in islice(nodes, LINKS_LIMIT):
        if address := resolve(base, written := node.get("href")):
            anchors.append((node, address))
        elif is_broken(base, written):
            broken.append((written or "").strip())
    if beyond := sum(resolve(base, node.get("href")) is not None for node in nodes):
        cut = cut or f"more than {LINKS_LIMIT} links; the rest was left"
    articles = {address: False for _, address in anchors}
    for address in articles:
        articles[address] = is_article(address)
    # The pages of a list may look like its articles ("/index4.html"): if no link to one says more than a pager does.
    pages = {address for address, fits in articles.items() if fits and may_be_page(address, url)}
    links = [(address, text) for node, address in anchors if address in pages and (text := _visible(node))]
    pages = {address for address, _ in links}
    pages -= {address for address, text in links if not (is_of_pager(text, address) or _says_more(text))}
    articles |= dict.fromkeys(pages, False)
    if may_be is not None:
        others = [anchor for anchor in anchors if anchor[1] not in pages]
        articles |= dict.fromkeys(alike(others, articles, _is_headline, may_be, older=older), True)
    chosen = [anchor for anchor in anchors if articles[anchor[1]]]
    problem = None if chosen else f"no article link among {len(anchors)} links"
    if within and chosen:
        chosen = _block(root, chosen, within)
        problem = None if chosen else "no block of articles under " + " or ".join(map(repr, within))
    dates = published(root, chosen, zone, now) if now is not None and chosen else {}
    leads = tuple(
        Lead(found.url, channel, url, position, found.text or None, dates.get(found.url))
        for position, found in enumerate(_merged(chosen))
    )
    texts = [(address, _visible(node)) for node, address in anchors if not articles[address]]
    following = _following(root, base, anchors, texts, url) if channel is not Channel.BLOCK else ()
    left = _left(texts, why_left, beyond, broken) if why_left is not None else ()
    return ListingPage(
        leads,
        (),
        following,
        "; ".join(filter(None, (problem, cut))) or None,
        named=len(leads) + sum(count.number for count in left),
        left=left,
    )


def _following(
    root: etree._Element,
    base: str,
    anchors: Sequence[tuple[etree._Element, str]],
    texts: Sequence[tuple[str, str]],
    url: str,
) -> tuple[str, ...]:
    """The further pages of a list on its own host, each once."""
    named = [(address, _label(node)) for node, address in anchors if not _visible(node)]
    chosen = choices(root, base)
    further = [
        *(resolve(base, node.get("href")) for node in root.iter("link") if _is_next(node)),
        *(address for node, address in anchors if _is_next(node)),
        *next_pages([(address, text.strip(PADDING)) for address, text in (*texts, *named, *chosen)], url),
        *(address for address, text in (*texts, *named, *chosen) if _says_more(text)),
        *_of_buttons(root, base),
    ]
    own = (page for page in further if page and page != url and host_of(page) == host_of(url))
    return tuple(dict.fromkeys(map(steady, own)))


def _label(node: etree._Element) -> str:
    """What a link without a text is called: by its label, its title or its picture; an arrow where its class says next."""
    pictures = (one.get("alt") for one in islice(node.iter("img"), 1))
    if said := next((text for text in (node.get("aria-label"), node.get("title"), *pictures) if text), ""):
        return clean(said[: 4 * _TEXT_LIMIT])[:_TEXT_LIMIT]
    around = node.getparent()
    classes = f"{node.get('class') or ''} {around.get('class') or '' if around is not None else ''}"[:500]
    return "›" if _NEXT_CLASS.search(classes) else ""


def _of_buttons(root: etree._Element, base: str) -> Iterator[str]:
    """The addresses that buttons "load more", and places at the end of a list, carry for a script."""
    for node in islice(root.iter("a", "button", "div", "span", "li", "p", "section"), LINKS_LIMIT):
        name, written = next(((n, value) for n in MORE_ATTRIBUTES if (value := node.get(n))), ("", ""))
        # A place at the end of a list, which a script fills once it is seen, has no words.
        leads_on = ("/" in written or "?" in written) and ("next" in name or _says_more(_visible(node)))
        if leads_on and (found := resolve(base, written)):
            yield found


def _left(
    texts: Sequence[tuple[str, str]],
    why_left: Callable[[str], EntryOutcome],
    beyond: int,
    broken: Sequence[str],
) -> tuple[EntryCount, ...]:
    """What became of the links that are no articles', each address once; those without a headline are of a menu. `beyond` are links behind the bound, `broken` what no address can be made of."""
    longest: dict[str, str] = {}
    for address, text in texts:
        longest[address] = max(longest.get(address, ""), text, key=len)
    counts = EntryCounts()
    for address, text in longest.items():
        outcome = why_left(address)
        if outcome is EntryOutcome.NO_PATTERN and not _reads_like_headline(text):
            outcome = EntryOutcome.MENU
        counts.add(outcome, address)
    counts.add(EntryOutcome.BOUND, number=beyond)
    for written in dict.fromkeys(broken):
        counts.add(EntryOutcome.NO_ADDRESS, clean(written))
    return counts.counts()


def _is_headline(node: etree._Element) -> bool:
    return _reads_like_headline(_headline(node)[0])


def _reads_like_headline(text: str) -> bool:
    return len(text) >= _HEADLINE or len(text.split()) >= _HEADLINE_WORDS


def _tree(text: str) -> etree._Element | None:
    from lxml import etree

    # UTF-8 bytes with the charset given, so that a wrong declaration in the page is not believed again.
    # The parser ends at the first "</html>"; templates put in one another have several, with links behind them.
    data = fewer_attributes(_ENDS.sub("", re.sub("[\x00\ud800-\udfff]", "", text))).encode()
    if not data.strip():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def _html_in_json(text: str) -> str:
    """All strings in a JSON answer that hold links; the text itself if it is no JSON."""
    try:
        stack: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return text
    parts: list[str] = []
    while stack:
        value = stack.pop()
        if isinstance(value, str) and "<a" in value:
            parts.append(value)
        elif isinstance(value, dict):
            stack.extend(reversed(value.values()))
        elif isinstance(value, list):
            stack.extend(reversed(value))
    return "\n".join(parts)


def _merged(anchors: Sequence[_Anchor]) -> list[_Found]:
    """One entry an address, in order of the first link to it."""
    merged: dict[str, _Found] = {}
    for node, address in anchors:
        found = merged.setdefault(address, _Found(address))
        text, strong = _headline(node)
        if text and (strong, len(text)) > (found.strong, len(found.text)):
            found.text, found.strong = text, strong
    return list(merged.values())


def _headline(node: etree._Element) -> tuple[str, bool]:
    """The text of a link as a reader sees it, and whether it is a heading's."""
    inside = next(node.iter(*_HEADINGS), None)
    if inside is not None and (text := _visible(inside)):
        return text, True
    parent = node.getparent()
    text = _visible(node)
    return text, bool(text) and parent is not None and parent.tag in _HEADINGS


def _visible(node: etree._Element) -> str:
    return clean("".join(_pieces(node)))[:_TEXT_LIMIT]


def _pieces(node: etree._Element) -> Iterator[str]:
    """Pieces of visible text, up to the limits: nested links on a hostile page would cost n² otherwise."""
    from lxml import etree

    size = hidden = 0
    for count, (event, one) in enumerate(etree.iterwalk(node, events=("start", "end"))):
        if count > _PIECES_LIMIT or size > 2 * _TEXT_LIMIT:
            return
        unseen = one.tag in _UNSEEN or (
            one.tag == "a" and one is not node
        )  # the text of a nested link belongs to that link
        if event == "start":
            hidden += unseen
            piece = one.text
        else:
            hidden -= unseen
            piece = None if one is node else one.tail
        if one.tag not in _INLINE:
            yield " "
        if piece and not hidden:
            size += len(piece)
            yield piece[: 4 * _TEXT_LIMIT]


def _is_next(node: etree._Element) -> bool:
    return "next" in (node.get("rel") or "").lower().split()


def _says_more(text: str) -> bool:
    """Whether a text is one of those that lead on, with arrows or the number of entries beside it ("Next 20")."""
    return text.casefold().translate(_APOSTROPHES).strip(" .…:→»›>⟩⟶➔➜❯▶►▸←«‹<0123456789") in MORE


def _block(root: etree._Element, anchors: Sequence[_Anchor], within: Sequence[str]) -> list[_Anchor]:
    """The links in the block under one of the headings: of several such blocks the one with most links.

    A block is the smallest element around the heading that holds article links after it; the whole
    page counts only if there is nothing better (a menu entry may have the same words).
    """
    wanted = {clean(text).casefold() for text in within}
    order = {node: number for number, node in enumerate(root.iter())}
    last = list(order.values())  # of each element, the number of the last element inside it
    for node, number in reversed(order.items()):
        if (parent := node.getparent()) is not None:
            last[order[parent]] = max(last[order[parent]], last[number])
    positions = [order[node] for node, _ in anchors]
    best: tuple[bool, list[_Anchor]] = (False, [])
    headings = (
        node
        for node in order
        if clean((node.text or "")[:200]).casefold() in wanted
        or (node.tag in _HEADINGS and _visible(node).casefold() in wanted)
    )
    for heading in islice(headings, _HEADINGS_LIMIT):
        first = bisect_right(positions, order[heading])
        for around in (heading, *heading.iterancestors()):
            end = bisect_right(positions, last[order[around]])
            if end > first:
                found = (around.tag not in ("body", "html"), list(anchors[first:end]))
                if (found[0], len(found[1])) > (best[0], len(best[1])):
                    best = found
                break
    return best[1]
