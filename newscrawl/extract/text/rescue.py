"""Takes the text of pages that show none of it, or only its beginning, from JSON-LD or from data in scripts."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING

from newscrawl.extract.data.script_article import embedded_html
from newscrawl.extract.page.elements import HEADINGS, link_only
from newscrawl.extract.page.lines import one_line, squash, tokens, word_count
from newscrawl.extract.page.tree import parse_html
from newscrawl.extract.text.body import Text
from newscrawl.extract.text.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.data.structured import Structured

STUB = 120  # words; a shorter text may be the beginning of one in the page's data
FEWEST = 40  # words of a text taken from data
SHOWN = 0.8  # share of the stated text that the page must show for its paragraphs to be used
CUT_SHORT = 1.25  # JSON-LD with this many times the words found means that the page was read badly
MAX_STATED = 400_000  # characters of one articleBody

_TAG = re.compile(
    r"</?(?:p|div|br|h[1-6]|ul|ol|li|a|b|i|em|strong|span|blockquote|figure|img)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_SHORTCODE = re.compile(r"\[/?[a-z_-]{2,30}(?:\s[^\[\]]{0,500})?\]|\{\{[^{}]{0,300}\}\}")


def rescued(
    text: Text, page: HtmlElement, stated: Iterable[tuple[str, bool]], title: str | None
) -> Text | None:
    """A fuller text than `text`, or None.

    `stated` is the result of `stated_texts`, `page` the whole tree (its scripts are read only if the page shows little).
    The origin of the result is "json-ld" or "script data". If the page shows more than a stub, JSON-LD only decides which
    of the page's paragraphs are text, because some publishers append other articles to it.
    """
    is_stub = sum(map(word_count, text.paragraphs)) < STUB
    shown: list[str] = []
    for raw, is_blog in stated:
        shown = shown or tokens(" ".join(text.paragraphs))
        paragraphs = _stated(raw)
        words = tokens(" ".join(paragraphs))
        if _is_fuller(words, shown, is_blog=is_blog):
            on_page = _as_on_page(text.tree, paragraphs, text.paragraphs)
            if on_page or is_stub:
                return Text(tuple(on_page or paragraphs), "json-ld", text.tree, text.container)
    if is_stub and (found := embedded_html(page, title)):
        markup, origin = found
        tree = parse_html(f"<html><body><article>{markup}</article></body></html>")
        lines = plain_text(tree) if tree is not None else []
        words = tokens(" ".join(lines))
        if tree is not None and len(words) >= max(FEWEST, 2 * sum(map(word_count, text.paragraphs))):
            return Text(tuple(lines), origin, tree)
    return None


def stated_texts(data: Structured) -> Iterator[tuple[str, bool]]:
    """(text, whether it is a live blog's) of each article body in JSON-LD; the posts of a live blog are one text."""
    for posts, _ in data.values("liveBlogUpdate"):
        if isinstance(posts, list):
            parts = [
                str(p.get(k) or "") for p in posts if isinstance(p, dict) for k in ("headline", "articleBody")
            ]
            yield "\n".join(parts), True
            return
    yield from ((v, False) for v, _ in data.values("articleBody") if isinstance(v, str))


def _is_fuller(words: list[str], shown: list[str], *, is_blog: bool) -> bool:
    # The headings of a live blog's posts are easily lost, and splitting its text again loses nothing that was read.
    if len(words) < FEWEST or (not is_blog and len(words) < CUT_SHORT * len(shown)):
        return False
    if len(shown) < STUB:
        return len(words) >= 2 * len(shown)
    both = sum((Counter(words) & Counter(shown)).values())
    return both * 2 >= len(shown)


def _stated(raw: str) -> list[str]:
    """The paragraphs of an articleBody: with or without markup, escaped once or not at all."""
    text = html.unescape(raw[:MAX_STATED])
    if _TAG.search(text):
        tree = parse_html(f"<html><body><article>{text}</article></body></html>")
        return plain_text(tree) if tree is not None else []
    return [line for part in _SHORTCODE.sub("\n", text).splitlines() if (line := one_line(part))]


def _as_on_page(tree: HtmlElement, paragraphs: list[str], read: Sequence[str]) -> list[str] | None:
    """The stated text and the `read` lines, in the page's own paragraphs and order; None if the page shows too little of it."""
    whole = squash(" ".join(paragraphs))
    alone = {squash(p) for p in paragraphs}
    known = set(map(squash, read))
    found: list[str] = []
    seen: set[str] = set()
    position = size = 0
    for line in _lines(tree):
        key = squash(line)
        if key in seen or len(key) < 3:
            continue
        # A short line may occur anywhere by chance, so it must be what the stated text continues with.
        follows = whole.startswith(key, position)
        if follows or key in alone or (len(key) >= 40 and key in whole):
            found.append(line)
            seen.add(key)
            size += len(key)
            position = (position if follows else whole.find(key)) + len(key)
        elif key in known:
            found.append(line)
            seen.add(key)
    return found if size >= SHOWN * len(whole) else None


def _lines(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter("p", "li", "blockquote", *HEADINGS):
        if element.tag in ("li", "blockquote") and (element.find(".//p") is not None or link_only(element)):
            continue
        line = one_line(element.text_content())
        if word_count(line):
            yield f"- {line}" if element.tag == "li" else line
