"""The running text: the page pruned to its article, the one call to trafilatura, and a plain reader for short pages."""

from __future__ import annotations

import copy
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.extract.lines import one_line, squash, word_count
from newscrawl.extract.page import few_children
from newscrawl.extract.phrases import FURNITURE, STOP_HEADINGS, TERMINAL_HEADINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.html import HtmlElement

# Below this many characters trafilatura turns to rescue tactics that scrape the whole page (its MIN_EXTRACTED_SIZE
# is 250, its block tests use three times that), so the plain reader has its say.
SHORT = 900
HEADLINE = "\x00headline"  # stands for the h1 in the plain reader's lines
# Stop headings looked at; each costs a walk over the page.
MAX_STOPS = 12
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_OUTSIDE = frozenset({"nav", "footer", "aside", "form", "dialog", "script", "style", "noscript", "template", "button", "select",
                      "figure", "figcaption", "iframe", "svg", "video", "audio", "textarea", "head", "header", "menu"})  # fmt: skip
_BLOCKS = frozenset({"p", "blockquote", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "table", "dl"})
_OUTSIDE_MARKS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|footer|sidebar|cookie|cookies|consent|banner|share|sharing|social|related|breadcrumbs?|comments?"
    r"|ticker|rates?|currency|counter|views|popular|recommend\w*|subscribe|newsletter|promo|advert\w*|latest|copyright|tags?|lang|"
    r"language|switch|pagination|login|popup|modal)(?:$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs as extracted, still with furniture, and which reader gave them."""

    paragraphs: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What the page's elements say of lines, as squashed texts."""

    captions: frozenset[str]
    links: frozenset[str]
    headings: frozenset[str]


def read_text(tree: HtmlElement, heading: HtmlElement | None, stops: Collection[str] = ()) -> Text:
    """The article's text. `heading` is the element of the headline; `tree` stays as it is."""
    pruned = prune(tree, heading, stops)
    by_trafilatura = _trafilatura(pruned)
    if sum(map(len, by_trafilatura)) >= SHORT:
        return Text(tuple(by_trafilatura), "trafilatura")
    plain = plain_text(pruned)
    if _prefer_plain(plain, by_trafilatura):
        return Text(tuple(plain), "paragraphs")
    return Text(tuple(by_trafilatura), "trafilatura") if by_trafilatura else Text(tuple(plain), "paragraphs")


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


def _trafilatura(tree: HtmlElement) -> list[str]:
    """The one call. Options are fixed here: no `deduplicate` (one cache for the whole process: the fourth reading of a
    page came back empty), no comments, no metadata (its dates depend on today), our own tree.
    """
    from trafilatura import bare_extraction

    # Its refusals are our return values; what it would log says nothing more.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = bare_extraction(
            tree,
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


# --- pruning ------------------------------------------------------------------------------------


def prune(tree: HtmlElement, heading: HtmlElement | None, stops: Collection[str] = ()) -> HtmlElement:
    """A copy of the tree without what cannot be the article: lists below a stop heading, and blocks before the headline.

    What stands there changes at every visit (newest headlines, rates, counters), and extraction weighs the whole
    page: cut first, so that it cannot sway the text.
    """
    twin, twin_heading = _copy(tree, heading)
    keys = {squash(s) for s in STOP_HEADINGS}
    always = {squash(s) for s in stops}
    terminal = {squash(s) for s in TERMINAL_HEADINGS} | always
    order = {e: i for i, e in enumerate(twin.iter())}
    after = order.get(twin_heading, -1) if twin_heading is not None else -1
    for element in _stop_headings(twin, keys | always)[:MAX_STOPS]:
        position = order.get(element, -1)
        if position < after or element.getparent() is None or not _attached(element, twin):
            continue
        key = squash(one_line(element.text_content()))
        _cut(element, twin_heading, terminal=key in terminal, always=key in always)
    if twin_heading is not None and _attached(twin_heading, twin):
        _cut_before(twin_heading)
    return twin


def _copy(tree: HtmlElement, heading: HtmlElement | None) -> tuple[HtmlElement, HtmlElement | None]:
    twin = copy.deepcopy(tree)
    if heading is None:
        return twin, None
    for a, b in zip(tree.iter(), twin.iter(), strict=True):
        if a is heading:
            return twin, b
    return twin, None


def _attached(element: HtmlElement, root: HtmlElement) -> bool:
    top = element
    while (parent := top.getparent()) is not None:
        top = parent
    return top is root


def _stop_headings(tree: HtmlElement, keys: set[str]) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    seen: set[HtmlElement] = set()
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in (
            "script",
            "style",
            "option",
            "body",
            "html",
            "head",
            "title",
            "meta",
        ):
            continue
        if not few_children(element, 3) or element.tag in ("a", "button", "li", "label", "input"):
            continue
        raw = element.text_content() if len(element) else element.text or ""
        if not 0 < len(raw) <= 200:
            continue
        text = one_line(raw)
        if (
            0 < len(text) <= 60
            and squash(text) in keys
            and not any(a in seen for a in element.iterancestors())
        ):
            # A heading is its own line: no link in a menu, no word inside a sentence.
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


def _prose(element: HtmlElement, but: str = "") -> int:
    """Words of running text in an element: paragraphs of 8 words and more that are not mostly link.

    Paragraphs that say `but` (squashed; the headline, in breadcrumbs) do not count.
    """
    if not isinstance(element.tag, str):
        return 0
    own = [element] if element.tag in ("p", "blockquote") else list(element.iter("p", "blockquote"))
    total = 0
    for block in own:
        if block.tag == "blockquote" and block.find(".//p") is not None:
            continue
        words = word_count(block.text_content())
        linked = sum(word_count(a.text_content()) for a in block.iter("a"))
        if words >= 8 and linked * 2 < words and not (but and but in squash(block.text_content()[:1000])):
            total += words
    return total


def _cut(heading: HtmlElement, headline: HtmlElement | None, *, terminal: bool, always: bool) -> None:
    """Remove the list that a stop heading heads; for terminal headings everything after it, if the article is before it."""
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
    prose_after = sum(_prose(s) for s in following) + sum(
        _prose(s) for a in block.iterancestors() if a.tag != "html" for s in a.itersiblings()
    )
    inside = _prose(block)
    # A source's own stop headings are believed further than the general ones, but not past the bulk of the text:
    # then the block is a column that stands in the middle of the article.
    ends = terminal and prose_before >= 15 and prose_before >= prose_after + inside
    if ends or (always and prose_before >= 5 and prose_after <= max(2 * prose_before, 60)):
        _remove_after(block)
        _drop(block)
        return
    if own_list:
        linked = sum(word_count(a.text_content()) for a in block.iter("a"))
        if inside * 4 < prose_before + prose_after or linked * 2 > word_count(block.text_content()):
            _drop(block)
        return
    links = 0
    for sibling in following:
        if not isinstance(sibling.tag, str) or _prose(sibling) >= 25 or (sibling.tag in _HEADINGS and links):
            break
        if headline is not None and (sibling is headline or headline in sibling.iter()):
            break
        if sibling.tag in ("p", "blockquote") and not _link_only(sibling):
            break
        links += sum(1 for _ in sibling.iter("a"))
        _drop(sibling)
    if links or always:
        _drop(heading)


def _precedes(child: HtmlElement, block: HtmlElement) -> bool:
    return any(s is child for s in block.itersiblings(preceding=True))


def _prose_before(block: HtmlElement) -> int:
    total = sum(_prose(s) for s in block.itersiblings(preceding=True))
    for ancestor in block.iterancestors():
        total += sum(_prose(s) for s in ancestor.itersiblings(preceding=True) if isinstance(s.tag, str))
    return total


def _remove_after(block: HtmlElement) -> None:
    element: HtmlElement | None = block
    while element is not None and element.tag != "body":
        for sibling in list(element.itersiblings()):
            _drop(sibling)
        element.tail = None
        element = element.getparent()


def _drop(element: HtmlElement) -> None:
    """Remove an element, its tail text too when it is only space."""
    parent = element.getparent()
    if parent is not None:
        if one_line(element.tail):
            element.drop_tree()
        else:
            parent.remove(element)


def _link_only(element: HtmlElement) -> bool:
    words = word_count(element.text_content())
    return words > 0 and sum(word_count(a.text_content()) for a in element.iter("a")) >= 0.8 * words


def _cut_before(headline: HtmlElement) -> None:
    """Drop what stands before the headline when the running text stands after it."""
    levels: list[HtmlElement] = [headline, *headline.iterancestors()]
    before: list[HtmlElement] = []
    prose_before = prose_after = 0
    said = squash(headline.text_content())
    for element in levels:
        if element.tag in ("body", "html"):
            break
        for sibling in element.itersiblings(preceding=True):
            before.append(sibling)
            prose_before += _prose(sibling, said)
        prose_after += sum(_prose(s) for s in element.itersiblings())
    if prose_after >= 12 and prose_before * 2 <= prose_after:
        for element in before:
            _drop(element)


# --- the plain reader ---------------------------------------------------------------------------


def plain_text(tree: HtmlElement) -> list[str]:
    """The paragraphs of the one container that holds most running text. Made for pages too short for statistics."""
    body = next(tree.iter("body"), tree)
    weight: dict[HtmlElement, float] = {}
    for block in body.iter("p", "blockquote", "div"):
        if _is_outside(block):
            continue
        own = _own_text(block)
        words = word_count(own)
        if words < 5 or _link_only(block) or FURNITURE.fullmatch(own[:600]):
            continue
        if block.tag == "div" and block.find(".//p") is not None:
            continue
        parent, share = block.getparent(), 1.0
        for _ in range(3):
            if parent is None or parent.tag == "html":
                break
            weight[parent] = weight.get(parent, 0.0) + words * share
            parent, share = parent.getparent(), share * 0.75
    if not weight:
        return []
    order = {e: i for i, e in enumerate(body.iter())}
    best = max(weight, key=lambda e: (weight[e], -order.get(e, 0)))
    lines = [line for line in _blocks(best) if line]
    starts = [i for i, line in enumerate(lines) if line is HEADLINE]
    if starts:
        above, below = lines[: starts[-1]], lines[starts[-1] :]
        lines = below if word_count(" ".join(below)) >= word_count(" ".join(above)) else lines
    return [line for line in lines if line is not HEADLINE]


def _is_outside(element: HtmlElement) -> bool:
    for e in (element, *element.iterancestors()):
        if e.tag in ("body", "html"):
            return False
        if e.tag in _OUTSIDE or _OUTSIDE_MARKS.search(f"{e.get('class') or ''} {e.get('id') or ''}"[:300]):
            return True
    return False


def _own_text(block: HtmlElement) -> str:
    return one_line(
        " ".join(block.itertext())
        if block.tag != "div"
        else (block.text or "") + " ".join(c.tail or "" for c in block)
    )


def _blocks(container: HtmlElement) -> Iterator[str]:
    """Lines of a container in order: text directly in it, its blocks, and blocks inside its divisions."""
    inline: list[str] = [container.text or ""]
    for child in container:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _OUTSIDE or tag == "h1" or _marked_outside(child):
            yield one_line(" ".join(inline))
            inline = []
            if tag == "h1":
                yield HEADLINE
        elif tag == "br":
            yield one_line("".join(inline))
            inline = []
        elif tag in ("ul", "ol"):
            yield one_line("".join(inline))
            inline = []
            if not _link_only(child):
                for item in child.iter("li"):
                    line = one_line(item.text_content())
                    yield f"- {line}" if line else ""
        elif tag in ("p", "pre", *_HEADINGS):
            yield one_line("".join(inline))
            inline = []
            yield from (one_line(part) for part in _broken(child))
        elif tag in (
            "div",
            "section",
            "article",
            "main",
            "blockquote",
            "center",
            "td",
            "tr",
            "tbody",
            "table",
        ):
            yield one_line("".join(inline))
            inline = []
            if not (_link_only(child) and tag != "blockquote"):
                yield from _blocks(child)
        elif tag:
            inline.append(child.text_content())
        inline.append(child.tail or "")
    yield one_line("".join(inline))


def _broken(element: HtmlElement) -> list[str]:
    """The text of an element, parted at its line breaks."""
    parts = [element.text or ""]
    for child in element.iter():
        if child is element:
            continue
        if child.tag == "br":
            parts.append("")
        elif isinstance(child.tag, str) and child.tag not in ("script", "style"):
            parts[-1] += child.text or ""
        parts[-1] += child.tail or ""
    return parts


def _marked_outside(element: HtmlElement) -> bool:
    return bool(_OUTSIDE_MARKS.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:300]))


# --- what elements say of lines -----------------------------------------------------------------

_CAPTION_MARK = re.compile(
    r"caption|credit|copyright|(?:photo|image|img|media)-?(?:source|author|desc|text|info|title)|bildunterschrift",
    re.IGNORECASE,
)


def read_marks(tree: HtmlElement) -> Marks:
    """Captions, blocks that are wholly link, and headings of the page, as squashed texts."""
    captions: set[str] = set()
    links: set[str] = set()
    headings: set[str] = set()
    for element in tree.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag in _HEADINGS:
            headings.add(squash(element.text_content()[:400]))
        if tag == "figcaption" or (
            element.get("class") and len(element) < 12 and _CAPTION_MARK.search(element.get("class") or "")
        ):
            captions.update(squash(part) for part in _caption_lines(element))
        if tag == "img" and word_count(element.get("alt")) > 3:
            captions.add(squash((element.get("alt") or "")[:500]))
        if tag == "a":
            _mark_link(element, links)
    captions.discard("")
    links.discard("")
    return Marks(frozenset(captions), frozenset(links), frozenset(headings))


def _caption_lines(element: HtmlElement) -> Iterator[str]:
    text = one_line(element.text_content())
    if len(text) < 700:
        yield text
        for child in element.iter("p", "span", "div", "em", "small", "cite"):
            part = one_line(child.text_content())
            if word_count(part) > 2:
                yield part


def _mark_link(anchor: HtmlElement, links: set[str]) -> None:
    """Note the outermost block whose whole text is this link."""
    text = squash(anchor.text_content()[:600])
    if not text:
        return
    element = anchor
    for _ in range(4):
        parent = element.getparent()
        if (
            parent is None
            or parent.tag in ("body", "html", "td")
            or not few_children(parent, 4)
            or squash(element.tail)
            or squash(parent.text)
        ):
            break
        if any(c is not element and (squash(c.text_content()) or squash(c.tail)) for c in parent):
            break
        element = parent
    outer = anchor.getparent()
    if element is not anchor or (outer is not None and outer.tag in ("div", "section", "body")):
        links.add(text)
