"""The running text: the one call to trafilatura on the pruned page, and the choice between it and the plain reader."""

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import drop, prose_words
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.text.cards import MANY_CARDS, MOST_WORDS, find_cards
from newscrawl.extract.text.frame import Prepared, prepare
from newscrawl.extract.text.plain import plain_text
from newscrawl.extract.text.prune import prune

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.html import HtmlElement

# Below this many characters trafilatura turns to rescue tactics that scrape the whole page (its MIN_EXTRACTED_SIZE
# is 250, its block tests use three times that), so the plain reader has its say.
SHORT = 900
# Share of a frame's words of running text that trafilatura must give from the frame alone; else it reads the whole page.
COVERED = 0.7
BRIEF = 25  # words above a list of cards that make it an article with a list below


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs as extracted, still with furniture, which reader gave them, the pruned page and the element they stand in."""

    paragraphs: tuple[str, ...]
    origin: str
    tree: HtmlElement
    container: HtmlElement | None = None


def read_text(tree: HtmlElement, heading: HtmlElement | None, stops: Collection[str] = ()) -> Text:
    """The article's text. `heading` is the element of the headline; `tree` stays as it is."""
    pruned, headline = prune(tree, heading, stops)
    _held = list(pruned.iter())  # as long as they are held, every walk is cheap (see page.Page)
    by_trafilatura, holder = _trafilatura(pruned, headline)
    if headline is not None and _drop_cards_below(pruned, headline, by_trafilatura):
        by_trafilatura, holder = _trafilatura(pruned, headline)
    if sum(map(len, by_trafilatura)) >= SHORT:
        return Text(tuple(by_trafilatura), "trafilatura", pruned, holder)
    plain = plain_text(pruned)
    if _prefer_plain(plain, by_trafilatura):
        return Text(tuple(plain), "paragraphs", pruned, holder)
    return (
        Text(tuple(by_trafilatura), "trafilatura", pruned, holder)
        if by_trafilatura
        else Text(tuple(plain), "paragraphs", pruned, holder)
    )


def _drop_cards_below(tree: HtmlElement, headline: HtmlElement, lines: list[str]) -> bool:
    """Take the cards of other articles out of `tree` where they drowned a brief that stands above them. Whether that was so."""
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
    """On short pages: the plain reader wins unless trafilatura holds everything it has and clearly more running text."""
    if not plain:
        return False
    have = squash(" ".join(other))
    missing = [p for p in plain if squash(p) not in have]
    if missing and word_count(" ".join(missing)) >= 4:
        return word_count(" ".join(plain)) * 2 >= word_count(" ".join(other)) or not other
    extra = [p for p in other if squash(p) not in squash(" ".join(plain))]
    return not any(word_count(p) >= 25 for p in extra)


def _trafilatura(tree: HtmlElement, headline: HtmlElement | None) -> tuple[list[str], HtmlElement | None]:
    """The paragraphs and the element with the running text.

    trafilatura copies and searches the tree it is given several times over. So it gets the frame of the text alone;
    only where that gives little, the whole page, and with it its comparison with other readers.
    """
    from trafilatura.xpaths import BODY_XPATH

    # The cheap expressions first: most pages have a frame that one of them knows.
    found = prepare(
        tree, headline, (element for expression in reversed(BODY_XPATH) for element in expression(tree))
    )
    if found is None:
        return _read(tree), None
    if found.frame is not None and found.words >= BRIEF:
        lines = _read(_alone(found.frame), fast=True)
        if _holds(lines, found):
            return lines, found.container
    return _read(tree), found.container


def _holds(lines: list[str], found: Prepared) -> bool:
    """Whether lines read from the frame alone are its text, with its paragraphs apart."""
    return (
        sum(map(len, lines)) >= SHORT
        and len(lines) * 2 >= found.blocks
        and sum(map(word_count, lines)) >= COVERED * found.words
    )


def _alone(frame: HtmlElement) -> HtmlElement:
    """A page with a copy of `frame` and nothing else."""
    page = frame.makeelement("html")
    body = frame.makeelement("body")
    twin = copy.deepcopy(frame)
    twin.tail = None
    page.append(body)
    body.append(twin)
    return page


def _read(tree: HtmlElement, *, fast: bool = False) -> list[str]:
    """The lines that trafilatura reads in `tree`, none where it refuses; `fast` without its comparison with other readers.

    The one call. Options are fixed here: no `deduplicate` (one cache for the whole process: the fourth reading of a
    page came back empty), no comments, no metadata (its dates depend on today), our own tree.
    """
    from trafilatura import bare_extraction

    # Its refusals are our return values; what it would log says nothing more.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
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
