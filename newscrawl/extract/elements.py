"""Small measures of page elements that the text readers share: running text in them, wholly link, outside the article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.lines import one_line, squash, word_count

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
    if not isinstance(element.tag, str) or element.tag in ("html", "body"):
        return False
    named = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
    return bool(_ADVERTISEMENT.search(named)) and word_count(element.text_content()) <= _ADVERTISEMENT_WORDS


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
        words = word_count(block.text_content())
        linked = sum(word_count(a.text_content()) for a in block.iter("a"))
        if words >= 8 and linked * 2 < words and not (but and but in squash(block.text_content()[:1000])):
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
    words = word_count(element.text_content())
    return words > 0 and sum(word_count(a.text_content()) for a in element.iter("a")) >= 0.8 * words


def is_outside(element: HtmlElement) -> bool:
    for e in (element, *element.iterancestors()):
        if e.tag in ("body", "html"):
            return False
        if e.tag in OUTSIDE or OUTSIDE_MARKS.search(f"{e.get('class') or ''} {e.get('id') or ''}"[:300]):
            return True
    return False


def tagged_outside(element: HtmlElement) -> bool:
    """Whether the element stands in one whose tag alone says that it is no text."""
    return element.tag in OUTSIDE or any(a.tag in OUTSIDE for a in element.iterancestors())


def marked_outside(element: HtmlElement) -> bool:
    return bool(OUTSIDE_MARKS.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:300]))


def own_text(block: HtmlElement) -> str:
    """The text of a paragraph; of a division only what stands directly in it."""
    if block.tag != "div":
        return one_line(" ".join(block.itertext()))
    return one_line((block.text or "") + " ".join(c.tail or "" for c in block))
