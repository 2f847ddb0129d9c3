"""Small measures of page elements that the text readers share: running text in them, wholly link, outside the article."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.extract.page.lines import one_line, squash, word_count

if TYPE_CHECKING:
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
# A class or id that says advertisement: "ad", "ads-inline", "google-ad", not "has-ads" or "no-ad", which speak of the page around it.
_ADVERTISEMENT = re.compile(
    r"(?:^|\s)(?!(?:has|no|with|without|hide)[_-])(?:[\w-]*[_-])?(?:ads?|adv|adverts?|advertisements?|advertising|adsbygoogle|adfox|adslot"
    r"|sponsored|reklama|zharnama|jarnama)(?:[_-][\w-]*)?(?=$|\s)",
    re.IGNORECASE,
)
_ADVERTISEMENT_WORDS = 60  # a longer one is text, whatever it is called


def is_advertisement(element: HtmlElement) -> bool:
    """Whether an element is called an advertisement and holds no more words than one."""
    name, mark = element.get("class"), element.get("id")
    if not (name and _named_advertisement(name[:300])) and not (mark and _named_advertisement(mark[:300])):
        return False
    if element.tag in ("html", "body"):
        return False
    return word_count(element.text_content()) <= _ADVERTISEMENT_WORDS


@lru_cache(maxsize=8192)
def _named_advertisement(name: str) -> bool:
    return _ADVERTISEMENT.search(name) is not None


def prose_words(element: HtmlElement, but: str = "") -> int:
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
        text = block.text_content()
        words = word_count(text) if len(text) >= 8 else 0
        if words < 8 or sum(word_count(a.text_content()) for a in block.iter("a")) * 2 >= words:
            continue
        if not (but and but in squash(text[:1000])):
            total += words
    return total


def drop(element: HtmlElement) -> None:
    """Remove an element, its tail text too when it is only space."""
    parent = element.getparent()
    if parent is not None:
        if one_line(element.tail):
            element.drop_tree()
        else:
            parent.remove(element)


def link_only(element: HtmlElement) -> bool:
    linked = sum(word_count(a.text_content()) for a in element.iter("a"))
    return linked > 0 and linked >= 0.8 * word_count(element.text_content())


def is_outside(element: HtmlElement) -> bool:
    for e in (element, *element.iterancestors()):
        if e.tag in ("body", "html"):
            return False
        if e.tag in OUTSIDE or marked_outside(e):
            return True
    return False


def tagged_outside(element: HtmlElement) -> bool:
    """Whether the element stands in one whose tag alone says that it is no text."""
    return element.tag in OUTSIDE or any(a.tag in OUTSIDE for a in element.iterancestors())


def marked_outside(element: HtmlElement) -> bool:
    names = (element.get("class"), element.get("id"))
    return any(names) and _names_outside(f"{names[0] or ''} {names[1] or ''}"[:300])


@lru_cache(maxsize=4096)
def _names_outside(names: str) -> bool:
    return bool(OUTSIDE_MARKS.search(names))


def brief_text(element: HtmlElement, most: int) -> str:
    """The text of an element that holds at most `most` characters, "" of one that holds more."""
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
    """The text of a paragraph; of a division only what stands directly in it."""
    if block.tag != "div":
        return one_line(" ".join(block.itertext()))
    return one_line((block.text or "") + " ".join(c.tail or "" for c in block))


def part_glued(tree: HtmlElement) -> None:
    """Puts a space between neighbouring inline elements of different kinds whose words would run together.

    A date and a name beside each other are set apart by style alone ("21 February 2026" + "Dana Serik"). Only where a small
    letter or a digit meets a capital: elements may part one word too. Changes the tree.
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
