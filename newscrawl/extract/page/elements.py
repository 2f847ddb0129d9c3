"""Functions on page elements that the text readers share: visible text, running text, wholly link, outside the article."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from newscrawl.extract.page.lines import one_line, squash, word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
OUTSIDE = frozenset({"nav", "footer", "aside", "form", "dialog", "script", "style", "noscript", "template", "button", "select",
                      "figure", "figcaption", "iframe", "svg", "video", "audio", "textarea", "head", "header", "menu"})  # fmt: skip
OUTSIDE_MARKS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|footer|sidebar|cookie|cookies|consent|banner|share|sharing|social|related|breadcrumbs?|comments?"
    r"|ticker|rates?|currency|counter|views|popular|recommend\w*|subscribe|newsletter|promo|advert\w*|latest|copyright|tags?|lang|"
    r"language|switch|pagination|login|popup|modal)(?:$|[\s_-])",
    re.IGNORECASE,
)
# A class or id of an advertisement: "ad", "ads-inline", "google-ad"; not "has-ads" or "no-ad", which describe the page around one.
_ADVERTISEMENT = re.compile(
    r"(?:^|\s)(?!(?:has|no|with|without|hide)[_-])(?:[\w-]*[_-])?(?:ads?|adv|adverts?|advertisements?|advertising|adsbygoogle|adfox|adslot"
    r"|sponsored|reklama|zharnama|jarnama)(?:[_-][\w-]*)?(?=$|\s)",
    re.IGNORECASE,
)
_ADVERTISEMENT_WORDS = 60  # an element with more words is text, whatever its class says


def is_advertisement(element: HtmlElement) -> bool:
    """Whether an element's class or id says advertisement and it is short enough to be one."""
    name, mark = element.get("class"), element.get("id")
    if not (name and _named_advertisement(name[:300])) and not (mark and _named_advertisement(mark[:300])):
        return False
    if element.tag in ("html", "body"):
        return False
    return word_count(element.text_content()) <= _ADVERTISEMENT_WORDS


@lru_cache(maxsize=8192)
def _named_advertisement(name: str) -> bool:
    return _ADVERTISEMENT.search(name) is not None


def prose_words(element: HtmlElement, excluded: str = "") -> int:
    """Words of running text in an element: paragraphs of 8 words and more that are not mostly link.

    Paragraphs that contain `excluded` (squashed; the headline, which breadcrumbs repeat) do not count.
    """
    if not isinstance(element.tag, str):
        return 0
    own = [element] if element.tag in ("p", "blockquote") else list(element.iter("p", "blockquote"))
    total = 0
    for block in own:
        if block.tag == "blockquote" and block.find(".//p") is not None:
            continue
        text = block.text_content()
        words = word_count(text) if len(text) >= 8 else 0
        if words < 8 or sum(word_count(a.text_content()) for a in block.iter("a")) * 2 >= words:
            continue
        if not (excluded and excluded in squash(text[:1000])):
            total += words
    return total


def drop(element: HtmlElement) -> None:
    """Removes an element. Text after it (its tail) stays."""
    parent = element.getparent()
    if parent is not None:
        if one_line(element.tail):
            element.drop_tree()
        else:
            parent.remove(element)


def link_only(element: HtmlElement) -> bool:
    """Whether at least 80 % of an element's words are in links."""
    linked = sum(word_count(a.text_content()) for a in element.iter("a"))
    if not linked:
        return False
    text = element.text_content()
    # The words at the start of a long text are mostly enough; the last of them may be cut.
    start = text[: 200 + 20 * linked]
    if len(start) < len(text) and linked < 0.8 * (word_count(start) - 1):
        return False
    return linked >= 0.8 * word_count(text)


def is_outside(element: HtmlElement) -> bool:
    """Whether the tag, class or id of an element or of one around it says that it is not article text."""
    for e in (element, *element.iterancestors()):
        if e.tag in ("body", "html"):
            return False
        if e.tag in OUTSIDE or marked_outside(e):
            return True
    return False


def tagged_outside(element: HtmlElement) -> bool:
    """Whether the tag of an element or of one around it says that it is not article text."""
    return element.tag in OUTSIDE or any(a.tag in OUTSIDE for a in element.iterancestors())


def marked_outside(element: HtmlElement) -> bool:
    """Whether an element's class or id says that it is not article text."""
    names = (element.get("class"), element.get("id"))
    return any(names) and _names_outside(f"{names[0] or ''} {names[1] or ''}"[:300])


@lru_cache(maxsize=4096)
def _names_outside(names: str) -> bool:
    return bool(OUTSIDE_MARKS.search(names))


def brief_text(element: HtmlElement, most: int) -> str:
    """The text of an element if it has at most `most` characters, else ""."""
    if not len(element):
        text = element.text or ""
        return text if len(text) <= most else ""
    parts: list[str] = []
    for part in element.itertext():
        parts.append(part)
        most -= len(part)
        if most < 0:
            return ""
    return "".join(parts)


def own_text(block: HtmlElement) -> str:
    """The text of a paragraph; of a division only the text directly in it."""
    if block.tag != "div":
        return one_line(" ".join(block.itertext()))
    return one_line((block.text or "") + " ".join(c.tail or "" for c in block))


def lines_at_breaks(element: HtmlElement) -> list[str]:
    """The text of an element in page order, split at its line breaks (br)."""
    parts = [""]
    for event, child in etree.iterwalk(element, events=("start", "end")):
        if event == "end":
            if child is not element:
                parts[-1] += child.tail or ""
        elif child.tag == "br":
            parts.append(child.text or "")
        elif isinstance(child.tag, str) and child.tag not in ("script", "style"):
            parts[-1] += child.text or ""
    return parts


_INVISIBLE = frozenset(
    {"script", "style", "noscript", "template", "head", "svg", "option", "select", "textarea"}
)


def visible_text(tree: HtmlElement, limit: int) -> str:
    """The text of a page that a reader sees, at most `limit` characters."""
    body = next(tree.iter("body"), None)
    parts: list[str] = []
    size = 0
    if body is None:
        return ""
    skipping: HtmlElement | None = None
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if skipping is not None:
            if event == "end" and element is skipping:
                skipping = None
            else:
                continue
        elif event == "start" and element.tag in _INVISIBLE:
            skipping = element
            continue
        text = element.text if event == "start" else element.tail if element is not body else None
        if text and not text.isspace():
            parts.append(text)
            size += len(text)
            if size >= limit:
                break
    return one_line(" ".join(parts)[:limit])


def visible_words(tree: HtmlElement, limit: int) -> int:
    """The number of words of a page that a reader sees, counted up to `limit`."""
    body = next(tree.iter("body"), None)
    words = size = 0
    stack = [body] if body is not None else []
    while stack and words < limit and size < limit * 12:
        element = stack.pop()
        tail = element.tail if element is not body else None
        visible = element.tag not in _INVISIBLE
        for text in (element.text if visible else None, tail):
            if text and not text.isspace():
                words += word_count(text if text.isascii() else one_line(text))
                size += len(text)
        if visible:
            stack.extend(element.iterchildren(reversed=True))
    return min(words, limit)


def separate_glued_words(tree: HtmlElement) -> None:
    """Puts a space between neighbouring inline elements of different kinds whose words would run together.

    Pages often separate a date and a name by style alone ("21 February 2026" + "Dana Serik"). Only where a small letter
    or a digit meets a capital, because one word may be split into elements too. Changes the tree.
    """
    for element in tree.iter("span", "time", "a", "small", "cite"):
        after = element.getnext()
        if after is None or element.tail or after.tag not in _INLINE or _kind(element) == _kind(after):
            continue
        left, right = _outer(element, last=True), _outer(after, last=False)
        if left.isalnum() and not left.isupper() and right.isupper():
            element.tail = " "


_INLINE = frozenset({"span", "time", "a", "small", "cite", "b", "strong", "em", "i"})


def _kind(element: HtmlElement) -> tuple[object, str | None]:
    return element.tag, element.get("class")


def _outer(element: HtmlElement, *, last: bool) -> str:
    """The first or last character of the element's text, "" if there is none."""
    text = element.text or "" if not len(element) else "".join(element.itertext())
    return text[-1:] if last else text[:1]


MOST_PIECES = 12  # texts of one fact


def fact_beside(label: HtmlElement) -> str:
    """What a list of facts says behind a label that stands first: "<li><b>Date</b> 4 May 2026</li>", a dt and its dd, a th and its td; else ""."""
    if label.tag in ("dt", "th"):
        value = label.getnext()
        beside = value is not None and value.tag == ("dd" if label.tag == "dt" else "td")
        rest = (
            one_line(" ".join(islice(value.itertext(), MOST_PIECES))) if value is not None and beside else ""
        )
    else:
        around = label.getparent()
        if around is None or (around.text or "").strip() or label.getprevious() is not None:
            return ""
        own = one_line("".join(label.itertext()))
        rest = one_line(" ".join(islice(around.itertext(), MOST_PIECES)))[len(own) :]
    return rest.strip(" :：")


def texts_before(element: HtmlElement, link: HtmlElement) -> Iterator[str]:
    """The text of an element up to a link inside it."""
    for event, child in etree.iterwalk(element, events=("start", "end")):
        if child is link:
            return
        text = child.text if event == "start" else child.tail
        if text:
            yield text
