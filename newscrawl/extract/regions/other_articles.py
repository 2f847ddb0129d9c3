"""Marks what belongs to other articles: lines that point to them, cards, the articles below this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import HEADINGS, texts_before
from newscrawl.extract.page.lines import is_sentence, one_line, squash, word_count
from newscrawl.extract.regions.marked_page import KICKER, MOST_HEADINGS, MarkedPage
from newscrawl.extract.regions.region_names import Region
from newscrawl.extract.text.phrases import READ_ALSO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement


HEADLINE_WORDS = 4  # a link of fewer words may belong to a menu
CARD_WORDS = 90  # a card is a headline, a date, perhaps a teaser; what is longer is a text
CARDS = 3  # alike side by side
SENTENCE = 8  # words beside a link that make it part of a sentence
POINTER_WORDS = 400  # a paragraph of links has no more
LABEL_WORDS = 5  # words before the links of a pointer line in a language without a table
MOST_LINKS = 4000
_POINTERS = frozenset({"p", "div", "li", "blockquote", "section", "td", "center", "dd", *HEADINGS})


def mark_pointers(page: MarkedPage) -> None:
    """Lines that only point to other pages: "Read also: headline, headline", in any language, however many links.

    Told by the links: headlines with nothing but separators between them, behind a label with a colon or a phrase that
    is known. A linked sentence of the text is no headline.
    """
    out = page.outline
    for i, element in enumerate(out.elements):
        words = out.block[i]
        if (
            not out.block_linked[i]
            or out.block_linked[i] * 2 < words
            or words != out.words(i)
            or page.regions[i] is not None
        ):
            continue
        if element.tag not in _POINTERS or i in page.above or words > POINTER_WORDS:
            continue
        links = [k for k in range(i + 1, out.end[i]) if out.elements[k].tag == "a" and out.words(k)]
        label = "".join(texts_before(element, out.elements[links[0]])) if links else ""
        text = one_line(label)
        free = words - out.block_linked[i]
        label_words = len(text.split()) if text.isascii() else word_count(text)
        if free > label_words + len(links) or not all(map(_is_address, (out.elements[k] for k in links))):
            continue  # words between the links or behind them: a sentence
        headlines = [k for k in links if out.words(k) >= HEADLINE_WORDS]
        known = bool(READ_ALSO.match(text or one_line(element.text_content()[:200])))
        labelled = text.endswith((":", "：")) and label_words <= LABEL_WORDS and headlines == links
        # Between the headline and the text such a row has the date and the topics, each with its link.
        below = out.prose[i] > out.prose[max(page.at, 0)]
        row = below and not text and len(links) >= 2 and headlines == links
        if known or ((labelled or row) and not any(_links_a_sentence(page, k) for k in links)):
            page.mark(i, Region.OTHER)


def _links_a_sentence(page: MarkedPage, i: int) -> bool:
    return is_sentence(one_line(page.outline.text(i)))


def mark_next_articles(page: MarkedPage) -> None:
    """Articles below this one: like this one's own block in tag and class, with a linked or first-level heading."""
    out = page.outline
    if page.at < 0:
        return
    examined = 0
    for i in range(out.end[page.at], len(out.elements)):
        element = out.elements[i]
        if examined >= MOST_HEADINGS:
            break
        if element.tag not in ("h1", "h2", "h3") or page.regions[i] is not None:
            continue
        top = i
        while out.parent[top] not in page.above and out.parent[top] >= 0:
            top = out.parent[top]
        if top == i:
            if _heads_next(page, i):
                for k in range(i, out.end[out.parent[i]]):
                    if page.regions[k] is None and k not in page.above:
                        page.regions[k] = Region.OTHER
                break
            continue
        own = _branch(page, out.parent[top])
        linked = out.linked(i) * 2 > out.words(i) and _leads_away(page, i)
        if (
            (element.tag == "h1" or linked)
            and own >= 0
            and own != top
            and _alike(out.elements[own], out.elements[top])
        ):
            examined += 1
            renamed = squash(element.text_content()[:400]) != squash(_title(page))
            if renamed and out.before[i] - out.before[top] <= KICKER and _is_below(page, top):
                page.mark(top, Region.OTHER)
    # Another <article> beside this one's whose heading leads to a page of its own.
    if not any(out.elements[k].tag == "article" for k in page.above):
        return
    i = out.end[page.at]
    while i < len(out.elements) and examined < MOST_HEADINGS * 2:
        if out.elements[i].tag == "article" and page.regions[i] is None and _headed_by_link(page, i):
            examined += 1
            if _is_below(page, i):
                page.mark(i, Region.OTHER)
                i = out.end[i]
                continue
        i += 1


def _heads_next(page: MarkedPage, i: int) -> bool:
    """Whether a first-level heading beside this article's headline, of the same form, is a link to another page: the next article begins."""
    out = page.outline
    one, other = out.elements[page.at], out.elements[i]
    beside = out.parent[i] == out.parent[page.at]
    alike = one.tag == other.tag == "h1" and one.get("class") == other.get("class")
    return beside and alike and _leads_away(page, i) and not _leads_away(page, page.at) and _is_below(page, i)


def _is_below(page: MarkedPage, i: int) -> bool:
    """Whether enough of this article's text stands above an element for it to be another article."""
    return page.unmarked(page.at, i) * 3 >= page.outline.prose_in(i)


def _title(page: MarkedPage) -> str:
    return page.heading.text_content()[:400] if page.heading is not None else ""


def _branch(page: MarkedPage, parent: int) -> int:
    """The child of an element that holds the headline; -1 if there is none."""
    return next(
        (k for k in (page.at, *page.outline.ancestors(page.at)) if page.outline.parent[k] == parent), -1
    )


def _leads_away(page: MarkedPage, i: int) -> bool:
    """Whether a heading is, holds or is in a link to another page."""
    out = page.outline
    inside = (out.elements[k] for k in range(i, min(out.end[i], i + 20)))
    around = (out.elements[k] for k in out.ancestors(i)[:4])
    return any(_is_address(e) for e in (*inside, *around) if e.tag == "a")


def _headed_by_link(page: MarkedPage, i: int) -> bool:
    out = page.outline
    heads = (k for k in range(i, out.end[i]) if out.elements[k].tag in HEADINGS)
    first = next(heads, -1)
    return first >= 0 and _leads_away(page, first)


def mark_cards(page: MarkedPage) -> None:
    """Repeated elements with one headline link each and few words besides."""
    out = page.outline
    kinds: dict[tuple[int, object, str | None], set[int]] = {}
    climbs: list[list[tuple[tuple[int, object, str | None], int]]] = []
    for i in _headline_links(page):
        climb: list[tuple[tuple[int, object, str | None], int]] = []
        k = i
        for _ in range(5):
            parent = out.parent[k]
            if parent < 0 or k in page.above:
                break
            element = out.elements[k]
            key = (parent, element.tag, element.get("class"))
            kinds.setdefault(key, set()).add(k)
            climb.append((key, k))
            k = parent
        climbs.append(climb)
    found: dict[int, int] = {}
    for climb in climbs:
        best = max(climb, key=lambda pair: len(kinds[pair[0]]), default=None)
        if best and len(kinds[best[0]]) >= CARDS and _is_card(page, best[1], climb[0][1]):
            found[best[1]] = best[0][0]
    in_cards = sum(out.prose_in(k) for k in found)
    if in_cards * 3 > page.total:
        return  # a list of things is the text itself, or the page is a list
    around: set[int] = set()
    for k, parent in found.items():
        if not _among_paragraphs(page, k, parent):
            page.mark(k, Region.OTHER)
            around.add(parent)
    for parent in sorted(around):
        page.mark_box(parent)


def _is_card(page: MarkedPage, i: int, link: int) -> bool:
    """Whether an element is a headline link with little above it and few words below it; a bare line must be wholly link."""
    out = page.outline
    words, home = out.words(i), out.home[i]
    if home != i and out.block[home] > out.block_linked[home]:
        return False  # part of a line with words of its own
    if words > CARD_WORDS or out.before[link] - out.before[i] > KICKER:
        return False
    plain = all(out.home[k] == i for k in range(i + 1, min(out.end[i], i + 12)))
    return not plain or out.linked(i) >= 0.8 * words


def _headline_links(page: MarkedPage) -> Iterable[int]:
    """Links of a headline's length that are not part of a sentence."""
    out = page.outline
    count = 0
    for i, element in enumerate(out.elements):
        if element.tag != "a":
            continue
        count += 1
        if count > MOST_LINKS:
            return
        if page.regions[i] is None and out.words(i) >= HEADLINE_WORDS and _is_address(element):
            home = out.home[i]
            if home == i or out.block[home] - out.block_linked[home] <= SENTENCE:
                yield i


def _among_paragraphs(page: MarkedPage, i: int, parent: int) -> bool:
    """Whether a card is a paragraph, or an item of a list, of a text: paragraphs stand on both sides of it."""
    out = page.outline
    tag = out.elements[i].tag
    around = out.parent[parent] if tag == "li" else parent
    if tag not in ("li", "p") or around < 0:
        return False
    first, last = (parent, out.end[parent]) if tag == "li" else (i, out.end[i])
    above = out.prose[first] - out.prose[around]
    below = out.prose[out.end[around]] - out.prose[last]
    return above > 0 and below > 0


def _alike(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether two elements are of one tag and share a class, or are <article>s."""
    if one.tag != other.tag:
        return False
    if one.tag == "article":
        return True
    classes = set((one.get("class") or "").split())
    return not classes.isdisjoint((other.get("class") or "").split())


def _is_address(link: HtmlElement) -> bool:
    href = (link.get("href") or "").strip()
    return bool(href) and not href.startswith(("#", "javascript:", "mailto:", "tel:"))
