"""Reads the article's text from the pruned page, with trafilatura or with the plain reader, and chooses between the two."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import drop, prose_words
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.text.cards import MANY_CARDS, MOST_WORDS, find_cards
from newscrawl.extract.text.frame import STRAY, Prepared, prepare
from newscrawl.extract.text.order import as_on_page, without_glued, without_headline
from newscrawl.extract.text.plain import plain_text
from newscrawl.extract.text.prune import prune

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.regions.regions import Regions

# For texts of fewer characters trafilatura falls back to scraping the whole page (its MIN_EXTRACTED_SIZE is 250, its
# block tests use three times that), so the plain reader is tried too.
SHORT = 900
# Share of a frame's words of running text that trafilatura must return from the frame alone; else it gets the whole page.
COVERED = 0.7
BRIEF = 25  # words above a list of cards that make the page an article with a list below


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs as extracted, still with furniture; the reader they come from; the pruned page; the element that contains them."""

    paragraphs: tuple[str, ...]
    origin: str
    tree: HtmlElement
    container: HtmlElement | None = None


def read_text(tree: HtmlElement, regions: Regions) -> Text:
    """The article's text. `tree` is not changed."""
    pruned, headline = prune(tree, regions)
    _held = list(pruned.iter())  # makes every later iteration cheap (see tree.Page.elements)
    by_trafilatura, holder = _trafilatura(pruned, headline)
    if headline is not None and _drop_cards_below(pruned, headline, by_trafilatura):
        by_trafilatura, holder = _trafilatura(pruned, headline)
    by_trafilatura = without_headline(as_on_page(by_trafilatura, pruned), pruned, headline)
    if sum(map(len, by_trafilatura)) >= SHORT:
        return Text(tuple(by_trafilatura), "trafilatura", pruned, holder)
    plain = plain_text(pruned, headline)
    by_trafilatura = without_glued(by_trafilatura, plain)
    if _prefer_plain(plain, by_trafilatura):
        return Text(tuple(plain), "paragraphs", pruned, holder)
    return (
        Text(tuple(by_trafilatura), "trafilatura", pruned, holder)
        if by_trafilatura
        else Text(tuple(plain), "paragraphs", pruned, holder)
    )


def _drop_cards_below(tree: HtmlElement, headline: HtmlElement, lines: list[str]) -> bool:
    """Removes the cards of other articles from `tree` if `lines` were read from them although a brief stands above them.

    True if it did.
    """
    if not lines or max(map(word_count, lines)) > MOST_WORDS:
        return False
    cards = find_cards(tree)
    if cards.count < MANY_CARDS or cards.share(lines) < 0.5:
        return False
    order = {e: i for i, e in enumerate(tree.iter())}
    first = min(order[card] for card in cards.elements)
    above = [p for p in tree.iter("p") if order.get(headline, first) < order[p] < first]
    if sum(map(prose_words, above)) < BRIEF:
        return False
    for card in cards.elements:
        drop(card)
    return True


def _prefer_plain(plain: list[str], other: list[str]) -> bool:
    """Whether the plain reader wins on a short page: unless trafilatura has everything it has and clearly more running text."""
    if not plain:
        return False
    have = "".join(map(squash, other))
    missing = [p for p in plain if squash(p) not in have]
    if missing and word_count(" ".join(missing)) >= 4:
        return word_count(" ".join(plain)) * 2 >= word_count(" ".join(other)) or not other
    whole = "".join(map(squash, plain))
    extra = [p for p in other if squash(p) not in whole]
    return not any(word_count(p) >= 25 for p in extra)


def _trafilatura(tree: HtmlElement, headline: HtmlElement | None) -> tuple[list[str], HtmlElement | None]:
    """The paragraphs and the element with the running text.

    trafilatura copies and searches its tree several times, so it gets the frame of the text alone. Only if that returns
    little, it gets the whole page and may compare its result with its other readers.
    """
    from trafilatura.xpaths import BODY_XPATH

    # The cheap expressions first: one of them finds the frame of most pages.
    found = prepare(
        tree, headline, (element for expression in reversed(BODY_XPATH) for element in expression(tree))
    )
    if found is None:
        return _read(tree), None
    if found.frame is not None and found.words >= BRIEF:
        lines = _read_alone(found.frame)
        if (unread := found.span.unread(lines)) >= STRAY:
            # trafilatura takes a smaller element inside the frame; marked, the frame itself is what it takes.
            found.frame.set("itemprop", "articleBody")
            fuller = _read_alone(found.frame)
            if found.span.unread(fuller) < unread:
                lines = fuller
        if _is_complete(lines, found):
            return lines, found.container
    return _read(tree), found.container


def _is_complete(lines: list[str], found: Prepared) -> bool:
    """Whether the lines read from the frame alone have nearly all of its text, with its paragraphs separate."""
    return (
        sum(map(len, lines)) >= SHORT
        and len(lines) * 2 >= found.blocks
        and sum(map(word_count, lines)) >= COVERED * found.words
    )


def _read_alone(frame: HtmlElement) -> list[str]:
    """The lines of a page with `frame` and nothing else. It is moved there and back: trafilatura makes copies of its own."""
    page = frame.makeelement("html")
    body = frame.makeelement("body")
    page.append(body)
    parent, tail = frame.getparent(), frame.tail
    place = parent.index(frame) if parent is not None else 0
    body.append(frame)
    frame.tail = None
    lines = _read(page, fast=True)
    if parent is not None:
        parent.insert(place, frame)
    frame.tail = tail
    return lines


@cache
def _silence_its_log() -> None:
    """Its log repeats what the return value already shows; a level set for each page would empty the cache of all logs."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def _read(tree: HtmlElement, *, fast: bool = False) -> list[str]:
    """The lines that trafilatura reads in `tree`, none if it fails; `fast` skips its comparison with other readers.

    Its only call, so that its options are fixed: no `deduplicate` (its cache is per process: the fourth reading of a page
    came back empty), no comments, no metadata (its dates depend on today), our own tree.
    """
    from trafilatura import bare_extraction

    _silence_its_log()
    try:
        document = bare_extraction(
            tree,
            fast=fast,
            include_comments=False,
            include_tables=True,
            include_images=False,
            include_links=False,
            include_formatting=False,
            deduplicate=False,
            with_metadata=False,
        )
    except (ValueError, TypeError, AttributeError, RecursionError, IndexError, KeyError, AssertionError):
        return []
    text = document.text if document is not None and not isinstance(document, dict) else None
    return [line for line in map(one_line, (text or "").split("\n")) if line]
