"""Removes from a copy of the page what cannot be the article: lists below stop headings, blocks before the headline."""

from __future__ import annotations

import copy
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from newscrawl.extract.page.elements import (
    HEADINGS,
    brief_text,
    drop,
    is_advertisement,
    link_only,
    prose_words,
    separate_glued_words,
)
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.text.embeds import reduce_embeds
from newscrawl.extract.text.phrases import FURNITURE
from newscrawl.extract.text.stop_headings import stop_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lxml.html import HtmlElement

# Stop headings examined; each costs a pass over the page.
MAX_STOPS = 12


def prune(
    tree: HtmlElement, heading: HtmlElement | None, stops: Collection[str] = ()
) -> tuple[HtmlElement, HtmlElement | None]:
    """(copy of the tree, its headline) without lists below a stop heading, blocks before the headline, and advertisements.

    These parts change at every visit (newest headlines, rates, counters), and extraction weighs the whole page: they are
    removed first, so that they cannot change which text is taken.
    """
    page, headline = _copy(tree, heading)
    # Scripts are read from the original page; trafilatura would take text without paragraphs out of them.
    for script in list(page.iter("script", "style")):
        drop(script)
    reduce_embeds(page)
    separate_glued_words(page)
    for advertisement in [e for e in page.iter(etree.Element) if is_advertisement(e)]:
        if headline is None or advertisement not in {headline, *headline.iterancestors()}:
            drop(advertisement)
    ends = stop_keys(stops)
    order = {e: i for i, e in enumerate(page.iter())}
    after = order.get(headline, -1) if headline is not None else -1
    for element in _stop_headings(order, ends.every)[:MAX_STOPS]:
        position = order.get(element, -1)
        if position < after or element.getparent() is None or not _attached(element, page):
            continue
        key = squash(one_line(element.text_content()))
        always = key in ends.own
        _cut(element, headline, terminal=always or key in ends.terminal, always=always)
    if headline is not None and _attached(headline, page):
        _cut_before(headline)
    return page, headline


def _copy(tree: HtmlElement, heading: HtmlElement | None) -> tuple[HtmlElement, HtmlElement | None]:
    whole = all(part.tag in ("head", "body") for part in tree) and len(tree.findall("body")) == 1
    if not whole:
        copied = root = copy.deepcopy(tree)
    else:
        # A head holds no text, but often most of the page's bytes.
        tree = next(tree.iterchildren("body"))
        root = tree.makeelement("html")
        copied = copy.deepcopy(tree)
        root.append(copied)
    position = next((i for i, e in enumerate(tree.iter()) if e is heading), None)
    return root, None if position is None else next(islice(copied.iter(), position, None), None)


def _attached(element: HtmlElement, root: HtmlElement) -> bool:
    top = element
    while (parent := top.getparent()) is not None:
        top = parent
    return top is root


_NO_HEADINGS = frozenset({"script", "style", "option", "body", "html", "head", "title", "meta", "link", "img", "br", "a", "button",
                          "li", "label", "input"})  # fmt: skip


def _stop_headings(elements: Iterable[HtmlElement], keys: Collection[str]) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    seen: set[HtmlElement] = set()
    for element in elements:
        if element.tag in _NO_HEADINGS or not isinstance(element.tag, str) or len(element) > 3:
            continue
        raw = brief_text(element, 200)
        if not raw or raw.isspace():
            continue
        text = one_line(raw)
        if (
            0 < len(text) <= 60
            and squash(text) in keys
            and not any(a in seen for a in element.iterancestors())
        ):
            # A heading is a line of its own, not a link in a menu or a word inside a sentence.
            parent = element.getparent()
            inline = element.tag in ("b", "strong", "em", "i", "span")
            if (
                inline
                and parent is not None
                and parent.tag in ("p", "td")
                and squash(parent.text_content()[:400]) != squash(text)
            ):
                continue
            if any(a.tag in ("a", "button", "li", "nav") for a in element.iterancestors()):
                continue
            found.append(element)
            seen.add(element)
    return found


def _cut(heading: HtmlElement, headline: HtmlElement | None, *, terminal: bool, always: bool) -> None:
    """Removes the list below a stop heading; below a terminal one everything, if the article stands before it."""
    keep = set(headline.iterancestors()) | {headline} if headline is not None else set()
    block = heading
    while (
        (parent := block.getparent()) is not None
        and parent not in keep
        and parent.tag not in ("body", "html")
    ):
        before = one_line(parent.text) + "".join(
            one_line(c.text_content()) for c in parent.iterchildren() if _precedes(c, block)
        )
        if before:
            break
        block = parent
    parent = block.getparent()
    if parent is None:
        return
    following = list(block.itersiblings())
    own_list = (
        block is not heading and word_count(block.text_content()) > word_count(heading.text_content()) + 3
    )
    prose_before = _prose_before(block)
    prose_after = sum(prose_words(s) for s in following) + sum(
        prose_words(s) for a in block.iterancestors() if a.tag != "html" for s in a.itersiblings()
    )
    inside = prose_words(block)
    # A source's own stop headings are trusted more than those of all sites, but not if most of the text follows: then the
    # block is a column in the middle of the article.
    ends = terminal and prose_before >= 15 and prose_before >= prose_after + inside
    if ends and own_list and _text_continues(block, past_notices=always):
        drop(block)
        return
    if ends or (always and prose_before >= 5 and prose_after <= max(2 * prose_before, 60)):
        _remove_after(block)
        drop(block)
        return
    if own_list:
        linked = sum(word_count(a.text_content()) for a in block.iter("a"))
        if inside * 4 < prose_before + prose_after or linked * 2 > word_count(block.text_content()):
            drop(block)
        return
    links = 0
    for sibling in following:
        if (
            not isinstance(sibling.tag, str)
            or prose_words(sibling) >= 25
            or (sibling.tag in HEADINGS and links)
        ):
            break
        if headline is not None and (sibling is headline or headline in sibling.iter()):
            break
        # Text that is not a list of links is the article again, in whatever element it is.
        if sibling.tag in ("p", "blockquote") and not link_only(sibling):
            break
        if sibling.find(".//a") is None and word_count(sibling.text_content()) >= 5:
            break
        links += sum(1 for _ in sibling.iter("a"))
        drop(sibling)
    if links or always:
        drop(heading)


def _text_continues(block: HtmlElement, *, past_notices: bool) -> bool:
    """Whether running text without links follows a list, in elements of the same kind as before it.

    `past_notices`: below a source's own stop heading notices of the site are more frequent than text, so the list must
    consist of links alone, and what follows must not be a notice.
    """
    if past_notices and (prose_words(block) or not _holds_links(block)):
        return False
    above = {_kind(s) for s in block.itersiblings(preceding=True) if prose_words(s) >= 8}
    return any(
        _kind(s) in above
        and prose_words(s) >= 8
        and s.find(".//a") is None
        and not (past_notices and FURNITURE.fullmatch(one_line(s.text_content())[:600]))
        for s in block.itersiblings()
    )


def _holds_links(block: HtmlElement) -> bool:
    return next(block.iter("a"), None) is not None


def _kind(element: HtmlElement) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _precedes(child: HtmlElement, block: HtmlElement) -> bool:
    return any(s is child for s in block.itersiblings(preceding=True))


def _prose_before(block: HtmlElement) -> int:
    total = sum(prose_words(s) for s in block.itersiblings(preceding=True))
    for ancestor in block.iterancestors():
        total += sum(prose_words(s) for s in ancestor.itersiblings(preceding=True) if isinstance(s.tag, str))
    return total


def _remove_after(block: HtmlElement) -> None:
    element: HtmlElement | None = block
    while element is not None and element.tag != "body":
        for sibling in list(element.itersiblings()):
            drop(sibling)
        element.tail = None
        element = element.getparent()


def _cut_before(headline: HtmlElement) -> None:
    """Removes everything before the headline if the running text follows it."""
    levels: list[HtmlElement] = [headline, *headline.iterancestors()]
    before: list[HtmlElement] = []
    prose_before = prose_after = 0
    title = squash(headline.text_content())
    for element in levels:
        if element.tag in ("body", "html"):
            break
        for sibling in element.itersiblings(preceding=True):
            before.append(sibling)
            prose_before += prose_words(sibling, title)
        prose_after += sum(prose_words(s) for s in element.itersiblings())
    if prose_after >= 12 and prose_before * 2 <= prose_after:
        for element in before:
            drop(element)
