"""Removes from a copy of the page what cannot be the article: lists below stop headings, blocks before the headline."""

from __future__ import annotations

import copy
from itertools import takewhile
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import drop, prose_words, separate_glued_words
from newscrawl.extract.page.lines import squash
from newscrawl.extract.regions.region_names import Region
from newscrawl.extract.text.embeds import reduce_embeds

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.regions.regions import Regions

FEWEST_BELOW = 12  # words of running text below a headline that is the article's
# Whose parts are removed before the text is read.
_NOT_READ = frozenset({Region.OTHER, Region.COMMENTS, Region.FRAME, Region.HIDDEN})


def prune(tree: HtmlElement, regions: Regions) -> tuple[HtmlElement, HtmlElement | None]:
    """(copy of the tree, its headline) without other articles, comments, hidden text, blocks before the headline.

    These parts change at every visit (newest headlines, rates, counters), and extraction weighs the whole page: they are
    removed first, so that they cannot change which text is taken.
    """
    page, headline = _copy(tree, regions)
    # Scripts are read from the original page; trafilatura would take text without paragraphs out of them.
    for script in list(page.iter("script", "style")):
        drop(script)
    reduce_embeds(page)
    separate_glued_words(page)
    if headline is not None and _attached(headline, page):
        _cut_before(headline)
    return page, headline


def _copy(tree: HtmlElement, regions: Regions) -> tuple[HtmlElement, HtmlElement | None]:
    """A copy of the page with the parts of others removed, and the headline in it."""
    whole = all(part.tag in ("head", "body") for part in tree) and len(tree.findall("body")) == 1
    if not whole:
        copied = root = copy.deepcopy(tree)
    else:
        # A head holds no text, but often most of the page's bytes.
        tree = next(tree.iterchildren("body"))
        root = tree.makeelement("html")
        copied = copy.deepcopy(tree)
        root.append(copied)
    out = regions.outline
    first = out.position[tree]
    block = out.position[regions.block] if regions.block is not None and regions.heading is not None else -1
    around = set(out.ancestors(block)) if block >= 0 else set()
    headline: HtmlElement | None = None
    removed: list[HtmlElement] = []
    skipped = -1  # the position up to which everything is inside a removed part
    at = out.position.get(regions.heading, -1) if regions.heading is not None else -1
    for i, element in enumerate(list(copied.iter()), first):
        if i == at:
            headline = element
        if i < skipped or element is copied:
            continue
        region = regions.regions[i]
        outside = block >= 0 and region is Region.PAGE and i not in around and not out.prose_in(i)
        if outside or region in _NOT_READ:
            removed.append(element)
            skipped = out.end[i]
    for element in removed:
        drop(element)
    return root, headline


def _attached(element: HtmlElement, root: HtmlElement) -> bool:
    top = element
    while (parent := top.getparent()) is not None:
        top = parent
    return top is root


def _cut_before(headline: HtmlElement) -> None:
    """Removes everything before the headline if the running text follows it."""
    levels: list[HtmlElement] = [headline, *headline.iterancestors()]
    title = squash(headline.text_content())
    levels = list(takewhile(lambda e: e.tag not in ("body", "html"), levels))
    before = [sibling for e in levels for sibling in e.itersiblings(preceding=True)]
    needed = max(FEWEST_BELOW, 2 * sum(prose_words(sibling, title) for sibling in before))
    # Counted from the headline downwards, and only up to what is needed.
    for sibling in (sibling for e in levels for sibling in e.itersiblings()):
        needed -= prose_words(sibling)
        if needed <= 0:
            break
    if needed <= 0:
        for element in before:
            drop(element)
